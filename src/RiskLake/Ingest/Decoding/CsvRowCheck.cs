using RiskLake.Lake.Columns;

namespace RiskLake.Ingest.Decoding;

/// <summary>Judges rows over several lines, and lines at which reading might go on, before they are handed to the parsing threads.</summary>
internal sealed unsafe class CsvRowCheck(DecodePlan plan) : IDisposable
{
    private readonly CsvRow _cells = new();
    private readonly RowBuilder _row = new(plan);
    private readonly NativeBuffer<byte> _line = new();

    public void Dispose()
    {
        _cells.Dispose();
        _row.Dispose();
        _line.Dispose();
    }

    /// <summary>
    /// Whether a row is one row: its quotes are closed, it has the header's number of values, and it is not made of rows of which two
    /// lost a quote each.
    /// </summary>
    public bool IsSound(byte* start, int length, CsvHeader header)
    {
        _cells.Read(start, start + length);
        return !_cells.IsBlank && _cells.Fault is null && _cells.Count == header.Count && !IsMadeOfRows(start, length, header);
    }

    /// <summary>Whether a sound row satisfies the contract.</summary>
    public bool Satisfies(byte* start, int length, CsvHeader header)
    {
        _cells.Read(start, start + length);
        CsvBlock.ParseRow(_row, _cells, start, header);
        return _row.Violations.Count == 0;
    }

    /// <summary>What is wrong with a row that is not sound.</summary>
    public Violation Describe(byte* start, int length, CsvHeader header)
    {
        _cells.Read(start, start + length);
        return _cells.Fault is null && _cells.Count != header.Count
            ? new Violation(ReasonCode.ColumnCount, null, CsvBlock.Columns(_cells.Count), CsvBlock.Columns(header.Count))
            : new Violation(
                _cells.Fault ?? ReasonCode.MalformedCsv, null, DecodePlan.Excerpt(new ReadOnlySpan<byte>(start, length)), CsvBlock.QuoteRule);
    }

    /// <summary>Whether every line, the first and the last without their quotes, is a row that satisfies the contract.</summary>
    private bool IsMadeOfRows(byte* start, int length, CsvHeader header)
    {
        var text = new ReadOnlySpan<byte>(start, length);
        text = text is [.., (byte)'\n'] ? text[..^1] : text;
        if (!text.Contains((byte)'\n'))
        {
            return false;
        }

        for (var at = 0; at <= text.Length;)
        {
            var feed = text[at..].IndexOf((byte)'\n');
            var end = feed < 0 ? text.Length : at + feed;
            if (!IsRow(text[at..end], at == 0 || feed < 0, header))
            {
                return false;
            }

            at = end + 1;
        }

        return true;
    }

    private bool IsRow(ReadOnlySpan<byte> line, bool isEdge, CsvHeader header)
    {
        _line.Clear();
        _line.Reserve(line.Length + 1 + ByteScan.Padding);
        foreach (var value in line)
        {
            if (!isEdge || value != '"')
            {
                _line.Add(value);
            }
        }

        var length = (int)_line.Count;
        _line.Add((byte)'\n');
        _cells.Read(_line.Pointer, _line.Pointer + length);
        if (_cells.Fault is not null || _cells.Count != header.Count)
        {
            return false;
        }

        CsvBlock.ParseRow(_row, _cells, _line.Pointer, header);
        return _row.Violations.Count == 0;
    }
}
