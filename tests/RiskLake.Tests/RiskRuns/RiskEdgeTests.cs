using System.Globalization;
using System.Text.Json.Nodes;
using RiskLake.Desk.Limits;
using RiskLake.Lake;
using RiskLake.Lake.Errors;
using RiskLake.Risk;
using RiskLake.RiskRuns;
using RiskLake.Tests.History;

namespace RiskLake.Tests.RiskRuns;

/// <summary>What a run of risk refuses, leaves to others, or can be asked about afterwards.</summary>
public sealed class RiskEdgeTests
{
    private const string Settings = """
        window: 60
        minimum: 20
        confidences: [0.95]
        methods: [historical]
        backtests: {forecast_window: 40, days: 10, confidences: [0.95], methods: [historical]}
        """;

    private static readonly DateTime Landed = new(2025, 2, 1, 12, 0, 0, DateTimeKind.Utc);
    private static readonly DateOnly[] Sessions = [.. HistoryDesk.Xnys.Sessions(new(2024, 10, 1), new(2025, 1, 31))];

    private static double Price(int i) => 100 + (10 * Math.Sin(i * 1.7)) + (i % 13);

    private static string Book(string id, string weights) =>
        $"portfolios:\n  - {{id: {id}, base_currency: USD, holdings: [{{from: 2020-01-01, weights: {{{weights}}} }}]}}\n";

    private static string Limit(string portfolio) => $"""
        limits:
          - id: v
            owner: o
            portfolios: [{portfolio}]
            measure: value_at_risk
            method: historical
            confidence: 0.95
            unit: fraction
            thresholds: [{"{"}from: 2020-01-01, warn: 1, critical: 2{"}"}]
        """;

    private static HistoryDesk Filled(string? market = "XNYS", string symbol = "AAPL")
    {
        var desk = new HistoryDesk();
        desk.Desk.Write("config/risk_measures.yaml", Settings);
        desk.PublishBars(Sessions.Select((session, i) => new TestBar(symbol, session, Price(i), Landed) { Market = market }));
        return desk;
    }

    [Fact]
    public void A_symbol_of_which_nobody_says_a_market_has_no_numbers_and_no_market()
    {
        using var desk = Filled(market: null, symbol: "CDR");
        var outcome = desk.Risk(desk.Request with { Date = Sessions[^1], FallbackMarket = null });
        Assert.Equal(["CDR"], outcome.Record["unknown_markets"]!.AsArray().Select(symbol => (string)symbol!));
        foreach (var table in new[] { "risk_measures", "volatility", "var_backtests" })
        {
            var rows = desk.Desk.Rows(Layer.Gold, table);
            Assert.NotEmpty(rows);
            Assert.All(rows, row => Assert.Equal(("unknown_market", null), (row["status"], row["market"])));
        }

        Assert.All(desk.Desk.Rows(Layer.Gold, "risk_measures"), row => Assert.Null(row["value"]));
        desk.Risk(desk.Request with { Date = Sessions[^1], FallbackMarket = "XNYS", RunId = "named" });
        var named = desk.Desk.Rows(Layer.Gold, "risk_measures").Where(row => row["_run_id"] == "named").ToArray();
        Assert.Contains(named, row => row["measure"] == "mean" && row["value"] is not null && row["market"] == "XNYS");
    }

    [Fact]
    public void Every_row_says_what_it_rests_on()
    {
        using var desk = Filled();
        desk.PublishBars(Sessions.Select((session, i) => new TestBar("MSFT", session, 2 * Price(i * 7 % 83), Landed)));
        desk.Desk.Write("config/portfolios.yaml", Book("p", "AAPL: 0.5, MSFT: 0.5"));
        desk.Desk.Write("config/risk_limits.yaml", Limit("p"));
        desk.Risk(desk.Request with { Date = Sessions[^1] });
        foreach (var (table, columns) in new[]
        {
            ("risk_measures", "returns window horizon sign price_kind adjustment flagged_observations off_session_prices"),
            ("volatility", "returns window horizon sign price_kind adjustment first_session last_session"),
            ("var_backtests", "returns forecast_window horizon sign price_kind adjustment confidence_level"),
            ("correlations", "returns window horizon sign price_kind adjustment other_price_kind other_adjustment"),
            ("portfolio_risk", "returns window horizon sign price_kind adjustment confidence_level"),
            ("limit_evaluations", "returns window horizon sign price_kind adjustment confidence_level"),
        })
        {
            var rows = desk.Desk.Rows(Layer.Gold, table);
            Assert.NotEmpty(rows);
            foreach (var column in columns.Split(' '))
            {
                Assert.True(rows.All(row => row[column] is not null || row["status"] != "ready"), $"{table}.{column}");
            }

            Assert.All(rows.Where(row => row.GetValueOrDefault("confidence") is not null), row => Assert.Equal(
                Confidence.TryParse(row["confidence"]!, out var level) ? level.Level.ToString("R", CultureInfo.InvariantCulture) : "",
                row["confidence_level"]));
        }
    }

