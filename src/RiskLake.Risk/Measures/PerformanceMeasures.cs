using RiskLake.Risk;

namespace RiskLake.Risk.Measures;

/// <summary>Everything beside the returns that decides the rows of <see cref="PerformanceMeasures"/>.</summary>
internal sealed record PerformanceSettings
{
    /// <summary>Periods of a year, by which returns and ratios are annualised.</summary>
    public required int PeriodsPerYear { get; init; }

    /// <summary>Risk-free rate of one period, for the Sharpe ratios.</summary>
    public double RiskFree { get; init; }

    /// <summary>Return of one period below which downside deviation and Sortino ratio count.</summary>
    public double MinimumAcceptable { get; init; }

    /// <summary>Return of one period that Omega divides gains from losses at.</summary>
    public double Threshold { get; init; }

    /// <summary>Levels of the conditional drawdown at risk.</summary>
    public IReadOnlyList<Confidence> Confidences { get; init; } = [Confidence.P95];
}

/// <summary>Return, ratios and drawdowns of one series of simple returns, and how it moved with a benchmark.</summary>
/// <remarks>Pure; rows in a fixed order. What cannot be computed has a row with a status.</remarks>
internal static class PerformanceMeasures
{
    private const string Fraction = "fraction";
    private const string FractionPerYear = "fraction_per_year";
    private const string None = "none";

    /// <summary>The rows of a series.</summary>
    public static IReadOnlyList<MeasureRow> Compute(ReadOnlySpan<double> simple, PerformanceSettings settings)
    {
        var periods = settings.PeriodsPerYear;
        var drawdowns = Drawdowns.Of(simple);
        return
        [
            Row(PerformanceRatios.CumulativeReturn(simple), Fraction),
            Row(PerformanceRatios.AnnualReturn(simple, periods), FractionPerYear),
            Row(CloseToClose.Volatility(simple, periods) with { Name = "annual_volatility" }, FractionPerYear),
            Row(PerformanceRatios.Sharpe(simple, periods, settings.RiskFree), None),
            Row(PerformanceRatios.SharpeGeometric(simple, periods, settings.RiskFree), None),
            Row(PerformanceRatios.DownsideDeviation(simple, settings.MinimumAcceptable), Fraction),
            Row(PerformanceRatios.Sortino(simple, periodsPerYear: null, settings.MinimumAcceptable), None),
            Row(PerformanceRatios.Sortino(simple, periods, settings.MinimumAcceptable) with { Name = "annual_sortino_ratio" }, None),
            Row(PerformanceRatios.Calmar(simple, periods), None),
            Row(PerformanceRatios.Omega(simple, settings.Threshold), None),
            Row(PerformanceRatios.HitRate(simple), Fraction),
            Row(PerformanceRatios.TailRatio(simple), None),
            Row(drawdowns.Maximum, Fraction),
            Row(drawdowns.UlcerIndex, Fraction),
            Row(drawdowns.PainIndex, Fraction),
            .. settings.Confidences.Order().Select(level => Row(drawdowns.ConditionalAtRisk(level), Fraction)),
        ];
    }

    /// <summary>The rows of a series beside its benchmark.</summary>
    public static IReadOnlyList<MeasureRow> Beside(ReadOnlySpan<double> simple, ReadOnlySpan<double> benchmark, PerformanceSettings settings) =>
    [
        Row(Benchmark.Beta(simple, benchmark), None),
        Row(Benchmark.Alpha(simple, benchmark), Fraction),
        Row(Benchmark.Correlation(simple, benchmark), None),
        Row(Benchmark.SidedBeta(simple, benchmark, rising: true), None),
        Row(Benchmark.SidedBeta(simple, benchmark, rising: false), None),
        Row(Benchmark.TrackingError(simple, benchmark, settings.PeriodsPerYear), FractionPerYear),
        Row(Benchmark.InformationRatio(simple, benchmark, settings.PeriodsPerYear), None),
    ];

    private static MeasureRow Row(Measure measure, string unit) => new() { Measure = measure, Unit = unit };
}
