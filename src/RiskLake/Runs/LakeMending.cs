using System.Text.Json.Nodes;
using RiskLake.Contracts;
using RiskLake.Ingest.Quarantine;
using RiskLake.Ingest.Silver;
using RiskLake.Ingest.Silver.Keys;
using RiskLake.Lake;
using RiskLake.Lake.Columns;
using RiskLake.Lake.Errors;
using RiskLake.Quality;

namespace RiskLake.Runs;

/// <summary>What mending did to a run.</summary>
/// <param name="RunId">The run.</param>
/// <param name="EventsLost">Rows that left its silver.</param>
/// <param name="EventsGained">Rows that came into it.</param>
/// <param name="Conflicts">Its records that contradict owners, now.</param>
/// <param name="Note">What else is to be said; empty for nothing.</param>
/// <param name="Version">Lake version of the entry.</param>
internal sealed record MendedReport(string RunId, long EventsLost, long EventsGained, long Conflicts, string Note, long Version);

/// <summary>
/// Brings a lake of an earlier version to the present rule: runs get places in the order in which they were published, key indexes and
/// row configurations, and silver and conflicts become what follows from their bronze. In entries of bounded size; whatever is right
/// already stays as it lies.
/// </summary>
/// <param name="lake">The lake.</param>
/// <param name="like">Configuration files, for runs that were made before the lake kept the configuration of their rows.</param>
internal sealed class LakeMending(LakeStore lake, RunRequest like)
{
    /// <summary>Runs in one entry.</summary>
    private const int RunsPerEntry = 16;

    private const string Folder = "_mend";

    private readonly List<MendedReport> _reports = [];
    private readonly HashSet<EventId> _moved = [];

    /// <summary>Mends the lake; empty when there is nothing to mend.</summary>
    public IReadOnlyList<MendedReport> Run(CancellationToken ct) => LakeStore.Guard(lake.Root, () =>
    {
        if (!lake.Exists || lake.Snapshot().FollowsPlaces)
        {
            return [];
        }

        using var publishing = lake.LockPublish(Timeout.InfiniteTimeSpan, ct);
        lake.Views.RollForward();
        var snapshot = lake.Snapshot();
        if (snapshot.FollowsPlaces)
        {
            return [];
        }

        // No run id begins with an underscore: the folder is nobody else's, and its lock keeps recoveries away from it.
        var work = lake.Paths.StagingOf(Folder);
        lake.Storage.CreateDirectory("mend.lock", lake.Paths.Locks);
        using var held = lake.Storage.TryLock("mend.lock", lake.Paths.RunLock(Folder)) ?? throw new RiskLakeException(
            ErrorCode.RunLocked, lake.Root, "another process mending the lake", "its end", "repeat the command");
        held.RemoveOnRelease = true;
        lake.Storage.DeleteTree("mend.folder", work);
        try
        {
            var plans = snapshot.Runs.Values.GroupBy(run => run.Dataset).OrderBy(group => group.Key, StringComparer.Ordinal)
                .SelectMany(group => Plan([.. group.OrderBy(run => run.PublishedOrder).ThenBy(run => run.RunId, StringComparer.Ordinal)], work, ct)).ToList();
            foreach (var chunk in plans.Chunk(RunsPerEntry).DefaultIfEmpty([]))
            {
                ct.ThrowIfCancellationRequested();
                var isLast = chunk.Length == 0 || ReferenceEquals(chunk[^1], plans[^1]);
                snapshot = lake.Mend(snapshot, [.. chunk.Select(plan => plan.Run)], isLast, ct);
                _reports.AddRange(chunk.Select(plan => plan.Report with { Version = snapshot.Version }));
            }
        }
        finally
        {
            lake.Storage.DeleteTree("mend.folder", work);
        }

        return (IReadOnlyList<MendedReport>)_reports;
    });

