using System.Security.Cryptography;

namespace RiskLake.Ingest.Decoding;

/// <summary>Lines that are no record: their beginning is kept, all of them are counted and hashed.</summary>
/// <param name="offset">Where they begin in the content.</param>
/// <param name="line">Number of the first line.</param>
/// <param name="kept">How many bytes are kept.</param>
internal sealed class BrokenStretch(long offset, long line, int kept) : IDisposable
{
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private readonly MemoryStream _head = new();
    private byte[] _lineEnd = [];

    /// <summary>Bytes so far, line ends included.</summary>
    public long Length { get; private set; }

    /// <summary>Bytes so far, without the line end at the end.</summary>
    public long RecordLength => Length - _lineEnd.Length;

    public ReadOnlySpan<byte> Head => _head.GetBuffer().AsSpan(0, (int)_head.Length);

    /// <summary>Adds a part, in which a line feed stands at the end only.</summary>
    public void Add(ReadOnlySpan<byte> part)
    {
        Write(_lineEnd);
        Length += part.Length;
        var text = part is [.., (byte)'\n'] ? part[..^1] : part;
        text = text is [.., (byte)'\r'] ? text[..^1] : text;
        _lineEnd = part[text.Length..].ToArray();
        Write(text);
    }

    public JudgedBlock Judge(int fileIndex, Violation violation)
    {
        using (this)
        {
            return new JudgedBlock(fileIndex, line, offset, Head.ToArray(), RecordLength, _hash.GetHashAndReset(), violation);
        }
    }

    public void Dispose()
    {
        _hash.Dispose();
        _head.Dispose();
    }

    private void Write(ReadOnlySpan<byte> bytes)
    {
        _hash.AppendData(bytes);
        _head.Write(bytes[..(int)Math.Min(bytes.Length, kept - _head.Length)]);
    }
}
