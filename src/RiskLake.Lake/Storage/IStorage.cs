namespace RiskLake.Lake.Storage;

/// <summary>
/// The seam through which every effect of the lake on disk goes. Each operation carries a label that names the step of the
/// protocol it belongs to, so that tests can fail or kill exactly there.
/// </summary>
/// <remarks>
/// Contract: every operation either takes effect whole or not at all, except that after a failure its outcome is unknown and
/// the caller reads back. Failures are <see cref="StorageException"/>; a missing file is an answer where the return type allows it.
/// Paths are absolute.
/// </remarks>
internal interface IStorage
{
    /// <summary>How far what lies in this storage is believed to be what the log says.</summary>
    FileTrust Trust => FileTrust.UntilChanged;

    /// <summary>Tells observers that a step outside the seam (writing a staged file, say) begins.</summary>
    void Announce(string step, string path);

    /// <summary>Creates a folder and its missing parents; returns the folders that gained an entry, outermost first.</summary>
    IReadOnlyList<string> CreateDirectory(string step, string path);

    /// <summary>Put-if-absent: gives <paramref name="source"/> a second name; false when the name is taken.</summary>
    bool Link(string step, string source, string target);

    /// <summary>Moves a name over another, atomically. Two names of one file: nothing happens, and both stay.</summary>
    void Rename(string step, string source, string target);

    /// <summary>Removes a name; false when there is none.</summary>
    bool Delete(string step, string path);

    /// <summary>Removes an empty folder; false when it is missing or not empty.</summary>
    bool DeleteEmptyDirectory(string step, string path);

    /// <summary>Removes a folder with all it holds; nothing happens when it is missing.</summary>
    void DeleteTree(string step, string path);

    /// <summary>Writes a new file (replacing one of that name, not atomically) and makes its bytes durable.</summary>
    void WriteFile(string step, string path, ReadOnlyMemory<byte> bytes);

    /// <summary>Makes the bytes of a file durable.</summary>
    void SyncFile(string step, string path);

    /// <summary>Makes the names in a folder durable.</summary>
    void SyncDirectory(string step, string path);

    /// <summary>Whole content, or null when there is no such file.</summary>
    byte[]? ReadFile(string step, string path);

    /// <summary>Opens a file for reading, or null when there is none.</summary>
    Stream? OpenRead(string step, string path);

    bool Exists(string step, string path);

    /// <summary>Names (not paths) in a folder in ordinal order; empty when the folder is missing.</summary>
    IReadOnlyList<string> List(string step, string path);

    /// <summary>Which file a name leads to, or null when there is none. Two names of one file have equal identities.</summary>
    FileIdentity? Identify(string step, string path);

    /// <summary>Takes an exclusive lock on a file, creating it; null when another holds it. Disposing releases it and, if asked, removes the file.</summary>
    IFileLock? TryLock(string step, string path);
}

/// <summary>When the digest of a file that the log names is computed before the file decides anything.</summary>
internal enum FileTrust
{
    /// <summary>The first time, and again after the file changed: what was computed is remembered outside the lake.</summary>
    UntilChanged,

    /// <summary>Always: finds damage behind an unchanged time stamp.</summary>
    Never,

    /// <summary>Not at all.</summary>
    Always,
}

/// <summary>What a name leads to.</summary>
internal readonly record struct FileIdentity(ulong Device, ulong Inode, long Bytes, bool IsDirectory)
{
    /// <summary>Whether the name itself is a symbolic link; nothing is followed to find out.</summary>
    public bool IsSymbolicLink { get; init; }

    /// <summary>When the content last changed, in nanoseconds since the epoch, as the file system tells it.</summary>
    public long ModifiedNanos { get; init; }

    /// <summary>When content, name count or attributes last changed; unlike the former nobody can set it.</summary>
    public long ChangedNanos { get; init; }

    /// <summary>Whether two names lead to one file.</summary>
    public bool IsSameFile(FileIdentity other) => Device == other.Device && Inode == other.Inode;
}

/// <summary>A held lock.</summary>
internal interface IFileLock : IDisposable
{
    /// <summary>Removes the lock file on release, so that no trace is left.</summary>
    bool RemoveOnRelease { get; set; }
}
