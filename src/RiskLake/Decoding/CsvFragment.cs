using RiskLake.Columns;

namespace RiskLake.Decoding;

/// <summary>
/// A line of one value where rows have several. Where a line end got into the last value of the row before it, or into the first of the row
/// after it, that row has the right number of values, and one of them is only a part of what it was.
/// </summary>
internal sealed unsafe class CsvFragment(DecodePlan plan) : IDisposable
{
    private readonly CsvRow _before = new();
    private readonly CsvRow _after = new();
    private readonly RowBuilder _row = new(plan);
    private readonly NativeBuffer<byte> _joined = new();

    /// <summary>Of which rows beside it a fragment is the rest.</summary>
    [Flags]
    internal enum Owner
    {
        None = 0,
        Before = 1,
        After = 2,
    }

    /// <summary>Whether a line of one value that is not quoted stands here; null where that cannot be told yet.</summary>
    public static bool? StandsIn(ReadOnlySpan<byte> text, bool isAll)
    {
        var end = text.IndexOfAny((byte)',', (byte)'\n', (byte)'"');
        if (end < 0)
        {
            return isAll ? !IsBlank(text) : null;
        }

        return text[end] == '\n' && !IsBlank(text[..end]);

        static bool IsBlank(ReadOnlySpan<byte> line) => line.TrimEnd((byte)'\r').IsEmpty;
    }

    /// <summary>Judges the fragment between two rows by what the contract allows and by what the rows beside it look like.</summary>
    /// <param name="before">The row before it, which has the right number of values.</param>
    /// <param name="fragment">The fragment.</param>
    /// <param name="limit">End of the block.</param>
    /// <param name="header">The header.</param>
    public Owner Judge(byte* before, byte* fragment, byte* limit, CsvHeader header)
    {
        _before.Read(before, limit);
        var line = new ReadOnlySpan<byte>(fragment, (int)(limit - fragment));
        var feed = line.IndexOf((byte)'\n');
        var next = feed < 0 ? limit : fragment + feed + 1;
        line = (feed < 0 ? line : line[..feed]).TrimEnd((byte)'\r');
        var hasAfter = next < limit && StandsIn(new ReadOnlySpan<byte>(next, (int)(limit - next)), isAll: true) == false;
        if (hasAfter)
        {
            _after.Read(next, limit);
            hasAfter = _after.Fault is null && _after.Count == header.Count;
        }

        var last = header.Count - 1;
        var tail = Part(_before[last], line, default, hasAfter ? Text(_after[last]) : default, hasAfter, header.Field(last));
        var head = hasAfter ? Part(_after[0], default, line, Text(_before[0]), true, header.Field(0)) : Fit.None;
        return (tail, head) switch
        {
            (Fit.None, Fit.None) => Owner.None,
            (Fit.Alike, not Fit.Alike) => Owner.Before,
            (not Fit.Alike, Fit.Alike) => Owner.After,
            _ => (tail == Fit.None ? Owner.None : Owner.Before) | (head == Fit.None ? Owner.None : Owner.After),
        };
    }

    public void Dispose()
    {
        _before.Dispose();
        _after.Dispose();
        _row.Dispose();
        _joined.Dispose();
    }

    private enum Fit
    {
        /// <summary>The two are no value, or nothing speaks for it.</summary>
        None,

        /// <summary>The two are one number or time.</summary>
        Value,

        /// <summary>The two look like the value of the row beside it, and the one alone does not.</summary>
        Alike,
    }

    private Fit Part(
        in CsvCell cell, ReadOnlySpan<byte> behind, ReadOnlySpan<byte> ahead, ReadOnlySpan<byte> model, bool hasModel, int field)
    {
        if (cell.Quoted || cell.Fault is not null)
        {
            return Fit.None;
        }

        _joined.Clear();
        _joined.Reserve(ahead.Length + cell.Length + behind.Length + 1 + ByteScan.Padding);
        _joined.AddRange(ahead);
        _joined.AddRange(Text(cell));
        _joined.AddRange(behind);
        var length = (int)_joined.Count;
        _joined.Add((byte)'\n');
        var joined = new ReadOnlySpan<byte>(_joined.Pointer, length);
        var known = field < 0 ? null : _row.Plan.Fields[field];
        if (length > _row.Plan.MaxRecordBytes || (known is not null && !Satisfies(known, joined)))
        {
            return Fit.None;
        }

        var isAlike = hasModel && IsAlike(joined, model) && !IsAlike(Text(cell), model);
        var isText = known is null || known.Field.Column.IsBytes;
        return isAlike ? Fit.Alike : isText ? Fit.None : Fit.Value;
    }

    private bool Satisfies(FieldPlan field, ReadOnlySpan<byte> text)
    {
        _row.Begin();
        _row.SetFromText(field, _joined.Pointer, _joined.Pointer + text.Length, text);
        return _row.Violations.Count == 0;
    }

    private static ReadOnlySpan<byte> Text(in CsvCell cell) => new(cell.Start, cell.Length);

    /// <summary>Whether two values have the same length and the same kinds of characters in the same places.</summary>
    private static bool IsAlike(ReadOnlySpan<byte> a, ReadOnlySpan<byte> b)
    {
        if (a.Length != b.Length)
        {
            return false;
        }

        for (var i = 0; i < a.Length; i++)
        {
            if (Kind(a[i]) != Kind(b[i]))
            {
                return false;
            }
        }

        return true;

        static int Kind(byte value) => value switch
        {
            >= (byte)'0' and <= (byte)'9' => '0',
            >= (byte)'a' and <= (byte)'z' => 'a',
            >= (byte)'A' and <= (byte)'Z' => 'A',
            >= 0x80 => 0x80,
            _ => value,
        };
    }
}
