using RiskLake.Lake.Columns;
using RiskLake.Lake.Errors;

namespace RiskLake.Lake;

/// <summary>What one publication will do: computed from a snapshot, without any effect.</summary>
/// <param name="Entry">The decision.</param>
/// <param name="Bytes">Its bytes in the log.</param>
/// <param name="Digest">Their digest.</param>
/// <param name="Links">Staged files (absolute) and the names below the root they get before the decision.</param>
internal sealed record CommitPlan(LogEntry Entry, byte[] Bytes, string Digest, IReadOnlyList<(string Source, string Target)> Links)
{
    /// <summary>Columns of the tree's folders; in a file only the first two may appear, and the folder's value wins.</summary>
    public static IReadOnlyList<string> PartitionColumns { get; } = ["contract_version", "year", "month", "day", "hour", "run_id"];

    /// <summary>Compares what a run shall have with what it has.</summary>
    public static CommitPlan Make(LakeSnapshot snapshot, Publication publication, Func<string, long> sizeOf, long nowMs)
    {
        var run = snapshot.Runs.GetValueOrDefault(publication.RunId);
        CheckPublication(publication, run);
        var attempt = (run?.Attempt ?? 0) + 1;
        var staged = publication.Files.Select(file => file with { File = Normalise(file, publication.RunId, attempt, snapshot.Version + 1) })
            .OrderBy(file => file.File.TreePath, StringComparer.Ordinal)
            .ToList();
        var entry = new LogEntry
        {
            Version = snapshot.Version + 1,
            PreviousSha256 = snapshot.Version == 0 ? null : snapshot.Digest,
            CheckpointSha256 = SnapshotCheckpoint.DigestAfter(snapshot),
            Kind = LogEntry.KindName(publication.Kind),
            CommittedMs = nowMs,
            RunId = publication.RunId,
            Attempt = attempt,
            Status = publication.Status,
            Fingerprint = publication.Fingerprint,
            Dataset = publication.Dataset,
            ContractVersion = publication.ContractVersion,
            VersionRead = publication.VersionRead,
            AsOf = publication.AsOf,
            Configuration = publication.Configuration?.Sha256,
            Counts = publication.Counts,
            Place = publication.Place,
        };
        return publication.Kind is PublicationKind.BlockRestatement
            ? SetAside(entry, publication, run!, staged)
            : Replace(entry, publication, run, staged, snapshot, sizeOf);
    }

    /// <summary>An entry that brings runs to what follows from their bronze.</summary>
    public static CommitPlan Mend(LakeSnapshot snapshot, IReadOnlyList<MendedRun> runs, bool isLast, Func<string, long> sizeOf, long nowMs)
    {
        var entry = new LogEntry
        {
            Version = snapshot.Version + 1,
            PreviousSha256 = snapshot.Version == 0 ? null : snapshot.Digest,
            Kind = LogEntry.MendKind,
            CommittedMs = nowMs,
            VersionRead = snapshot.Version,
            CompletesMending = isLast,
        };
        var links = new List<(string Source, string Target)>();
        var added = new List<StagedFile>();
        var touched = new List<TouchedRun>();
        var configurations = new Dictionary<string, StagedConfiguration>(StringComparer.Ordinal);
        foreach (var run in runs)
        {
            var state = snapshot.Runs[run.Change.RunId];
            var index = run.Index is { } staged
                ? Place(staged, LakePaths.MendedIndex(state.Dataset, state.RunId, state.Attempt, entry.Version), entry, sizeOf, links)
                : null;
            touched.Add(Touch(run.Change, state, entry, added, links) with
            {
                Mended = new Mended(run.Place, run.AsOf, run.Configuration?.Sha256, index, state.KeyIndex?.Reference),
            });
            if (run.Configuration is { } configuration)
            {
                configurations.TryAdd(configuration.Sha256, configuration);
            }
        }

        entry = entry with { Touched = [.. touched.OrderBy(run => run.RunId, StringComparer.Ordinal)] };
        entry = entry with
        {
            Configurations = [.. configurations.Values.Select(configuration => Keep(configuration, snapshot, links)).OfType<FileReference>()],
            Delta = DeltaVersions(entry, snapshot),
            Schemas = Schemas(entry, added, snapshot),
        };
        var bytes = LogEntryFormat.Write(entry, null);
        return new CommitPlan(entry, bytes, LogEntryFormat.Digest(bytes), links);
    }

