using RiskLake.Lake.Storage;

namespace RiskLake.Lake;

/// <summary>The repair of the views: from bytes whose digest is right, in whichever direction that is.</summary>
internal sealed partial class LakeViews
{
    /// <summary>Top folder of what a repair puts aside because the lake holds it nowhere else.</summary>
    public const string Aside = "_aside";

    /// <summary>
    /// Makes all views anew from the log: commits that are missing or damaged, every record, and the tree as it should stand. Of a file
    /// that is whole in one of its two places the other is made anew; where neither is, both stay as they are. The caller holds the
    /// publish lock.
    /// </summary>
    public void Rebuild()
    {
        var latest = log.LatestVersion();
        storage.CreateDirectory("views.begin", paths.Scratch);
        var builder = new SnapshotBuilder(LakeSnapshot.Empty);
        var folders = new DurableFolders(storage, "views.sync");
        for (var version = 1L; version <= latest; version++)
        {
            var (entry, digest) = log.Apply(builder, version);
            if (entry.IsVacuum)
            {
                DeleteVacuumed(entry, builder.Build(), folders);
            }
            else
            {
                RollDelta(entry, digest, builder.Build(), folders, mend: true);
                RollRecords(entry, folders);
            }

            RebuildCheckpoint(builder.Build(), folders);
        }

        var newest = builder.Build();
        RebuildFiles(newest, folders);
        RemoveExtras(newest, folders);
        if (latest > 0)
        {
            Finish(latest, newest.Digest, folders);
        }
    }

    /// <summary>A checkpoint of another digest than the entry after it names would never be read.</summary>
    private void RebuildCheckpoint(LakeSnapshot snapshot, DurableFolders folders)
    {
        if (snapshot.Version % SnapshotCheckpoint.Interval == 0
            && log.CheckpointNamedAfter(snapshot.Version) is var named
            && (named is null || string.Equals(named, SnapshotCheckpoint.DigestAfter(snapshot), StringComparison.Ordinal)))
        {
            WriteCheckpoint(snapshot, folders);
        }
    }

    private void RebuildFiles(LakeSnapshot snapshot, DurableFolders folders)
    {
        foreach (var file in snapshot.Runs.Values.SelectMany(run => run.Files))
        {
            var isWhole = files.Fault(file.DeltaPath, file.Bytes, file.Sha256, FileTrust.Never) is null;
            if (!isWhole && files.Fault(file.TreePath, file.Bytes, file.Sha256, FileTrust.Never) is null)
            {
                Place("views.mend", paths.Absolute(file.TreePath), paths.Absolute(file.DeltaPath), folders);
                isWhole = true;
            }

            if (isWhole && !IsSame(file))
            {
                LinkIntoTree(file, folders);
            }
        }
    }

    private bool IsSame(DataFile file) => storage.Identify("views.tree", paths.Absolute(file.TreePath)) is { } tree
        && storage.Identify("views.tree", paths.Absolute(file.DeltaPath)) is { } twin && tree.IsSameFile(twin);

    /// <summary>Gives a file one more name, in place of whatever has it.</summary>
    private void Place(string step, string source, string target, DurableFolders folders)
    {
        folders.Prepare(target);
        var scratch = Path.Combine(paths.Scratch, "link");
        storage.Delete(step, scratch);
        storage.Link(step, source, scratch);
        storage.Rename(step, scratch, target);
    }

    /// <summary>
    /// Takes out of the tree what no run in force has. What stands whole below <c>_delta</c> as well is a name only; anything else is
    /// put aside, not deleted: it may be the last good copy of something.
    /// </summary>
    private void RemoveExtras(LakeSnapshot snapshot, DurableFolders folders)
    {
        var live = snapshot.Runs.Values.SelectMany(run => run.Files).Select(file => file.TreePath).ToHashSet(StringComparer.Ordinal);
        var extras = TreeFiles().Where(path => !live.Contains(path)).ToList();
        if (extras.Count == 0)
        {
            return;
        }

        var kept = FilesBelow("_delta").Select(path => storage.Identify("views.tree", paths.Absolute(path))).OfType<FileIdentity>()
            .Select(file => (file.Device, file.Inode)).ToHashSet();
        foreach (var extra in extras)
        {
            var path = paths.Absolute(extra);
            if (storage.Identify("views.tree", path) is { } present && !kept.Contains((present.Device, present.Inode)))
            {
                var aside = paths.Absolute($"{Aside}/{extra}");
                folders.Prepare(aside);
                storage.Rename("views.aside", path, aside);
            }

            folders.DeleteAndPrune("views.tree", path, paths.Root);
        }
    }
}
