using System.Runtime.ExceptionServices;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using RiskLake.Lake.Errors;
using RiskLake.Lake.Storage;

namespace RiskLake.Lake;

/// <summary>
/// A lake on disk. Reading needs the log alone, writes nothing and works on a read-only mount. Writing: <see cref="Recover"/>,
/// <see cref="LockRun"/>, <see cref="StagingFolder"/>, <see cref="Publish"/>.
/// </summary>
internal sealed partial class LakeStore
{
    /// <summary>How long a lock is asked for even without a timeout: recovery takes each stale one for a moment.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromMilliseconds(200);

    /// <summary>What the views of one publication may take on a busy machine.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly TimeProvider _clock;
    private readonly Publisher _publisher;

    private LakeStore(string root, IStorage storage, TimeProvider clock)
    {
        _clock = clock;
        Storage = new ConfinedStorage(storage, new Confinement(root));
        Paths = new LakePaths(root);
        Log = new LakeLog(Paths, Storage);
        Files = new LakeFiles(Paths, Storage, clock);
        Views = new LakeViews(Paths, Storage, Log, Files);
        _publisher = new Publisher(Paths, Storage, Log);
    }

    /// <summary>Absolute path of the lake.</summary>
    public string Root => Paths.Root;

    /// <summary>The time of the clock this lake was opened with, in milliseconds since the epoch.</summary>
    internal long NowMs => _clock.GetUtcNow().ToUnixTimeMilliseconds();

    /// <summary>Whether anything was ever published here.</summary>
    public bool Exists => Guard(() => Log.LatestVersion()) > 0;

    /// <summary>The storage, of which nothing outside the lake can be reached.</summary>
    public IStorage Storage { get; }

    /// <summary>Opens files that the log names, once their bytes are known to be those it names.</summary>
    public LakeFiles Files { get; }

    public LakePaths Paths { get; }

    public LakeLog Log { get; }

    public LakeViews Views { get; }

    /// <summary>Names a lake; writes nothing, and the folder need not exist.</summary>
    /// <exception cref="RiskLakeException">RL1001 for an address of a storage that is not this machine's.</exception>
    public static LakeStore Open(string root, IStorage storage, TimeProvider clock) => Address().IsMatch(root)
        ? throw new RiskLakeException(
            ErrorCode.CommandLineInvalid, "--output-root", $"'{root}', an address", "a folder of this machine: lakes on object storage are not written yet",
            "name a folder, or a mount of the storage")
        : new(Path.TrimEndingDirectorySeparator(Path.GetFullPath(root)), storage, clock);

    /// <summary>The lake at a version, the newest unless told.</summary>
    public LakeSnapshot Snapshot(long? version = null) => Guard(() => Log.Snapshot(version));

    /// <summary>Takes a run's lock, waiting at most <paramref name="timeout"/> (for ever if infinite).</summary>
    public RunLock LockRun(string runId, TimeSpan timeout, CancellationToken ct)
    {
        LakePaths.CheckName(runId, "run id");
        return Guard(() =>
        {
            Storage.CreateDirectory("run.lock", Paths.Locks);
            var held = Wait(Paths.RunLock(runId), timeout, ct) ?? throw new RiskLakeException(
                ErrorCode.RunLocked,
                $"run {runId}",
                "another process working on it",
                FormattableString.Invariant($"its lock within {timeout.TotalSeconds:0.###} s"),
                "wait for it to end, or allow more time with --lock-timeout");
            held.RemoveOnRelease = true;
            return new RunLock(runId, held);
        });
    }

    /// <summary>Makes an empty folder for a run's staged files and returns its path; the caller holds the run's lock.</summary>
    public string StagingFolder(string runId) => Guard(() =>
    {
        var folder = Paths.StagingOf(runId);
        if (Storage.Exists("staging.create", folder))
        {
            DiscardStaging(runId);
        }

        var folders = new DurableFolders(Storage, "staging.create");
        folders.Prepare(Path.Combine(folder, "file"));
        folders.Sync();
        return folder;
    });

