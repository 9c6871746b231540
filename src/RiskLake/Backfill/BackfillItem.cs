using System.Globalization;
using System.Text.Json.Nodes;
using RiskLake.Lake;

namespace RiskLake.Backfill;

/// <summary>What became of a day, or is to become of it. Beside these a day has the status of its run (see <see cref="RunStatus"/>).</summary>
internal static class DayStatus
{
    /// <summary>The calendar has no session, and there are no events.</summary>
    public const string NoSession = "no_session";

    /// <summary>The calendar has a session, and there are no events.</summary>
    public const string NoData = "no_data";

    /// <summary>Not made yet.</summary>
    public const string Pending = "pending";

    /// <summary>Something broke: the run was not made.</summary>
    public const string Failed = "failed";

    public static bool IsDone(string status) => RunStatus.IsPublished(status) || status is NoSession or NoData;
}

/// <summary>What is done about a run.</summary>
internal static class BackfillAction
{
    /// <summary>The lake does not hold it.</summary>
    public const string Run = "run";

    /// <summary>The lake holds it with another fingerprint, or blocked and now allowed.</summary>
    public const string Redo = "redo";

    /// <summary>The lake holds it; it is computed all the same, and published if it comes out differently.</summary>
    public const string Recompute = "recompute";

    /// <summary>The lake holds it.</summary>
    public const string Keep = "keep";

    /// <summary>There is nothing to run.</summary>
    public const string None = "none";

    public static bool IsWork(string action) => action is Run or Redo or Recompute;
}

/// <summary>One line of the plan and of the manifest: a day, the run of undecodable records, or a run that is restated from its bronze.</summary>
internal sealed record BackfillItem
{
    /// <summary>The day; null for a run that is not one of a day.</summary>
    public DateOnly? Date { get; init; }

    public string? RunId { get; init; }

    /// <summary>One of <see cref="DayStatus"/> or <see cref="RunStatus"/>.</summary>
    public required string Status { get; init; }

    /// <summary>One of <see cref="BackfillAction"/>.</summary>
    public required string Action { get; init; }

    /// <summary>Why this is done, or why nothing is.</summary>
    public required string Reason { get; init; }

    /// <summary>What a reader should know, such as <c>closed_day</c>.</summary>
    public IReadOnlyList<string> Flags { get; init; } = [];

    /// <summary>Records of the slice.</summary>
    public long Records { get; init; }

    /// <summary>Digest of the slice's raw record bytes.</summary>
    public string? SliceSha256 { get; init; }

    /// <summary>Fingerprint of the run as it is, or as it is planned.</summary>
    public string? Fingerprint { get; init; }

    /// <summary>Digest over paths and digests of the run's files.</summary>
    public string? OutputsSha256 { get; init; }

    public int? Attempt { get; init; }

    public long? LakeVersion { get; init; }

    public long? Bronze { get; init; }

    public long? Silver { get; init; }

    public long? Quarantined { get; init; }

    /// <summary>Why it failed or was blocked.</summary>
    public string? Error { get; init; }

    /// <summary>Exit code of that error.</summary>
    public int? ErrorExit { get; init; }

    public bool IsDone => DayStatus.IsDone(Status);

    /// <summary>Whether there is a run to make or to have.</summary>
    public bool HasRun => RunId is not null && Action != BackfillAction.None;

    /// <summary>Takes over what a run record says.</summary>
    public BackfillItem With(JsonNode record)
    {
        var status = (string)record["status"]!;
        return this with
        {
            Status = status,
            Fingerprint = (string?)record["fingerprint"],
            Attempt = (int?)record["attempt"],
            LakeVersion = (long?)record["lake_version"]?["written"],
            Bronze = (long?)record["conservation"]?["bronze"],
            Silver = (long?)record["conservation"]?["own_silver"],
            Quarantined = Sum(record["quarantine_reasons"]),
            OutputsSha256 = Digest(record["outputs"]!.AsArray()),
            Error = status == RunStatus.Blocked ? $"blocked: {string.Join("; ", record["dq_failures"]!.AsArray().Select(failure => (string)failure!))}" : null,
            ErrorExit = status == RunStatus.Blocked ? 1 : null,
        };
    }

    public JsonObject ToJson() => new()
    {
        ["action"] = Action,
        ["counts"] = new JsonObject { ["bronze"] = Bronze, ["quarantined"] = Quarantined, ["records"] = Records, ["silver"] = Silver },
        ["date"] = Date is { } date ? Text(date) : null,
        ["digests"] = new JsonObject { ["fingerprint"] = Fingerprint, ["outputs_sha256"] = OutputsSha256, ["slice_sha256"] = SliceSha256 },
        ["error"] = Error,
        ["error_exit"] = ErrorExit,
        ["attempt"] = Attempt,
        ["flags"] = new JsonArray([.. Flags.Select(flag => (JsonNode?)flag)]),
        ["lake_version"] = LakeVersion,
        ["reason"] = Reason,
        ["run_id"] = RunId,
        ["status"] = Status,
    };

    public static BackfillItem Read(JsonNode node) => new()
    {
        Date = (string?)node["date"] is { } date ? Parse(date) : null,
        RunId = (string?)node["run_id"],
        Status = (string)node["status"]!,
        Action = (string)node["action"]!,
        Reason = (string)node["reason"]!,
        Flags = node["flags"]!.AsArray().Select(flag => (string)flag!).ToArray(),
        Records = (long)node["counts"]!["records"]!,
        Bronze = (long?)node["counts"]!["bronze"],
        Silver = (long?)node["counts"]!["silver"],
        Quarantined = (long?)node["counts"]!["quarantined"],
        SliceSha256 = (string?)node["digests"]!["slice_sha256"],
        Fingerprint = (string?)node["digests"]!["fingerprint"],
        OutputsSha256 = (string?)node["digests"]!["outputs_sha256"],
        Attempt = (int?)node["attempt"],
        LakeVersion = (long?)node["lake_version"],
        Error = (string?)node["error"],
        ErrorExit = (int?)node["error_exit"],
    };

    public static string Text(DateOnly date) => date.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    public static DateOnly Parse(string text) => DateOnly.ParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture);

    private static long? Sum(JsonNode? counts) => counts?.AsObject().Sum(count => (long)count.Value!);

    private static string Digest(JsonArray outputs)
    {
        var lines = outputs.Select(file => $"{(string)file!["path"]!} {(string)file["sha256"]!}\n").Order(StringComparer.Ordinal);
        return Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(string.Concat(lines))));
    }
}
