using RiskLake.Risk;

namespace RiskLake.Reports;

/// <summary>One method at one confidence: two numbers, their intervals where the method has them, and why there is none.</summary>
/// <param name="Label">The method in words.</param>
/// <param name="Confidence">The level.</param>
/// <param name="ValueAtRisk">The VaR.</param>
/// <param name="Shortfall">The ES.</param>
/// <param name="ValueAtRiskInterval">95 % interval of VaR; null for a method without one.</param>
/// <param name="ShortfallInterval">95 % interval of ES; null for a method without one.</param>
internal sealed record MethodEstimate(
    string Label, Confidence Confidence, Measure ValueAtRisk, Measure Shortfall, ConfidenceInterval? ValueAtRiskInterval,
    ConfidenceInterval? ShortfallInterval);

/// <summary>VaR and ES of one series by several methods, side by side.</summary>
internal static class MethodComparison
{
    public const double Lambda = 0.94;
    public const double AgeLambda = 0.98;
    public static readonly Confidence PotThreshold = Confidence.P90;
    private static readonly Confidence[] Levels = [Confidence.P95, Confidence.P975, Confidence.P99];

    /// <summary>All methods at 95, 97.5 and 99 %, method by method.</summary>
    public static IReadOnlyList<MethodEstimate> Of(double[] returns, StudentTFit student, PeaksOverThreshold extremes)
    {
        var variances = Ewma.ForecastVariances(returns, Lambda);
        var sigmas = variances.Select(Math.Sqrt).ToArray();
        var recent = returns.Length > TearSheet.Window ? returns[^TearSheet.Window..] : returns;
        List<MethodEstimate> rows = [];
        Add("Historical", level => HistoricalSimulation.Estimate(returns, level), level => OrderStatisticInterval.Of(returns, level, Confidence.P95));
        if (recent.Length < returns.Length)
        {
            Add(
                "Historical, last 250",
                level => HistoricalSimulation.Estimate(recent, level),
                level => OrderStatisticInterval.Of(recent, level, Confidence.P95));
        }

        Add("Historical, age-weighted (λ 0.98)", level => WeightedSimulation.AgeWeighted(returns, level, AgeLambda));
        Add(
            "Historical, volatility-weighted",
            level => returns.Length < 2 ? HistoricalSimulation.Estimate(returns, level) : VolatilityWeighted(returns, sigmas, level));
        Add("Normal", level => ParametricTail.Normal(returns, level));
        Add("Normal, EWMA volatility (λ 0.94)", level => ParametricTail.NormalForecast(0.0, sigmas[^1], level, returns.Length));
        Add("Student t", level => ParametricTail.StudentT(student, level));
        Add("Cornish-Fisher", level => CornishFisher.Estimate(returns, level));
        Add(
            "Peaks over threshold",
            extremes.Estimate,
            level => extremes.ProfileInterval(level, Confidence.P95),
            level => extremes.ProfileInterval(level, Confidence.P95, shortfall: true));
        return rows;

        void Add(
            string label,
            Func<Confidence, TailRisk> estimate,
            Func<Confidence, ConfidenceInterval>? interval = null,
            Func<Confidence, ConfidenceInterval>? shortfall = null)
        {
            foreach (var level in Levels)
            {
                var risk = estimate(level);
                rows.Add(new MethodEstimate(
                    label, level, risk.ValueAtRisk, risk.ExpectedShortfall, interval?.Invoke(level), shortfall?.Invoke(level)));
            }
        }
    }

    // The first return has no forecast made before it.
    private static TailRisk VolatilityWeighted(double[] returns, double[] sigmas, Confidence level) =>
        WeightedSimulation.VolatilityWeighted(returns.AsSpan(1), sigmas.AsSpan(1, returns.Length - 1), sigmas[^1], level);
}
