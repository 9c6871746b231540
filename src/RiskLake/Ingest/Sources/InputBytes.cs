using Microsoft.Win32.SafeHandles;

namespace RiskLake.Ingest.Sources;

/// <summary>
/// The content of a file as a stream of bytes, decompressed where it is compressed, while the digest of the file itself is taken
/// on the way. Damage of the container is an error, never an early end.
/// </summary>
internal sealed class InputBytes : IDisposable
{
    /// <summary>How much of the content is looked at to tell its format.</summary>
    public const int HeadBytes = 64 << 10;

    private readonly InputFile _file;
    private readonly SafeFileHandle _handle;
    private readonly HashStage _hashes;
    private readonly Stream? _decompressed;
    private readonly RawStream? _raw;
    private readonly BlockPool _pool;
    private readonly Block _head;
    private int _headLength;
    private int _headRead;
    private long _position;

    public InputBytes(InputFile file, HashStage hashes, BlockPool pool)
    {
        _file = file;
        _hashes = hashes;
        _pool = pool;
        _handle = Open(file);
        Digest = new FileDigest();
        Compression = Compressions.Detect(_handle, file);
        if (Compression != Compressions.None)
        {
            _raw = new RawStream(_handle, Digest);
            _decompressed = Compressions.Open(Compression, _raw);
        }

        _head = pool.Rent(HeadBytes);
        while (_headLength < HeadBytes)
        {
            var read = ReadContent(_head, _headLength, HeadBytes - _headLength);
            if (read == 0)
            {
                break;
            }

            _headLength += read;
        }
    }

    /// <summary><c>none</c>, <c>gzip</c> or <c>zstd</c>.</summary>
    public string Compression { get; }

    public FileDigest Digest { get; }

    /// <summary>The beginning of the content; all of it when it is shorter than <see cref="HeadBytes"/>.</summary>
    public ReadOnlySpan<byte> Head => _head.Span(0, _headLength);

    public static SafeFileHandle Open(InputFile file)
    {
        try
        {
            return File.OpenHandle(file.Path, FileMode.Open, FileAccess.Read, FileShare.Read, FileOptions.SequentialScan);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw InputErrors.Unreadable(file.Path, e);
        }
    }

    /// <summary>Reads some of the content into a block.</summary>
    /// <returns>0 at the end only.</returns>
    public int Read(Block block, int start, int count)
    {
        if (_headRead == _headLength)
        {
            return ReadContent(block, start, count);
        }

        var taken = Math.Min(count, _headLength - _headRead);
        _head.Span(_headRead, taken).CopyTo(block.Span(start, taken));
        _headRead += taken;
        return taken;
    }

    /// <summary>Takes the rest of the file into the digest and lets it be finished.</summary>
    public void Finish()
    {
        if (_raw is not null)
        {
            _raw.Drain();
        }
        else
        {
            HashRest();
        }

        _hashes.Finish(Digest);
    }

    public void Dispose()
    {
        _head.Release();
        _decompressed?.Dispose();
        _raw?.Dispose();
        _handle.Dispose();
    }

    private void HashRest()
    {
        int read;
        do
        {
            var block = _pool.Rent(HeadBytes);
            read = ReadContent(block, 0, block.Capacity);
            block.Release();
        }
        while (read > 0);
    }

    private int ReadContent(Block block, int start, int count)
    {
        if (_decompressed is not null)
        {
            return Compressions.Read(_decompressed, block.Span(start, count), _file);
        }

        try
        {
            var read = RandomAccess.Read(_handle, block.Span(start, count), _position);
            if (read > 0)
            {
                _position += read;
                _hashes.Add(Digest, block, start, read);
            }

            return read;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw InputErrors.Unreadable(_file.Path, e);
        }
    }
}