    private static CommitPlan Replace(
        LogEntry entry, Publication publication, RunState? run, List<StagedFile> staged, LakeSnapshot snapshot, Func<string, long> sizeOf)
    {
        var live = (run?.Files ?? []).ToDictionary(file => file.TreePath, StringComparer.Ordinal);
        var links = new List<(string Source, string Target)>();
        var added = new List<StagedFile>();
        var after = new List<DataFile>();
        foreach (var file in staged)
        {
            if (live.TryGetValue(file.File.TreePath, out var same) && string.Equals(same.Sha256, file.File.Sha256, StringComparison.Ordinal))
            {
                live.Remove(file.File.TreePath);
                after.Add(same);
                continue;
            }

            ParquetFacts.Check(file);
            added.Add(file);
            after.Add(file.File);
            links.Add((file.Path, file.File.DeltaPath));
        }

        var index = IndexAfter(entry, publication, run, sizeOf, links);
        var touched = publication.Touched.OrderBy(other => other.RunId, StringComparer.Ordinal)
            .Select(other => Touch(other, snapshot.Runs[other.RunId], entry, added, links)).ToArray();
        entry = entry with
        {
            Touched = touched,
            SegmentsAdded =
            [
                .. publication.Segments.Select(segment => new KeySegment(
                    segment.Dataset, segment.Level, segment.From, segment.To,
                    Place(segment.File, LakePaths.Segment(segment.Dataset, segment.From, segment.To), entry, sizeOf, links))),
            ],
            SegmentsRemoved = [.. publication.Segments.SelectMany(segment => segment.Replaces).Select(segment => segment.File.Reference)],
            Configurations = publication.Configuration is { } configuration && Keep(configuration, snapshot, links) is { } kept ? [kept] : [],
            SupersededAttempt = run?.PublishedAttempt ?? run?.Attempt ?? 0,
            SupersededVersion = run?.Version ?? 0,
            Removed =
            [
                .. live.Values.OrderBy(file => file.DeltaPath, StringComparer.Ordinal)
                    .Select(file => new FileReference(file.DeltaPath, file.Bytes, file.Sha256)),
            ],
            Added =
            [
                .. added.Select(file => file.File).Where(file => file.RunId == publication.RunId)
                    .OrderBy(file => file.DeltaPath, StringComparer.Ordinal),
            ],
            Index = index,
            RemovedIndex = run?.KeyIndex is { } old && old != index ? old.Reference : null,
            EventTimeMin = index is null ? null : publication.EventTimeMin,
            EventTimeMax = index is null ? null : publication.EventTimeMax,
            Schemas = Schemas(entry, added, snapshot),
        };
        return Finish(entry with { Delta = DeltaVersions(entry, snapshot) }, publication, after, index, links);
    }

    /// <summary>The next Delta version of every table that gains or loses a file.</summary>
    private static Dictionary<string, long> DeltaVersions(LogEntry entry, LakeSnapshot snapshot) =>
        entry.AllAdded.Select(file => file.Table).Concat(entry.AllRemoved.Select(removal => TableOf(removal.File.Path)))
            .Distinct(StringComparer.Ordinal)
            .ToDictionary(table => table, table => (snapshot.TableStates.GetValueOrDefault(table)?.DeltaVersion ?? -1) + 1, StringComparer.Ordinal);

    private static string TableOf(string deltaPath) => string.Join('/', deltaPath.Split('/').Skip(1).Take(2));

    /// <summary>Names what a publication changes of another run; the names bear the version, so that they were never used before.</summary>
    private static TouchedRun Touch(
        StagedTouch change, RunState state, LogEntry entry, List<StagedFile> added, List<(string Source, string Target)> links)
    {
        var files = new List<DataFile>();
        foreach (var staged in change.Added.OrderBy(file => file.File.TreePath, StringComparer.Ordinal))
        {
            var named = staged with { File = Normalise(staged, state.RunId, state.Attempt, entry.Version) with { Revision = entry.Version } };
            ParquetFacts.Check(named);
            added.Add(named);
            files.Add(named.File);
            links.Add((named.Path, named.File.DeltaPath));
        }

        return new TouchedRun
        {
            RunId = state.RunId,
            Removed =
            [
                .. change.Removed.OrderBy(file => file.DeltaPath, StringComparer.Ordinal)
                    .Select(file => new FileReference(file.DeltaPath, file.Bytes, file.Sha256)),
            ],
            Added = files,
            Counts = change.Counts,
            IsMoved = change.IsMoved,
        };
    }

