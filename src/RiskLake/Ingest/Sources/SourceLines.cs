namespace RiskLake.Ingest.Sources;

/// <summary>
/// The lines of a stream, one at a time, in a buffer that never grows beyond one long line. A line that is longer is handed out in
/// part and marked, so that a body without line feeds cannot fill the memory.
/// </summary>
internal sealed class SourceLines(Stream stream)
{
    public const int LongestLine = 64 << 10;

    private readonly byte[] _buffer = new byte[2 * LongestLine];
    private int _start;
    private int _length;
    private bool _atEnd;
    private bool _skipping;

    /// <summary>Number of the current line, from 1.</summary>
    public long Number { get; private set; }

    /// <summary>Whether the current line is only the beginning of a longer one.</summary>
    public bool IsCut { get; private set; }

    /// <summary>The current line without its end, valid until the next call of <see cref="Next"/>.</summary>
    public ReadOnlyMemory<byte> Line { get; private set; }

    public ReadOnlySpan<byte> Span => Line.Span;

    public bool Next()
    {
        while (true)
        {
            var feed = _buffer.AsSpan(_start, _length).IndexOf((byte)'\n');
            if (feed < 0 && !_atEnd && _length < LongestLine)
            {
                Fill();
                continue;
            }

            if (feed < 0 && _length == 0)
            {
                return false;
            }

            var taken = feed < 0 ? _length : feed;
            var isRest = _skipping;
            _skipping = feed < 0 && !_atEnd;
            var line = _buffer.AsMemory(_start, taken);
            _start += feed < 0 ? taken : taken + 1;
            _length -= feed < 0 ? taken : taken + 1;
            if (isRest)
            {
                continue;
            }

            Number++;
            IsCut = _skipping;
            Line = line.Span is [.., (byte)'\r'] ? line[..^1] : line;
            return true;
        }
    }

    private void Fill()
    {
        if (_start > 0)
        {
            _buffer.AsSpan(_start, _length).CopyTo(_buffer);
            _start = 0;
        }

        var read = stream.Read(_buffer, _length, _buffer.Length - _length);
        _length += read;
        _atEnd = read == 0;
    }
}
