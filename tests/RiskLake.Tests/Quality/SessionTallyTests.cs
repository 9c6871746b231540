using System.Text;
using CsCheck;
using RiskLake.Calendars;
using RiskLake.Ingest.Silver;
using RiskLake.Lake.Columns;
using RiskLake.Quality;

namespace RiskLake.Tests.Quality;

/// <summary>The arithmetic of completeness, against a count that asks the calendar about every single minute.</summary>
public sealed class SessionTallyTests
{
    // Early closes, breaks, typhoon days, sessions that begin the evening before, markets that never close, and none at all.
    private static readonly (string Id, DateOnly From)[] s_stretches =
    [
        ("XNYS", new(2024, 12, 20)), ("XNYS", new(2001, 9, 7)), ("XNYS", new(2025, 3, 6)), ("XTKS", new(2024, 12, 26)), ("XTKS", new(2006, 1, 13)),
        ("XHKG", new(2023, 8, 30)), ("XHKG", new(2024, 2, 7)), ("CMES", new(2024, 11, 27)), ("CMEEQ", new(2024, 7, 1)), ("FX", new(2024, 12, 23)),
        ("24-5", new(2024, 1, 4)), ("24-7", new(2024, 1, 4)), ("XASX", new(2024, 12, 23)), ("XNYS", new(2028, 12, 22)), ("XNYS", new(1971, 1, 1)),
    ];

    private static readonly Gen<(SessionClock Clock, long[] Times, long AsOf)> s_case =
        from stretch in Gen.Int[0, s_stretches.Length - 1].Select(i => s_stretches[i])
        let start = Micros(stretch.From)
        from days in Gen.Int[1, 9]
        from seconds in Gen.OneOf(Gen.Int[0, days * 86_400].Array[1, 60], Gen.Int[0, 600].Select(step => step * 60).Array[1, 400])
        from odd in Gen.Int[0, 2]
        from after in Gen.Int[-90_000, 200_000]
        let times = seconds.Select(second => start + (second * 1_000_000L) - (odd == 0 ? 1 : 0)).Order().ToArray()
        select (new SessionClock(CalendarLibrary.BuiltIn.Get(stretch.Id)), times, times[^1] + (after * 1_000_000L));

    [Fact]
    public void Completeness_is_what_counting_every_minute_gives() => s_case.Sample(
        x =>
        {
            var made = SessionTally.Count(x.Clock, x.Times, x.AsOf, x.Times[^1]).Days
                .Select(day => (day.Session, day.Expected, day.Observed, day.Events, day.Outside, day.First, day.Last));
            Assert.Equal(MinuteByMinute(x.Clock.Calendar, x.Times, x.AsOf), made);
        },
        iter: 300);

    [Fact]
    public void Staleness_counts_the_trading_minutes_that_passed_since() => s_case.Sample(
        x =>
        {
            var calendar = x.Clock.Calendar;
            var known = SessionClock.Instant(x.AsOf);
            foreach (var day in SessionTally.Count(x.Clock, x.Times, x.AsOf, x.Times[^1]).Days.Where(day => day.Staleness is not null))
            {
                var minutes = 0;
                var minute = SessionClock.Floor(day.Last!.Value + SessionClock.MicrosPerMinute - 1, SessionClock.MicrosPerMinute);
                for (; minute < x.AsOf; minute += SessionClock.MicrosPerMinute)
                {
                    minutes += calendar.IsOpenAt(SessionClock.Instant(minute)) ? 1 : 0;
                }

                Assert.Equal(minutes, day.Staleness);
            }
        },
        iter: 100);

    [Fact]
    public void A_place_holds_for_as_long_as_it_says() => s_case.Sample(
        x =>
        {
            var stretch = x.Clock.Place(x.Times[0]);
            Assert.True(stretch.Contains(x.Times[0]));
            var last = Math.Min(stretch.End, stretch.Start + SessionClock.MicrosPerDay) - 1;
            Assert.All([stretch.Start, stretch.Start + ((last - stretch.Start) / 2), last], time =>
            {
                var again = x.Clock.Place(time);
                Assert.Equal((stretch.Place, stretch.Day), (again.Place, again.Day));
            });
        },
        iter: 300);

