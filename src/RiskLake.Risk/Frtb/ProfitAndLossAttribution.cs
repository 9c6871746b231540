using RiskLake.Risk.Numerics;

namespace RiskLake.Risk;

/// <summary>FRTB's profit and loss attribution test: how well the risk model's P and L follows the front office's.</summary>
/// <remarks>
/// Spearman correlation with average ranks, and the two-sample Kolmogorov-Smirnov distance, of hypothetical (HPL) and risk-theoretical
/// (RTPL)
/// P and L. Red if rho &lt; 0.70 or KS &gt; 0.12; green if rho &gt; 0.80 and KS &lt; 0.09; amber between. Source: BCBS MAR32.
/// </remarks>
public sealed record ProfitAndLossAttribution
{
    /// <summary>Ready, or why there is no verdict.</summary>
    public required Status Status { get; init; }

    /// <summary>Days compared.</summary>
    public required int Observations { get; init; }

    /// <summary>Spearman correlation.</summary>
    public double? Spearman { get; init; }

    /// <summary>Kolmogorov-Smirnov distance.</summary>
    public double? KolmogorovSmirnov { get; init; }

    /// <summary>The colour; yellow is the rule's amber.</summary>
    public Zone? Zone { get; init; }

    /// <summary>Mean of RTPL - HPL over the standard deviation of HPL: the test of the 2016 rule, for information.</summary>
    public double? MeanUnexplained { get; init; }

    /// <summary>Variance of RTPL - HPL over the variance of HPL.</summary>
    public double? VarianceUnexplained { get; init; }

    /// <summary>Compares two series of the same days; the rule asks for 250.</summary>
    public static ProfitAndLossAttribution Of(ReadOnlySpan<double> hypothetical, ReadOnlySpan<double> riskTheoretical)
    {
        Shape.Length(hypothetical.Length, riskTheoretical.Length, nameof(riskTheoretical));
        var n = hypothetical.Length;
        if ((Refusal.OfSeries(hypothetical, 2) ?? Refusal.OfSeries(riskTheoretical, 2)) is { } refusal)
        {
            return new ProfitAndLossAttribution { Status = refusal.Status, Observations = n };
        }

        var spearman = Benchmark.Correlation(Ranks.Average(hypothetical), Ranks.Average(riskTheoretical)).Value;
        var distance = Distance(hypothetical, riskTheoretical);
        var gap = new double[n];
        for (var t = 0; t < n; t++)
        {
            gap[t] = riskTheoretical[t] - hypothetical[t];
        }

        var variance = Dispersion.Variance(hypothetical, 1);
        return new ProfitAndLossAttribution
        {
            Status = Status.Ready,
            Observations = n,
            Spearman = spearman,
            KolmogorovSmirnov = distance,
            Zone = spearman < 0.70 || distance > 0.12 ? Risk.Zone.Red
                : spearman > 0.80 && distance < 0.09 ? Risk.Zone.Green
                : Risk.Zone.Yellow,
            MeanUnexplained = Dispersion.Mean(gap) / Math.Sqrt(variance),
            VarianceUnexplained = Dispersion.Variance(gap, 1) / variance,
        };
    }

    /// <summary>
    /// The capital surcharge share k = sum(SA amber) / (2 sum(SA green and amber)) of the desks in the models approach; null without desks.
    /// </summary>
    public static double? SurchargeShare(ReadOnlySpan<double> greenCapital, ReadOnlySpan<double> amberCapital)
    {
        var amber = OrderedSum.Of(amberCapital);
        var all = amber + OrderedSum.Of(greenCapital);
        return all > 0.0 ? 0.5 * amber / all : null;
    }

    // Greatest gap between the two empirical distribution functions, counted in whole steps so that no rounding enters.
    private static double Distance(ReadOnlySpan<double> a, ReadOnlySpan<double> b)
    {
        var (x, y) = (a.ToArray(), b.ToArray());
        Array.Sort(x);
        Array.Sort(y);
        var (i, j, gap) = (0, 0, 0);
        while (i < x.Length && j < y.Length)
        {
            var at = Math.Min(x[i], y[j]);
            while (i < x.Length && x[i] <= at)
            {
                i++;
            }

            while (j < y.Length && y[j] <= at)
            {
                j++;
            }

            gap = Math.Max(gap, Math.Abs(i - j));
        }

        return gap / (double)x.Length;
    }
}
