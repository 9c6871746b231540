namespace RiskLake.Risk;

/// <summary>Sample quantiles of sorted data, by the definitions of Hyndman and Fan (1996).</summary>
/// <remarks>
/// Shape: sortedAscending[n], ascending, finite. Order is the caller's duty and is not checked.
/// Units: those of the data. Source: Hyndman, Fan, "Sample Quantiles in Statistical Packages", The American Statistician 50 (1996).
/// </remarks>
public static class Quantile
{
    /// <summary>Type 7 quantile for a probability given as a double, bit for bit as numpy and pandas compute it ("linear").</summary>
    /// <remarks>
    /// Method: h = (n - 1) p; k = floor(h); t = h - k; a = x[k]; b = x[k + 1];
    /// the result is a + (b - a) t for t below 0.5 and b - (b - a)(1 - t) from 0.5 on.
    /// A probability such as 1 - 0.95 keeps its binary rounding here (0.050000000000000044), because pandas keeps it;
    /// measures take a <see cref="Confidence"/> instead, which has none. No observations give NaN.
    /// </remarks>
    /// <exception cref="ArgumentOutOfRangeException">The probability is outside [0, 1] or NaN.</exception>
    public static double Type7(ReadOnlySpan<double> sortedAscending, double probability)
    {
        if (!(probability >= 0.0 && probability <= 1.0))
        {
            throw new ArgumentOutOfRangeException(nameof(probability), probability, "A probability lies in [0, 1].");
        }

        var n = sortedAscending.Length;
        if (n == 0)
        {
            return double.NaN;
        }

        var position = (n - 1) * probability;
        var lower = (int)Math.Floor(position);
        return lower >= n - 1
            ? sortedAscending[n - 1]
            : Interpolate(sortedAscending[lower], sortedAscending[lower + 1], position - lower);
    }

    /// <summary>The quantile of any type at an exact probability numerator / denominator.</summary>
    /// <remarks>
    /// Method: the position is an exact fraction, so that no rounding moves it over an order statistic. With p the probability, j the whole
    /// part and g the rest of: n p (types 1, 2, 4), n p - 1/2 (3), n p + 1/2 (5), (n + 1) p (6), (n - 1) p + 1 (7), (n + 1/3) p + 1/3 (8),
    /// (n + 1/4) p + 3/8 (9); types 4 to 9 interpolate x(j) + g (x(j + 1) - x(j)), ranks from 1, clamped to the extremes.
    /// No observations give NaN.
    /// </remarks>
    /// <exception cref="ArgumentOutOfRangeException">The fraction is outside [0, 1] or its denominator above 1e12.</exception>
    public static double Of(ReadOnlySpan<double> sortedAscending, QuantileType type, long numerator, long denominator)
    {
        if (denominator is < 1 or > 1_000_000_000_000 || numerator < 0 || numerator > denominator)
        {
            throw new ArgumentOutOfRangeException(nameof(numerator), numerator, "A probability lies in [0, 1].");
        }

        if (sortedAscending.Length == 0)
        {
            return double.NaN;
        }

        var (lower, weight) = Position(sortedAscending.Length, type, numerator, denominator);
        var a = sortedAscending[Math.Clamp(lower, 0, sortedAscending.Length - 1)];
        return weight == 0.0 ? a : Interpolate(a, sortedAscending[Math.Clamp(lower + 1, 0, sortedAscending.Length - 1)], weight);
    }

    /// <summary>The lower tail quantile at probability 1 - confidence.</summary>
    public static double LowerTail(ReadOnlySpan<double> sortedAscending, QuantileType type, Confidence confidence) =>
        Of(sortedAscending, type, confidence.TailNumerator, confidence.Denominator);

    /// <summary>Index from 0 of the lower order statistic (possibly -1 or n - 1, to be clamped) and the weight of the next.</summary>
    internal static (int Lower, double Weight) Position(int n, QuantileType type, long numerator, long denominator)
    {
        // Positions in units of 1 / (24 denominator): 24 covers halves, thirds, quarters and eighths.
        Int128 unit = 24 * (Int128)denominator;
        Int128 p = 24 * (Int128)numerator;
        var position = type switch
        {
            QuantileType.InverseCdf or QuantileType.AveragedInverseCdf or QuantileType.LinearCdf => n * p,
            QuantileType.NearestEven => (n * p) - (unit / 2),
            QuantileType.Hazen => (n * p) + (unit / 2),
            QuantileType.Weibull => (n + 1) * p,
            QuantileType.Linear => ((n - 1) * p) + unit,
            QuantileType.MedianUnbiased => (n * p) + (p / 3) + (unit / 3),
            QuantileType.NormalUnbiased => (n * p) + (p / 4) + (unit * 3 / 8),
            _ => throw new ArgumentOutOfRangeException(nameof(type), type, "Quantile types are 1 to 9."),
        };
        var rank = (int)(position / unit);
        var rest = position % unit;
        if (rest < 0)
        {
            rank--;
            rest += unit;
        }

        var weight = type switch
        {
            QuantileType.InverseCdf => rest > 0 ? 1.0 : 0.0,
            QuantileType.AveragedInverseCdf => rest > 0 ? 1.0 : 0.5,
            QuantileType.NearestEven => rest == 0 && rank % 2 == 0 ? 0.0 : 1.0,
            _ => (double)rest / (double)unit,
        };
        return (rank - 1, weight);
    }

    /// <summary>Linear interpolation that returns the end points exactly and is monotone in t.</summary>
    internal static double Interpolate(double a, double b, double t)
    {
        if (a == b)
        {
            return a;
        }

        var difference = b - a;
        return t >= 0.5 ? b - (difference * (1.0 - t)) : a + (difference * t);
    }
}
