using CsCheck;
using RiskLake.Desk.Limits;
using RiskLake.Desk.Portfolios;
using RiskLake.Risk;

namespace RiskLake.Tests.Limits;

/// <summary>Verdicts, and episodes as a function of the set of verdicts.</summary>
public sealed class LimitEpisodeTests
{
    private static readonly DateOnly First = new(2024, 1, 2);

    private static readonly LimitScope Spy = new("symbol", "SPY");

    private static readonly LimitedMeasure Measure = new("value_at_risk", "historical", Confidence.P99, 1, "fraction");

    private static LimitBook Book(int cleanDays = 1) => new()
    {
        Sha256 = "",
        Limits =
        [
            new()
            {
                Id = "var",
                Owner = "desk",
                Measure = Measure,
                Scopes = [Spy],
                CleanDays = cleanDays,
                Thresholds =
                [
                    new(new(First, First.AddDays(30)), 2.0, 3.0),
                    new(new(First.AddDays(30), null), 1.0, 2.0),
                ],
            },
        ],
    };

    private static MeasuredValue Value(double? value, string unit = "fraction") => new(
        Spy, Measure with { Unit = unit }, value, value is null ? "insufficient_history" : "ready", value is null ? "Too few." : null);

    private static LimitVerdict Judge(int day, double? value, int cleanDays = 1) =>
        Assert.Single(LimitEvaluator.Evaluate(Book(cleanDays), First.AddDays(day), [Value(value)]));

    [Theory]
    [InlineData(0, 2.0, "ok")]
    [InlineData(0, 2.0000001, "warn")]
    [InlineData(0, 3.0, "warn")]
    [InlineData(0, 3.5, "critical")]
    [InlineData(0, -1.0, "ok")]
    [InlineData(30, 1.5, "warn")]
    [InlineData(29, 1.5, "ok")]
    [InlineData(30, 2.5, "critical")]
    [InlineData(0, double.NaN, "no_value")]
    public void A_value_is_judged_by_the_amounts_of_its_day(int day, double value, string status)
    {
        var verdict = Judge(day, double.IsNaN(value) ? null : value);
        Assert.Equal(status, verdict.Status);
        Assert.Equal(double.IsNaN(value) ? null : value / verdict.CriticalAmount, verdict.Utilisation);
        Assert.Equal(double.IsNaN(value) ? "insufficient_history: Too few." : null, verdict.Reason);
    }

    [Fact]
    public void What_cannot_be_judged_says_why()
    {
        Assert.Empty(LimitEvaluator.Evaluate(Book(), First.AddDays(-1), [Value(1.0)]));
        Assert.Equal("It is not measured.", Assert.Single(LimitEvaluator.Evaluate(Book(), First, [])).Reason);
        Assert.Equal(
            "It is measured in USD, the limit is in fraction.", Assert.Single(LimitEvaluator.Evaluate(Book(), First, [Value(1.0, "USD")])).Reason);
        var ambiguous = Assert.Single(LimitEvaluator.Evaluate(Book(), First, [Value(1.0), Value(2.0)]));
        Assert.Equal(("no_value", "2 different numbers answer to it."), (ambiguous.Status, ambiguous.Reason));
        Assert.Equal("ok", Assert.Single(LimitEvaluator.Evaluate(Book(), First, [Value(1.0), Value(1.0)])).Status);
    }