    /// <summary>What the runs of a dataset must become; only runs that change.</summary>
    private List<MendPlan> Plan(RunState[] runs, string work, CancellationToken ct)
    {
        var received = runs.Where(run => run.Files.Any(file => file.Layer == Layer.Bronze)).ToArray();
        var withdrawn = runs.Where(run => run.Status == RunStatus.Withdrawn && run.Files.Count > 0).ToArray();
        var function = new List<FunctionRun>();
        var prepared = new Dictionary<string, Prepared>(StringComparer.Ordinal);
        foreach (var run in received)
        {
            ct.ThrowIfCancellationRequested();
            var made = Prepare(run, work);
            prepared.Add(run.RunId, made);
            if (run.IsPublished)
            {
                function.Add(new FunctionRun(run, made.Place!, made.Rules, made.Keys));
            }
        }

        var expected = SilverFunction.Compute(lake, function);
        _moved.Clear();
        var plans = function.Select(run => Compare(run, expected[run.State.RunId], prepared[run.State.RunId])).ToList();
        plans = [.. plans.Select(plan => MarkMoved(plan, prepared[plan.Run.Change.RunId].Keys))];
        plans.AddRange(received.Where(run => !run.IsPublished).Select(run => Keep(run, prepared[run.RunId])));
        foreach (var run in withdrawn)
        {
            var lost = run.Files.Where(file => file.Layer == Layer.Silver).Sum(file => file.Rows);
            var change = new StagedTouch { RunId = run.RunId, Removed = [.. run.Files], Added = [], Counts = default, IsMoved = false };
            plans.Add(new MendPlan(
                new MendedRun(change, null, null, null, null),
                new MendedReport(run.RunId, lost, 0, 0, "withdrawn: it held events of other runs", 0)));
        }

        foreach (var made in prepared.Values)
        {
            made.Keys.Dispose();
        }

        return plans;
    }

    /// <summary>A run is stale where a silver row of its events changes, in whichever run's files.</summary>
    private MendPlan MarkMoved(MendPlan plan, LoadedKeys keys)
    {
        var isMoved = keys.Scopes.Any(stretch => Enumerable.Range(stretch.Start, stretch.End - stretch.Start)
            .Any(position => _moved.Contains(new EventId(stretch.Scope, keys.Key(position)))));
        return plan with { Run = plan.Run with { Change = plan.Run.Change with { IsMoved = isMoved } } };
    }

    private Prepared Prepare(RunState run, string work)
    {
        var record = lake.ReadEntry(run.Version)["record"]!;
        var setting = RunVerifier.Setting(like, run, record);
        var note = Note(setting, record);
        var (bytes, rules) = RowConfiguration.Of(setting.Contract, setting.Silver, setting.Sessions);
        var folder = Path.Combine(work, run.RunId);
        lake.Storage.CreateDirectory("mend.folder", folder);
        var staging = new StagingContext(lake.Storage, folder, run.RunId, setting.Contract);
        var index = SilverFunction.Index(lake, run, setting.Contract, [.. RunRecords.Inputs(record).Select(input => input.Name)], staging);
        var keys = LoadedKeys.Empty();
        if (index is not null)
        {
            using var file = KeyFileReader.OfStaged(index);
            keys = LoadedKeys.Load(file);
        }

        var asOf = (string?)record["as_of"] is { } text
            ? (DateTimeOffset.Parse(text, System.Globalization.CultureInfo.InvariantCulture).UtcTicks - DateTime.UnixEpoch.Ticks) / TimeSpan.TicksPerMicrosecond
            : (long?)null;
        var place = run.IsPublished ? Place.At(new PlaceStep(run.PublishedOrder - 1, 0, run.RunId)) : null;
        return new Prepared(staging, rules, RowConfiguration.Stage(lake.Storage, folder, bytes, rules.Sha256), index, keys, place, asOf, note);
    }

    /// <summary>The run as silver follows from it, with the files that have to change.</summary>
    private MendPlan Compare(FunctionRun run, ExpectedRun expected, Prepared made)
    {
        var removed = new List<DataFile>();
        var added = new List<StagedFile>();
        var (lost, gained) = (0L, 0L);
        var silver = run.State.Files.Where(file => file.Layer == Layer.Silver).ToDictionary(file => file.Partition.HoursSinceEpoch);
        foreach (var hour in silver.Keys.Union(expected.Owned.Keys).Order())
        {
            var owned = expected.Owned.GetValueOrDefault(hour) ?? [];
            using var rows = owned.Count == 0
                ? new RecordBatch(SilverStage.Schema(run.Rules.Contract))
                : SilverFunction.Rows(lake, run, hour, owned);
            var before = silver.GetValueOrDefault(hour);
            if (before is not null && SilverFunction.Holds(lake.Files.Checked(before), rows))
            {
                continue;
            }

            var (left, came) = Difference(run.Rules.Contract, before, owned);
            (lost, gained) = (lost + left, gained + came);
            removed.AddRange(before is null ? [] : [before]);
            if (rows.RowCount > 0)
            {
                added.Add(Write(made.Staging, hour, rows));
            }
        }

        MendQuarantine(run, expected, made, removed, added);
        var change = new StagedTouch { RunId = run.State.RunId, Removed = removed, Added = added, Counts = expected.Counts, IsMoved = false };
        return new MendPlan(
            new MendedRun(change, made.Place, made.AsOf, made.Configuration, made.Index),
            new MendedReport(run.State.RunId, lost, gained, expected.Counts.Conflicts, made.Note, 0));
    }

