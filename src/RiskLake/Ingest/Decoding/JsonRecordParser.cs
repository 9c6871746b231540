using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using RiskLake.Lake.Columns;

namespace RiskLake.Ingest.Decoding;

/// <summary>
/// Reads one JSON object at a time into a row, in one pass over the bytes, following RFC 8259 to the letter. Readers take the
/// address of a token and return the address behind it, or null when the record is broken there and nothing after it can be
/// understood; whatever is merely not what the contract asks for is noted and reading goes on.
/// </summary>
/// <remarks>
/// The bytes of a record are followed by <see cref="ByteScan.Padding"/> readable bytes, and the first of them is not part of a
/// number. Belongs to one thread.
/// </remarks>
internal sealed unsafe partial class JsonRecordParser(RowBuilder row)
{
    private const int MaxDepth = 64;

    private readonly DecodePlan _plan = row.Plan;

    /// <summary>Per field, which field followed it last time: the guess for the next key. Guesses change the speed only.</summary>
    private readonly int[] _next = [.. row.Plan.Fields.Select(field => (field.Index + 1) % row.Plan.Fields.Length)];

    private HashSet<string>? _unknownNames;
    private DateCache _dates;
    private byte* _start;
    private byte* _end;

    /// <summary>Reads the record into the row; what is wrong with it stands in the row's violations.</summary>
    public void Parse(byte* start, byte* end)
    {
        _start = start;
        _end = end;
        _unknownNames?.Clear();
        var p = ByteScan.SkipSpace(start, end);
        if (p == end || *p != '{')
        {
            RejectOther(p);
            return;
        }

        p = ReadMembers(p + 1);
        if (p is null)
        {
            return;
        }

        p = ByteScan.SkipSpace(p, end);
        if (p != end)
        {
            row.RejectRecord(ReasonCode.TrailingGarbage, Excerpt(p, end), "one JSON object");
        }
        else
        {
            row.Complete();
        }
    }

    private byte* ReadMembers(byte* p)
    {
        p = ByteScan.SkipSpace(p, _end);
        if (p < _end && *p == '}')
        {
            return p + 1;
        }

        var fields = _plan.Fields;
        var last = fields.Length - 1;
        while (true)
        {
            var guess = fields[_next[last]];
            if ((Vector128.Load(p) & guess.KeyMask) == guess.KeyPattern && (guess.KeyTail.Length == 0 || TailMatches(p, guess)))
            {
                p = ReadColon(p + guess.KeyLength);
                last = guess.Index;
                p = p is null ? null : ReadMember(p, guess);
            }
            else
            {
                p = ReadUnexpectedMember(p, ref last);
            }

            if (p is null)
            {
                return null;
            }

            p = ByteScan.SkipSpace(p, _end);
            if (p >= _end)
            {
                return Broken(p, "',' or '}'");
            }

            if (*p == '}')
            {
                return p + 1;
            }

            if (*p != ',')
            {
                return Broken(p, "',' or '}'");
            }

            p = ByteScan.SkipSpace(p + 1, _end);
        }
    }

    private static bool TailMatches(byte* p, FieldPlan field) =>
        new ReadOnlySpan<byte>(p + 16, field.KeyTail.Length).SequenceEqual(field.KeyTail);

