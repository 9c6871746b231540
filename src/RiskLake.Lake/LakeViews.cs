using System.Buffers;
using System.Text.Json;
using System.Text.Json.Nodes;
using RiskLake.Lake.Delta;
using RiskLake.Lake.Storage;

namespace RiskLake.Lake;

/// <summary>
/// The three views of the log: Delta tables, the tree of hard links, and run records; and the log's own checkpoints. Rolling an
/// entry forward twice, or after any part of it was done, ends in the same files.
/// </summary>
internal sealed partial class LakeViews(LakePaths paths, IStorage storage, LakeLog log, LakeFiles files)
{
    private static readonly JsonWriterOptions Indented = LogEntryFormat.WriterOptions with { Indented = true };

    /// <summary>Rolls forward whatever is not yet; the caller holds the publish lock.</summary>
    public void RollForward()
    {
        var latest = log.LatestVersion();
        var marker = log.Marker();
        if (marker >= latest)
        {
            return;
        }

        // The decisions may have been visible without being durable when their writer died.
        storage.SyncDirectory("views.begin", paths.Log);
        if (marker == 0 && latest > 1)
        {
            Rebuild();
            return;
        }

        for (var version = marker + 1; version <= latest; version++)
        {
            Roll(version);
        }
    }

    /// <summary>Brings the views from the version before to this one.</summary>
    public void Roll(long version)
    {
        var entry = log.Read(version, out var digest);
        storage.CreateDirectory("views.begin", paths.Scratch);
        var snapshot = log.Snapshot(version);
        var folders = new DurableFolders(storage, "views.sync");
        if (entry.IsVacuum)
        {
            DeleteVacuumed(entry, snapshot, folders);
        }
        else
        {
            RollDelta(entry, digest, snapshot, folders);
            RollTree(entry, folders);
            RollRecords(entry, folders);
        }

        if (version % SnapshotCheckpoint.Interval == 0)
        {
            WriteCheckpoint(snapshot, folders);
        }

        Finish(version, digest, folders);
    }

