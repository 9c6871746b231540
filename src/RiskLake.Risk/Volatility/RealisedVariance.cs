using RiskLake.Risk.Numerics;

namespace RiskLake.Risk;

/// <summary>Variation measures of one period from its intraday returns.</summary>
/// <remarks>
/// Shape: returns of one period in time order, m of them. Units: return squared per period (quarticities: to the fourth power).
/// The caller chooses the sampling; at very high frequency microstructure noise dominates the plain sum (5 minutes is customary).
/// Sources: Andersen, Bollerslev (1998); Barndorff-Nielsen, Shephard (2004); Andersen, Dobrev, Schaumburg, J. Econometrics 169 (2012).
/// </remarks>
public static class RealisedVariance
{
    /// <summary>Realised variance: the sum of squared returns.</summary>
    public static Measure Total(ReadOnlySpan<double> returns) => Build("realised_variance", returns, 1, SumOfSquares);

    /// <summary>Bipower variation (pi / 2) sum |r_i||r_{i-1}|, times m / (m - 1) when adjusted: variance without jumps.</summary>
    public static Measure Bipower(ReadOnlySpan<double> returns, bool adjusted = true) =>
        Build(adjusted ? "bipower_variation" : "bipower_variation_unadjusted", returns, 2, r => BipowerOf(r, adjusted));

    /// <summary>medRV: pi / (6 - 4 sqrt 3 + pi) m / (m - 2) sum med(|r_{i-1}|, |r_i|, |r_{i+1}|)^2: robust to jumps and zeros.</summary>
    public static Measure MedianBased(ReadOnlySpan<double> returns) => Build("med_rv", returns, 3, static r =>
    {
        var sum = default(OrderedSum);
        for (var i = 1; i < r.Length - 1; i++)
        {
            var (a, b, c) = (Math.Abs(r[i - 1]), Math.Abs(r[i]), Math.Abs(r[i + 1]));
            var median = Math.Max(Math.Min(a, b), Math.Min(Math.Max(a, b), c));
            sum.Add(median * median);
        }

        return Math.PI / (6.0 - (4.0 * Math.Sqrt(3.0)) + Math.PI) * r.Length / (r.Length - 2.0) * sum.Value;
    });

    /// <summary>minRV: pi / (pi - 2) m / (m - 1) sum min(|r_i|, |r_{i+1}|)^2: robust to jumps.</summary>
    public static Measure MinimumBased(ReadOnlySpan<double> returns) => Build("min_rv", returns, 2, static r =>
    {
        var sum = default(OrderedSum);
        for (var i = 1; i < r.Length; i++)
        {
            var minimum = Math.Min(Math.Abs(r[i - 1]), Math.Abs(r[i]));
            sum.Add(minimum * minimum);
        }

        return Math.PI / (Math.PI - 2.0) * r.Length / (r.Length - 1.0) * sum.Value;
    });

    /// <summary>Realised quarticity (m / 3) sum r^4: the variance of realised variance without jumps.</summary>
    public static Measure Quarticity(ReadOnlySpan<double> returns) => Build("realised_quarticity", returns, 1, static r =>
    {
        var sum = default(OrderedSum);
        foreach (var value in r)
        {
            sum.Add(value * value * value * value);
        }

        return r.Length / 3.0 * sum.Value;
    });

    /// <summary>
    /// Tripower quarticity m mu^-3 sum |r_i r_{i-1} r_{i-2}|^(4/3), mu = E|Z|^(4/3), times m / (m - 2) when adjusted: quarticity robust to
    /// jumps.
    /// </summary>
    public static Measure TripowerQuarticity(ReadOnlySpan<double> returns, bool adjusted = false) =>
        Build(adjusted ? "tripower_quarticity_adjusted" : "tripower_quarticity", returns, 3, r => Tripower(r, adjusted));

    /// <summary>Jump component: realised variance minus adjusted bipower variation, at least zero.</summary>
    public static Measure Jump(ReadOnlySpan<double> returns) =>
        Build("jump_variation", returns, 2, static r => Math.Max(SumOfSquares(r) - BipowerOf(r, adjusted: true), 0.0));

    private delegate double Formula(ReadOnlySpan<double> returns);

    private static double SumOfSquares(ReadOnlySpan<double> returns)
    {
        var sum = default(OrderedSum);
        foreach (var value in returns)
        {
            sum.Add(value * value);
        }

        return sum.Value;
    }

    private static double Tripower(ReadOnlySpan<double> r, bool adjusted)
    {
        // E|Z|^(4/3) = 2^(2/3) Gamma(7/6) / Gamma(1/2)
        var logMoment = (2.0 / 3.0 * Elementary.Log(2.0)) + GammaFunction.LogGamma(7.0 / 6.0) - GammaFunction.LogGamma(0.5);
        var sum = default(OrderedSum);
        for (var i = 2; i < r.Length; i++)
        {
            sum.Add(Elementary.Pow(Math.Abs(r[i] * r[i - 1] * r[i - 2]), 4.0 / 3.0));
        }

        return r.Length * Elementary.Exp(-3.0 * logMoment) * sum.Value * (adjusted ? r.Length / (r.Length - 2.0) : 1.0);
    }

    private static double BipowerOf(ReadOnlySpan<double> returns, bool adjusted)
    {
        var sum = default(OrderedSum);
        for (var i = 1; i < returns.Length; i++)
        {
            sum.Add(Math.Abs(returns[i]) * Math.Abs(returns[i - 1]));
        }

        return Math.PI / 2.0 * sum.Value * (adjusted ? returns.Length / (returns.Length - 1.0) : 1.0);
    }

    private static Measure Build(string name, ReadOnlySpan<double> returns, int needed, Formula formula)
    {
        var convention = new Convention { Sign = Sign.Natural, Mean = MeanRule.Zero, Ddof = 0, Window = returns.Length };
        return Refusal.OfSeries(returns, needed, mayBeConstant: true) is { } refusal
            ? Measure.None(name, "intraday", refusal, returns.Length, convention)
            : Measure.Of(name, "intraday", formula(returns), returns.Length, convention);
    }
}