    [Fact]
    public void A_day_without_a_session_is_refused_and_counts_for_nothing()
    {
        using var desk = Filled();
        desk.Risk(desk.Request with { Date = Sessions[^1] });
        var version = desk.Desk.Lake.Snapshot().Version;
        foreach (var closed in new[] { new DateOnly(2025, 1, 25), new DateOnly(2025, 1, 20), new DateOnly(2024, 12, 25) })
        {
            var refused = Assert.Throws<RiskLakeException>(() => desk.Risk(desk.Request with { Date = closed }));
            Assert.Equal(ErrorCode.NotASession, refused.Code);
            Assert.Equal(ErrorCode.NotASession, Assert.Throws<RiskLakeException>(() => RiskRun.Judge(
                desk.Request with { Date = closed }, TimeProvider.System, desk.Desk.Storage, CancellationToken.None)).Code);
        }

        Assert.Equal(version, desk.Desk.Lake.Snapshot().Version);
    }

    [Fact]
    public void A_scope_whose_market_is_closed_has_no_verdict()
    {
        using var desk = Filled();
        var saturday = new DateOnly(2025, 1, 25);
        desk.PublishBars(Enumerable.Range(0, 90).Select(i => new TestBar("BTC", saturday.AddDays(-i), Price(i), Landed) { Market = "24-7" }));
        var limits = string.Concat(new[] { "AAPL", "BTC" }.Select(symbol =>
            $"  - {{id: {symbol.ToLowerInvariant()}, owner: o, symbols: [{symbol}], measure: value_at_risk, method: historical, confidence: 0.95, "
            + "thresholds: [{from: 2020-01-01, warn: 0.0001, critical: 0.001}]}\n"));
        var request = desk.Request with
        {
            Date = saturday,
            SymbolsPath = desk.Desk.Write("own/symbols.yaml", """
                defaults: {currency: USD, tick: 0.01, sources: [stooq]}
                symbols:
                  - {symbol: AAPL, market: XNYS, start_price: 1, annual_volatility: 0.1}
                  - {symbol: BTC, market: 24-7, start_price: 1, annual_volatility: 0.1}
                """),
            LimitsPath = desk.Desk.Write("own/limits.yaml", $"limits:\n{limits}"),
        };
        var outcome = desk.Risk(request);
        Assert.Equal(["btc"], desk.Desk.Rows(Layer.Gold, "limit_evaluations").Select(row => row["limit_id"]));
        Assert.Equal(["symbol:AAPL"], outcome.Record["limits_not_judged"]!.AsArray().Select(scope => (string)scope!));
        desk.Risk(request with { Date = saturday.AddDays(-1) });
        Assert.Equal(["aapl", "btc", "btc"], desk.Desk.Rows(Layer.Gold, "limit_evaluations").Select(row => row["limit_id"]!).Order());
    }

    [Fact]
    public void A_run_is_verified_from_the_configuration_in_its_record()
    {
        using var desk = Filled();
        var settings = desk.Desk.Write("own/settings.yaml", Settings.Replace("window: 60", "window: 50", StringComparison.Ordinal));
        var portfolios = desk.Desk.Write("own/portfolios.yaml", Book("p", "AAPL: 1.0"));
        desk.Risk(desk.Request with { Date = Sessions[^1], SettingsPath = settings, PortfoliosPath = portfolios, HasOwnDesk = false });
        var like = desk.Request with { RunId = RiskRun.IdOf(Sessions[^1], null) };
        Assert.True(Verify([]).Passed);
        File.Delete(settings);
        File.Delete(portfolios);
        Assert.True(Verify([]).Passed);
        var other = Verify([ConfigurationFiles.Settings]);
        Assert.False(other.Passed);
        Assert.Equal(["configuration_changed"], other.Notes);

        RiskLake.Runs.Verification Verify(string[] named) =>
            RiskVerification.Verify(like, named, TimeProvider.System, desk.Desk.Storage, CancellationToken.None);
    }

