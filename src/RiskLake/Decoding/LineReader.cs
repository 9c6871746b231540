namespace RiskLake.Decoding;

/// <summary>Cuts NDJSON into blocks of whole lines.</summary>
internal sealed class LineReader(int fileIndex, RecordStream content, DecodeOptions options)
{
    public IEnumerable<InputBlock> Read()
    {
        var line = 1L;
        while (content.Fill())
        {
            var data = content.Data;
            var cut = content.AtEnd ? data.Length : data.LastIndexOf((byte)'\n') + 1;
            if (cut > 0)
            {
                var lines = data[..cut].Count((byte)'\n') + (data[cut - 1] == '\n' ? 0L : 1L);
                var offset = content.Offset;
                yield return new LineBlock(fileIndex, lines, content.Take(cut), cut, offset, line);
                line += lines;
            }
            else if (data.Length <= options.MaxRecordBytes + 1)
            {
                // Carriage return and line feed are not part of the record: only two bytes more than the limit are surely too many.
                content.Grow();
            }
            else
            {
                yield return LongRecord.Read(content, new LineEnd(), options.MaxRecordBytes, isLine: true)
                    .TooLarge(fileIndex, line++, options.MaxRecordBytes);
            }
        }
    }

    private sealed class LineEnd : IRecordEnd
    {
        public int Find(ReadOnlySpan<byte> data)
        {
            var feed = data.IndexOf((byte)'\n');
            return feed < 0 ? -1 : feed + 1;
        }
    }
}