    [Fact]
    public void Portfolios_have_numbers_in_money_and_in_capital()
    {
        var row = new PortfolioRiskRow
        {
            Level = PortfolioLevel.Portfolio,
            Path = "firm/p",
            Portfolio = "p",
            Method = "historical",
            Confidence = Confidence.P99,
            Unit = "USD",
            NetExposure = -50.0,
            GrossExposure = 150.0,
            Capital = 100.0,
            ValueAtRisk = 7.0,
            ExpectedShortfall = 9.0,
            Volatility = 3.0,
            ComponentOf = "firm",
            Status = "ready",
        };
        var position = row with { Level = PortfolioLevel.Position, Symbol = "A", GrossExposure = 80.0 };
        double? Of(string measure, string? method, Confidence? confidence, string unit, params PortfolioRiskRow[] rows) =>
            Assert.Single(MeasuredValue.Of(rows), value => value.Measure == new LimitedMeasure(measure, method, confidence, 1, unit)).Value;

        Assert.Equal(7.0, Of("value_at_risk", "historical", Confidence.P99, "USD", row, position));
        Assert.Equal(0.09, Of("expected_shortfall", "historical", Confidence.P99, "fraction", row, position));
        Assert.Equal(0.03, Of("volatility", "historical", null, "fraction", row, position));
        Assert.Equal(1.5, Of("gross_leverage", null, null, "fraction", row, position));
        Assert.Equal(0.5, Of("net_leverage", null, null, "fraction", row, position));
        Assert.Equal(0.8, Of("largest_position", null, null, "fraction", row, position));
        Assert.Null(Of("gross_leverage", null, null, "fraction", row with { Capital = null }, position));
        Assert.Null(Of("value_at_risk", "historical", Confidence.P99, "fraction", row with { Capital = null }, position));
        Assert.Null(Of("largest_position", null, null, "fraction", row, position with { GrossExposure = null }));
        Assert.Equal(1.5, Of("gross_leverage", null, null, "fraction", row with { Status = "insufficient_history", ValueAtRisk = null }, position));
    }

    /// <summary>
    /// Two years of verdicts, published in order, shuffled, twice, by several runs, and with wrong ones restated: the same episodes, those
    /// of a plain walk over the days.
    /// </summary>
    [Fact]
    public void Episodes_are_a_function_of_the_final_verdicts() =>
        Gen.Select(Gen.Double[0.0, 4.0].Array[1, 500], Gen.Int[1, 3], Gen.Int[0, int.MaxValue]).Sample((values, clean, seed) =>
        {
            var final = values
                .Select((value, day) => new PublishedVerdict($"risk-{day:000}", day, null, Judge(day, value > 3.8 ? null : value, clean)))
                .ToArray();
            var wrong = final.Where((_, day) => day % 3 == 0)
                .Select(published => published with { AsOf = published.AsOf - 1, Verdict = published.Verdict with { Value = 3.5, Status = "critical" } });
            var older = final.Where((_, day) => day % 5 == 0)
                .Select(published => published with { AsOf = null, Verdict = published.Verdict with { Value = 9.0, Status = "critical" } });
            var tied = final.Where((_, day) => day % 7 == 0)
                .Select(published => published with { RunId = "a", Verdict = published.Verdict with { Value = 9.0, Status = "critical" } });
            var expected = Walk(final.Select(published => published.Verdict), clean);
            Assert.Equal(expected, Text(LimitBreach.Of(final)));
            Assert.Equal(expected, Text(LimitBreach.Of(final.Reverse())));
            var shuffled = final.Concat(wrong).Concat(older).Concat(tied)
                .Select((published, i) => (published, place: unchecked((uint)(i * 2_654_435_761L) ^ (uint)seed)))
                .OrderBy(pair => pair.place)
                .Select(pair => pair.published);
            Assert.Equal(expected, Text(LimitBreach.Of(shuffled)));
        }, iter: 100);

    [Fact]
    public void Limits_and_scopes_do_not_meet()
    {
        var one = new PublishedVerdict("r", 0, null, Judge(0, 9.0));
        var other = one with { Verdict = one.Verdict with { Scope = new("symbol", "AAPL"), Date = First.AddDays(1), Value = 1.0 } };
        var third = one with { Verdict = one.Verdict with { Limit = "another", Date = First.AddDays(2), Value = 1.0 } };
        var breach = Assert.Single(LimitBreach.Of([other, third, one]));
        Assert.Equal((Spy, "open", LimitLevel.Critical, First), (breach.Scope, breach.State, breach.Level, breach.LastDate));
        Assert.Equal("""[{"date":"2024-01-02","step":"opened","level":"critical","value":9}]""", breach.EventsJson());
    }

