using System.Buffers.Binary;
using System.IO.Hashing;
using System.Security.Cryptography;
using Microsoft.Win32.SafeHandles;
using RiskLake.Lake;
using RiskLake.Lake.Errors;

namespace RiskLake.Ingest.Silver.Keys;

/// <summary>Reads a key file. Every block and filter page is held against the head, and the head against the lake log, before it decides anything.</summary>
internal sealed class KeyFileReader : IDisposable
{
    private readonly string _path;
    private readonly SafeFileHandle _file;
    private readonly int _entryBytes;
    private readonly ulong[] _firstKeys;
    private readonly UInt128[] _hashes;
    private readonly ulong[] _pageHashes;
    private readonly Dictionary<int, KeySection> _sections = [];
    private readonly byte[]?[] _pages;
    private byte[] _block = [];
    private int _loaded = -1;

    /// <param name="path">The file.</param>
    /// <param name="index">What the lake log says of it.</param>
    public KeyFileReader(string path, KeyIndex index)
    {
        _path = path;
        try
        {
            _file = File.OpenHandle(path);
            using var reader = new BinaryReader(new MemoryStream(ReadHead(index)), System.Text.Encoding.UTF8);
            _entryBytes = reader.ReadInt32();
            var sections = ReadSections(reader);
            var blocks = sections.Sum(section => section.Blocks);
            _firstKeys = new ulong[blocks];
            _hashes = new UInt128[blocks];
            for (var i = 0; i < blocks; i++)
            {
                _firstKeys[i] = reader.ReadUInt64();
                var low = reader.ReadUInt64();
                _hashes[i] = new UInt128(reader.ReadUInt64(), low);
            }

            _pageHashes = new ulong[sections.Sum(section => section.FilterPages)];
            for (var i = 0; i < _pageHashes.Length; i++)
            {
                _pageHashes[i] = reader.ReadUInt64();
            }

            Names = [.. Enumerable.Range(0, reader.ReadInt32()).Select(_ => reader.ReadString())];
            _pages = new byte[]?[_pageHashes.Length];
        }
        catch (Exception e) when (e is IOException or InvalidDataException or UnauthorizedAccessException or ArgumentException or OverflowException)
        {
            _file?.Dispose();
            throw Damaged(e.Message, e);
        }
    }

    /// <summary>Reads a file that is still in staging.</summary>
    public static KeyFileReader OfStaged(StagedIndex staged) =>
        new(staged.Path, new KeyIndex(staged.Path, staged.Keys, new FileInfo(staged.Path).Length, staged.Sha256, staged.HeadSha256, 0));

    /// <summary>What the numbers in the entries stand for.</summary>
    public IReadOnlyList<string> Names { get; }

    /// <summary>The scopes, in rising order.</summary>
    public IEnumerable<KeySection> Sections => _sections.Values.OrderBy(section => section.Scope);

    public KeySection? Section(int scope) => _sections.TryGetValue(scope, out var section) ? section : null;

    /// <summary>Whether a scope may hold a key.</summary>
    public bool MayHold(KeySection section, ulong key)
    {
        if (section.FilterPages == 0)
        {
            return true;
        }

        var (block, bits) = KeyFile.Probe(key, section.FilterPages);
        var page = Page(section, (int)(block / (KeyFile.FilterPageBytes / 64)));
        var start = (int)(block % (KeyFile.FilterPageBytes / 64)) * 64;
        for (var i = 0; i < 7; i++)
        {
            var bit = (int)(bits >> (i * 9)) & 511;
            if ((page[start + (bit >> 3)] & (1 << (bit & 7))) == 0)
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>The first block of a scope that can hold entries of a key.</summary>
    public int BlockOf(KeySection section, ulong key)
    {
        var keys = _firstKeys.AsSpan(section.FirstBlock, section.Blocks);
        var (low, high) = (0, keys.Length);
        while (low < high)
        {
            var middle = (low + high) / 2;
            (low, high) = keys[middle] < key ? (middle + 1, high) : (low, middle);
        }

        // Blocks from here on begin with the key or a greater one; the one before may end with it.
        return Math.Max(0, low - 1);
    }

    /// <summary>The entries of a block of a scope; good until the next call.</summary>
    public ReadOnlySpan<byte> Block(KeySection section, int block)
    {
        var number = section.FirstBlock + block;
        var entries = (int)Math.Min(KeyFile.BlockEntries, section.Entries - ((long)block * KeyFile.BlockEntries));
        var length = entries * _entryBytes;
        if (_loaded != number)
        {
            _block = _block.Length >= length ? _block : new byte[KeyFile.BlockEntries * _entryBytes];
            _loaded = -1;
            Read(_block.AsSpan(0, length), section.Offset + ((long)block * KeyFile.BlockEntries * _entryBytes));
            if (XxHash128.HashToUInt128(_block.AsSpan(0, length)) != _hashes[number])
            {
                throw Damaged("bytes that differ from what was written", null);
            }

            _loaded = number;
        }

        return _block.AsSpan(0, length);
    }

    public void Dispose() => _file.Dispose();

    private byte[] ReadHead(KeyIndex index)
    {
        var length = RandomAccess.GetLength(_file);
        if (length != index.Bytes || length < KeyFile.TailBytes)
        {
            throw new InvalidDataException(FormattableString.Invariant($"{length} bytes where {index.Bytes} were written"));
        }

        var tail = new byte[sizeof(long) + sizeof(ulong)];
        Read(tail, length - tail.Length);
        var head = BinaryPrimitives.ReadInt64LittleEndian(tail);
        if (BinaryPrimitives.ReadUInt64LittleEndian(tail.AsSpan(sizeof(long))) != KeyFile.Magic || head < 0 || head > length || head > int.MaxValue)
        {
            throw new InvalidDataException("not a key file");
        }

        var bytes = new byte[head];
        Read(bytes, length - head);
        return Convert.ToHexStringLower(SHA256.HashData(bytes)) == index.HeadSha256
            ? bytes
            : throw new InvalidDataException("a head with another digest than the lake log names");
    }

    private List<KeySection> ReadSections(BinaryReader reader)
    {
        var sections = new List<KeySection>();
        var (block, page) = (0, 0);
        for (var count = reader.ReadInt32(); count > 0; count--)
        {
            var section = new KeySection(
                reader.ReadInt32(), reader.ReadInt64(), reader.ReadInt64(), block, reader.ReadInt64(), reader.ReadInt32(), page);
            sections.Add(section);
            _sections.Add(section.Scope, section);
            block += section.Blocks;
            page += section.FilterPages;
        }

        return sections;
    }

    private byte[] Page(KeySection section, int page)
    {
        var number = section.FirstPage + page;
        if (_pages[number] is not { } bytes)
        {
            bytes = new byte[KeyFile.FilterPageBytes];
            Read(bytes, section.FilterOffset + ((long)page * KeyFile.FilterPageBytes));
            if (XxHash3.HashToUInt64(bytes) != _pageHashes[number])
            {
                throw Damaged("a filter that differs from what was written", null);
            }

            _pages[number] = bytes;
        }

        return bytes;
    }

    private void Read(Span<byte> target, long offset)
    {
        while (target.Length > 0)
        {
            var read = RandomAccess.Read(_file, target, offset);
            if (read == 0)
            {
                throw new EndOfStreamException("the file ends too early");
            }

            target = target[read..];
            offset += read;
        }
    }

    private RiskLakeException Damaged(string found, Exception? cause) => new(
        ErrorCode.LakeDamaged, _path, found, "the key file that the lake log names", "run `risklake lake verify`, and restore the file from a copy", cause);
}
