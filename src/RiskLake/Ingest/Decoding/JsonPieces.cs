using System.Buffers;

namespace RiskLake.Ingest.Decoding;

/// <summary>What stands at the front of a text whose grammar is broken somewhere.</summary>
internal enum PieceKind
{
    /// <summary>More of the text has to be seen.</summary>
    Undecided,

    /// <summary>Separators alone.</summary>
    Nothing,

    /// <summary>A whole JSON value, to be decoded like any other.</summary>
    Value,

    /// <summary>A stretch that is no record, up to the next one that can be told.</summary>
    Broken,
}

/// <summary>The front of a broken text.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Start">Where it begins.</param>
/// <param name="Length">Its bytes, without separators at its end.</param>
/// <param name="Taken">Where the text goes on.</param>
/// <param name="IsRecord">Whether a value is a record: an object in which a field of the contract is named.</param>
/// <param name="RunsOut">Whether a value begins here that the text ends inside of.</param>
internal readonly record struct JsonPiece(PieceKind Kind, int Start, int Length, int Taken, bool IsRecord = false, bool RunsOut = false);

/// <summary>
/// Takes a text apart in which the grammar around JSON records is broken: a bracket, comma, quote or line feed too many or too few, a
/// block cut out or doubled. A record is told by its own grammar and by a field of the contract among its names, so what is broken costs
/// the records it touches and no others. Every decision looks at a bounded stretch of the text, whatever the size of the window.
/// </summary>
internal sealed unsafe class JsonPieces(DecodePlan plan) : IDisposable
{
    /// <summary>The separator in front of each record of a JSON text sequence (RFC 7464).</summary>
    public const byte RecordSeparator = 0x1E;

    private const int Undecided = -1;
    private const int None = -2;
    private const int Sound = -3;

    // Longer than any token that can be cut in two without its beginning being wrong already.
    private const int LongestToken = 16;

    private static readonly SearchValues<byte> Separators = SearchValues.Create(" \t\r\n,[]\u001E"u8);

    private readonly RowBuilder _row = new(plan);
    private JsonRecordParser? _parser;
    private byte* _text;
    private int _length;
    private bool _isFinal;

    private int Limit => plan.MaxRecordBytes;

    private JsonRecordParser Parser => _parser ??= new JsonRecordParser(_row);

