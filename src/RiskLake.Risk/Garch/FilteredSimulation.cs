using RiskLake.Risk.Numerics;

namespace RiskLake.Risk;

/// <summary>
/// Filtered historical simulation: a GARCH model's standardised residuals are the scenarios, its forecast variance their scale.
/// </summary>
/// <remarks>
/// Units: those of the returns; losses positive. Source: Barone-Adesi, Giannopoulos, Vosper, Journal of Futures Markets 19 (1999).
/// </remarks>
public static class FilteredSimulation
{
    private const string Method = "filtered_historical";

    /// <summary>One period: VaR = -(mu + sigma Q(z)), ES = -(mu + sigma times the tail mean of z), with the residuals of the fit.</summary>
    public static TailRisk Estimate(
        GarchFit fit, ReadOnlySpan<double> returns, Confidence confidence, QuantileType type = QuantileType.Linear)
    {
        ArgumentNullException.ThrowIfNull(fit);
        var convention = ConventionOf(fit, confidence, type);
        if (fit.NextVariance is not { } next)
        {
            return TailRisk.None(Method, new Refusal(fit.Status, fit.Reason ?? string.Empty), fit.Observations, convention);
        }

        var scenarios = fit.StandardizedResiduals(returns);
        var sigma = Math.Sqrt(next);
        for (var t = 0; t < scenarios.Length; t++)
        {
            scenarios[t] = fit["mu"] + (sigma * scenarios[t]);
        }

        return HistoricalSimulation.Estimate(scenarios, confidence, type, Method, convention);
    }

    /// <summary>
    /// Several periods: residuals are drawn with replacement and run through the model's own recursion; returns add up (log returns).
    /// </summary>
    /// <remarks>Path i uses Philox stream i of the seed: it is the same on any machine, alone or among others.</remarks>
    public static TailRisk Simulate(
        GarchFit fit, ReadOnlySpan<double> logReturns, Confidence confidence, int horizon, int paths, ulong seed,
        QuantileType type = QuantileType.Linear)
    {
        ArgumentNullException.ThrowIfNull(fit);
        ArgumentOutOfRangeException.ThrowIfLessThan(horizon, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(paths, 1);
        var convention = ConventionOf(fit, confidence, type) with
        {
            Horizon = horizon,
            HorizonRule = HorizonRule.Simulated,
            Parameters = [new("paths", paths), new("seed", seed)],
        };
        if (fit.NextVariance is not { } next)
        {
            return TailRisk.None(Method, new Refusal(fit.Status, fit.Reason ?? string.Empty), fit.Observations, convention);
        }

        var residuals = fit.StandardizedResiduals(logReturns);
        var totals = new double[paths];
        for (var path = 0; path < paths; path++)
        {
            var variance = next;
            var sum = 0.0;
            for (var step = 0; step < horizon; step++)
            {
                var z = residuals[(int)(Philox.Uniform(seed, (ulong)path, (ulong)step) * residuals.Length)];
                var e = z * Math.Sqrt(variance);
                sum += fit["mu"] + e;
                variance = fit.NextAfter(e, variance);
            }

            totals[path] = sum;
        }

        return HistoricalSimulation.Estimate(totals, confidence, type, Method, convention);
    }

    private static Convention ConventionOf(GarchFit fit, Confidence confidence, QuantileType type) =>
        HistoricalSimulation.ConventionOf(confidence, type, fit.Observations);
}
