using System.Globalization;
using System.Text;
using RiskLake.Calendars;
using RiskLake.Contracts;
using RiskLake.Ingest.Decoding;
using RiskLake.Ingest.Silver;
using RiskLake.Lake.Columns;
using RiskLake.Lake.Errors;

namespace RiskLake.Backfill;

/// <summary>
/// Assigns records to days: the label of the session of the symbol's own market in which the event happened, else the date that the
/// market's clocks showed. A symbol without a market of its own is dated by the clocks of the backfill's calendar. For one thread.
/// </summary>
internal sealed class DayAssigner
{
    private const long MicrosPerMinute = 60_000_000;
    private const int LongestSymbol = 128;

    private readonly CalendarLibrary _library;
    private readonly SymbolList _symbols;
    private readonly ContractField _time;
    private readonly ContractField? _symbol;
    private readonly MarketDays _default;
    private readonly Dictionary<string, MarketDays> _markets = new(StringComparer.Ordinal);
    private readonly Dictionary<string, MarketDays> _spellings = new(StringComparer.Ordinal);
    private readonly Dictionary<string, MarketDays>.AlternateLookup<ReadOnlySpan<char>> _known;
    private byte[] _scratch = new byte[64];

    public DayAssigner(Contract contract, CalendarLibrary library, SymbolList symbols, ExchangeCalendar calendar)
    {
        (_library, _symbols) = (library, symbols);
        _time = contract.EventTime;
        _symbol = contract.Field(FieldRole.Symbol);
        _default = new MarketDays(calendar, HasSessions: false);
        _known = _spellings.GetAlternateLookup<ReadOnlySpan<char>>();
    }

    /// <summary>The day of every row, as a day number (see <see cref="DateOnly.DayNumber"/>).</summary>
    public void Assign(RecordBatch records, NativeBuffer<int> days)
    {
        var times = records[_time.Name];
        var symbols = _symbol is null ? null : records[_symbol.Name];
        days.Reserve(days.Count + records.RowCount);
        if (_time.Type == ColumnType.Date)
        {
            // A date is no instant: no clock can move it.
            for (var row = 0; row < records.RowCount; row++)
            {
                days.Add((int)times.Slot(row) + MarketDays.EpochDay);
            }

            return;
        }

        for (var row = 0; row < records.RowCount; row++)
        {
            var market = symbols is null || symbols.IsNull(row) ? _default : MarketOf(symbols.Bytes(row));
            var (minute, rest) = Math.DivRem(times.Slot(row), MicrosPerMinute);
            days.Add(market.DayOf(rest < 0 ? minute - 1 : minute));
        }
    }

    /// <summary>The day of a record that could not be decoded as a whole; null where it has no event time.</summary>
    public int? DayOf(RejectPlace place)
    {
        if (place.EventTime is not { } time)
        {
            return null;
        }

        if (_time.Type == ColumnType.Date)
        {
            return (int)time + MarketDays.EpochDay;
        }

        var (minute, rest) = Math.DivRem(time, MicrosPerMinute);
        return (place.Symbol is { } symbol ? MarketOf(symbol) : _default).DayOf(rest < 0 ? minute - 1 : minute);
    }

    private MarketDays MarketOf(ReadOnlySpan<byte> received)
    {
        Span<char> text = stackalloc char[LongestSymbol];
        if (received.Length > LongestSymbol)
        {
            return _default; // The list of symbols holds none as long as that.
        }

        var spelling = text[..Encoding.UTF8.GetChars(received, text)];
        return _known.TryGetValue(spelling, out var market) ? market : _spellings[spelling.ToString()] = Find(received);
    }

    private MarketDays Find(ReadOnlySpan<byte> received)
    {
        var symbol = Encoding.UTF8.GetString(Normaliser.Apply(_symbol!.Normalisation, received, ref _scratch));
        if (_symbols.Find(symbol) is not { } entry)
        {
            return _default;
        }

        if (!_markets.TryGetValue(entry.Market, out var market))
        {
            _markets[entry.Market] = market = new MarketDays(Calendars.Get(_library, entry.Market, $"symbol {symbol}, market"), HasSessions: true);
        }

        return market;
    }

    /// <summary>The days of one market. Sessions and dates begin and end on whole minutes, so a minute has one day.</summary>
    private sealed record MarketDays(ExchangeCalendar Calendar, bool HasSessions)
    {
        public static readonly int EpochDay = DateOnly.FromDateTime(DateTime.UnixEpoch).DayNumber;

        private const int Slots = 4096;
        private const long MinutesPerDay = 1440;

        private readonly long[] _minutes = [.. Enumerable.Repeat(long.MinValue, Slots)];
        private readonly int[] _days = new int[Slots];

        public int DayOf(long minute)
        {
            var slot = (int)(minute & (Slots - 1));
            if (_minutes[slot] != minute)
            {
                _days[slot] = Compute(minute);
                _minutes[slot] = minute;
            }

            return _days[slot];
        }

        private int Compute(long minute)
        {
            var at = DateTimeOffset.UnixEpoch.AddTicks(minute * TimeSpan.TicksPerMinute);
            if (at.Year is 1 or 9999)
            {
                return (int)Math.Floor(minute / (double)MinutesPerDay) + EpochDay; // Local time could leave the calendar of years.
            }

            return HasSessions && Calendar.Knows(at) && Calendar.SessionAt(at) is { } session ? session.DayNumber : Calendar.LocalDateAt(at).DayNumber;
        }
    }
}

/// <summary>Calendars by id, with errors a user can act on.</summary>
internal static class Calendars
{
    public static ExchangeCalendar Get(CalendarLibrary library, string id, string place)
    {
        try
        {
            return library.Get(id);
        }
        catch (CalendarException e) when (e.Fault == CalendarFault.UnknownCalendar)
        {
            throw new RiskLakeException(ErrorCode.ConfigurationInvalid, place, $"'{id}', which is no calendar", string.Join(", ", library.Ids), "name one of these", e);
        }
    }

    /// <summary>Refuses dates about which a calendar knows nothing.</summary>
    public static void Require(ExchangeCalendar calendar, DateOnly from, DateOnly through)
    {
        if (!calendar.Knows(from) || !calendar.Knows(through))
        {
            throw new RiskLakeException(
                ErrorCode.CommandLineInvalid,
                calendar.Knows(from) ? "--end-date" : "--start-date",
                string.Create(CultureInfo.InvariantCulture, $"{(calendar.Knows(from) ? through : from):yyyy-MM-dd}"),
                string.Create(CultureInfo.InvariantCulture, $"{calendar.KnownFrom:yyyy-MM-dd} to {calendar.KnownThrough:yyyy-MM-dd}, which calendar {calendar.Id} knows"),
                "choose other dates or another --calendar");
        }
    }
}
