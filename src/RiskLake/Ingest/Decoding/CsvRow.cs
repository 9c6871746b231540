using System.Text.Unicode;
using RiskLake.Lake.Columns;

namespace RiskLake.Ingest.Decoding;

/// <summary>One value of a CSV row.</summary>
internal unsafe struct CsvCell
{
    public byte* Start;
    public int Length;

    /// <summary>Whether it stands between quotes: an empty text then is not a null.</summary>
    public bool Quoted;

    /// <summary>What is wrong with it.</summary>
    public ReasonCode? Fault;
}

/// <summary>
/// Takes one CSV row apart after RFC 4180. Texts with doubled quotes are copied; all others stay where they are. The bytes behind
/// each text are readable, and the first is not part of a number.
/// </summary>
internal sealed unsafe class CsvRow : IDisposable
{
    private readonly NativeBuffer<byte> _scratch = new();
    private CsvCell[] _cells = new CsvCell[16];

    public int Count { get; private set; }

    /// <summary>Whether the row is an empty line, which is no record.</summary>
    public bool IsBlank => Count == 1 && _cells[0].Length == 0 && !_cells[0].Quoted;

    /// <summary>What is wrong with the row as a whole.</summary>
    public ReasonCode? Fault { get; private set; }

    /// <summary>The row without its line end.</summary>
    public byte* End { get; private set; }

    public ref readonly CsvCell this[int column] => ref _cells[column];

    /// <summary>Reads the row at <paramref name="p"/>.</summary>
    /// <returns>The beginning of the next row, or <paramref name="limit"/>.</returns>
    public byte* Read(byte* p, byte* limit)
    {
        var start = p;
        Count = 0;
        Fault = null;
        _scratch.Clear();
        var end = ToLineEnd(p, limit);
        if (end != null)
        {
            return ReadSimple(p, end);
        }

        while (true)
        {
            ref var cell = ref Next();
            p = p < limit && *p == '"' ? ReadQuoted(p + 1, limit, ref cell) : ReadPlain(p, limit, ref cell);
            if (p == limit || *p == '\n')
            {
                End = p > start && p[-1] == '\r' ? p - 1 : p;
                return p == limit ? limit : p + 1;
            }

            p++;
        }
    }

    public void Dispose() => _scratch.Dispose();

    /// <summary>The line feed behind a row in which nothing needs a closer look: printable ASCII without quotes. Otherwise null.</summary>
    private static byte* ToLineEnd(byte* p, byte* limit)
    {
        // A quote ends the search as well, so a quoted value with many lines is not searched over and over.
        var found = new ReadOnlySpan<byte>(p, (int)(limit - p)).IndexOfAny((byte)'\n', (byte)'"');
        if (found < 0 || p[found] == '"')
        {
            return null;
        }

        var row = new ReadOnlySpan<byte>(p, found > 0 && p[found - 1] == '\r' ? found - 1 : found);
        return row.ContainsAnyExceptInRange((byte)' ', (byte)'~') ? null : p + found;
    }

    private byte* ReadSimple(byte* p, byte* lineFeed)
    {
        End = lineFeed > p && lineFeed[-1] == '\r' ? lineFeed - 1 : lineFeed;
        while (true)
        {
            var comma = new ReadOnlySpan<byte>(p, (int)(End - p)).IndexOf((byte)',');
            ref var cell = ref Next();
            cell.Start = p;
            cell.Length = comma < 0 ? (int)(End - p) : comma;
            if (comma < 0)
            {
                return lineFeed + 1;
            }

            p += comma + 1;
        }
    }

    private ref CsvCell Next()
    {
        if (Count == _cells.Length)
        {
            Array.Resize(ref _cells, Count * 2);
        }

        ref var cell = ref _cells[Count++];
        cell = default;
        return ref cell;
    }

    /// <summary>The comma or line feed at or after <paramref name="p"/>, or the end.</summary>
    private static byte* ToSeparator(byte* p, byte* limit)
    {
        var found = new ReadOnlySpan<byte>(p, (int)(limit - p)).IndexOfAny((byte)',', (byte)'\n');
        return found < 0 ? limit : p + found;
    }

    private byte* ReadPlain(byte* p, byte* limit, ref CsvCell cell)
    {
        var end = ToSeparator(p, limit);
        var lineEnds = end == limit || *end == '\n';
        cell.Start = p;
        cell.Length = (int)((lineEnds && end > p && end[-1] == '\r' ? end - 1 : end) - p);
        var text = new ReadOnlySpan<byte>(cell.Start, cell.Length);
        if (text.Contains((byte)'"'))
        {
            Fault ??= ReasonCode.MalformedCsv;
        }

        cell.Fault = FaultOf(text, quoted: false);
        return end;
    }

    private byte* ReadQuoted(byte* p, byte* limit, ref CsvCell cell)
    {
        cell.Start = p;
        cell.Quoted = true;
        var doubled = false;
        while (true)
        {
            var found = new ReadOnlySpan<byte>(p, (int)(limit - p)).IndexOf((byte)'"');
            if (found < 0)
            {
                Fault ??= ReasonCode.Truncated;
                return limit;
            }

            p += found + 1;
            if (p == limit || *p != '"')
            {
                break;
            }

            doubled = true;
            p++;
        }

        cell.Length = (int)(p - 1 - cell.Start);
        cell.Fault = FaultOf(new ReadOnlySpan<byte>(cell.Start, cell.Length), quoted: true);
        if (doubled)
        {
            Undouble(ref cell, limit);
        }

        var end = ToSeparator(p, limit);
        var lineEnds = end == limit || *end == '\n';
        if (end != p && !(lineEnds && end - p == 1 && *p == '\r'))
        {
            Fault ??= ReasonCode.MalformedCsv;
        }

        return end;
    }

    /// <summary>Copies a text with one quote for two.</summary>
    private void Undouble(ref CsvCell cell, byte* limit)
    {
        // Texts that were copied before must not move: the first one of a row makes room for all that can follow.
        if (_scratch.Count == 0)
        {
            _scratch.Reserve((limit - cell.Start) * 2 + ByteScan.Padding);
        }

        var copy = _scratch.Pointer + _scratch.Count;
        var length = 0;
        for (var i = 0; i < cell.Length; i++)
        {
            copy[length++] = cell.Start[i];
            i += cell.Start[i] == '"' ? 1 : 0;
        }

        copy[length] = 0;
        cell.Start = copy;
        cell.Length = length;
        _scratch.Count += length + 1;
    }

    /// <summary>What does not belong into a text: a row is valid UTF-8, and only quotes make room for tabs and line ends.</summary>
    private static ReasonCode? FaultOf(ReadOnlySpan<byte> text, bool quoted)
    {
        if (!text.ContainsAnyExceptInRange((byte)' ', (byte)'~'))
        {
            return null;
        }

        if (!Utf8.IsValid(text))
        {
            return ReasonCode.InvalidUtf8;
        }

        foreach (var character in text)
        {
            if (character < ' ' && !(quoted && character is (byte)'\t' or (byte)'\r' or (byte)'\n'))
            {
                return ReasonCode.ControlCharacter;
            }
        }

        return null;
    }
}
