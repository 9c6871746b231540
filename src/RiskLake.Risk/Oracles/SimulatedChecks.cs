using System.Text.Json;
using RiskLake.Risk;

namespace RiskLake.Risk.Oracles;

/// <summary>Checks on the series that ships with the program: they need nobody's data. <c>eng/oracles/simulated.py</c> made the numbers.</summary>
internal static class SimulatedChecks
{
    public static void Garch(OracleRun run)
    {
        foreach (var model in run.Expected("simulated").GetProperty("models").EnumerateObject())
        {
            GarchChecks.MaximumLikelihood(run, model.Name, model.Value, OracleRun.Simulated("first"));
        }
    }

    public static void Tails(OracleRun run)
    {
        var returns = OracleRun.Simulated("first");
        var table = run.Expected("simulated").GetProperty("tails");
        var moments = SampleMoments.Of(returns);
        run.Close(table.GetProperty("mean"), moments.Mean, 1e-12, "mean");
        run.Close(table.GetProperty("standard_deviation"), moments.StandardDeviation, 1e-12, "standard deviation");
        run.Close(table.GetProperty("skewness"), moments.Skewness, 1e-10, "skewness");
        run.Close(table.GetProperty("excess_kurtosis"), moments.ExcessKurtosis, 1e-10, "excess kurtosis");
        var fit = StudentTFit.Of(returns);
        var expected = table.GetProperty("student_t");
        run.Close(expected.GetProperty("location"), fit.Location, 1e-8, "location");
        run.Close(expected.GetProperty("scale"), fit.Scale, 1e-9, "scale");
        run.Close(expected.GetProperty("degrees_of_freedom"), fit.DegreesOfFreedom, 1e-8, "degrees of freedom");
        run.Close(expected.GetProperty("log_likelihood"), fit.LogLikelihood, 1e-12, "log-likelihood");
        var isMonotone = table.GetProperty("cornish_fisher_is_monotone").GetBoolean();
        foreach (var level in table.GetProperty("by_confidence").EnumerateObject())
        {
            var confidence = OracleRun.Level(level.Name);
            Pair("historical", HistoricalSimulation.Estimate(returns, confidence), 1e-12);
            Pair("normal", ParametricTail.Normal(returns, confidence), 1e-12);
            Pair("student_t", ParametricTail.StudentT(fit, confidence), 1e-9);
            var corrected = CornishFisher.Estimate(returns, confidence);
            run.Same(isMonotone ? Status.Ready : Status.OutsideDomain, corrected.ValueAtRisk.Status);
            if (isMonotone)
            {
                Pair("cornish_fisher", corrected, 1e-10);
            }

            void Pair(string method, TailRisk risk, double tolerance)
            {
                run.Close(level.Value.GetProperty(method + "_var"), risk.ValueAtRisk.Value, tolerance, $"{method} VaR {level.Name}");
                run.Close(level.Value.GetProperty(method + "_es"), risk.ExpectedShortfall.Value, tolerance, $"{method} ES {level.Name}");
            }
        }
    }

    public static void Backtests(OracleRun run)
    {
        var returns = OracleRun.Simulated("first");
        foreach (var level in run.Expected("simulated").GetProperty("backtest").EnumerateObject())
        {
            var confidence = OracleRun.Level(level.Name);
            var (x, var, es) = BacktestChecks.HistoricalForecasts(returns, confidence);
            var hits = Exceedances.Of(x, var, confidence);
            run.Same(level.Value.GetProperty("days").GetInt32(), hits.Observations);
            run.Same(level.Value.GetProperty("exceedances").GetInt32(), hits.Count);
            Check("kupiec", CoverageTests.Kupiec(hits).Statistic);
            Check("independence", CoverageTests.Independence(hits).Statistic);
            Check("z1", ShortfallBacktest.Z1(x, var, es, confidence).Value);
            Check("z2", ShortfallBacktest.Z2(x, var, es, confidence).Value);
            Check("pinball", ForecastLoss.Mean("pinball_loss", ForecastLoss.Pinball(x, var, confidence), confidence).Value);

            void Check(string key, double? value) => run.Close(level.Value.GetProperty(key), value, 1e-10, $"{key} {level.Name}");
        }
    }

    public static void Moments(OracleRun run)
    {
        double[][] columns = [OracleRun.Simulated("first"), OracleRun.Simulated("second")];
        var table = run.Expected("simulated");
        run.Close(table.GetProperty("ewma_volatility"), Ewma.Volatility(columns[0], 0.94).Value, 1e-12, "ewma");
        run.Close(table.GetProperty("covariance"), CovarianceEstimator.Sample(columns)[0, 1], 1e-12, "covariance");
        run.Close(table.GetProperty("correlation"), CovarianceEstimator.Correlation(columns)[0, 1], 1e-12, "correlation");
    }
}
