using System.Buffers;
using RiskLake.Columns;
using RiskLake.Sources;

namespace RiskLake.Decoding;

/// <summary>
/// Cuts a JSON array into its elements, or a sequence of JSON values that are spread over several lines into its values. Where the
/// text around the elements is broken, everything from there on becomes one rejected record: nothing is lost, and nothing is guessed.
/// </summary>
internal sealed class ElementReader(int fileIndex, RecordStream content, DecodeOptions options, bool isArray)
{
    private readonly ElementEnd _end = new();
    private readonly List<Range> _elements = [];
    private readonly ReasonCode _broken = isArray ? ReasonCode.MalformedArray : ReasonCode.MalformedJson;
    private Expect _expect = isArray ? Expect.Open : Expect.ElementOrClose;
    private long _index = 1;

    private enum Expect
    {
        Open,
        ElementOrClose,
        Element,
        CommaOrClose,
        Nothing,
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
                yield return Rest(_broken);
            }
            else if (stop == Stop.Unfinished && at == 0)
            {
                if (Unfinished() is { } block)
                {
                    yield return block;
                }
            }
        }

        if (isArray && _expect != Expect.Nothing)
        {
            // The end came between two elements: no bytes are left to reject, but something is missing.
            yield return Rest(ReasonCode.Truncated);
        }
    }

    private enum Stop
    {
        UsedUp,
        Unfinished,
        Broken,
    }

    /// <summary>Goes over as many whole elements as the window holds; <paramref name="at"/> is where it stopped.</summary>
    private Stop Scan(ref int at)
    {
        var data = content.Data;
        while (true)
        {
            while (at < data.Length && data[at] is (byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\n')
            {
                at++;
            }

            if (at == data.Length)
            {
                return Stop.UsedUp;
            }

            if (IsElement(data[at]))
            {
                _end.Reset();
                var length = _end.Find(data[at..]);
                if (length < 0)
                {
                    return _end.Broken ? Stop.Broken : Stop.Unfinished;
                }

                _elements.Add(new Range(at, at + length));
                at += length;
                _expect = isArray ? Expect.CommaOrClose : Expect.ElementOrClose;
            }
            else if (Separator(data[at]))
            {
                at++;
            }
            else
            {
                return Stop.Broken;
            }
        }
    }

    private bool IsElement(byte next) => _expect is Expect.Element or Expect.ElementOrClose && next is not ((byte)',' or (byte)']' or (byte)'}');

    private bool Separator(byte next)
    {
        var after = (_expect, next) switch
        {
            (Expect.Open, (byte)'[') => Expect.ElementOrClose,
            (Expect.ElementOrClose or Expect.CommaOrClose, (byte)']') when isArray => Expect.Nothing,
            (Expect.CommaOrClose, (byte)',') => Expect.Element,
            _ => Expect.Open,
        };
        if (after == Expect.Open)
        {
            return false;
        }

        _expect = after;
        return true;
    }

    /// <summary>The window begins with an element that does not end in it.</summary>
    private JudgedBlock? Unfinished()
    {
        if (content.AtEnd)
        {
            return Rest(ReasonCode.Truncated);
        }

        if (content.Data.Length <= options.MaxRecordBytes)
        {
            content.Grow();
            return null;
        }

        _end.Reset();
        var element = LongRecord.Read(content, _end, options.MaxRecordBytes, isLine: false);
        if (element.Ended)
        {
            _expect = isArray ? Expect.CommaOrClose : Expect.ElementOrClose;
            return element.TooLarge(fileIndex, _index++, options.MaxRecordBytes);
        }

        return Judge(element, _end.Broken ? _broken : ReasonCode.Truncated);
    }

    /// <summary>Everything from here to the end of the content, as one rejected record.</summary>
    private JudgedBlock Rest(ReasonCode code) => Judge(LongRecord.Read(content, null, options.MaxRecordBytes, isLine: false), code);

    private JudgedBlock Judge(LongRecord rest, ReasonCode code)
    {
        _expect = Expect.Nothing;
        var found = rest.Length == 0 ? "the end of the input" : DecodePlan.Excerpt(rest.Head.AsSpan(0, Math.Min(rest.Head.Length, 65)));
        var violation = new Violation(code, null, found, isArray ? "elements between commas, then ']'" : "JSON objects one after the other");
        return rest.Judge(fileIndex, _index++, violation);
    }
}

/// <summary>Whole elements of a JSON array.</summary>
internal sealed unsafe class ElementBlock : ByteBlock
{
    private readonly Range[] _elements;

    public ElementBlock(int fileIndex, List<Range> elements, Block bytes, int length, long offset, long firstIndex)
        : base(fileIndex, elements.Count, bytes, length, offset, firstIndex)
    {
        _elements = ArrayPool<Range>.Shared.Rent(elements.Count);
        elements.CopyTo(_elements);
    }

    public override long Parse(DecodeWorker worker, RecordBatch records, RecordBatch rejects)
    {
        for (var i = 0; i < Records; i++)
        {
            var (start, end) = (_elements[i].Start.Value, _elements[i].End.Value);
            worker.ParseJson(Bytes.Pointer + start, Bytes.Pointer + end, FirstLine + i, Offset + start, records, rejects);
        }

        return 0;
    }

    public override void Dispose()
    {
        ArrayPool<Range>.Shared.Return(_elements);
        base.Dispose();
    }
}
