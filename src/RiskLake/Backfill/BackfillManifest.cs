using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using RiskLake.Lake;
using RiskLake.Runs;

namespace RiskLake.Backfill;

/// <summary>
/// What a backfill did and has still to do: <c>_runs/backfill-&lt;start&gt;-&lt;end&gt;.json</c>. It is a report, not a decision: whether a run
/// is published stands in the lake log, and whoever reads a manifest asks the log (see <see cref="ManifestFile"/>).
/// </summary>
internal sealed record BackfillManifest
{
    public required DateOnly StartDate { get; init; }

    public required DateOnly EndDate { get; init; }

    public required string Calendar { get; init; }

    /// <summary>Whether runs are restated from their bronze.</summary>
    public bool FromBronze { get; init; }

    /// <summary>The inputs as they were named; none is the built-in sample.</summary>
    public IReadOnlyList<string> Inputs { get; init; } = [];

    /// <summary><c>planned</c>, <c>running</c>, <c>finished</c>, <c>interrupted</c> or <c>cancelled</c>.</summary>
    public required string State { get; init; }

    /// <summary>Newest version of the lake when the manifest was written; it is true of that version.</summary>
    public long LakeVersion { get; init; }

    public long RecordsRead { get; init; }

    /// <summary>Records of days outside the range.</summary>
    public long OutsideRange { get; init; }

    /// <summary>The days in order, or the runs that are restated.</summary>
    public required IReadOnlyList<BackfillItem> Items { get; init; }

    /// <summary>The run of undecodable records, if there are any.</summary>
    public BackfillItem? Unassigned { get; init; }

    /// <summary>Whether the risk of the days is asked for.</summary>
    public bool WithRisk { get; init; }

    /// <summary>The runs of risk, day by day; they follow the days.</summary>
    public IReadOnlyList<BackfillItem> Risk { get; init; } = [];

    /// <summary>The one version of the lake at which the runs of risk read; null before they began.</summary>
    public long? RiskLakeVersion { get; init; }

    public string Id => RunId.OfBackfill(StartDate, EndDate);

    public IEnumerable<BackfillItem> All => Items.Concat(Unassigned is null ? [] : [Unassigned]).Concat(Risk);

    /// <summary>What a scheduler is told.</summary>
    public int ExitCode
    {
        get
        {
            var runs = Items.Where(item => item.HasRun).ToArray();
            runs = runs.Length == 0 ? [.. All.Where(item => item.HasRun)] : runs;
            return All.All(item => item.IsDone) ? 0
                : runs.All(item => item.Status == RunStatus.Blocked) ? 1
                : runs.All(item => item.Status == DayStatus.Failed) ? runs.All(item => item.ErrorExit == 5) ? 5 : 3
                : 4;
        }
    }

    public JsonObject ToJson()
    {
        var runs = Items.Where(item => item.HasRun).ToArray();
        var failed = runs.Where(item => item.Status is DayStatus.Failed or RunStatus.Blocked).ToArray();
        var completed = runs.Where(item => RunStatus.IsPublished(item.Status)).ToArray();
        return RunRecord.Sorted(new JsonObject
        {
            ["backfill_id"] = Id,
            ["calendar"] = Calendar,
            ["days"] = new JsonArray([.. Items.Select(item => item.ToJson())]),
            ["end_date"] = BackfillItem.Text(EndDate),
            ["failures"] = new JsonArray([.. failed.Select(item => new JsonObject
            {
                ["backfill_date"] = item.Date is { } date ? BackfillItem.Text(date) : null,
                ["error"] = item.Error,
                ["run_id"] = item.RunId,
            })]),
            ["from_bronze"] = FromBronze,
            ["inputs"] = new JsonArray([.. Inputs.Select(input => (JsonNode?)input)]),
            ["lake_version"] = LakeVersion,
            ["outside_range"] = OutsideRange,
            ["records_read"] = RecordsRead,
            ["risk"] = new JsonArray([.. Risk.Select(item => item.ToJson())]),
            ["risk_lake_version"] = RiskLakeVersion,
            ["run_ids"] = new JsonArray([.. completed.Select(item => (JsonNode?)item.RunId)]),
            ["runs_completed"] = completed.Length,
            ["runs_failed"] = failed.Length,
            ["runs_requested"] = runs.Length,
            ["start_date"] = BackfillItem.Text(StartDate),
            ["state"] = State,
            ["unassigned"] = Unassigned?.ToJson(),
            ["with_risk"] = WithRisk,
        });
    }

