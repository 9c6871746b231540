using System.Globalization;
using RiskLake.Calendars;
using RiskLake.Contracts;
using RiskLake.Ingest.Decoding;
using RiskLake.Ingest.Sources;
using RiskLake.Lake;
using RiskLake.Lake.Errors;
using RiskLake.Lake.Storage;
using RiskLake.Quality;
using RiskLake.RiskRuns;
using RiskLake.Runs;

namespace RiskLake.Backfill;

/// <summary>
/// Rebuilds a stretch of history: cuts the inputs into days, and makes each day's run. Days share no key, so they may be made in any
/// order and at the same time, and come out with the same bytes.
/// </summary>
internal sealed class BackfillRunner
{
    private const int MostDays = 36_600;

    private readonly BackfillRequest _request;
    private readonly IBackfillProgress _progress;
    private readonly TimeProvider _clock;
    private readonly IStorage _storage;
    private readonly CalendarLibrary _library;
    private readonly LakeStore _lake;
    private readonly ManifestFile _manifests;
    private readonly Contract _contract;
    private readonly Thresholds _thresholds;
    private readonly SessionRules? _sessions;
    private readonly SignalList? _signals;
    private readonly BackfillManifest? _before;
    private readonly SlicedRuns _sliced = new();
    private readonly ExchangeCalendar _calendar;
    private readonly RiskPhase? _risk;

    private BackfillRunner(BackfillRequest request, IBackfillProgress progress, TimeProvider clock, IStorage storage, CalendarLibrary library)
    {
        (_progress, _clock, _storage, _library) = (progress, clock, storage, library);
        Require(request);
        _lake = LakeStore.Open(InFolder(request, request.Run.OutputRoot), storage, clock);
        _manifests = new ManifestFile(_lake);
        _before = _manifests.Read(request.Id);
        _request = request.Resume ? Continue(request, _before) : request;
        _calendar = Calendars.Get(library, _request.Calendar ?? BackfillRequest.DefaultCalendar, "--calendar");
        Calendars.Require(_calendar, request.StartDate, request.EndDate);
        _contract = ContractRegistry.Load(InFolder(request, request.Run.ContractsPath)).Get(request.Run.Dataset);
        _thresholds = Thresholds.Load(InFolder(request, request.Run.ThresholdsPath));
        var calendars = request.Run.CalendarsPath is { } folder ? InFolder(request, folder) : null;
        if (_request is { WithRisk: true, Risk: { } risk })
        {
            // A calendar that was named, now or when the backfill began, is that of symbols without a market; one taken by default is not.
            var market = request.Calendar is null && _request.Calendar is null or BackfillRequest.DefaultCalendar ? null : _calendar.Id;
            _risk = new RiskPhase(
                _lake, storage, clock, risk with { FallbackMarket = market, LockTimeout = request.Run.LockTimeout, Reason = request.Run.Reason });
        }

        _sessions = SessionRules.Load(_contract, InFolder(request, request.Run.SymbolsPath), calendars);
        _signals = RunPipeline.LoadSignals(request.Run, _contract);
    }

    /// <param name="request">What to do.</param>
    /// <param name="progress">Hears of it.</param>
    /// <param name="clock">Times of the records' <c>execution</c> blocks.</param>
    /// <param name="storage">Where the lake is kept.</param>
    /// <param name="library">The calendars.</param>
    /// <param name="ct">Begins no further day; those that run are finished.</param>
    public static BackfillOutcome Execute(
        BackfillRequest request, IBackfillProgress progress, TimeProvider clock, IStorage storage, CalendarLibrary library, CancellationToken ct)
    {
        var runner = new BackfillRunner(request, progress, clock, storage, library);
        return runner._request.DryRun ? runner.Rehearse(ct) : runner.Execute(ct);
    }

