using RiskLake.Ingest.Sources;

namespace RiskLake.Ingest.Decoding;

/// <summary>Opens one input, tells its format, and cuts it into blocks.</summary>
internal sealed class InputReader : IDisposable
{
    private readonly InputFile _input;
    private readonly int _fileIndex;
    private readonly DecodePlan _plan;
    private readonly DecodeOptions _options;
    private readonly InputBytes _bytes;
    private readonly RecordStream _content;
    private readonly bool _isEmpty;

    public InputReader(InputFile input, int fileIndex, DecodePlan plan, DecodeOptions options, HashStage hashes, BlockPool pool)
    {
        _input = input;
        _fileIndex = fileIndex;
        _plan = plan;
        _options = options;
        _bytes = new InputBytes(input, hashes, pool);
        _content = new RecordStream(_bytes, pool, options.ChunkBytes, options.MaxRecordBytes);
        var head = _bytes.Head;
        var promised = Compressions.Promised(input.Name);
        if (Compression == Compressions.None && promised != Compressions.None && !InputFormat.IsRecognised(head, plan))
        {
            throw InputErrors.Damaged(input.Path, "no compressed file", "what the name promises: " + promised);
        }

        Format = InputFormat.Detect(input, head, plan);
        _isEmpty = head.Length < InputBytes.HeadBytes && IsBlank(head);
        if (Format is InputFormat.Json or InputFormat.Ndjson && !_isEmpty)
        {
            var text = System.Text.Encoding.Latin1.GetString(head);
            PathColumns.Require(input, plan, name => text.Contains($"\"{name}\"", StringComparison.Ordinal));
        }
    }

    public string Format { get; }

    public string Compression => _bytes.Compression;

    /// <summary>Bytes of the content, when all is read; null for Parquet.</summary>
    public long? ContentBytes => Format == InputFormat.Parquet ? null : _isEmpty ? _bytes.Head.Length : _content.Offset;

    public FileDigest Digest => _bytes.Digest;

    public IEnumerable<InputBlock> Read()
    {
        SkipByteOrderMark();
        foreach (var block in _isEmpty ? [] : Blocks())
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

    private IEnumerable<InputBlock> Blocks() => Format switch
    {
        InputFormat.Json => BlocksOf(new ElementReader(_fileIndex, _content, _plan, _options)),
        InputFormat.Parquet => ParquetBlocks(),
        InputFormat.Csv => BlocksOf(new CsvReader(_fileIndex, _input, _content, _plan, _options)),
        _ => BlocksOf(new LineReader(_fileIndex, _content, _plan, _options)),
    };

    private static IEnumerable<InputBlock> BlocksOf(IBlockReader reader)
    {
        using (reader)
        {
            foreach (var block in reader.Read())
            {
                yield return block;
            }
        }
    }

    /// <summary>Parquet is read from its end, so a compressed file is unpacked to disk first.</summary>
    private IEnumerable<InputBlock> ParquetBlocks()
    {
        var unpacked = Compression == Compressions.None ? null : Unpack();
        try
        {
            foreach (var block in new ParquetReader(_fileIndex, _input, unpacked ?? _input.Path, _plan, _options).Read())
            {
                yield return block;
            }
        }
        finally
        {
            if (unpacked is not null)
            {
                File.Delete(unpacked);
            }
        }
    }

    private string Unpack()
    {
        var path = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        try
        {
            using var target = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 0);
            while (_content.Fill())
            {
                target.Write(_content.Data);
                _content.Skip(_content.Data.Length);
            }

            return path;
        }
        catch
        {
            File.Delete(path);
            throw;
        }
    }

    private void SkipByteOrderMark()
    {
        if (_bytes.Head.StartsWith(InputFormat.ByteOrderMark))
        {
            while (_content.Fill() && _content.Data.Length < InputFormat.ByteOrderMark.Length)
            {
                _content.Grow();
            }

            _content.Skip(InputFormat.ByteOrderMark.Length);
        }
    }

    private static bool IsBlank(ReadOnlySpan<byte> head)
    {
        var text = head.StartsWith(InputFormat.ByteOrderMark) ? head[InputFormat.ByteOrderMark.Length..] : head;
        return !text.ContainsAnyExcept(" \t\r\n"u8);
    }
}
