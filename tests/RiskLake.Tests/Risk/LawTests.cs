using CsCheck;
using RiskLake.Risk;

namespace RiskLake.Tests.Risk;

/// <summary>Laws that hold for every series, whatever it is.</summary>
public sealed class LawTests
{
    private static readonly Gen<double[]> s_returns = Gen.Double[-0.2, 0.2].Array[40, 120];
    private static readonly Confidence[] s_confidences = [Confidence.P90, Confidence.P95, Confidence.P975, Confidence.Of(0.8m)];
    private static readonly Gen<Confidence> s_levels = Gen.Int[0, 3].Select(i => s_confidences[i]);

    [Fact]
    public void Shortfall_is_never_below_value_at_risk() => Gen.Select(s_returns, s_levels, Gen.Int[1, 9]).Sample((r, level, type) =>
    {
        var risk = HistoricalSimulation.Estimate(r, level, (QuantileType)type);
        Assert.Equal(Status.Ready, risk.ValueAtRisk.Status);
        Assert.True(risk.ExpectedShortfall.Value is not { } es || es >= risk.ValueAtRisk.Value);
        var normal = ParametricTail.Normal(r, level);
        Assert.True(normal.ExpectedShortfall.Value >= normal.ValueAtRisk.Value);
        var weighted = WeightedSimulation.AgeWeighted(r, level, 0.97);
        Assert.True(weighted.ExpectedShortfall.Value >= weighted.ValueAtRisk.Value);
        var corrected = CornishFisher.Estimate(r, level);
        Assert.True(corrected.ExpectedShortfall.Value is not { } mean || mean >= corrected.ValueAtRisk.Value);
    });

    [Fact]
    public void Value_at_risk_rises_with_confidence() => s_returns.Sample(r =>
    {
        Confidence[] levels = [Confidence.Of(0.75m), Confidence.P90, Confidence.P95, Confidence.P975];
        Check([.. levels.Select(level => HistoricalSimulation.Estimate(r, level))]);
        Check([.. levels.Select(level => ParametricTail.Normal(r, level))]);

        static void Check(TailRisk[] risks)
        {
            for (var i = 1; i < risks.Length; i++)
            {
                Assert.True(risks[i].ValueAtRisk.Value >= risks[i - 1].ValueAtRisk.Value);
                Assert.True(risks[i].ExpectedShortfall.Value >= risks[i - 1].ExpectedShortfall.Value - 1e-15);
            }
        }
    });

    [Fact]
    public void Cash_shifts_risk_and_scale_scales_it() => Gen.Select(
        s_returns, s_levels, Gen.Double[-0.1, 0.1], Gen.Double[0.01, 100.0]).Sample((r, level, cash, scale) =>
    {
        double[] shifted = [.. r.Select(value => value + cash)];
        double[] scaled = [.. r.Select(value => value * scale)];
        foreach (var estimate in (Func<double[], TailRisk>[])[x => HistoricalSimulation.Estimate(x, level),
            x => ParametricTail.Normal(x, level)])
        {
            var risk = estimate(r);
            Assert.Equal(risk.ValueAtRisk.Value!.Value - cash, estimate(shifted).ValueAtRisk.Value!.Value, 1e-12);
            Assert.Equal(risk.ExpectedShortfall.Value!.Value - cash, estimate(shifted).ExpectedShortfall.Value!.Value, 1e-12);
            Assert.Equal(risk.ValueAtRisk.Value!.Value * scale, estimate(scaled).ValueAtRisk.Value!.Value, 1e-11 * scale);
            Assert.Equal(risk.ExpectedShortfall.Value!.Value * scale, estimate(scaled).ExpectedShortfall.Value!.Value, 1e-11 * scale);
        }
    });

    [Fact]
    public void Shortfall_is_subadditive() => Gen.Select(
        Gen.Double[-0.2, 0.2].Array[100], Gen.Double[-0.2, 0.2].Array[100], s_levels).Sample((a, b, level) =>
    {
        double[] sum = [.. a.Zip(b, (x, y) => x + y)];
        Assert.True(Es(sum) <= Es(a) + Es(b) + 1e-14);

        double Es(double[] series) => HistoricalSimulation.Estimate(series, level).ExpectedShortfall.Value!.Value;
    });

    [Fact]
    public void Order_does_not_matter_to_historical_simulation() => Gen.Select(s_returns, s_levels).Sample((r, level) =>
    {
        double[] reversed = [.. r.Reverse()];
        var (a, b) = (HistoricalSimulation.Estimate(r, level), HistoricalSimulation.Estimate(reversed, level));
        Assert.Equal(a.ValueAtRisk.Value, b.ValueAtRisk.Value);
        Assert.Equal(a.ExpectedShortfall.Value, b.ExpectedShortfall.Value);
    });

