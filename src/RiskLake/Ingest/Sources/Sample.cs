using System.Globalization;
using System.Text;
using System.Text.Json;
using RiskLake.Calendars;

namespace RiskLake.Ingest.Sources;

/// <summary>
/// The built-in sample: market events as a feed would deliver them, in the order of arrival, with the faults a feed has. The same
/// bytes on every machine.
/// </summary>
/// <remarks>
/// It trades in the sessions of New York. Every symbol and session has one event a minute and, whatever the other arguments are, the same
/// number of faults: two late records, one redelivery and one malformed record before its good copy. So any choice of symbols and
/// sessions stays under the default limits of the gate, and no minute is lost.
/// </remarks>
internal static class Sample
{
    public const int DefaultSeed = 20250120;

    private const int LateRecords = 2;
    private const long Millisecond = 1_000;
    private const long Second = 1_000 * Millisecond;

    private const string Market = "XNYS";

    /// <summary>Five sessions through 2025-01-24; the Monday of that week is a holiday.</summary>
    public static IReadOnlyList<DateOnly> DefaultSessions { get; } =
        [new(2025, 1, 17), new(2025, 1, 21), new(2025, 1, 22), new(2025, 1, 23), new(2025, 1, 24)];

    /// <summary>Whether the sample has events on a date: a session of its market that the calendar knows.</summary>
    public static bool IsSession(DateOnly date) => Calendar.Knows(date) && Calendar.IsSession(date);

    private static ExchangeCalendar Calendar => CalendarLibrary.BuiltIn.Get(Market);

    /// <summary>Writes the events of one date; none on a day without a session.</summary>
    public static void WriteDay(Stream output, IReadOnlyList<SampleSymbol> symbols, DateOnly date, int seed = DefaultSeed) =>
        Write(output, symbols, [date], seed);

    /// <summary>Writes the events of the sessions as NDJSON, session by session, each in the order of arrival.</summary>
    public static void Write(
        Stream output,
        IReadOnlyList<SampleSymbol> symbols,
        IReadOnlyList<DateOnly> sessions,
        int seed = DefaultSeed)
    {
        var key = SampleRandom.Key(0, seed);
        var market = new SampleMarket(key);
        var arrivals = new List<(long IngestedMicros, int Sequence, string Line)>();
        foreach (var date in sessions.Where(IsSession))
        {
            arrivals.Clear();
            var hours = Calendar.Schedule(date);
            foreach (var symbol in symbols)
            {
                var (ticks, activity) = market.Session(symbol, date, hours.Minutes);
                Deliver(arrivals, symbol, hours, ticks, activity, SampleRandom.Key(SampleRandom.Key(key, symbol.Symbol), date.DayNumber));
            }

            arrivals.Sort((left, right) => (left.IngestedMicros, left.Sequence).CompareTo((right.IngestedMicros, right.Sequence)));
            foreach (var (_, _, line) in arrivals)
            {
                output.Write(Encoding.UTF8.GetBytes(line));
                output.WriteByte((byte)'\n');
            }
        }
    }

    private static void Deliver(
        List<(long IngestedMicros, int Sequence, string Line)> arrivals,
        SampleSymbol symbol,
        ScheduledSession hours,
        long[] ticks,
        double[] activity,
        ulong key)
    {
        var faults = new SampleRandom(SampleRandom.Key(key, "faults"));
        var minutes = ticks.Length;
        var late = faults.Below(minutes);
        var step = minutes / LateRecords;
        var redelivered = faults.Below(minutes);
        var malformed = faults.Below(minutes);
        var random = new SampleRandom(SampleRandom.Key(key, "delivery"));
        var openMicros = (hours.Open - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;
        for (var minute = 0; minute < minutes; minute++)
        {
            var happened = openMicros + (minute * 60 * Second);
            var ingested = happened + ((150 + random.Below(2_350)) * Millisecond);
            if ((minute - late) % step == 0)
            {
                ingested = happened + ((301 + random.Below(1_200)) * Second);
            }

            var lots = 1 + (long)((0.25 + activity[minute]) * random.Unit() * 40.0);
            var record = new Record(
                string.Create(CultureInfo.InvariantCulture, $"sample-{hours.Session:yyyyMMdd}-{symbol.Symbol}-{minute:000}"),
                symbol.Symbol,
                ticks[minute] * symbol.Tick,
                lots * 100,
                happened,
                ingested);
            if (minute == malformed)
            {
                Add(record with { Ingested = happened + (100 * Millisecond) }, faults.Below(Record.Faults));
            }

            Add(record, fault: null);
            if (minute == redelivered)
            {
                Add(record with { Ingested = ingested + ((1 + random.Below(120)) * Second) }, fault: null);
            }
        }

        void Add(Record record, int? fault) => arrivals.Add((record.Ingested, arrivals.Count, record.ToJson(fault)));
    }

    /// <summary>One delivery of one event; times in microseconds since 1970.</summary>
    private sealed record Record(string EventId, string Symbol, decimal Price, long Volume, long Happened, long Ingested)
    {
        /// <summary>How many kinds of malformed records there are.</summary>
        public const int Faults = 6;

        public string ToJson(int? fault)
        {
            var price = Price.ToString(CultureInfo.InvariantCulture);
            var volume = Volume.ToString(CultureInfo.InvariantCulture);
            var happened = Timestamp(Happened);
            switch (fault)
            {
                case 0:
                    price = $"\"{price}\"";
                    break;
                case 1:
                    price = $"-{price}";
                    break;
                case 2:
                    price = "null";
                    break;
                case 3:
                    volume += ".5";
                    break;
                case 4:
                    happened = happened.TrimEnd('Z');
                    break;
            }

            var (id, symbol) = (JsonEncodedText.Encode(EventId), JsonEncodedText.Encode(Symbol));
            var what = $$"""
                "event_id":"{{id}}","symbol":"{{symbol}}","price":{{price}},"volume":{{volume}}
                """;
            var when = $$"""
                "ts_event":"{{happened}}","ts_ingest":"{{Timestamp(Ingested)}}","source":"sample"
                """;
            var json = $"{{{what},{when}}}";
            return fault == 5 ? json[..(json.Length / 2)] : json;
        }

        private static string Timestamp(long micros) =>
            DateTime.UnixEpoch.AddMicroseconds(micros).ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);
    }
}
