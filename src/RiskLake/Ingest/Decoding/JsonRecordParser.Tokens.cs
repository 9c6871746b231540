using System.Buffers;
using System.Text;

namespace RiskLake.Ingest.Decoding;

/// <summary>Strings, values that are only checked, and what is said about broken records.</summary>
internal sealed unsafe partial class JsonRecordParser
{
    private static readonly SearchValues<byte> AfterValue = SearchValues.Create(",}] \t\r\n"u8);

    /// <summary>Reads a string: its text without escapes, or what is wrong with the text.</summary>
    private byte* ReadString(byte* p, out JsonText text)
    {
        text = default;
        if (p >= _end || *p != '"')
        {
            return Broken(p, "a string");
        }

        var start = ++p;
        p = ByteScan.ToSpecial(p, _end);
        var (plain, control, ascii) = (true, false, true);
        while (p < _end && *p != '"')
        {
            if (*p == '\\')
            {
                plain = false;
                p += 2;
            }
            else
            {
                control |= *p < ' ';
                ascii &= *p < 0x80;
                p++;
            }

            p = ByteScan.ToDelimiter(p, _end, ref ascii);
        }

        if (p >= _end)
        {
            return Broken(_end, "'\"'");
        }

        text.Start = start;
        text.End = p;
        if (!plain && !Unescape(ref text))
        {
            return Broken(start, "a string with valid escapes");
        }

        if (!ascii && !ByteScan.IsUtf8(start, p))
        {
            text.Fault = ReasonCode.InvalidUtf8;
        }

        text.Fault ??= control ? ReasonCode.ControlCharacter : null;
        return p + 1;
    }

    /// <summary>Replaces the text by one without escapes.</summary>
    /// <returns>False when an escape is not one of JSON's.</returns>
    private bool Unescape(ref JsonText text)
    {
        var target = row.Scratch((int)(text.End - text.Start));
        var from = text.Start;
        var to = target;
        while (from < text.End)
        {
            if (*from != '\\')
            {
                *to++ = *from++;
                continue;
            }

            if (from[1] == 'u')
            {
                if (!UnescapeUnicode(ref from, text.End, ref to, ref text.Fault))
                {
                    return false;
                }

                continue;
            }

            var index = "\"\\/bfnrt"u8.IndexOf(from[1]);
            if (index < 0)
            {
                return false;
            }

            *to++ = "\"\\/\b\f\n\r\t"u8[index];
            from += 2;
        }

        new Span<byte>(to, 1).Clear();
        text.Start = target;
        text.End = to;
        return true;
    }

    private static bool UnescapeUnicode(ref byte* from, byte* end, ref byte* to, ref ReasonCode? fault)
    {
        var unit = HexUnit(from + 2, end);
        if (unit < 0)
        {
            return false;
        }

        from += 6;
        var rune = unit;
        if (char.IsHighSurrogate((char)unit) && from + 1 < end && from[0] == '\\' && from[1] == 'u')
        {
            var low = HexUnit(from + 2, end);
            if (low < 0)
            {
                return false;
            }

            if (char.IsLowSurrogate((char)low))
            {
                rune = char.ConvertToUtf32((char)unit, (char)low);
                from += 6;
            }
        }

        if (!Rune.IsValid(rune))
        {
            fault = ReasonCode.InvalidUtf8;
            return true;
        }

        to += new Rune(rune).EncodeToUtf8(new Span<byte>(to, 4));
        return true;
    }

    /// <summary>Four hexadecimal digits as a number, or -1.</summary>
    private static int HexUnit(byte* p, byte* end)
    {
        if (end - p < 4)
        {
            return -1;
        }

        var value = 0;
        for (var i = 0; i < 4; i++)
        {
            if (!char.IsAsciiHexDigit((char)p[i]))
            {
                return -1;
            }

            value = (value << 4) | ((p[i] & 0xF) + (p[i] > '9' ? 9 : 0));
        }

        return value;
    }

    /// <summary>Checks a value that is not taken into a column. <paramref name="depth"/> is how deep it lies in the record.</summary>
    private byte* SkipValue(byte* p, int depth)
    {
        if (p >= _end)
        {
            return Broken(p, "a value");
        }

        switch (*p)
        {
            case (byte)'"':
                return SkipString(p);
            case (byte)'{' or (byte)'[' when depth >= MaxDepth:
                row.RejectRecord(ReasonCode.NestingTooDeep, Excerpt(_start, _end), "at most 64 levels");
                return null;
            case (byte)'{':
                return SkipObject(p + 1, depth + 1);
            case (byte)'[':
                return SkipArray(p + 1, depth + 1);
            case (byte)'t' when StartsWith(p, "true"u8):
            case (byte)'n' when StartsWith(p, "null"u8):
                return p + 4;
            case (byte)'f' when StartsWith(p, "false"u8):
                return p + 5;
            default:
                var after = *p is (byte)'-' or (>= (byte)'0' and <= (byte)'9') ? NumberText.Scan(p, _end, out _) : null;
                return after is not null && EndsValue(after) ? after : Broken(p, "a value");
        }
    }

