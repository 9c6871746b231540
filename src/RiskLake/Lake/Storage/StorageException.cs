namespace RiskLake.Lake.Storage;

/// <summary>An operation of the storage failed; the lake turns it into an RL5xxx error that says what it means.</summary>
/// <param name="operation">What was attempted.</param>
/// <param name="path">On which path.</param>
/// <param name="errno">The operating system's error number.</param>
/// <param name="text">The operating system's words for it.</param>
internal sealed class StorageException(string operation, string path, int errno, string text)
    : IOException(FormattableString.Invariant($"{operation} {path}: {text} (errno {errno})"))
{
    public string Operation { get; } = operation;

    public string Path { get; } = path;

    public int Errno { get; } = errno;

    public string Text { get; } = text;

    /// <summary>What the operator can do about it.</summary>
    public string Next => Errno switch
    {
        Posix.ENOSPC or Posix.EDQUOT => "free some space and repeat the command; the lake is intact",
        Posix.EROFS => "mount the file system writable, or write to another --output-root",
        Posix.EACCES or Posix.EPERM => "give this user the right to write below the output root",
        Posix.EXDEV => "keep the whole output root on one file system: files are published by hard links",
        Posix.EMLINK => "the file system allows no more links to this file; restate the run to write fresh files",
        Posix.EIO => "check the disk, then repeat the command; what was not yet decided is not published",
        _ => "repeat the command; `risklake doctor` tells what state the lake is in",
    };
}
