using CsCheck;
using RiskLake.History;
using RiskLake.Risk;
using RiskLake.Risk.Measures;
using RiskLake.Tests.History;
using RiskLake.Tests.Runs;

namespace RiskLake.Trials.History;

public sealed class PriceHistoryTests
{
    private static readonly DateOnly Monday = new(2025, 1, 6);
    private static readonly DateTime Landed = new(2025, 2, 1, 12, 0, 0, DateTimeKind.Utc);

    /// <summary>Whatever vintages come, in whatever runs: the price known at a time is that of the last vintage up to then.</summary>
    [Fact]
    public void As_known_at_any_time_a_bar_is_its_last_vintage_up_to_then() =>
        Gen.Select(Gen.Int[0, 4], Gen.Int[0, 9], Gen.Int[1, 50]).Array[1, 25].Sample(
            items =>
            {
                using var desk = new HistoryDesk();
                var bars = items.DistinctBy(item => (item.Item1, item.Item2)).Select(item =>
                    new TestBar("AAPL", Session(item.Item1), 100 + item.Item3, Landed.AddHours(item.Item2))).ToArray();
                foreach (var run in bars.Chunk(7))
                {
                    desk.PublishBars(run);
                }

                for (var hour = -1; hour <= 10; hour++)
                {
                    var known = Landed.AddHours(hour);
                    var expected = bars.Where(bar => bar.Vintage <= known).GroupBy(bar => bar.Session)
                        .Select(group => (group.Key, group.MaxBy(bar => bar.Vintage)!.Close)).Order();
                    var found = desk.Read(Monday, Monday.AddDays(30), known).Series.SelectMany(Prices).Order();
                    Assert.Equal(expected, found);
                }
            },
            iter: 25, threads: 1);

    /// <summary>The price of a session is that of its last event, by time and then key; events of other times have no say.</summary>
    [Fact]
    public void The_price_of_a_session_is_that_of_its_last_event() =>
        Gen.Select(
            Gen.Int[0, 2],
            Gen.OneOf(Gen.Int[13, 22].Select(hour => hour * 60), Gen.Const(21 * 60), Gen.Const((21 * 60) - 1), Gen.Const(870)),
            Gen.Int[0, 3])
            .Array[1, 40].Sample(
            items =>
            {
                using var desk = new HistoryDesk();
                var events = items.Select((item, i) => new TestEvent(
                    FormattableString.Invariant($"e{i * 37 % 100:00}"), "AAPL", 100 + i, 1,
                    Session(item.Item1).ToDateTime(TimeOnly.MinValue, DateTimeKind.Utc).AddMinutes(item.Item2), TimeSpan.FromSeconds(item.Item3))).ToArray();
                foreach (var run in events.Chunk(9))
                {
                    desk.PublishEvents(run);
                }

                var expected = events.Where(item => IsIn(item.Happened)).GroupBy(item => DateOnly.FromDateTime(item.Happened))
                    .Select(day => (day.Key, day.OrderBy(item => item.Happened).ThenBy(item => item.Id, StringComparer.Ordinal).Last().Price)).Order();
                Assert.Equal(expected, desk.Read(Monday, Monday.AddDays(30)).Series.SelectMany(Prices).Order());
            },
            iter: 25, threads: 1);

    /// <summary>Rows that are left out at the beginning of a series do not make the rest of it another series' rows.</summary>
    [Fact]
    public void Bars_before_the_first_session_leave_their_series_its_own()
    {
        using var desk = new HistoryDesk();
        string[] symbols = ["AAPL", "JPM", "MSFT"];
        desk.PublishBars(symbols.SelectMany((symbol, s) => Enumerable.Range(0, 5).Select(i => new TestBar(
            symbol, Session(i), (100 * (s + 1)) + i, Landed.AddHours(i < 2 ? 5 : 0)))));
        foreach (var (from, asOf) in new[] { (Session(3), (DateTime?)null), (Monday, Landed) })
        {
            var found = desk.Read(from, Monday.AddDays(30), asOf).Series;
            Assert.Equal(symbols, found.Select(one => one.Key.Symbol));
            Assert.All(found, one => Assert.All(Prices(one), price => Assert.Equal(
                Array.IndexOf(symbols, one.Key.Symbol) + 1, (int)price.Item2 / 100)));
            Assert.All(found, one => Assert.Equal(asOf is null ? 2 : 3, Prices(one).Count()));
        }
    }

