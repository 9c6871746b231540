using RiskLake.Risk;
using RiskLake.Risk.Numerics;

namespace RiskLake.Tests.Risk;

public sealed class GarchTests
{
    // |z| makes EGARCH's likelihood bend where the mean meets an observation; on this series the maximum sits on such an edge.
    [Fact]
    public void An_egarch_maximum_on_an_edge_is_found_and_named()
    {
        var returns = Series.LogReturnsPercent();
        var specification = new GarchSpecification { Model = GarchModel.Egarch, Errors = ErrorDistribution.StudentT };
        var fit = GarchFit.Of(returns, specification);
        Assert.Equal(Status.Ready, fit.Status);
        Assert.Equal("mu at an observation", fit.Boundary);
        Assert.Contains(fit["mu"], returns);
        Assert.Null(fit.Parameters[0].HessianError);
        Assert.All(fit.Parameters.Skip(1), parameter => Assert.True(parameter.HessianError > 0.0));
        var likelihood = new GarchLikelihood(returns, specification, 0.0);
        double[] best = [.. fit.Parameters.Select(parameter => parameter.Value)];
        for (var i = 0; i < best.Length; i++)
        {
            foreach (var factor in (double[])[0.999, 1.001])
            {
                double[] beside = [.. best];
                beside[i] *= factor;
                Assert.True(likelihood.Value(beside) < fit.LogLikelihood);
            }
        }
    }

    [Fact]
    public void Units_of_the_data_change_nothing_but_units()
    {
        var returns = Simulated(800, 0.0);
        double[] percent = [.. returns.Select(value => value * 128.0)];
        foreach (var model in Enum.GetValues<GarchModel>())
        {
            var (a, b) = (GarchFit.Of(returns, new() { Model = model }), GarchFit.Of(percent, new() { Model = model }));
            Assert.Equal(Status.Ready, a.Status);
            Oracle.Close(a["mu"] * 128.0, b["mu"], 1e-9, "mu");
            Oracle.Close(a["alpha"], b["alpha"], 1e-8, "alpha");
            Oracle.Close(a["beta"], b["beta"], 1e-8, "beta");
            Oracle.Close(a.NextVariance!.Value * 128.0 * 128.0, b.NextVariance, 1e-8, "next");
            Oracle.Close(a.LogLikelihood!.Value, b.LogLikelihood + (returns.Length * Math.Log(128.0)), 1e-11, "lnL");
        }
    }

    [Fact]
    public void A_constant_presample_equal_to_the_sample_is_nearly_the_fcp_rule()
    {
        var returns = Simulated(800, 0.0);
        var fcp = GarchFit.Of(returns, new GarchSpecification());
        var square = returns.Average(value => (value - fcp["mu"]) * (value - fcp["mu"]));
        var constant = GarchFit.Of(returns, new GarchSpecification { Presample = Presample.Constant, PresampleVariance = square });
        Oracle.Close(fcp.LogLikelihood!.Value, constant.LogLikelihood, 1e-6, "lnL");
        Assert.Equal("garch11-normal-const", constant.Specification.Name);
        Assert.Throws<ArgumentException>(() => GarchFit.Of(returns, new GarchSpecification { Presample = Presample.Constant }));
        Assert.Throws<ArgumentException>(() => GarchFit.Of(returns, new GarchSpecification { Presample = Presample.Unconditional }));
    }

    [Fact]
    public void Normal_errors_are_recognised_by_the_t_model()
    {
        var fit = GarchFit.Of(Simulated(1200, 0.0), new GarchSpecification { Errors = ErrorDistribution.StudentT });
        Assert.True(fit.Status == Status.NotConverged || fit["nu"] > 15.0);
    }

    [Fact]
    public void A_right_model_leaves_no_structure_and_a_white_residual()
    {
        var returns = Simulated(2000, 0.0);
        var fit = GarchFit.Of(returns, new GarchSpecification());
        Assert.All(fit.Diagnostics(returns), test => Assert.True(test.PValue > 0.001, test.Name));
        Assert.True(SerialDependence.ArchLm(returns, 5).PValue < 0.001);
        Assert.Equal(fit.NextVariance, fit.ForecastVariances(3)[0]);
        Assert.Equal(fit.UnconditionalVariance!.Value, fit.ForecastVariances(2000)[^1], 1e-6 * fit.UnconditionalVariance.Value);
        var curve = fit.NewsImpact([-0.02, 0.0, 0.02]);
        Assert.Equal(curve[0], curve[2]);
        Assert.True(curve[1] < curve[0]);
    }