    /// <summary>Removes what a run staged and did not publish; the caller holds the run's lock.</summary>
    public void DiscardStaging(string runId) => Guard(() =>
    {
        if (!_publisher.HasIntent(runId))
        {
            Storage.DeleteTree("recover.staging", Paths.StagingOf(runId));
            return true;
        }

        using var publishing = LockPublish(Timeout.InfiniteTimeSpan, CancellationToken.None);
        _publisher.ClearTorn(runId);
        return true;
    });

    /// <summary>
    /// On disposal removes what the run staged and did not publish, as far as that is possible: a disk that a run has filled must not
    /// stay full. What cannot be removed then is removed by the next command that writes.
    /// </summary>
    public IDisposable TidyUp(RunLock run) => new Tidying(this, run.RunId);

    /// <summary>
    /// Completes or clears away what a killed process left; the first step of every writing command. With nothing to do it costs
    /// a few look-ups, whatever the size of the lake.
    /// </summary>
    /// <param name="ct">Stops between two steps.</param>
    /// <param name="timeout">
    /// How long to wait for another process that decided and has not done its views; for ever unless told, and never less than the few
    /// seconds that takes.
    /// </param>
    public void Recover(CancellationToken ct, TimeSpan? timeout = null) => Guard(() =>
    {
        if (Log.Marker() < Log.LatestVersion())
        {
            var patience = timeout is not { } told || told == Timeout.InfiniteTimeSpan ? Timeout.InfiniteTimeSpan : told > Patience ? told : Patience;
            using var publishing = LockPublish(patience, ct);
            Views.RollForward();
        }

        foreach (var name in Storage.List("recover.look", Paths.Staging))
        {
            ct.ThrowIfCancellationRequested();
            if (Storage.Identify("recover.look", Path.Combine(Paths.Staging, name)) is { IsSymbolicLink: true })
            {
                // Nothing of ours: whatever it leads to is none of the lake's.
                Storage.Delete("recover.staging", Path.Combine(Paths.Staging, name));
            }
            else if (string.Equals(name, LakePaths.ScratchName, StringComparison.Ordinal))
            {
                RemoveScratch();
            }
            else if (Storage.TryLock("recover.lock", Paths.RunLock(name)) is { } held)
            {
                using (held)
                {
                    held.RemoveOnRelease = true;
                    DiscardStaging(name);
                }
            }
        }

        RemoveStaleLocks();
        return true;
    });

    /// <summary>
    /// Publishes an attempt: takes the publish lock, asks <paramref name="prepare"/> what to publish given the newest snapshot,
    /// decides with one log entry, rolls the views forward and removes what was staged. Returns the snapshot after.
    /// </summary>
    /// <remarks>When <paramref name="prepare"/> throws, nothing was published and what is staged stays.</remarks>
    public LakeSnapshot Publish(PublishContext context, Func<LakeSnapshot, Publication> prepare, CancellationToken ct) =>
        TryPublish(context, prepare, ct)!;

    /// <summary>
    /// Publishes an attempt as <see cref="Publish"/> does; null, with nothing done and the lock released, when
    /// <paramref name="prepare"/> answers null: the lake has moved, and the caller prepares again outside the lock.
    /// </summary>
    public LakeSnapshot? TryPublish(PublishContext context, Func<LakeSnapshot, Publication?> prepare, CancellationToken ct) => Guard(() =>
    {
        using var publishing = LockPublish(context.Timeout, ct);
        Views.RollForward();
        var latest = Log.Snapshot(null);
        RequirePlaces(latest);
        if (prepare(latest) is not { } publication)
        {
            return null;
        }

        var plan = CommitPlan.Make(latest, publication, SizeOf, NowMs);
        if (!string.Equals(plan.Entry.RunId, context.Run.RunId, StringComparison.OrdinalIgnoreCase))
        {
            throw new ArgumentException($"The lock is on {context.Run.RunId}, not on {plan.Entry.RunId}.", nameof(context));
        }

        _publisher.RequireNewest(Log.Snapshot(plan.Entry.Version - 1));
        _publisher.Commit(plan, ct);
        return AfterDecision(plan.Entry.Version, () => Storage.DeleteTree("publish.end", Paths.StagingOf(plan.Entry.RunId)));
    });

