using System.IO.Compression;
using System.IO.Hashing;
using Microsoft.Win32.SafeHandles;
using RiskLake.Lake.Errors;

namespace RiskLake.Ingest.Sources;

/// <summary>
/// The content of a landed file, unpacked where it is packed, under the same checks as any input: checksums, lengths and ends of gzip and
/// zstd, checksums and lengths of the members of a zip archive. Damage is an error of the whole file, before anything is made of it.
/// </summary>
internal sealed class PackedContent : IDisposable
{
    private readonly string _path;
    private readonly string _name;
    private readonly SafeFileHandle _handle;
    private readonly string _compression;

    /// <param name="path">Where the bytes lie.</param>
    /// <param name="name">What the file is called, for messages.</param>
    public PackedContent(string path, string name)
    {
        (_path, _name) = (path, name);
        var file = new InputFile(path, name);
        _handle = InputBytes.Open(file);
        _compression = Compressions.Detect(_handle, file);
        IsArchive = _compression == Compressions.None && StartsLikeArchive();
    }

    /// <summary>Whether the file is a zip archive.</summary>
    public bool IsArchive { get; }

    private static ReadOnlySpan<byte> ZipMagic => "PK\x03\x04"u8;

    private static ReadOnlySpan<byte> EmptyZipMagic => "PK\x05\x06"u8;

    /// <summary>Name without the ending of its packing.</summary>
    public string BareName => _compression != Compressions.None && Compressions.Promised(_name) != Compressions.None
        ? Path.ChangeExtension(_name, null)
        : _name;

    /// <summary>Reads all there is, so that damage shows before anything is made of the content.</summary>
    public void Verify(CancellationToken ct)
    {
        if (IsArchive)
        {
            foreach (var (_, content) in Members(ct))
            {
                Drain(content, ct);
            }

            return;
        }

        using var whole = Open();
        Drain(whole, ct);
    }

    /// <summary>The content from its beginning.</summary>
    public Stream Open() => new CheckedStream(OpenRaw(), _name);

    /// <summary>The members of an archive in the order of their names; each must be read before the next.</summary>
    public IEnumerable<(ZipArchiveEntry Entry, Stream Content)> Members(CancellationToken ct)
    {
        using var archive = Guard(() => new ZipArchive(new FileStream(_path, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 16), ZipArchiveMode.Read));
        foreach (var entry in Guard(() => archive.Entries.Where(entry => entry.Name.Length > 0)
            .OrderBy(entry => entry.FullName, StringComparer.Ordinal).ToArray()))
        {
            ct.ThrowIfCancellationRequested();
            using var content = new CheckedStream(new MemberStream(Guard(entry.Open), entry), $"{_name}:{entry.FullName}");
            yield return (entry, content);
        }
    }

    public void Dispose() => _handle.Dispose();

    private Stream OpenRaw()
    {
        var raw = new RawStream(_handle, null);
        return _compression == Compressions.None ? raw : Compressions.Open(_compression, raw);
    }

    private bool StartsLikeArchive()
    {
        Span<byte> magic = stackalloc byte[4];
        magic = magic[..RandomAccess.Read(_handle, magic, 0)];
        return magic.SequenceEqual(ZipMagic) || magic.SequenceEqual(EmptyZipMagic);
    }

    private static void Drain(Stream content, CancellationToken ct)
    {
        var block = new byte[1 << 16];
        while (content.Read(block) > 0)
        {
            ct.ThrowIfCancellationRequested();
        }
    }

    private T Guard<T>(Func<T> work)
    {
        try
        {
            return work();
        }
        catch (Exception e) when (e is IOException or InvalidDataException or NotSupportedException)
        {
            throw Damaged(_name, e);
        }
    }

    private static RiskLakeException Damaged(string place, Exception cause) => new(
        ErrorCode.InputUnreadable, place, $"a damaged file ({cause.Message})", "a whole file whose checksums agree",
            "download it again; nothing of it was published", cause);

    /// <summary>A member of an archive, whose checksum and length must be those the archive names.</summary>
    private sealed class MemberStream(Stream content, ZipArchiveEntry entry) : ReadStream
    {
        private readonly Crc32 _checksum = new();
        private long _length;

        public override int Read(Span<byte> buffer)
        {
            var read = content.Read(buffer);
            _checksum.Append(buffer[..read]);
            _length += read;
            return read > 0 || buffer.IsEmpty || (_length == entry.Length && _checksum.GetCurrentHashAsUInt32() == entry.Crc32)
                ? read
                : throw new InvalidDataException("a member that is cut off or whose checksum does not agree");
        }

        protected override void Dispose(bool disposing)
        {
            content.Dispose();
            base.Dispose(disposing);
        }
    }

    /// <summary>Whatever a decompressor complains about is damage of the input.</summary>
    private sealed class CheckedStream(Stream content, string place) : ReadStream
    {
        public override int Read(Span<byte> buffer)
        {
            try
            {
                return content.Read(buffer);
            }
            catch (Exception e) when (e is IOException or InvalidDataException or NotSupportedException or ZstdSharp.ZstdException)
            {
                throw Damaged(place, e);
            }
        }

        protected override void Dispose(bool disposing)
        {
            content.Dispose();
            base.Dispose(disposing);
        }
    }
}

/// <summary>A stream that can be read from front to end and nothing else.</summary>
internal abstract class ReadStream : Stream
{
    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