    [Fact]
    public void Quantile_seven_is_its_own_mirror() => Gen.Select(s_returns, Gen.Long[1, 999]).Sample((r, thousandths) =>
    {
        Array.Sort(r);
        double[] mirror = [.. r.Reverse().Select(value => -value)];
        Assert.Equal(
            Quantile.Of(
                r, QuantileType.Linear, thousandths, 1000), -Quantile.Of(mirror, QuantileType.Linear, 1000 - thousandths, 1000), 1e-15);
        Assert.Equal(Quantile.Type7(r, thousandths / 1000.0), Quantile.Of(r, QuantileType.Linear, thousandths, 1000), 1e-14);
    });

    [Fact]
    public void Parts_sum_to_the_whole_for_long_short_and_leveraged_portfolios() =>
        Gen.Select(Gen.Double[-2.0, 2.0].Array[3], Gen.Double[-0.1, 0.1].Array[60].Array[3], s_levels).Sample((weights, columns, level) =>
        {
            foreach (var risk in (PortfolioRisk[])
                [
                    HistoricalPortfolio.Decompose(weights, columns, level),
                    ParametricPortfolio.Decompose(weights, [0.001, 0.0, -0.002], CovarianceEstimator.Sample(columns), level),
                ])
            {
                if (weights.All(weight => Math.Abs(weight) < 1e-6))
                {
                    continue;
                }

                Assert.Equal(Status.Ready, risk.Status);
                var scale = risk.Positions.Sum(position => Math.Abs(position.ComponentValueAtRisk)) + 1e-12;
                Assert.Equal(
                    risk.Total.ValueAtRisk.Value!.Value, risk.Positions.Sum(position => position.ComponentValueAtRisk), 1e-12 * scale);
                var size = risk.Positions.Sum(position => Math.Abs(position.ComponentShortfall)) + 1e-12;
                Assert.Equal(
                    risk.Total.ExpectedShortfall.Value!.Value, risk.Positions.Sum(position => position.ComponentShortfall), 1e-12 * size);
            }
        });

    [Fact]
    public void Children_sum_to_their_parent_in_a_hierarchy() => Gen.Double[-5.0, 5.0].Array[50].Array[4].Sample(vectors =>
    {
        var nodes = Hierarchy.Measure(
            [new("firm/a/1", vectors[0]), new("firm/a/2", vectors[1]), new("firm/b/3", vectors[2]), new("firm/b/4", vectors[3])],
                Confidence.P95);
        Assert.Equal(7, nodes.Count);
        var parts = nodes.ToDictionary(node => node.Path, node => node.ComponentShortfall!.Value, StringComparer.Ordinal);
        Assert.Equal(nodes[0].Risk.ExpectedShortfall.Value!.Value, parts["firm/a"] + parts["firm/b"], 1e-12);
        Assert.Equal(parts["firm/a"], parts["firm/a/1"] + parts["firm/a/2"], 1e-12);
        Assert.Equal(4, nodes[0].Positions);
    });

    [Fact]
    public void Weighted_simulations_fall_back_to_plain_ones() => Gen.Select(s_returns, s_levels).Sample((r, level) =>
    {
        var step = HistoricalSimulation.Estimate(r, level, QuantileType.InverseCdf).ValueAtRisk.Value!.Value;
        var aged = WeightedSimulation.AgeWeighted(r, level, 1.0 - 1e-13).ValueAtRisk.Value!.Value;

        // Where n times the tail is whole, rounding of equal weights may pick either neighbour.
        Assert.True(level.TailOf(r.Length).Fraction == 0.0 || aged == step);
        double[] constant = [.. r.Select(_ => 0.02)];
        var plain = HistoricalSimulation.Estimate(r, level);
        Assert.Equal(plain.ValueAtRisk.Value, WeightedSimulation.VolatilityWeighted(r, constant, 0.02, level).ValueAtRisk.Value);
    });

    [Fact]
    public void Weighted_variance_tends_to_the_mean_square() => s_returns.Sample(r =>
        Assert.Equal(r.Average(value => value * value), Ewma.ForecastVariances(r, 1.0 - 1e-14)[^1], 1e-12));

    [Fact]
    public void A_weighted_variance_resumes_exactly() => Gen.Select(s_returns, Gen.Int[1, 30]).Sample((r, cut) =>
    {
        var state = default(EwmaState);
        foreach (var value in r[..cut])
        {
            state = state.Next(value, 0.94);
        }

        foreach (var value in r[cut..])
        {
            state = state.Next(value, 0.94);
        }

        Assert.Equal(Ewma.ForecastVariances(r, 0.94)[^1], state.Variance);
    });

    [Fact]
    public void Rolling_moments_equal_those_computed_afresh() =>
        Gen.Select(
            Gen.OneOf(Gen.Double[-1.0, 1.0], Gen.Double[-1e8, 1e8], Gen.Const(1e9)).Array[5, 60], Gen.Int[2, 12]).Sample((x, window) =>
        {
            var rolling = RollingMoments.StandardDeviation(x, window);
            var means = RollingMoments.Mean(x, window);
            for (var i = window - 1; i < x.Length; i++)
            {
                var direct = RollingVolatility.Latest(x.AsSpan(0, i + 1), window)!.Value;
                Assert.Equal(direct, rolling[i], 1e-12 * direct);
                Assert.Equal(x[(i - window + 1)..(i + 1)].Average(), means[i], 1e-12 * x[(i - window + 1)..(i + 1)].Max(Math.Abs));
            }
        });

