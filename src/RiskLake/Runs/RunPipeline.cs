using System.Globalization;
using System.Text.Json.Nodes;
using RiskLake.Contracts;
using RiskLake.Gold;
using RiskLake.Ingest.Sources;
using RiskLake.Lake;
using RiskLake.Lake.Errors;
using RiskLake.Lake.Storage;
using RiskLake.Lineage;
using RiskLake.Quality;

namespace RiskLake.Runs;

/// <summary>
/// A run, from received bytes to published gold: write to staging, audit, publish. What is published is decided by one entry of the
/// lake log; until then nothing of the run can be seen.
/// </summary>
internal static class RunPipeline
{
    public static RunOutcome Execute(RunRequest request, IRunProgress progress, TimeProvider clock, IStorage storage, CancellationToken ct) =>
        LakeStore.Guard(InFolder(request, request.OutputRoot), () => Start(request, progress, clock, storage, ct));

    private static RunOutcome Start(RunRequest request, IRunProgress progress, TimeProvider clock, IStorage storage, CancellationToken ct)
    {
        if (request.RunId is { } given)
        {
            RunId.Require(given);
        }

        RequireOptions(request);
        var contract = ContractRegistry.Load(InFolder(request, request.ContractsPath)).Get(request.Dataset);
        var thresholds = Thresholds.Load(InFolder(request, request.ThresholdsPath));
        var lake = LakeStore.Open(InFolder(request, request.OutputRoot), storage, clock);
        using var scratch = new ScratchFolder(request.DryRun);
        var landing = new Landing(scratch.Path ?? lake.Root);
        var inputs = request.FromSource is { } source ? source(scratch.Path ?? lake.Root)
            : request.Inputs.Count == 0
            ? [landing.Sample(SymbolList.Load(InFolder(request, request.SymbolsPath)))]
            : InputResolver.Resolve(request.Inputs, request.WorkingFolder, landing.Folder, request.StandardInput);
        var digests = request.RunId is null || IsKnown(lake, request.RunId) ? Digest(inputs, ct) : null;
        var runId = request.RunId ?? RunId.Derive(digests!);
        var calendars = request.CalendarsPath is { } folder ? InFolder(request, folder) : null;
        var sessions = SessionRules.Load(contract, InFolder(request, request.SymbolsPath), calendars);
        request = NameCorrected(request, lake);
        var setting = new RunSetting(runId, request, contract, thresholds, sessions) { Signals = LoadSignals(request, contract) };
        return request.DryRun
            ? Rehearse(lake, storage, setting, inputs, scratch.Path!, progress, clock, ct)
            : Publish(lake, storage, setting, RunMaterial.Of(inputs, digests), progress, clock, ct);
    }

    /// <summary>The corrected run as the lake spells it.</summary>
    private static RunRequest NameCorrected(RunRequest request, LakeStore lake) =>
        request.Corrects is { } id && lake.Exists && lake.Snapshot().Runs.TryGetValue(id, out var run) ? request with { Corrects = run.RunId } : request;

    /// <summary>The signals that the risk of a contract's runs carries; null where there is no risk, or none are asked for.</summary>
    public static SignalList? LoadSignals(RunRequest request, Contract contract) =>
        request.SignalsPath is { } path && GoldStage.Applies(contract) ? SignalList.Load(InFolder(request, path)) : null;

    /// <summary>The <c>execution</c> block of a record: what may differ between two runs of the same fingerprint.</summary>
    public static JsonObject Execution(LakeStore lake, string runId, DateTimeOffset started, TimeSpan duration) => new()
    {
        ["output_root"] = lake.Root,
        ["run_metadata_path"] = Path.Combine(lake.Root, "_runs", $"{runId}.json"),
        ["started_at"] = started.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFF'Z'", CultureInfo.InvariantCulture),
        ["duration_seconds"] = duration.TotalSeconds,
        ["host"] = Environment.MachineName,
        ["build"] = typeof(RunPipeline).Assembly.GetName().Version!.ToString(3),
    };

