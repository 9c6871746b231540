using RiskLake.Lake.Columns;

namespace RiskLake.Ingest.Decoding;

/// <summary>A stretch of one input, decoded: the records that satisfy the contract and those that do not, both in input order.</summary>
/// <param name="fileIndex">Position of the input among the run's inputs.</param>
/// <param name="records">Records that satisfy the contract.</param>
/// <param name="rejects">Records that do not.</param>
/// <param name="recycle">Takes the batches back for later chunks; without it they are freed.</param>
internal sealed class DecodedChunk(int fileIndex, RecordBatch records, RecordBatch rejects, Action<RecordBatch, RecordBatch>? recycle = null)
    : IDisposable
{
    private bool _disposed;

    /// <summary>Position of the input among the run's inputs.</summary>
    public int FileIndex { get; } = fileIndex;

    /// <summary>
    /// The contract's fields in order, values as received, then <c>source_line</c> (Int64) and <c>extra</c> (nullable String: the
    /// unknown fields verbatim, as a JSON object).
    /// </summary>
    public RecordBatch Records { get; } = records;

    /// <summary>Rows of <see cref="RejectSchema"/>.</summary>
    public RecordBatch Rejects { get; } = rejects;

    /// <summary>Bytes of the input that <see cref="Records"/> stand in; 0 for Parquet.</summary>
    public long RecordBytes { get; set; }

    /// <summary>Of each of <see cref="Rejects"/> what could be decoded of its time and symbol, if raw bytes were asked for.</summary>
    public IReadOnlyList<RejectPlace> RejectPlaces { get; set; } = [];

    /// <summary>Where the raw bytes of <see cref="Records"/> are, if that was asked for; only while the chunk is consumed.</summary>
    public RawRecords? Raw { get; init; }

    /// <summary>What a later stage computed about <see cref="Records"/> on the decoding thread.</summary>
    public object? Derived { get; set; }

    public void Dispose()
    {
        if (_disposed)
        {
            return;
        }

        _disposed = true;
        (Derived as IDisposable)?.Dispose();
        Raw?.Dispose();
        if (recycle is not null)
        {
            recycle(Records, Rejects);
        }
        else
        {
            Records.Dispose();
            Rejects.Dispose();
        }
    }
}

/// <summary>What could be decoded of a rejected record that says where it belongs.</summary>
/// <param name="EventTime">The event time as a slot of its column; null if that is not known.</param>
/// <param name="Symbol">The symbol as received; null if that is not known.</param>
internal readonly record struct RejectPlace(long? EventTime, byte[]? Symbol);

/// <summary>Columns of a rejected record.</summary>
internal static class RejectSchema
{
    public const string SourceLine = "source_line";
    public const string ByteOffset = "byte_offset";
    public const string Raw = "raw";
    public const string RawBytes = "raw_bytes";
    public const string RawSha256 = "raw_sha256";
    public const string Code = "code";
    public const string Reasons = "reasons";

    /// <summary>
    /// Locator (line, array index or Parquet row, counted from 1; byte offset of the record in the decompressed input, null for
    /// Parquet), raw bytes (a prefix when longer than the limit), their full length and digest, the code of the first reason and
    /// all reasons as a JSON array of <c>{"code","column","found","expected"}</c>.
    /// </summary>
    public static IReadOnlyList<ColumnSchema> Columns { get; } =
    [
        new(SourceLine, ColumnType.Int64),
        new(ByteOffset, ColumnType.Int64, Nullable: true),
        new(Raw, ColumnType.Binary),
        new(RawBytes, ColumnType.Int64),
        new(RawSha256, ColumnType.String),
        new(Code, ColumnType.String),
        new(Reasons, ColumnType.String),
    ];
}
