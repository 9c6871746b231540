using System.Globalization;
using RiskLake.Desk.Limits;
using RiskLake.Lake;
using RiskLake.Lake.Errors;
using RiskLake.Risk;
using RiskLake.RiskRuns;
using RiskLake.Tests.History;
using RiskLake.Tests.RiskRuns;

namespace RiskLake.Trials.RiskRuns;

/// <summary>Portfolios, limits and explanations over a real lake, with prices that are wrong first.</summary>
public sealed class DeskRunTests
{
    private const string Settings = """
        window: 100
        minimum: 60
        confidences: [0.95]
        methods: [historical, normal]
        backtests: {forecast_window: 60, days: 30, confidences: [0.95], methods: [historical]}
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
        """;

    private const string Limits = """
        limits:
          - id: var
            owner: desk
            symbols: [AAPL, MSFT]
            measure: value_at_risk
            method: historical
            confidence: 0.95
            thresholds: [{from: 2024-01-01, warn: 0.03, critical: 0.05}]
        """;

    private static readonly DateTime Landed = new(2025, 2, 1, 12, 0, 0, DateTimeKind.Utc);
    private static readonly DateOnly[] Sessions = [.. HistoryDesk.Xnys.Sessions(new(2024, 6, 3), new(2025, 1, 31))];

    /// <summary>Sessions whose prices are wrong in the first vintage.</summary>
    private static readonly int[] Mistaken = [70, 110, Sessions.Length - 6];

    private static double Right(string symbol, int i) =>
        100 * (1 + (0.02 * Math.Sin(i * (symbol == "AAPL" ? 1.7 : 2.3))) + (i > 120 && symbol == "AAPL" ? 0.03 * Math.Sin(i * 2.9) : 0));

    private static IEnumerable<TestBar> Bars(bool isFirstVintage) => new[] { "AAPL", "MSFT" }.SelectMany(symbol => Sessions.Select((session, i) => (session, i))
        .Where(item => isFirstVintage || Mistaken.Contains(item.i))
        .Select(item => new TestBar(
            symbol, item.session, Right(symbol, item.i) * (isFirstVintage && Mistaken.Contains(item.i) ? 0.9 : 1.0), Landed.AddDays(isFirstVintage ? 0 : 1))));

    private static HistoryDesk Desk()
    {
        var desk = new HistoryDesk();
        desk.Desk.Write("config/risk_measures.yaml", Settings);
        desk.Desk.Write("config/portfolios.yaml", Portfolios);
        desk.Desk.Write("config/risk_limits.yaml", Limits);
        return desk;
    }

    private static void Run(HistoryDesk desk, DateOnly date) => Assert.Equal(0, desk.Risk(desk.Request with { Date = date }).ExitCode);

    private static Explanation Explain(HistoryDesk desk, LimitScope subject, DateOnly from, DateOnly to, string method = "historical") =>
        RiskExplanation.Explain(
            new ExplanationRequest
            {
                Run = desk.Request,
                Subject = subject,
                Measure = "value_at_risk",
                Method = method,
                Confidence = Confidence.P95,
                From = from,
                To = to,
            },
            TimeProvider.System, desk.Desk.Storage, CancellationToken.None);

    private static string Text(double? value) => value!.Value.ToString("R", CultureInfo.InvariantCulture);