    public static BackfillManifest Read(JsonNode node) => new()
    {
        StartDate = BackfillItem.Parse((string)node["start_date"]!),
        EndDate = BackfillItem.Parse((string)node["end_date"]!),
        Calendar = (string)node["calendar"]!,
        FromBronze = (bool)node["from_bronze"]!,
        Inputs = node["inputs"]!.AsArray().Select(input => (string)input!).ToArray(),
        State = (string)node["state"]!,
        LakeVersion = (long)node["lake_version"]!,
        RecordsRead = (long)node["records_read"]!,
        OutsideRange = (long)node["outside_range"]!,
        Items = node["days"]!.AsArray().Select(item => BackfillItem.Read(item!)).ToArray(),
        Unassigned = node["unassigned"] is { } unassigned ? BackfillItem.Read(unassigned) : null,
        WithRisk = (bool?)node["with_risk"] == true,
        Risk = node["risk"]?.AsArray().Select(item => BackfillItem.Read(item!)).ToArray() ?? [],
        RiskLakeVersion = (long?)node["risk_lake_version"],
    };
}

/// <summary>Manifests of a lake.</summary>
internal sealed class ManifestFile(LakeStore lake)
{
    private const string Step = "backfill.manifest";

    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public string PathOf(string id) => lake.Paths.Record(id);

    /// <summary>Replaces the manifest as a whole. The caller holds the backfill's lock, and its working folder exists.</summary>
    public void Write(BackfillManifest manifest) => LakeStore.Guard(() =>
    {
        var path = PathOf(manifest.Id);
        lake.Storage.CreateDirectory(Step, Path.GetDirectoryName(path)!);
        var written = Path.Combine(lake.Paths.StagingOf(manifest.Id), "manifest");
        lake.Storage.CreateDirectory(Step, Path.GetDirectoryName(written)!);
        lake.Storage.WriteFile(Step, written, System.Text.Encoding.UTF8.GetBytes(manifest.ToJson().ToJsonString(Indented) + "\n"));
        lake.Storage.Rename(Step, written, path);
        lake.Storage.SyncDirectory(Step, Path.GetDirectoryName(path)!);
        return true;
    });

    /// <summary>The manifest as it was written; null when there is none.</summary>
    public BackfillManifest? Read(string id) => LakeStore.Guard(() => lake.Storage.ReadFile(Step, PathOf(id))) is { } bytes
        ? BackfillManifest.Read(JsonNode.Parse(bytes)!)
        : null;

    /// <summary>Ids of all backfills of the lake that have a manifest.</summary>
    public IReadOnlyList<string> List() => LakeStore.Guard(() => lake.Storage.List(Step, lake.Paths.Runs))
        .Where(name => name.StartsWith(RunId.ReservedPrefix, StringComparison.Ordinal) && name.EndsWith(".json", StringComparison.Ordinal))
        .Select(name => name[..^".json".Length])
        .Where(id => id.Length == RunId.OfBackfill(default, default).Length)
        .ToArray();

    /// <summary>The manifest as the lake log has it: a run counts as published exactly if its entry stands there.</summary>
    public BackfillManifest Derive(BackfillManifest manifest)
    {
        var snapshot = lake.Snapshot();
        return manifest with
        {
            LakeVersion = snapshot.Version,
            Items = manifest.Items.Select(item => Derive(item, snapshot)).ToArray(),
            Unassigned = manifest.Unassigned is { } unassigned ? Derive(unassigned, snapshot) : null,
            Risk = manifest.Risk.Select(item => DeriveRisk(item, snapshot, manifest.RiskLakeVersion)).ToArray(),
        };
    }

    /// <summary>What a run of risk is made of is known only when the days are over: what was published since is this backfill's.</summary>
    private BackfillItem DeriveRisk(BackfillItem item, LakeSnapshot snapshot, long? begun) =>
        item.HasRun && snapshot.Runs.GetValueOrDefault(item.RunId!) is { IsPublished: true } state && state.Version > begun
            ? item.With(lake.ReadEntry(state.Version)["record"]!)
            : item.Fingerprint is null ? item : Derive(item, snapshot);

    private BackfillItem Derive(BackfillItem item, LakeSnapshot snapshot)
    {
        if (!item.HasRun)
        {
            return item;
        }

        var state = snapshot.Runs.GetValueOrDefault(item.RunId!);
        if (state is null || state.Status == RunStatus.Withdrawn)
        {
            return RunStatus.IsPublished(item.Status) || item.Status == RunStatus.Blocked
                ? item with { Status = DayStatus.Pending, Reason = state is null ? "the lake does not hold it" : "it was withdrawn" }
                : item;
        }

        if (state.Fingerprint == item.Fingerprint)
        {
            return state.LastVersion == item.LakeVersion ? item : item.With(lake.ReadEntry(state.Version)["record"]!);
        }

        return state.LastStatus == RunStatus.Blocked && state.LastFingerprint == item.Fingerprint
            ? item.With(lake.ReadRecord(state.RunId)!)
            : item.Status == DayStatus.Failed ? item : item with { Status = DayStatus.Pending, Reason = "the lake holds it made from another slice, contract, thresholds or options" };
    }
}
