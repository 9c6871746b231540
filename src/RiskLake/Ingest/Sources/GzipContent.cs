using System.Buffers.Binary;
using System.IO.Compression;
using System.IO.Hashing;

namespace RiskLake.Ingest.Sources;

/// <summary>
/// Decompresses gzip (RFC 1952), any number of members one after the other. The framework's own stream ends without a word when
/// the file is cut off or followed by something else; here every member must end with its checksum and length, and nothing but
/// another member (or zeros, the padding of tape blocks) may follow.
/// </summary>
internal sealed class GzipContent(RawStream raw) : Stream
{
    private const int HasHeaderChecksum = 2;
    private const int HasExtra = 4;
    private const int HasName = 8;
    private const int HasComment = 16;

    private readonly Crc32 _checksum = new();
    private DeflateStream? _member;
    private long _memberBytes;
    private bool _any;

    private static ReadOnlySpan<byte> Magic => [0x1F, 0x8B];

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override int Read(Span<byte> buffer)
    {
        while (!buffer.IsEmpty && (_member is not null || StartMember()))
        {
            var read = _member!.Read(buffer);
            if (read > 0)
            {
                _checksum.Append(buffer[..read]);
                _memberBytes += read;
                return read;
            }

            EndMember();
        }

        return 0;
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        _member?.Dispose();
        base.Dispose(disposing);
    }

    private bool StartMember()
    {
        if (raw.Peek().IsEmpty)
        {
            return _any ? false : throw new InvalidDataException("the gzip file is empty");
        }

        if (_any && raw.Peek()[0] == 0)
        {
            SkipZeros();
            return false;
        }

        Span<byte> header = stackalloc byte[10];
        ReadExactly(header);
        if (!header.StartsWith(Magic) || header[2] != 8 || (header[3] & 0xE0) != 0)
        {
            throw new InvalidDataException(_any ? "bytes that are not gzip follow the last member" : "the gzip header is damaged");
        }

        SkipOptionalHeader(header);
        _member = new DeflateStream(raw, CompressionMode.Decompress, leaveOpen: true);
        _checksum.Reset();
        _memberBytes = 0;
        _any = true;
        return true;
    }

    private void SkipOptionalHeader(ReadOnlySpan<byte> header)
    {
        var flags = header[3];
        var checksum = new Crc32();
        checksum.Append(header);
        Span<byte> two = stackalloc byte[2];
        if ((flags & HasExtra) != 0)
        {
            ReadExactly(two);
            checksum.Append(two);
            var extra = new byte[BinaryPrimitives.ReadUInt16LittleEndian(two)];
            ReadExactly(extra);
            checksum.Append(extra);
        }

        for (var text = HasName; text <= HasComment; text <<= 1)
        {
            if ((flags & text) != 0)
            {
                SkipText(checksum);
            }
        }

        if ((flags & HasHeaderChecksum) != 0)
        {
            ReadExactly(two);
            if (BinaryPrimitives.ReadUInt16LittleEndian(two) != (ushort)checksum.GetCurrentHashAsUInt32())
            {
                throw new InvalidDataException("the checksum of the gzip header does not agree");
            }
        }
    }

    private void SkipText(Crc32 checksum)
    {
        Span<byte> one = stackalloc byte[1];
        do
        {
            ReadExactly(one);
            checksum.Append(one);
        }
        while (one[0] != 0);
    }

    /// <summary>
    /// Looks for the trailer of the member. The deflate stream has read on beyond its end and does not say how far; but what the
    /// trailer must hold is known, all eight bytes of it, and it begins somewhere in what was read last.
    /// </summary>
    private void EndMember()
    {
        _member!.Dispose();
        _member = null;
        Span<byte> trailer = stackalloc byte[8];
        BinaryPrimitives.WriteUInt32LittleEndian(trailer, _checksum.GetCurrentHashAsUInt32());
        BinaryPrimitives.WriteUInt32LittleEndian(trailer[4..], (uint)_memberBytes);
        var searched = raw.Unread() + trailer.Length;
        var bytes = raw.Peek(searched + Magic.Length);
        var end = -1;
        for (var at = 0; at < searched; at++)
        {
            var found = bytes[at..Math.Min(searched, bytes.Length)].IndexOf(trailer);
            if (found < 0)
            {
                break;
            }

            // The trailer of an empty member is zeros, and a zero may stand before it: the right one has the next member behind it.
            at += found;
            end = at + trailer.Length;
            if (bytes[end..].StartsWith(Magic))
            {
                break;
            }
        }

        if (end < 0)
        {
            throw new InvalidDataException("a gzip member that is cut off or whose checksum or length does not agree");
        }

        raw.Skip(end);
    }

    private void SkipZeros()
    {
        for (var rest = raw.Peek(); !rest.IsEmpty; rest = raw.Peek())
        {
            if (rest.ContainsAnyExcept((byte)0))
            {
                throw new InvalidDataException("bytes that are not gzip follow the last member");
            }

            raw.Skip(rest.Length);
        }
    }

    private new void ReadExactly(Span<byte> target)
    {
        while (!target.IsEmpty)
        {
            var read = raw.Read(target);
            if (read == 0)
            {
                throw new InvalidDataException("the gzip file is cut off");
            }

            target = target[read..];
        }
    }
}