    [Fact]
    public void What_arrives_or_happens_later_changes_nothing_about_what_was_known()
    {
        using var desk = new HistoryDesk();
        desk.PublishBars(Enumerable.Range(0, 5).Select(i => new TestBar("AAPL", Session(i), 100 + i, Landed)));
        desk.PublishEvents(Enumerable.Range(0, 5).Select(i => new TestEvent($"m{i}", "MSFT", 50 + i, 1, At(Session(i), 15), TimeSpan.FromSeconds(1))));
        var before = Known();
        desk.PublishBars(new TestBar("AAPL", Session(2), 1, Landed.AddHours(2)), new TestBar("AAPL", Session(9), 9, Landed.AddHours(2)));
        desk.PublishEvents(
            new TestEvent("late", "MSFT", 1, 1, At(Session(2), 16), Landed.AddHours(2) - At(Session(2), 16)),
            new TestEvent("next", "MSFT", 2, 1, At(Session(9), 16), TimeSpan.FromSeconds(1)));
        Assert.Equal(before, Known());
        Assert.NotEqual(before, string.Join('\n', desk.Read(Monday, Monday.AddDays(30)).Series.Select(Text)));

        string Known() => string.Join('\n', desk.Read(Monday, Session(4), Landed.AddHours(1)).Series.Select(Text));
    }

    /// <summary>Rows before the range stand between those of two series: what is passed over must not lend its neighbour a name.</summary>
    [Fact]
    public void Series_stay_apart_whatever_part_of_them_is_read()
    {
        using var desk = new HistoryDesk();
        string[] symbols = ["AAPL", "AMZN", "MSFT", "XOM"];
        desk.PublishBars(symbols.SelectMany((symbol, s) => Enumerable.Range(0, 8).Select(i => new TestBar(symbol, Session(i), (100 * s) + i + 1, Landed))));
        desk.PublishEvents(symbols.SelectMany((symbol, s) => Enumerable.Range(0, 8).Select(
            i => new TestEvent($"{symbol}{i}", symbol, (100 * s) + i + 1, 1, At(Session(i), 15), TimeSpan.FromSeconds(1)))));
        foreach (var (from, through) in new[] { (0, 7), (3, 5), (6, 7), (0, 1), (4, 4) })
        {
            var read = desk.Read(Session(from), Session(through)).Series;
            Assert.Equal(8, read.Count);
            Assert.All(read, one => Assert.Equal(
                Enumerable.Range(from, through - from + 1).Select(i => (Session(i), (double)((100 * Array.IndexOf(symbols, one.Key.Symbol)) + i + 1))),
                Prices(one)));
        }
    }

    [Fact]
    public void Series_are_never_mixed_and_the_symbol_lists_sources_say_which_one_stands()
    {
        using var desk = new HistoryDesk();
        desk.PublishBars(
            new TestBar("AAPL", Session(0), 10, Landed) { Source = "vendor_b" },
            new TestBar("AAPL", Session(0), 20, Landed) { Adjustment = "raw" },
            new TestBar("AAPL", Session(0), 30, Landed) { Adjustment = "splits" },
            new TestBar("AAPL", Session(0), 40, Landed) { Source = "another" });
        desk.PublishEvents(new TestEvent("a", "AAPL", 50, 1, At(Session(0), 15), TimeSpan.FromSeconds(1)));
        var history = desk.Read(Monday, Monday.AddDays(3));
        Assert.Equal(
            ["stooq splits close 30", "stooq raw close 20", "vendor_b all close 10", "another all close 40", "test undeclared last 50"],
            history.Series.Select(one => FormattableString.Invariant($"{one.Key.Source} {one.Key.Adjustment} {one.Key.PriceKind} {one.Prices[0].Price}")));
        Assert.Equal(30, Assert.Single(history.Preferred(Monday, Monday.AddDays(3))).Prices[0].Price);
        Assert.Empty(history.Preferred(Monday.AddDays(1), Monday.AddDays(3)));
    }

