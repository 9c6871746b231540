using System.Globalization;
using RiskLake.Backfill;
using RiskLake.Calendars;
using RiskLake.RiskRuns;
using RiskLake.Tests.History;
using RiskLake.Tests.Runs;

namespace RiskLake.Trials.Guard;

/// <summary>What is done on a desk before its lake is looked at. Nothing here depends on the clock, the machine or chance.</summary>
internal static class GuardScenarios
{
    /// <summary>Two records of one event and one that came seven minutes late: both rates are above what the gate allows.</summary>
    private const string FiveEvents = """
        {"event_id":"m-1","symbol":"aapl","price":100.0,"volume":10,"ts_event":"2025-01-20T10:01:00Z","ts_ingest":"2025-01-20T10:01:03Z","source":"desk"}
        {"event_id":"m-2","symbol":"aapl","price":101.2,"volume":12,"ts_event":"2025-01-20T10:02:00Z","ts_ingest":"2025-01-20T10:02:02Z","source":"desk"}
        {"event_id":"m-2","symbol":"AAPL","price":101.2,"volume":12,"ts_event":"2025-01-20T10:02:00Z","ts_ingest":"2025-01-20T10:02:02Z","source":"desk"}
        {"event_id":"m-3","symbol":"msft","price":240.5,"volume":9,"ts_event":"2025-01-20T10:03:00Z","ts_ingest":"2025-01-20T10:10:00Z","source":"desk"}
        {"event_id":"m-4","symbol":"msft","price":241.0,"volume":11,"ts_event":"2025-01-20T10:04:00Z","ts_ingest":"2025-01-20T10:04:01Z","source":"desk"}

        """;

    private const string Settings = """
        window: 100
        minimum: 60
        confidences: [0.95, 0.99]
        backtests: {forecast_window: 60, days: 30, confidences: [0.95]}
        correlations: {window: 60}
        """;

    private const string Portfolios = """
        defaults: {base_currency: USD}
        portfolios:
          - id: both
            path: firm
            capital: 1000
            holdings:
              - {from: 2024-01-01, to: 2025-01-30, weights: {AAPL: 0.6, MSFT: -0.4}}
              - {from: 2025-01-30, weights: {AAPL: 0.2, MSFT: 0.5}}
            mandates:
              - {from: 2024-01-01, owner: desk, max_gross_leverage: 0.8}
          - id: one
            path: firm
            capital: 500
            holdings:
              - {from: 2024-01-01, weights: {MSFT: 0.9}}
        """;

    private const string Limits = """
        limits:
          - id: var
            owner: desk
            symbols: [AAPL, MSFT]
            measure: value_at_risk
            method: historical
            confidence: 0.95
            thresholds: [{from: 2024-01-01, warn: 0.001, critical: 0.002}]
        """;

    public static IReadOnlyDictionary<string, Action<GuardDesk>> All { get; } = new SortedDictionary<string, Action<GuardDesk>>(StringComparer.Ordinal)
    {
        ["sample"] = Sample,
        ["five-events"] = Five,
        ["backfill"] = Backfill,
        ["risk"] = Risk,
        ["sources"] = Sources,
    };

    private static void Sample(GuardDesk desk)
    {
        Assert.Equal(0, desk.Run("demo-001", null).ExitCode);
        Assert.True(desk.Run("demo-001", null).IsUnchanged);
    }

    /// <summary>Blocked; allowed; allowed after it was blocked; and a blocked restatement, which is set aside.</summary>
    private static void Five(GuardDesk desk)
    {
        var input = desk.Write("five.ndjson", FiveEvents);
        Assert.Equal(1, desk.Run("blocked", input).ExitCode);
        Assert.Equal(0, desk.Run("allowed", input, request => request with { AllowBreach = true, Reason = "test" }).ExitCode);
        Assert.Equal(1, desk.Run("released", input).ExitCode);
        Assert.Equal(0, desk.Run("released", input, request => request with { AllowBreach = true }).ExitCode);
        desk.Write("five.ndjson", FiveEvents + FiveEvents.Replace("100.0", "100.5", StringComparison.Ordinal));
        Assert.Equal(1, desk.Run("allowed", input).ExitCode);
    }

    /// <summary>
    /// Ten sessions with a record that does not decode; then with a late file beside them; then with some prices corrected; then a run that
    /// corrects a day and conflicts with another; the day's gold anew; and that run withdrawn.
    /// </summary>
    private static void Backfill(GuardDesk desk)
    {
        DateOnly[] sessions = [.. CalendarLibrary.BuiltIn.Get("XNYS").Sessions(new(2025, 1, 6), new(2025, 1, 21))];
        Assert.Equal(10, sessions.Length);
        TestEvent[] events = [.. sessions.SelectMany(Day)];
        TestEvent[] late = [.. sessions[2..5].SelectMany(Day)
            .Where((_, i) => i % 4 == 0).Select(one => one with { Id = "late-" + one.Id, Lag = TimeSpan.FromHours(2) })];
        TestEvent[] corrected = [.. events.Select((one, i) => i % 11 == 3 ? one with { Price = one.Price + 0.5 } : one)];
        TestEvent[] conflicting = [.. sessions[6..8].SelectMany(Day).Where((_, i) => i % 5 == 0).Select(one => one with { Price = one.Price + 1 })];
        var days = desk.WriteLines("days.ndjson", Text(events).Append("{\"event_id\":\"broken\""));
        var more = desk.WriteLines("late.ndjson", Text(late));
        var (from, through) = (sessions[0], sessions[^1]);

        Finished(desk.Backfill(from, through, days));
        Finished(desk.Backfill(from, through, days, more));
        desk.WriteLines("days.ndjson", Text(corrected));
        Finished(desk.Backfill(from, through, days, more));
        var day = desk.Lake.Snapshot().Runs.Keys.Single(run => run.Contains("2025-01-15", StringComparison.Ordinal));
        desk.Run("correction", desk.WriteLines("correction.ndjson", Text(conflicting)), request => request with
        {
            AllowBreach = true, Corrects = day, MaxDisplaced = "100%",
        });
        Assert.False(desk.Refresh(day).IsUnchanged);
        Assert.Equal("withdrawn", (string)desk.Withdraw("correction").Record["status"]!);

        static void Finished(BackfillOutcome outcome) => Assert.Equal(("finished", 0), (outcome.Manifest.State, outcome.ExitCode));
    }

