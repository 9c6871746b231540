using RiskLake.Lake.Columns;

namespace RiskLake.Ingest.Decoding;

/// <summary>How to decode. None of it but <see cref="MaxRecordBytes"/> and <see cref="AsOfMicros"/> changes what comes out.</summary>
internal sealed record DecodeOptions
{
    private readonly int _maxRecordBytes = 1 << 20;

    /// <summary>Threads that parse; reading and hashing have one each beside them.</summary>
    public int Threads { get; init; } = 1;

    /// <summary>Longest record that is decoded; of a longer one this many bytes are kept.</summary>
    public int MaxRecordBytes
    {
        get => _maxRecordBytes;
        init => _maxRecordBytes = value is > 0 and <= Column.MaxBytes
            ? value
            : throw new ArgumentOutOfRangeException(nameof(value), value, "A record limit lies between 1 byte and what a text value can hold.");
    }

    /// <summary>Records that arrived later than this, in microseconds since the epoch, are rejected; null takes all.</summary>
    public long? AsOfMicros { get; init; }

    /// <summary>Tells of each chunk where the raw bytes of its records are (see <see cref="DecodedChunk.Raw"/>).</summary>
    public bool KeepsRaw { get; init; }

    /// <summary>Bytes handed to a parsing thread at a time.</summary>
    public int ChunkBytes { get; init; } = 2 << 20;

    /// <summary>Rows of Parquet handed to a parsing thread at a time.</summary>
    public int ChunkRows { get; init; } = 16 << 10;
}
