using System.Text.Json.Nodes;
using RiskLake.Contracts;
using RiskLake.Ingest.Silver;
using RiskLake.Ingest.Silver.Keys;
using RiskLake.Lake;
using RiskLake.Lake.Columns;
using RiskLake.Lake.Errors;
using RiskLake.Lake.Storage;

namespace RiskLake.Runs;

/// <summary>Takes a run out of the lake. Events that other published runs hold go to the first of them, so that no event vanishes with it.</summary>
internal static class RunWithdrawal
{
    /// <param name="outputRoot">The lake.</param>
    /// <param name="runId">Run to withdraw.</param>
    /// <param name="reason">Why; recorded.</param>
    /// <param name="lockTimeout">How long to wait for the run's lock.</param>
    /// <param name="clock">Times of the record's <c>execution</c> block.</param>
    /// <param name="storage">Where the lake is kept.</param>
    /// <param name="ct">Stops before the decision.</param>
    public static RunOutcome Withdraw(
        string outputRoot, string runId, string reason, TimeSpan lockTimeout, TimeProvider clock, IStorage storage, CancellationToken ct) =>
        LakeStore.Guard(outputRoot, () => Start(outputRoot, runId, reason, lockTimeout, clock, storage, ct));

    private static RunOutcome Start(
        string outputRoot, string runId, string reason, TimeSpan lockTimeout, TimeProvider clock, IStorage storage, CancellationToken ct)
    {
        if (string.IsNullOrWhiteSpace(reason))
        {
            throw new RiskLakeException(ErrorCode.CommandLineInvalid, "--reason", "no reason", "why the run leaves the lake", "say it with --reason");
        }

        var lake = LakeStore.Open(outputRoot, storage, clock);
        var known = RunRecords.Require(lake, runId);
        var started = clock.GetUtcNow();
        var stamp = clock.GetTimestamp();
        using var held = lake.LockRun(known.RunId, lockTimeout, ct);
        using var tidy = lake.TidyUp(held);
        lake.Recover(ct);
        var snapshot = lake.Snapshot();
        lake.RequirePlaces(snapshot);
        var state = snapshot.Runs[known.RunId];
        if (state.Status == RunStatus.Withdrawn)
        {
            return new RunOutcome(lake.ReadRecord(state.RunId)!.AsObject(), IsUnchanged: true, IsDryRun: false, 0);
        }

        var folder = lake.StagingFolder(state.RunId);
        var (touched, tries) = (Evaluate(lake, snapshot, state, Path.Combine(folder, "try-0"), storage), 1);
        JsonObject? record = null;
        lake.Publish(new PublishContext(held), Prepare, ct);
        return new RunOutcome(record!, IsUnchanged: false, IsDryRun: false, 0);

        Publication Prepare(LakeSnapshot latest)
        {
            if (latest.Version != snapshot.Version
                && new Disturbance(lake, state.RunId, state.Dataset).Exists(null, touched.Select(run => run.RunId), snapshot, latest))
            {
                touched = Evaluate(lake, latest, state, Path.Combine(folder, $"try-{tries++}"), storage);
            }

            snapshot = latest;
            var removed = latest.Runs[state.RunId].Files;
            var publication = new Publication
            {
                RunId = state.RunId,
                Kind = PublicationKind.Withdraw,
                Status = RunStatus.Withdrawn,
                Fingerprint = state.Fingerprint,
                Dataset = state.Dataset,
                ContractVersion = state.ContractVersion,
                VersionRead = snapshot.Version,
                Files = [],
                Touched = touched,
                Record = _ => throw new InvalidOperationException("The record is made when the attempt's place is known."),
            };
            return publication with
            {
                Record = view => record = RunRecord.BuildWithdrawal(
                    reason, publication, view, removed, RunPipeline.Execution(lake, state.RunId, started, clock.GetElapsedTime(stamp))),
            };
        }
    }

    /// <summary>What other runs gain.</summary>
    private static IReadOnlyList<StagedTouch> Evaluate(LakeStore lake, LakeSnapshot snapshot, RunState state, string folder, IStorage storage)
    {
        if (state is not { IsPublished: true, KeyIndex: not null })
        {
            return [];
        }

        storage.CreateDirectory("stage.folder", folder);
        var threads = Environment.ProcessorCount;
        var book = new RowRulesBook(lake, threads);
        var rules = book.Of(state);
        var witness = new KeyWitness();
        using var keys = new BronzeKeys(new EventDigests(), new NativeBuffer<int>());
        using var order = KeyOrder.Make(keys.Digests, threads);
        using var plan = new Ownership(rules, lake, snapshot, state.RunId, null, book.Of).Decide(keys, order, [], threads);
        return new TouchedRuns(new StagingContext(storage, folder, state.RunId, rules.Contract), lake, snapshot, book.Of, witness).Write(plan);
    }
}
