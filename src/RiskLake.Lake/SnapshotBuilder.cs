namespace RiskLake.Lake;

/// <summary>Applies log entries to a snapshot, in order.</summary>
internal sealed class SnapshotBuilder
{
    private readonly Dictionary<string, RunState> _runs;
    private readonly SortedDictionary<string, TableState> _tables;
    private long _version;
    private string _digest;
    private long _oldestVersion;
    private List<KeySegment> _segments;
    private bool _followsPlaces;

    public SnapshotBuilder(LakeSnapshot start)
    {
        _runs = new Dictionary<string, RunState>(start.Runs, StringComparer.OrdinalIgnoreCase);
        _tables = new SortedDictionary<string, TableState>(StringComparer.Ordinal);
        foreach (var (name, table) in start.TableStates)
        {
            _tables.Add(name, table);
        }

        _version = start.Version;
        _digest = start.Digest;
        _oldestVersion = start.OldestVersion;
        _segments = [.. start.Segments];
        _followsPlaces = start.FollowsPlaces;
    }

    /// <summary>Applies the next entry.</summary>
    /// <exception cref="FormatException">It does not follow what was applied so far.</exception>
    public void Apply(LogEntry entry, string digest)
    {
        if (entry.Version != _version + 1)
        {
            throw new FormatException(FormattableString.Invariant($"version {entry.Version} where {_version + 1} belongs"));
        }

        if (!string.Equals(entry.PreviousSha256 ?? string.Empty, _digest, StringComparison.Ordinal))
        {
            throw new FormatException($"previous_sha256 {entry.PreviousSha256 ?? "null"}, but the entry before has {_digest}");
        }

        if (entry.IsVacuum)
        {
            _oldestVersion = Math.Max(_oldestVersion, entry.OldestVersion);
        }
        else
        {
            ApplyTables(entry);
            if (entry.IsOfRun)
            {
                ApplyRun(entry);
            }

            foreach (var touched in entry.Touched)
            {
                ApplyTouched(touched, entry.Version);
            }

            ApplySegments(entry);
        }

        _followsPlaces = (_followsPlaces && entry.Format >= 2) || entry.CompletesMending;

        _version = entry.Version;
        _digest = digest;
    }

    public LakeSnapshot Build() => new()
    {
        Version = _version,
        Digest = _digest,
        Runs = _runs,
        TableStates = _tables,
        OldestVersion = _oldestVersion,
        Segments = _segments,
        FollowsPlaces = _followsPlaces,
    };

    private void ApplySegments(LogEntry entry)
    {
        if (entry.SegmentsAdded.Count > 0 || entry.SegmentsRemoved.Count > 0)
        {
            var removed = entry.SegmentsRemoved.Select(file => file.Path).ToHashSet(StringComparer.Ordinal);
            _segments = [.. _segments.Where(segment => !removed.Contains(segment.File.Path)).Concat(entry.SegmentsAdded)
                .OrderBy(segment => segment.Dataset, StringComparer.Ordinal).ThenBy(segment => segment.From)];
        }
    }

    private void ApplyTouched(TouchedRun touched, long version)
    {
        var before = _runs.GetValueOrDefault(touched.RunId) ?? throw new FormatException($"a change of {touched.RunId}, which is not there");
        var after = before with
        {
            Files = FilesAfter(before, touched.Removed, touched.Added, version),
            Counts = touched.Counts,
            SilverVersion = touched.IsMoved ? version : before.SilverVersion,
        };
        if (touched.Mended is { } mended)
        {
            after = after with { Place = mended.Place, AsOf = mended.AsOf, Configuration = mended.Configuration, KeyIndex = mended.Index };
        }

        _runs[touched.RunId] = after;
    }

    private void ApplyTables(LogEntry entry)
    {
        foreach (var (name, version) in entry.Delta)
        {
            if (!_tables.TryGetValue(name, out var table))
            {
                var parts = name.Split('/', 2);
                table = new TableState
                {
                    Layer = DataFile.ParseLayer(parts[0]) ?? throw new FormatException($"'{name}' is not a table"),
                    Dataset = parts[1],
                    DeltaVersion = -1,
                    Id = Guid.Empty,
                    CreatedMs = 0,
                    Columns = [],
                };
            }

            if (version != table.DeltaVersion + 1)
            {
                throw new FormatException(FormattableString.Invariant($"Delta version {version} of {name} after {table.DeltaVersion}"));
            }

            _tables[name] = entry.Schemas.TryGetValue(name, out var schema)
                ? table with { DeltaVersion = version, Id = schema.Id, CreatedMs = schema.CreatedMs, Columns = schema.Columns }
                : table with { DeltaVersion = version };
        }
    }

    private void ApplyRun(LogEntry entry)
    {
        var before = _runs.GetValueOrDefault(entry.RunId);
        if (entry.IsBlockRestatement)
        {
            _runs[entry.RunId] = (before ?? throw new FormatException($"a blocked restatement of {entry.RunId}, which is not there")) with
            {
                Attempt = entry.Attempt,
                LastStatus = entry.Status,
                LastVersion = entry.Version,
                LastFingerprint = entry.Fingerprint,
            };
            return;
        }

        var published = RunStatus.IsPublished(entry.Status);
        _runs[entry.RunId] = new RunState
        {
            RunId = entry.RunId,
            Attempt = entry.Attempt,
            PublishedAttempt = string.Equals(entry.Status, RunStatus.Withdrawn, StringComparison.Ordinal) ? null : entry.Attempt,
            Status = entry.Status,
            LastStatus = entry.Status,
            Version = entry.Version,
            LastVersion = entry.Version,
            Fingerprint = entry.Fingerprint,
            LastFingerprint = entry.Fingerprint,
            Dataset = entry.Dataset,
            ContractVersion = entry.ContractVersion,
            Files = FilesAfter(before, entry.Removed, entry.Added, entry.Version),
            KeyIndex = entry.Index,
            EventTimeMin = entry.EventTimeMin,
            EventTimeMax = entry.EventTimeMax,
            PublishedOrder = !published ? 0 : before is { IsPublished: true } ? before.PublishedOrder : entry.Version,
            Place = entry.Place,
            AsOf = entry.AsOf,
            Configuration = entry.Configuration,
            Counts = entry.Counts,
            SilverVersion = entry.Version,
        };
    }

    /// <summary>Worked out when somebody asks: of most runs nobody does.</summary>
    private static IReadOnlyList<DataFile> FilesAfter(
        RunState? before, IReadOnlyList<FileReference> removals, IReadOnlyList<DataFile> additions, long version) => new FileSet(() =>
    {
        var removed = removals.Select(file => file.Path).ToHashSet(StringComparer.Ordinal);
        var kept = (before?.Files ?? []).Where(file => !removed.Remove(file.DeltaPath)).ToList();
        return removed.Count == 0
            ? kept.Concat(additions)
            : throw LakeLog.Damaged(
                LakePaths.VersionName(version),
                $"a removal of '{removed.Order(StringComparer.Ordinal).First()}', which the run does not have",
                "removals of files the run has");
    });
}
