namespace RiskLake.Risk;

/// <summary>Mean and standard deviation over a moving window, exact after outliers and at large levels.</summary>
/// <remarks>
/// Shape: result[i] is about series[i - window + 1 .. i]; the first window - 1 results are NaN, as is every result whose window
/// holds a value that is not finite. Units: those of the series.
/// Method: each window is the tail of one block and the head of the next. Counts, means and sums of squared deviations are built
/// backwards and forwards from each block's edge, about the edge value, and merged; nothing is ever subtracted from a running sum,
/// so a value that has left the window leaves nothing behind, and a constant window gives exactly zero.
/// Source: merging by Chan, Golub and LeVeque, The American Statistician 37 (1983); blocks after van Herk (1992).
/// </remarks>
public static partial class RollingMoments
{
    /// <summary>Rolling standard deviation with divisor window - ddof.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The window is not above ddof.</exception>
    public static double[] StandardDeviation(ReadOnlySpan<double> series, int window, int ddof = 1)
    {
        var result = new double[series.Length];
        Run(series, window, ddof, result, means: false);
        return result;
    }

    /// <summary>Rolling standard deviation into a caller's span of the series' length.</summary>
    public static void StandardDeviation(ReadOnlySpan<double> series, int window, int ddof, Span<double> result) =>
        Run(series, window, ddof, result, means: false);

    /// <summary>Rolling arithmetic mean.</summary>
    public static double[] Mean(ReadOnlySpan<double> series, int window)
    {
        var result = new double[series.Length];
        Run(series, window, 0, result, means: true);
        return result;
    }

    private static void Run(ReadOnlySpan<double> series, int window, int ddof, Span<double> result, bool means)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(ddof);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(window, ddof);
        Shape.Length(series.Length, result.Length, nameof(result));
        result[..Math.Min(window - 1, series.Length)].Fill(double.NaN);
        if (series.Length < window)
        {
            return;
        }

        var kernel = new Kernel(window, ddof, means);
        var edge = series.Length / window > Kernel.Lanes ? kernel.WalkInLanes(series, result) : 0;
        for (; edge < series.Length; edge += window)
        {
            var end = Math.Min(edge + window, series.Length);
            kernel.Walk(series[edge..end], end < series.Length ? series[end] : 0.0, result[edge..end]);
        }
    }
}
