using System.Globalization;
using System.Text.Json.Nodes;
using RiskLake.Lake;
using RiskLake.Lake.Errors;
using RiskLake.Quality;
using RiskLake.Runs;
using RiskLake.Tests.Runs;

namespace RiskLake.Tests.Quality;

/// <summary>Sessions in the run: flags in silver, completeness in gold, checks in the record.</summary>
public sealed class SessionRunTests
{
    private const string Tokyo = """
        defaults: {market: XNYS, currency: USD, tick: 0.01, sources: [test]}
        symbols:
          - {symbol: AAPL, start_price: 100, annual_volatility: 0.2}
          - {symbol: '7203', market: JPX, currency: JPY, tick: 1, start_price: 100, annual_volatility: 0.2}
          - {symbol: BTC, market: 24-7, start_price: 100, annual_volatility: 0.2}

        """;

    [Fact]
    public void Every_event_is_placed_in_its_own_markets_time()
    {
        using var desk = Desk();
        var record = Run(
            desk,
            "placed",
            "AAPL 2024-12-23T14:30:00",
            "AAPL 2024-12-24T17:59:59",
            "AAPL 2024-12-24T18:00:00",
            "AAPL 2024-12-25T15:00:00",
            "aapl 2024-12-26T15:00:00",
            "7203 2024-12-24T02:29:00",
            "7203 2024-12-24T02:30:00",
            "7203 2024-12-24T03:30:00",
            "7203 2024-12-23T23:59:59",
            "BTC 2024-12-25T03:00:00",
            "OTHER 2024-12-25T03:00:00");
        Assert.Equal(
            [
                "7203 2024-12-23T23:59:59 4", "7203 2024-12-24T02:29:00 0", "7203 2024-12-24T02:30:00 4", "7203 2024-12-24T03:30:00 0",
                "AAPL 2024-12-23T14:30:00 0", "AAPL 2024-12-24T17:59:59 0", "AAPL 2024-12-24T18:00:00 4", "AAPL 2024-12-25T15:00:00 8",
                "AAPL 2024-12-26T15:00:00 0", "BTC 2024-12-25T03:00:00 0", "OTHER 2024-12-25T03:00:00 0",
            ],
            desk.Rows(Layer.Silver, "market_events").Select(row => $"{row["symbol"]} {Time(row["ts_event"])} {row["dq_flags"]}").Order(StringComparer.Ordinal));
        Assert.Equal(
            [
                "missing_sessions warned 3 of 8", "session_minutes warned", "out_of_session warned 3 of 10", "non_trading_day warned 1 of 10",
                "session_staleness",
            ],
            Checks(record).Select(check => (string)check["rule"]! switch
            {
                "session_minutes" => $"session_minutes {check["status"]}",
                "session_staleness" => "session_staleness",
                var rule => $"{rule} {check["status"]} {check["failed_rows"]} of {check["evaluated_rows"]}",
            }));
        Assert.All(Checks(record), check => Assert.False((bool)check["blocking"]!));
        Assert.Equal("published", (string?)record["status"]);
    }

    [Fact]
    public void Completeness_counts_minutes_of_short_days_and_breaks()
    {
        using var desk = Desk();
        Run(
            desk,
            "counted",
            "AAPL 2024-12-23T14:30:00",
            "AAPL 2024-12-23T14:30:59",
            "AAPL 2024-12-23T14:31:00",
            "AAPL 2024-12-24T17:59:00",
            "AAPL 2024-12-25T15:00:00",
            "AAPL 2024-12-27T20:59:00",
            "7203 2024-12-26T00:00:00");
        Assert.Equal(
            [
                "7203 JPX 2024-12-26 330 1 events 1 outside 0",
                "7203 JPX 2024-12-27 330 0 events 0 outside 0",
                "AAPL XNYS 2024-12-23 390 2 events 3 outside 0",
                "AAPL XNYS 2024-12-24 210 1 events 1 outside 0",
                "AAPL XNYS 2024-12-25 0 0 events 1 outside 1",
                "AAPL XNYS 2024-12-26 390 0 events 0 outside 0",
                "AAPL XNYS 2024-12-27 390 1 events 1 outside 0",
            ],
            desk.Rows(Layer.Gold, "session_completeness").Select(row =>
                $"{row["symbol"]} {row["market"]} {Date(row["session"])} {row["expected_minutes"]} {row["observed_minutes"]}"
                + $" events {row["events"]} outside {row["out_of_session"]}"));
        var rows = desk.Rows(Layer.Gold, "session_completeness");
        Assert.Equal(1.0 / 210, double.Parse(rows[3]["completeness"]!, CultureInfo.InvariantCulture));
        Assert.Null(rows[4]["completeness"]);
        Assert.Null(rows[5]["last_event"]);
        Assert.Null(rows[5]["staleness_minutes"]);
        Assert.Equal("1", rows[6]["staleness_minutes"]);
    }

