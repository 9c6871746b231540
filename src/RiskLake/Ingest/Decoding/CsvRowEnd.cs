using System.Buffers;

namespace RiskLake.Ingest.Decoding;

/// <summary>
/// Finds the end of a CSV row: the first line feed outside of quotes. A quote opens only at the beginning of a value; anywhere else
/// it is an error of that row, and does not swallow the rows after it.
/// </summary>
internal sealed class CsvRowEnd : IRecordEnd
{
    private static readonly SearchValues<byte> InPlain = SearchValues.Create(",\n"u8);

    private State _state = State.ValueStart;

    private enum State
    {
        ValueStart,
        Plain,
        Quoted,
        AfterQuote,
    }

    /// <summary>Whether the row goes on inside of quotes.</summary>
    public bool IsQuoted => _state == State.Quoted;

    public void Reset() => _state = State.ValueStart;

    /// <inheritdoc/>
    public int Find(ReadOnlySpan<byte> data)
    {
        var at = 0;
        while (at < data.Length)
        {
            switch (_state)
            {
                case State.Quoted:
                    var quote = data[at..].IndexOf((byte)'"');
                    if (quote < 0)
                    {
                        return -1;
                    }

                    at += quote + 1;
                    _state = State.AfterQuote;
                    break;
                case State.AfterQuote or State.ValueStart when data[at] == '"':
                    // After a quote, another one is a quote of the text.
                    _state = State.Quoted;
                    at++;
                    break;
                default:
                    var end = data[at..].IndexOfAny(InPlain);
                    if (end < 0)
                    {
                        _state = State.Plain;
                        return -1;
                    }

                    at += end + 1;
                    _state = State.ValueStart;
                    if (data[at - 1] == '\n')
                    {
                        return at;
                    }

                    break;
            }
        }

        return -1;
    }
}
