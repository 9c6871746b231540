namespace RiskLake.Risk;

/// <summary>Close-to-close volatility: the standard deviation of returns.</summary>
/// <remarks>Units: those of the returns per square root of a period, or per square root of a year when annualised.</remarks>
public static class CloseToClose
{
    /// <summary>Sample standard deviation of all returns, times the square root of the periods per year if one is given.</summary>
    /// <remarks>
    /// With <see cref="MeanRule.Zero"/> the root mean square about zero, divisor n. Annualising assumes uncorrelated returns.
    /// </remarks>
    public static Measure Volatility(
        ReadOnlySpan<double> returns, int? periodsPerYear = null, int ddof = 1, MeanRule mean = MeanRule.Sample)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(ddof);
        var convention = new Convention
        {
            Sign = Sign.Natural,
            Ddof = mean == MeanRule.Zero ? 0 : ddof,
            Mean = mean,
            Window = returns.Length,
            PeriodsPerYear = periodsPerYear,
        };
        if (Refusal.OfSeries(returns, Math.Max(2, ddof + 1), mayBeConstant: true) is { } refusal)
        {
            return Measure.None("volatility", "close_to_close", refusal, returns.Length, convention);
        }

        var variance = mean == MeanRule.Zero ? Dispersion.MeanSquare(returns) : Dispersion.Variance(returns, ddof);
        return Measure.Of("volatility", "close_to_close", Math.Sqrt(variance * (periodsPerYear ?? 1)), returns.Length, convention);
    }
}
