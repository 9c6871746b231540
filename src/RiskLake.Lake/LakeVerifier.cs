using RiskLake.Lake.Columns;
using RiskLake.Lake.Delta;
using RiskLake.Lake.Errors;
using RiskLake.Lake.Storage;

namespace RiskLake.Lake;

/// <summary>Something that does not agree with the lake log.</summary>
/// <param name="Check">Which check: <c>log, checkpoint, marker, file, statistics, leftover, tree, delta, record, landing</c>.</param>
/// <param name="Path">Path below the lake root.</param>
/// <param name="Found">What stands there.</param>
/// <param name="Expected">What the log says.</param>
internal sealed record LakeFinding(string Check, string Path, string Found, string Expected);

/// <summary>
/// Compares the whole lake with its log: the chain of digests, every file's digest and statistics, the Delta logs, the tree, the
/// run records and the key indices. Reads only.
/// </summary>
internal sealed class LakeVerifier(LakeStore store)
{
    private readonly LakePaths _paths = store.Paths;
    private readonly List<LakeFinding> _findings = [];
    private readonly SortedDictionary<string, FileReference> _expected = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, DataFile> _data = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, byte[]> _records = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, (long Next, TableState State)> _delta = new(StringComparer.Ordinal);

    /// <summary>Whether to compute the statistics of every file anew, which reads all columns.</summary>
    public bool WithStatistics { get; init; } = true;

    /// <summary>What else to verify: what lies in the lake without standing in its log.</summary>
    public Func<CancellationToken, IEnumerable<LakeFinding>>? Besides { get; init; }

    /// <summary>Files of the tree that are whole and yet no links to their twins, as in a copy made without links: sound, but twice on disk.</summary>
    public int Unlinked { get; private set; }

    /// <summary>All that disagrees, in the order of the checks; empty when the lake is whole.</summary>
    public IReadOnlyList<LakeFinding> Verify(CancellationToken ct) => LakeStore.Guard(() =>
    {
        var latest = Checked("log", store.Log.LatestVersion);
        if (Replay(latest, ct) is not { } snapshot)
        {
            return _findings;
        }

        VerifyMarker(snapshot);
        VerifyFiles(snapshot, ct);
        VerifyLeftovers();
        VerifyTree(snapshot, ct);
        VerifyDelta(snapshot);
        VerifyRecords();
        _findings.AddRange(Besides?.Invoke(ct) ?? []);
        return (IReadOnlyList<LakeFinding>)_findings;
    });

    private void VerifyMarker(LakeSnapshot snapshot)
    {
        if (snapshot.Version == 0)
        {
            return;
        }

        var found = store.Storage.ReadFile("verify", _paths.Marker) ?? [];
        var expected = FormattableString.Invariant($"version {snapshot.Version}");
        if (store.Log.Marker() != snapshot.Version)
        {
            Note("marker", _paths.Marker, FormattableString.Invariant($"version {store.Log.Marker()}"), expected);
        }
        else if (!LakeLog.IsMarkerOf(found, snapshot.Version, snapshot.Digest))
        {
            Note("marker", _paths.Marker, "other bytes", expected);
        }
    }

    private LakeSnapshot? Replay(long latest, CancellationToken ct)
    {
        var builder = new SnapshotBuilder(LakeSnapshot.Empty);
        for (var version = 1L; version <= latest; version++)
        {
            ct.ThrowIfCancellationRequested();
            try
            {
                var entry = store.Log.Read(version, out var digest);
                builder.Apply(entry, digest);
                Expect(entry, digest, builder.Build());
                VerifyCheckpoint(builder.Build());
            }
            catch (Exception exception) when (exception is RiskLakeException { Code: ErrorCode.LakeDamaged or ErrorCode.LakeTooNew }
                || LogEntryFormat.IsUnreadable(exception))
            {
                Note("log", _paths.Entry(version), (exception as RiskLakeException)?.Found ?? exception.Message, "the next entry of an unbroken chain");
                return null;
            }

        }

        return builder.Build();
    }

    /// <summary>Notes what an entry says must exist, or no longer does.</summary>
    private void Expect(LogEntry entry, string digest, LakeSnapshot after)
    {
        foreach (var file in entry.Vacuumed)
        {
            _expected.Remove(file.Path);
            _data.Remove(file.Path);
            _records.Remove(file.Path);
        }

        if (entry.IsVacuum)
        {
            return;
        }

        foreach (var file in entry.AllAdded)
        {
            _expected[file.DeltaPath] = new FileReference(file.DeltaPath, file.Bytes, file.Sha256);
            _data[file.DeltaPath] = file;
        }

        foreach (var file in entry.SetAside)
        {
            _expected[file.Path] = file;
        }

        var indexes = entry.Touched.Select(run => run.Mended?.Index).Append(entry.Index).Concat(entry.SegmentsAdded.Select(segment => segment.File));
        foreach (var file in indexes.OfType<KeyIndex>().Select(index => index.Reference).Concat(entry.Configurations))
        {
            _expected[file.Path] = file;
        }

        if (entry.IsOfRun)
        {
            ExpectRecord(entry);
        }

        foreach (var name in entry.Delta.Keys)
        {
            VerifyDeltaCommit(entry, digest, after.TableStates[name]);
        }
    }

