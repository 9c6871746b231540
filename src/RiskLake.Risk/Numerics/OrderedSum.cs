namespace RiskLake.Risk.Numerics;

/// <summary>A compensated sum in index order: the same bits for any number of threads and any vector width.</summary>
/// <remarks>
/// Method: Neumaier's variant of Kahan's sum, exact to one rounding unless terms cancel beyond 1e16 times the result.
/// Source: Neumaier, ZAMM 54 (1974). The default value is an empty sum, 0.
/// </remarks>
public record struct OrderedSum
{
    private double _sum;
    private double _compensation;

    /// <summary>The sum so far.</summary>
    public readonly double Value
    {
        get
        {
            var total = _sum + _compensation;
            return double.IsNaN(total) ? _sum : total;
        }
    }

    /// <summary>Adds one term.</summary>
    public void Add(double term)
    {
        var sum = _sum + term;
        _compensation += Math.Abs(_sum) >= Math.Abs(term) ? (_sum - sum) + term : (term - sum) + _sum;
        _sum = sum;
    }

    /// <summary>The sum of a span, in index order.</summary>
    public static double Of(ReadOnlySpan<double> terms)
    {
        var sum = default(OrderedSum);
        foreach (var term in terms)
        {
            sum.Add(term);
        }

        return sum.Value;
    }
}
