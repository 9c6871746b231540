using RiskLake.Sources;

namespace RiskLake.Decoding;

/// <summary>
/// Cuts CSV into blocks of whole rows; the first row that is not empty is the header. A quote that is not closed, or one too many, would
/// take the rows after it into one value: where a row over several lines is no sound row, reading goes on at the next line that is one.
/// </summary>
internal sealed class CsvReader(int fileIndex, InputFile input, RecordStream content, DecodePlan plan, DecodeOptions options)
    : IBlockReader
{
    private const int LineEndBytes = 2;
    private const int HeadBytes = 1 << 14;

    private readonly CsvRowEnd _end = new();
    private readonly CsvRowCheck _check = new(plan);
    private CsvHeader? _header;
    private long _line = 1;

    private enum Stop
    {
        UsedUp,
        Unfinished,
        Broken,
        TooLong,
    }

    private int LongestRow => options.MaxRecordBytes + LineEndBytes;

    public IEnumerable<InputBlock> Read()
    {
        while (content.Fill())
        {
            var (cut, rows, stop) = Cut();
            (cut, rows) = stop is Stop.UsedUp or Stop.Unfinished ? KeepTogether(cut, rows) : (cut, rows);
            if (cut > 0)
            {
                var lines = content.Data[..cut].Count((byte)'\n');
                if (_header is null)
                {
                    ReadHeader(cut);
                }
                else
                {
                    var offset = content.Offset;
                    yield return new CsvBlock(fileIndex, rows, content.Take(cut), cut, offset, _line, _header);
                }

                _line += lines;
            }
            else if (_header is null && stop is Stop.Broken or Stop.TooLong)
            {
                throw InputErrors.UnknownFormat(input.Path, "a header row without an end: '" + DecodePlan.Excerpt(content.Data) + "'");
            }
            else if (stop == Stop.Unfinished || rows < 0)
            {
                content.Grow();
            }
            else
            {
                foreach (var block in Resume(stop == Stop.TooLong))
                {
                    yield return block;
                }
            }
        }
    }

    public void Dispose() => _check.Dispose();

    /// <summary>How far sound rows reach, and how many there are; before the header, one row at most.</summary>
    private (int Cut, long Rows, Stop Stop) Cut()
    {
        var data = content.Data;
        if (_header is not null && !data.Contains((byte)'"'))
        {
            var last = content.AtEnd ? data.Length : data.LastIndexOf((byte)'\n') + 1;
            return last > 0 ? (last, data[..last].Count((byte)'\n') + (data[last - 1] == '\n' ? 0 : 1), Stop.UsedUp)
                : (0, 0, data.Length < LongestRow ? Stop.Unfinished : Stop.TooLong);
        }

        var (cut, rows) = (0, 0L);
        while (cut < data.Length)
        {
            var (length, stop) = RowAt(data[cut..], cut);
            if (stop != Stop.UsedUp)
            {
                return (cut, rows, stop);
            }

            cut += length;
            rows++;
            if (_header is null)
            {
                break;
            }
        }

        return (cut, rows, Stop.UsedUp);
    }

    /// <summary>
    /// Moves a cut back until it does not part a line of one value from the rows beside it, which are judged together (<see cref="CsvFragment"/>).
    /// </summary>
    /// <returns>The cut and the rows before it; rows below zero where more has to be read first.</returns>
    private (int Cut, long Rows) KeepTogether(int cut, long rows)
    {
        var data = content.Data;
        var (at, count) = (cut, rows);
        while (_header is { Count: > 1 } && at > 0 && !(content.AtEnd && at == data.Length))
        {
            var before = data[..(at - 1)].LastIndexOf((byte)'\n') + 1;
            var isBefore = CsvFragment.StandsIn(data[before..at], isAll: true) == true;
            if (isBefore == (CsvFragment.StandsIn(data[at..], content.AtEnd) ?? !isBefore) || data[before..at].Contains((byte)'"'))
            {
                return (at, count);
            }

            (at, count) = (before, count - 1);
        }

        return at > 0 ? (at, count) : cut > 0 && data.Length < 3L * LongestRow ? (0, -1) : (cut, rows);
    }

    private (int Length, Stop Stop) RowAt(ReadOnlySpan<byte> data, int at)
    {
        _end.Reset();
        var length = _end.Find(data);
        if (length < 0)
        {
            if (!content.AtEnd || _end.IsQuoted)
            {
                return (0, data.Length >= LongestRow ? Stop.TooLong : content.AtEnd ? Stop.Broken : Stop.Unfinished);
            }

            length = data.Length;
        }

        if (_header is null || !data[..(length - 1)].Contains((byte)'\n'))
        {
            return (length, Stop.UsedUp);
        }

        return length > LongestRow ? (0, Stop.TooLong) : IsSound(at, length) ? (length, Stop.UsedUp) : (0, Stop.Broken);
    }

    private unsafe bool IsSound(int at, int length) => _check.IsSound(content.Start + at, length, _header!);

    /// <summary>Goes on behind a row that is no sound one, or that does not end within the limit.</summary>
    private IEnumerable<InputBlock> Resume(bool isTooLong)
    {
        var violation = isTooLong ? default : Describe();
        var stretch = new BrokenStretch(content.Offset, _line, options.MaxRecordBytes);
        var (hasEnded, isFirst) = (false, true);
        _end.Reset();
        while (!hasEnded && content.Ensure(LongestRow))
        {
            if (!isFirst && IsRowAtFront(mustSatisfy: isTooLong))
            {
                break;
            }

            if (!isTooLong && stretch.Length >= options.MaxRecordBytes)
            {
                yield return stretch.Judge(fileIndex, violation);
                stretch = new BrokenStretch(content.Offset, _line, options.MaxRecordBytes);
            }

            hasEnded = TakeLine(stretch) && isTooLong;
            isFirst = false;
        }

        content.Skip(0);
        yield return stretch.Judge(fileIndex, !isTooLong ? violation
            : hasEnded || !content.Fill() ? TooLarge(stretch.RecordLength)
            : new Violation(ReasonCode.MalformedCsv, null, DecodePlan.Excerpt(stretch.Head), "a quote that is closed"));
    }

    private Violation TooLarge(long length) => new(
        ReasonCode.RecordTooLarge, null, JudgedBlock.Bytes(length), "at most " + JudgedBlock.Bytes(options.MaxRecordBytes));

    /// <summary>Takes a line into the stretch, however long it is.</summary>
    /// <returns>Whether the row ends with it.</returns>
    private bool TakeLine(BrokenStretch stretch)
    {
        while (true)
        {
            var data = content.Data;
            var feed = data.IndexOf((byte)'\n');
            var part = feed < 0 ? data : data[..(feed + 1)];
            var ends = _end.Find(part) >= 0;
            stretch.Add(part);
            content.Pass(part.Length);
            if (feed >= 0)
            {
                _line++;
                return ends;
            }

            if (!content.Ensure(LongestRow))
            {
                return true;
            }
        }
    }

    /// <summary>Whether a sound row begins here.</summary>
    /// <param name="mustSatisfy">Whether it has to satisfy the contract: where nothing is known to be broken, text can look like a row.</param>
    private unsafe bool IsRowAtFront(bool mustSatisfy)
    {
        var end = new CsvRowEnd();
        var data = content.Data;
        var length = end.Find(data);
        if (length < 0 && (!content.AtEnd || end.IsQuoted))
        {
            return false;
        }

        length = length < 0 ? data.Length : length;
        return length <= LongestRow && _check.IsSound(content.Start, length, _header!)
            && (!mustSatisfy || _check.Satisfies(content.Start, length, _header!));
    }

    private unsafe Violation Describe()
    {
        _end.Reset();
        var length = _end.Find(content.Data);
        return length < 0
            ? new Violation(ReasonCode.Truncated, null, DecodePlan.Excerpt(content.Data), "a quote that is closed")
            : _check.Describe(content.Start, length, _header!);
    }

    private unsafe void ReadHeader(int length)
    {
        var bytes = content.Take(length);
        try
        {
            using var row = new CsvRow();
            row.Read(bytes.Pointer, bytes.Pointer + length);
            if (!row.IsBlank)
            {
                _header = new CsvHeader(row, plan);
                var text = new ReadOnlySpan<byte>(bytes.Pointer, length).TrimEnd("\r\n"u8);
                if (!_header.NamesAnyField || row.Fault is not null || text.Contains((byte)'\r'))
                {
                    // A file without a header would lose its first record to it, and one with other line ends all of them.
                    byte[] head = [.. text, (byte)'\n', .. content.Data[..Math.Min(content.Data.Length, HeadBytes)]];
                    throw ForeignFormat.Of(head, plan)?.Refusal(input.Path) ?? InputErrors.NoHeader(input.Path, DecodePlan.Excerpt(text));
                }

                PathColumns.Require(input, plan, name => _header.Names.Contains(name));
                if (_header.Misspelt is { } misspelt)
                {
                    throw InputErrors.Misspelt(input.Path, misspelt.Found, misspelt.Field);
                }
            }
        }
        finally
        {
            bytes.Release();
        }
    }
}