    /// <summary>Makes and publishes a run from whatever it is made of, unless the lake holds it already.</summary>
    public static RunOutcome Publish(
        LakeStore lake, IStorage storage, RunSetting setting, RunMaterial material, IRunProgress progress, TimeProvider clock, CancellationToken ct)
    {
        var started = clock.GetUtcNow();
        var stamp = clock.GetTimestamp();
        using var held = lake.LockRun(setting.RunId, setting.Request.LockTimeout, ct);
        using var tidy = lake.TidyUp(held);
        if (!material.IsRecovered)
        {
            lake.Recover(ct, setting.Request.LockTimeout);
        }

        var snapshot = lake.Snapshot();
        lake.RequirePlaces(snapshot);
        var state = snapshot.Runs.GetValueOrDefault(setting.RunId);
        RequireSameRun(setting, state);
        var digests = material.Digests ?? (state is null ? null : material.ReadDigests(ct));
        if (state is not null && !material.IsForced && Unchanged(lake, setting, state, digests!) is { } unchanged)
        {
            return unchanged;
        }

        var signals = setting.Signals is { Entries.Count: > 0 } list && snapshot.Schema(Layer.Silver, list.Dataset) is not null ? list.Dataset : null;
        var start = new LineageStart(setting.RunId, (state?.Attempt ?? 0) + 1, setting.Contract, material.Files)
        {
            SignalsDataset = signals,
            Tables = signals is null ? [] : [(Layer.Silver, signals)],
        };
        var lineage = new RunLineage(lake, start, clock);
        var outcome = lineage.Around(() => Attempt(lake, storage, setting, material, digests, new Working(held, snapshot, lineage, started, stamp), progress, clock, ct));
        return outcome with { LineageProblem = lineage.Problem };
    }

    /// <summary>Works an attempt that nobody has made before, up to its publication.</summary>
    private static RunOutcome Attempt(
        LakeStore lake, IStorage storage, RunSetting setting, RunMaterial material, IReadOnlyList<string>? digests,
        Working working, IRunProgress progress, TimeProvider clock, CancellationToken ct)
    {
        using var attempt = new RunAttempt(lake, storage, setting, lake.StagingFolder(setting.RunId), progress, clock)
        {
            SharesNothing = material.SharesNothing, Planned = material.Planned ?? (working.Snapshot.Version, 0),
        };
        material.Fill(attempt, ct);
        var fingerprint = FingerprintOf(setting, attempt, digests);
        var evaluated = attempt.Evaluate(working.Snapshot);
        if (material.IsForced && working.Snapshot.Runs.GetValueOrDefault(setting.RunId) is { } state && Repeated(lake, setting, state, fingerprint, evaluated) is { } repeated)
        {
            return repeated;
        }

        return PublishAttempt(lake, setting, attempt, evaluated, fingerprint, material.Paths, working, progress, clock, ct);
    }

    /// <summary>Publishes an attempt: prepared outside the publish lock, and again while others publish what touches it; the last time under the lock.</summary>
    public static RunOutcome PublishAttempt(
        LakeStore lake, RunSetting setting, RunAttempt attempt, EvaluatedAttempt evaluated, string fingerprint, IReadOnlyList<string> paths,
        Working working, IRunProgress progress, TimeProvider clock, CancellationToken ct, bool isRefresh = false)
    {
        const int Tries = 3;
        JsonObject? record = null;
        progress.Begin("publish");
        var publishing = clock.GetTimestamp();
        var settled = Settle();
        for (var tries = 1; lake.TryPublish(new PublishContext(working.Held), latest => Prepare(latest, tries), ct) is null; tries++)
        {
            evaluated = attempt.Evaluate(lake.Snapshot());
            settled = Settle();
        }

        progress.End("publish", clock.GetElapsedTime(publishing));
        return new RunOutcome(record!, IsUnchanged: false, IsDryRun: false, RunStatus.IsPublished((string)record!["status"]!) ? 0 : 1);

        (IReadOnlyList<StagedTouch> Touched, StagedConfiguration? Configuration, IReadOnlyList<StagedSegment> Segments) Settle()
        {
            if (!isRefresh && !evaluated.Gate.Passed && !setting.Request.AllowBreach)
            {
                return ([], null, []);
            }

            var (touched, configuration) = attempt.Settle(evaluated.Base);
            return (touched, configuration, attempt.MergeSegments(evaluated.Base));
        }

        Publication? Prepare(LakeSnapshot latest, int tries)
        {
            if (latest.Version != evaluated.Base.Version && attempt.IsDisturbed(evaluated, latest))
            {
                if (tries < Tries)
                {
                    return null;
                }

                evaluated = attempt.Evaluate(latest);
                settled = Settle();
            }

            var publication = Decide(setting, attempt, evaluated, latest.Runs.GetValueOrDefault(setting.RunId), fingerprint, isRefresh) with
            {
                Touched = settled.Touched,
                Configuration = settled.Configuration,
                Segments = latest.Segments.SequenceEqual(evaluated.Base.Segments) ? settled.Segments : [],
            };
            return publication with
            {
                Record = view =>
                {
                    var execution = Execution(lake, setting.RunId, working.Started, clock.GetElapsedTime(working.Stamp));
                    working.Lineage.Came(Told(attempt, evaluated, publication, view));
                    execution["threads"] = setting.Request.Threads;
                    execution["inputs"] = new JsonArray([.. paths.Select(path => (JsonNode?)path)]);
                    execution["stages"] = new JsonObject(attempt.Seconds.Select(pair => KeyValuePair.Create(pair.Key, (JsonNode?)pair.Value)));
                    return record = RunRecord.Build(setting, attempt, evaluated, publication, view, execution);
                },
            };
        }
    }

