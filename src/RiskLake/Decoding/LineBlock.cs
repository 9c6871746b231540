using RiskLake.Columns;
using RiskLake.Sources;

namespace RiskLake.Decoding;

/// <summary>Lines with a JSON object each (NDJSON). A line of white space alone is no record.</summary>
internal sealed unsafe class LineBlock(int fileIndex, long lines, Block bytes, int length, long offset, long firstLine)
    : ByteBlock(fileIndex, lines, bytes, length, offset, firstLine)
{
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
                worker.ParseJson(p, end, line, Offset + (p - start), records, rejects);
            }

            p = next;
        }

        return blank;
    }

    private static bool IsBlank(byte* p, byte* end) => p == end || (*p <= ' ' && ByteScan.SkipSpace(p, end) == end);
}
