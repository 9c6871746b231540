using RiskLake.Risk.Numerics;

namespace RiskLake.Risk;

/// <summary>A series beside its benchmark, observation by observation.</summary>
/// <remarks>
/// Shape: both spans in the same time order and of equal length. Units: returns per period; ratios none unless annualised.
/// </remarks>
public static class Benchmark
{
    /// <summary>Slope of the series on the benchmark: cov / var.</summary>
    public static Measure Beta(ReadOnlySpan<double> returns, ReadOnlySpan<double> benchmark) =>
        Build("beta", "least_squares", returns, benchmark, null, static (r, b, _) => Joint(r, b).Beta);

    /// <summary>Intercept of the series on the benchmark, per period (Jensen's alpha of excess returns).</summary>
    public static Measure Alpha(ReadOnlySpan<double> returns, ReadOnlySpan<double> benchmark) => Build(
        "alpha", "least_squares", returns, benchmark, null, static (r, b, _) => Dispersion.Mean(r) - (
            Joint(r, b).Beta * Dispersion.Mean(b)));

    /// <summary>Pearson correlation.</summary>
    public static Measure Correlation(ReadOnlySpan<double> returns, ReadOnlySpan<double> benchmark) =>
        Build("correlation", "pearson", returns, benchmark, null, static (r, b, _) => Joint(r, b).Correlation);

    /// <summary>Beta over the periods in which the benchmark rose (or fell).</summary>
    public static Measure SidedBeta(ReadOnlySpan<double> returns, ReadOnlySpan<double> benchmark, bool rising) => Build(
        rising ? "up_beta" : "down_beta",
        "least_squares",
        returns,
        benchmark,
        null,
        (r, b, _) =>
        {
            List<double> own = [];
            List<double> other = [];
            for (var i = 0; i < r.Length; i++)
            {
                if (rising ? b[i] > 0.0 : b[i] < 0.0)
                {
                    own.Add(r[i]);
                    other.Add(b[i]);
                }
            }

            return own.Count < 2 ? double.NaN : Joint(own.ToArray(), other.ToArray()).Beta;
        });

    /// <summary>Tracking error: standard deviation of the difference, divisor n - 1, times sqrt(N).</summary>
    public static Measure TrackingError(ReadOnlySpan<double> returns, ReadOnlySpan<double> benchmark, int periodsPerYear) => Build(
        "tracking_error", "sample", returns, benchmark, periodsPerYear, static (r, b, n) => Math.Sqrt(
            Dispersion.Variance(Difference(r, b), 1) * n));

    /// <summary>Information ratio: mean difference over its standard deviation, times sqrt(N).</summary>
    public static Measure InformationRatio(ReadOnlySpan<double> returns, ReadOnlySpan<double> benchmark, int periodsPerYear) => Build(
        "information_ratio",
        "arithmetic",
        returns,
        benchmark,
        periodsPerYear,
        static (r, b, n) =>
        {
            var difference = Difference(r, b);
            return Dispersion.Mean(difference) / Math.Sqrt(Dispersion.Variance(difference, 1)) * Math.Sqrt(n);
        });

    private delegate double Formula(ReadOnlySpan<double> returns, ReadOnlySpan<double> benchmark, double periodsPerYear);

    private static Measure Build(
        string name, string method, ReadOnlySpan<double> returns, ReadOnlySpan<double> benchmark, int? periodsPerYear, Formula formula)
    {
        Shape.Length(returns.Length, benchmark.Length, nameof(benchmark));
        var convention = new Convention
        {
            Sign = Sign.Natural,
            Ddof = 1,
            Mean = MeanRule.Sample,
            Window = returns.Length,
            PeriodsPerYear = periodsPerYear,
        };
        var refusal = Refusal.OfSeries(returns, 2, mayBeConstant: true) ?? Refusal.OfSeries(benchmark, 2);
        return refusal is not null
            ? Measure.None(name, method, refusal, returns.Length, convention)
            : Measure.Of(name, method, formula(returns, benchmark, periodsPerYear ?? 1), returns.Length, convention);
    }

    private static (double Beta, double Correlation) Joint(ReadOnlySpan<double> a, ReadOnlySpan<double> b)
    {
        var (meanA, meanB) = (Dispersion.Mean(a), Dispersion.Mean(b));
        double cross = 0, squareA = 0, squareB = 0;
        for (var i = 0; i < a.Length; i++)
        {
            var (x, y) = (a[i] - meanA, b[i] - meanB);
            cross += x * y;
            squareA += x * x;
            squareB += y * y;
        }

        return (cross / squareB, Math.Clamp(cross / (Math.Sqrt(squareA) * Math.Sqrt(squareB)), -1.0, 1.0));
    }

    private static double[] Difference(ReadOnlySpan<double> a, ReadOnlySpan<double> b)
    {
        var difference = new double[a.Length];
        for (var i = 0; i < a.Length; i++)
        {
            difference[i] = a[i] - b[i];
        }

        return difference;
    }
}
