using System.Buffers.Binary;
using System.IO.Hashing;
using System.Text;
using RiskLake.Ingest.Silver;
using RiskLake.Lake.Columns;

namespace RiskLake.Quality;

/// <summary>Adds the flags of sessions to rows. Remembers what each minute was, as most minutes hold many events. One thread at a time.</summary>
internal sealed class SessionMarks(SessionClock[] clocks, SessionSymbols symbols)
{
    private const byte Known = 0x80;

    // Beyond this many days the memory starts anew: a file may hold times of any century.
    private const int MostDays = 4096;

    private readonly MarketDays[] _markets = Array.ConvertAll(clocks, clock => new MarketDays(clock));

    /// <param name="symbol">Symbols, as silver spells them.</param>
    /// <param name="time">Event times, in microseconds.</param>
    /// <param name="flags">Flags of the rows.</param>
    /// <param name="start">First row to mark.</param>
    public void Add(Column symbol, Column time, Span<long> flags, int start)
    {
        var times = time.Slots;
        for (var row = start; row < flags.Length; row++)
        {
            var market = symbol.IsNull(row) ? -1 : symbols.MarketOf(symbol.Bytes(row));
            if (market >= 0)
            {
                flags[row] |= _markets[market].FlagsAt(times[row]);
            }
        }
    }

    /// <summary>Flags of one market's minutes, by UTC day.</summary>
    private sealed class MarketDays(SessionClock clock)
    {
        private readonly Dictionary<long, byte[]> _days = [];
        private long _day = long.MinValue;
        private byte[] _minutes = [];

        public long FlagsAt(long micros)
        {
            var day = SessionClock.Floor(micros, SessionClock.MicrosPerDay);
            if (day != _day)
            {
                Turn(day);
            }

            ref var known = ref _minutes[(int)((micros - day) / SessionClock.MicrosPerMinute)];
            if (known == 0)
            {
                known = (byte)(Known | (byte)FlagOf(clock.Place(micros).Place));
            }

            return known & ~Known;
        }

        private static QualityFlags FlagOf(EventPlace place) => place switch
        {
            EventPlace.OutOfSession => QualityFlags.OutOfSession,
            EventPlace.NonTradingDay => QualityFlags.NonTradingDay,
            _ => QualityFlags.None,
        };

        private void Turn(long day)
        {
            _day = day;
            if (!_days.TryGetValue(day, out _minutes!))
            {
                if (_days.Count == MostDays)
                {
                    _days.Clear();
                }

                _minutes = new byte[1440];
                _days.Add(day, _minutes);
            }
        }
    }
}

/// <summary>Markets by symbol, found from the symbol's bytes without making text of them.</summary>
internal sealed class SessionSymbols
{
    private readonly byte[]?[] _names;
    private readonly int[] _markets;
    private readonly int _mask;

    public SessionSymbols(IEnumerable<(string Symbol, int Market)> symbols)
    {
        var all = symbols.ToArray();
        var size = (int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)Math.Max(4, all.Length * 2));
        (_names, _markets, _mask) = (new byte[]?[size], new int[size], size - 1);
        foreach (var (symbol, market) in all)
        {
            var name = Encoding.UTF8.GetBytes(symbol);
            var at = Find(name);
            (_names[at], _markets[at]) = (name, market);
        }
    }

    /// <summary>The number of a symbol's market, or -1 if it is not listed.</summary>
    public int MarketOf(ReadOnlySpan<byte> symbol)
    {
        var at = Find(symbol);
        return _names[at] is null ? -1 : _markets[at];
    }

    // Nearly all symbols are short, and this is asked for every row.
    private static int Hash(ReadOnlySpan<byte> symbol)
    {
        if (symbol.Length is < 4 or > 8)
        {
            return (int)XxHash3.HashToUInt64(symbol);
        }

        var bytes = BinaryPrimitives.ReadUInt32LittleEndian(symbol) | ((ulong)BinaryPrimitives.ReadUInt32LittleEndian(symbol[^4..]) << 32);
        return (int)((bytes * 0x9E3779B97F4A7C15) >> 33);
    }

    // The table is at most half full, so there is always a free place.
    private int Find(ReadOnlySpan<byte> symbol)
    {
        var at = Hash(symbol) & _mask;
        while (_names[at] is { } name && !symbol.SequenceEqual(name))
        {
            at = (at + 1) & _mask;
        }

        return at;
    }
}
