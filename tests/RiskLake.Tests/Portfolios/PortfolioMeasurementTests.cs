using CsCheck;
using RiskLake.Contracts;
using RiskLake.Desk.Portfolios;
using RiskLake.Risk;
using RiskLake.Risk.Numerics;

namespace RiskLake.Tests.Portfolios;

public sealed class PortfolioMeasurementTests
{
    private const int Count = 300;

    private static readonly DateOnly First = new(2024, 1, 1);

    private static readonly PortfolioMeasurementOptions Options = new()
    {
        Confidences = [Confidence.P99, Confidence.P95],
        Window = 250,
        MinimumObservations = 200,
    };

    private static double[] Returns(int stream, double scale = 0.01)
    {
        var values = new double[Count];
        Philox.Normals(71, (ulong)stream, 0, values);
        return [.. values.Select(value => value * scale)];
    }

    private static readonly DateOnly[] Sessions = [.. Enumerable.Range(0, Count + 1).Select(First.AddDays)];

    private static ReturnPanel Panel(params (string Symbol, PanelSeries Series)[] columns) =>
        new(columns.ToDictionary(pair => pair.Symbol, pair => pair.Series, StringComparer.Ordinal));

    /// <summary>A series with these returns and this last price.</summary>
    private static PanelSeries Series(double[] returns, double last = 1.0, string currency = "USD")
    {
        var prices = new double[returns.Length + 1];
        prices[^1] = last;
        for (var t = returns.Length - 1; t >= 0; t--)
        {
            prices[t] = prices[t + 1] / (1.0 + returns[t]);
        }

        return new(currency, Sessions, prices) { Traded = new TradedPrice(last, "close", "raw"), PriceKind = "close", Adjustment = "raw" };
    }

    private static PanelSeries Without(PanelSeries series, params int[] sessions)
    {
        var prices = series.Prices.ToArray();
        Array.ForEach(sessions, at => prices[at] = double.NaN);
        return series with { Prices = prices };
    }

    private static ReturnPanel Three() => Panel(
        ("A", Series(Returns(1), 100.0)), ("B", Series(Returns(2, 0.02), 50.0)), ("C", Series(Returns(3, 0.015), 20.0)));

    private static PortfolioOnDate Held(
        string path, double? capital, bool quantities, params (string Symbol, double Amount)[] positions) => new(
        new Portfolio
        {
            Id = path[(path.LastIndexOf('/') + 1)..],
            Name = path,
            Path = path,
            BaseCurrency = "USD",
            Capital = capital,
            Holdings = [],
        },
        new Holdings(new EffectivePeriod(First, null), quantities, [.. positions.Select(pair => new Holding(pair.Symbol, pair.Amount))]),
        null);

    private static void Close(double? expected, double? actual, double magnitude)
    {
        Assert.NotNull(expected);
        Assert.NotNull(actual);
        Assert.InRange(actual.Value - expected.Value, -1e-12 * magnitude, 1e-12 * magnitude);
    }

    [Fact]
    public void Weights_give_the_numbers_of_the_weighted_series()
    {
        var panel = Three();
        var rows = new PortfolioMeasurement(panel, Options).Measure([Held("p", null, false, ("A", 0.5), ("B", -0.3), ("C", 1.1))]);
        var (a, b, c) = (Returns(1), Returns(2, 0.02), Returns(3, 0.015));
        var sum = Enumerable.Range(Count - 250, 250).Select(t => (0.5 * a[t]) + (-0.3 * b[t]) + (1.1 * c[t])).ToArray();
        foreach (var confidence in Options.Confidences)
        {
            var historical = HistoricalSimulation.Estimate(sum, confidence);
            var row = Assert.Single(rows, row => row is { Level: "portfolio", Method: "historical" } && row.Confidence == confidence);
            Close(historical.ValueAtRisk.Value, row.ValueAtRisk, 1.0);
            Close(historical.ExpectedShortfall.Value, row.ExpectedShortfall, 1.0);
            var normal = ParametricTail.Normal(sum, confidence);
            row = Assert.Single(rows, row => row is { Level: "portfolio", Method: "normal_covariance" } && row.Confidence == confidence);
            Close(normal.ValueAtRisk.Value, row.ValueAtRisk, 1.0);
            Close(normal.ExpectedShortfall.Value, row.ExpectedShortfall, 1.0);
        }

        var total = rows[0];
        Assert.Equal(("fraction", 250, 0, "ready"), (total.Unit, total.Observations, total.ExcludedSessions, total.Status));
        Assert.Equal((1.3, 1.9), (Math.Round(total.NetExposure!.Value, 12), Math.Round(total.GrossExposure!.Value, 12)));
        Assert.Equal((First.AddDays(51), First.AddDays(300)), (total.FirstSession, total.LastSession));
    }

