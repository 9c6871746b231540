namespace RiskLake.Risk;

/// <summary>VaR and ES of a sorted sample of fixed size at one confidence: positions and weights are worked out once.</summary>
internal readonly struct TailKernel
{
    private readonly int _lower;
    private readonly int _upper;
    private readonly double _weight;
    private readonly double _divisor;

    public TailKernel(int count, Confidence confidence, QuantileType type)
    {
        var (lower, weight) = Quantile.Position(count, type, confidence.TailNumerator, confidence.Denominator);
        _lower = Math.Clamp(lower, 0, count - 1);
        _upper = Math.Clamp(lower + 1, 0, count - 1);
        _weight = weight;
        (Whole, Fraction) = confidence.TailOf(count);
        _divisor = Whole + Fraction;
    }

    /// <summary>Observations that lie wholly in the tail.</summary>
    public int Whole { get; }

    /// <summary>The share of the next observation that lies in the tail, in [0, 1).</summary>
    public double Fraction { get; }

    /// <summary>Number of smallest observations that must be in order.</summary>
    public int Needed => Math.Max(_upper, Fraction > 0.0 ? Whole : Whole - 1) + 1;

    /// <summary>Weight of the order statistic with the given index in the quantile.</summary>
    public double QuantileWeight(int index) => (index == _lower ? 1.0 - _weight : 0.0) + (index == _upper ? _weight : 0.0);

    /// <summary>Weight of the order statistic with the given index in the shortfall.</summary>
    public double ShortfallWeight(int index) => (index < Whole ? 1.0 : index == Whole ? Fraction : 0.0) / _divisor;

    /// <summary>Both numbers, losses positive; the shortfall is settled against the quantile.</summary>
    public void Evaluate(ReadOnlySpan<double> sorted, out double valueAtRisk, out double expectedShortfall)
    {
        valueAtRisk = ValueAtRisk(sorted);
        expectedShortfall = TailRisk.SettleRounding(valueAtRisk, Shortfall(sorted));
    }

    /// <summary>Minus the lower quantile.</summary>
    public double ValueAtRisk(ReadOnlySpan<double> sorted) => 0.0 - Quantile.Interpolate(sorted[_lower], sorted[_upper], _weight);

    /// <summary>Minus the mean of the worst n (1 - c) observations, the last one in part (Acerbi-Tasche).</summary>
    public double Shortfall(ReadOnlySpan<double> sorted)
    {
        // About the boundary observation: equal values in the tail give exactly that value.
        var boundary = sorted[Math.Max(Fraction > 0.0 ? Whole : Whole - 1, 0)];
        var sum = 0.0;
        for (var i = 0; i < Whole; i++)
        {
            sum += boundary - sorted[i];
        }

        return (sum / _divisor) - boundary;
    }
}
