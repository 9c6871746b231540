using RiskLake.Ingest.Sources;

namespace RiskLake.Ingest.Decoding;

/// <summary>
/// Cuts JSON into its values: the elements of an array, of several arrays, or values one after the other. Where the text around the
/// values is broken, what is broken becomes a rejected record up to the next one that can be told: nothing is lost, and nothing is guessed.
/// </summary>
internal sealed class ElementReader(int fileIndex, RecordStream content, DecodePlan plan, DecodeOptions options)
    : IBlockReader
{
    private readonly ElementEnd _end = new();
    private readonly JsonPieces _pieces = new(plan);
    private readonly List<Range> _elements = [];
    private JsonPiece _broken;
    private int _openArrays;
    private bool _expectsElement = true;
    private bool _isArray;
    private bool _isBroken;
    private long _index = 1;

    private enum Stop
    {
        UsedUp,
        Unfinished,
        TooLong,
        Broken,
    }

    public IEnumerable<InputBlock> Read()
    {
        while (content.Fill())
        {
            _elements.Clear();
            var at = 0;
            var stop = Scan(ref at);
            if (_elements.Count > 0)
            {
                var offset = content.Offset;
                yield return new ElementBlock(fileIndex, _elements, content.Take(at), at, offset, _index);
                _index += _elements.Count;
            }
            else if (at > 0)
            {
                content.Skip(at);
            }

            if (stop == Stop.Broken)
            {
                yield return ElementBlock.Of(fileIndex, _broken, content, _broken.Taken, _index++, _isArray);
                (_isBroken, _expectsElement) = (true, false);
            }
            else if (stop == Stop.TooLong)
            {
                if (TooLong() is { } block)
                {
                    yield return block;
                }
            }
            else if (stop == Stop.Unfinished && at == 0)
            {
                content.Grow();
            }
        }

        if (_openArrays > 0 && !_isBroken)
        {
            // The end came between two elements: no bytes are left to reject, but something is missing.
            yield return Judge(LongRecord.Read(content, null, options.MaxRecordBytes, isLine: false), ReasonCode.Truncated);
        }
    }

    public void Dispose() => _pieces.Dispose();

    /// <summary>Goes over as many whole values as the window holds; <paramref name="at"/> is where it stopped.</summary>
    private Stop Scan(ref int at)
    {
        var data = content.Data;
        while (true)
        {
            at = SkipSeparators(data, at);
            if (at == data.Length)
            {
                return Stop.UsedUp;
            }

            _end.Reset();
            var length = _end.Find(data[at..]);
            if (length < 0 && !_end.Broken && !content.AtEnd && data.Length - at <= options.MaxRecordBytes)
            {
                return Stop.Unfinished;
            }

            if (length > options.MaxRecordBytes || (length < 0 && data.Length - at > options.MaxRecordBytes))
            {
                if (IsLongValue(at, data.Length - at))
                {
                    return Stop.TooLong;
                }
            }
            else if (length > 0 && Follows(data, at + length, data[at] == '{') is var isSound and not null)
            {
                if (isSound == true)
                {
                    Add(ref at, 0, length, length);
                    continue;
                }
            }
            else if (length > 0)
            {
                return Stop.Unfinished;
            }

            if (Resume(ref at, data.Length) is { } stop)
            {
                return stop;
            }
        }
    }

    /// <summary>Goes on where the grammar breaks.</summary>
    private Stop? Resume(ref int at, int length)
    {
        var piece = Next(at, length - at);
        switch (piece.Kind)
        {
            case PieceKind.Value:
                Add(ref at, piece.Start, piece.Length, piece.Taken);
                return null;
            case PieceKind.Broken:
                _broken = piece;
                return Stop.Broken;
            default:
                return Stop.Unfinished;
        }
    }

    private void Add(ref int at, int start, int length, int taken)
    {
        _elements.Add(new Range(at + start, at + start + length));
        at += taken;
        _expectsElement = false;
    }

    private unsafe JsonPiece Next(int at, int length) => _pieces.Next(content.Start + at, length, content.AtEnd);

    private unsafe bool IsLongValue(int at, int length) => _pieces.IsLongValue(content.Start + at, length);

    private int SkipSeparators(ReadOnlySpan<byte> data, int at)
    {
        for (; at < data.Length; at++)
        {
            switch (data[at])
            {
                case (byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\n' or JsonPieces.RecordSeparator:
                    break;
                case (byte)',':
                    _expectsElement = true;
                    break;
                case (byte)'[' when _openArrays == 0 || !_expectsElement:
                    // Not where an element could be an array: another array begins.
                    (_openArrays, _expectsElement, _isArray) = (_openArrays + 1, true, true);
                    break;
                case (byte)']':
                    (_openArrays, _expectsElement) = (Math.Max(0, _openArrays - 1), false);
                    break;
                default:
                    return at;
            }
        }

        return at;
    }

    /// <summary>
    /// Whether what follows a value is sound: after an object another one, or the end; after anything else a separator. Null when that
    /// cannot be seen yet.
    /// </summary>
    private bool? Follows(ReadOnlySpan<byte> data, int end, bool isObject)
    {
        var next = end;
        while (next < data.Length && (isObject ? JsonPieces.IsSeparator(data[next]) : data[next] is (byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\n'))
        {
            next++;
        }

        return next - end > options.MaxRecordBytes ? true
            : next == data.Length ? content.AtEnd ? true : null
            : isObject ? data[next] == '{' : JsonPieces.IsSeparator(data[next]);
    }

    /// <summary>The window begins with a value that is longer than a record may be.</summary>
    private JudgedBlock? TooLong()
    {
        if (content.Data[0] == '[')
        {
            // No record is an array; what is too long for one is an array of records.
            (_openArrays, _expectsElement, _isArray) = (_openArrays + 1, true, true);
            content.Skip(1);
            return null;
        }

        _end.Reset();
        var element = LongRecord.Read(content, _end, options.MaxRecordBytes, isLine: false);
        _expectsElement = false;
        if (element.Ended)
        {
            return element.TooLarge(fileIndex, _index++, options.MaxRecordBytes);
        }

        _isBroken = true;
        return Judge(element, _end.Broken ? ReasonCode.MalformedJson : ReasonCode.Truncated);
    }

    private JudgedBlock Judge(LongRecord rest, ReasonCode code)
    {
        var found = rest.Length == 0 ? "the end of the input" : DecodePlan.Excerpt(rest.Head.AsSpan(0, Math.Min(rest.Head.Length, 65)));
        var violation = new Violation(code, null, found, _isArray ? "elements between commas, then ']'" : "JSON objects one after the other");
        return rest.Judge(fileIndex, _index++, violation);
    }
}