    /// <summary>Puts an entry that is no run's (a vacuum) at the end of the log, and rolls it forward.</summary>
    public LakeSnapshot Append(Func<LakeSnapshot, long, LogEntry?> decide, CancellationToken ct) => Guard(() =>
    {
        using var publishing = LockPublish(Timeout.InfiniteTimeSpan, ct);
        Views.RollForward();
        var snapshot = Log.Snapshot(null);
        if (decide(snapshot, NowMs) is not { } entry)
        {
            return snapshot;
        }

        Storage.CreateDirectory("publish.link_entry", Paths.Scratch);
        _publisher.LinkEntry(Path.Combine(Paths.Scratch, "entry"), entry.Version, LogEntryFormat.Write(entry, null));
        return AfterDecision(entry.Version, () => { });
    });

    /// <summary>
    /// Brings runs to what follows from their bronze, in one entry; the caller holds the publish lock and stages below
    /// <see cref="LakePaths.Scratch"/>.
    /// </summary>
    public LakeSnapshot Mend(LakeSnapshot snapshot, IReadOnlyList<MendedRun> runs, bool isLast, CancellationToken ct) => Guard(() =>
    {
        var plan = CommitPlan.Mend(snapshot, runs, isLast, SizeOf, NowMs);
        Storage.CreateDirectory("publish.link_entry", Paths.Scratch);
        _publisher.CommitMend(plan, Path.Combine(Paths.Scratch, "entry"), ct);
        return AfterDecision(plan.Entry.Version, () => { });
    });

    /// <summary>Refuses to publish to a lake whose silver was decided by an earlier rule.</summary>
    public void RequirePlaces(LakeSnapshot snapshot)
    {
        if (!snapshot.FollowsPlaces)
        {
            throw new RiskLakeException(
                ErrorCode.LakeOlder, Root, "a lake written by an earlier version",
                "silver that follows from the bronze of the published runs",
                "run `risklake doctor`, which brings it up to date and tells what changes, then repeat the command");
        }
    }

    /// <summary>An entry of the log, whole.</summary>
    public JsonNode ReadEntry(long version)
    {
        _ = Snapshot(version);
        return Guard(() => JsonNode.Parse(Log.ReadBytes(version))!);
    }

    /// <summary>Whether an entry of the log says that a file was vacuumed.</summary>
    /// <param name="path">Absolute path.</param>
    public bool WasVacuumed(string path) => Guard(() =>
    {
        var below = Path.GetRelativePath(Root, path);
        for (var version = Log.LatestVersion(); version > 0; version--)
        {
            if (Log.Read(version, out _) is { Kind: LogEntry.VacuumKind } entry && entry.Vacuumed.Any(file => file.Path == below))
            {
                return true;
            }
        }

        return false;
    });

    /// <summary>Record of a run's last attempt; null when there is no such run.</summary>
    public JsonNode? ReadRecord(string runId) =>
        Snapshot().Runs.TryGetValue(runId, out var run) ? Guard(() => Log.ReadRecord(run.LastVersion)) : null;

    /// <summary>Record of an attempt that a later one superseded; null when there is none.</summary>
    public JsonNode? ReadAttempt(string runId, int attempt) =>
        Storage.ReadFile("record.read", Paths.AttemptRecord(runId, attempt)) is { } bytes ? JsonNode.Parse(bytes) : null;

    /// <summary>Takes the lock under which the lake is changed.</summary>
    public IDisposable LockPublish(TimeSpan timeout, CancellationToken ct)
    {
        Storage.CreateDirectory("publish.lock", Paths.Locks);
        return Wait(Paths.PublishLock, timeout, ct) ?? throw new RiskLakeException(
            ErrorCode.RunLocked,
            Root,
            "another process publishing",
            FormattableString.Invariant($"its end within {timeout.TotalSeconds:0.###} s"),
            "repeat the command, or allow more time with --lock-timeout");
    }