    /// <summary>What lineage tells of an attempt; a blocked restatement put nothing in force.</summary>
    public static LineageResult Told(RunAttempt attempt, EvaluatedAttempt evaluated, Publication publication, PublishedView view) => new()
    {
        Inputs = attempt.Inputs,
        Checks = evaluated.Gate.Checks,
        Status = publication.Status,
        Failures = evaluated.Gate.Failures,
        Fingerprint = publication.Fingerprint,
        Files = publication.Kind == PublicationKind.BlockRestatement ? [] : view.Files,
        Partitions = evaluated.Bronze.Select(file => file.File.Partition).Distinct().ToArray(),
        VersionRead = publication.VersionRead,
        VersionWritten = view.Version,
        AsOf = evaluated.AsOf,
        ValuationTime = evaluated.Gold.ValuationTime,
    };

    /// <summary>Everything but the publication, in a folder that is thrown away.</summary>
    private static RunOutcome Rehearse(
        LakeStore lake, IStorage storage, RunSetting setting, IReadOnlyList<InputFile> inputs, string folder, IRunProgress progress, TimeProvider clock, CancellationToken ct)
    {
        var started = clock.GetUtcNow();
        var stamp = clock.GetTimestamp();
        var snapshot = lake.Exists ? lake.Snapshot() : LakeSnapshot.Empty;
        var state = snapshot.Runs.GetValueOrDefault(setting.RunId);
        lake.RequirePlaces(snapshot);
        RequireSameRun(setting, state);
        using var attempt = new RunAttempt(lake, storage, setting, folder, progress, clock);
        attempt.Decode(inputs, ct);
        var evaluated = attempt.Evaluate(snapshot);
        var publication = Decide(setting, attempt, evaluated, state, FingerprintOf(setting, attempt, null), isRefresh: false);
        var files = publication.Files.Select(file => file.File with { Attempt = (state?.Attempt ?? 0) + 1 }).ToArray();
        var view = new PublishedView(snapshot.Version + 1, (state?.Attempt ?? 0) + 1, files, null);
        var record = RunRecord.Build(setting, attempt, evaluated, publication, view, Execution(lake, setting.RunId, started, clock.GetElapsedTime(stamp)));
        return new RunOutcome(record, IsUnchanged: false, IsDryRun: true, RunStatus.IsPublished(publication.Status) ? 0 : 1);
    }

    private static Publication Decide(
        RunSetting setting, RunAttempt attempt, EvaluatedAttempt evaluated, RunState? state, string fingerprint, bool isRefresh)
    {
        var isOpen = isRefresh || evaluated.Gate.Passed || setting.Request.AllowBreach;
        var kind = (isOpen, state) switch
        {
            _ when isRefresh => PublicationKind.Refresh,
            (true, null or { Status: RunStatus.Withdrawn }) => PublicationKind.Publish,
            (true, { Status: RunStatus.Blocked }) when state.Fingerprint == fingerprint => PublicationKind.Release,
            (true, _) => PublicationKind.Restate,
            (false, _) => state is { IsPublished: true } ? PublicationKind.BlockRestatement : PublicationKind.Block,
        };
        return new Publication
        {
            RunId = setting.RunId,
            Kind = kind,
            Status = !isOpen ? RunStatus.Blocked : evaluated.Gate.Passed ? RunStatus.Published : RunStatus.PublishedWithBreach,
            Fingerprint = fingerprint,
            Dataset = setting.Contract.Dataset,
            ContractVersion = setting.Contract.Version,
            VersionRead = evaluated.Base.Version,
            Files = isOpen || kind == PublicationKind.BlockRestatement ? evaluated.Published : evaluated.Evidence,
            Index = isOpen ? evaluated.Silver.Index : null,
            EventTimeMin = isOpen ? evaluated.Silver.IndexedEventTimes?.Min : null,
            EventTimeMax = isOpen ? evaluated.Silver.IndexedEventTimes?.Max : null,
            Place = isOpen ? evaluated.Place : null,
            AsOf = evaluated.AsOf,
            Counts = evaluated.Silver.Counts,
            Record = _ => throw new InvalidOperationException("The record is made when the attempt's place is known."),
        };
    }