    private void ExpectRecord(LogEntry entry)
    {
        var record = LakeViews.RecordBytes(store.Log.ReadRecord(entry.Version)!);
        if (entry.IsBlockRestatement)
        {
            _records[LakePaths.Blocked(entry.RunId, entry.Attempt) + "/record.json"] = record;
        }
        else
        {
            var current = $"_runs/{entry.RunId}.json";
            if (entry.SupersededAttempt > 0)
            {
                _records[FormattableString.Invariant($"_runs/_attempts/{entry.RunId}/{entry.SupersededAttempt}.json")] = _records[current];
            }

            _records[current] = record;
        }
    }

    private void VerifyDeltaCommit(LogEntry entry, string digest, TableState table)
    {
        var path = Path.Combine(_paths.DeltaLog(table.Name), LakePaths.VersionName(table.DeltaVersion) + ".json");
        var found = store.Storage.ReadFile("verify", path);
        if (found is null || !found.AsSpan().SequenceEqual(DeltaCommit.Write(entry, digest, table)))
        {
            Note(
                "delta",
                path,
                found is null ? "no such commit" : "another commit",
                FormattableString.Invariant($"the commit of lake version {entry.Version}"));
        }

        _delta[table.Name] = (table.DeltaVersion + 1, table);
    }

    private void VerifyCheckpoint(LakeSnapshot snapshot)
    {
        if (snapshot.Version % SnapshotCheckpoint.Interval != 0 || snapshot.Version > store.Log.Marker())
        {
            return;
        }

        var path = _paths.Checkpoint(snapshot.Version);
        var named = store.Log.CheckpointNamedAfter(snapshot.Version);
        var found = store.Storage.ReadFile("verify", path);
        if (found is null)
        {
            Note("checkpoint", path, "no such checkpoint", "the state its entries add up to");
        }
        else if (named is null ? !SnapshotCheckpoint.IsOlder(found) && !found.AsSpan().SequenceEqual(SnapshotCheckpoint.Write(snapshot))
            : !string.Equals(named, LogEntryFormat.Digest(found), StringComparison.Ordinal))
        {
            Note("checkpoint", path, "another state", named is null ? "the state its entries add up to" : $"sha256 {named}, as the next entry says");
        }
    }

    private void VerifyFiles(LakeSnapshot snapshot, CancellationToken ct)
    {
        using var statistics = WithStatistics ? new FileStatistics() : null;
        foreach (var file in _expected.Values)
        {
            ct.ThrowIfCancellationRequested();
            var path = _paths.Absolute(file.Path);
            if (store.Files.Fault(file.Path, file.Bytes, file.Sha256, FileTrust.Never) is { } fault)
            {
                Note("file", path, fault, FormattableString.Invariant($"{file.Bytes} bytes with sha256 {file.Sha256}"));
            }
            else if (statistics is not null && _data.TryGetValue(file.Path, out var data))
            {
                VerifyStatistics(statistics, snapshot.TableStates[data.Table], data);
            }
        }
    }

    private void VerifyStatistics(FileStatistics engine, TableState table, DataFile file)
    {
        var schema = file.Statistics.Select(column => Column(table, column.Column) with { Name = column.Column }).ToList();
        var (rows, found) = engine.Of(_paths.Absolute(file.DeltaPath), schema);
        if (rows != file.Rows)
        {
            Note("statistics", _paths.Absolute(file.DeltaPath), FormattableString.Invariant($"{rows} rows"), FormattableString.Invariant($"{file.Rows}"));
        }

        foreach (var (actual, stated) in found.Zip(file.Statistics).Where(pair => !Agree(pair.First, pair.Second)))
        {
            Note("statistics", _paths.Absolute(file.DeltaPath), Describe(actual), Describe(stated));
        }
    }

    private static ColumnSchema Column(TableState table, string name) =>
        table.Columns.First(known => string.Equals(known.Name, name, StringComparison.OrdinalIgnoreCase));