    [Fact]
    public void A_run_measures_portfolios_and_judges_limits()
    {
        using var desk = Desk();
        desk.PublishBars([.. Bars(true), .. Bars(false)]);
        Run(desk, Sessions[^3]);
        double[] Returns(string symbol) => RiskLake.Risk.Returns.Simple([.. Enumerable.Range(Sessions.Length - 103, 101).Select(i => Right(symbol, i))]);
        var (apple, microsoft) = (Returns("AAPL"), Returns("MSFT"));
        var expected = HistoricalSimulation.Estimate([.. apple.Zip(microsoft, (a, b) => (600 * a) + (-400 * b))], Confidence.P95);
        var row = desk.Desk.Rows(Layer.Gold, "portfolio_risk").Single(row => row["level"] == "portfolio" && row["method"] == "historical");
        Assert.Equal(expected.ValueAtRisk.Value!.Value, double.Parse(row["value_at_risk"]!, CultureInfo.InvariantCulture), 1e-10);
        Assert.Equal(("firm/both", "USD", "100", "ready"), (row["path"], row["unit"], row["observations"], row["status"]));
        var verdict = desk.Desk.Rows(Layer.Gold, "limit_evaluations").Single(row => row["scope"] == "AAPL");
        Assert.Equal(Text(HistoricalSimulation.Estimate(apple, Confidence.P95).ValueAtRisk.Value), verdict["value"]);
        var mandate = desk.Desk.Rows(Layer.Gold, "limit_evaluations").Single(row => row["limit_id"] == "mandate.both.gross_leverage");
        Assert.Equal(("1", "critical"), (mandate["value"], mandate["status"]));
        Assert.Contains(desk.Desk.Rows(Layer.Gold, "limit_breaches"), row => row["limit_id"] == "mandate.both.gross_leverage" && row["state"] == "open");
        var request = new AcknowledgementRequest("mandate.both.gross_leverage", "both", Sessions[^3], "anna", "known: until Thursday", null);
        var word = Acknowledgement.Publish(desk.Desk.Lake, request, TimeSpan.Zero, TimeProvider.System, desk.Desk.Storage, CancellationToken.None);
        foreach (var run in new[] { FormattableString.Invariant($"risk-{Sessions[^3]:yyyy-MM-dd}"), "limits", (string)word.Record["run_id"]! })
        {
            var verification = RiskVerification.Verify(
                desk.Request with { RunId = run }, [], TimeProvider.System, desk.Desk.Storage, CancellationToken.None);
            Assert.True(verification.Passed, run);
            Assert.NotEmpty(verification.Files);
        }
    }

    [Fact]
    public void A_desk_without_files_has_neither()
    {
        using var desk = Desk();
        File.Delete(Path.Combine(desk.Desk.Folder, "config/portfolios.yaml"));
        File.Delete(Path.Combine(desk.Desk.Folder, "config/risk_limits.yaml"));
        desk.PublishBars(Bars(true));
        Run(desk, Sessions[^1]);
        Assert.Empty(desk.Desk.Rows(Layer.Gold, "portfolio_risk"));
        Assert.Empty(desk.Desk.Rows(Layer.Gold, "limit_evaluations"));
        Assert.DoesNotContain(LimitEpisodes.RunId, desk.Desk.Lake.Snapshot().Runs.Keys);
    }

    [Fact]
    public void A_limit_of_later_days_restates_no_earlier_run()
    {
        using var desk = Desk();
        desk.PublishBars(Bars(true));
        Run(desk, Sessions[^1]);
        desk.Desk.Write("config/risk_limits.yaml", Limits.Replace("warn: 0.03", "to: 2025-02-03, warn: 0.03", StringComparison.Ordinal));
        Assert.True(desk.Risk(desk.Request with { Date = Sessions[^1] }).IsUnchanged);
        desk.Desk.Write("config/risk_limits.yaml", Limits.Replace("warn: 0.03", "warn: 0.02", StringComparison.Ordinal));
        Assert.False(desk.Risk(desk.Request with { Date = Sessions[^1] }).IsUnchanged);
    }

    [Fact]
    public void Prices_that_are_wrong_first_leave_no_trace_in_the_episodes()
    {
        DateOnly[] dates = [.. Sessions[^24..]];
        using var right = Desk();
        right.PublishBars([.. Bars(true), .. Bars(false)]);
        Array.ForEach(dates, date => Run(right, date));
        using var wrong = Desk();
        wrong.PublishBars(Bars(true));
        foreach (var i in Enumerable.Range(0, dates.Length))
        {
            Run(wrong, dates[i * 7 % dates.Length]);
        }

        var before = Breaches(wrong);
        wrong.PublishBars(Bars(false));
        foreach (var i in Enumerable.Range(0, dates.Length))
        {
            Run(wrong, dates[i * 5 % dates.Length]);
        }

        Assert.NotEqual(before, Breaches(wrong));
        Assert.Equal(Breaches(right), Breaches(wrong));
        Assert.Contains("opened", Breaches(right), StringComparison.Ordinal);

        static string Breaches(HistoryDesk desk) => string.Join(
            '\n', desk.Desk.Rows(Layer.Gold, "limit_breaches").Select(row => string.Join(' ', row.Values.Select(value => value ?? "-"))));
    }

