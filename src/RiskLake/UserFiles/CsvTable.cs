using System.Text;
using RiskLake.Ingest.Decoding;
using RiskLake.Ingest.Sources;
using RiskLake.Lake.Errors;

namespace RiskLake.UserFiles;

/// <summary>A CSV file: RFC 4180, a header row, commas, UTF-8. Every row has as many cells as the header.</summary>
internal sealed class CsvTable : TableFile
{
    private readonly List<string>[] _cells;
    private readonly List<long> _lines;

    private CsvTable(string path, IReadOnlyList<string> names, List<string>[] cells, List<long> lines)
        : base(path, names) => (_cells, _lines) = (cells, lines);

    /// <inheritdoc/>
    public override int Rows => _lines.Count;

    public static unsafe CsvTable Parse(string path, byte[] content)
    {
        // The row reader looks one byte past a number.
        var text = content.AsSpan().StartsWith(InputFormat.ByteOrderMark) ? content.AsSpan(InputFormat.ByteOrderMark.Length) : content;
        var padded = new byte[text.Length + ByteScan.Padding];
        text.CopyTo(padded);
        using var row = new CsvRow();
        List<string>? names = null;
        List<string>[] cells = [];
        List<long> lines = [];
        long line = 1;
        fixed (byte* start = padded)
        {
            byte* limit = start + text.Length;
            for (var p = start; p < limit;)
            {
                var next = row.Read(p, limit);
                if (!row.IsBlank)
                {
                    names = names is null ? Header(path, row, line) : Add(path, row, names, cells, lines, line);
                    cells = cells.Length == 0 ? [.. names.Select(_ => new List<string>())] : cells;
                }

                line += new ReadOnlySpan<byte>(p, (int)(next - p)).Count((byte)'\n');
                p = next;
            }
        }

        return names is null
            ? throw new RiskLakeException(
                ErrorCode.InputFormatUnknown, path, "an empty file", "CSV with a header row, or Parquet", "check the path")
            : new CsvTable(path, names, cells, lines);
    }

    /// <inheritdoc/>
    public override IReadOnlyList<string> Texts(int column) => _cells[column];

    /// <inheritdoc/>
    protected override long LineOf(int row) => _lines[row];

    private static List<string> Header(string path, CsvRow row, long line)
    {
        var names = Cells(path, row, line);
        if (names.Count == 1 && names[0].AsSpan().IndexOfAny(';', '\t') >= 0)
        {
            throw new RiskLakeException(
                ErrorCode.InputFormatUnknown, $"{path}:{line}",
                $"one column '{Excerpt(names[0])}', with {(names[0].Contains(';', StringComparison.Ordinal) ? "semicolons" : "tabs")} between the cells",
                "cells between commas, numbers with a point before the decimals, dates such as 2024-12-24",
                "save the file as CSV with commas, or as Parquet");
        }

        if (names.All(name => name.Length > 0 && (name[0] is >= '0' and <= '9' || name[0] is '-' or '+' or '.')))
        {
            throw new RiskLakeException(
                ErrorCode.InputFormatUnknown, $"{path}:{line}", $"a first row of values, '{Excerpt(string.Join(',', names))}'",
                "a header row with the names of the columns", "add a header row");
        }

        return names;
    }

    private static List<string> Add(string path, CsvRow row, List<string> names, List<string>[] cells, List<long> lines, long line)
    {
        var texts = Cells(path, row, line);
        if (texts.Count != names.Count)
        {
            throw new RiskLakeException(
                ErrorCode.CellInvalid, $"{path}:{line}", $"{texts.Count} cells", $"{names.Count} cells, as in the header", "correct the file");
        }

        for (var i = 0; i < texts.Count; i++)
        {
            cells[i].Add(texts[i]);
        }

        lines.Add(line);
        return names;
    }

    private static unsafe List<string> Cells(string path, CsvRow row, long line)
    {
        var texts = new List<string>(row.Count);
        var fault = row.Fault;
        for (var i = 0; i < row.Count; i++)
        {
            fault ??= row[i].Fault;
            texts.Add(Encoding.UTF8.GetString(row[i].Start, row[i].Length).Trim(' '));
        }

        return fault is null ? texts : throw new RiskLakeException(
            ErrorCode.CellInvalid, $"{path}:{line}", $"a row that is {fault.Name}", "a row after RFC 4180 in UTF-8", "correct the file");
    }
}
