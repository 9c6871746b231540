namespace RiskLake.Ingest.Decoding;

/// <summary>Cuts NDJSON into blocks of whole lines.</summary>
internal sealed class LineReader(int fileIndex, RecordStream content, DecodePlan plan, DecodeOptions options)
    : IBlockReader
{
    private readonly JsonPieces _pieces = new(plan);

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
            else if (IsLongValue())
            {
                yield return LongRecord.Read(content, new LineEnd(), options.MaxRecordBytes, isLine: true)
                    .TooLarge(fileIndex, line++, options.MaxRecordBytes);
            }
            else
            {
                foreach (var block in Pieces(line))
                {
                    yield return block;
                }

                line++;
            }
        }
    }

    public void Dispose() => _pieces.Dispose();

    private unsafe bool IsLongValue() => _pieces.IsLongValue(content.Start, content.Data.Length);

    /// <summary>The records of a line that is too long to be one, and does not follow the grammar: line feeds were lost.</summary>
    private IEnumerable<InputBlock> Pieces(long line)
    {
        while (content.Fill())
        {
            var feed = content.Data.IndexOf((byte)'\n');
            var piece = Next(feed);
            if (piece.Kind == PieceKind.Undecided)
            {
                content.Grow();
                continue;
            }

            var isLast = piece.Taken == feed;
            var taken = isLast ? feed + 1 : piece.Taken;
            if (piece.Kind == PieceKind.Nothing)
            {
                content.Skip(taken);
            }
            else
            {
                yield return ElementBlock.Of(fileIndex, piece, content, taken, line);
            }

            if (isLast)
            {
                yield break;
            }
        }
    }

    private unsafe JsonPiece Next(int feed) => feed < 0
        ? _pieces.Next(content.Start, content.Data.Length, content.AtEnd)
        : _pieces.Next(content.Start, feed, isFinal: true);

    private sealed class LineEnd : IRecordEnd
    {
        public int Find(ReadOnlySpan<byte> data)
        {
            var feed = data.IndexOf((byte)'\n');
            return feed < 0 ? -1 : feed + 1;
        }
    }
}