    [Fact]
    public void Quantities_are_valued_at_the_traded_price_and_at_no_other()
    {
        var rows = new PortfolioMeasurement(Three(), Options).Measure([Held("q", 1e6, true, ("A", 30), ("B", -40))]);
        Assert.Equal(
            ("USD", 1000.0, 5000.0, 1e6), (rows[0].Unit, rows[0].NetExposure!.Value, rows[0].GrossExposure!.Value, rows[0].Capital!.Value));
        var asWeights = new PortfolioMeasurement(Three(), Options).Measure([Held("q", null, false, ("A", 3000), ("B", -2000))]);
        Assert.Equal(asWeights.Select(row => row.ValueAtRisk), rows.Select(row => row.ValueAtRisk));
        Assert.Equal(("close raw", null), (rows[0].ExposurePrices, asWeights[0].ExposurePrices));

        var split = Panel(
            ("A", Series(Returns(1), 25.0) with { Adjustment = "all", Traded = new TradedPrice(100.0, "close", "raw") }),
            ("B", Series(Returns(2, 0.02), 50.0)));
        var traded = new PortfolioMeasurement(split, Options).Measure([Held("q", 1e6, true, ("A", 30), ("B", -40))]);
        Assert.Equal(rows.Select(row => (row.NetExposure, row.ValueAtRisk)), traded.Select(row => (row.NetExposure, row.ValueAtRisk)));
        Assert.Equal("all raw", traded[0].Adjustment);

        var adjustedAlone = Panel(
            ("A", Series(Returns(1), 25.0) with { Adjustment = "all", Traded = null }), ("B", Series(Returns(2, 0.02), 50.0)));
        var refused = new PortfolioMeasurement(adjustedAlone, Options).Measure([Held("q", 1e6, true, ("A", 30), ("B", -40))]);
        Assert.All(refused, row => Assert.Equal((PortfolioStatus.NoTradedPrice, null), (row.Status, row.ValueAtRisk)));
        Assert.Null(refused[0].NetExposure);
        var weighed = new PortfolioMeasurement(adjustedAlone, Options).Measure([Held("q", 1e6, false, ("A", 0.5), ("B", -0.2))]);
        Assert.All(weighed, row => Assert.Equal(PortfolioStatus.Ready, row.Status));
    }

    [Fact]
    public void Parts_sum_from_positions_to_the_root() => Gen.Select(Gen.Double[-2.0, 2.0].Array[5], Gen.Bool).Sample(
        (weights, shareSymbols) =>
        {
            PortfolioOnDate[] portfolios =
            [
                Held("firm/desk1/a", 1e6, false, ("A", weights[0]), ("B", weights[1])),
                Held("firm/desk1/b", 2e6, false, (shareSymbols ? "B" : "C", weights[2])),
                Held("firm/desk2/c", 5e5, false, ("A", weights[3]), ("C", weights[4])),
            ];
            if (Array.Exists(weights, weight => Math.Abs(weight) < 1e-3))
            {
                return;
            }

            var rows = new PortfolioMeasurement(Three(), Options).Measure(portfolios);
            foreach (var group in rows.GroupBy(row => (row.Method, row.Confidence)))
            {
                var byPath = group.Where(row => row.Level != "position").ToDictionary(row => row.Path, StringComparer.Ordinal);
                Assert.Equal(6, byPath.Count);
                if (byPath["firm"].Status != "ready")
                {
                    continue;
                }

                var magnitude = byPath.Values.Where(row => row.Level == "portfolio").Sum(row => Math.Abs(row.ComponentValueAtRisk!.Value))
                    + byPath["firm"].ExpectedShortfall!.Value;
                Close(byPath["firm"].ValueAtRisk, Sum(byPath, "firm/desk1", "firm/desk2", row => row.ComponentValueAtRisk), magnitude);
                Close(byPath["firm"].ExpectedShortfall, Sum(byPath, "firm/desk1", "firm/desk2", row => row.ComponentShortfall), magnitude);
                Close(
                    byPath["firm/desk1"].ComponentValueAtRisk,
                    Sum(byPath, "firm/desk1/a", "firm/desk1/b", row => row.ComponentValueAtRisk), magnitude);
                foreach (var portfolio in byPath.Values.Where(row => row.Level == "portfolio"))
                {
                    var positions = group.Where(row => row.Level == "position" && row.Path == portfolio.Path).ToArray();
                    Assert.All(positions, row => Assert.Equal(portfolio.Path, row.ComponentOf));
                    Close(
                        portfolio.ValueAtRisk, positions.Sum(row => row.ComponentValueAtRisk),
                        positions.Sum(row => Math.Abs(row.ComponentValueAtRisk!.Value)));
                    Close(
                        portfolio.ExpectedShortfall, positions.Sum(row => row.ComponentShortfall),
                        positions.Sum(row => Math.Abs(row.ComponentShortfall!.Value)));
                }
            }
        }, iter: 40);

