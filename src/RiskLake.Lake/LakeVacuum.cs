namespace RiskLake.Lake;

/// <summary>
/// Removes files that only old versions name. The last <c>keep</c> versions stay wholly readable, and so does every version that was the
/// newest within the grace: readers hold no lock, and what they began to read must not vanish. What goes is listed in a log entry of its
/// own, so that verification and reads of older versions tell the truth.
/// </summary>
/// <param name="store">The lake.</param>
/// <param name="grace">How long ago a version must have been superseded for its files to go.</param>
internal sealed class LakeVacuum(LakeStore store, TimeSpan grace)
{
    /// <summary>The grace unless told.</summary>
    public static readonly TimeSpan StandardGrace = TimeSpan.FromDays(7);

    /// <summary>Files a vacuum would remove: data files, key indices and blocked attempts out of force before the oldest version kept.</summary>
    public (long OldestVersion, IReadOnlyList<FileReference> Files) Plan(int keep) =>
        LakeStore.Guard(() => Plan(store.Log.Snapshot(null), keep, store.NowMs));

    /// <summary>Removes them; returns what was removed.</summary>
    public IReadOnlyList<FileReference> Run(int keep, CancellationToken ct)
    {
        IReadOnlyList<FileReference> removed = [];
        store.Append(
            (snapshot, nowMs) =>
            {
                var (oldest, files) = Plan(snapshot, keep, nowMs);
                removed = files;
                return files.Count == 0
                    ? null
                    : new LogEntry
                    {
                        Version = snapshot.Version + 1,
                        PreviousSha256 = snapshot.Digest,
                        CheckpointSha256 = SnapshotCheckpoint.DigestAfter(snapshot),
                        Kind = LogEntry.VacuumKind,
                        CommittedMs = nowMs,
                        VersionRead = snapshot.Version,
                        OldestVersion = oldest,
                        Vacuumed = files,
                    };
            },
            ct);
        return removed;
    }

    private (long OldestVersion, IReadOnlyList<FileReference> Files) Plan(LakeSnapshot snapshot, int keep, long nowMs)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(keep, 1);
        var oldest = Math.Max(snapshot.OldestVersion, snapshot.Version - keep + 1);
        var files = new SortedDictionary<string, FileReference>(StringComparer.Ordinal);

        // A file removed by an entry is not named by it or any later one; what entries before the last vacuum removed is gone.
        for (var version = snapshot.OldestVersion + 1; version <= oldest; version++)
        {
            var entry = store.Log.Read(version, out _);
            if (entry.CommittedMs > nowMs - grace.TotalMilliseconds)
            {
                oldest = version - 1;
                break;
            }

            var indexes = entry.Touched.Select(run => run.Mended?.RemovedIndex).Append(entry.RemovedIndex).OfType<FileReference>();
            foreach (var file in entry.AllRemoved.Select(removal => removal.File).Concat(indexes).Concat(entry.SegmentsRemoved))
            {
                files[file.Path] = file;
            }
        }

        AddBlocked(snapshot, oldest, files);
        return (oldest, [.. files.Values]);
    }

    /// <summary>Blocked restatements whose run went on since, before the oldest version.</summary>
    private void AddBlocked(LakeSnapshot snapshot, long oldest, SortedDictionary<string, FileReference> files)
    {
        foreach (var runId in store.Storage.List("vacuum.look", store.Paths.Absolute("_blocked")))
        {
            foreach (var name in store.Storage.List("vacuum.look", store.Paths.Absolute($"_blocked/{runId}")))
            {
                var run = snapshot.Runs.GetValueOrDefault(runId);
                if (run is null || run.LastVersion > oldest || string.Equals(name, FormattableString.Invariant($"a{run.Attempt}"), StringComparison.Ordinal))
                {
                    continue;
                }

                foreach (var path in store.Views.FilesBelow($"_blocked/{runId}/{name}"))
                {
                    var bytes = store.Storage.ReadFile("vacuum.look", store.Paths.Absolute(path)) ?? [];
                    files[path] = new FileReference(path, bytes.Length, LogEntryFormat.Digest(bytes));
                }
            }
        }
    }
}
