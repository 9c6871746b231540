using RiskLake.Sources;

namespace RiskLake.Decoding;

/// <summary>Opens one input, tells its format, and cuts it into blocks.</summary>
internal sealed class InputReader : IDisposable
{
    private readonly int _fileIndex;
    private readonly DecodeOptions _options;
    private readonly InputBytes _bytes;
    private readonly RecordStream _content;

    public InputReader(InputFile input, int fileIndex, DecodePlan plan, DecodeOptions options, HashStage hashes, BlockPool pool)
    {
        _fileIndex = fileIndex;
        _options = options;
        _bytes = new InputBytes(input, hashes, pool);
        Format = InputFormat.Ndjson;
        _content = new RecordStream(_bytes, pool, options.ChunkBytes);
    }

    public string Format { get; }

    public string Compression => _bytes.Compression;

    public FileDigest Digest => _bytes.Digest;

    public IEnumerable<InputBlock> Read()
    {
        foreach (var block in new LineReader(_fileIndex, _content, _options).Read())
        {
            yield return block;
        }

        _bytes.Finish();
    }

    public void Dispose()
    {
        _content.Dispose();
        _bytes.Dispose();
    }
}

/// <summary>Names of the formats, as they stand in run records.</summary>
internal static class InputFormat
{
    public const string Ndjson = "ndjson";
    public const string Json = "json";
    public const string Csv = "csv";
    public const string Parquet = "parquet";
}
