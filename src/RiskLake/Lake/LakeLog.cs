using System.Text;
using System.Text.Json.Nodes;
using RiskLake.Columns;
using RiskLake.Errors;
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
    public long Marker()
    {
        if (storage.ReadFile("log.marker", paths.Marker) is not { } bytes)
        {
            return 0;
        }

        try
        {
            return JsonNode.Parse(bytes)!["version"]!.GetValue<long>();
        }
        catch (Exception exception) when (exception is System.Text.Json.JsonException or InvalidOperationException or NullReferenceException)
        {
            return 0;
        }
    }

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
        lock (_gate)
        {
            _cached = snapshot.Version > _cached.Version ? snapshot : _cached;
        }

        return snapshot;
    }

    /// <summary>Bytes of an entry.</summary>
    public byte[] ReadBytes(long version) => storage.ReadFile("log.read", paths.Entry(version))
        ?? throw Damaged(paths.Entry(version), "no such entry", "an unbroken log");

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
    public JsonNode? ReadRecord(long version) => LogEntryFormat.ReadRecord(ReadBytes(version));

    public IReadOnlyList<IReadOnlyList<ColumnStatistics>> Statistics(long version)
    {
        lock (_gate)
        {
            if (_statistics is { } known && known.Version == version)
            {
                return known.Statistics;
            }
        }

        var statistics = LogEntryFormat.ReadStatistics(ReadBytes(version));
        lock (_gate)
        {
            _statistics = (version, statistics);
        }

        return statistics;
    }

    public static byte[] MarkerBytes(long version) => Encoding.UTF8.GetBytes(FormattableString.Invariant($"{{\"version\":{version}}}\n"));

    public static RiskLakeException Damaged(string path, string found, string expected) =>
        new(ErrorCode.LakeDamaged, path, found, expected, "run `risklake lake verify` to see all that disagrees, and restore the file from a copy");

    private LakeSnapshot NewestCheckpoint(long version)
    {
        for (var at = version - (version % SnapshotCheckpoint.Interval); at > 0; at -= SnapshotCheckpoint.Interval)
        {
            if (storage.ReadFile("log.checkpoint", paths.Checkpoint(at)) is { } bytes && SnapshotCheckpoint.Read(bytes, this) is { } snapshot)
            {
                return snapshot;
            }
        }

        return LakeSnapshot.Empty;
    }

    private void Apply(SnapshotBuilder builder, long version)
    {
        var entry = Read(version, out var digest);
        try
        {
            builder.Apply(entry, digest);
        }
        catch (FormatException exception)
        {
            throw Damaged(paths.Entry(version), exception.Message, "an unbroken chain");
        }
    }
}
