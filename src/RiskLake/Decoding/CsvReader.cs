using RiskLake.Sources;

namespace RiskLake.Decoding;

/// <summary>Cuts CSV into blocks of whole rows; the first row that is not empty is the header.</summary>
internal sealed class CsvReader(int fileIndex, InputFile input, RecordStream content, DecodePlan plan, DecodeOptions options)
{
    private readonly CsvRowEnd _end = new();
    private CsvHeader? _header;
    private long _line = 1;

    public IEnumerable<InputBlock> Read()
    {
        while (content.Fill())
        {
            var (cut, rows) = Cut();
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
            else if (content.Data.Length <= options.MaxRecordBytes + 1)
            {
                content.Grow();
            }
            else
            {
                _end.Reset();
                var row = LongRecord.Read(content, _end, options.MaxRecordBytes, isLine: true);
                yield return row.TooLarge(fileIndex, _line, options.MaxRecordBytes);
                _line += row.LineFeeds;
            }
        }
    }

    /// <summary>How far whole rows reach, and how many there are; before the header, one row at most.</summary>
    private (int Cut, long Rows) Cut()
    {
        var data = content.Data;
        var quoted = data.Contains((byte)'"');
        if (_header is not null && !quoted)
        {
            var last = content.AtEnd ? data.Length : data.LastIndexOf((byte)'\n') + 1;
            return (last, last == 0 ? 0 : data[..last].Count((byte)'\n') + (data[last - 1] == '\n' ? 0 : 1));
        }

        var (cut, rows) = (0, 0L);
        while (cut < data.Length)
        {
            _end.Reset();
            var length = _end.Find(data[cut..]);
            if (length < 0 && !content.AtEnd)
            {
                break;
            }

            cut = length < 0 ? data.Length : cut + length;
            rows++;
            if (_header is null)
            {
                break;
            }
        }

        return (cut, rows);
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
                if (!_header.NamesAnyField || text.Contains((byte)'\r'))
                {
                    // A file without a header would lose its first record to it, and one with other line ends all of them.
                    throw InputErrors.UnknownFormat(input.Path, DecodePlan.Excerpt(text));
                }
            }
        }
        finally
        {
            bytes.Release();
        }
    }
}
