using System.Security.Cryptography;

namespace RiskLake.Ingest.Decoding;

/// <summary>Finds where a record ends, over as many pieces of input as it takes.</summary>
internal interface IRecordEnd
{
    /// <summary>Looks on in the next piece of the record.</summary>
    /// <returns>The position behind the record (and its line end, if it has one), or -1 when it goes on.</returns>
    int Find(ReadOnlySpan<byte> data);
}

/// <summary>
/// A record that is not handed on whole: its beginning is kept, the rest is only counted and hashed, in bounded memory.
/// </summary>
/// <param name="Offset">Where it begins in the content.</param>
/// <param name="Head">Its beginning.</param>
/// <param name="Length">Its length in bytes, without the line end.</param>
/// <param name="Sha256">Its digest, without the line end.</param>
/// <param name="LineFeeds">How many line feeds were read.</param>
/// <param name="Ended">Whether its end was found before that of the content.</param>
internal sealed record LongRecord(long Offset, byte[] Head, long Length, byte[] Sha256, long LineFeeds, bool Ended)
{
    /// <summary>Reads from the front of the window to the end of the record, or of the content.</summary>
    /// <param name="content">Where to read; what was read is taken off.</param>
    /// <param name="end">Finds the end of the record; null reads everything there is.</param>
    /// <param name="keep">How many bytes to keep.</param>
    /// <param name="isLine">Whether a line feed, or carriage return and line feed, at the end is not part of the record.</param>
    public static LongRecord Read(RecordStream content, IRecordEnd? end, int keep, bool isLine)
    {
        var offset = content.Offset;
        var head = new MemoryStream();
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var length = 0L;
        var lineFeeds = 0L;
        var held = false;
        var ended = false;
        while (!ended && content.Fill())
        {
            var data = content.Data;
            var found = end?.Find(data) ?? -1;
            ended = found >= 0;
            var part = ended ? data[..found] : data;
            var taken = part.Length;
            lineFeeds += part.Count((byte)'\n');
            if (isLine && ended && part[^1] == '\n')
            {
                part = part[..^1];
            }

            if (held && !part.IsEmpty)
            {
                Add("\r"u8);
                held = false;
            }

            // A carriage return belongs to the record only if something other than the line feed follows.
            if (isLine && !part.IsEmpty && part[^1] == '\r')
            {
                part = part[..^1];
                held = true;
            }

            Add(part);
            content.Skip(taken);
        }

        return new LongRecord(offset, head.ToArray(), length, hash.GetHashAndReset(), lineFeeds, ended);

        void Add(ReadOnlySpan<byte> part)
        {
            hash.AppendData(part);
            length += part.Length;
            head.Write(part[..(int)Math.Min(part.Length, keep - head.Length)]);
        }
    }

    public JudgedBlock TooLarge(int fileIndex, long line, int limit) => Judge(
        fileIndex, line, new Violation(ReasonCode.RecordTooLarge, null, JudgedBlock.Bytes(Length), "at most " + JudgedBlock.Bytes(limit)));

    public JudgedBlock Judge(int fileIndex, long line, Violation violation) =>
        new(fileIndex, line, Offset, Head, Length, Sha256, violation);
}
