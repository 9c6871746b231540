namespace RiskLake.Risk;

/// <summary>An e-process: wealth of a bettor against the forecasts, fair or worse while they are right.</summary>
/// <remarks>
/// M_t = M_{t-1} (1 - lambda + lambda e_t), M_0 = 1. By Ville's inequality M ever reaches 1/a with probability at most a if the forecasts
/// are
/// right, whenever one looks: an alarm for daily use. Equality is by value; the default is not a state, start with <see cref="Start"/>.
/// Source: Wang, Wang, Ziegel, "E-backtesting", arXiv:2209.00991.
/// </remarks>
/// <param name="Wealth">M_t.</param>
/// <param name="Peak">Greatest M so far.</param>
/// <param name="PeakDay">Day of the peak, from 1; 0 before the first.</param>
/// <param name="Days">Days observed.</param>
public readonly record struct EProcess(double Wealth, double Peak, int PeakDay, int Days)
{
    /// <summary>The state before the first day.</summary>
    public static EProcess Start { get; } = new(1.0, 1.0, 0, 0);

    /// <summary>e-value of a VaR forecast: 1{L &gt; VaR} / alpha. Mean at most one while VaR is not too small.</summary>
    public static double OfValueAtRisk(double value, double valueAtRisk, Confidence confidence) =>
        value < -valueAtRisk ? confidence.Denominator / (double)confidence.TailNumerator : 0.0;

    /// <summary>
    /// e-value of an ES forecast: (L - VaR)^+ / (alpha (ES - VaR)). Mean at most one while ES is not too small and VaR is right.
    /// </summary>
    /// <remarks>Where ES equals VaR a loss beyond it is infinite evidence: the result is infinite.</remarks>
    public static double OfShortfall(double value, double valueAtRisk, double expectedShortfall, Confidence confidence)
    {
        var excess = -value - valueAtRisk;
        return excess > 0.0 ? excess / (confidence.Tail * (expectedShortfall - valueAtRisk)) : 0.0;
    }

    /// <summary>The state after one more e-value, with a betting fraction lambda in [0, 1).</summary>
    /// <exception cref="ArgumentOutOfRangeException">lambda is outside [0, 1) or the e-value negative or NaN.</exception>
    public EProcess Next(double eValue, double lambda)
    {
        if (!(lambda >= 0.0 && lambda < 1.0))
        {
            throw new ArgumentOutOfRangeException(nameof(lambda), lambda, "A betting fraction lies in [0, 1).");
        }

        if (!(eValue >= 0.0))
        {
            throw new ArgumentOutOfRangeException(nameof(eValue), eValue, "An e-value is not negative.");
        }

        var wealth = lambda == 0.0 ? Wealth : Wealth * (1.0 - lambda + (lambda * eValue));
        var day = Days + 1;
        return wealth > Peak ? new EProcess(wealth, wealth, day, day) : new EProcess(wealth, Peak, PeakDay, day);
    }

    /// <summary>
    /// Runs over a series of e-values and notes the first day, from 1, on which each threshold was reached (null: never).
    /// </summary>
    public static (EProcess Final, int?[] FirstDays) Run(ReadOnlySpan<double> eValues, double lambda, ReadOnlySpan<double> thresholds)
    {
        var first = new int?[thresholds.Length];
        var state = Start;
        foreach (var value in eValues)
        {
            state = state.Next(value, lambda);
            for (var k = 0; k < first.Length; k++)
            {
                if (first[k] is null && state.Wealth >= thresholds[k])
                {
                    first[k] = state.Days;
                }
            }
        }

        return (state, first);
    }
}