    [Fact]
    public void What_is_not_listed_is_not_judged()
    {
        using var desk = Desk();
        var record = Run(desk, "unlisted", "OTHER 2024-12-25T03:00:00", "OTHER 2024-12-26T03:00:00");
        Assert.All(Checks(record), check => Assert.Equal("not_applicable", (string?)check["status"]));
        Assert.Empty(desk.Rows(Layer.Gold, "session_completeness"));
        Assert.Equal(0, (long)record["records_written"]!["gold_session_completeness"]!);
    }

    [Fact]
    public void Symbols_and_calendars_are_part_of_what_a_run_is()
    {
        using var desk = Desk();
        string[] events = ["AAPL 2025-01-09T15:00:00", "AAPL 2025-01-10T15:00:00"];
        var path = Events(desk, events);
        RunOutcome Again(string? calendars = null) => desk.Run(desk.Request(path) with { RunId = "same", CalendarsPath = calendars });
        Assert.Equal("8", desk.Rows(Layer.Silver, "market_events", Written(Again()))[0]["dq_flags"]);
        Assert.True(Again().IsUnchanged);

        // The same rules from a folder are the same rules.
        Assert.True(Again("config/calendars").IsUnchanged);
        desk.Write("rules/XNYS.yaml", "inherits: XNYS\nid: XNYS\nclosures: []\n");
        Assert.Equal("0", desk.Rows(Layer.Silver, "market_events", Written(Again("rules")))[0]["dq_flags"]);
        desk.Write("config/symbols.yaml", Tokyo.Replace("symbol: AAPL", "symbol: AAPL, market: XLON", StringComparison.Ordinal));
        var moved = Again();
        Assert.Equal(3, (int)moved.Record["attempt"]!);
        Assert.Equal("XLON", desk.Rows(Layer.Gold, "session_completeness")[0]["market"]);
        Assert.Equal(64, ((string)moved.Record["configuration"]!["sessions_sha256"]!).Length);
    }

    [Fact]
    public void A_market_without_a_calendar_is_refused()
    {
        using var desk = Desk();
        desk.Write("config/symbols.yaml", Tokyo.Replace("market: JPX", "market: XXXX", StringComparison.Ordinal));
        var error = Assert.Throws<RiskLakeException>(() => Run(desk, "refused", "AAPL 2025-01-10T15:00:00"));
        Assert.Equal(ErrorCode.CalendarUnknown, error.Code);
    }

    [Fact]
    public void Times_that_the_calendar_does_not_know_are_left_alone()
    {
        using var desk = Desk();
        var record = Run(desk, "unknown", "AAPL 1969-07-20T15:00:00", "AAPL 2031-01-04T15:00:00", "AAPL 2025-01-10T15:00:00");
        Assert.All(desk.Rows(Layer.Silver, "market_events"), row => Assert.Equal("0", row["dq_flags"]));
        Assert.Equal(1, (long)Checks(record).First(check => (string?)check["rule"] == "out_of_session")["evaluated_rows"]!);
    }

    [Fact]
    public void A_row_that_comes_into_the_silver_of_another_run_has_its_flags()
    {
        using var desk = Desk();
        Run(desk, "first", "AAPL 2024-12-25T15:00:00");
        Run(desk, "second", "AAPL 2024-12-25T15:00:00", "AAPL 2024-12-26T15:00:00");
        Run(desk, "first", "AAPL 2024-12-27T15:00:00");
        Assert.Equal(["8", "0", "0"], desk.Rows(Layer.Silver, "market_events").OrderBy(row => row["ts_event"]).Select(row => row["dq_flags"]));
    }

    private static TestDesk Desk()
    {
        var desk = new TestDesk();
        desk.Write("config/symbols.yaml", Tokyo);
        return desk;
    }

    private static JsonObject Run(TestDesk desk, string runId, params string[] events) =>
        desk.Run(desk.Request(Events(desk, events)) with { RunId = runId, AllowBreach = runId != "placed" }).Record;

    private static string Events(TestDesk desk, string[] events) => desk.WriteEvents(events.Select(text => text.Split(' ')).Select(parts =>
        new TestEvent($"{parts[0]} {parts[1]}", parts[0], 100, 1, DateTime.Parse(parts[1], CultureInfo.InvariantCulture), TimeSpan.FromSeconds(1)).Json));

    private static long Written(RunOutcome outcome) => (long)outcome.Record["lake_version"]!["written"]!;

    private static List<JsonNode> Checks(JsonObject record) =>
        [.. record["checks"]!.AsArray().Select(check => check!).Where(check => (string)check["rule"]! is var rule
            && !rule.StartsWith("max_", StringComparison.Ordinal) && rule != SymbolSpellings.Rule)];

    private static string Time(string? micros) =>
        DateTime.UnixEpoch.AddTicks(long.Parse(micros!, CultureInfo.InvariantCulture) * 10).ToString("yyyy-MM-dd'T'HH:mm:ss", CultureInfo.InvariantCulture);

    private static string Date(string? days) =>
        DateTime.UnixEpoch.AddDays(long.Parse(days!, CultureInfo.InvariantCulture)).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
}