    /// <summary>Runs of risk with portfolios and limits before and after a price is restated, and a word about a breach.</summary>
    private static void Risk(GuardDesk desk)
    {
        DateOnly[] sessions = [.. CalendarLibrary.BuiltIn.Get("XNYS").Sessions(new(2024, 6, 3), new(2025, 1, 31))];
        var landed = new DateTime(2025, 2, 1, 12, 0, 0, DateTimeKind.Utc);
        desk.Write("config/risk_measures.yaml", Settings);
        desk.Write("config/portfolios.yaml", Portfolios);
        desk.Write("config/risk_limits.yaml", Limits);
        Publish("bars-1", [.. sessions.SelectMany((session, i) => new[] { Bar("AAPL", session, i), Bar("MSFT", session, i + 17) })]);
        foreach (var date in sessions[^3..])
        {
            Assert.Equal(0, desk.Risk(date).ExitCode);
        }

        Publish("bars-2", [Bar("AAPL", sessions[^9], 5) with { Vintage = landed.AddDays(1) }]);
        Assert.False(desk.Risk(sessions[^2]).IsUnchanged);
        desk.Acknowledge(new AcknowledgementRequest("mandate.both.gross_leverage", "both", sessions[^3], "anna", "known: until Thursday", null));

        void Publish(string runId, IReadOnlyList<TestBar> bars)
        {
            var input = desk.WriteLines(runId + ".ndjson", bars.Select(bar => bar.Json));
            Assert.Equal(0, desk.Run(runId, input, request => request with { Dataset = "market_bar", AllowBreach = true }).ExitCode);
        }

        TestBar Bar(string symbol, DateOnly session, int i) => new(symbol, session, 100 + (i * i * 7 % 41 / 8.0), landed);
    }

    /// <summary>A Stooq file in two vintages, signals of FRED in two, and events whose risk carries what was known of the signals.</summary>
    private static void Sources(GuardDesk desk)
    {
        DateOnly[] sessions = [.. CalendarLibrary.BuiltIn.Get("XNYS").Sessions(new(2024, 12, 2), new(2025, 1, 31))];
        var first = string.Concat(sessions.Select(Row).Prepend("Date,Open,High,Low,Close,Volume\r\n"));
        var second = first.Replace(Row(sessions[7], 7), Row(sessions[7], 8), StringComparison.Ordinal);
        Assert.NotEqual(first, second);
        const string Early = """
            {"realtime_start":"2025-01-10","realtime_end":"2025-01-10","observations":[
            {"realtime_start":"2025-01-10","realtime_end":"2025-01-10","date":"2025-01-08","value":"4.67"},
            {"realtime_start":"2025-01-10","realtime_end":"2025-01-10","date":"2025-01-09","value":"."}]}
            """;
        const string Vintages = """
            {"realtime_start":"1776-07-04","realtime_end":"9999-12-31","observations":[
            {"realtime_start":"2024-12-06","realtime_end":"2025-01-09","date":"2024-10-01","value":"100"},
            {"realtime_start":"2025-01-10","realtime_end":"9999-12-31","date":"2024-10-01","value":"107"},
            {"realtime_start":"2024-12-06","realtime_end":"2025-01-09","date":"2024-11-01","value":"90"}]}
            """;

        desk.Fred("signals-1", "DGS10.json", Early);
        desk.Fred("signals-2", "PAYEMS.json", Vintages);
        desk.Stooq("bars-1", "market_bar", "first/aapl.us.csv", first);
        desk.Stooq("bars-2", "market_bar", "second/aapl.us.csv", second);
        desk.Stooq("events-1", "market_event", "second/aapl.us.csv", second);
        var later = Early.Replace("2025-01-10", "2025-01-13", StringComparison.Ordinal).Replace("4.67", "4.69", StringComparison.Ordinal);
        desk.Fred("signals-3", "later/DGS10.json", later);
        desk.Run("intraday", desk.WriteLines("intraday.ndjson", Text(Day(new(2025, 1, 31)))), request => request with { AllowBreach = true });

        static string Row(DateOnly session, int i)
        {
            var price = 200 + (i * i * 3 % 29 / 4.0);
            return string.Create(CultureInfo.InvariantCulture, $"{session:yyyy-MM-dd},{price},{price + 1},{price - 1},{price + 0.25},{1000 + i}\r\n");
        }
    }

    private static IEnumerable<string> Text(IEnumerable<TestEvent> events) => events.Select(one => one.Json);

    private static IEnumerable<TestEvent> Day(DateOnly day) =>
        from symbol in new[] { "AAPL", "MSFT" }
        from i in Enumerable.Range(0, 12)
        let price = 100 + (((i * 7) + (day.DayNumber * 13) + symbol[0]) % 23 / 4.0)
        select new TestEvent(
            FormattableString.Invariant($"{day:yyyyMMdd}-{symbol}-{i}"), symbol, price, 10 + i,
            day.ToDateTime(new TimeOnly(15, 0), DateTimeKind.Utc).AddMinutes(7 * i), TimeSpan.FromSeconds(1));
}