    [Fact]
    public void A_session_without_a_price_leaves_two_returns_out_and_is_counted()
    {
        using var desk = new HistoryDesk();
        desk.PublishBars(new[] { 0, 1, 2, 4, 5, 6 }.Select(i => new TestBar("AAPL", Session(i), 100 * (i + 1), Landed)));
        var series = Assert.Single(desk.Read(Monday, Session(7)).Series);
        var returns = SessionReturns.Of(series, Session(6), 100, ReturnKind.Simple);
        Assert.Equal([Session(1), Session(2), Session(5), Session(6)], returns.Sessions);
        Assert.Equal([1.0, 0.5, (600.0 / 500) - 1, (700.0 / 600) - 1], returns.Values);
        Assert.Equal((1, 0), (returns.MissingSessions, returns.StaleSessions));
        Assert.Equal(1, SessionReturns.Of(series, Session(7), 100, ReturnKind.Simple).StaleSessions);
        Assert.Equal([Session(5), Session(6)], SessionReturns.Of(series, Session(6), 2, ReturnKind.Simple).Sessions);
    }

    [Fact]
    public void Markets_meet_on_the_sessions_they_have_in_common()
    {
        using var desk = new HistoryDesk();
        File.WriteAllText(
            Path.Combine(desk.Desk.Folder, "config/symbols.yaml"),
            """
            defaults: {market: XNYS, currency: USD, tick: 0.01, sources: [stooq]}
            symbols:
              - {symbol: AAPL, start_price: 100, annual_volatility: 0.2}
              - {symbol: '7203', market: XTKS, currency: JPY, tick: 1, start_price: 100, annual_volatility: 0.2}
              - {symbol: HOLE, start_price: 100, annual_volatility: 0.2}

            """);
        DateOnly[] york = [.. HistoryDesk.Xnys.Sessions(new(2025, 1, 6), new(2025, 1, 31))];
        DateOnly[] tokyo = [.. RiskLake.Calendars.CalendarLibrary.BuiltIn.Get("XTKS").Sessions(new(2025, 1, 6), new(2025, 1, 31))];
        desk.PublishBars(
        [
            .. york.Select((day, i) => new TestBar("AAPL", day, 100 + i, Landed)),
            .. tokyo.Select((day, i) => new TestBar("7203", day, 1000 + i, Landed)),
            .. york.Where(day => day != new DateOnly(2025, 1, 15)).Select(day => new TestBar("HOLE", day, 5, Landed)),
        ]);
        var history = desk.Read(Monday, Monday.AddDays(30)).Preferred(Monday, Monday.AddDays(30));
        var aligned = AlignedReturns.Of(history, new DateOnly(2025, 1, 31), 100, ReturnKind.Absolute);
        var common = york.Intersect(tokyo).ToArray();
        Assert.Equal(["7203", "AAPL"], aligned.Series.Select(one => one.Key.Symbol));
        Assert.Equal(common[1..], aligned.Sessions);
        Assert.Equal(common[1..].Select((day, i) => (double)(Array.IndexOf(york, day) - Array.IndexOf(york, common[i]))), aligned.Columns[1]);
        Assert.Equal(("HOLE", Status.InsufficientHistory), (aligned.LeftOut[0].Symbol, aligned.LeftOut[0].Status));
        Assert.Contains("2025-01-15", aligned.LeftOut[0].Reason, StringComparison.Ordinal);
    }

    private static DateOnly Session(int i) => HistoryDesk.Xnys.Offset(Monday, i);

    private static DateTime At(DateOnly session, int hour) => session.ToDateTime(new TimeOnly(hour, 0), DateTimeKind.Utc);

    private static bool IsIn(DateTime time) => time.TimeOfDay >= new TimeSpan(14, 30, 0) && time.TimeOfDay <= new TimeSpan(21, 0, 0);

    private static IEnumerable<(DateOnly, double)> Prices(PriceSeries series) =>
        series.Prices.ToArray().Select(price => (DateOnly.FromDayNumber(price.Session), price.Price));

    private static string Text(PriceSeries series) => $"{series.Key} {string.Join(' ', series.Prices.ToArray())}";
}