    /// <summary>The recorded outcome, when the same run with the same fingerprint is in the lake already.</summary>
    private static RunOutcome? Unchanged(LakeStore lake, RunSetting setting, RunState state, IReadOnlyList<string> digests)
    {
        var fingerprint = RunFingerprint.Compute(digests, setting.Contract, setting.Thresholds, setting.Sessions, setting.Signals, setting.Request);
        var isInForce = state.Status != RunStatus.Withdrawn && state.Fingerprint == fingerprint;
        if (isInForce && state.IsPublished)
        {
            return new RunOutcome(lake.ReadEntry(state.Version)["record"]!.AsObject(), IsUnchanged: true, IsDryRun: false, 0);
        }

        var isBlocked = (isInForce && state.Status == RunStatus.Blocked) || (state.LastStatus == RunStatus.Blocked && state.LastFingerprint == fingerprint);
        return isBlocked && !setting.Request.AllowBreach
            ? new RunOutcome(lake.ReadRecord(state.RunId)!.AsObject(), IsUnchanged: true, IsDryRun: false, 1)
            : null;
    }

    /// <summary>The recorded outcome, when a run that was made again anyway came out with the same files.</summary>
    private static RunOutcome? Repeated(LakeStore lake, RunSetting setting, RunState state, string fingerprint, EvaluatedAttempt evaluated)
    {
        var isOpen = evaluated.Gate.Passed || setting.Request.AllowBreach;
        if (state.Status == RunStatus.Withdrawn || state.Fingerprint != fingerprint || state.IsPublished != isOpen)
        {
            return null;
        }

        var made = (isOpen ? evaluated.Published : evaluated.Evidence).Select(file => (file.File.TreePath, file.File.Sha256)).ToHashSet();
        return made.SetEquals(state.Files.Select(file => (file.TreePath, file.Sha256)))
            ? new RunOutcome(lake.ReadEntry(state.Version)["record"]!.AsObject(), IsUnchanged: true, IsDryRun: false, isOpen ? 0 : 1)
            : null;
    }

    private static string FingerprintOf(RunSetting setting, RunAttempt attempt, IReadOnlyList<string>? expected)
    {
        var digests = attempt.Digests;
        if (expected is not null && !expected.SequenceEqual(digests))
        {
            throw new RiskLakeException(ErrorCode.InputChanged, attempt.Inputs[0].Name, "other bytes at the second reading", "inputs that hold still", "run again when nobody writes to the inputs");
        }

        return RunFingerprint.Compute(digests, setting.Contract, setting.Thresholds, setting.Sessions, setting.Signals, setting.Request);
    }

    private static void RequireSameRun(RunSetting setting, RunState? state)
    {
        if (state is not null && state.RunId != setting.RunId)
        {
            throw new RiskLakeException(ErrorCode.RunIdInvalid, "--run-id", $"'{setting.RunId}' beside the run '{state.RunId}'", "ids that differ in more than case", "choose another run id");
        }

        if (state is not null && state.Dataset != setting.Contract.Dataset)
        {
            throw new RiskLakeException(ErrorCode.RunIdInvalid, "--run-id", $"'{setting.RunId}', a run of dataset {state.Dataset}", $"a run of dataset {setting.Contract.Dataset}", "choose another run id");
        }
    }

    public static void RequireOptions(RunRequest request)
    {
        Require("--window-minutes", request.WindowMinutes, 1, 1440);
        Require("--vol-window", request.VolatilityWindow, 2, 1_000_000);
        Require("--late-seconds", request.LateSeconds ?? 0, 0, 31_536_000);
        Require("--threads", request.Threads, 1, 256);

        static void Require(string option, int value, int minimum, int maximum)
        {
            if (value < minimum || value > maximum)
            {
                throw new RiskLakeException(ErrorCode.CommandLineInvalid, option, $"{value}", $"{minimum} to {maximum}", "correct the option");
            }
        }
    }

    private static bool IsKnown(LakeStore lake, string runId) => lake.Exists && lake.Snapshot().Runs.ContainsKey(runId);

    private static IReadOnlyList<string> Digest(IReadOnlyList<InputFile> inputs, CancellationToken ct) => RunMaterial.Of(inputs, null).ReadDigests(ct);

    private static string InFolder(RunRequest request, string path) => Path.GetFullPath(path, request.WorkingFolder);

    /// <summary>What an attempt works with: the run's lock, the lake it starts from, its lineage, when it began.</summary>
    public sealed record Working(RunLock Held, LakeSnapshot Snapshot, RunLineage Lineage, DateTimeOffset Started, long Stamp);

    /// <summary>A folder for a rehearsal, gone afterwards.</summary>
    private sealed class ScratchFolder(bool isNeeded) : IDisposable
    {
        public string? Path { get; } = isNeeded ? Directory.CreateTempSubdirectory("risklake-").FullName : null;

        public void Dispose()
        {
            if (Path is not null)
            {
                Directory.Delete(Path, recursive: true);
            }
        }
    }
}