    private static KeyIndex Place(
        StagedIndex staged, string path, LogEntry entry, Func<string, long> sizeOf, List<(string Source, string Target)> links)
    {
        links.Add((staged.Path, path));
        return new KeyIndex(path, staged.Keys, sizeOf(staged.Path), staged.Sha256, staged.HeadSha256, entry.Version);
    }

    /// <summary>The configuration's file, unless the lake holds it.</summary>
    private static FileReference? Keep(StagedConfiguration configuration, LakeSnapshot snapshot, List<(string Source, string Target)> links)
    {
        if (snapshot.Runs.Values.Any(run => string.Equals(run.Configuration, configuration.Sha256, StringComparison.Ordinal)))
        {
            return null;
        }

        var path = LakePaths.Configuration(configuration.Sha256);
        links.Add((configuration.Path, path));
        return new FileReference(path, configuration.Bytes, configuration.Sha256);
    }

    private static CommitPlan SetAside(LogEntry entry, Publication publication, RunState run, List<StagedFile> staged)
    {
        var folder = LakePaths.Blocked(publication.RunId, entry.Attempt);
        // Bronze of a restatement is the published one, as the contract had it then.
        var live = run.Files.Select(file => file.Sha256).ToHashSet(StringComparer.Ordinal);
        foreach (var file in staged.Where(file => !live.Contains(file.File.Sha256)))
        {
            ParquetFacts.Check(file);
        }

        entry = entry with
        {
            SetAside = [.. staged.Select(file => new FileReference(file.File.PathBelow(folder), file.File.Bytes, file.File.Sha256))],
            Index = run.KeyIndex,
            Place = run.Place,
            AsOf = run.AsOf,
            Configuration = run.Configuration,
            Counts = run.Counts,
            EventTimeMin = run.EventTimeMin,
            EventTimeMax = run.EventTimeMax,
        };
        return Finish(entry, publication, run.Files, run.KeyIndex, [.. staged.Select(file => (file.Path, file.File.PathBelow(folder)))]);
    }

    private static CommitPlan Finish(
        LogEntry entry, Publication publication, IReadOnlyList<DataFile> after, KeyIndex? index, IReadOnlyList<(string Source, string Target)> links)
    {
        var record = publication.Record(new PublishedView(entry.Version, entry.Attempt, after, index));
        var bytes = LogEntryFormat.Write(entry, record);
        return new CommitPlan(entry, bytes, LogEntryFormat.Digest(bytes), links);
    }

    private static KeyIndex? IndexAfter(
        LogEntry entry, Publication publication, RunState? run, Func<string, long> sizeOf, List<(string Source, string Target)> links)
    {
        if (publication.Index is not { } staged)
        {
            return null;
        }

        if (run?.KeyIndex is { } live && string.Equals(live.Sha256, staged.Sha256, StringComparison.Ordinal) && live.Keys == staged.Keys)
        {
            return live;
        }

        return Place(staged, LakePaths.Index(publication.Dataset, publication.RunId, entry.Attempt), entry, sizeOf, links);
    }

    private static Dictionary<string, TableSchema> Schemas(LogEntry entry, List<StagedFile> added, LakeSnapshot snapshot)
    {
        var changed = new Dictionary<string, TableSchema>(StringComparer.Ordinal);
        foreach (var table in added.GroupBy(file => file.File.Table, StringComparer.Ordinal))
        {
            var before = snapshot.TableStates.GetValueOrDefault(table.Key);
            var columns = table.Aggregate(before?.Columns ?? [], (known, file) => Merge(known, file));
            if (before is null || columns.Count > before.Columns.Count)
            {
                changed.Add(table.Key, new TableSchema(before?.Id ?? TableId(entry, table.Key), before?.CreatedMs ?? entry.CommittedMs, columns));
            }
        }

        return changed;
    }

