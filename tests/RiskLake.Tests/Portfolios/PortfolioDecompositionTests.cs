using CsCheck;
using RiskLake.Desk.Portfolios;
using RiskLake.Risk;
using RiskLake.Tests.Risk;

namespace RiskLake.Tests.Portfolios;

public sealed class PortfolioDecompositionTests
{
    private static readonly double[] s_weights = [0.4, 0.3, 0.2, 0.1];

    [Fact]
    public void Rows_agree_with_the_reference_in_a_fixed_order()
    {
        var reference = Oracle.Expected("portfolio").GetProperty("by_confidence").GetProperty("0.99");
        var rows = PortfolioDecomposition.Compute(Indices(), s_weights, new PortfolioSettings { Confidences = [Confidence.P99, Confidence.P95] });
        Assert.Equal(20, rows.Count);
        Assert.Equal(
            ["parametric 19/20 Total", "parametric 99/100 Total", "historical 19/20 Total", "historical 99/100 Total"],
            rows.Where(row => row.Kind == PortfolioRowKind.Total).Select(row => $"{row.Method} {row.Confidence} {row.Kind}"));
        Assert.Equal(Series.Indices, rows.Skip(1).Take(4).Select(row => row.Name));
        var total = rows.Single(row => row is { Kind: PortfolioRowKind.Total, Method: "parametric" } && row.Confidence == Confidence.P99);
        Oracle.Close(reference.GetProperty("zero_mean").GetProperty("var"), total.ValueAtRisk, 1e-12);
        var parts = rows.Where(row => row is { Kind: PortfolioRowKind.Position, Method: "parametric" } && row.Confidence == Confidence.P99).ToList();
        for (var i = 0; i < 4; i++)
        {
            Oracle.Close(reference.GetProperty("zero_mean").GetProperty("component_var")[i], parts[i].ComponentValueAtRisk, 1e-12);
            Oracle.Close(reference.GetProperty("zero_mean").GetProperty("pct_component_var")[i], parts[i].ValueAtRiskShare, 1e-12);
        }
    }

    [Fact]
    public void Parts_of_a_hierarchy_add_up_it() => Gen.Double[-1.0, 1.0].Array[5].Select(Gen.Int[0, 1000]).Sample((weights, seed) =>
    {
        var table = Made(5, 300, seed);
        var settings = new PortfolioSettings
        {
            Confidences = [Confidence.P975],
            Paths = new Dictionary<string, string> { ["A"] = "firm/x", ["B"] = "firm/x", ["C"] = "firm/y/z", ["D"] = "firm/y", ["E"] = "firm" },
        };
        var rows = PortfolioDecomposition.Compute(table, weights, settings);
        foreach (var method in new[] { "parametric", "historical" })
        {
            var own = rows.Where(row => row.Method == method).ToDictionary(row => row.Name ?? "");
            if (own[""].Status != Status.Ready)
            {
                // Weights whose powers vanish leave nothing to split, and say so.
                Assert.True(weights.All(weight => Math.Abs(weight) < 1e-60) && own[""].Reason is not null && own[""].Shortfall is null);
                continue;
            }

            Near(own[""].Shortfall, own["firm"].ComponentShortfall);
            Near(own["firm"].ComponentShortfall, own["firm/x"].ComponentShortfall + own["firm/y"].ComponentShortfall + own["E"].ComponentShortfall);
            Near(own["firm/y"].ComponentShortfall, own["C"].ComponentShortfall + own["D"].ComponentShortfall);
            Near(own[""].ValueAtRisk, own["firm"].ComponentValueAtRisk);
            Near(own["firm"].Shortfall, own[""].Shortfall);
            Near(own["firm/y/z"].Weight, weights[2]);
        }
    });

