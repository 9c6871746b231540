using System.Globalization;
using RiskLake.Risk.Numerics;

namespace RiskLake.Risk;

/// <summary>Period returns of a price series.</summary>
/// <remarks>
/// Shape: prices[n] in time order give returns[n - 1]; return i belongs to price i + 1.
/// Units: fractions (0.01 = 1 %); a loss is negative.
/// These are kernels: they compute what IEEE arithmetic gives and judge nothing. A zero, negative or
/// non-finite price shows as a non-finite or meaningless return; ask <see cref="Defects"/> first.
/// </remarks>
public static class Returns
{
    /// <summary>Simple returns p[i] / p[i-1] - 1: additive over assets, not over time.</summary>
    /// <remarks>Method: one division, then one subtraction, each rounded to nearest.</remarks>
    public static double[] Simple(ReadOnlySpan<double> prices)
    {
        var returns = new double[Math.Max(prices.Length - 1, 0)];
        Simple(prices, returns);
        return returns;
    }

    /// <summary>Simple returns into a caller's span of length prices.Length - 1.</summary>
    /// <exception cref="ArgumentException">The span's length is not prices.Length - 1 (0 for no prices).</exception>
    public static void Simple(ReadOnlySpan<double> prices, Span<double> returns)
    {
        CheckLength(prices, returns);
        for (var i = 0; i < returns.Length; i++)
        {
            returns[i] = (prices[i + 1] / prices[i]) - 1.0;
        }
    }

    /// <summary>Log returns ln(p[i] / p[i-1]): additive over time, not over assets.</summary>
    /// <remarks>
    /// Method: ln of the quotient near one, difference of logarithms where the quotient over- or underflows. A price that is not positive
    /// gives NaN.
    /// </remarks>
    public static double[] Log(ReadOnlySpan<double> prices)
    {
        var returns = new double[Math.Max(prices.Length - 1, 0)];
        for (var i = 0; i < returns.Length; i++)
        {
            returns[i] = Log(prices[i], prices[i + 1]);
        }

        return returns;
    }

    /// <summary>
    /// Absolute changes p[i] - p[i-1], in the unit of the prices: the rule for rates, spreads and series that cross zero.
    /// </summary>
    public static double[] Absolute(ReadOnlySpan<double> prices)
    {
        var returns = new double[Math.Max(prices.Length - 1, 0)];
        for (var i = 0; i < returns.Length; i++)
        {
            returns[i] = prices[i + 1] - prices[i];
        }

        return returns;
    }

    /// <summary>Indices of prices from which no simple or log return can be formed: not finite, zero or negative.</summary>
    public static int[] Defects(ReadOnlySpan<double> prices)
    {
        List<int> defects = [];
        for (var i = 0; i < prices.Length; i++)
        {
            if (!(prices[i] > 0.0) || !double.IsFinite(prices[i]))
            {
                defects.Add(i);
            }
        }

        return [.. defects];
    }

    /// <summary>Returns over several periods from one-period log returns: sums over windows of <paramref name="horizon"/>.</summary>
    /// <remarks>
    /// Overlapping windows start at every observation, the others at 0, horizon, 2 horizon, ...; an incomplete last window is left out.
    /// </remarks>
    /// <exception cref="ArgumentOutOfRangeException">The horizon is below 1.</exception>
    public static double[] SumOver(ReadOnlySpan<double> logReturns, int horizon, bool overlapping)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(horizon, 1);
        var step = overlapping ? 1 : horizon;
        var count = logReturns.Length < horizon ? 0 : ((logReturns.Length - horizon) / step) + 1;
        var sums = new double[count];
        for (var i = 0; i < count; i++)
        {
            sums[i] = OrderedSum.Of(logReturns.Slice(i * step, horizon));
        }

        return sums;
    }

    private static double Log(double before, double after)
    {
        if (!(before > 0.0 && after > 0.0))
        {
            return double.NaN;
        }

        var quotient = after / before;
        return quotient is > 1e-300 and < 1e300 ? Elementary.Log(quotient) : Elementary.Log(after) - Elementary.Log(before);
    }

    private static void CheckLength(ReadOnlySpan<double> prices, Span<double> returns)
    {
        if (returns.Length != Math.Max(prices.Length - 1, 0))
        {
            var message = string.Create(CultureInfo.InvariantCulture, $"{prices.Length} prices; the span holds {returns.Length} returns.");
            throw new ArgumentException(message, nameof(returns));
        }
    }
}
