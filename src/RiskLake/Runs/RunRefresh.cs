using System.Text.Json.Nodes;
using RiskLake.Ingest.Sources;
using RiskLake.Lake;
using RiskLake.Lake.Errors;
using RiskLake.Lake.Storage;
using RiskLake.Lineage;

namespace RiskLake.Runs;

/// <summary>
/// Makes the gold of a published run anew, because silver of its events has moved since it was made: a new attempt of the same
/// fingerprint, under the configuration of the run, against the newest version of the lake.
/// </summary>
internal static class RunRefresh
{
    /// <summary>Published runs whose gold is stale, in the order of their places.</summary>
    public static IReadOnlyList<string> Stale(LakeSnapshot snapshot) =>
        [.. snapshot.Runs.Values.Where(run => run is { IsStale: true, Place: not null }).OrderBy(run => run.Place).Select(run => run.RunId)];

    /// <param name="like">Where lake and configuration are; options are taken from the run's record.</param>
    /// <param name="runId">The run.</param>
    /// <param name="progress">Hears of the stages.</param>
    /// <param name="clock">Times of the record's <c>execution</c> block.</param>
    /// <param name="storage">Where the lake is kept.</param>
    /// <param name="ct">Stops before the decision.</param>
    public static RunOutcome Refresh(RunRequest like, string runId, IRunProgress progress, TimeProvider clock, IStorage storage, CancellationToken ct)
    {
        var root = Path.GetFullPath(like.OutputRoot, like.WorkingFolder);
        return LakeStore.Guard(root, () => Start(LakeStore.Open(root, storage, clock), like, runId, progress, clock, storage, ct));
    }

    private static RunOutcome Start(
        LakeStore lake, RunRequest like, string runId, IRunProgress progress, TimeProvider clock, IStorage storage, CancellationToken ct)
    {
        var known = RunRecords.Require(lake, runId);
        var started = clock.GetUtcNow();
        var stamp = clock.GetTimestamp();
        using var held = lake.LockRun(known.RunId, like.LockTimeout, ct);
        using var tidy = lake.TidyUp(held);
        lake.Recover(ct);
        var snapshot = lake.Snapshot();
        lake.RequirePlaces(snapshot);
        var state = snapshot.Runs[known.RunId];
        if (state is not { IsPublished: true, Place: not null })
        {
            throw new RiskLakeException(
                ErrorCode.RunUnknown, $"run {state.RunId}", $"a run that is {state.Status}", "a published run with records", "see 'risklake runs list'");
        }

        var record = lake.ReadEntry(state.Version)["record"]!.AsObject();
        if (!state.IsStale)
        {
            return new RunOutcome(record, IsUnchanged: true, IsDryRun: false, 0);
        }

        var setting = RunVerifier.Setting(like, state, record);
        setting = setting with { Request = setting.Request with { Reason = (string?)record["reason"] } };
        RequireSameConfiguration(setting, state, record);
        var start = new LineageStart(state.RunId, state.Attempt + 1, setting.Contract, Inputs(record)) { Tables = [(Layer.Bronze, state.Dataset)] };
        var lineage = new RunLineage(lake, start, clock);
        var outcome = lineage.Around(() =>
        {
            using var attempt = new RunAttempt(lake, storage, setting, lake.StagingFolder(state.RunId), progress, clock) { FixedPlace = state.Place };
            attempt.Load(state.Files, RunRecords.Inputs(record), (string?)record["slice_sha256"]);
            if (attempt.Configuration != state.Configuration)
            {
                throw Changed(state, "symbols or calendars");
            }

            var working = new RunPipeline.Working(held, snapshot, lineage, started, stamp);
            var paths = record["execution"]?["inputs"]?.AsArray().Select(path => (string)path!).ToArray() ?? [];
            return RunPipeline.PublishAttempt(
                lake, setting, attempt, attempt.Evaluate(snapshot), state.Fingerprint, paths, working, progress, clock, ct, isRefresh: true);
        });
        return outcome with { LineageProblem = lineage.Problem, ExitCode = 0 };
    }

    private static InputFile[] Inputs(JsonObject record) =>
        [.. RunRecords.Inputs(record).Select(input => new InputFile(input.Name, input.Name))];

    private static void RequireSameConfiguration(RunSetting setting, RunState state, JsonObject record)
    {
        var configuration = record["configuration"];
        foreach (var (what, recorded, present) in new[]
        {
            ("contract", (string?)configuration?["contract_sha256"], setting.Contract.Sha256),
            ("thresholds", (string?)configuration?["thresholds_sha256"], setting.Thresholds.Sha256),
            ("signals", (string?)configuration?["signals_sha256"], setting.Signals?.Sha256),
        })
        {
            if (recorded != present)
            {
                throw Changed(state, what);
            }
        }
    }

    private static RiskLakeException Changed(RunState state, string what) => new(
        ErrorCode.ConfigurationInvalid, $"run {state.RunId}", $"{what} that differ from those it was made with", "the run's configuration",
        $"name the files it was made with, or restate the run: `risklake backfill --from-bronze`, or `risklake run --run-id {state.RunId}` with its inputs");
}