    /// <summary>Columns known so far and those a file brings; a known name must keep its type.</summary>
    private static List<ColumnSchema> Merge(IReadOnlyList<ColumnSchema> known, StagedFile file)
    {
        var columns = new List<ColumnSchema>(known);
        foreach (var column in file.Schema.Where(column => !PartitionColumns.Contains(column.Name, StringComparer.OrdinalIgnoreCase)))
        {
            var same = columns.Find(other => string.Equals(other.Name, column.Name, StringComparison.OrdinalIgnoreCase));
            if (same is null)
            {
                columns.Add(column with { Nullable = true });
            }
            else if (same != column with { Nullable = true })
            {
                throw new RiskLakeException(
                    ErrorCode.TableSchemaConflict,
                    $"{file.File.Table} column {column.Name}",
                    Describe(column),
                    $"{Describe(same)}, as in the table",
                    "a column keeps its name and type for ever: give the new one another name, or the dataset");
            }
        }

        return columns;
    }

    private static string Describe(ColumnSchema column) => column.Type is ColumnType.Decimal
        ? FormattableString.Invariant($"{column.Name} Decimal({column.Precision}, {column.Scale})")
        : $"{column.Name} {column.Type}";

    private static Guid TableId(LogEntry entry, string table)
    {
        var seed = System.Text.Encoding.UTF8.GetBytes(
            FormattableString.Invariant($"{table}\n{entry.PreviousSha256}\n{entry.RunId}\n{entry.Fingerprint}\n{entry.CommittedMs}"));
        return new Guid(System.Security.Cryptography.SHA256.HashData(seed).AsSpan(0, 16), bigEndian: true);
    }

    private static DataFile Normalise(StagedFile staged, string runId, int attempt, long version)
    {
        var file = staged.File;
        LakePaths.CheckName(file.Dataset, "dataset");
        LakePaths.CheckName(file.ContractVersion, "contract version");
        if (!string.Equals(file.RunId, runId, StringComparison.Ordinal))
        {
            throw new ArgumentException($"{staged.Path} is a file of {file.RunId}, not of {runId}.", nameof(staged));
        }

        // A file may repeat these two columns, because the folder's value is the same; the clock's columns it may not.
        var clash = staged.Schema.FirstOrDefault(column => PartitionColumns.Contains(column.Name, StringComparer.OrdinalIgnoreCase)
            && column.Name is not ("run_id" or "contract_version"));
        if (clash is not null)
        {
            throw new RiskLakeException(
                ErrorCode.TableSchemaConflict,
                file.Table,
                $"a column named {clash.Name}",
                $"names other than the partition's: {string.Join(", ", PartitionColumns)}",
                "rename the field in the contract");
        }

        return file with
        {
            Attempt = attempt,
            AddedVersion = version,
            Statistics =
            [
                .. file.Statistics
                    .Where(column => !PartitionColumns.Contains(column.Column, StringComparer.OrdinalIgnoreCase))
                    .Select(TextBounds.Of),
            ],
        };
    }

    private static void CheckPublication(Publication publication, RunState? run)
    {
        LakePaths.CheckName(publication.RunId, "run id");
        LakePaths.CheckName(publication.Dataset, "dataset");
        if (run is not null && !string.Equals(run.RunId, publication.RunId, StringComparison.Ordinal))
        {
            throw new RiskLakeException(
                ErrorCode.RunIdInvalid,
                publication.RunId,
                $"a run id that differs from {run.RunId} only by case",
                "run ids unique ignoring case",
                "choose another run id");
        }

        var allowed = publication.Kind switch
        {
            PublicationKind.BlockRestatement or PublicationKind.Refresh => run is { IsPublished: true },
            PublicationKind.Block => run is null or { IsPublished: false },
            PublicationKind.Withdraw => run is not null && publication.Files.Count == 0,
            _ => true,
        };
        if (!allowed)
        {
            throw new ArgumentException($"{publication.Kind} of {publication.RunId} ({run?.Status ?? "absent"})", nameof(publication));
        }
    }
}
