using System.Text.Json.Nodes;
using RiskLake.Contracts;
using RiskLake.Lake;
using RiskLake.Lake.Errors;
using RiskLake.Lake.Storage;
using RiskLake.Lineage;
using RiskLake.Runs;

namespace RiskLake.RiskRuns;

/// <summary>Who publishes a run that only writes gold.</summary>
/// <param name="Lake">The lake.</param>
/// <param name="Storage">Where it is kept.</param>
/// <param name="Clock">Times of the record's <c>execution</c> block.</param>
/// <param name="RunId">Id of the run; checked by the caller.</param>
/// <param name="Work">Kind of run, see <see cref="GoldWork"/>.</param>
internal sealed record GoldPublisher(LakeStore Lake, IStorage Storage, TimeProvider Clock, string RunId, string Work)
{
    public TimeSpan LockTimeout { get; init; }

    /// <summary>Why the run is made; recorded.</summary>
    public string? Reason { get; init; }

    /// <summary>The version that is read; null for the newest.</summary>
    public LakeSnapshot? At { get; init; }

    /// <summary>Whether the caller has recovered the lake, once for many runs.</summary>
    public bool IsRecovered { get; init; }
}

/// <summary>
/// Publishes a run that only writes gold: same fingerprint, nothing changes; another one restates it. What it was computed from is
/// the lake at the version it read, so a lake that moves meanwhile changes nothing about it.
/// </summary>
internal static class GoldPublication
{
    /// <param name="publisher">Who publishes.</param>
    /// <param name="read">Reads what the run is made of, at the version it is given, and says how it is written.</param>
    /// <param name="ct">Stops before the decision.</param>
    public static RunOutcome Execute(GoldPublisher publisher, Func<LakeSnapshot, GoldRun> read, CancellationToken ct)
    {
        var lake = publisher.Lake;
        var started = publisher.Clock.GetUtcNow();
        var stamp = publisher.Clock.GetTimestamp();
        using var held = lake.LockRun(publisher.RunId, publisher.LockTimeout, ct);
        using var tidy = lake.TidyUp(held);
        if (!publisher.IsRecovered)
        {
            lake.Recover(ct, publisher.LockTimeout);
        }

        var snapshot = lake.Snapshot();
        var state = snapshot.Runs.GetValueOrDefault(publisher.RunId);
        RequireSameRun(publisher, state);
        var at = publisher.At ?? snapshot;
        var run = read(at);
        if (state is { IsPublished: true } && state.Fingerprint == run.Fingerprint)
        {
            return new RunOutcome(lake.ReadEntry(state.Version)["record"]!.AsObject(), IsUnchanged: true, IsDryRun: false, 0);
        }

        var contract = GoldWork.Contract(publisher.Work);
        var start = new LineageStart(publisher.RunId, (state?.Attempt ?? 0) + 1, contract, [])
        {
            Tables = run.Reads,
            Job = $"risklake.{publisher.Work}",
        };
        var lineage = new RunLineage(lake, start, publisher.Clock);
        var outcome = lineage.Around(() =>
        {
            var files = run.Write(new StagingContext(publisher.Storage, lake.StagingFolder(publisher.RunId), publisher.RunId, contract));
            JsonObject? record = null;
            lake.Publish(new PublishContext(held), Prepare, ct);
            return new RunOutcome(record!, IsUnchanged: false, IsDryRun: false, 0);

            Publication Prepare(LakeSnapshot latest)
            {
                var publication = Publication(publisher, run, files, at.Version, latest.Runs.GetValueOrDefault(publisher.RunId));
                return publication with
                {
                    Record = view =>
                    {
                        lineage.Came(Told(run, publication, view));
                        var execution = RunPipeline.Execution(lake, publisher.RunId, started, publisher.Clock.GetElapsedTime(stamp));
                        return record = Record(publisher, run, publication, view, execution);
                    },
                };
            }
        });
        return outcome with { LineageProblem = lineage.Problem };
    }

