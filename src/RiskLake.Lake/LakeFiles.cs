using System.Buffers;
using System.Security.Cryptography;
using RiskLake.Lake.Columns;
using RiskLake.Lake.Storage;

namespace RiskLake.Lake;

/// <summary>
/// The door through which files that the log names are opened: size and digest are compared with the log before a byte decides
/// anything. How often the digest is computed follows from <see cref="IStorage.Trust"/>. Safe for use by several threads.
/// </summary>
internal sealed class LakeFiles(LakePaths paths, IStorage storage, TimeProvider clock)
{
    private const string Missing = "no such file";

    private readonly DigestMemory _memory = DigestMemory.Of(paths.Root, clock);

    /// <summary>Opens a Parquet file of the lake; its pages are checked as they are read.</summary>
    public ParquetTableReader Open(DataFile file) => new(Checked(file));

    /// <summary>Absolute path of a file whose bytes are those the log names.</summary>
    public string Checked(DataFile file) => Checked(file.DeltaPath, file.Bytes, file.Sha256);

    /// <summary>Absolute path of a file whose bytes are those the log names.</summary>
    public string Checked(FileReference file) => Checked(file.Path, file.Bytes, file.Sha256);

    /// <summary>Absolute path of an index whose bytes are those the log names.</summary>
    public string Checked(KeyIndex index) => Checked(index.Path, index.Bytes, index.Sha256);

    /// <summary>Checks files on all processors; for those who hand paths to an engine.</summary>
    public void Check(IEnumerable<DataFile> files, CancellationToken ct)
    {
        if (storage.Trust == FileTrust.Always)
        {
            return;
        }

        LakeStore.Guard(() =>
        {
            Parallel.ForEach(files, new ParallelOptions { CancellationToken = ct }, file => Checked(file));
            return true;
        });
    }

    /// <summary>What is wrong with a file compared with the log; null when nothing is.</summary>
    /// <param name="path">Path below the root, which may be another place of the file than the log's.</param>
    /// <param name="bytes">Size in the log.</param>
    /// <param name="sha256">Digest in the log.</param>
    /// <param name="trust">When the digest is computed.</param>
    public string? Fault(string path, long bytes, string sha256, FileTrust trust)
    {
        var absolute = paths.Absolute(path);
        if (storage.Identify("file.look", absolute) is not { } identity)
        {
            return Missing;
        }

        if (identity.IsDirectory)
        {
            return "a folder";
        }

        if (identity.IsSymbolicLink)
        {
            return "a symbolic link";
        }

        if (identity.Bytes != bytes)
        {
            return FormattableString.Invariant($"{identity.Bytes} bytes where the log says {bytes}");
        }

        if (trust == FileTrust.Always || (trust == FileTrust.UntilChanged && string.Equals(_memory.Recall(identity), sha256, StringComparison.Ordinal)))
        {
            return null;
        }

        var digest = Digest(absolute);
        if (!string.Equals(digest, sha256, StringComparison.Ordinal))
        {
            return digest is null ? Missing : $"sha256 {digest}";
        }

        if (storage.Identify("file.look", absolute) is { } after && after == identity)
        {
            _memory.Note(identity, sha256);
        }

        return null;
    }

    private string Checked(string path, long bytes, string sha256) => LakeStore.Guard(() =>
        Fault(path, bytes, sha256, storage.Trust) is { } fault
            ? throw new Lake.Errors.RiskLakeException(
                Lake.Errors.ErrorCode.LakeDamaged,
                paths.Absolute(path),
                fault,
                FormattableString.Invariant($"{bytes} bytes with sha256 {sha256}, as in the lake log"),
                fault == Missing
                    ? "`risklake lake verify` tells whether it was vacuumed or lost; what was vacuumed cannot be read again"
                    : "`risklake doctor` puts back a good copy if the lake holds one; otherwise restore the file from a copy of the lake")
            : paths.Absolute(path));

    private string? Digest(string path)
    {
        using var stream = storage.OpenRead("file.check", path);
        return stream is null ? null : Digest(stream);
    }

    /// <summary>Digest of what is left of a stream, lower-case hex.</summary>
    public static string Digest(Stream stream)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = ArrayPool<byte>.Shared.Rent(1 << 18);
        for (int read; (read = stream.Read(buffer)) > 0;)
        {
            hash.AppendData(buffer, 0, read);
        }

        ArrayPool<byte>.Shared.Return(buffer);
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
