using RiskLake.Risk.Numerics;

namespace RiskLake.Risk;

/// <summary>Moments of a sample: location, dispersion and shape.</summary>
/// <remarks>
/// Units: mean and deviations those of the data; skewness and kurtosis none. Population moments m_k = sum (x - mean)^k / n;
/// Skewness = m3 / m2^1.5 (g1), ExcessKurtosis = m4 / m2^2 - 3 (g2), both null for a constant series; the unbiased forms are G1 and G2.
/// Source: Joanes and Gill, "Comparing measures of sample skewness and kurtosis", The Statistician 47 (1998).
/// </remarks>
public sealed record SampleMoments
{
    /// <summary>Ready, or why the moments are missing.</summary>
    public required Status Status { get; init; }

    /// <summary>Number of observations.</summary>
    public required int Observations { get; init; }

    /// <summary>Arithmetic mean.</summary>
    public double? Mean { get; init; }

    /// <summary>Standard deviation with divisor n - 1; null for one observation.</summary>
    public double? StandardDeviation { get; init; }

    /// <summary>Standard deviation with divisor n.</summary>
    public double? PopulationStandardDeviation { get; init; }

    /// <summary>Population skewness g1; zero for a symmetric sample.</summary>
    public double? Skewness { get; init; }

    /// <summary>Population excess kurtosis g2; zero for a normal distribution.</summary>
    public double? ExcessKurtosis { get; init; }

    /// <summary>Bias-adjusted skewness G1 = g1 sqrt(n (n - 1)) / (n - 2); needs three observations.</summary>
    public double? UnbiasedSkewness { get; init; }

    /// <summary>Bias-adjusted excess kurtosis G2 = (n - 1) / ((n - 2)(n - 3)) ((n + 1) g2 + 6); needs four observations.</summary>
    public double? UnbiasedExcessKurtosis { get; init; }

    /// <summary>Smallest observation.</summary>
    public double? Minimum { get; init; }

    /// <summary>Largest observation.</summary>
    public double? Maximum { get; init; }

    /// <summary>Type 7 median.</summary>
    public double? Median { get; init; }

    /// <summary>The moments of a finite sample. Values that are not finite give <see cref="Status.InvalidInput"/>.</summary>
    public static SampleMoments Of(ReadOnlySpan<double> sample)
    {
        var n = sample.Length;
        if (Refusal.OfSeries(sample, 1, mayBeConstant: true) is { } refusal)
        {
            return new SampleMoments { Status = refusal.Status, Observations = n };
        }

        var mean = Dispersion.Mean(sample);
        var (second, third, fourth) = Dispersion.Central(sample, mean);
        var sorted = sample.ToArray();
        Array.Sort(sorted);
        var constant = sorted[0] == sorted[^1];
        double? skewness = constant ? null : third / (second * Math.Sqrt(second));
        double? kurtosis = constant ? null : (fourth / (second * second)) - 3.0;
        var usable = double.IsFinite(second) && double.IsFinite(mean);
        double count = n;
        return new SampleMoments
        {
            Status = usable ? Status.Ready : Status.OutsideDomain,
            Observations = n,
            Mean = usable ? mean : null,
            StandardDeviation = n < 2 || !usable ? null : constant ? 0.0 : Math.Sqrt(second * count / (count - 1.0)),
            PopulationStandardDeviation = !usable ? null : constant ? 0.0 : Math.Sqrt(second),
            Skewness = Finite(skewness),
            ExcessKurtosis = Finite(kurtosis),
            UnbiasedSkewness = n < 3 ? null : Finite(skewness * Math.Sqrt(count * (count - 1.0)) / (count - 2.0)),
            UnbiasedExcessKurtosis = n < 4
                ? null
                : Finite((count - 1.0) / ((count - 2.0) * (count - 3.0)) * (((count + 1.0) * kurtosis) + 6.0)),
            Minimum = sorted[0],
            Maximum = sorted[^1],
            Median = Quantile.Of(sorted, QuantileType.Linear, 1, 2),
        };
    }

    private static double? Finite(double? value) => value is { } number && double.IsFinite(number) ? number : null;
}

/// <summary>Mean and central moments in a fixed order, for series already known to be finite.</summary>
internal static class Dispersion
{
    /// <summary>The mean, as the first value plus the compensated mean of the differences from it: exact for a constant series.</summary>
    public static double Mean(ReadOnlySpan<double> series)
    {
        var origin = series[0];
        var sum = default(OrderedSum);
        foreach (var value in series)
        {
            sum.Add(value - origin);
        }

        return origin + (sum.Value / series.Length);
    }

    /// <summary>Population central moments 2, 3 and 4 about a mean, the second corrected for the mean's rounding.</summary>
    public static (double Second, double Third, double Fourth) Central(ReadOnlySpan<double> series, double mean)
    {
        var first = 0.0;
        var second = 0.0;
        var third = 0.0;
        var fourth = 0.0;
        foreach (var value in series)
        {
            var d = value - mean;
            var square = d * d;
            first += d;
            second += square;
            third += square * d;
            fourth += square * square;
        }

        var n = (double)series.Length;
        return ((second - (first * first / n)) / n, third / n, fourth / n);
    }

    /// <summary>Variance with divisor n - ddof; zero exactly for a constant series.</summary>
    public static double Variance(ReadOnlySpan<double> series, int ddof)
    {
        var n = (double)series.Length;
        var mean = Mean(series);
        return Math.Max(Central(series, mean).Second, 0.0) * n / (n - ddof);
    }

    /// <summary>Mean square about zero.</summary>
    public static double MeanSquare(ReadOnlySpan<double> series)
    {
        var sum = 0.0;
        foreach (var value in series)
        {
            sum += value * value;
        }

        return sum / series.Length;
    }
}
