namespace RiskLake.Ingest.Decoding;

/// <summary>What was read from one input, and what became of it.</summary>
/// <param name="Name">Display name of the input.</param>
/// <param name="Sha256">Digest of the file as it lies on disk.</param>
/// <param name="Bytes">Size of the file as it lies on disk.</param>
/// <param name="Format"><c>ndjson</c>, <c>json</c>, <c>csv</c> or <c>parquet</c>.</param>
/// <param name="Compression"><c>none</c>, <c>gzip</c> or <c>zstd</c>.</param>
/// <param name="RecordsRead">Records that the reader counted.</param>
/// <param name="RecordsDecoded">Records that satisfy the contract.</param>
/// <param name="RecordsRejected">Records that do not.</param>
internal sealed record DecodedInput(
    string Name, string Sha256, long Bytes, string Format, string Compression, long RecordsRead, long RecordsDecoded, long RecordsRejected)
{
    /// <summary>What became of the bytes; null for Parquet, whose rows are not stretches of it.</summary>
    public ByteAccount? Content { get; init; }
}

/// <summary>What became of the bytes of an input, decompressed: no byte is in none of the three, or in two.</summary>
/// <param name="Total">All bytes.</param>
/// <param name="Records">Those of records that satisfy the contract.</param>
/// <param name="Rejects">Those of records that do not, and of stretches that no record can be told in.</param>
internal readonly record struct ByteAccount(long Total, long Records, long Rejects)
{
    /// <summary>Those between records: line ends, separators, a header.</summary>
    public long Between => Total - Records - Rejects;

    public static ByteAccount operator +(ByteAccount left, ByteAccount right) =>
        new(left.Total + right.Total, left.Records + right.Records, left.Rejects + right.Rejects);

    /// <summary>The account of several inputs; null if none has one.</summary>
    public static ByteAccount? Sum(IEnumerable<DecodedInput> inputs) =>
        inputs.Select(input => input.Content).OfType<ByteAccount>().ToArray() is { Length: > 0 } all ? all.Aggregate((sum, next) => sum + next) : null;

    /// <summary>How many records the rejects may hold, if those are as long as the ones that were decoded; never fewer than were rejected.</summary>
    public static long Estimate(IEnumerable<DecodedInput> inputs) => inputs.Sum(input =>
        input.Content is { Records: > 0 } content && input.RecordsDecoded > 0
            ? Math.Max(input.RecordsRejected,
                (long)Int128.Min(long.MaxValue, (((Int128)content.Rejects * input.RecordsDecoded * 2) + content.Records) / (2 * (Int128)content.Records)))
            : input.RecordsRejected);
}
