using Microsoft.Win32.SafeHandles;

namespace RiskLake.Ingest.Sources;

/// <summary>The bytes of a compressed file, counted and hashed as they are read. The last read can be taken back.</summary>
/// <param name="source">Reads bytes from a place on; 0 at the end only.</param>
/// <param name="digest">Takes the bytes; null counts nothing.</param>
internal sealed class RawStream(RawRead source, FileDigest? digest) : Stream
{
    public RawStream(SafeFileHandle handle, FileDigest? digest)
        : this((target, at) => RandomAccess.Read(handle, target, at), digest)
    {
    }

    private const int BufferBytes = 256 << 10;

    private readonly byte[] _buffer = new byte[BufferBytes];
    private long _filePosition;
    private int _length;
    private int _at;
    private int _lastRead;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <summary>What can be looked at: at least so many bytes, unless the file ends before.</summary>
    public ReadOnlySpan<byte> Peek(int wanted = 1)
    {
        while (_length - _at < wanted && Fill())
        {
        }

        return _buffer.AsSpan(_at, _length - _at);
    }

    public override int Read(Span<byte> buffer)
    {
        var available = Peek();
        _lastRead = Math.Min(available.Length, buffer.Length);
        available[.._lastRead].CopyTo(buffer);
        _at += _lastRead;
        return _lastRead;
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    /// <summary>Goes over bytes that were looked at.</summary>
    public void Skip(int count)
    {
        _at += count;
        _lastRead = 0;
    }

    /// <summary>Goes back to where the last read began.</summary>
    /// <returns>How many bytes that read had taken.</returns>
    public int Unread()
    {
        var taken = _lastRead;
        _at -= taken;
        _lastRead = 0;
        return taken;
    }

    /// <summary>Reads and hashes what is left of the file.</summary>
    public void Drain()
    {
        while (!Peek().IsEmpty)
        {
            Skip(_length - _at);
        }
    }

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    private bool Fill()
    {
        _buffer.AsSpan(_at, _length - _at).CopyTo(_buffer);
        _length -= _at;
        _at = 0;
        var read = source(_buffer.AsSpan(_length), _filePosition);
        digest?.Add(_buffer.AsSpan(_length, read));
        _filePosition += read;
        _length += read;
        return read > 0;
    }
}

/// <summary>Reads bytes from a place on.</summary>
/// <param name="target">Takes them.</param>
/// <param name="at">The place.</param>
/// <returns>How many were read; 0 at the end only.</returns>
internal delegate int RawRead(Span<byte> target, long at);
