using RiskLake.Risk.Numerics;

namespace RiskLake.Risk;

/// <summary>How an exponentially weighted variance starts.</summary>
public enum EwmaStart
{
    /// <summary>No seed: weights lambda^i divided by their sum (pandas adjust=True). Causal.</summary>
    NormalizedWeights,

    /// <summary>The first squared return is the first forecast. Causal, but the seed rules the early values.</summary>
    FirstSquare,

    /// <summary>The mean square of the whole sample: every early value knows the future. For comparison with other systems only.</summary>
    FullSampleMeanSquare,

    /// <summary>
    /// The weighted mean of the first 75 squares, weights 0.94^i (the backcast of Python's arch). Not causal for the first 75 values.
    /// </summary>
    Backcast75,
}

/// <summary>The state of a normalised exponentially weighted variance; it resumes exactly where it stopped.</summary>
/// <param name="WeightedSquares">Sum of lambda^i r^2.</param>
/// <param name="Weights">Sum of lambda^i.</param>
public readonly record struct EwmaState(double WeightedSquares, double Weights)
{
    /// <summary>The forecast variance for the next period; NaN before the first return.</summary>
    public double Variance => WeightedSquares / Weights;

    /// <summary>The state after one more return.</summary>
    public EwmaState Next(double value, double lambda) => new((lambda * WeightedSquares) + (value * value), (lambda * Weights) + 1.0);
}

/// <summary>Exponentially weighted volatility about a mean of zero (RiskMetrics).</summary>
/// <remarks>
/// The forecast for period t uses returns before t only. Units: those of the returns per square root of a period.
/// lambda: 0.94 for daily, 0.97 for monthly data by custom. Source: J.P. Morgan, RiskMetrics Technical Document (1996).
/// </remarks>
public static class Ewma
{
    private const double BackcastDecay = 0.94;
    private const int RiskMetricsScales = 14;
    private const double LongestMemory = 1560.0;

    /// <summary>
    /// Forecast variances: result[t] is for period t given returns 0 .. t - 1, and result[n] the forecast for the next period.
    /// </summary>
    /// <remarks>result[0] is NaN for the causal starts, which know nothing before the first return.</remarks>
    /// <exception cref="ArgumentOutOfRangeException">lambda is not strictly between 0 and 1.</exception>
    public static double[] ForecastVariances(ReadOnlySpan<double> returns, double lambda, EwmaStart start = EwmaStart.NormalizedWeights)
    {
        CheckLambda(lambda);
        var result = new double[returns.Length + 1];
        result[0] = double.NaN;
        if (returns.Length == 0)
        {
            return result;
        }

        if (start == EwmaStart.NormalizedWeights)
        {
            var state = default(EwmaState);
            for (var t = 0; t < returns.Length; t++)
            {
                state = state.Next(returns[t], lambda);
                result[t + 1] = state.Variance;
            }

            return result;
        }

        var variance = start switch
        {
            EwmaStart.FirstSquare => returns[0] * returns[0],
            EwmaStart.FullSampleMeanSquare => Dispersion.MeanSquare(returns),
            EwmaStart.Backcast75 => Backcast(returns),
            _ => throw new ArgumentOutOfRangeException(nameof(start), start, "No such start."),
        };
        result[0] = start == EwmaStart.FirstSquare ? double.NaN : variance;
        for (var t = 0; t < returns.Length; t++)
        {
            variance = (lambda * variance) + ((1.0 - lambda) * returns[t] * returns[t]);
            result[t + 1] = variance;
        }

        return result;
    }

