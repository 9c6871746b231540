namespace RiskLake.Lake;

/// <summary>What state a lake is in, as <c>risklake doctor</c> reports it.</summary>
internal sealed record LakeHealth
{
    /// <summary>Newest version; 0 for an empty lake.</summary>
    public required long Version { get; init; }

    /// <summary>Version the views had reached.</summary>
    public required long ViewsVersion { get; init; }

    /// <summary>Runs at work now.</summary>
    public required IReadOnlyList<string> RunsAtWork { get; init; }

    /// <summary>Runs whose process died before it published.</summary>
    public required IReadOnlyList<string> TornRuns { get; init; }

    /// <summary>Locks nobody holds.</summary>
    public required IReadOnlyList<string> StaleLocks { get; init; }

    /// <summary>What disagreed with the log before the repair.</summary>
    public required IReadOnlyList<LakeFinding> Findings { get; init; }

    /// <summary>What still disagrees after it: damage that views cannot repair.</summary>
    public required IReadOnlyList<LakeFinding> Remaining { get; init; }

    /// <summary>Files of the tree that are whole copies where links would do.</summary>
    public int Unlinked { get; init; }

    /// <summary>Whether nothing was found.</summary>
    public bool IsHealthy => Version == ViewsVersion && TornRuns.Count == 0 && StaleLocks.Count == 0 && Findings.Count == 0;
}

/// <summary>Looks at a lake, and makes anew whatever follows from its log.</summary>
/// <param name="store">The lake.</param>
/// <param name="besides">What else to verify: what lies in the lake without standing in its log.</param>
internal sealed class LakeDoctor(LakeStore store, Func<CancellationToken, IEnumerable<LakeFinding>>? besides = null)
{
    /// <summary>Reports without changing anything but stale locks.</summary>
    public LakeHealth Examine(CancellationToken ct) => LakeStore.Guard(() =>
    {
        var (atWork, torn, stale) = LookAtLocks();
        var verifier = new LakeVerifier(store) { Besides = besides };
        var findings = verifier.Verify(ct);
        return new LakeHealth
        {
            Unlinked = verifier.Unlinked,
            Version = store.Log.LatestVersion(),
            ViewsVersion = store.Log.Marker(),
            RunsAtWork = atWork,
            TornRuns = torn,
            StaleLocks = stale,
            Findings = findings,
            Remaining = findings,
        };
    });

    /// <summary>Clears away what killed processes left, and rebuilds the views if anything disagrees.</summary>
    public LakeHealth Repair(CancellationToken ct) => LakeStore.Guard(() =>
    {
        var before = Examine(ct);
        if (before.IsHealthy || before.Findings.Any(finding => finding.Check is "log"))
        {
            // Whatever follows from a damaged log would be as wrong as it is.
            return before;
        }

        store.Recover(ct);
        if (before.Findings.Count == 0)
        {
            return before;
        }

        using (store.LockPublish(Timeout.InfiniteTimeSpan, ct))
        {
            store.Views.Rebuild();
        }

        return before with { Remaining = new LakeVerifier(store) { Besides = besides }.Verify(ct) };
    });

    private (List<string> AtWork, List<string> Torn, List<string> Stale) LookAtLocks()
    {
        var atWork = new List<string>();
        var torn = store.Storage.List("doctor.look", store.Paths.Staging).Where(name => name is not LakePaths.ScratchName).ToList();
        var stale = new List<string>();
        var locks = store.Storage.List("doctor.look", store.Paths.Locks);
        foreach (var name in locks.Where(name => name.StartsWith(LakePaths.RunLockPrefix, StringComparison.Ordinal)))
        {
            var runId = name[LakePaths.RunLockPrefix.Length..];
            if (store.Storage.TryLock("doctor.look", Path.Combine(store.Paths.Locks, name)) is { } free)
            {
                free.Dispose();
                stale.Add(runId);
            }
            else
            {
                atWork.Add(runId);
                torn.RemoveAll(staged => string.Equals(staged, runId, StringComparison.OrdinalIgnoreCase));
            }
        }

        return (atWork, torn, stale);
    }
}
