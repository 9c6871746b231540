using System.Text;
using RiskLake.Ingest.Sources;

namespace RiskLake.Bench;

/// <summary>
/// Writes market events session by session as a feed delivers them, in the order of arrival, and on demand the same without the
/// malformed lines. A function of the seed, the symbols and the sessions alone.
/// </summary>
internal sealed class EventGenerator : IDisposable
{
    private const int BufferBytes = 1 << 20;

    // Per 100,000 lines.
    private const int Malformed = 100;
    private const int Repeated = 500;
    private const int Late = 1_000;

    private readonly Output _all;
    private readonly Output? _wellFormed;
    private SampleRandom _random;
    private readonly ulong _ids = SampleRandom.Key(0, "ids");
    private readonly byte[][] _symbols;
    private readonly byte[][] _lowerCase;
    private readonly long[] _prices;
    private EventCounts _counts = new(0, 0, 0, 0, 0, 0);

    public EventGenerator(string path, string? wellFormedPath, int seed, IReadOnlyList<string> symbols)
    {
        _all = new Output(path);
        _wellFormed = wellFormedPath is null ? null : new Output(wellFormedPath);
        _random = new SampleRandom(SampleRandom.Key(0, seed));
        _symbols = [.. symbols.Select(Encoding.ASCII.GetBytes)];
        _lowerCase = [.. symbols.Select(symbol => Encoding.ASCII.GetBytes(symbol.ToLowerInvariant()))];
        _prices = new long[symbols.Count];
        for (var symbol = 0; symbol < _prices.Length; symbol++)
        {
            _prices[symbol] = 2_000 + _random.Below(48_000);
        }
    }

    /// <summary>Writes a session; what is under way at its end arrives before it, so that no line is a session's but its own.</summary>
    public void AddSession(DateTime open, TimeSpan length, long lines)
    {
        var ids = SampleRandom.Key(_ids, open.Ticks);

        // What arrives later than the stream goes on, by arrival.
        var underWay = new PriorityQueue<Event, (long Arrives, long Number)>();
        var (distinct, late, repeats, malformed) = (0L, 0L, 0L, 0L);
        var perLine = length.TotalMicroseconds / lines;
        for (long line = 0, number = 0; line < lines; line++)
        {
            var now = (long)(line * perLine);
            if (underWay.TryPeek(out var arrived, out var due) && (due.Arrives <= now || lines - line <= underWay.Count))
            {
                underWay.Dequeue();
                Append(arrived, open, fault: -1);
                continue;
            }

            number++;
            var fresh = Draw(SampleRandom.Key(ids, number), now);
            var fate = _random.Below(100_000);
            if (fate < Malformed)
            {
                malformed++;
                Append(fresh, open, (int)(number % Event.Faults));
                continue;
            }

            // What is put aside near the end would arrive after the last line.
            var room = lines - line > underWay.Count + 2;
            distinct++;
            if (fate < Malformed + Late && room)
            {
                late++;
                var delay = (301 + _random.Below(600)) * 1_000_000L;
                underWay.Enqueue(fresh with { Ingested = fresh.Happened + delay }, (now + delay, number));
                line--;
                continue;
            }

            Append(fresh, open, fault: -1);
            if (fate >= 100_000 - Repeated && room)
            {
                repeats++;
                var delay = (1 + _random.Below(120)) * 1_000_000L;
                var again = (fate & 1) == 0 ? fresh : fresh with { Ingested = fresh.Ingested + delay };
                underWay.Enqueue(again, (now + delay, number));
            }
        }

        _counts = new EventCounts(
            _counts.Lines + lines, _counts.WellFormed + distinct + repeats, _counts.Distinct + distinct, _counts.Late + late,
            _counts.Duplicates + repeats, _counts.Malformed + malformed);
    }

    /// <summary>Ends the files and says what a correct pipeline must find in them.</summary>
    public EventCounts Finish()
    {
        _all.Flush();
        _wellFormed?.Flush();
        return _counts;
    }

    public void Dispose()
    {
        _all.Dispose();
        _wellFormed?.Dispose();
    }

    private Event Draw(ulong id, long now)
    {
        var draw = _random.Next();
        var symbol = Math.Min((int)(draw & 0xFFFF) * _symbols.Length >> 16, (int)(draw >> 16 & 0xFFFF) * _symbols.Length >> 16);
        var step = (int)(draw >> 32 & 7) + (int)(draw >> 35 & 7) - 7;
        _prices[symbol] = Math.Max(1_000, _prices[symbol] + (step / 3));
        var happened = now + (long)(draw >> 38 & 63);
        return new Event(
            id,
            symbol,
            LowerCase: (draw >> 44 & 63) == 0,
            _prices[symbol],
            Volume: 100 * (1 + (int)(draw >> 50 & 31)),
            happened,
            happened + 2_000 + _random.Below(400_000));
    }

    private void Append(in Event e, DateTime open, int fault)
    {
        var symbol = (e.LowerCase ? _lowerCase : _symbols)[e.Symbol];
        var line = _all.Room();
        var length = e.Format(line, symbol, open, fault);
        if (fault < 0 && _wellFormed is not null)
        {
            line[..length].CopyTo(_wellFormed.Room());
            _wellFormed.Advance(length);
        }

        _all.Advance(length);
    }

    private sealed class Output(string path) : IDisposable
    {
        private readonly FileStream _stream = new(path, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0);
        private readonly byte[] _buffer = new byte[BufferBytes];
        private int _used;

        /// <summary>Room for one more line.</summary>
        public Span<byte> Room()
        {
            if (_used > BufferBytes - 512)
            {
                Flush();
            }

            return _buffer.AsSpan(_used);
        }

        public void Advance(int length) => _used += length;

        public void Flush()
        {
            _stream.Write(_buffer, 0, _used);
            _used = 0;
        }

        public void Dispose() => _stream.Dispose();
    }
}

/// <summary>What a correct pipeline must find in generated events.</summary>
internal sealed record EventCounts(long Lines, long WellFormed, long Distinct, long Late, long Duplicates, long Malformed);
