using System.Text.Encodings.Web;
using System.Text.Json;
using RiskLake.Columns;
using RiskLake.Sources;

namespace RiskLake.Decoding;

/// <summary>Whole rows of CSV.</summary>
internal sealed unsafe class CsvBlock(
    int fileIndex, long rows, Block bytes, int length, long offset, long firstLine, CsvHeader header)
    : ByteBlock(fileIndex, rows, bytes, length, offset, firstLine)
{
    public const string QuoteRule = "quotes only around a whole value, doubled inside";

    public override long Parse(DecodeWorker worker, RecordBatch records, RecordBatch rejects)
    {
        var start = Bytes.Pointer;
        var limit = start + Length;
        var line = FirstLine;
        var blank = 0L;
        byte* fragment = null;
        var owner = CsvFragment.Owner.None;
        worker.Raw?.Header = header.Digest!;
        for (var p = start; p < limit;)
        {
            var cells = worker.CsvRow;
            var next = cells.Read(p, limit);
            if (cells.IsBlank)
            {
                blank++;
            }
            else
            {
                var end = cells.End;
                ParseRow(worker.Row, cells, p, header);
                if (fragment != null && p > fragment)
                {
                    RejectPart(worker.Row, owner, CsvFragment.Owner.After, p, end);
                    fragment = null;
                }

                if (IsBesideFragment(cells, p, next, limit))
                {
                    fragment = next;
                    owner = worker.Fragment.Judge(p, next, limit, header);
                    RejectPart(worker.Row, owner, CsvFragment.Owner.Before, p, end);
                }

                worker.Finish(p, end, line, Offset + (p - start), records, rejects);
            }

            line += new ReadOnlySpan<byte>(p, (int)(next - p)).Count((byte)'\n');
            p = next;
        }

        return blank;
    }

    /// <summary>Whether a row with all its values has a line of one value behind it.</summary>
    private bool IsBesideFragment(CsvRow cells, byte* p, byte* next, byte* limit) => header.Count > 1 && next < limit
        && CsvFragment.StandsIn(new ReadOnlySpan<byte>(next, (int)(limit - next)), isAll: true) == true
        && cells.Fault is null && cells.Count == header.Count && !new ReadOnlySpan<byte>(p, (int)(next - p)).Contains((byte)'"');

    private static void RejectPart(RowBuilder row, CsvFragment.Owner owner, CsvFragment.Owner side, byte* start, byte* end)
    {
        if (owner.HasFlag(side))
        {
            var text = DecodePlan.Excerpt(new ReadOnlySpan<byte>(start, (int)(end - start)));
            row.RejectRecord(ReasonCode.Truncated, text, side == CsvFragment.Owner.Before
                ? "a row whose last value does not go on in the next line" : "a row whose first value does not begin in the line before");
        }
    }

    public static string Columns(int count) => FormattableString.Invariant($"{count} columns");

    /// <summary>Takes the values of a row into a record.</summary>
    public static void ParseRow(RowBuilder row, CsvRow cells, byte* start, CsvHeader header)
    {
        row.Begin();
        if (cells.End - start > row.Plan.MaxRecordBytes)
        {
            row.RejectTooLarge(cells.End - start);
        }
        else if (cells.Fault is not null)
        {
            var found = DecodePlan.Excerpt(new ReadOnlySpan<byte>(start, (int)(cells.End - start)));
            row.RejectRecord(cells.Fault, found, QuoteRule);
        }
        else if (cells.Count != header.Count)
        {
            row.RejectRecord(ReasonCode.ColumnCount, Columns(cells.Count), Columns(header.Count));
        }
        else
        {
            row.Violations.AddRange(header.Violations);
            for (var i = 0; i < cells.Count; i++)
            {
                ParseCell(row, cells[i], i, header);
            }

            row.Complete();
        }
    }

    private static void ParseCell(RowBuilder row, in CsvCell cell, int column, CsvHeader header)
    {
        var text = new ReadOnlySpan<byte>(cell.Start, cell.Length);
        var isNull = cell.Length == 0 && !cell.Quoted;
        var index = header.Field(column);
        if (index < 0)
        {
            KeepUnknown(row, cell, header.Name(column), isNull);
            return;
        }

        var field = row.Plan.Fields[index];
        if (isNull)
        {
            row.SetNull(field);
        }
        else if (cell.Fault is not null)
        {
            row.Reject(field, cell.Fault, text);
        }
        else
        {
            row.SetFromText(field, cell.Start, cell.Start + cell.Length, text);
        }
    }

    private static void KeepUnknown(RowBuilder row, in CsvCell cell, ReadOnlySpan<byte> name, bool isNull)
    {
        var text = new ReadOnlySpan<byte>(cell.Start, cell.Length);
        if (cell.Fault is not null)
        {
            row.RejectRecord(cell.Fault, DecodePlan.Excerpt(text), "valid text");
        }
        else if (row.Plan.Contract.OpenContent)
        {
            byte[] key = [(byte)'"', .. name, (byte)'"'];
            byte[] value = isNull ? [.. "null"u8]
                : [(byte)'"', .. JsonEncodedText.Encode(text, JavaScriptEncoder.UnsafeRelaxedJsonEscaping).EncodedUtf8Bytes, (byte)'"'];
            row.AddExtra(key, value);
        }
    }
}
