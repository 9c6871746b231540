using System.Collections.Concurrent;
using System.Text;
using System.Text.Json.Nodes;
using RiskLake.Lake.Columns;
using RiskLake.Lake.Errors;
using RiskLake.Lake.Storage;

namespace RiskLake.Lake;

/// <summary>The lake log: reads entries, finds the newest, and makes snapshots of any version.</summary>
/// <remarks>
/// Nothing here lists a folder or reads more than the entries after a checkpoint, so that the cost of a command does not grow with
/// the lake. Safe for use by several threads.
/// </remarks>
internal sealed class LakeLog(LakePaths paths, IStorage storage) : IStatisticsSource
{
    private readonly Lock _gate = new();
    private readonly ConcurrentDictionary<long, string> _vouched = [];
    private LakeSnapshot _cached = LakeSnapshot.Empty;
    private (long Version, IReadOnlyList<IReadOnlyList<ColumnStatistics>> Statistics)? _statistics;

    /// <summary>Number of the newest entry; 0 when there is none.</summary>
    public long LatestVersion()
    {
        var marked = Marker();
        var version = Math.Max(marked, _cached.Version);
        if (version > 0 && !storage.Exists("log.find", paths.Entry(version)))
        {
            throw Damaged(paths.Entry(version), "no such entry", FormattableString.Invariant($"the entry that {Path.GetFileName(paths.Marker)} names"));
        }

        while (storage.Exists("log.find", paths.Entry(version + 1)))
        {
            version++;
        }

        if (version == 0 && storage.List("log.find", paths.Log).Any(name => LakePaths.ParseVersion(name, ".json") is not null))
        {
            throw Damaged(paths.Entry(1), "no such entry, but later ones", "an unbroken log");
        }

        return version;
    }

    /// <summary>The last entry whose views are complete; 0 when there is none.</summary>
    public long Marker() => ReadMarker().Version;

    public LakeSnapshot Snapshot(long? wanted)
    {
        var latest = LatestVersion();
        var version = wanted ?? latest;
        if (version < 0 || version > latest)
        {
            throw new RiskLakeException(
                ErrorCode.LakeVersionUnknown,
                paths.Root,
                FormattableString.Invariant($"version {version}"),
                FormattableString.Invariant($"0 to {latest}"),
                "name a version the lake has");
        }

        var cached = _cached;
        if (version == cached.Version)
        {
            return cached;
        }

        var start = cached.Version < version && cached.Version >= version - SnapshotCheckpoint.Interval ? cached : NewestCheckpoint(version);
        var builder = new SnapshotBuilder(start);
        for (var next = start.Version + 1; next <= version; next++)
        {
            Apply(builder, next);
        }

        var snapshot = builder.Build();
        RequireVouched(version, snapshot.Digest);
        lock (_gate)
        {
            _cached = snapshot.Version > _cached.Version ? snapshot : _cached;
        }

        return snapshot;
    }

    /// <summary>Bytes of an entry, compared with the digest that the entry after it, or the marker, names.</summary>
    public byte[] ReadBytes(long version)
    {
        var bytes = Fetch(version);
        RequireVouched(version, LogEntryFormat.Digest(bytes));
        return bytes;
    }

    /// <summary>An entry without statistics and record, and its digest.</summary>
    public LogEntry Read(long version, out string digest)
    {
        var bytes = ReadBytes(version);
        digest = LogEntryFormat.Digest(bytes);
        return Parse(version, bytes);
    }

    public LogEntry Parse(long version, byte[] bytes)
    {
        try
        {
            return LogEntryFormat.Read(bytes, this);
        }
        catch (FormatException exception)
        {
            throw Damaged(paths.Entry(version), exception.Message, "a log entry");
        }
        catch (NewerFormatException exception)
        {
            throw new RiskLakeException(
                ErrorCode.LakeTooNew,
                paths.Entry(version),
                exception.Message,
                FormattableString.Invariant($"at most {LogEntry.FormatVersion}"),
                "use the version of risklake that wrote it, or a later one");
        }
    }

    /// <summary>The run record of an entry; null for a vacuum.</summary>
    public JsonNode? ReadRecord(long version) => Understood(version, LogEntryFormat.ReadRecord);

    public IReadOnlyList<IReadOnlyList<ColumnStatistics>> Statistics(long version)
    {
        lock (_gate)
        {
            if (_statistics is { } known && known.Version == version)
            {
                return known.Statistics;
            }
        }

        var statistics = Understood(version, LogEntryFormat.ReadStatistics);
        lock (_gate)
        {
            _statistics = (version, statistics);
        }

        return statistics;
    }

    /// <summary>The marker: which entry the views have reached, its digest, and a check of the marker itself.</summary>
    public static byte[] MarkerBytes(long version, string sha256) => Encoding.UTF8.GetBytes(
        FormattableString.Invariant($"{{\"version\":{version},\"sha256\":\"{sha256}\",\"check\":\"{MarkerCheck(version, sha256)}\"}}\n"));

