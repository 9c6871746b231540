namespace RiskLake.Ingest.Sources;

/// <summary>
/// One row of a Stooq file, as received: where each value stands in the line. Whether the values are any good is not decided here
/// but by the contract.
/// </summary>
internal readonly ref struct StooqBar(StooqHeader header, ReadOnlySpan<byte> line, ReadOnlySpan<Range> cells)
{
    private readonly ReadOnlySpan<byte> _line = line;
    private readonly ReadOnlySpan<Range> _cells = cells;

    /// <summary>A value without the space around it; empty where the column is absent or the cell empty.</summary>
    public ReadOnlySpan<byte> this[StooqColumn column]
    {
        get
        {
            var place = header.Place(column);
            return place < 0 || place >= _cells.Length ? default : _line[_cells[place]].Trim(" \t\""u8);
        }
    }
}

/// <summary>Spelling of Stooq's dates and times.</summary>
internal static class StooqText
{
    /// <summary>A date as <c>yyyy-MM-dd</c> in ten bytes; false when the cell is not shaped like a date.</summary>
    public static bool TryDate(ReadOnlySpan<byte> cell, Span<byte> date)
    {
        if (cell.Length == 10 && (cell[4] == '-' || cell[4] == '/' || cell[4] == '.') && cell[7] == cell[4])
        {
            cell.CopyTo(date);
        }
        else if (cell.Length == 8)
        {
            cell[..4].CopyTo(date);
            cell[4..6].CopyTo(date[5..]);
            cell[6..].CopyTo(date[8..]);
        }
        else
        {
            return false;
        }

        (date[4], date[7]) = ((byte)'-', (byte)'-');
        return AreDigits(date[..4]) && AreDigits(date[5..7]) && AreDigits(date[8..]);
    }

    /// <summary>A time of day as <c>HH:mm:ss</c> in eight bytes; false when the cell is not shaped like one.</summary>
    public static bool TryTime(ReadOnlySpan<byte> cell, Span<byte> time)
    {
        if (cell.Length == 8 && cell[2] == ':' && cell[5] == ':')
        {
            cell.CopyTo(time);
        }
        else if (cell.Length is 4 or 6)
        {
            "00:00:00"u8.CopyTo(time);
            cell[..2].CopyTo(time);
            cell[2..4].CopyTo(time[3..]);
            cell[4..].CopyTo(time[6..]);
        }
        else
        {
            return false;
        }

        return AreDigits(time[..2]) && AreDigits(time[3..5]) && AreDigits(time[6..]);
    }

    /// <summary>A whole number without sign as a canonical integer; a fraction of zeros counts as none.</summary>
    public static bool TryWhole(ReadOnlySpan<byte> cell, out ReadOnlySpan<byte> whole)
    {
        var point = cell.IndexOf((byte)'.');
        whole = point < 0 ? cell : cell[..point];
        var rest = point < 0 ? default : cell[(point + 1)..];
        return AreDigits(whole) && rest.IndexOfAnyExcept((byte)'0') < 0 && (point < 0 || !rest.IsEmpty)
            && (whole.Length == 1 || whole[0] != '0');
    }

    /// <summary>Whether a cell is a number as JSON spells it; anything else is passed on as text, for the contract to refuse.</summary>
    public static bool IsNumber(ReadOnlySpan<byte> cell)
    {
        var at = cell is [(byte)'-', ..] ? 1 : 0;
        var digits = Digits(cell[at..]);
        if (digits == 0 || (digits > 1 && cell[at] == '0'))
        {
            return false;
        }

        at += digits;
        if (at < cell.Length && cell[at] == '.')
        {
            var fraction = Digits(cell[(at + 1)..]);
            if (fraction == 0)
            {
                return false;
            }

            at += 1 + fraction;
        }

        if (at < cell.Length && cell[at] is (byte)'e' or (byte)'E')
        {
            at += at + 1 < cell.Length && cell[at + 1] is (byte)'+' or (byte)'-' ? 2 : 1;
            var exponent = Digits(cell[at..]);
            if (exponent == 0)
            {
                return false;
            }

            at += exponent;
        }

        return at == cell.Length;
    }

    /// <summary>The same number without zeros that end a fraction, so that <c>100.10</c> and <c>100.1</c> are no restatement.</summary>
    public static ReadOnlySpan<byte> Shortest(ReadOnlySpan<byte> cell) =>
        cell.Contains((byte)'.') && !cell.ContainsAny((byte)'e', (byte)'E') ? cell.TrimEnd((byte)'0').TrimEnd((byte)'.') : cell;

    private static int Digits(ReadOnlySpan<byte> text) =>
        text.IndexOfAnyExceptInRange((byte)'0', (byte)'9') is >= 0 and var end ? end : text.Length;

    private static bool AreDigits(ReadOnlySpan<byte> text) => !text.IsEmpty && text.IndexOfAnyExceptInRange((byte)'0', (byte)'9') < 0;
}