    [Fact]
    public void Where_there_is_no_split_the_total_says_why()
    {
        var hedged = Made(2, 300, 1) with { };
        var table = hedged with { Columns = [hedged.Columns[0], hedged.Columns[0]] };
        var rows = PortfolioDecomposition.Compute(table, [1.0, -1.0], new PortfolioSettings { Confidences = [Confidence.P99] });
        Assert.All(rows, row => Assert.True(row.Status != Status.Ready && row.Reason is not null && row.ValueAtRisk is null));
        Assert.Equal(2, rows.Count);
        var few = PortfolioDecomposition.Compute(Made(2, 50, 1), [0.5, 0.5], new PortfolioSettings { Confidences = [Confidence.P99] });
        Assert.Equal(Status.Ready, few[0].Status);
        Assert.Equal(Status.InsufficientHistory, few[^1].Status);
    }

    [Fact]
    public void A_variance_beyond_the_range_of_numbers_is_no_scenario()
    {
        var table = Made(2, 300, 1);
        var covariance = new CovarianceSettings().Of(table.Columns);
        var reverse = StressScenarios.Reverse("5%", [1e300, 1e300], 0.05, covariance);
        Assert.Equal(Status.Degenerate, reverse.Scenario.Status);
        Assert.Null(reverse.Scenario.PortfolioReturn);
        Assert.NotNull(reverse.Reason);
        Assert.Equal(-0.05, StressScenarios.Reverse("5%", [1.0, -0.5], 0.05, covariance).Scenario.PortfolioReturn!.Value, 1e-15);
    }

    [Fact]
    public void Stress_agrees_with_the_reference()
    {
        var reference = Oracle.Expected("stress");
        var table = Indices();
        var covariance = new CovarianceSettings().Of(table.Columns);
        var week = StressScenarios.WorstWindow("5", table, s_weights, 5);
        var expected = reference.GetProperty("worst_historical_windows").GetProperty("5");
        Oracle.Close(expected.GetProperty("buy_and_hold_return"), week.Scenario.PortfolioReturn, 1e-11);
        Assert.Equal(expected.GetProperty("start_obs_1based").GetInt32(), week.Start + 1);
        var predicted = StressScenarios.Predictive("DAX=-10%", table, s_weights, "DAX", -0.1, covariance);
        Oracle.Close(
            reference.GetProperty("predictive_stress_dax_minus_10pct").GetProperty("portfolio_return"), predicted.Scenario.PortfolioReturn, 1e-11);
        var moved = StressScenarios.Correlation(s_weights, [], covariance, 0.9, 1.0, Confidence.P99);
        Oracle.Close(reference.GetProperty("correlation_stress_rho_to_0.9").GetProperty("portfolio_sd"), moved.Stressed.StandardDeviation, 1e-11);
        Oracle.Close(reference.GetProperty("correlation_stress_rho_to_0.9").GetProperty("base_sd"), moved.Base.StandardDeviation, 1e-11);
        var all = Series.Indices.ToDictionary(name => name, _ => -0.05);
        Oracle.Close(
            reference.GetProperty("mahalanobis_plausibility_of_all_minus_5pct"),
            StressScenarios.Hypothetical("all", table, s_weights, all, covariance).Scenario.MahalanobisSquared,
            1e-11);
    }

    private static ReturnTable Indices() => new()
    {
        Names = Series.Indices,
        Columns = [.. Series.Indices.Select(Series.SimpleReturns)],
        Prices = [.. Series.Indices.Select(Series.Closes)],
        Dates = null,
    };

    private static ReturnTable Made(int count, int length, int seed) => new()
    {
        Names = [.. Enumerable.Range(0, count).Select(i => ((char)('A' + i)).ToString())],
        Columns =
        [
            .. Enumerable.Range(0, count).Select(i => Enumerable.Range(0, length)
                .Select(t => 0.01 * RiskLake.Risk.Numerics.NormalDistribution.Quantile(
                    RiskLake.Risk.Numerics.Philox.Uniform((ulong)seed, (ulong)i, (ulong)t)))
                .ToArray()),
        ],
        Prices = null,
        Dates = null,
    };

    private static void Near(double? expected, double? actual) =>
        Assert.True(Math.Abs(expected!.Value - actual!.Value) <= 1e-12, $"{expected} and {actual}");
}

