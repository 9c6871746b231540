using Microsoft.Win32.SafeHandles;

namespace RiskLake.Sources;

/// <summary>
/// The bytes of a compressed file, counted and hashed as they are read. It can step back over what a decompressor read too much,
/// as long as that still is in the buffer; nothing is hashed twice.
/// </summary>
internal sealed class RawStream(SafeFileHandle handle, FileDigest digest) : Stream
{
    private const int BufferBytes = 256 << 10;

    private readonly byte[] _buffer = new byte[BufferBytes];
    private long _bufferStart;
    private int _bufferLength;
    private int _at;

    public override bool CanRead => true;

    public override bool CanSeek => true;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => _bufferStart + _at;
        set => Seek(value, SeekOrigin.Begin);
    }

    /// <summary>The bytes that can be looked at without reading on; empty at the end of the file.</summary>
    public ReadOnlySpan<byte> Peek()
    {
        if (_at == _bufferLength)
        {
            Fill();
        }

        return _buffer.AsSpan(_at, _bufferLength - _at);
    }

    public override int Read(Span<byte> buffer)
    {
        var available = Peek();
        var taken = Math.Min(available.Length, buffer.Length);
        available[..taken].CopyTo(buffer);
        _at += taken;
        return taken;
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override long Seek(long offset, SeekOrigin origin)
    {
        var target = origin == SeekOrigin.Current ? Position + offset : offset;
        if (origin == SeekOrigin.End || target < _bufferStart || target > _bufferStart + _bufferLength)
        {
            throw new NotSupportedException("Only what is buffered can be sought.");
        }

        _at = (int)(target - _bufferStart);
        return target;
    }

    /// <summary>Reads and hashes what is left of the file.</summary>
    public void Drain()
    {
        while (!Peek().IsEmpty)
        {
            _at = _bufferLength;
        }
    }

    public override void Flush()
    {
    }

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    private void Fill()
    {
        // A decompressor steps back by what it had asked for at most: keep the last bytes of the old buffer in front.
        const int Kept = BufferBytes / 2;
        var kept = Math.Min(_bufferLength, Kept);
        _buffer.AsSpan(_bufferLength - kept, kept).CopyTo(_buffer);
        _bufferStart += _bufferLength - kept;
        var read = RandomAccess.Read(handle, _buffer.AsSpan(kept), _bufferStart + kept);
        digest.Add(_buffer.AsSpan(kept, read));
        _bufferLength = kept + read;
        _at = kept;
    }
}
