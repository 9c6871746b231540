using System.Text.Json.Nodes;
using RiskLake.Columns;
using RiskLake.Contracts;
using RiskLake.Errors;
using RiskLake.Lake;
using RiskLake.Lake.Storage;
using RiskLake.Silver;

namespace RiskLake.Runs;

/// <summary>Takes a run out of the lake. Keys that stand in the bronze of other published runs are adopted, so that no event vanishes with it.</summary>
internal static class RunWithdrawal
{
    /// <param name="outputRoot">The lake.</param>
    /// <param name="contractsPath">Contract registry.</param>
    /// <param name="runId">Run to withdraw.</param>
    /// <param name="reason">Why; recorded.</param>
    /// <param name="lockTimeout">How long to wait for the run's lock.</param>
    /// <param name="clock">Times of the record's <c>execution</c> block.</param>
    /// <param name="storage">Where the lake is kept.</param>
    /// <param name="ct">Stops before the decision.</param>
    public static RunOutcome Withdraw(
        string outputRoot, string contractsPath, string runId, string reason, TimeSpan lockTimeout, TimeProvider clock, IStorage storage, CancellationToken ct) =>
        LakeStore.Guard(outputRoot, () => Start(outputRoot, contractsPath, runId, reason, lockTimeout, clock, storage, ct));

    private static RunOutcome Start(
        string outputRoot, string contractsPath, string runId, string reason, TimeSpan lockTimeout, TimeProvider clock, IStorage storage, CancellationToken ct)
    {
        if (string.IsNullOrWhiteSpace(reason))
        {
            throw new RiskLakeException(ErrorCode.CommandLineInvalid, "--reason", "no reason", "why the run leaves the lake", "say it with --reason");
        }

        var lake = LakeStore.Open(outputRoot, storage, clock);
        var known = RunRecords.Require(lake, runId);
        var contract = ContractRegistry.Load(contractsPath).Get(known.Dataset);
        var started = clock.GetUtcNow();
        var stamp = clock.GetTimestamp();
        using var held = lake.LockRun(known.RunId, lockTimeout, ct);
        using var tidy = lake.TidyUp(held);
        lake.Recover(ct);
        var snapshot = lake.Snapshot();
        var state = snapshot.Runs[known.RunId];
        if (state.Status == RunStatus.Withdrawn)
        {
            return new RunOutcome(lake.ReadRecord(state.RunId)!.AsObject(), IsUnchanged: true, IsDryRun: false, 0);
        }

        var options = Options(lake.ReadEntry(state.Version)["record"]!, contract);
        var staging = new StagingContext(storage, lake.StagingFolder(state.RunId), state.RunId, contract);
        var tries = 0;
        var silver = Evaluate(snapshot);
        JsonObject? record = null;
        lake.Publish(new PublishContext(held), Prepare, ct);
        return new RunOutcome(record!, IsUnchanged: false, IsDryRun: false, 0);

        SilverResult Evaluate(LakeSnapshot at)
        {
            var folder = staging with { Folder = Path.Combine(staging.Folder, $"try-{tries++}") };
            storage.CreateDirectory("stage.folder", folder.Folder);
            using var keys = new BronzeKeys(new EventDigests(), new NativeBuffer<int>());
            using var plan = new Ownership(contract, lake, at, state.RunId).Decide(keys, [], null, options.Threads);
            using var adopted = new Adoption(contract, lake, at, state.RunId).Find(keys.Digests.Keys);
            return new SilverStage(folder, options).Write(keys, [], plan, adopted);
        }

        Publication Prepare(LakeSnapshot latest)
        {
            using var none = new NativeBuffer<ulong>();
            if (latest.Version != snapshot.Version && new Disturbance(contract, lake, state.RunId).Exists(none, null, snapshot, latest, options.Threads))
            {
                silver = Evaluate(latest);
                snapshot = latest;
            }

            var removed = latest.Runs[state.RunId].Files;
            var publication = new Publication
            {
                RunId = state.RunId,
                Kind = PublicationKind.Withdraw,
                Status = RunStatus.Withdrawn,
                Fingerprint = state.Fingerprint,
                Dataset = state.Dataset,
                ContractVersion = contract.Version,
                VersionRead = snapshot.Version,
                Files = silver.Files,
                Index = silver.Index,
                EventTimeMin = silver.IndexedEventTimes?.Min,
                EventTimeMax = silver.IndexedEventTimes?.Max,
                Record = _ => throw new InvalidOperationException("The record is made when the attempt's place is known."),
            };
            return publication with
            {
                Record = view => record = RunRecord.BuildWithdrawal(
                    reason, publication, view, removed, silver.Adopted, RunPipeline.Execution(lake, state.RunId, started, clock.GetElapsedTime(stamp))),
            };
        }
    }

    /// <summary>Adopted rows are flagged by the rules of the run that adopts them.</summary>
    private static SilverOptions Options(JsonNode record, Contract contract)
    {
        var isStream = contract.Delivery == Delivery.Stream && contract.Field(FieldRole.IngestTime) is not null;
        var configuration = record["configuration"];
        return new SilverOptions
        {
            LateMicros = isStream ? ((long?)configuration?["late_seconds"] ?? 300) * 1_000_000 : null,
            WindowMicros = ((long?)configuration?["window_minutes"] ?? 5) * 60_000_000,
            Threads = Environment.ProcessorCount,
        };
    }
}