    /// <summary>The volatility forecast for the period after the last return.</summary>
    public static Measure Volatility(
        ReadOnlySpan<double> returns, double lambda, EwmaStart start = EwmaStart.NormalizedWeights, int? periodsPerYear = null)
    {
        CheckLambda(lambda);
        var convention = new Convention
        {
            Sign = Sign.Natural,
            Mean = MeanRule.Zero,
            Ddof = 0,
            Window = returns.Length,
            PeriodsPerYear = periodsPerYear,
            Parameters = [new("lambda", lambda), new("start", (int)start)],
        };
        if (Refusal.OfSeries(returns, 2, mayBeConstant: true) is { } refusal)
        {
            return Measure.None("volatility", "ewma", refusal, returns.Length, convention);
        }

        var variance = ForecastVariances(returns, lambda, start)[^1];
        return Measure.Of("volatility", "ewma", Math.Sqrt(variance * (periodsPerYear ?? 1)), returns.Length, convention);
    }

    /// <summary>
    /// The RiskMetrics 2006 volatility forecast: 14 exponential averages of geometric time scales, weighted by ln-decaying memory.
    /// </summary>
    /// <remarks>
    /// tau_k = 4 sqrt(2)^(k - 1) days, k = 1 .. 14; mu_k = exp(-1 / tau_k); w_k proportional to 1 - ln tau_k / ln 1560. Each average uses
    /// normalised weights, so that none needs a seed. Source: Zumbach, "The RiskMetrics 2006 methodology" (2007).
    /// </remarks>
    public static Measure RiskMetrics2006(ReadOnlySpan<double> returns, int? periodsPerYear = null)
    {
        var convention = new Convention
        {
            Sign = Sign.Natural,
            Mean = MeanRule.Zero,
            Ddof = 0,
            Window = returns.Length,
            PeriodsPerYear = periodsPerYear,
            Parameters = [new("tau0", LongestMemory), new("tau1", 4.0), new("scales", RiskMetricsScales)],
        };
        if (Refusal.OfSeries(returns, 2, mayBeConstant: true) is { } refusal)
        {
            return Measure.None("volatility", "riskmetrics_2006", refusal, returns.Length, convention);
        }

        var variance = RiskMetrics2006Variances(returns)[^1];
        return Measure.Of(
            "volatility", "riskmetrics_2006", Math.Sqrt(variance * (periodsPerYear ?? 1)), returns.Length, convention);
    }

    /// <summary>
    /// RiskMetrics 2006 forecast variances: result[t] is for period t given returns 0 .. t - 1; result[0] is NaN.
    /// </summary>
    /// <remarks>The kernel of <see cref="RiskMetrics2006"/>; a value that is not finite spoils all forecasts after it.</remarks>
    public static double[] RiskMetrics2006Variances(ReadOnlySpan<double> returns)
    {
        var result = new double[returns.Length + 1];
        var weights = 0.0;
        var tau = 4.0;
        for (var k = 0; k < RiskMetricsScales; k++)
        {
            var weight = 1.0 - (Elementary.Log(tau) / Elementary.Log(LongestMemory));
            var decay = Elementary.Exp(-1.0 / tau);
            var state = default(EwmaState);
            for (var t = 0; t < returns.Length; t++)
            {
                state = state.Next(returns[t], decay);
                result[t + 1] += weight * state.Variance;
            }

            weights += weight;
            tau *= Math.Sqrt(2.0);
        }

        for (var t = 1; t < result.Length; t++)
        {
            result[t] /= weights;
        }

        result[0] = double.NaN;
        return result;
    }

    internal static double Backcast(ReadOnlySpan<double> returns)
    {
        var sum = 0.0;
        var weights = 0.0;
        var weight = 1.0;
        for (var i = 0; i < Math.Min(75, returns.Length); i++)
        {
            sum += weight * returns[i] * returns[i];
            weights += weight;
            weight *= BackcastDecay;
        }

        return sum / weights;
    }

    internal static void CheckLambda(double lambda)
    {
        if (!(lambda > 0.0 && lambda < 1.0))
        {
            throw new ArgumentOutOfRangeException(nameof(lambda), lambda, "A decay factor lies strictly between 0 and 1.");
        }
    }
}
