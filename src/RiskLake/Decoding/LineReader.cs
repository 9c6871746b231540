using System.Security.Cryptography;
using RiskLake.Sources;

namespace RiskLake.Decoding;

/// <summary>Cuts NDJSON into blocks of whole lines.</summary>
/// <remarks>The byte behind the last line of the input is set to a line feed, so that a parser cannot run on into old bytes.</remarks>
internal sealed class LineReader(int fileIndex, RecordStream content, DecodeOptions options)
{
    public IEnumerable<InputBlock> Read()
    {
        var line = 1L;
        while (content.Fill())
        {
            var data = content.Data;
            var cut = content.AtEnd ? data.Length : data.LastIndexOf((byte)'\n') + 1;
            if (cut == 0)
            {
                // Carriage return and line feed are not part of the record: only two bytes more than the limit are surely too many.
                if (data.Length <= options.MaxRecordBytes + 1)
                {
                    content.Grow();
                    continue;
                }

                yield return LongLine(line++);
                continue;
            }

            var lines = content.Data[..cut].Count((byte)'\n') + (content.Data[cut - 1] == '\n' ? 0L : 1L);
            var offset = content.Offset;
            yield return new LineBlock(fileIndex, lines, content.Take(cut), cut, offset, line);
            line += lines;
        }
    }

    /// <summary>Reads a line that is longer than the limit to its end, keeping its beginning.</summary>
    private JudgedBlock LongLine(long line)
    {
        var offset = content.Offset;
        var head = content.Data[..options.MaxRecordBytes].ToArray();
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var length = 0L;
        var heldReturn = false;
        while (content.Fill())
        {
            var data = content.Data;
            var end = data.IndexOf((byte)'\n');
            var part = end < 0 ? data : data[..end];
            if (heldReturn && !part.IsEmpty)
            {
                hash.AppendData("\r"u8);
                length++;
                heldReturn = false;
            }

            // A carriage return belongs to the line only if something other than the line feed follows.
            if (!part.IsEmpty && part[^1] == '\r')
            {
                part = part[..^1];
                heldReturn = true;
            }

            hash.AppendData(part);
            length += part.Length;
            content.Skip(end < 0 ? data.Length : end + 1);
            if (end >= 0)
            {
                break;
            }
        }

        var violation = new Violation(
            ReasonCode.RecordTooLarge, null, JudgedBlock.Bytes(length), "at most " + JudgedBlock.Bytes(options.MaxRecordBytes));
        return new JudgedBlock(fileIndex, line, offset, head, length, hash.GetHashAndReset(), violation);
    }
}
