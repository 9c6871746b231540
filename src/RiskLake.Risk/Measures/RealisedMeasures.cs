using RiskLake.Risk;

namespace RiskLake.Risk.Measures;

/// <summary>The variation of one period from its intraday returns, as rows in a fixed order.</summary>
internal static class RealisedMeasures
{
    /// <summary>The rows; the realised volatility is the square root of the realised variance.</summary>
    public static IReadOnlyList<MeasureRow> Compute(ReadOnlySpan<double> returns)
    {
        var total = RealisedVariance.Total(returns);
        return
        [
            Row(total, "return_squared"),
            Row(Root(total), "return"),
            Row(RealisedVariance.Bipower(returns, adjusted: false), "return_squared"),
            Row(RealisedVariance.Bipower(returns), "return_squared"),
            Row(RealisedVariance.MedianBased(returns), "return_squared"),
            Row(RealisedVariance.MinimumBased(returns), "return_squared"),
            Row(RealisedVariance.Jump(returns), "return_squared"),
            Row(RealisedVariance.Quarticity(returns), "return_fourth"),
            Row(RealisedVariance.TripowerQuarticity(returns), "return_fourth"),
            Row(RealisedVariance.TripowerQuarticity(returns, adjusted: true), "return_fourth"),
        ];
    }

    private static Measure Root(Measure variance) => variance.Value is { } value
        ? Measure.Of("realised_volatility", variance.Method, Math.Sqrt(value), variance.Observations, variance.Convention)
        : Measure.None("realised_volatility", variance.Method, variance.Status, variance.Reason!, variance.Observations, variance.Convention);

    private static MeasureRow Row(Measure measure, string unit) => new() { Measure = measure, Unit = unit };
}