    private static bool Agree(ColumnStatistics found, ColumnStatistics stated)
    {
        if (found.NullCount != stated.NullCount || found.HasRange != stated.HasRange || found.Type != stated.Type)
        {
            return false;
        }

        return !found.HasRange || found.Type switch
        {
            ColumnType.String => found.MinBytes.AsSpan().SequenceEqual(stated.MinBytes) && found.MaxBytes.AsSpan().SequenceEqual(stated.MaxBytes),
            ColumnType.Double => Number(found.MinSlot) == Number(stated.MinSlot) && Number(found.MaxSlot) == Number(stated.MaxSlot),
            _ => found.MinSlot == stated.MinSlot && found.MaxSlot == stated.MaxSlot,
        };
    }

    private static double Number(long slot) => BitConverter.Int64BitsToDouble(slot);

    private static string Describe(ColumnStatistics column) => column.Type switch
    {
        _ when !column.HasRange => Nulls(column) + "no range",
        ColumnType.String => Nulls(column) + $"'{Text(column.MinBytes)}' to '{Text(column.MaxBytes)}'",
        ColumnType.Double => Nulls(column) + FormattableString.Invariant($"{Number(column.MinSlot):R} to {Number(column.MaxSlot):R}"),
        _ => Nulls(column) + FormattableString.Invariant($"{column.MinSlot} to {column.MaxSlot}"),
    };

    private static string Nulls(ColumnStatistics column) => FormattableString.Invariant($"{column.Column}: {column.NullCount} nulls, ");

    private static string Text(byte[]? bytes) => System.Text.Encoding.UTF8.GetString(bytes ?? []);

    private void VerifyLeftovers()
    {
        foreach (var path in new[] { "_delta", "_index", "_blocked" }.SelectMany(store.Views.FilesBelow))
        {
            if (!_expected.ContainsKey(path) && !_records.ContainsKey(path) && !path.Contains("/_delta_log/", StringComparison.Ordinal))
            {
                Note("leftover", _paths.Absolute(path), "a file", "nothing: the log does not name it");
            }
        }
    }

    private void VerifyTree(LakeSnapshot snapshot, CancellationToken ct)
    {
        var live = snapshot.Runs.Values.SelectMany(run => run.Files).ToDictionary(file => file.TreePath, StringComparer.Ordinal);
        foreach (var file in live.Values)
        {
            ct.ThrowIfCancellationRequested();
            var there = store.Storage.Identify("verify", _paths.Absolute(file.TreePath));
            var source = store.Storage.Identify("verify", _paths.Absolute(file.DeltaPath));
            if (there is not null && source is not null && there.Value.IsSameFile(source.Value))
            {
                continue;
            }

            if (store.Files.Fault(file.TreePath, file.Bytes, file.Sha256, FileTrust.Never) is { } fault)
            {
                Note("tree", _paths.Absolute(file.TreePath), fault, FormattableString.Invariant($"{file.Bytes} bytes with sha256 {file.Sha256}"));
            }
            else
            {
                Unlinked++;
            }
        }

        foreach (var path in store.Views.TreeFiles().Where(path => !live.ContainsKey(path)))
        {
            Note("tree", _paths.Absolute(path), "a file", "nothing: no run in force has it");
        }
    }

    private void VerifyDelta(LakeSnapshot snapshot)
    {
        foreach (var (name, (next, table)) in _delta)
        {
            var replay = DeltaReplay.Read(store.Storage, _paths.DeltaLog(name));
            foreach (var violation in replay.Violations)
            {
                Note("delta", _paths.DeltaLog(name), violation, "the Delta protocol");
            }

            if (replay.Version != next - 1)
            {
                Note(
                    "delta",
                    _paths.DeltaLog(name),
                    FormattableString.Invariant($"version {replay.Version}"),
                    FormattableString.Invariant($"version {next - 1}"));
            }

            var expected = snapshot.Files(table.Layer, table.Dataset)
                .Select(file => (file.DeltaPath[$"_delta/{name}/".Length..], new DeltaFile(file.Bytes, file.Rows, file.Sha256)))
                .ToHashSet();
            if (!expected.SetEquals(replay.Live.Select(pair => (pair.Key, pair.Value))))
            {
                Note("delta", _paths.DeltaLog(name), "other live files", "those of the lake log");
            }
        }
    }

    private void VerifyRecords()
    {
        foreach (var (path, bytes) in _records)
        {
            var found = store.Storage.ReadFile("verify", _paths.Absolute(path));
            if (found is null || !found.AsSpan().SequenceEqual(bytes))
            {
                Note("record", _paths.Absolute(path), found is null ? "no such record" : "another record", "the record in the log");
            }
        }
    }

    private T Checked<T>(string check, Func<T> act)
    {
        try
        {
            return act();
        }
        catch (RiskLakeException exception) when (exception.Code is ErrorCode.LakeDamaged)
        {
            Note(check, exception.Place, exception.Found, exception.Expected);
            return default!;
        }
    }

    private void Note(string check, string path, string found, string expected) =>
        _findings.Add(new LakeFinding(check, Path.GetRelativePath(_paths.Root, path), found, expected));
}