    /// <summary>Reads a member whose name is not the one that was guessed.</summary>
    private byte* ReadUnexpectedMember(byte* p, ref int last)
    {
        var key = p;
        p = ReadString(p, out var name);
        if (p is null)
        {
            return null;
        }

        var keyEnd = p;
        p = ReadColon(p);
        if (p is null)
        {
            return null;
        }

        var index = name.Fault is null ? _plan.IndexOf(new ReadOnlySpan<byte>(name.Start, (int)(name.End - name.Start))) : -1;
        if (index < 0)
        {
            return ReadUnknownMember(key, keyEnd, name, p);
        }

        _next[last] = index;
        last = index;
        return ReadMember(p, _plan.Fields[index]);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private byte* ReadColon(byte* p)
    {
        if (*p != ':' || p >= _end)
        {
            p = ByteScan.SkipSpace(p, _end);
            if (p >= _end || *p != ':')
            {
                return Broken(p, "':'");
            }
        }

        return ByteScan.SkipSpace(p + 1, _end);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private byte* ReadMember(byte* p, FieldPlan field) =>
        row.Has(field.Index) ? ReadDuplicate(p, field.Name) : ReadValue(p, field);

    private byte* ReadDuplicate(byte* p, string name)
    {
        var after = SkipValue(p, 1);
        if (after is not null)
        {
            row.RejectColumn(ReasonCode.DuplicateKey, name, Excerpt(p, after), "each name once");
        }

        return after;
    }

    /// <summary>Keeps or refuses a member the contract does not know.</summary>
    private byte* ReadUnknownMember(byte* key, byte* keyEnd, JsonText name, byte* p)
    {
        var after = SkipValue(p, 1);
        if (after is null)
        {
            return null;
        }

        if (name.Fault is not null)
        {
            row.RejectRecord(name.Fault, Excerpt(key, keyEnd), "a name in valid text");
            return after;
        }

        var text = System.Text.Encoding.UTF8.GetString(name.Start, (int)(name.End - name.Start));
        if (!(_unknownNames ??= new HashSet<string>(StringComparer.Ordinal)).Add(text))
        {
            row.RejectColumn(ReasonCode.DuplicateKey, Shorten(text), Excerpt(p, after), "each name once");
        }
        else if (!_plan.Contract.OpenContent)
        {
            row.RejectColumn(ReasonCode.UnknownField, Shorten(text), Excerpt(p, after), "a field of the contract");
        }
        else
        {
            row.AddExtra(new ReadOnlySpan<byte>(key, (int)(keyEnd - key)), new ReadOnlySpan<byte>(p, (int)(after - p)));
        }

        return after;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private byte* ReadValue(byte* p, FieldPlan field)
    {
        switch (field.Type)
        {
            case ColumnType.String when *p == '"':
                var special = ByteScan.ToSpecial(p + 1, _end);
                if (*special == '"' && special < _end)
                {
                    row.SetText(field, p + 1, special);
                    return special + 1;
                }

                return ReadText(p, field);
            case ColumnType.Timestamp when *p == '"':
                var quote = TimestampText.TryCommon(p + 1, ref _dates, out var micros);
                if (quote is not null && *quote == '"' && quote < _end)
                {
                    row.Set(field, micros, p + 1, quote);
                    return quote + 1;
                }

                return ReadText(p, field);
            case ColumnType.Double or ColumnType.Int64 or ColumnType.Decimal when *p is (byte)'-' or (>= (byte)'0' and <= (byte)'9'):
                return ReadNumber(p, field);
            default:
                return ReadOtherValue(p, field);
        }
    }

    private byte* ReadNumber(byte* p, FieldPlan field)
    {
        var after = NumberText.Scan(p, _end, out var number);
        if (after is null || !EndsValue(after))
        {
            return StartsWith(p, "-Infinity"u8) ? ReadNonFinite(p, field, 9) : Broken(p, "a number");
        }

        var code = TextValue.Convert(field, number, out var slot);
        if (code is null)
        {
            row.Set(field, slot, p, after);
        }
        else
        {
            row.Reject(field, code, new ReadOnlySpan<byte>(p, (int)(after - p)));
        }

        return after;
    }

    /// <summary>Reads whatever is not the kind of value that the field's type is written as in JSON.</summary>
    private byte* ReadOtherValue(byte* p, FieldPlan field)
    {
        if (p >= _end)
        {
            return Broken(p, "a value");
        }

        switch (*p)
        {
            case (byte)'n' when StartsWith(p, "null"u8):
                row.SetNull(field);
                return p + 4;
            case (byte)'t' when field.Type == ColumnType.Boolean && StartsWith(p, "true"u8):
                row.Set(field, 1, p, p + 4);
                return p + 4;
            case (byte)'f' when field.Type == ColumnType.Boolean && StartsWith(p, "false"u8):
                row.Set(field, 0, p, p + 5);
                return p + 5;
            case (byte)'"' when field.Type is ColumnType.Date or ColumnType.Binary || field.Field.Coerce:
                return ReadText(p, field);
            case (byte)'N' when StartsWith(p, "NaN"u8):
                return ReadNonFinite(p, field, 3);
            case (byte)'I' when StartsWith(p, "Infinity"u8):
                return ReadNonFinite(p, field, 8);
            default:
                return ReadMismatch(p, field);
        }
    }

    private byte* ReadMismatch(byte* p, FieldPlan field)
    {
        var after = SkipValue(p, 1);
        if (after is not null)
        {
            row.Reject(field, ReasonCode.TypeMismatch, new ReadOnlySpan<byte>(p, (int)(after - p)));
        }

        return after;
    }

    /// <summary>Not JSON, but what several writers produce: worth its own reason, and the record can be read on.</summary>
    private byte* ReadNonFinite(byte* p, FieldPlan field, int length)
    {
        var numeric = field.Type is ColumnType.Double or ColumnType.Int64 or ColumnType.Decimal;
        row.Reject(field, numeric ? ReasonCode.NonFinite : ReasonCode.TypeMismatch, new ReadOnlySpan<byte>(p, length));
        return p + length;
    }

    /// <summary>Reads a value that is written as a string, of any type, with whatever escapes.</summary>
    private byte* ReadText(byte* p, FieldPlan field)
    {
        var after = ReadString(p, out var text);
        if (after is null)
        {
            return null;
        }

        var found = new ReadOnlySpan<byte>(p, (int)(after - p));
        if (text.Fault is not null)
        {
            row.Reject(field, text.Fault, found);
        }
        else
        {
            row.SetFromText(field, text.Start, text.End, found);
        }

        return after;
    }
}
