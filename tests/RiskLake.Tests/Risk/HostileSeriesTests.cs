using RiskLake.Risk;
using static RiskLake.Tests.Risk.HostileSeries;

namespace RiskLake.Tests.Risk;

/// <summary>On any series a method gives a finite number that satisfies its invariants, or a status; never an exception.</summary>
public sealed class HostileSeriesTests
{
    public static TheoryData<string> Names => [.. HostileSeries.All.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void Tail_measures_hold_their_invariants(string name)
    {
        var series = HostileSeries.All[name];
        var sigmas = Ewma.ForecastVariances(series, 0.94)[..series.Length].Select(Math.Sqrt).ToArray();
        foreach (var level in (Confidence[])[Confidence.P90, Confidence.P975, Confidence.P99, Confidence.Of(0.9999m)])
        {
            foreach (var type in Enum.GetValues<QuantileType>())
            {
                Check(HistoricalSimulation.Estimate(series, level, type));
            }

            Check(HistoricalSimulation.Estimate(series, level, 10, HorizonRule.SquareRootOfTime));
            Check(HistoricalSimulation.Estimate(series, level, 10, HorizonRule.OverlappingSums));
            Check(HistoricalSimulation.Estimate(series, level, 10, HorizonRule.NonOverlappingSums));
            Check(ParametricTail.Normal(series, level));
            Check(ParametricTail.Normal(series, level, mean: MeanRule.Zero));
            Check(ParametricTail.StudentT(series, level));
            Check(CornishFisher.Estimate(series, level));
            Check(WeightedSimulation.AgeWeighted(series, level, 0.98));
            Check(WeightedSimulation.AgeWeighted(series, level, 0.98, WeightedQuantile.LinearInCumulatedWeight));
            Check(WeightedSimulation.VolatilityWeighted(series, sigmas, 0.01, level));
            var extremes = PeaksOverThreshold.Fit(series, Confidence.P90);
            Check(extremes.Estimate(level));
            Bounded(extremes.ProfileInterval(level, Confidence.P95));
            Bounded(OrderStatisticInterval.Of(series, level, Confidence.P95));
        }

        Assert.True(PeaksOverThreshold.Hill(series, 5) is not { } hill || double.IsFinite(hill));

        static void Bounded(ConfidenceInterval interval)
        {
            Assert.Equal(interval.Status == Status.Ready, interval.Low is not null && interval.High is not null);
            Assert.True(interval.Low is not { } low || interval.High is not { } high || (
                low <= high && double.IsFinite(low) && double.IsFinite(high)));
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Volatility_performance_and_tests_give_a_number_or_a_status(string name)
    {
        var series = HostileSeries.All[name];
        Check(CloseToClose.Volatility(series, 252));
        Check(Ewma.Volatility(series, 0.94));
        Check(Ewma.RiskMetrics2006(series));
        Check(RealisedVariance.Total(series));
        Check(RealisedVariance.Bipower(series));
        Check(RealisedVariance.MedianBased(series));
        Check(RealisedVariance.MinimumBased(series));
        Check(RealisedVariance.Quarticity(series));
        Check(RealisedVariance.TripowerQuarticity(series));
        Check(RealisedVariance.Jump(series));
        Check(PerformanceRatios.CumulativeReturn(series));
        Check(PerformanceRatios.AnnualReturn(series, 252));
        Check(PerformanceRatios.Sharpe(series, 252));
        Check(PerformanceRatios.SharpeGeometric(series, 252));
        Check(PerformanceRatios.Sortino(series, 252));
        Check(PerformanceRatios.Calmar(series, 252));
        Check(PerformanceRatios.Omega(series));
        Check(PerformanceRatios.HitRate(series));
        Check(PerformanceRatios.TailRatio(series));
        var drawdowns = Drawdowns.Of(series);
        Check(drawdowns.Maximum);
        Check(drawdowns.UlcerIndex);
        Check(drawdowns.PainIndex);
        Check(drawdowns.ConditionalAtRisk(Confidence.P95));
        Check(Benchmark.Beta(series, series));
        Check(Benchmark.Correlation(series, series));
        Check(Benchmark.InformationRatio(series, series, 252));
        Check(SerialDependence.LjungBox(series, 5));
        Check(SerialDependence.JarqueBera(series));
        Check(SerialDependence.ArchLm(series, 3));
        var moments = SampleMoments.Of(series);
        Assert.All(
            (double?[])[moments.Mean, moments.StandardDeviation, moments.Skewness, moments.ExcessKurtosis, moments.Median],
            value => Assert.True(value is null || double.IsFinite(value.Value)));
        if (series.Length > 1)
        {
            Assert.All(RollingMoments.StandardDeviation(series, 5), value => Assert.False(double.IsInfinity(value) || value < 0.0));
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Garch_converges_or_says_that_it_did_not(string name)
    {
        var series = HostileSeries.All[name];
        foreach (var model in Enum.GetValues<GarchModel>())
        {
            foreach (var errors in Enum.GetValues<ErrorDistribution>())
            {
                foreach (var constraint in Enum.GetValues<GarchConstraint>())
                {
                    var fit = GarchFit.Of(series, new GarchSpecification { Model = model, Errors = errors, Constraint = constraint });
                    // Estimates of a model whose shocks never fade are there to be looked at, and forecast nothing.
                    Assert.Equal(
                        fit.Status == Status.Ready || fit.Persistence >= 1.0, fit.LogLikelihood is { } value && double.IsFinite(value));
                    Assert.Equal(fit.Status == Status.Ready, fit.NextVariance is not null);
                    Assert.True(fit.Status != Status.Ready || fit.Persistence < 1.0);
                    Assert.All(fit.Parameters, parameter => Assert.True(double.IsFinite(parameter.Value)));
                    Assert.All(fit.Variances, h => Assert.True(h > 0.0 && double.IsFinite(h)));
                    Assert.True(constraint == GarchConstraint.None || fit.Persistence is not { } persistence || persistence <= 1.0 + 1e-9);
                    Check(FilteredSimulation.Estimate(fit, series, Confidence.P95));
                }
            }
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Backtests_take_any_returns_and_forecasts(string name)
    {
        var series = HostileSeries.All[name];
        foreach (var rule in Enum.GetValues<MissingRule>())
        {
            foreach (var level in (double[])[0.02, -1.0, double.NaN])
            {
                var var = Repeat(level, series.Length);
                var hits = Exceedances.Of(series, var, Confidence.P99, rule);
                Check(CoverageTests.Kupiec(hits));
                Check(CoverageTests.Independence(hits));
                Check(CoverageTests.ConditionalCoverage(hits));
                Check(CoverageTests.ConditionalCoverage(hits, conditionalOnFirstDay: true));
                Check(CoverageTests.Binomial(hits));
                Check(CoverageTests.ZScore(hits));
                Check(CoverageTests.TimeUntilFirstFailure(hits));
                Check(CoverageTests.TimeBetweenFailures(hits));
                Check(DurationTest.Weibull(hits));
                Check(DynamicQuantileTest.Of(hits, []));
                var es = Repeat(0.03, series.Length);
                Check(ShortfallBacktest.Z1(series, var, es, Confidence.P99));
                Check(ShortfallBacktest.Z2(series, var, es, Confidence.P99));
                Check(ShortfallBacktest.MinimallyBiased(series, var, es, Confidence.P99, relative: true));
                Check(ShortfallBacktest.ExceedanceResiduals(series, var, es));
                Check(ShortfallBacktest.BootstrapResiduals(series, var, es, [], 20, 1));
                Check(ShortfallBacktest.ConditionalCalibration(series, var, es, Confidence.P99));
                Check(ForecastLoss.Mean("pinball", ForecastLoss.Pinball(series, var, Confidence.P99), Confidence.P99));
                Check(ForecastLoss.Mean("fz0", ForecastLoss.FisslerZiegel(series, var, es, Confidence.P99), Confidence.P99));
            }
        }
    }

    [Fact]
    public void Singular_and_broken_covariances_are_refused_or_handled()
    {
        double[] a = Noise(60);
        double[][] collinear = [a, [.. a.Select(value => 2.0 * value)], Repeat(0.0, 60)];
        var singular = CovarianceEstimator.Sample(collinear);
        Assert.Equal(Status.Ready, singular.Status);
        Assert.Null(singular.Cholesky());
        Assert.Equal(double.PositiveInfinity, singular.ConditionNumber());
        var risk = ParametricPortfolio.Decompose([0.5, 3.0, -1.0], [], singular, Confidence.P99);
        Assert.Equal(Status.Ready, risk.Status);
        Assert.Equal(Status.Degenerate, ParametricPortfolio.Decompose([2.0, -1.0, 0.0], [], singular, Confidence.P99).Status);
        Assert.Equal(Status.Degenerate, CovarianceEstimator.Correlation(collinear).Status);
        Assert.Equal(
            "monte_carlo_normal_spectral", MonteCarlo.Estimate([1.0, 1.0, 1.0], [], singular, Confidence.P95, 2000, 3).ValueAtRisk.Method);
        Assert.Null(StressTest.MahalanobisSquared([-0.1, -0.1, -0.1], singular));
        Assert.Equal(Status.Degenerate, CovarianceMatrix.Of([1.0, 2.0, 2.0, 1.0], 2, "given", 0).Status);
        Assert.Equal(Status.InvalidInput, CovarianceMatrix.Of([1.0, 0.5, 0.4, 1.0], 2, "given", 0).Status);
        Assert.Equal(Status.InvalidInput, CovarianceMatrix.Of([1.0, double.NaN, double.NaN, 1.0], 2, "given", 0).Status);
        Assert.Equal(
            Status.Degenerate, StressTest.CorrelationStress(CovarianceEstimator.Sample([a, Noise(60, 5), Noise(60, 6)]), -0.9).Status);
        Assert.Equal(Status.InvalidInput, HistoricalPortfolio.Decompose([1.0, double.NaN, 0.0], collinear, Confidence.P95).Status);
        Assert.Equal(Status.InsufficientHistory, HistoricalPortfolio.Decompose([1.0], [[0.01]], Confidence.P95).Status);
    }

    [Fact]
    public void Broken_prices_and_bars_are_named()
    {
        Assert.Equal([1, 2, 4], Returns.Defects([100.0, 0.0, -37.63, 20.0, double.NaN]));
        Assert.True(double.IsNaN(Returns.Log([100.0, -1.0])[0]));
        Assert.Equal([-137.63, 57.63], Returns.Absolute([100.0, -37.63, 20.0]));
        var good = new Bar(10, 11, 9, 10);
        foreach (var estimator in Enum.GetValues<RangeEstimator>())
        {
            Assert.Equal(Status.InvalidInput, RangeVolatility.Volatility([good, new Bar(10, 9, 11, 10), good], estimator, 2).Status);
            Assert.Equal(Status.InvalidInput, RangeVolatility.Volatility([good, new Bar(10, 11, 0, 10), good], estimator, 2).Status);
            Assert.Equal(Status.InsufficientHistory, RangeVolatility.Volatility([], estimator, 2).Status);
            Check(RangeVolatility.Volatility([good, good, good], estimator, 2));
        }

        Assert.Null(StressTest.WorstWindow([1.0], [[100.0, 0.0, 90.0]], 1));
        Assert.Null(StressTest.WorstWindow([1.0], [[100.0]], 5));
    }

    [Fact]
    public void Too_few_observations_for_a_level_are_refused()
    {
        Assert.Equal(Status.InsufficientHistory, HistoricalSimulation.Estimate(Noise(250), Confidence.Of(0.999m)).ValueAtRisk.Status);
        Assert.Equal(Status.Ready, HistoricalSimulation.Estimate(Noise(100), Confidence.P99).ValueAtRisk.Status);
        Assert.Equal(Status.InsufficientHistory, HistoricalSimulation.Estimate(Noise(99), Confidence.P99).ValueAtRisk.Status);
        Assert.Equal(Status.InsufficientHistory, OrderStatisticInterval.Of(Noise(100), Confidence.P99, Confidence.P95).Status);
    }

    [Fact]
    public void An_exceedance_is_strict()
    {
        var hits = Exceedances.Of([-0.02, -0.020000000000000004, 0.0], [0.02, 0.02, 0.02], Confidence.P99);
        Assert.Equal([false, true, false], hits.Days);
        Assert.Equal(1.0, ShortfallBacktest.Z2([-0.02], [0.02], [0.03], Confidence.P99).Value);
        Assert.Equal(0.0, EProcess.OfValueAtRisk(-0.02, 0.02, Confidence.P99));
    }

    private static void Check(Measure measure)
    {
        Assert.Equal(measure.Status == Status.Ready, measure.Value is { } value && double.IsFinite(value));
        Assert.Equal(measure.Status == Status.Ready, measure.Reason is null);
    }

    private static void Check(HypothesisTest test)
    {
        Assert.Equal(test.Status == Status.Ready, test.Statistic is { } value && double.IsFinite(value));
        Assert.True(test.PValue is null or (>= 0.0 and <= 1.0 + 1e-12));
    }

    private static void Check(TailRisk risk)
    {
        Check(risk.ValueAtRisk);
        Check(risk.ExpectedShortfall);
        Assert.True(risk.ExpectedShortfall.Value is not { } es || es >= risk.ValueAtRisk.Value);
    }
}
