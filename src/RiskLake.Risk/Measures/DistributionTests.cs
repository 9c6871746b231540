using RiskLake.Risk;
using RiskLake.Risk.Numerics;

namespace RiskLake.Risk.Measures;

/// <summary>The rows of the tests that judge whole forecast distributions, through the probability each gave to what came.</summary>
internal static class DistributionTests
{
    private const string Subject = "distribution";

    /// <summary>Probabilities of the outcomes under forecasts of mean zero and given deviations; the law is normal, or Student t scaled to them.</summary>
    public static double[] Probabilities(ReadOnlySpan<double> pnl, ReadOnlySpan<double> sigma, double? degreesOfFreedom)
    {
        var scale = degreesOfFreedom is { } free ? DeviationOf(free) : 1.0;
        var probabilities = new double[pnl.Length];
        for (var t = 0; t < probabilities.Length; t++)
        {
            var z = sigma[t] > 0.0 ? pnl[t] / sigma[t] * scale : double.NaN;
            probabilities[t] = !double.IsFinite(z) ? double.NaN
                : degreesOfFreedom is { } df ? StudentTDistribution.Cdf(z, df) : NormalDistribution.Cdf(z);
        }

        return probabilities;
    }

    /// <summary>Computes the rows.</summary>
    /// <param name="probabilities">u_t = F_t(X_t); NaN where a day has none.</param>
    /// <param name="lags">Lags of the conditional test.</param>
    /// <param name="settings">Confidence, missing days, size and law.</param>
    public static IReadOnlyList<BacktestRow> Compute(ReadOnlySpan<double> probabilities, int lags, BacktestSettings settings)
    {
        var days = settings.Missing == MissingRule.LeaveOut ? [.. probabilities.ToArray().Where(double.IsFinite)] : probabilities.ToArray();
        Parameter[] lag = [new("lags", lags)];
        var z3 = DistributionBacktest.Z3(days, settings.Confidence, QuantileOf(settings.DegreesOfFreedom));
        return
        [
            SeriesBacktest.Row(DistributionBacktest.DuEscancianoUnconditional(days, settings.Confidence), Subject, settings),
            SeriesBacktest.Row(DistributionBacktest.DuEscancianoConditional(days, settings.Confidence, lags), Subject, settings, lag),
            SeriesBacktest.Row(z3, Subject),
        ];
    }

    private static double DeviationOf(double degreesOfFreedom) => degreesOfFreedom > 2.0
        ? Math.Sqrt(degreesOfFreedom / (degreesOfFreedom - 2.0))
        : double.NaN;

    private static Func<double, double> QuantileOf(double? degreesOfFreedom) => degreesOfFreedom is { } free
        ? p => StudentTDistribution.Quantile(p, free)
        : NormalDistribution.Quantile;
}
