using System.Buffers;
using System.Globalization;
using RiskLake.Lake.Errors;

namespace RiskLake.Lake;

/// <summary>Where everything lives below the root of a lake.</summary>
internal sealed class LakePaths(string root)
{
    private static readonly SearchValues<char> Safe =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-");

    private static readonly SearchValues<char> SafeOrEquals =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-=");

    /// <summary>Folders below the root whose files stand in log entries by path.</summary>
    private static readonly System.Collections.Frozen.FrozenSet<string> Named =
        System.Collections.Frozen.FrozenSet.Create(StringComparer.Ordinal, "_delta", "_index", "_blocked", "_configurations");

    public string Root { get; } = root;

    public string Log { get; } = Path.Combine(root, "_log");

    /// <summary>Names the last entry whose views are complete.</summary>
    public string Marker { get; } = Path.Combine(root, "_log", "_views");

    public string Staging { get; } = Path.Combine(root, "_staging");

    /// <summary>Where views are prepared before they are renamed into place. No run id begins with an underscore.</summary>
    public string Scratch { get; } = Path.Combine(root, "_staging", ScratchName);

    public string Locks { get; } = Path.Combine(root, "_locks");

    public string PublishLock { get; } = Path.Combine(root, "_locks", "publish");

    public string Runs { get; } = Path.Combine(root, "_runs");

    public const string ScratchName = "_views";

    public const string RunLockPrefix = "run.";

    public string Entry(long version) => Path.Combine(Log, VersionName(version) + ".json");

    public string Checkpoint(long version) => Path.Combine(Log, VersionName(version) + ".checkpoint");

    public string StagingOf(string runId) => Path.Combine(Staging, runId);

    /// <summary>What a publication is about to link; written before the first link, so that a torn one can be cleared away.</summary>
    public string Intent(string runId) => Path.Combine(Staging, runId, "_publish.json");

    public string StagedEntry(string runId) => Path.Combine(Staging, runId, "_entry.json");

    public string RunLock(string runId) => Path.Combine(Locks, RunLockPrefix + runId.ToLowerInvariant());

    public string Record(string runId) => Path.Combine(Runs, runId + ".json");

    public string AttemptRecord(string runId, int attempt) =>
        Path.Combine(Runs, "_attempts", runId, attempt.ToString(CultureInfo.InvariantCulture) + ".json");

    public string DeltaLog(string table) => Path.Combine(Root, "_delta", table, "_delta_log");

    public string Absolute(string relative) => Path.Combine(Root, relative);

    /// <summary>Folder below the root that keeps a blocked restatement.</summary>
    public static string Blocked(string runId, int attempt) => FormattableString.Invariant($"_blocked/{runId}/a{attempt}");

    /// <summary>Path below the root of a key index.</summary>
    public static string Index(string dataset, string runId, int attempt) =>
        FormattableString.Invariant($"_index/{dataset}/run_id={runId}.a{attempt}.keys");

    /// <summary>Path below the root of a key index that a mending made.</summary>
    public static string MendedIndex(string dataset, string runId, int attempt, long version) =>
        FormattableString.Invariant($"_index/{dataset}/run_id={runId}.a{attempt}.r{version}.keys");

    /// <summary>Path below the root of a segment of key indexes.</summary>
    public static string Segment(string dataset, long from, long to) => FormattableString.Invariant($"_index/{dataset}/segment-{from}-{to}.keys");

    /// <summary>Path below the root of a row configuration.</summary>
    public static string Configuration(string sha256) => $"_configurations/{sha256}.json";

    public static string VersionName(long version) => version.ToString("D20", CultureInfo.InvariantCulture);

    /// <summary>Version in a name such as <c>00000000000000000007.json</c>, or null.</summary>
    public static long? ParseVersion(ReadOnlySpan<char> name, ReadOnlySpan<char> extension) =>
        name.Length == 20 + extension.Length && name.EndsWith(extension, StringComparison.Ordinal)
            && long.TryParse(name[..20], NumberStyles.None, CultureInfo.InvariantCulture, out var version)
            ? version
            : null;

    /// <summary>Whether a name can be part of a path: it cannot leave its folder and needs no escaping anywhere.</summary>
    public static bool IsName(string? name) =>
        name is { Length: > 0 and <= 128 } && !name.AsSpan().ContainsAnyExcept(Safe) && char.IsAsciiLetterOrDigit(name[0]);

    /// <summary>
    /// Whether a path read from the lake may be followed: relative, in one of the folders whose files the log names, and every part a
    /// plain name or <c>name=value</c>.
    /// </summary>
    public static bool IsNamedFile(string? path)
    {
        if (path is null || path.IndexOf('/', StringComparison.Ordinal) is var top && (top < 0 || !Named.Contains(path[..top])))
        {
            return false;
        }

        foreach (var range in path.AsSpan(top + 1).Split('/'))
        {
            var part = path.AsSpan(top + 1)[range];
            if (part.IsEmpty || part.ContainsAnyExcept(SafeOrEquals) || !char.IsAsciiLetterOrDigit(part[0]))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Refuses a name that could leave its folder or would need escaping somewhere.</summary>
    public static void CheckName(string name, string what)
    {
        if (!IsName(name))
        {
            throw new RiskLakeException(
                ErrorCode.RunIdInvalid,
                what,
                $"'{(name.Length > 140 ? name[..140] + "…" : name)}'",
                "[A-Za-z0-9][A-Za-z0-9._-]{0,127}",
                "choose another name");
        }
    }
}
