using System.Buffers;

namespace RiskLake.Ingest.Decoding;

/// <summary>
/// Finds the end of a JSON value by its brackets and strings alone. What is inside is none of its business: that is for the parser,
/// which then can reject this one value and leave its neighbours alone.
/// </summary>
internal sealed class ElementEnd : IRecordEnd
{
    private const int CheckedDepth = 64;

    private static readonly SearchValues<byte> Structure = SearchValues.Create("\"{}[]"u8);
    private static readonly SearchValues<byte> InString = SearchValues.Create("\"\\"u8);
    private static readonly SearchValues<byte> AfterScalar = SearchValues.Create(",]}[{\" \t\r\n"u8);

    private int _depth;
    private ulong _objects;
    private bool _inString;
    private bool _escaped;
    private bool _inScalar;

    /// <summary>Whether a bracket closed one of another kind: nothing after it can be trusted.</summary>
    public bool Broken { get; private set; }

    public void Reset()
    {
        _depth = 0;
        _objects = 0;
        (_inString, _escaped, _inScalar, Broken) = (false, false, false, false);
    }

    /// <inheritdoc/>
    public int Find(ReadOnlySpan<byte> data)
    {
        var at = 0;
        while (at < data.Length && !Broken)
        {
            if (_inString)
            {
                at = SkipString(data, at);
                if (!_inString && _depth == 0)
                {
                    return at;
                }
            }
            else if (_depth == 0 && data[at] is not ((byte)'"' or (byte)'{' or (byte)'['))
            {
                _inScalar = true;
                var end = data[at..].IndexOfAny(AfterScalar);
                return end < 0 ? -1 : at + end;
            }
            else if (_inScalar)
            {
                return at;
            }
            else
            {
                var found = data[at..].IndexOfAny(Structure);
                if (found < 0)
                {
                    return -1;
                }

                at += found;
                if (Step(data[at++]))
                {
                    return at;
                }
            }
        }

        return -1;
    }

    /// <summary>Goes to the byte after the closing quote, or to the end of the data.</summary>
    private int SkipString(ReadOnlySpan<byte> data, int at)
    {
        if (_escaped)
        {
            _escaped = false;
            return at + 1;
        }

        var found = data[at..].IndexOfAny(InString);
        if (found < 0)
        {
            return data.Length;
        }

        at += found;
        _escaped = data[at] == '\\';
        _inString = _escaped;
        return at + 1;
    }

    /// <returns>Whether this byte closes the value.</returns>
    private bool Step(byte structure)
    {
        switch (structure)
        {
            case (byte)'"':
                _inString = true;
                return false;
            case (byte)'{' or (byte)'[':
                if (_depth < CheckedDepth)
                {
                    _objects = structure == '{' ? _objects | (1UL << _depth) : _objects & ~(1UL << _depth);
                }

                _depth++;
                return false;
            default:
                _depth--;
                Broken = _depth < CheckedDepth && ((_objects >> _depth) & 1) != (structure == '}' ? 1UL : 0UL);
                return _depth == 0 && !Broken;
        }
    }
}