    [Fact]
    public void Flags_are_what_asking_for_each_row_gives()
    {
        var markets = new[] { "XNYS", "XTKS", "CMES" };
        var clocks = Array.ConvertAll(markets, id => new SessionClock(CalendarLibrary.BuiltIn.Get(id)));
        string?[] symbols = ["AAPL", "7203", "ES", "UNLISTED", "A-SYMBOL-LONGER-THAN-EIGHT-BYTES", "", null];
        var listed = new SessionSymbols([("AAPL", 0), ("7203", 1), ("ES", 2), ("A-SYMBOL-LONGER-THAN-EIGHT-BYTES", 1)]);
        int?[] market = [0, 1, 2, null, 1, null, null];
        var row = Gen.Select(Gen.Int[0, symbols.Length - 1], Gen.Long[Micros(new(2024, 12, 20)), Micros(new(2025, 1, 15))]);
        row.Array[1, 200].Sample(
            rows =>
            {
                using var symbol = new Column(new ColumnSchema("symbol", ColumnType.String, Nullable: true));
                using var time = new Column(new ColumnSchema("time", ColumnType.Timestamp));
                var flags = new long[rows.Length];
                foreach (var (name, at) in rows)
                {
                    AppendText(symbol, symbols[name]);
                    time.Append(at);
                }

                flags[0] = (long)QualityFlags.Late;
                new SessionMarks(clocks, listed).Add(symbol, time, flags, 0);
                var expected = rows.Select((x, i) =>
                    (i == 0 ? QualityFlags.Late : QualityFlags.None) | Flag(market[x.Item1] is { } m ? clocks[m].Calendar : null, x.Item2));
                Assert.Equal(expected, flags.Select(flag => (QualityFlags)flag));
            },
            iter: 100);
    }

    private static List<(DateOnly Session, int Expected, int Observed, long Events, long Outside, long? First, long? Last)> MinuteByMinute(
        ExchangeCalendar calendar, long[] times, long asOf)
    {
        // Where the calendar knows nothing, nothing is counted.
        var placed = times.Where(time => calendar.Knows(SessionClock.Instant(time)) && calendar.Knows(DayOf(calendar, time))).ToArray();
        var days = placed.GroupBy(time => DayOf(calendar, time)).ToDictionary(group => group.Key, group => group.ToArray());
        var expected = new Dictionary<DateOnly, HashSet<long>>();
        if (placed.Length > 0)
        {
            for (var minute = SessionClock.Floor(times[0], SessionClock.MicrosPerDay) - (2 * SessionClock.MicrosPerDay);
                minute <= times[^1] + (2 * SessionClock.MicrosPerDay);
                minute += SessionClock.MicrosPerMinute)
            {
                var at = SessionClock.Instant(minute);
                if (!calendar.Knows(at) || !calendar.IsOpenAt(at))
                {
                    continue;
                }

                var session = calendar.SessionAt(at)!.Value;
                if (session >= days.Keys.Min() && calendar.Open(session) <= SessionClock.Instant(times[^1]) && minute < asOf)
                {
                    (expected.TryGetValue(session, out var minutes) ? minutes : expected[session] = []).Add(minute);
                }
            }
        }

        return days.Keys.Union(expected.Keys).Order().Select(day =>
        {
            var own = days.GetValueOrDefault(day, []);
            var minutes = expected.GetValueOrDefault(day, []);
            var outside = own.Count(time => !calendar.IsOpenAt(SessionClock.Instant(time)));
            var observed = own.Select(time => SessionClock.Floor(time, SessionClock.MicrosPerMinute)).Distinct().Count(minutes.Contains);
            var (first, last) = own.Length == 0 ? ((long?)null, (long?)null) : (own[0], own[^1]);
            return (day, minutes.Count, observed, (long)own.Length, (long)outside, first, last);
        }).ToList();
    }

    private static QualityFlags Flag(ExchangeCalendar? calendar, long time)
    {
        var at = SessionClock.Instant(time);
        return calendar is null || calendar.IsOpenAt(at) ? QualityFlags.None
            : calendar.SessionAt(at) is not null || calendar.IsSession(calendar.LocalDateAt(at)) ? QualityFlags.OutOfSession
            : QualityFlags.NonTradingDay;
    }

    private static DateOnly DayOf(ExchangeCalendar calendar, long time) =>
        calendar.SessionAt(SessionClock.Instant(time)) ?? calendar.LocalDateAt(SessionClock.Instant(time));

    private static void AppendText(Column column, string? text)
    {
        if (text is null)
        {
            column.AppendNull();
        }
        else
        {
            column.Append(Encoding.UTF8.GetBytes(text));
        }
    }

    private static long Micros(DateOnly date) => SessionClock.Micros(new DateTimeOffset(date.ToDateTime(default), TimeSpan.Zero));
}
