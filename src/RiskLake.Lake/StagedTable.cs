using System.Buffers;
using System.Security.Cryptography;
using RiskLake.Lake.Columns;
using RiskLake.Lake.Storage;

namespace RiskLake.Lake;

/// <summary>Where a run stages its files, and what every one of them says about itself.</summary>
/// <param name="Storage">The storage of the lake.</param>
/// <param name="Folder">Absolute path of the folder in staging.</param>
/// <param name="RunId">The run that will own the files.</param>
/// <param name="ContractVersion">Version in the name of the partition.</param>
/// <param name="Metadata">Key-value metadata of every Parquet file.</param>
internal record StagingArea(
    IStorage Storage, string Folder, string RunId, string ContractVersion, IReadOnlyDictionary<string, string> Metadata);

/// <summary>A Parquet file being written in staging; sealed, it is durable, read-only and knows its digest.</summary>
internal sealed class StagedTable : IDisposable
{
    private readonly StagingArea _context;
    private readonly Layer _layer;
    private readonly string _dataset;
    private readonly IReadOnlyList<ColumnSchema> _schema;
    private readonly ParquetTableWriter _writer;

    public StagedTable(
        StagingArea context, Layer layer, string dataset, string name, IReadOnlyList<ColumnSchema> schema, IReadOnlyCollection<string> distinct)
    {
        _context = context;
        _layer = layer;
        _dataset = dataset;
        _schema = schema;
        Path = System.IO.Path.Combine(context.Folder, $"{DataFile.LayerName(layer)}.{dataset}.{name}.parquet");
        _writer = Named(() => new ParquetTableWriter(Path, schema, context.Metadata, distinct));
    }

    public string Path { get; }

    public void WriteRowGroup(RecordBatch batch, int start, int count) => Named(() => _writer.WriteRowGroup(batch, start, count));

    public void WriteRowGroup(RecordBatch batch, ReadOnlySpan<int> order)
    {
        try
        {
            _writer.WriteRowGroup(batch, order);
        }
        catch (Exception exception) when (Failure(exception) is not null)
        {
            throw Failure(exception)!;
        }
    }

    public void WriteAll(RecordBatch batch) => Named(() => _writer.WriteAll(batch));

    /// <summary>Finishes a file that is only read again by the run that writes it.</summary>
    public void Finish() => Named(() => _writer.Finish());

    /// <summary>Finishes the file for the partition it belongs to.</summary>
    public StagedFile Seal(PartitionHour partition) => Named(() =>
    {
        var summary = _writer.Finish();
        _writer.Dispose();
        var (sha256, bytes) = Digest(Path);
        File.SetUnixFileMode(Path, UnixFileMode.UserRead | UnixFileMode.GroupRead | UnixFileMode.OtherRead);
        _context.Storage.SyncFile("stage.file", Path);
        var file = new DataFile
        {
            Layer = _layer,
            Dataset = _dataset,
            ContractVersion = _context.ContractVersion,
            Partition = partition,
            RunId = _context.RunId,
            Attempt = 0,
            Rows = summary.Rows,
            Bytes = bytes,
            Sha256 = sha256,
            Statistics = summary.Statistics,
        };
        return new StagedFile(Path, file, _schema);
    });

    public void Dispose() => _writer.Dispose();

    /// <summary>Digest and size of a file.</summary>
    public static (string Sha256, long Bytes) Digest(string path)
    {
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 0, FileOptions.SequentialScan);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = ArrayPool<byte>.Shared.Rent(1 << 18);
        long bytes = 0;
        for (int read; (read = stream.Read(buffer)) > 0; bytes += read)
        {
            hash.AppendData(buffer, 0, read);
        }

        ArrayPool<byte>.Shared.Return(buffer);
        return (Convert.ToHexStringLower(hash.GetHashAndReset()), bytes);
    }

    /// <summary>A disk that is full while the Parquet library writes is a failure of the storage, with a path.</summary>
    private T Named<T>(Func<T> write)
    {
        try
        {
            return write();
        }
        catch (Exception exception) when (Failure(exception) is not null)
        {
            throw Failure(exception)!;
        }
    }

    private void Named(Action write) => Named(() =>
    {
        write();
        return true;
    });

    private StorageException? Failure(Exception exception) => exception is StorageException ? null : StorageException.Behind(exception, Path);
}
