using System.Text.Json.Nodes;
using RiskLake.Errors;
using RiskLake.Lake.Storage;

namespace RiskLake.Lake;

/// <summary>A lake on disk. Reading needs the log alone and writes nothing; writing goes through <see cref="Publish"/>.</summary>
internal sealed class LakeStore
{
    private readonly IStorage _storage;
    private readonly TimeProvider _clock;

    private LakeStore(string root, IStorage storage, TimeProvider clock)
    {
        Root = root;
        _storage = storage;
        _clock = clock;
    }

    /// <summary>Absolute path of the lake.</summary>
    public string Root { get; }

    /// <summary>Whether anything was ever published here.</summary>
    public bool Exists => _storage.Exists("log.find", Path.Combine(Root, "_log"));

    /// <summary>Names a lake; writes nothing, and the folder need not exist.</summary>
    public static LakeStore Open(string root, IStorage storage, TimeProvider clock) => new(Path.GetFullPath(root), storage, clock);

    /// <summary>The lake at a version, the newest unless told.</summary>
    public LakeSnapshot Snapshot(long? version = null) => Exists || version > 0 ? throw Unfinished(_storage) : LakeSnapshot.Empty;

    /// <summary>Takes a run's lock, waiting at most <paramref name="timeout"/>.</summary>
    public RunLock LockRun(string runId, TimeSpan timeout, CancellationToken ct) => throw Unfinished(_storage, _clock);

    /// <summary>Makes an empty folder for a run's staged files; the caller holds the run's lock.</summary>
    public string StagingFolder(string runId) => throw Unfinished(_storage, _clock);

    /// <summary>Completes or clears away what a killed process left; the first step of every writing command.</summary>
    public void Recover(CancellationToken ct) => throw Unfinished(_storage, _clock);

    /// <summary>
    /// Publishes an attempt: takes the publish lock, asks <paramref name="prepare"/> what to publish given the newest snapshot,
    /// decides with one log entry, and rolls the views forward.
    /// </summary>
    public LakeSnapshot Publish(PublishContext context, Func<LakeSnapshot, Publication> prepare, CancellationToken ct) =>
        throw Unfinished(_storage, _clock);

    /// <summary>An entry of the log.</summary>
    public JsonNode ReadEntry(long version) => throw Unfinished(_storage, _clock);

    /// <summary>Record of a run's last attempt; null when there is no such run.</summary>
    public JsonNode? ReadRecord(string runId) => throw Unfinished(_storage, _clock);

    private static RiskLakeException Unfinished(params object[] needed) =>
        new(ErrorCode.Internal, "lake", $"{needed.Length} parts not connected", "a finished lake", "wait for it");
}
