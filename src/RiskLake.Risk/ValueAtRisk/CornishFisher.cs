using RiskLake.Risk.Numerics;

namespace RiskLake.Risk;

/// <summary>Cornish-Fisher ("modified") VaR: the normal quantile corrected for skewness S and excess kurtosis K.</summary>
/// <remarks>
/// g(z) = z + (z^2 - 1) S/6 + (z^3 - 3z) K/24 - (2z^3 - 5z) S^2/36; VaR = -(m + s g(z)), population moments (divisor n).
/// The expansion is a quantile only where g is monotone: S^2/9 - 4 (K/8 - S^2/6)(1 - K/8 + 5 S^2/36) at most 0 with K/8 above S^2/6,
/// or S = K = 0. Outside that domain there is no value. ES is the mean of the expansion over the tail, in closed form; it is never below
/// VaR,
/// unlike the Edgeworth form of Boudt et al. (2008), which collapses far in the tail. Units: those of the returns; losses positive.
/// Sources: Zangari, RiskMetrics Monitor (1996); Maillard, "A user's guide to the Cornish Fisher expansion" (2012).
/// </remarks>
public static class CornishFisher
{
    private const string Method = "cornish_fisher";

    /// <summary>VaR and ES from the population moments of the returns.</summary>
    public static TailRisk Estimate(ReadOnlySpan<double> returns, Confidence confidence)
    {
        var convention = new Convention
        {
            Sign = Sign.LossPositive,
            Confidence = confidence,
            Ddof = 0,
            Mean = MeanRule.Sample,
            Window = returns.Length,
        };
        if (Refusal.OfSeries(returns, 4) is { } refusal)
        {
            return TailRisk.None(Method, refusal, returns.Length, convention);
        }

        var moments = SampleMoments.Of(returns);
        if (moments is not { Mean: { } mean, PopulationStandardDeviation: { } deviation, Skewness: { } skewness,
            ExcessKurtosis: { } kurtosis })
        {
            return TailRisk.None(Method, new Refusal(Status.Degenerate, "The moments are not finite."), returns.Length, convention);
        }

        convention = convention with { Parameters = [new("skewness", skewness), new("excess_kurtosis", kurtosis)] };
        if (!IsMonotone(skewness, kurtosis))
        {
            var outside = new Refusal(
                Status.OutsideDomain, "Skewness and kurtosis lie outside the domain in which the expansion is monotone.");
            return TailRisk.None(Method, outside, returns.Length, convention);
        }

        var alpha = confidence.Tail;
        var z = NormalDistribution.Quantile(alpha);
        var tail = TailMean(z, alpha, skewness, kurtosis);
        return TailRisk.Of(
            Method, -(mean + (deviation * Quantile(z, skewness, kurtosis))), -(mean + (deviation * tail)), returns.Length, convention);
    }

    /// <summary>The corrected quantile g(z).</summary>
    public static double Quantile(double z, double skewness, double excessKurtosis)
    {
        var square = z * z;
        return z + ((square - 1.0) * skewness / 6.0) + (z * (square - 3.0) * excessKurtosis / 24.0)
            - (z * ((2.0 * square) - 5.0) * skewness * skewness / 36.0);
    }

    /// <summary>Whether g is increasing for every z.</summary>
    public static bool IsMonotone(double skewness, double excessKurtosis)
    {
        var square = skewness * skewness;
        var curvature = (excessKurtosis / 8.0) - (square / 6.0);
        var constant = 1.0 - (excessKurtosis / 8.0) + (5.0 * square / 36.0);
        return curvature == 0.0
            ? skewness == 0.0 && constant > 0.0
            : curvature > 0.0 && (square / 9.0) - (4.0 * curvature * constant) <= 0.0;
    }

    // E[g(Z) | Z below z] from the truncated moments of the normal distribution.
    private static double TailMean(double z, double alpha, double skewness, double kurtosis)
    {
        var ratio = NormalDistribution.Density(z) / alpha;
        var m1 = -ratio;
        var m2 = 1.0 - (z * ratio);
        var m3 = -((z * z) + 2.0) * ratio;
        return m1 + ((m2 - 1.0) * skewness / 6.0) + ((m3 - (3.0 * m1)) * kurtosis / 24.0)
            - (((2.0 * m3) - (5.0 * m1)) * skewness * skewness / 36.0);
    }
}
