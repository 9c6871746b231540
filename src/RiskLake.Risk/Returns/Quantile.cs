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
