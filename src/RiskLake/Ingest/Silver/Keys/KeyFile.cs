using System.Buffers.Binary;
using System.IO.Hashing;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using RiskLake.Lake.Columns;

namespace RiskLake.Ingest.Silver.Keys;

/// <summary>
/// The form of a file of entries sorted by scope and key digest: blocks of entries, filters of key digests, and a head that tells where
/// they lie and vouches for each with a hash. The lake log names the digest of the head, so that a reader who looks at a few blocks has
/// checked every byte that decides.
/// </summary>
internal static class KeyFile
{
    /// <summary>Entries in a block; the last of a scope may have fewer.</summary>
    public const int BlockEntries = 4096;

    public const int FilterPageBytes = 4096;

    /// <summary>Scopes with fewer keys have no filter: they are one block.</summary>
    public const int FilterMinimum = BlockEntries;

    public const int TailBytes = 16;

    public const ulong Magic = 0x3230_5945_4B4C_5221; // "!RLKEY02"

    /// <summary>Pages of the filter for a number of keys: twelve bits a key, in whole pages.</summary>
    public static int FilterPages(long keys) => keys < FilterMinimum ? 0 : checked((int)((keys * 12 / 8 / FilterPageBytes) + 1));

    /// <summary>Where a key's bits are: one block of 512 bits, seven bits in it.</summary>
    public static (long Block, ulong Bits) Probe(ulong key, int pages)
    {
        var mixed = key * 0x9E37_79B9_7F4A_7C15;
        mixed ^= mixed >> 32;
        var block = (long)Math.BigMul(mixed * 0xD6E8_FEB8_6659_FD93, (ulong)pages * (FilterPageBytes / 64), out _);
        return (block, mixed * 0xC2B2_AE3D_27D4_EB4F);
    }
}

/// <summary>Where the entries of one scope lie in a key file.</summary>
/// <param name="Scope">The scope, see <see cref="EventScope"/>.</param>
/// <param name="Entries">How many there are.</param>
/// <param name="Offset">First byte of the first block.</param>
/// <param name="FirstBlock">Number of the first block in the file.</param>
/// <param name="FilterOffset">First byte of the filter.</param>
/// <param name="FilterPages">Its pages; 0 without a filter.</param>
/// <param name="FirstPage">Number of the first page in the file.</param>
internal readonly record struct KeySection(int Scope, long Entries, long Offset, int FirstBlock, long FilterOffset, int FilterPages, int FirstPage)
{
    public int Blocks => checked((int)((Entries + KeyFile.BlockEntries - 1) / KeyFile.BlockEntries));
}

/// <summary>Writes a key file. Scopes come in rising order, and the entries of each in the order of their keys.</summary>
internal sealed class KeyFileWriter : IDisposable
{
    private readonly FileStream _stream;
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private readonly int _entryBytes;
    private readonly byte[] _block;
    private readonly List<KeySection> _sections = [];
    private readonly List<(ulong FirstKey, UInt128 Hash)> _blocks = [];
    private readonly List<ulong> _pages = [];
    private KeySection _section;
    private byte[] _filter = [];
    private int _filled;
    private long _offset;

    /// <param name="path">The new file.</param>
    /// <param name="entryBytes">Size of an entry; its first eight bytes are the key digest, little end first.</param>
    public KeyFileWriter(string path, int entryBytes)
    {
        Path = path;
        _stream = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.None, 0);
        _entryBytes = entryBytes;
        _block = new byte[entryBytes * KeyFile.BlockEntries];
    }

    public string Path { get; }

    /// <summary>Entries written so far.</summary>
    public long Entries { get; private set; }

    /// <param name="scope">The scope whose entries follow.</param>
    /// <param name="keys">At least as many as there are different keys in it.</param>
    public void Begin(int scope, long keys)
    {
        EndSection();
        _section = new KeySection(scope, 0, _offset, _blocks.Count, 0, KeyFile.FilterPages(keys), _pages.Count);
        _filter = new byte[_section.FilterPages * KeyFile.FilterPageBytes];
    }

    public void Add(ReadOnlySpan<byte> entry)
    {
        entry.CopyTo(_block.AsSpan(_filled * _entryBytes));
        _section = _section with { Entries = _section.Entries + 1 };
        Entries++;
        if (_filter.Length > 0)
        {
            Mark(BinaryPrimitives.ReadUInt64LittleEndian(entry));
        }

        if (++_filled == KeyFile.BlockEntries)
        {
            Flush();
        }
    }

    /// <summary>Writes filters and head; returns the digests of the file and of its head.</summary>
    /// <param name="names">What the numbers in the entries stand for, if anything.</param>
    public (string Sha256, string HeadSha256, long Bytes) Finish(IReadOnlyList<string> names)
    {
        EndSection();
        var head = Head(names);
        Write(head);
        _stream.Flush();
        return (Convert.ToHexStringLower(_hash.GetHashAndReset()), Convert.ToHexStringLower(SHA256.HashData(head)), _offset);
    }

    public void Dispose()
    {
        _stream.Dispose();
        _hash.Dispose();
    }

    private void Mark(ulong key)
    {
        var (block, bits) = KeyFile.Probe(key, _section.FilterPages);
        for (var i = 0; i < 7; i++)
        {
            var bit = (int)(bits >> (i * 9)) & 511;
            _filter[(block * 64) + (bit >> 3)] |= (byte)(1 << (bit & 7));
        }
    }

    private void Flush()
    {
        if (_filled == 0)
        {
            return;
        }

        var bytes = _block.AsSpan(0, _filled * _entryBytes);
        _blocks.Add((BinaryPrimitives.ReadUInt64LittleEndian(bytes), XxHash128.HashToUInt128(bytes)));
        Write(bytes);
        _filled = 0;
    }

    private void EndSection()
    {
        Flush();
        if (_section.Entries == 0)
        {
            return;
        }

        for (var page = 0; page < _section.FilterPages; page++)
        {
            _pages.Add(XxHash3.HashToUInt64(_filter.AsSpan(page * KeyFile.FilterPageBytes, KeyFile.FilterPageBytes)));
        }

        _sections.Add(_section with { FilterOffset = _offset });
        Write(_filter);
        _section = default;
    }

    private byte[] Head(IReadOnlyList<string> names)
    {
        using var stream = new MemoryStream();
        using var writer = new BinaryWriter(stream, System.Text.Encoding.UTF8);
        writer.Write(_entryBytes);
        writer.Write(_sections.Count);
        foreach (var section in _sections)
        {
            writer.Write(section.Scope);
            writer.Write(section.Entries);
            writer.Write(section.Offset);
            writer.Write(section.FilterOffset);
            writer.Write(section.FilterPages);
        }

        foreach (var (firstKey, hash) in _blocks)
        {
            writer.Write(firstKey);
            writer.Write((ulong)hash);
            writer.Write((ulong)(hash >> 64));
        }

        foreach (var page in _pages)
        {
            writer.Write(page);
        }

        writer.Write(names.Count);
        foreach (var name in names)
        {
            writer.Write(name);
        }

        writer.Write(stream.Length + sizeof(long) + sizeof(ulong));
        writer.Write(KeyFile.Magic);
        return stream.ToArray();
    }

    private void Write(ReadOnlySpan<byte> bytes)
    {
        _stream.Write(bytes);
        _hash.AppendData(bytes);
        _offset += bytes.Length;
    }
}