    [Fact]
    public void An_acknowledgement_follows_the_day_not_the_episode()
    {
        LimitBreach[] Breaches(params double[] values) =>
            [.. LimitBreach.Of(values.Select((value, day) => new PublishedVerdict($"r{day}", day, null, Judge(day, value))))];

        var word = new LimitAcknowledgement("var", Spy, First.AddDays(2), "anna", "known", 7);
        Assert.Equal(First.AddDays(1), word.Find(Breaches(1, 3, 3, 1))!.Episode.Opened);
        Assert.Equal(First, word.Find(Breaches(3, 3, 3, 1))!.Episode.Opened);
        Assert.Null(word.Find(Breaches(1, 3, 1, 1)));
        Assert.Null(word.Find(Breaches(1, 1, 1, 1)));
        Assert.Null((word with { Scope = new("symbol", "AAPL") }).Find(Breaches(3, 3, 3)));
        var later = word with { At = 8, Reason = "still known" };
        Assert.Equal(later, LimitAcknowledgement.Latest(Breaches(3, 3, 3)[0], [word, later, word with { Date = First.AddDays(9) }]));
        Assert.Null(LimitAcknowledgement.Latest(Breaches(3, 1, 3)[0], [word]));
        Assert.Matches("^ack-[0-9a-f]{12}$", word.Id);
        Assert.Equal(6, new[]
        {
            word, word with { Limit = "v" }, word with { Date = First }, word with { By = "b" }, word with { Reason = "r" }, word with { At = 1 },
        }.Select(item => item.Id).Distinct().Count());
    }

    private static string Text(IEnumerable<LimitBreach> breaches) => string.Join(
        '\n', breaches.Select(breach => FormattableString.Invariant(
            $"{breach.Episode.Opened:O} {breach.State} {breach.LastDate:O} {breach.Episode.Peak} {breach.Episode.DaysOutside} {breach.EventsJson()}")));

    /// <summary>A day at a time, with nothing but what a clerk would write down.</summary>
    private static string Walk(IEnumerable<LimitVerdict> verdicts, int clean)
    {
        List<string> lines = [];
        List<string> events = [];
        var (opened, level, peak, calm, outside, last) = (default(DateOnly), "ok", "ok", 0, 0, default(DateOnly));
        void Close(string state)
        {
            lines.Add(FormattableString.Invariant(
                $"{opened:O} {state} {last:O} {(peak == "critical" ? "Critical" : "Warn")} {outside} [{string.Join(',', events)}]"));
            events.Clear();
            (level, peak, calm, outside) = ("ok", "ok", 0, 0);
        }

        void Note(LimitVerdict day, string step, string to) => events.Add(FormattableString.Invariant(
            $$"""{"date":"{{day.Date:yyyy-MM-dd}}","step":"{{step}}","level":"{{to}}","value":{{day.Value!.Value:R}}}"""));

        foreach (var day in verdicts)
        {
            last = day.Date;
            if (day.Status == "no_value")
            {
                continue;
            }

            if (day.Status == "ok")
            {
                calm++;
                if (events.Count > 0 && calm >= clean)
                {
                    Note(day, "resolved", "ok");
                    Close("resolved");
                }

                continue;
            }

            if (events.Count == 0)
            {
                opened = day.Date;
                Note(day, "opened", day.Status);
            }
            else if (level != day.Status)
            {
                Note(day, day.Status == "critical" ? "escalated" : "eased", day.Status);
            }

            (level, calm) = (day.Status, 0);
            outside++;
            peak = day.Status == "critical" || peak == "critical" ? "critical" : "warn";
        }

        if (events.Count > 0)
        {
            Close("open");
        }

        return string.Join('\n', lines);
    }
}