    /// <summary>Turns a failure of the storage into the error a reader can act on.</summary>
    public static T Guard<T>(Func<T> act) => Guard("the file system", act);

    /// <summary>The same for work that also touches files outside the seam, such as those being staged.</summary>
    /// <param name="place">What to name when the exception does not say on which path it happened.</param>
    /// <param name="act">The work.</param>
    public static T Guard<T>(string place, Func<T> act)
    {
        try
        {
            return act();
        }
        catch (AggregateException several) when (several.Flatten().InnerExceptions.FirstOrDefault(inner => inner is RiskLakeException) is { } first)
        {
            ExceptionDispatchInfo.Throw(first);
            throw;
        }
        catch (Exception exception) when (StorageException.Behind(exception, place) is { } failure)
        {
            throw new RiskLakeException(
                ErrorCode.StorageFailed,
                failure.Path,
                FormattableString.Invariant($"{failure.Text} (errno {failure.Errno}) on {failure.Operation}"),
                "storage that works",
                failure.Next,
                exception);
        }
    }

    private LakeSnapshot AfterDecision(long version, Action cleanUp)
    {
        try
        {
            _publisher.MakeDurable();
            Views.Roll(version);
            cleanUp();
            return Log.Snapshot(version);
        }
        catch (StorageException exception)
        {
            throw new RiskLakeException(
                ErrorCode.StorageFailed,
                exception.Path,
                FormattableString.Invariant($"{exception.Text} (errno {exception.Errno}) on {exception.Operation}, after lake version {version} was decided"),
                "storage that works",
                $"the publication stands; its views are completed by the next command that writes, or by `risklake doctor`. {exception.Next}",
                exception);
        }
    }

    private long SizeOf(string path) => Storage.Identify("publish.look", path)?.Bytes
        ?? throw new StorageException("open", path, Posix.ENOENT, "No such file or directory");

    private void RemoveScratch()
    {
        using var publishing = LockPublish(Timeout.InfiniteTimeSpan, CancellationToken.None);
        Storage.DeleteTree("recover.scratch", Paths.Scratch);
    }

    private void RemoveStaleLocks()
    {
        foreach (var name in Storage.List("recover.look", Paths.Locks))
        {
            if (name.StartsWith(LakePaths.RunLockPrefix, StringComparison.Ordinal)
                && Storage.TryLock("recover.lock", Path.Combine(Paths.Locks, name)) is { } held)
            {
                held.RemoveOnRelease = true;
                held.Dispose();
            }
        }
    }

    private IFileLock? Wait(string path, TimeSpan timeout, CancellationToken ct)
    {
        var started = Environment.TickCount64;
        var limit = timeout == Timeout.InfiniteTimeSpan ? double.MaxValue : Math.Max(timeout.TotalMilliseconds, Grace.TotalMilliseconds);
        for (var pause = 1; ; pause = Math.Min(pause * 2, 20))
        {
            ct.ThrowIfCancellationRequested();
            if (Storage.TryLock("lock.take", path) is { } held)
            {
                return held;
            }

            if (Environment.TickCount64 - started >= limit)
            {
                return null;
            }

            ct.WaitHandle.WaitOne(pause);
        }
    }

    private sealed class Tidying(LakeStore store, string runId) : IDisposable
    {
        public void Dispose()
        {
            try
            {
                if (store.Storage.Exists("recover.look", store.Paths.StagingOf(runId)))
                {
                    store.DiscardStaging(runId);
                }
            }
            catch (Exception exception) when (exception is RiskLakeException or StorageException)
            {
                // The failure that led here is the one to report.
            }
        }
    }

    // A relative path that was made absolute has one slash less.
    [GeneratedRegex("(^|/)[A-Za-z][A-Za-z0-9+.-]+:/", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Address();
}
