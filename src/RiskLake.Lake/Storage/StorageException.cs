using System.Globalization;
using System.Text.RegularExpressions;
using ParquetSharp;

namespace RiskLake.Lake.Storage;

/// <summary>An operation of the storage failed; the lake turns it into an RL5xxx error that says what it means.</summary>
/// <param name="operation">What was attempted.</param>
/// <param name="path">On which path.</param>
/// <param name="errno">The operating system's error number.</param>
/// <param name="text">The operating system's words for it.</param>
internal sealed partial class StorageException(string operation, string path, int errno, string text)
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

    /// <summary>
    /// The failure of the storage behind an exception thrown outside the seam, by .NET's files or by the Parquet library, perhaps on
    /// several threads at once; null when it was something else.
    /// </summary>
    /// <param name="exception">What was thrown.</param>
    /// <param name="path">On which path, as far as the caller knows.</param>
    public static StorageException? Behind(Exception exception, string path) => exception switch
    {
        StorageException known => known,
        AggregateException several => several.Flatten().InnerExceptions.Select(inner => Behind(inner, path)).FirstOrDefault(found => found is not null),
        UnauthorizedAccessException => new StorageException("access", path, Posix.EACCES, exception.Message),
        IOException => new StorageException("access", path, exception.HResult > 0 ? exception.HResult : Posix.EIO, exception.Message),
        ParquetException when NumberAndText().Match(exception.Message) is { Success: true } match =>
            new StorageException("write", path, int.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture), match.Groups[2].Value),
        _ => null,
    };

    // "IOError: Error writing bytes to file. Detail: [errno 28] No space left on device"
    [GeneratedRegex(@"\[errno (\d{1,5})\] ([^'\r\n)]*)", RegexOptions.None, 1000)]
    private static partial Regex NumberAndText();
}