    private BackfillOutcome Rehearse(CancellationToken ct)
    {
        var folder = Directory.CreateTempSubdirectory("risklake-backfill-");
        try
        {
            var (manifest, _) = Plan(_lake.Exists ? _lake.Snapshot() : LakeSnapshot.Empty, folder.FullName, folder.FullName, ct);
            _progress.Planned(manifest);
            return new BackfillOutcome(manifest, 0);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private BackfillOutcome Execute(CancellationToken ct)
    {
        using var held = _lake.LockRun(_request.Id, _request.Run.LockTimeout, ct);
        using var tidy = _lake.TidyUp(held);
        _lake.Recover(ct);
        var folder = _lake.StagingFolder(_request.Id);
        _manifests.Write(_manifests.Derive(Announce()));
        var (manifest, work) = Plan(_lake.Snapshot(), _lake.Root, folder, ct);
        var report = new BackfillReport(manifest with { State = "running" }, _manifests, _clock);
        report.Write();
        _progress.Planned(manifest);
        var state = Work(work, report, folder, ct);

        if (state == Finished && _risk is not null)
        {
            state = WorkRisk(_risk, report, folder, ct);
        }

        var final = _manifests.Derive(report.Manifest) with { State = state };
        _manifests.Write(final);
        _lake.DiscardStaging(_request.Id);
        return new BackfillOutcome(final, final.ExitCode);
    }

    /// <summary>What is known before the inputs are read, so that a backfill that dies meanwhile can be resumed without naming them again.</summary>
    private BackfillManifest Announce() => (_before ?? Manifest([])) with
    {
        Calendar = _calendar.Id, FromBronze = _request.FromBronze, Inputs = Named(), WithRisk = _request.WithRisk, State = "slicing",
    };

    private (BackfillManifest Manifest, IReadOnlyList<BackfillWork> Work) Plan(LakeSnapshot snapshot, string landingRoot, string folder, CancellationToken ct)
    {
        var planner = new BackfillPlanner(_lake, snapshot, _request, _contract, _thresholds, _sessions, _signals, _before, _sliced);
        if (_request.FromBronze)
        {
            var assigner = new DayAssigner(_contract, _library, SymbolList.Load(InFolder(_request, _request.Run.SymbolsPath)), _calendar);
            var restated = new BronzeRestatement(_lake, snapshot, _request, _contract, assigner).Plan(planner, ct);
            var items = restated.Select(work => work.Item).ToArray();
            return (Manifest(items) with { LakeVersion = snapshot.Version, Risk = PlanRisk(items, snapshot, ct) }, [.. restated.Where(work => BackfillAction.IsWork(work.Item.Action))]);
        }

        var slices = Slice(planner, landingRoot, folder, ct);
        var days = planner.Days(slices, _calendar);
        var unassigned = slices.Unassigned is { } rejected ? Unassigned(planner, rejected, slices) : null;
        var manifest = Manifest(days) with
        {
            LakeVersion = snapshot.Version,
            OutsideRange = slices.OutsideRange,
            RecordsRead = slices.Inputs.Sum(input => input.RecordsRead),
            Unassigned = unassigned?.Item,
            Risk = PlanRisk(days, snapshot, ct),
        };
        var work = days.Where(item => BackfillAction.IsWork(item.Action))
            .Select(item => new BackfillWork(item, Planned(slices, item.Date!.Value), _request.Run.AllowBreach, _request.Run.Reason)
            {
                IsDonor = slices.Donors.Contains(item.Date.Value),
            })
            .OrderBy(day => day.IsDonor ? 0 : 1).ToList();
        if (unassigned is not null && BackfillAction.IsWork(unassigned.Item.Action))
        {
            work.Add(unassigned);
        }

        return (manifest, work);

        // Days have their places before they race: by date, whichever is published first.
        RunMaterial Planned(SliceSet all, DateOnly date) =>
            RunMaterial.Of(all.Days[date]) with { Planned = (snapshot.Version, date.DayNumber - _request.StartDate.DayNumber) };
    }

    private SliceSet Slice(BackfillPlanner planner, string landingRoot, string folder, CancellationToken ct)
    {
        var run = _request.Run;
        var symbols = SymbolList.Load(InFolder(_request, run.SymbolsPath));
        var landing = new Landing(landingRoot);
        var inputs = run.Inputs.Count > 0
            ? InputResolver.Resolve(run.Inputs, run.WorkingFolder, landing.Folder, run.StandardInput)
            : landing.SampleDays(symbols, Dates());
        var records = 0L;
        using var slicer = new Slicer(
            new SliceSetting
            {
                Contract = _contract,
                Library = _library,
                Symbols = symbols,
                Calendar = _calendar,
                From = _request.StartDate,
                Through = _request.EndDate,
                Folder = folder,
                Threads = run.Threads,
                MaxRecordBytes = run.MaxRecordBytes,
                LakePath = _lake.Paths.Absolute,
            },
            more => _progress.Slicing(Interlocked.Add(ref records, more)));
        return slicer.Slice(inputs, planner.StaleIndices, ct);
    }

    /// <summary>
    /// The run of undecodable records consists of nothing else, so the gate would always block it. What counts is their share of all that
    /// was read: while it is within the limit, the run is published.
    /// </summary>
    private BackfillWork Unassigned(BackfillPlanner planner, Slice rejected, SliceSet slices)
    {
        var read = slices.Inputs.Sum(input => input.RecordsRead);
        var rate = (double)rejected.Records / read;
        var limit = new DecimalLimit(_thresholds.MaxQuarantineRate);
        var bytes = ByteAccount.Sum(slices.Inputs);
        var isWithin = limit.Compare(rejected.Records, read) <= 0
            && (bytes is not { Total: > 0 } content || limit.Compare(ByteAccount.Sum(rejected.Inputs)?.Rejects ?? 0, content.Total) <= 0);
        var isAllowed = _request.Run.AllowBreach || isWithin;
        var reason = string.Create(CultureInfo.InvariantCulture, $"{rejected.Records} of {read} records of the backfill could not be decoded ({rate:0.####}; at most {_thresholds.MaxQuarantineRate:R} allowed)");
        var item = planner.OfRun(RunId.Unassigned(_request.StartDate, _request.EndDate), [rejected.Sha256], rejected.Records, isAllowed) with { SliceSha256 = rejected.Sha256 };
        return new BackfillWork(item, RunMaterial.Of(rejected), isAllowed, _request.Run.Reason ?? reason);
    }

    /// <summary>Makes the runs, donors first, and says how it ended.</summary>
    private string Work(IReadOnlyList<BackfillWork> work, BackfillReport report, string folder, CancellationToken ct)
    {
        var workers = Workers(report, folder, ct);
        var donors = work.TakeWhile(item => item.IsDonor).ToArray();
        var stop = workers.Work(Jobs(donors), 1);
        return stop.Length > 0 ? stop
            : workers.Work(Jobs(work.Skip(donors.Length)), _request.FromBronze ? 1 : _request.Parallel) is { Length: > 0 } stopped ? stopped : Finished;
    }

    /// <summary>When all days stand at one version of the lake: gold that needs history, day by day.</summary>
    private string WorkRisk(RiskPhase risk, BackfillReport report, string folder, CancellationToken ct)
    {
        var at = _lake.Snapshot();
        var jobs = risk.Jobs(report.Manifest, at, ct);
        if (jobs.Count > 0)
        {
            report.BeginRisk(at.Version);
        }

        var stopped = Workers(report, folder, ct).Work(jobs, _request.Parallel);
        LimitEpisodes.Publish(_lake, _clock, _storage, CancellationToken.None);
        return stopped.Length > 0 ? stopped : Finished;
    }

    private BackfillWorkers Workers(BackfillReport report, string folder, CancellationToken ct) =>
        new(
            _storage, Path.Combine(folder, CancelFile), _request.FailFast,
            item =>
            {
                report.Finish(item);
                _progress.Finished(item);
            },
            ct);

    private BackfillJob[] Jobs(IEnumerable<BackfillWork> work) => [.. work.Select(item => new BackfillJob(item.Item, threads => Make(item, threads)))];

    private BackfillItem Make(BackfillWork work, int parallel)
    {
        var item = work.Item;
        var request = _request.Run with
        {
            RunId = item.RunId,
            AllowBreach = work.AllowBreach,
            Reason = work.Reason,
            Threads = parallel > 1 ? 1 : _request.Run.Threads,
        };
        var material = work.Material with
        {
            IsForced = item.Action == BackfillAction.Recompute,
            IsRecovered = true,
            SharesNothing = _request.FromBronze ? null : _sliced.Holds,
        };
        var setting = new RunSetting(item.RunId!, request, _contract, _thresholds, _sessions) { Signals = _signals };
        var outcome = RunPipeline.Publish(_lake, _storage, setting, material, SilentRun.Instance, _clock, CancellationToken.None);
        if (!_request.FromBronze && RunStatus.IsPublished((string)outcome.Record["status"]!))
        {
            _sliced.Add(outcome.Record);
        }

        return item.With(outcome.Record);
    }

    /// <summary>The risk of every session that has a day's run, or of those whose day the lake holds where runs are restated.</summary>
    private IReadOnlyList<BackfillItem> PlanRisk(IReadOnlyList<BackfillItem> days, LakeSnapshot snapshot, CancellationToken ct)
    {
        if (_risk is null)
        {
            return [];
        }

        var runs = days.Where(item => item.HasRun).ToArray();
        var made = runs.Select(item => item.Date).ToHashSet();
        var dates = Dates().Where(date => _calendar.IsSession(date) && (_request.FromBronze
            ? snapshot.Runs.GetValueOrDefault(RunId.OfDay(date)) is { IsPublished: true }
            : made.Contains(date))).ToArray();
        var work = runs.Where(item => BackfillAction.IsWork(item.Action)).ToArray();
        return _risk.Plan(dates, work.Length == 0 ? null : work.Min(item => item.Date ?? _request.StartDate), snapshot, _request.Force, ct);
    }

    private BackfillManifest Manifest(IReadOnlyList<BackfillItem> items) => new()
    {
        StartDate = _request.StartDate,
        EndDate = _request.EndDate,
        Calendar = _calendar.Id,
        FromBronze = _request.FromBronze,
        Inputs = Named(),
        WithRisk = _request.WithRisk,
        State = "planned",
        Items = items,
    };

    /// <summary>The inputs as absolute paths, so that the backfill can be resumed from another folder.</summary>
    private string[] Named() => [.. _request.Run.Inputs.Select(input => input == "-" ? input : Path.GetFullPath(input, _request.Run.WorkingFolder))];

    private IEnumerable<DateOnly> Dates()
    {
        for (var date = _request.StartDate; date <= _request.EndDate; date = date.AddDays(1))
        {
            yield return date;
        }
    }

    private const string Finished = "finished";

    /// <summary>Asks a running backfill to begin no further day.</summary>
    public const string CancelFile = "cancel";

    private static BackfillRequest Continue(BackfillRequest request, BackfillManifest? before)
    {
        if (before is null)
        {
            return request.Run.Inputs.Count > 0 || request.FromBronze ? request : throw new RiskLakeException(
                ErrorCode.CommandLineInvalid, "--resume", "no manifest of a backfill over these dates, and no --input", "a backfill that was begun", "name the inputs, or leave --resume out");
        }

        var isNamed = request.Run.Inputs.Count > 0 || request.FromBronze;
        if (!isNamed && before.Inputs.Contains("-"))
        {
            throw new RiskLakeException(
                ErrorCode.CommandLineInvalid, "--resume", "a backfill over standard input, which cannot be read again", "its input", "give it again with --input");
        }

        return request with
        {
            Calendar = request.Calendar ?? before.Calendar,
            FromBronze = isNamed ? request.FromBronze : before.FromBronze,
            WithRisk = request.WithRisk || before.WithRisk,
            Run = request.Run with { Inputs = isNamed ? request.Run.Inputs : before.Inputs },
        };
    }

    private static void Require(BackfillRequest request)
    {
        RunPipeline.RequireOptions(request.Run);
        var days = request.EndDate.DayNumber - request.StartDate.DayNumber + 1;
        Refuse(days is < 1 or > MostDays, "--end-date", BackfillItem.Text(request.EndDate), $"a date from {BackfillItem.Text(request.StartDate)} on, at most a hundred years later");
        Refuse(request.Parallel is < 1 or > 256, "--parallel", request.Parallel.ToString(CultureInfo.InvariantCulture), "1 to 256");
        Refuse(request.FromBronze && request.Run.Inputs.Count > 0, "--from-bronze", "--input beside it", "one of the two");
        Refuse(request.Resume && request.Force, "--force", "--resume beside it", "one of the two");

        static void Refuse(bool isWrong, string option, string found, string expected)
        {
            if (isWrong)
            {
                throw new RiskLakeException(ErrorCode.CommandLineInvalid, option, found, expected, "correct the option");
            }
        }
    }

    private static string InFolder(BackfillRequest request, string path) => Path.GetFullPath(path, request.Run.WorkingFolder);

    /// <summary>A day's stages are too many to tell of; the backfill tells of the day.</summary>
    private sealed class SilentRun : IRunProgress
    {
        public static SilentRun Instance { get; } = new();

        public void Begin(string stage)
        {
        }

        public void Advance(long records)
        {
        }

        public void End(string stage, TimeSpan duration)
        {
        }
    }
}
