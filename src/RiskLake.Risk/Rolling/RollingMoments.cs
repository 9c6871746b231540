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
public static class RollingMoments
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

        var reciprocal = new double[window + 1];
        var merge = new double[window + 1];
        for (var k = 1; k <= window; k++)
        {
            reciprocal[k] = 1.0 / k;
            merge[k] = k * (double)(window - k) / window;
        }

        var tails = new (double Mean, double Squares)[window];
        var scale = 1.0 / (window - ddof);
        for (var edge = 0; edge < series.Length; edge += window)
        {
            var head = series[edge..Math.Min(edge + window, series.Length)];
            var reach = edge == 0 ? 0 : window - 1;
            Backwards(series.Slice(edge - reach, reach), head[0], reciprocal, tails);
            Merge(head, reach, window, reciprocal, merge, tails, scale, result.Slice(edge, head.Length), means);
        }
    }

    // tails[k]: mean and squares, about the edge value, of the k observations before the edge.
    private static void Backwards(ReadOnlySpan<double> before, double origin, double[] reciprocal, (double Mean, double Squares)[] tails)
    {
        var mean = 0.0;
        var squares = 0.0;
        for (var k = 1; k <= before.Length; k++)
        {
            var value = before[^k] - origin;
            var step = value - mean;
            mean += step * reciprocal[k];
            squares += step * (value - mean);
            tails[k] = (mean, squares);
        }
    }

    private static void Merge(
        ReadOnlySpan<double> head,
        int reach,
        int window,
        double[] reciprocal,
        double[] merge,
        (double Mean, double Squares)[] tails,
        double scale,
        Span<double> result,
        bool means)
    {
        var origin = head[0];
        var mean = 0.0;
        var squares = 0.0;
        for (var i = 0; i < head.Length; i++)
        {
            var count = i + 1;
            var value = head[i] - origin;
            var step = value - mean;
            mean += step * reciprocal[count];
            squares += step * (value - mean);
            var rest = window - count;
            if (rest == 0)
            {
                result[i] = Finite(means ? origin + mean : Math.Sqrt(squares * scale));
            }
            else if (rest <= reach)
            {
                var tail = tails[rest];
                var gap = tail.Mean - mean;
                var all = tail.Squares + squares + (gap * gap * merge[count]);
                result[i] = Finite(means ? origin + mean + (gap * rest * reciprocal[window]) : Math.Sqrt(all * scale));
            }
        }
    }

    private static double Finite(double value) => double.IsFinite(value) ? value : double.NaN;
}