    [Fact]
    public void A_restated_price_is_told_apart_from_a_new_day()
    {
        using var desk = Desk();
        desk.PublishBars(Bars(true));
        Run(desk, Sessions[^3]);
        desk.PublishBars(Bars(false));
        Run(desk, Sessions[^2]);
        foreach (var method in new[] { "historical", "normal" })
        {
            var explanation = Explain(desk, new("symbol", "AAPL"), Sessions[^3], Sessions[^2], method);
            var attribution = explanation.Attribution;
            Assert.Null(attribution.Reason);
            Assert.Equal((attribution.Start, attribution.End), (explanation.From.Published, explanation.To.Published));
            Assert.NotNull(attribution.Start);
            Assert.NotEqual(0.0, attribution.Parts[0].Change);
            Assert.Equal(
                Mistaken.Where(i => i > Sessions.Length - 103).SelectMany(i => new[] { Sessions[i], Sessions[i + 1] }).Order(),
                attribution.Parts[0].Observations.Select(item => item.Date));
            Assert.Equal(Sessions[Sessions.Length - 102], Assert.Single(attribution.Parts[1].Observations).Date);
            Assert.Equal(Sessions[^2], Assert.Single(attribution.Parts[2].Observations).Date);
            var sum = attribution.Parts.Sum(part => part.Change);
            Assert.Equal(attribution.End!.Value - attribution.Start!.Value, sum, 1e-12 * attribution.End.Value);
        }
    }

    [Theory]
    [InlineData("portfolio", "both")]
    [InlineData("node", "firm")]
    public void Other_weights_have_a_part_of_their_own(string kind, string name)
    {
        using var desk = Desk();
        desk.PublishBars([.. Bars(true), .. Bars(false)]);
        Run(desk, Sessions[^3]);
        Run(desk, Sessions[^2]);
        var explanation = Explain(desk, new(kind, name), Sessions[^3], Sessions[^2], kind == "node" ? "normal_covariance" : "historical");
        Assert.Equal((explanation.Attribution.Start, explanation.Attribution.End), (explanation.From.Published, explanation.To.Published));
        Assert.NotNull(explanation.Attribution.End);
        Assert.Equal([("AAPL", 600.0, 200.0), ("MSFT", -400.0, 500.0)], explanation.Weights);
        Assert.NotEqual(0.0, explanation.Attribution.Parts[3].Change);
        Assert.Equal(0.0, explanation.Attribution.Parts[0].Change);
        Assert.Equal("USD", explanation.Unit);
    }

    [Fact]
    public void What_is_not_there_is_not_explained()
    {
        using var desk = Desk();
        desk.PublishBars(Bars(true));
        foreach (var (subject, method) in new[]
        {
            (new LimitScope("symbol", "NONE"), "historical"), (new("symbol", "AAPL"), "historic"), (new("portfolio", "bot"), "historical"),
            (new("node", "film"), "historical"), (new("portfolio", "both"), "student_t"),
        })
        {
            Assert.Equal(
                ErrorCode.MeasureUnknown,
                Assert.Throws<RiskLakeException>(() => Explain(desk, subject, Sessions[^3], Sessions[^2], method)).Code);
        }

        Assert.Equal(
            ErrorCode.CommandLineInvalid,
            Assert.Throws<RiskLakeException>(() => Explain(desk, new("symbol", "AAPL"), Sessions[^2], Sessions[^3])).Code);
        var early = Explain(desk, new("symbol", "AAPL"), Sessions[30], Sessions[^3]).Attribution;
        Assert.Null(early.Start);
        Assert.NotNull(early.End);
        Assert.Contains("Needs 60 returns, found 30.", early.Reason, StringComparison.Ordinal);
    }
}