    /// <summary>Whether a byte may stand between records.</summary>
    public static bool IsSeparator(byte value) =>
        value is (byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\n' or (byte)',' or (byte)'[' or (byte)']' or RecordSeparator;

    public void Dispose() => _row.Dispose();

    /// <summary>
    /// Whether a text is the beginning of one sound value that goes on beyond the limit of a record, rather than a broken one.
    /// </summary>
    public bool IsLongValue(byte* text, int length)
    {
        var end = text + Math.Min(length, Limit);
        return Parser.Extent(text, end, out _) is null && RanOut(end);
    }

    /// <summary>Where the first record begins, if one can be told at all; negative if none can.</summary>
    public int FirstRecord(byte* text, int length)
    {
        Open(text, length, isFinal: true);
        for (var at = 0; at < length; at++)
        {
            if (MayBeRecord(at) && Look(at, out var isRecord) > 0 && isRecord)
            {
                return at;
            }
        }

        return -1;
    }

    /// <summary>Tells what stands at the front.</summary>
    /// <param name="text">The text; <see cref="ByteScan.Padding"/> bytes behind it can be read.</param>
    /// <param name="length">Its length.</param>
    /// <param name="isFinal">Whether nothing follows.</param>
    public JsonPiece Next(byte* text, int length, bool isFinal)
    {
        Open(text, length, isFinal);
        var start = SkipSeparators(0);
        if (start == length)
        {
            return new JsonPiece(PieceKind.Nothing, 0, 0, length);
        }

        var end = Look(start, out var isRecord);
        var runsOut = end == None && isFinal && Parser.BrokenAt >= text + length;
        var next = end == Undecided ? Undecided : end == None ? NextRecord(start, start + 1) : isRecord ? BehindRecord(start, end) : BehindValue(start, end);
        return next == Undecided ? new JsonPiece(PieceKind.Undecided, 0, 0, 0)
            : next == Sound ? new JsonPiece(PieceKind.Value, start, end - start, end, isRecord)
            : new JsonPiece(PieceKind.Broken, start, Trim(start, next) - start, next, RunsOut: runsOut && next == length);
    }

    private void Open(byte* text, int length, bool isFinal)
    {
        _text = text;
        (_length, _isFinal) = (length, isFinal);
    }

    private int SkipSeparators(int at)
    {
        while (at < _length && IsSeparator(_text[at]))
        {
            at++;
        }

        return at;
    }

    /// <summary>The end of the value that begins here, if it has one within the limit.</summary>
    private int Look(int at, out bool isRecord)
    {
        var length = Math.Min(_length - at, Limit);
        var isWhole = _isFinal || length == Limit;
        var end = Parser.Extent(_text + at, _text + at + length, out isRecord);
        if (end is not null)
        {
            return end == _text + at + length && !isWhole ? Undecided : (int)(end - _text);
        }

        return !isWhole && RanOut(_text + at + length) ? Undecided : None;
    }

    /// <summary>Whether the grammar broke so near to the end that the cut alone may have broken it.</summary>
    private bool RanOut(byte* end) => Parser.BrokenAt is not null && Parser.BrokenAt + LongestToken >= end;

    /// <summary>
    /// What follows a whole record: <see cref="Sound"/> where the next one or the end does, or nothing that could be the rest of this
    /// one. A record that was cut in two by a brace leaves a name or a brace of its own behind.
    /// </summary>
    private int BehindRecord(int start, int end)
    {
        var rest = SkipSeparators(end);
        if (rest == _length)
        {
            return _isFinal || rest - end > Limit ? Sound : Undecided;
        }

        if (_text[rest] == '{' || rest - end > Limit)
        {
            return Sound;
        }

        var next = NextRecord(rest, rest);
        return next < 0 ? next : IsRest(new ReadOnlySpan<byte>(_text + start, end - start), new ReadOnlySpan<byte>(_text + rest, next - rest)) ? next : Sound;
    }

    /// <summary>
    /// Whether a text may be what was cut off a record: it goes on with names, none of which the record has, or ends a value with a brace.
    /// </summary>
    private static bool IsRest(ReadOnlySpan<byte> record, ReadOnlySpan<byte> text)
    {
        var hasName = false;
        for (var at = text.IndexOf((byte)':'); at >= 0;)
        {
            var close = text[..at].TrimEnd(" \t\r\n"u8).Length - 1;
            if (close >= 0 && text[close] == '"')
            {
                // A rest begins behind a value: half a name is what is left of another record.
                hasName = true;
                var open = text[..close].LastIndexOf((byte)'"');
                if (open < 0 || record.IndexOf(text[open..(close + 1)]) >= 0)
                {
                    return false;
                }
            }

            var next = text[(at + 1)..].IndexOf((byte)':');
            at = next < 0 ? -1 : at + 1 + next;
        }

        if (hasName)
        {
            return true;
        }

        // Without a name it can only be the end of a number, a word or a text; a whole text is the value of another record.
        var brace = text.IndexOf((byte)'}');
        var quotes = brace < 0 ? 0 : text[..brace].Count((byte)'"');
        return brace >= 0 && text[..brace].ContainsAnyExcept(Separators) && (quotes == 0 || quotes % 2 == 1);
    }

    /// <summary>What follows a value that is no record: a separator, the end, or something that makes it none.</summary>
    private int BehindValue(int start, int end)
    {
        var rest = end;
        while (rest < _length && _text[rest] is (byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\n')
        {
            rest++;
        }

        return rest == _length ? _isFinal || rest - end > Limit ? Sound : Undecided
            : IsSeparator(_text[rest]) || _text[rest] == '{' || rest - end > Limit ? Sound
            : NextRecord(start, start + 1);
    }

    /// <summary>Where the next record begins; the end of the text, or so many bytes as a record may have, where there is none.</summary>
    private int NextRecord(int origin, int from)
    {
        for (var at = from; at < _length && at - origin <= Limit; at++)
        {
            var found = new ReadOnlySpan<byte>(_text + at, _length - at).IndexOf((byte)'{');
            if (found < 0 || at + found - origin > Limit)
            {
                break;
            }

            at += found;
            if (!_isFinal && _length - at < LongestToken)
            {
                return Undecided;
            }

            if (!MayBeRecord(at))
            {
                continue;
            }

            var end = Look(at, out var isRecord);
            if (end == Undecided)
            {
                return Undecided;
            }

            if (end > 0 && isRecord)
            {
                return at;
            }
        }

        return _length - origin > Limit ? origin + Limit : _isFinal ? _length : Undecided;
    }

    /// <summary>Whether an object with a name begins here, and not as the value of a member.</summary>
    private bool MayBeRecord(int at)
    {
        var name = ByteScan.SkipSpace(_text + at + 1, _text + _length);
        if (_text[at] != '{' || (name < _text + _length && *name != '"'))
        {
            return false;
        }

        var before = at - 1;
        while (before >= 0 && _text[before] is (byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\n')
        {
            before--;
        }

        if (before < 0 || _text[before] != ':')
        {
            return true;
        }

        do
        {
            before--;
        }
        while (before >= 0 && _text[before] is (byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\n');
        return before < 0 || _text[before] != '"';
    }

    private int Trim(int start, int end)
    {
        while (end > start + 1 && _text[end - 1] is (byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\n' or (byte)',' or RecordSeparator)
        {
            end--;
        }

        return end;
    }
}