    /// <summary>Whether bytes are the marker of a version, in the present form or the one before it, which named the version alone.</summary>
    public static bool IsMarkerOf(byte[] bytes, long version, string sha256) =>
        bytes.AsSpan().SequenceEqual(MarkerBytes(version, sha256))
        || bytes.AsSpan().SequenceEqual(Encoding.UTF8.GetBytes(FormattableString.Invariant($"{{\"version\":{version}}}\n")));

    /// <summary>Digest that the entry after a checkpoint names; null when there is no such entry or it names none.</summary>
    public string? CheckpointNamedAfter(long version) =>
        storage.ReadFile("log.read", paths.Entry(version + 1)) is { } after ? Parse(version + 1, after).CheckpointSha256 : null;

    public static RiskLakeException Damaged(string path, string found, string expected) =>
        new(ErrorCode.LakeDamaged, path, found, expected, "run `risklake lake verify` to see all that disagrees, and restore the file from a copy");

    /// <summary>A checkpoint saves reading the entries before it, and only one whose digest the entry after it names.</summary>
    private LakeSnapshot NewestCheckpoint(long version)
    {
        for (var at = version - (version % SnapshotCheckpoint.Interval); at > 0; at -= SnapshotCheckpoint.Interval)
        {
            if (storage.ReadFile("log.checkpoint", paths.Checkpoint(at)) is { } bytes
                && storage.ReadFile("log.read", paths.Entry(at + 1)) is { } after
                && Parse(at + 1, after) is { CheckpointSha256: { } named } entry
                && string.Equals(named, LogEntryFormat.Digest(bytes), StringComparison.Ordinal)
                && SnapshotCheckpoint.Read(bytes, this) is { } snapshot
                && snapshot.Version == at
                && string.Equals(snapshot.Digest, entry.PreviousSha256, StringComparison.Ordinal))
            {
                return snapshot;
            }
        }

        return LakeSnapshot.Empty;
    }

    /// <summary>Applies the entry of a version to what the entries before it add up to; returns it with its digest.</summary>
    public (LogEntry Entry, string Digest) Apply(SnapshotBuilder builder, long version)
    {
        var bytes = Fetch(version);
        var entry = Parse(version, bytes);
        var digest = LogEntryFormat.Digest(bytes);
        try
        {
            builder.Apply(entry, digest);
        }
        catch (FormatException exception)
        {
            throw Damaged(paths.Entry(version), exception.Message, "an unbroken chain");
        }

        if (entry.PreviousSha256 is { } previous)
        {
            _vouched[version - 1] = previous;
        }

        return (entry, digest);
    }

    private byte[] Fetch(long version) => storage.ReadFile("log.read", paths.Entry(version))
        ?? throw Damaged(paths.Entry(version), "no such entry", "an unbroken log");

    private T Understood<T>(long version, Func<byte[], T> read)
    {
        try
        {
            return read(ReadBytes(version));
        }
        catch (Exception exception) when (LogEntryFormat.IsUnreadable(exception))
        {
            throw Damaged(paths.Entry(version), exception.Message, "a log entry");
        }
    }

    /// <summary>Refuses an entry whose digest is not the one that stands elsewhere: in the next entry or, for the newest, in the marker.</summary>
    private void RequireVouched(long version, string digest)
    {
        if (version > 0 && !_vouched.ContainsKey(version) && Voucher(version) is { } found)
        {
            _vouched.TryAdd(version, found);
        }

        if (_vouched.TryGetValue(version, out var expected) && !string.Equals(expected, digest, StringComparison.Ordinal))
        {
            throw Damaged(paths.Entry(version), $"sha256 {digest}", $"sha256 {expected}, as the next entry or {Path.GetFileName(paths.Marker)} says");
        }
    }

    private string? Voucher(long version) =>
        ReadMarker() is { Sha256: { } sha256 } marker && marker.Version == version ? sha256
        : storage.ReadFile("log.read", paths.Entry(version + 1)) is { } after ? Parse(version + 1, after).PreviousSha256
        : null;

    /// <summary>The marker is a cache: one that does not agree with itself says nothing.</summary>
    private (long Version, string? Sha256) ReadMarker()
    {
        if (storage.ReadFile("log.marker", paths.Marker) is not { } bytes)
        {
            return default;
        }

        try
        {
            var marker = JsonNode.Parse(bytes)!.AsObject();
            var version = marker["version"]!.GetValue<long>();
            if (marker["sha256"] is null && marker["check"] is null && marker.Count == 1)
            {
                return (Math.Max(0, version), null);
            }

            var sha256 = marker["sha256"]!.GetValue<string>();
            return version > 0 && string.Equals(marker["check"]!.GetValue<string>(), MarkerCheck(version, sha256), StringComparison.Ordinal)
                ? (version, sha256)
                : default;
        }
        catch (Exception exception) when (exception is System.Text.Json.JsonException or InvalidOperationException
            or NullReferenceException or ArgumentException or FormatException)
        {
            return default;
        }
    }

    private static string MarkerCheck(long version, string sha256) =>
        LogEntryFormat.Digest(Encoding.UTF8.GetBytes(FormattableString.Invariant($"{version} {sha256}")))[..16];
}