    [Fact]
    public void The_example_desk_judges_nobody_elses_lake_and_own_portfolios_need_no_limits()
    {
        using var desk = Filled();
        var shipped = desk.Request with { HasOwnDesk = false };
        var portfolios = desk.Desk.Write("own/portfolios.yaml", Book("book", "AAPL: 1.0"));
        Assert.Equal((0, 0), Count(shipped));
        Assert.Equal((1, 0), Count(shipped with { PortfoliosPath = portfolios }));
        Assert.Equal((1, 0), Count(desk.Request with { PortfoliosPath = portfolios }));
        Assert.Equal((0, 0), Count(desk.Request with { PortfoliosPath = desk.Desk.Write("none/portfolios.yaml", "portfolios: []\n") }));
        var (held, limited) = Count(desk.Request);
        Assert.True(held > 1 && limited > 1);
        desk.Desk.Write("own/risk_limits.yaml", Limit("book"));
        Assert.Equal((1, 1), Count(shipped with { PortfoliosPath = portfolios }));

        static (int Portfolios, int Limits) Count(RiskRunRequest request)
        {
            var desk = RiskConfiguration.Load(request).Desk;
            return (desk.Portfolios.Portfolios.Count, desk.Limits.Limits.Count);
        }
    }

    [Fact]
    public void One_date_is_explained_by_the_attempts_of_its_run()
    {
        using var desk = Filled();
        var request = desk.Request with { Date = Sessions[^1] };
        desk.Risk(request);
        var asked = new ExplanationRequest
        {
            Run = desk.Request,
            Subject = new LimitScope(LimitScope.Symbol, "AAPL"),
            Measure = "value_at_risk",
            Method = "historical",
            Confidence = Confidence.P95,
            From = Sessions[^1],
            To = Sessions[^1],
        };
        Assert.Equal(ErrorCode.CommandLineInvalid, Assert.Throws<RiskLakeException>(() => Explain(asked)).Code);
        desk.PublishBars(new TestBar("AAPL", Sessions[^5], 60, Landed.AddDays(1)));
        desk.Risk(request);
        var explained = Explain(asked);
        Assert.Equal((1, 2), (explained.From.Attempt, explained.To.Attempt));
        Assert.Equal(explained.From.Published, explained.Attribution.Start);
        Assert.Equal(explained.To.Published, explained.Attribution.End);
        Assert.NotEqual(explained.From.Published, explained.To.Published);
        Assert.Equal(explained.Attribution.Total, Assert.Single(explained.Attribution.Parts, part => part.Change != 0).Change);
        Assert.Equal(ErrorCode.RunUnknown, Assert.Throws<RiskLakeException>(() => Explain(asked with { FromAttempt = 3 })).Code);
        Assert.Equal(ErrorCode.CommandLineInvalid, Assert.Throws<RiskLakeException>(() => Explain(asked with { FromAttempt = 2 })).Code);

        Explanation Explain(ExplanationRequest of) => RiskExplanation.Explain(of, TimeProvider.System, desk.Desk.Storage, CancellationToken.None);
    }

    [Fact]
    public void A_stream_without_an_ingest_time_has_a_history()
    {
        using var desk = new HistoryDesk();
        desk.Desk.Write("config/data_contracts.yaml", """
            contracts:
              market_event:
                version: v1
                compatibility: backward
                required_fields: [event_id, symbol, price, ts_event]
                schema: {event_id: string, symbol: string, price: float, ts_event: timestamp}
            """);
        var lines = Sessions.Select((session, i) => new JsonObject
        {
            ["event_id"] = $"e{i}",
            ["symbol"] = "AAPL",
            ["price"] = Price(i),
            ["ts_event"] = session.ToString("yyyy-MM-dd'T16:00:00Z'", CultureInfo.InvariantCulture),
        }.ToJsonString());
        Assert.Equal(0, desk.Desk.Run(desk.Desk.Request(desk.Desk.WriteEvents(lines)) with { RunId = "stream", AllowBreach = true }).ExitCode);
        desk.Desk.Write("config/risk_measures.yaml", Settings);
        desk.Risk(desk.Request with { Date = Sessions[^1] });
        var row = desk.Desk.Rows(Layer.Gold, "risk_measures").Single(one => one["measure"] == "mean");
        Assert.Equal(("ready", "60"), (row["status"], row["observations"]));
    }
}
