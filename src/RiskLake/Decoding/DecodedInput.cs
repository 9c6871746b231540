namespace RiskLake.Decoding;

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
    string Name, string Sha256, long Bytes, string Format, string Compression, long RecordsRead, long RecordsDecoded, long RecordsRejected);