    [Fact]
    public void Simulated_horizons_repeat_and_grow()
    {
        var returns = Simulated(800, 0.0);
        var fit = GarchFit.Of(returns, new GarchSpecification { Model = GarchModel.Gjr });
        var once = FilteredSimulation.Simulate(fit, returns, Confidence.P99, 10, 3000, 8);
        Assert.Equal(once.ValueAtRisk.Value, FilteredSimulation.Simulate(fit, returns, Confidence.P99, 10, 3000, 8).ValueAtRisk.Value);
        Assert.True(once.ValueAtRisk.Value > FilteredSimulation.Estimate(fit, returns, Confidence.P99).ValueAtRisk.Value);
        Assert.Equal(HorizonRule.Simulated, once.ValueAtRisk.Convention.HorizonRule);
    }

    private static double[] Simulated(int count, double mean)
    {
        var returns = new double[count];
        var variance = 1e-4;
        for (var t = 0; t < count; t++)
        {
            var e = Math.Sqrt(variance) * Philox.Normal(41, 0, (ulong)t);
            returns[t] = mean + e;
            variance = 5e-6 + (0.12 * e * e) + (0.83 * variance);
        }

        return returns;
    }

    // On these three a climb that stops at the first maximum between two observations stays 1e-3 below its neighbours.
    [Theory]
    [InlineData(126)]
    [InlineData(128)]
    [InlineData(153)]
    public void An_egarch_mean_is_the_best_among_the_observations_beside_it(ulong path)
    {
        var series = LogVarianceSeries(150, path);
        var specification = new GarchSpecification { Model = GarchModel.Egarch };
        var fit = GarchFit.Of(series, specification);
        Assert.Equal(Status.Ready, fit.Status);
        var likelihood = new GarchLikelihood(series, specification, 0.0);
        double[] point = [.. fit.Parameters.Select(static parameter => parameter.Value)];
        foreach (var mu in series.OrderBy(value => Math.Abs(value - fit["mu"])).Take(16))
        {
            foreach (var beside in (double[])[-1e-3, 0.0, 1e-3])
            {
                point[0] = mu + beside;
                Assert.True(likelihood.Value(point) <= fit.LogLikelihood + 1e-9);
            }
        }
    }

    // Independent returns: the hill that a start with long memory misses.
    [Theory]
    [InlineData(6)]
    [InlineData(50)]
    [InlineData(54)]
    public void A_model_fits_no_worse_than_the_one_it_contains(ulong path)
    {
        var series = new double[400];
        Philox.Normals(4242, path, 0, series);
        var plain = GarchFit.Of(series, new GarchSpecification());
        var asymmetric = GarchFit.Of(series, new GarchSpecification { Model = GarchModel.Gjr });
        Assert.True(asymmetric.LogLikelihood >= plain.LogLikelihood - 1e-9);
    }

    [Fact]
    public void Egarch_forecasts_are_the_means_of_simulated_variances()
    {
        const int Paths = 40_000;
        const int Periods = 6;
        var series = LogVarianceSeries(800, 3);
        var fit = GarchFit.Of(series, new GarchSpecification { Model = GarchModel.Egarch });
        var (sums, squares) = (new double[Periods], new double[Periods]);
        for (var path = 0; path < Paths; path++)
        {
            var variance = fit.NextVariance!.Value;
            for (var k = 0; k < Periods; k++)
            {
                sums[k] += variance;
                squares[k] += variance * variance;
                variance = fit.NextAfter(Math.Sqrt(variance) * Philox.Normal(9, (ulong)path, (ulong)k), variance);
            }
        }

        var forecasts = fit.ForecastVariances(Periods);
        Assert.Equal(fit.NextVariance, forecasts[0]);
        for (var k = 1; k < Periods; k++)
        {
            var mean = sums[k] / Paths;
            var error = Math.Sqrt(((squares[k] / Paths) - (mean * mean)) / Paths);
            Assert.InRange(forecasts[k], mean - (4.0 * error), mean + (4.0 * error));
            Assert.True(error < 0.02 * mean);
        }

        // Far ahead the memory of today is gone and the mean no longer moves.
        var far = fit.ForecastVariances(2000);
        Assert.Equal(far[^2], far[^1], 1e-12 * far[^1]);
        Assert.Single(GarchFit.Of(series, fit.Specification with { Errors = ErrorDistribution.StudentT }).ForecastVariances(5));
    }

    private static double[] LogVarianceSeries(int count, ulong path)
    {
        var series = new double[count];
        var log = 0.0;
        for (var t = 0; t < count; t++)
        {
            var z = Philox.Normal(5150, path, (ulong)t);
            series[t] = Math.Exp(0.5 * log) * z;
            log = (0.3 * (Math.Abs(z) - 0.798)) - (0.05 * z) + (0.93 * log);
        }

        return series;
    }
}
