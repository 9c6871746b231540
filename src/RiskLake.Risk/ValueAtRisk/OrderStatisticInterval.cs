using RiskLake.Risk.Numerics;

namespace RiskLake.Risk;

/// <summary>A confidence interval of a measure.</summary>
/// <param name="Status">Ready, or why there are no bounds.</param>
/// <param name="Low">Lower bound, in the measure's sign; null unless ready.</param>
/// <param name="High">Upper bound; null unless ready.</param>
/// <param name="Coverage">The probability with which the interval covers, exact where the method knows it, else nominal.</param>
/// <param name="Method">Snake case.</param>
/// <param name="Observations">Observations used.</param>
public sealed record ConfidenceInterval(Status Status, double? Low, double? High, double? Coverage, string Method, int Observations);

/// <summary>Distribution-free confidence interval of historical VaR.</summary>
public static class OrderStatisticInterval
{
    /// <summary>The interval between two order statistics whose ranks are binomial quantiles.</summary>
    /// <remarks>
    /// With alpha = 1 - confidence and B binomial(n, alpha): ranks lo = q(tail / 2), hi = q(1 - tail / 2) + 1, worst first; the interval of
    /// the
    /// VaR is [-x(hi), -x(lo)] and its exact coverage P(lo &lt;= B &lt;= hi - 1) for independent returns. Units: those of the returns, loss
    /// positive.
    /// Source: David, Nagaraja, "Order Statistics", 7.1. No bound when lo is 0 or hi exceeds n: the sample is too short for this
    /// confidence.
    /// </remarks>
    public static ConfidenceInterval Of(ReadOnlySpan<double> returns, Confidence confidence, Confidence coverage)
    {
        const string Method = "order_statistics";
        var n = returns.Length;
        if (Refusal.OfSeries(returns, 2) is { } refusal)
        {
            return new ConfidenceInterval(refusal.Status, null, null, null, Method, n);
        }

        var alpha = confidence.Tail;
        var half = 0.5 * coverage.Tail;
        var low = BinomialDistribution.Quantile(half, n, alpha);
        var high = BinomialDistribution.Quantile(1.0 - half, n, alpha) + 1;
        if (low < 1 || high > n)
        {
            return new ConfidenceInterval(Status.InsufficientHistory, null, null, null, Method, n);
        }

        var sorted = returns.ToArray();
        Array.Sort(sorted);
        var exact = BinomialDistribution.Cdf(high - 1, n, alpha) - BinomialDistribution.Cdf(low - 1, n, alpha);
        return new ConfidenceInterval(Status.Ready, 0.0 - sorted[high - 1], 0.0 - sorted[low - 1], exact, Method, n);
    }
}