    /// <summary>Takes the run out of the lake; its earlier attempts stay in the history.</summary>
    public static RunOutcome Withdraw(GoldPublisher publisher, string reason, CancellationToken ct)
    {
        var lake = publisher.Lake;
        var started = publisher.Clock.GetUtcNow();
        var stamp = publisher.Clock.GetTimestamp();
        using var held = lake.LockRun(publisher.RunId, publisher.LockTimeout, ct);
        using var tidy = lake.TidyUp(held);
        lake.Recover(ct, publisher.LockTimeout);
        var state = RunRecords.Require(lake, publisher.RunId);
        if (state.Status == RunStatus.Withdrawn)
        {
            return new RunOutcome(lake.ReadRecord(state.RunId)!.AsObject(), IsUnchanged: true, IsDryRun: false, 0);
        }

        JsonObject? record = null;
        lake.StagingFolder(state.RunId);
        lake.Publish(new PublishContext(held), Prepare, ct);
        return new RunOutcome(record!, IsUnchanged: false, IsDryRun: false, 0);

        Publication Prepare(LakeSnapshot latest)
        {
            var removed = latest.Runs[state.RunId].Files;
            var publication = new Publication
            {
                RunId = state.RunId,
                Kind = PublicationKind.Withdraw,
                Status = RunStatus.Withdrawn,
                Fingerprint = state.Fingerprint,
                Dataset = state.Dataset,
                ContractVersion = state.ContractVersion,
                VersionRead = latest.Version,
                Files = [],
                Record = _ => throw new InvalidOperationException("The record is made when the attempt's place is known."),
            };
            return publication with
            {
                Record = view => record = RunRecord.BuildWithdrawal(
                    reason, publication, view, removed,
                    RunPipeline.Execution(lake, state.RunId, started, publisher.Clock.GetElapsedTime(stamp))),
            };
        }
    }

    /// <summary>The run as it would be, written to a folder of its own: for proofs.</summary>
    public static IReadOnlyList<StagedFile> Rehearse(IStorage storage, string runId, string work, GoldRun run, string folder) =>
        run.Write(new StagingContext(storage, folder, runId, GoldWork.Contract(work)));

    private static Publication Publication(GoldPublisher publisher, GoldRun run, IReadOnlyList<StagedFile> files, long read, RunState? state) => new()
    {
        RunId = publisher.RunId,
        Kind = state is null or { Status: RunStatus.Withdrawn } ? PublicationKind.Publish : PublicationKind.Restate,
        Status = RunStatus.Published,
        Fingerprint = run.Fingerprint,
        Dataset = publisher.Work,
        ContractVersion = GoldWork.Contract(publisher.Work).Version,
        VersionRead = read,
        Files = files,
        Record = _ => throw new InvalidOperationException("The record is made when the attempt's place is known."),
    };

    private static JsonObject Record(GoldPublisher publisher, GoldRun run, Publication publication, PublishedView view, JsonObject execution)
    {
        var written = new JsonObject();
        var tables = view.Files.GroupBy(file => $"{DataFile.LayerName(file.Layer)}_{file.Dataset}");
        foreach (var table in tables.OrderBy(table => table.Key, StringComparer.Ordinal))
        {
            written[table.Key] = table.Sum(file => file.Rows);
        }

        var record = new JsonObject
        {
            ["run_id"] = publisher.RunId,
            ["type"] = publisher.Work,
            ["status"] = publication.Status,
            ["kind"] = RunRecord.KindText(publication.Kind),
            ["attempt"] = view.Attempt,
            ["supersedes"] = view.Attempt > 1 ? view.Attempt - 1 : null,
            ["dataset"] = publication.Dataset,
            ["contract_version"] = publication.ContractVersion,
            ["fingerprint"] = publication.Fingerprint,
            ["lake_version"] = new JsonObject { ["read"] = publication.VersionRead, ["written"] = view.Version },
            ["as_of"] = RunRecord.Time(run.AsOf),
            ["valuation_time"] = RunRecord.Time(run.ValuationTime),
            ["reason"] = publisher.Reason,
            ["tables_read"] = new JsonArray([.. run.Reads.Select(table => (JsonNode?)$"{DataFile.LayerName(table.Layer)}/{table.Dataset}")]),
            ["records_written"] = written,
            ["outputs"] = new JsonArray([.. view.Files.Select(RunRecord.Output)]),
            ["execution"] = execution,
        };
        foreach (var (name, value) in run.Facts())
        {
            record[name] = value?.DeepClone();
        }

        return RunRecord.Sorted(record);
    }

    private static LineageResult Told(GoldRun run, Publication publication, PublishedView view) => new()
    {
        Inputs = [],
        Checks = [],
        Status = publication.Status,
        Failures = [],
        Fingerprint = publication.Fingerprint,
        Files = view.Files,
        Partitions = [],
        VersionRead = publication.VersionRead,
        VersionWritten = view.Version,
        AsOf = run.AsOf,
        ValuationTime = run.ValuationTime,
    };

    private static void RequireSameRun(GoldPublisher publisher, RunState? state)
    {
        // Lakes from before the names of these runs were reserved may hold one of records under such a name; withdrawn, it makes room.
        if (state is not null && (state.RunId != publisher.RunId || (state.Dataset != publisher.Work && state.Status != RunStatus.Withdrawn)))
        {
            throw new RiskLakeException(
                ErrorCode.RunIdInvalid, "--run-id", $"'{publisher.RunId}' beside the run '{state.RunId}' of {state.Dataset}",
                $"an id of no other run, or of a run of {publisher.Work}",
                $"choose another run id, or withdraw that run: `runs withdraw {state.RunId}`");
        }
    }
}
