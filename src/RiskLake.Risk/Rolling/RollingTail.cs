using System.Buffers;

namespace RiskLake.Risk;

/// <summary>Historical value at risk and expected shortfall, and any quantile, over a moving window.</summary>
/// <remarks>
/// Shape: result[i] is about returns[i - window + 1 .. i], so a forecast for day t is result[t - 1]. The first window - 1 results are
/// NaN, as is every result whose window holds a value that is not finite.
/// Method: the window is kept sorted; one value leaves and one enters per step, so that every result equals the one computed from
/// scratch, bit for bit.
/// </remarks>
public static class RollingTail
{
    /// <summary>
    /// Rolling VaR (positive = loss, quantile of the stated type) and ES (Acerbi-Tasche), into spans of the returns' length.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The window does not hold one observation of the tail: window * (1 - confidence) is
    /// below one.</exception>
    public static void ValueAtRiskAndShortfall(
        ReadOnlySpan<double> returns,
        int window,
        Confidence confidence,
        Span<double> valueAtRisk,
        Span<double> expectedShortfall,
        QuantileType type = QuantileType.Linear)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(window, 2);
        ArgumentOutOfRangeException.ThrowIfLessThan(window * confidence.TailNumerator, confidence.Denominator, nameof(window));
        Shape.Length(returns.Length, valueAtRisk.Length, nameof(valueAtRisk));
        Shape.Length(returns.Length, expectedShortfall.Length, nameof(expectedShortfall));
        var tail = new TailKernel(window, confidence, type);
        var buffer = ArrayPool<double>.Shared.Rent(window);
        try
        {
            var sorted = buffer.AsSpan(0, window);
            var bad = 0;
            var fresh = true;
            for (var i = 0; i < returns.Length; i++)
            {
                bad += (double.IsFinite(returns[i]) ? 0 : 1) - (i >= window && !double.IsFinite(returns[i - window]) ? 1 : 0);
                if (i < window - 1 || bad > 0)
                {
                    valueAtRisk[i] = double.NaN;
                    expectedShortfall[i] = double.NaN;
                    fresh = true;
                    continue;
                }

                if (fresh)
                {
                    returns.Slice(i - window + 1, window).CopyTo(sorted);
                    sorted.Sort();
                    fresh = false;
                }
                else
                {
                    Replace(sorted, returns[i - window], returns[i]);
                }

                tail.Evaluate(sorted, out valueAtRisk[i], out expectedShortfall[i]);
            }
        }
        finally
        {
            ArrayPool<double>.Shared.Return(buffer);
        }
    }

    /// <summary>Rolling type 7 quantile at an exact probability numerator / denominator, with the data's sign.</summary>
    public static double[] Quantiles(ReadOnlySpan<double> series, int window, long numerator, long denominator)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(window, 1);
        var result = new double[series.Length];
        var sorted = new double[window];
        var bad = 0;
        var fresh = true;
        for (var i = 0; i < series.Length; i++)
        {
            bad += (double.IsFinite(series[i]) ? 0 : 1) - (i >= window && !double.IsFinite(series[i - window]) ? 1 : 0);
            result[i] = double.NaN;
            if (i < window - 1 || bad > 0)
            {
                fresh = true;
                continue;
            }

            if (fresh)
            {
                series.Slice(i - window + 1, window).CopyTo(sorted);
                Array.Sort(sorted);
                fresh = false;
            }
            else
            {
                Replace(sorted, series[i - window], series[i]);
            }

            result[i] = Quantile.Of(sorted, QuantileType.Linear, numerator, denominator);
        }

        return result;
    }

    // One value leaves and one enters a sorted window: everything between their places moves by one.
    private static void Replace(Span<double> sorted, double leaving, double entering)
    {
        var from = LowerBound(sorted, leaving);
        var to = LowerBound(sorted, entering);
        if (to > from)
        {
            sorted[(from + 1)..to].CopyTo(sorted[from..]);
            sorted[to - 1] = entering;
        }
        else
        {
            sorted[to..from].CopyTo(sorted[(to + 1)..]);
            sorted[to] = entering;
        }
    }

    // First index whose value is not below the given one; halving without branches.
    private static int LowerBound(ReadOnlySpan<double> sorted, double value)
    {
        var start = 0;
        var length = sorted.Length;
        while (length > 0)
        {
            var half = length >> 1;
            var middle = start + half;
            var below = sorted[middle] < value;
            start = below ? middle + 1 : start;
            length = below ? length - half - 1 : half;
        }

        return start;
    }
}