    [Fact]
    public void Many_series_at_once_equal_one_by_one() => Gen.Double[-0.1, 0.1].Array[600].Sample(all =>
    {
        Confidence[] levels = [Confidence.P95, Confidence.P99];
        var (vars, shortfalls) = (new double[6], new double[6]);
        HistoricalSimulation.Estimate(all, 200, levels, vars, shortfalls);
        for (var i = 0; i < 6; i++)
        {
            var one = HistoricalSimulation.Estimate(all.AsSpan(i / 2 * 200, 200), levels[i % 2]);
            Assert.Equal(one.ValueAtRisk.Value, vars[i]);
            Assert.Equal(one.ExpectedShortfall.Value, shortfalls[i]);
        }
    });

    [Fact]
    public void Shrinkage_is_a_share_and_keeps_matrices_definite() => Gen.Double[-0.1, 0.1].Array[30].Array[4].Sample(columns =>
    {
        foreach (var matrix in (CovarianceMatrix[])
            [
                Shrinkage.Identity(columns), Shrinkage.ConstantCorrelation(columns), Shrinkage.SingleIndex(columns),
                    Shrinkage.OracleApproximating(columns),
            ])
        {
            Assert.Equal(Status.Ready, matrix.Status);
            Assert.InRange(matrix.Shrinkage!.Value, 0.0, 1.0);
            Assert.True(matrix.Eigenvalues()[0] > 0.0);
        }
    });

    [Fact]
    public void Kendall_by_merging_equals_kendall_by_pairs() =>
        Gen.Int[0, 6].Select(value => (double)value).Array[12].Array[2].Sample(columns =>
    {
        var (concordant, tiedX, tiedY) = (0, 0, 0);
        for (var i = 0; i < 12; i++)
        {
            for (var j = 0; j < i; j++)
            {
                concordant += Math.Sign(columns[0][i] - columns[0][j]) * Math.Sign(columns[1][i] - columns[1][j]);
                tiedX += columns[0][i] == columns[0][j] ? 1 : 0;
                tiedY += columns[1][i] == columns[1][j] ? 1 : 0;
            }
        }

        var expected = concordant / Math.Sqrt((66.0 - tiedX) * (66.0 - tiedY));
        var actual = CovarianceEstimator.Kendall(columns);
        Assert.True(actual.Status != Status.Ready || Math.Abs(actual[0, 1] - expected) < 1e-14);
    });

    [Fact]
    public void Conditional_coverage_is_at_least_coverage() => Gen.Bool.Array[5, 300].Sample(days =>
    {
        var hits = Exceedances.Of(days, Confidence.P90);
        Assert.True(CoverageTests.ConditionalCoverage(hits).Statistic >= CoverageTests.Kupiec(hits).Statistic);
        Assert.InRange(CoverageTests.Binomial(hits).PValue!.Value, 0.0, 1.0);
        Assert.Equal(
            days.Length - 1, hits.Transitions().NoNo + hits.Transitions().NoYes + hits.Transitions().YesNo + hits.Transitions().YesYes);
    });

    [Fact]
    public void Modellability_equals_a_search_of_every_window() => Gen.Int[0, 364].Array[0, 80].Sample(offsets =>
    {
        var (first, last) = (new DateOnly(2023, 1, 1), new DateOnly(2023, 12, 31));
        var days = offsets.Select(first.AddDays).ToHashSet();
        var thin = Enumerable.Range(0, 365 - 90 + 1).Any(
            start => days.Count(day => day >= first.AddDays(start) && day < first.AddDays(start + 90)) < 4);
        Assert.Equal(days.Count >= 24 && !thin, Modellability.Of(offsets.Select(first.AddDays), first, last).PassesByContinuity);
    });

    [Fact]
    public void A_gjr_without_asymmetry_is_a_garch() => Gen.Double[-2.0, 2.0].Array[60].Sample(data =>
    {
        var plain = new GarchLikelihood(data, new GarchSpecification(), 0.0).Value([0.01, 0.1, 0.1, 0.8]);
        var gjr = new GarchLikelihood(data, new GarchSpecification { Model = GarchModel.Gjr }, 0.0).Value([0.01, 0.1, 0.1, 0.0, 0.8]);
        Assert.Equal(plain, gjr);
    });

    [Fact]
    public void Z2_is_linear_in_exceedances() => Gen.Double[0.021, 0.2].Sample(loss =>
    {
        double[] one = [-loss, 0.0, 0.0, 0.0];
        double[] two = [-loss, -loss, 0.0, 0.0];
        double[] var = [0.02, 0.02, 0.02, 0.02];
        double[] es = [0.03, 0.03, 0.03, 0.03];
        var a = ShortfallBacktest.Z2(one, var, es, Confidence.P975).Value!.Value;
        var b = ShortfallBacktest.Z2(two, var, es, Confidence.P975).Value!.Value;
        Assert.Equal(1.0 - (2.0 * (1.0 - a)), b, 1e-10);
    });
}