    /// <summary>Bytes of a run record's file.</summary>
    public static byte[] RecordBytes(JsonNode record)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, Indented))
        {
            record.WriteTo(json);
        }

        buffer.Write("\n"u8);
        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>The marker goes last: it must never outlive, in a power failure, what it says is done.</summary>
    private void Finish(long version, string digest, DurableFolders folders)
    {
        folders.Sync();
        Replace("views.marker", paths.Marker, LakeLog.MarkerBytes(version, digest), folders);
        folders.Sync();
        storage.DeleteTree("views.end", paths.Scratch);
    }

    private void RollDelta(LogEntry entry, string digest, LakeSnapshot snapshot, DurableFolders folders, bool mend = false)
    {
        foreach (var name in entry.Delta.Keys.Order(StringComparer.Ordinal))
        {
            var table = snapshot.TableStates[name];
            var folder = paths.DeltaLog(name);
            var target = Path.Combine(folder, LakePaths.VersionName(table.DeltaVersion) + ".json");
            var bytes = DeltaCommit.Write(entry, digest, table);
            if (storage.ReadFile("views.delta_commit", target) is not { } present)
            {
                PutDeltaCommit(target, bytes, folders);
            }
            else if (present.AsSpan().SequenceEqual(bytes))
            {
                // It stands.
            }
            else if (mend)
            {
                Replace("views.delta_commit", target, bytes, folders);
            }
            else
            {
                throw LakeLog.Damaged(target, "a commit that is not ours", "the commit of lake version " + LakePaths.VersionName(entry.Version));
            }

            if (table.DeltaVersion > 0 && table.DeltaVersion % DeltaCheckpoint.Interval == 0
                && !DeltaCheckpoint.Stands(storage, folder, table.DeltaVersion))
            {
                DeltaCheckpoint.Write(storage, snapshot, table, folder, paths.Scratch, entry.CommittedMs);
            }
        }
    }

    private void PutDeltaCommit(string target, byte[] bytes, DurableFolders folders)
    {
        var source = Path.Combine(paths.Scratch, "delta_commit");
        storage.Delete("views.delta_commit", source);
        storage.WriteFile("views.delta_commit", source, bytes);
        folders.Prepare(target);
        if (!storage.Link("views.delta_commit", source, target))
        {
            throw LakeLog.Damaged(target, "a commit put by another writer", "nobody else publishing here");
        }

        storage.Delete("views.delta_commit", source);
    }

    private void RollTree(LogEntry entry, DurableFolders folders)
    {
        foreach (var file in entry.AllAdded)
        {
            LinkIntoTree(file, folders);
        }

        var added = entry.AllAdded.Select(file => file.TreePath).ToHashSet(StringComparer.Ordinal);
        foreach (var (runId, removed) in entry.AllRemoved)
        {
            var file = DataFile.Parse(removed.Path, runId, removed.Sha256, removed.Bytes, 0, 0, []) ?? throw new FormatException(removed.Path);
            if (!added.Contains(file.TreePath))
            {
                folders.DeleteAndPrune("views.tree", paths.Absolute(file.TreePath), paths.Root);
            }
        }
    }

    private void LinkIntoTree(DataFile file, DurableFolders folders)
    {
        var target = paths.Absolute(file.TreePath);
        var source = paths.Absolute(file.DeltaPath);
        var identity = storage.Identify("views.tree", source) ?? throw LakeLog.Damaged(source, "no such file", "the file the log names");
        if (storage.Identify("views.tree", target) is { } present)
        {
            if (present.IsSameFile(identity))
            {
                return;
            }

            // In a copy without links the file that stands may be the only good one.
            _ = files.Checked(file);
        }

        // By way of a name outside the dataset, so that no glob ever sees half a file or none.
        folders.Prepare(target);
        var scratch = Path.Combine(paths.Scratch, "link");
        storage.Delete("views.tree", scratch);
        storage.Link("views.tree", source, scratch);
        storage.Rename("views.tree", scratch, target);
    }

    /// <summary>Paths below the root of all files in the tree.</summary>
    public IEnumerable<string> TreeFiles() => Enum.GetValues<Layer>().SelectMany(layer => FilesBelow(DataFile.LayerName(layer)));

    /// <summary>Paths below the root of all files in a folder, in ordinal order within each folder.</summary>
    public IEnumerable<string> FilesBelow(string folder)
    {
        foreach (var name in storage.List("views.list", paths.Absolute(folder)))
        {
            var path = $"{folder}/{name}";
            if (storage.Identify("views.list", paths.Absolute(path)) is not { IsDirectory: true })
            {
                yield return path;
                continue;
            }

            foreach (var file in FilesBelow(path))
            {
                yield return file;
            }
        }
    }

    private void RollRecords(LogEntry entry, DurableFolders folders)
    {
        if (!entry.IsOfRun)
        {
            return;
        }

        var bytes = RecordBytes(log.ReadRecord(entry.Version)!);
        if (entry.IsBlockRestatement)
        {
            Replace("views.run_record", paths.Absolute(LakePaths.Blocked(entry.RunId, entry.Attempt) + "/record.json"), bytes, folders);
            return;
        }

        if (entry.SupersededVersion > 0)
        {
            var target = paths.AttemptRecord(entry.RunId, entry.SupersededAttempt);
            Replace("views.run_record", target, RecordBytes(log.ReadRecord(entry.SupersededVersion)!), folders);
        }

        Replace("views.run_record", paths.Record(entry.RunId), bytes, folders);
    }

    private void DeleteVacuumed(LogEntry entry, LakeSnapshot snapshot, DurableFolders folders)
    {
        var live = snapshot.Runs.Values.SelectMany(run => run.Files.Select(file => file.DeltaPath).Append(run.KeyIndex?.Path ?? string.Empty))
            .ToHashSet(StringComparer.Ordinal);
        if (entry.Vacuumed.FirstOrDefault(file => live.Contains(file.Path)) is { } wanted)
        {
            throw LakeLog.Damaged(paths.Entry(entry.Version), $"a vacuum of {wanted.Path}", "files that no run in force has");
        }

        foreach (var file in entry.Vacuumed)
        {
            folders.DeleteAndPrune("views.vacuum", paths.Absolute(file.Path), paths.Root);
        }
    }

    private void WriteCheckpoint(LakeSnapshot snapshot, DurableFolders folders) =>
        Replace("views.checkpoint", paths.Checkpoint(snapshot.Version), SnapshotCheckpoint.Write(snapshot), folders);

    /// <summary>Puts a file in place of another, whole; a file that already says the same is left alone.</summary>
    private void Replace(string step, string target, byte[] bytes, DurableFolders folders)
    {
        if (storage.ReadFile(step, target) is { } present && present.AsSpan().SequenceEqual(bytes))
        {
            return;
        }

        var source = Path.Combine(paths.Scratch, "file");
        storage.WriteFile(step, source, bytes);
        folders.Prepare(target);
        storage.Rename(step, source, target);
    }
}
