using System.Globalization;
using System.Text;

namespace RiskLake.Cli.Commands.Risk;

/// <summary>Where each quantity that the library computes comes out: commands, and tables of the lake.</summary>
internal static class RiskQuantities
{
    /// <summary>A quantity, the methods of the library that compute it, and the commands (<c>risk measure</c>) and tables that give it.</summary>
    public sealed record Quantity(string Name, string Methods, string Given);

    /// <summary>All of them, in the order of the page.</summary>
    public static IReadOnlyList<Quantity> All { get; } =
    [
        new(
            "Returns: simple, log, absolute; sums over a horizon",
            "Returns.Simple Returns.Log Returns.Absolute Returns.Defects Returns.SumOver",
            "risk measure; gold.returns"),
        new(
            "Quantiles",
            "Quantile.Type7 Quantile.Of Quantile.LowerTail RollingTail.Quantiles",
            "risk measure; risk rolling; gold.risk_summary"),
        new("Moments", "SampleMoments.Of", "risk measure; gold.risk_measures"),
        new(
            "Autocorrelations; Ljung-Box, ARCH-LM, Jarque-Bera",
            "SerialDependence.Autocorrelations SerialDependence.LjungBox SerialDependence.ArchLm "
            + "SerialDependence.JarqueBera",
            "risk dependence"),
        new("Cumulative and annual return", "PerformanceRatios.CumulativeReturn PerformanceRatios.AnnualReturn", "risk performance"),
        new("Sharpe ratio, arithmetic and geometric", "PerformanceRatios.Sharpe PerformanceRatios.SharpeGeometric", "risk performance"),
        new("Downside deviation, Sortino ratio", "PerformanceRatios.DownsideDeviation PerformanceRatios.Sortino", "risk performance"),
        new(
            "Calmar ratio, Omega, hit rate, tail ratio",
            "PerformanceRatios.Calmar PerformanceRatios.Omega PerformanceRatios.HitRate PerformanceRatios.TailRatio",
            "risk performance"),
        new(
            "Maximum drawdown, ulcer and pain index, conditional drawdown at risk",
            "Drawdowns.Of",
            "risk performance; risk measure; gold.risk_measures"),
        new("Drawdown episodes", "Drawdowns.Of", "risk drawdowns"),
        new(
            "Beta, alpha, correlation with a benchmark",
            "Benchmark.Beta Benchmark.Alpha Benchmark.Correlation Benchmark.SidedBeta",
            "risk performance"),
        new("Tracking error, information ratio", "Benchmark.TrackingError Benchmark.InformationRatio", "risk performance"),
        new(
            "Rolling mean, standard deviation, VaR and ES",
            "RollingMoments.Mean RollingMoments.StandardDeviation RollingTail.ValueAtRiskAndShortfall",
            "risk rolling"),
        new("Volatility of the last returns of a run", "RollingVolatility.Latest", "gold.risk_summary"),
        new(
            "Volatility from closes",
            "CloseToClose.Volatility Ewma.Volatility Ewma.ForecastVariances Ewma.RiskMetrics2006 "
            + "Ewma.RiskMetrics2006Variances",
            "risk volatility; gold.volatility"),
        new("Volatility from bars", "RangeVolatility.Volatility", "risk volatility; gold.volatility"),
        new(
            "Realised variance and volatility",
            "RealisedVariance.Total RealisedVariance.Bipower RealisedVariance.MedianBased RealisedVariance.MinimumBased",
            "risk realised"),
        new(
            "Realised quarticity, jumps",
            "RealisedVariance.Quarticity RealisedVariance.TripowerQuarticity RealisedVariance.Jump",
            "risk realised"),
        new("GARCH fits and forecasts", "GarchFit.Of GarchSpecification.ArchBackcast", "risk garch; risk measure"),
        new(
            "VaR and ES from history, with intervals",
            "HistoricalSimulation.Estimate OrderStatisticInterval.Of",
            "risk measure; gold.risk_measures"),
        new(
            "VaR and ES from weighted history",
            "WeightedSimulation.AgeWeighted WeightedSimulation.VolatilityWeighted",
            "risk measure; gold.risk_measures"),
        new(
            "VaR and ES from filtered history",
            "FilteredSimulation.Estimate FilteredSimulation.Simulate",
            "risk measure; gold.risk_measures"),
        new(
            "VaR and ES of normal and Student-t laws",
            "ParametricTail.Normal ParametricTail.NormalForecast ParametricTail.StudentT ParametricTail.StudentTForecast "
            + "StudentTFit.Of",
            "risk measure; gold.risk_measures"),
        new(
            "VaR and ES by Cornish-Fisher",
            "CornishFisher.Estimate CornishFisher.Quantile CornishFisher.IsMonotone",
            "risk measure; gold.risk_measures"),
        new("VaR and ES by simulation", "MonteCarlo.Estimate MonteCarlo.Paths", "risk measure; gold.risk_measures"),
        new(
            "Extreme values: Pareto fit, VaR and ES above a level or a threshold",
            "PeaksOverThreshold.Fit",
            "risk evt; risk measure; gold.risk_measures"),
        new("Hill, Weissman, mean excess", "PeaksOverThreshold.Hill PeaksOverThreshold.Weissman PeaksOverThreshold.MeanExcess", "risk evt"),
        new(
            "Covariances and correlations",
            "CovarianceEstimator.Sample CovarianceEstimator.Correlation CovarianceEstimator.ExponentiallyWeighted "
            + "CovarianceMatrix.Of",
            "risk covariance; risk correlation; gold.correlations"),
        new(
            "Rank correlations",
            "CovarianceEstimator.Spearman CovarianceEstimator.Kendall Ranks.Average",
            "risk correlation; gold.correlations"),
        new(
            "Shrunk covariances",
            "Shrinkage.Identity Shrinkage.ConstantCorrelation Shrinkage.SingleIndex Shrinkage.OracleApproximating",
            "risk covariance"),
        new(
            "VaR and ES of a portfolio, and what each position adds",
            "ParametricPortfolio.Decompose HistoricalPortfolio.Decompose Hierarchy.Measure",
            "risk portfolio; gold.portfolio_risk"),
        new(
            "Stress: scenarios, history, correlations",
            "StressTest.Hypothetical StressTest.Predictive StressTest.Reverse StressTest.WorstWindow StressTest.Replay "
            + "StressTest.CorrelationStress StressTest.MahalanobisSquared",
            "risk stress"),
        new(
            "Exceedances, traffic light",
            "Exceedances.Of TrafficLight.Of TrafficLight.OfLast TrafficLight.Boundaries",
            "risk backtest; gold.var_backtests"),
        new(
            "Coverage: Kupiec, binomial, z score",
            "CoverageTests.Kupiec CoverageTests.Binomial CoverageTests.ZScore CoverageTests.NonRejectionRegion",
            "risk backtest; gold.var_backtests"),
        new(
            "Independence: Christoffersen, times between failures, durations, dynamic quantile",
            "CoverageTests.Independence CoverageTests.ConditionalCoverage CoverageTests.TimeUntilFirstFailure "
            + "CoverageTests.TimeBetweenFailures DurationTest.Weibull DynamicQuantileTest.Of",
            "risk backtest; gold.var_backtests"),
        new(
            "ES: Z1, Z2, minimally biased",
            "ShortfallBacktest.Z1 ShortfallBacktest.Z2 ShortfallBacktest.MinimallyBiased ShortfallCriticalValues.Simulate",
            "risk backtest; gold.var_backtests"),
        new(
            "ES: McNeil-Frey, Nolde-Ziegel",
            "ShortfallBacktest.ExceedanceResiduals ShortfallBacktest.BootstrapResiduals "
            + "ShortfallBacktest.ConditionalCalibration",
            "risk backtest; gold.var_backtests"),
        new(
            "Whole forecasts: Du-Escanciano, Z3",
            "DistributionBacktest.DuEscancianoUnconditional DistributionBacktest.DuEscancianoConditional "
            + "DistributionBacktest.Z3",
            "risk backtest"),
        new("E-processes", "EProcess.OfValueAtRisk EProcess.OfShortfall EProcess.Run", "risk backtest; gold.var_backtests"),
        new(
            "Forecast losses",
            "ForecastLoss.Pinball ForecastLoss.FisslerZiegel ForecastLoss.Mean",
            "risk backtest; risk compare; gold.var_backtests"),
        new("Which forecast is better: Diebold-Mariano", "ForecastLoss.DieboldMariano", "risk compare"),
        new("Limits and their breaches", "LimitMonitor.Evaluate LimitMonitor.Episodes", "risk limits; gold.limit_evaluations"),
        new("Why a number changed", "ChangeAttribution.Explain", "risk explain"),
        new("FRTB: profit and loss attribution", "ProfitAndLossAttribution.Of", "risk pla"),
        new("FRTB: risk factor eligibility", "Modellability.Of", "risk rfet"),
        new(
            "FRTB: liquidity horizons, stress scaling, IMCC, other factors, surcharge",
            "InternalModelCapital.LiquidityHorizonShortfall InternalModelCapital.StressedShortfall "
            + "InternalModelCapital.Aggregate InternalModelCapital.NonModellableShortfall "
            + "ProfitAndLossAttribution.SurchargeShare",
            "risk capital"),
    ];

    /// <summary>The section of <c>docs/risk.md</c>.</summary>
    public static string Page()
    {
        var text = new StringBuilder("""
            ## What the library computes, and what gives it

            Generated from the code; a test keeps it current and whole.

            | quantity | in the library | command or table |
            |---|---|---|

            """);
        foreach (var quantity in All)
        {
            var methods = string.Join(", ", quantity.Methods.Split(' ').Select(method => $"`{method}`"));
            var given = string.Join(", ", quantity.Given.Split("; ").Select(place => $"`{place}`"));
            text.Append(CultureInfo.InvariantCulture, $"| {quantity.Name} | {methods} | {given} |\n");
        }

        return text.ToString();
    }
}
