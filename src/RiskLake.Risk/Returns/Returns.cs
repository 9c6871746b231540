using System.Globalization;

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

    /// <summary>Absolute changes p[i] - p[i-1], in the unit of the prices: the rule for rates, spreads and series that cross zero.</summary>
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

    private static void CheckLength(ReadOnlySpan<double> prices, Span<double> returns)
    {
        if (returns.Length != Math.Max(prices.Length - 1, 0))
        {
            var message = string.Create(CultureInfo.InvariantCulture, $"{prices.Length} prices; the span holds {returns.Length} returns.");
            throw new ArgumentException(message, nameof(returns));
        }
    }
}