    /// <summary>How many events a silver file loses, and how many come.</summary>
    private (long Lost, long Gained) Difference(Contract contract, DataFile? before, HashSet<EventId> owned)
    {
        var held = new HashSet<EventId>();
        if (before is not null)
        {
            BronzeEvents.ReadSilver(contract, lake.Files.Checked(before), held);
        }

        // Where the events are the same, the rows are not: all of them count as changed.
        var changed = held.SetEquals(owned) ? owned : [.. held.Except(owned), .. owned.Except(held)];
        _moved.UnionWith(changed);
        return (held.Count(at => !owned.Contains(at)), owned.Count(at => !held.Contains(at)));
    }

    private static StagedFile Write(StagingContext staging, int hour, RecordBatch rows)
    {
        using var table = new StagedTable(
            staging, Layer.Silver, staging.Contract.Dataset, FormattableString.Invariant($"{hour}"), rows.Schema,
            Ingest.Bronze.BronzeStage.DistinctColumns(staging.Contract));
        table.WriteAll(rows);
        return table.Seal(new PartitionHour(hour));
    }

    /// <summary>Parts what could not be decoded from what contradicts owners.</summary>
    private void MendQuarantine(FunctionRun run, ExpectedRun expected, Prepared made, List<DataFile> removed, List<StagedFile> added)
    {
        var partition = made.AsOf is { } asOf ? PartitionHour.Of(asOf) : default;
        var conflicts = new Conflicts(made.Staging, new KeyWitness());
        if (expected.Losers.Count > 0)
        {
            foreach (var file in run.State.Files.Where(file => file.Layer == Layer.Bronze))
            {
                conflicts.Add(expected.Losers, lake.Files.Checked(file));
            }
        }

        if (conflicts.Finish(partition) is { } losers)
        {
            added.Add(losers);
        }

        if (run.State.Files.FirstOrDefault(file => file is { Layer: Layer.Quarantine, Part.Length: 0 }) is { } before
            && QuarantineTable.CodesOf(lake.Files.Checked(before)).ContainsKey(QuarantineTable.ConflictCode))
        {
            removed.Add(before);
            using var rejects = new QuarantineTable(made.Staging, "rejects");
            rejects.AddDecoded(lake.Files.Checked(before));
            added.AddRange(rejects.Finish(before.Partition) is { } kept ? [kept] : []);
        }
    }

    /// <summary>A blocked run has no place, and its files are evidence: they stay.</summary>
    private static MendPlan Keep(RunState run, Prepared made) => new(
        new MendedRun(
            new StagedTouch { RunId = run.RunId, Removed = [], Added = [], Counts = default, IsMoved = false }, null, made.AsOf, made.Configuration, null),
        new MendedReport(run.RunId, 0, 0, 0, run.Status, 0));

    /// <summary>What is not as the run was made: its rows are derived as well as that is possible now.</summary>
    private static string Note(RunSetting setting, JsonNode record)
    {
        var configuration = record["configuration"];
        var notes = new List<string>();
        if (setting.Contract.Sha256 != (string?)configuration?["contract_sha256"])
        {
            notes.Add("its contract is not the one at hand");
        }

        if (setting.Sessions?.Sha256 != (string?)configuration?["sessions_sha256"])
        {
            notes.Add("sessions are those of the symbols and calendars at hand");
        }

        return string.Join("; ", notes);
    }

    private sealed record Prepared(
        StagingContext Staging, RowRules Rules, StagedConfiguration Configuration, StagedIndex? Index, LoadedKeys Keys, Place? Place, long? AsOf, string Note);

    private sealed record MendPlan(MendedRun Run, MendedReport Report);
}
