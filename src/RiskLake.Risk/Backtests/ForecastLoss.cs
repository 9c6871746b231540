using RiskLake.Risk.Numerics;

namespace RiskLake.Risk;

/// <summary>Loss functions that rank forecasts of VaR and ES, and the test of equal accuracy built on them.</summary>
/// <remarks>Returns keep their sign; VaR and ES are losses, positive; alpha = 1 - confidence. Smaller is better.</remarks>
public static class ForecastLoss
{
    /// <summary>Pinball loss of each day: (alpha - 1{r &lt; q})(r - q) with q = -VaR. Source: Koenker, Bassett (1978).</summary>
    public static double[] Pinball(ReadOnlySpan<double> returns, ReadOnlySpan<double> valueAtRisk, Confidence confidence)
    {
        Shape.Length(returns.Length, valueAtRisk.Length, nameof(valueAtRisk));
        var losses = new double[returns.Length];
        for (var t = 0; t < losses.Length; t++)
        {
            var gap = returns[t] + valueAtRisk[t];
            losses[t] = (confidence.Tail - (gap < 0.0 ? 1.0 : 0.0)) * gap;
        }

        return losses;
    }

    /// <summary>
    /// Fissler-Ziegel loss of degree zero of each day: -1{r &lt; q}(q - r)/(alpha e) + q/e + ln(-e) - 1, q = -VaR, e = -ES &lt; 0.
    /// </summary>
    /// <remarks>A day without a positive ES gives NaN. Source: Patton, Ziegel, Chen, Journal of Econometrics 211 (2019).</remarks>
    public static double[] FisslerZiegel(
        ReadOnlySpan<double> returns, ReadOnlySpan<double> valueAtRisk, ReadOnlySpan<double> expectedShortfall, Confidence confidence)
    {
        Shape.Length(returns.Length, valueAtRisk.Length, nameof(valueAtRisk));
        Shape.Length(returns.Length, expectedShortfall.Length, nameof(expectedShortfall));
        var losses = new double[returns.Length];
        for (var t = 0; t < losses.Length; t++)
        {
            var (q, e) = (-valueAtRisk[t], -expectedShortfall[t]);
            var excess = returns[t] < q ? (q - returns[t]) / (confidence.Tail * e) : 0.0;
            losses[t] = e < 0.0 ? (q / e) - excess + Elementary.Log(-e) - 1.0 : double.NaN;
        }

        return losses;
    }

    /// <summary>The mean of daily losses.</summary>
    public static Measure Mean(string name, ReadOnlySpan<double> losses, Confidence confidence)
    {
        var convention = new Convention { Sign = Sign.Natural, Confidence = confidence, Window = losses.Length };
        return Refusal.OfSeries(losses, 1, mayBeConstant: true) is { } refusal
            ? Measure.None(name, "mean_loss", refusal, losses.Length, convention)
            : Measure.Of(name, "mean_loss", Dispersion.Mean(losses), losses.Length, convention);
    }

    /// <summary>Diebold and Mariano's test of equal mean loss: positive when the first forecast loses more, two-sided normal.</summary>
    /// <remarks>
    /// Long-run variance by Bartlett weights over the given number of lags. Source: J. Business and Economic Statistics 13 (1995).
    /// </remarks>
    public static HypothesisTest DieboldMariano(ReadOnlySpan<double> first, ReadOnlySpan<double> second, int lags = 0)
    {
        Shape.Length(first.Length, second.Length, nameof(second));
        ArgumentOutOfRangeException.ThrowIfNegative(lags);
        var n = first.Length;
        var difference = new double[n];
        for (var t = 0; t < n; t++)
        {
            difference[t] = first[t] - second[t];
        }

        if (Refusal.OfSeries(difference, lags + 2) is { } refusal)
        {
            return HypothesisTest.None("diebold_mariano", refusal, "normal", n);
        }

        var mean = Dispersion.Mean(difference);
        var variance = 0.0;
        for (var lag = 0; lag <= lags; lag++)
        {
            var sum = 0.0;
            for (var t = lag; t < n; t++)
            {
                sum += (difference[t] - mean) * (difference[t - lag] - mean);
            }

            variance += (lag == 0 ? 1.0 : 2.0 * (1.0 - (lag / (lags + 1.0)))) * sum / n;
        }

        var statistic = mean / Math.Sqrt(variance / n);
        return HypothesisTest.Of("diebold_mariano", statistic, "normal", 2.0 * NormalDistribution.Cdf(-Math.Abs(statistic)), n);
    }
}
