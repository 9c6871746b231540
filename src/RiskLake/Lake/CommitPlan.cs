using RiskLake.Columns;
using RiskLake.Errors;

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
            Kind = LogEntry.KindName(publication.Kind),
            CommittedMs = nowMs,
            RunId = publication.RunId,
            Attempt = attempt,
            Status = publication.Status,
            Fingerprint = publication.Fingerprint,
            Dataset = publication.Dataset,
            ContractVersion = publication.ContractVersion,
            VersionRead = publication.VersionRead,
        };
        return publication.Kind is PublicationKind.BlockRestatement
            ? SetAside(entry, publication, run!, staged)
            : Replace(entry, publication, run, staged, snapshot, sizeOf);
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
        var touched = added.Select(file => file.File.Table).Concat(live.Values.Select(file => file.Table)).Distinct(StringComparer.Ordinal).ToList();
        entry = entry with
        {
            SupersededAttempt = run?.PublishedAttempt ?? run?.Attempt ?? 0,
            SupersededVersion = run?.Version ?? 0,
            Removed =
            [
                .. live.Values.OrderBy(file => file.DeltaPath, StringComparer.Ordinal)
                    .Select(file => new FileReference(file.DeltaPath, file.Bytes, file.Sha256)),
            ],
            Added = [.. added.Select(file => file.File).OrderBy(file => file.DeltaPath, StringComparer.Ordinal)],
            Index = index,
            RemovedIndex = run?.KeyIndex is { } old && old != index ? new FileReference(old.Path, old.Bytes, old.Sha256) : null,
            EventTimeMin = index is null ? null : publication.EventTimeMin,
            EventTimeMax = index is null ? null : publication.EventTimeMax,
            Delta = touched.ToDictionary(
                table => table, table => (snapshot.TableStates.GetValueOrDefault(table)?.DeltaVersion ?? -1) + 1, StringComparer.Ordinal),
            Schemas = Schemas(entry, added, snapshot),
        };
        return Finish(entry, publication, after, index, links);
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

        var path = LakePaths.Index(publication.Dataset, publication.RunId, entry.Attempt);
        links.Add((staged.Path, path));
        return new KeyIndex(path, staged.Keys, sizeOf(staged.Path), staged.Sha256);
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

    /// <summary>A withdrawn run may still hold events it adopted; a gate that closes must not take them away.</summary>
    private static bool HoldsSilver(RunState run) => run.IsPublished || run.Files.Any(file => file.Layer == Layer.Silver);

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
            PublicationKind.BlockRestatement => run is not null && HoldsSilver(run),
            PublicationKind.Block => run is null || !HoldsSilver(run),
            PublicationKind.Withdraw => run is not null && publication.Files.All(file => file.File.Layer == Layer.Silver), // adopted events
            _ => true,
        };
        if (!allowed)
        {
            throw new ArgumentException($"{publication.Kind} of {publication.RunId} ({run?.Status ?? "absent"})", nameof(publication));
        }
    }
}