    [Fact]
    public void A_node_is_measured_whole_and_without_a_part()
    {
        var (one, two) = (Held("firm/a", 1e6, false, ("A", 1.0)), Held("firm/b", 1e6, false, ("B", 1.0)));
        var rows = new PortfolioMeasurement(Three(), Options).Measure([one, two]);
        var firm = rows.First(row => row.Path == "firm");
        var a = rows.First(row => row is { Path: "firm/a", Level: "portfolio" });
        var b = rows.First(row => row is { Path: "firm/b", Level: "portfolio" });
        Assert.Equal((2e6, 2e6), (firm.Capital!.Value, firm.NetExposure!.Value));
        Close(firm.ValueAtRisk - b.ValueAtRisk, a.IncrementalValueAtRisk, 1e6);
        Assert.True(firm.ExpectedShortfall <= a.ExpectedShortfall + b.ExpectedShortfall);
        var alone = new PortfolioMeasurement(Three(), Options).Measure([one]);
        Assert.Equal(alone[0].ValueAtRisk, alone.First(row => row.Level == "portfolio").IncrementalValueAtRisk);
    }

    [Fact]
    public void No_number_where_a_series_is_missing_foreign_short_or_unpriced()
    {
        var panel = Panel(
            ("A", Series(Returns(1), 100.0)), ("GONE", Without(Series(Returns(5)), Count)), ("EURO", Series(Returns(7), currency: "EUR")),
            ("SHORT", Without(Series(Returns(6)), [.. Enumerable.Range(0, 120)])), ("STALE", Without(Series(Returns(8)), Count - 1)),
            ("FLAT", Series(new double[Count])));
        var rows = new PortfolioMeasurement(panel, Options).Measure(
        [
            Held("firm/gone", 1.0, false, ("A", 0.5), ("GONE", 0.5)), Held("firm/ok", 1.0, false, ("A", 1.0)), Held("never", null, false, ("X", 1.0)),
            Held("euro", null, false, ("A", 0.5), ("EURO", 0.5)), Held("short", null, false, ("SHORT", 1.0)), Held("stale", null, true, ("STALE", 1.0)),
            Held("flat", null, false, ("FLAT", 1.0)),
        ]);
        foreach (var (path, status) in new[]
        {
            ("firm/gone", "missing_series"), ("firm", "incomplete_node"), ("firm/ok", "ready"), ("never", "missing_series"),
            ("euro", "currency_mismatch"), ("short", "insufficient_history"), ("stale", "missing_series"), ("flat", "degenerate"),
        })
        {
            var mine = rows.Where(row => row.Path == path).ToArray();
            Assert.NotEmpty(mine);
            Assert.All(mine, row => Assert.Equal(status, row.Status));
            Assert.All(mine, row => Assert.Equal(status == "ready", row.ValueAtRisk is not null));
        }

        Assert.Contains("GONE", rows.First(row => row.Path == "firm").Reason, StringComparison.Ordinal);
        Assert.Contains("no part of firm", rows.First(row => row.Path == "firm/ok").Reason, StringComparison.Ordinal);
        Assert.Equal(1.0, rows.First(row => row.Path == "stale").NetExposure);
    }

    [Fact]
    public void Sessions_with_a_gap_are_passed_over_and_counted()
    {
        var panel = Panel(("A", Series(Returns(1))), ("B", Without(Series(Returns(2)), Count - 3)));
        var rows = new PortfolioMeasurement(panel, Options).Measure([Held("p", null, false, ("A", 0.5), ("B", 0.5))]);
        Assert.All(rows, row => Assert.Equal((248, 2, First.AddDays(51)), (row.Observations, row.ExcludedSessions, row.FirstSession!.Value)));
    }

    [Fact]
    public void Returns_go_from_one_common_session_to_the_next()
    {
        var closed = Sessions.Where((_, i) => i % 7 != 3).ToArray();
        var b = Series(Returns(2));
        var other = new PanelSeries("USD", closed, [.. closed.Select(day => b.Prices[day.DayNumber - First.DayNumber])]);
        var panel = Panel(("A", Series(Returns(1))), ("B", other));
        var sample = panel.Latest(["A", "B"], 20);
        Assert.Equal((20, 0, true), (sample.Sessions.Count, sample.Excluded, sample.IsCurrent));
        Assert.DoesNotContain(sample.Sessions, day => (day.DayNumber - First.DayNumber) % 7 == 3);
        var at = sample.Sessions.ToList().FindIndex(day => (day.DayNumber - First.DayNumber) % 7 == 4);
        var index = sample.Sessions[at].DayNumber - First.DayNumber;
        var a = Series(Returns(1)).Prices;
        Assert.Equal((a[index] - a[index - 2]) / a[index - 2], sample.Columns[0][at], 15);
        Assert.Equal(20, panel.Latest(["A"], 20).Sessions.Count(day => day > Sessions[Count - 20]));
    }

    private static double Sum(
        Dictionary<string, PortfolioRiskRow> rows, string one, string other, Func<PortfolioRiskRow, double?> part) =>
        part(rows[one])!.Value + part(rows[other])!.Value;
}
