namespace RiskLake.Risk;

/// <summary>Sample standard deviation over the most recent observations.</summary>
public static class RollingVolatility
{
    /// <summary>Sample standard deviation of the last <paramref name="window"/> returns, not annualised.</summary>
    /// <remarks>
    /// Shape: returns[n] in time order. Units: those of the returns.
    /// Method: two passes, mean and then squared deviations, divisor window - 1 (ddof 1), in index order; the data are first
    /// shifted by the window's first value, so that a constant window gives exactly zero and a large level costs no digits.
    /// Null when fewer than <paramref name="window"/> returns exist or the window holds a value that is not finite.
    /// </remarks>
    /// <exception cref="ArgumentOutOfRangeException">The window is below 2.</exception>
    public static double? Latest(ReadOnlySpan<double> returns, int window)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(window, 2);
        if (returns.Length < window)
        {
            return null;
        }

        var tail = returns[^window..];
        var origin = tail[0];
        var sum = 0.0;
        foreach (var value in tail)
        {
            sum += value - origin;
        }

        var mean = sum / window;
        var squares = 0.0;
        foreach (var value in tail)
        {
            var deviation = value - origin - mean;
            squares += deviation * deviation;
        }

        var result = Math.Sqrt(squares / (window - 1));
        return double.IsFinite(result) ? result : null;
    }
}