    private byte* SkipString(byte* p)
    {
        var after = ReadString(p, out var text);
        if (after is not null && text.Fault is not null)
        {
            row.RejectRecord(text.Fault, Excerpt(p, after), "valid text");
        }

        return after;
    }

    private byte* SkipArray(byte* p, int depth)
    {
        p = ByteScan.SkipSpace(p, _end);
        if (p < _end && *p == ']')
        {
            return p + 1;
        }

        while (true)
        {
            p = SkipValue(ByteScan.SkipSpace(p, _end), depth);
            if (p is null)
            {
                return null;
            }

            p = ByteScan.SkipSpace(p, _end);
            if (p >= _end || *p is not ((byte)',' or (byte)']'))
            {
                return Broken(p, "',' or ']'");
            }

            if (*p++ == ']')
            {
                return p;
            }
        }
    }

    private byte* SkipObject(byte* p, int depth)
    {
        p = ByteScan.SkipSpace(p, _end);
        if (p < _end && *p == '}')
        {
            return p + 1;
        }

        var names = new HashSet<string>(StringComparer.Ordinal);
        while (true)
        {
            var key = ByteScan.SkipSpace(p, _end);
            p = ReadString(key, out var name);
            if (p is null)
            {
                return null;
            }

            if (name.Fault is not null)
            {
                row.RejectRecord(name.Fault, Excerpt(key, p), "a name in valid text");
            }
            else if (!names.Add(Encoding.UTF8.GetString(name.Start, (int)(name.End - name.Start))))
            {
                row.RejectRecord(ReasonCode.DuplicateKey, Excerpt(key, p), "each name once");
            }

            p = ReadColon(p);
            p = p is null ? null : SkipValue(p, depth);
            if (p is null)
            {
                return null;
            }

            p = ByteScan.SkipSpace(p, _end);
            if (p >= _end || *p is not ((byte)',' or (byte)'}'))
            {
                return Broken(p, "',' or '}'");
            }

            if (*p++ == '}')
            {
                return p;
            }
        }
    }

    private bool EndsValue(byte* p) => p >= _end || AfterValue.Contains(*p);

    private bool StartsWith(byte* p, ReadOnlySpan<byte> token) =>
        _end - p >= token.Length && new ReadOnlySpan<byte>(p, token.Length).SequenceEqual(token) && EndsValue(p + token.Length);

    /// <summary>The record is not an object: another JSON value, or no JSON at all.</summary>
    private void RejectOther(byte* p)
    {
        var after = SkipValue(p, 0);
        if (after is not null)
        {
            var alone = ByteScan.SkipSpace(after, _end) == _end;
            row.RejectRecord(alone ? Judged(p, after) ?? ReasonCode.NotAnObject : ReasonCode.TrailingGarbage, Excerpt(p, _end), "a JSON object");
        }
    }

    /// <summary>The code that a source gave a row it could make no record of: in a string, between two zeros at its beginning.</summary>
    private static ReasonCode? Judged(byte* p, byte* end)
    {
        var mark = "\\u0000"u8;
        var text = new ReadOnlySpan<byte>(p, (int)(end - p));
        if (!text.StartsWith("\"\\u0000"u8))
        {
            return null;
        }

        text = text[(1 + mark.Length)..];
        var close = text.IndexOf(mark);
        var name = close < 0 ? "" : Encoding.UTF8.GetString(text[..close]);
        return ReasonCode.All.FirstOrDefault(code => code.Name == name);
    }

    /// <summary>Notes that the record cannot be read any further.</summary>
    private byte* Broken(byte* p, string expected)
    {
        _brokenAt = p;
        if (_isMeasuring)
        {
            return null;
        }

        var code = RunsToEnd(p) ? ReasonCode.Truncated
            : *p >= 0x80 && !ByteScan.IsUtf8(_start, _end) ? ReasonCode.InvalidUtf8
            : ReasonCode.MalformedJson;
        row.RejectRecord(code, p >= _end ? "the end of the record" : Excerpt(p, _end), expected);
        return null;
    }

    /// <summary>Whether the record stops here, or in the middle of a number or literal.</summary>
    private bool RunsToEnd(byte* p)
    {
        while (p < _end && (char.IsAsciiLetterOrDigit((char)*p) || *p is (byte)'-' or (byte)'+' or (byte)'.'))
        {
            p++;
        }

        return p >= _end;
    }

    private static string Excerpt(byte* from, byte* to) => DecodePlan.Excerpt(new ReadOnlySpan<byte>(from, (int)(to - from)));

    private static string Shorten(string name) => name.Length <= 128 ? name : name[..128] + "…";

    /// <summary>The text of a string.</summary>
    private struct JsonText
    {
        public byte* Start;
        public byte* End;
        public ReasonCode? Fault;
    }
}
