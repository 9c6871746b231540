using System.Buffers;
using RiskLake.Ingest.Sources;
using RiskLake.Lake.Columns;

namespace RiskLake.Ingest.Decoding;

/// <summary>Lines with a JSON object each (NDJSON). A line of white space alone is no record.</summary>
internal sealed unsafe class LineBlock(int fileIndex, long lines, Block bytes, int length, long offset, long firstLine)
    : ByteBlock(fileIndex, lines, bytes, length, offset, firstLine)
{
    private static readonly SearchValues<byte> Separators = SearchValues.Create(" \t\r,[]\u001E"u8);

    public override long Parse(DecodeWorker worker, RecordBatch records, RecordBatch rejects)
    {
        var start = Bytes.Pointer;
        var limit = start + Length;
        var line = FirstLine;
        var blank = 0L;
        for (var p = start; p < limit; line++)
        {
            var rest = new ReadOnlySpan<byte>(p, (int)(limit - p));
            var found = rest.IndexOf((byte)'\n');
            var next = found < 0 ? limit : p + found + 1;
            var end = found < 0 ? limit : p + found;
            if (end > p && end[-1] == '\r')
            {
                end--;
            }

            if (IsBlank(p, end) && end - p <= worker.Plan.MaxRecordBytes)
            {
                blank++;
            }
            else
            {
                // A JSON text sequence (RFC 7464) has a separator in front of each record.
                p += *p == JsonPieces.RecordSeparator ? 1 : 0;
                blank -= worker.ParseJson(p, end, line, Offset + (p - start), records, rejects);
            }

            p = next;
        }

        return blank;
    }

    /// <summary>Whether a line has white space and separators alone, such as the bracket at the end of an array that lost its first line.</summary>
    private static bool IsBlank(byte* p, byte* end) =>
        p == end || ((*p <= ' ' || *p is (byte)',' or (byte)'[' or (byte)']') && IsBlank(new ReadOnlySpan<byte>(p, (int)(end - p))));

    private static bool IsBlank(ReadOnlySpan<byte> line) =>
        !line.ContainsAnyExcept(Separators) && !(line.Contains((byte)'[') && line.Contains((byte)']'));
}
