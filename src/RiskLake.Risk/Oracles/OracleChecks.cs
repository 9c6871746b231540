using RiskLake.Risk.Numerics;

namespace RiskLake.Risk.Oracles;

/// <summary>The outcome of one check.</summary>
/// <param name="Name">What was compared.</param>
/// <param name="Absent">The file without which it could not be; null when it was made.</param>
/// <param name="Numbers">Numbers compared.</param>
/// <param name="Facts">Counts, colours and identities compared.</param>
/// <param name="Worst">Greatest relative difference of a number.</param>
/// <param name="Tolerance">The widest tolerance.</param>
/// <param name="Failures">What did not agree.</param>
internal sealed record OracleOutcome(
    string Name, string? Absent, int Numbers, int Facts, double Worst, double Tolerance, IReadOnlyList<string> Failures)
{
    /// <summary>Equal significant digits of the worst number, 16 at most; null without numbers.</summary>
    public double? Digits => Numbers == 0 ? null : Worst <= 1e-16 ? 16.0 : Math.Round(-Elementary.Log(Worst) / Elementary.Log(10), 1);
}

/// <summary>Every comparison of the risk library with numbers that others computed.</summary>
/// <remarks>
/// Nothing else of the program reads expected numbers. A check computes what it compares through the library's public members.
/// </remarks>
internal static class OracleChecks
{
    /// <summary>The checks by name, in the order in which they are shown.</summary>
    public static IReadOnlyList<(string Name, Action<OracleRun> Check)> All { get; } =
    [
        ("special functions", SpecialFunctionChecks.SpecialFunctions),
        ("random numbers", BacktestChecks.RandomNumbers),
        ("sums under cancellation", ReturnsChecks.CompensatedSums),
        ("rolling deviation after outliers", ReturnsChecks.RollingDeviation),
        ("quantile types", ReturnsChecks.AllNineQuantileTypes),
        ("realised measures", ReturnsChecks.RealisedMeasures),
        ("traffic light", BacktestChecks.TrafficLightZones),
        ("kupiec regions and jorion", BacktestChecks.KupiecRegions),
        ("critical values of es tests", ExtremesAndStressChecks.SimulatedCriticalValues),
        ("risk factor modellability", ExtremesAndStressChecks.ModellabilityCases),
        ("internal model formulas", ExtremesAndStressChecks.InternalModelFormulas),
        ("simulated series: moments", SimulatedChecks.Moments),
        ("simulated series: tails", SimulatedChecks.Tails),
        ("simulated series: garch", SimulatedChecks.Garch),
        ("simulated series: backtests", SimulatedChecks.Backtests),
        ("first returns", ReturnsChecks.FirstReturns),
        ("moments and serial tests", ReturnsChecks.MomentsAndSerialTests),
        ("historical tails", TailChecks.HistoricalValueAtRisk),
        ("normal and cornish-fisher tails", TailChecks.NormalAndCornishFisher),
        ("student t", TailChecks.StudentTByMaximumLikelihood),
        ("ewma", TailChecks.WeightedMoments),
        ("conditional tails", TailChecks.ConditionalForecasts),
        ("horizons", TailChecks.Horizons),
        ("order statistic intervals", TailChecks.OrderStatisticIntervals),
        ("rolling tails", TailChecks.RollingNumbers),
        ("garch", GarchChecks.MaximumLikelihood),
        ("published garch benchmark", GarchChecks.PublishedBenchmark),
        ("garch tails", GarchChecks.ConditionalTails),
        ("peaks over threshold", ExtremesAndStressChecks.PeaksOverThresholdFits),
        ("hill and weissman", ExtremesAndStressChecks.HillAndWeissman),
        ("monte carlo portfolio", ExtremesAndStressChecks.MonteCarloPortfolio),
        ("covariances and shrinkage", PortfolioChecks.CovariancesCorrelationsAndShrinkage),
        ("portfolio parts", PortfolioChecks.ParametricAndHistoricalParts),
        ("performance and drawdowns", PortfolioChecks.PerformanceAndDrawdowns),
        ("stress scenarios", ExtremesAndStressChecks.StressScenarios),
        ("profit and loss attribution", ExtremesAndStressChecks.AttributionScenarios),
        ("var backtests", BacktestChecks.CoverageOfRollingForecasts),
        ("es backtests", BacktestChecks.ShortfallOfRollingForecasts),
        ("distribution backtests", ExtremesAndStressChecks.DistributionBacktests),
        ("e-processes", BacktestChecks.EProcesses),
    ];

    /// <summary>Makes one check.</summary>
    public static OracleOutcome Make(string name, Action<OracleRun> check, OracleSource source)
    {
        var run = new OracleRun(source);
        string? absent = null;
        List<string> failures = [];
        try
        {
            check(run);
        }
        catch (OracleAbsentException missing)
        {
            absent = missing.Name;
        }
        catch (Exception broken) when (broken is KeyNotFoundException or InvalidOperationException or FormatException or IndexOutOfRangeException)
        {
            failures.Add($"the check broke off: {broken.Message}");
        }

        failures.InsertRange(0, run.Failures);
        return new OracleOutcome(
            name,
            absent,
            run.Comparisons.Count,
            run.Facts,
            run.Comparisons.Count == 0 ? 0.0 : run.Comparisons.Max(item => item.Difference),
            run.Comparisons.Count == 0 ? 0.0 : run.Comparisons.Max(item => item.Tolerance),
            failures);
    }
}
