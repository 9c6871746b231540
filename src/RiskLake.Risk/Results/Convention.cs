namespace RiskLake.Risk;

/// <summary>The sign a number is reported with.</summary>
public enum Sign
{
    /// <summary>A loss is positive: VaR, ES, drawdown depth in risk tables.</summary>
    LossPositive,

    /// <summary>The sign of the data: returns, P and L, performance.</summary>
    Natural,
}

/// <summary>The nine sample quantiles of Hyndman and Fan (1996); 7 is the house's.</summary>
public enum QuantileType
{
    /// <summary>Inverse of the empirical distribution function.</summary>
    InverseCdf = 1,

    /// <summary>As 1, averaged at discontinuities.</summary>
    AveragedInverseCdf = 2,

    /// <summary>Nearest even order statistic.</summary>
    NearestEven = 3,

    /// <summary>Linear interpolation of the empirical distribution function.</summary>
    LinearCdf = 4,

    /// <summary>Midpoints of its steps (Hazen).</summary>
    Hazen = 5,

    /// <summary>Expected position (n + 1) p (Weibull).</summary>
    Weibull = 6,

    /// <summary>Modal position (n - 1) p + 1: R, numpy, pandas, Excel's PERCENTILE.INC.</summary>
    Linear = 7,

    /// <summary>Approximately median-unbiased.</summary>
    MedianUnbiased = 8,

    /// <summary>Approximately unbiased for the normal distribution (Blom).</summary>
    NormalUnbiased = 9,
}

/// <summary>Which mean a dispersion is taken about.</summary>
public enum MeanRule
{
    /// <summary>The sample mean.</summary>
    Sample,

    /// <summary>Zero, as RiskMetrics does.</summary>
    Zero,
}

/// <summary>How a number for several periods came from one-period data.</summary>
public enum HorizonRule
{
    /// <summary>No scaling: the horizon is one period.</summary>
    OnePeriod,

    /// <summary>One-period number times the square root of the horizon: right only for independent returns of mean zero.</summary>
    SquareRootOfTime,

    /// <summary>Sums of log returns over every window of the horizon; neighbours share observations.</summary>
    OverlappingSums,

    /// <summary>Sums over windows that do not share observations, counted from the first observation.</summary>
    NonOverlappingSums,

    /// <summary>Paths simulated through the model.</summary>
    Simulated,
}

/// <summary>A named number that belongs to a method: a decay factor, degrees of freedom, a threshold.</summary>
/// <param name="Name">Snake case.</param>
/// <param name="Value">In the unit the method states.</param>
public readonly record struct Parameter(string Name, double Value);

/// <summary>Everything beside the data that decides a number. What does not apply is null.</summary>
public sealed record Convention
{
    /// <summary>The sign of the value.</summary>
    public required Sign Sign { get; init; }

    /// <summary>The confidence level, exact.</summary>
    public Confidence? Confidence { get; init; }

    /// <summary>The quantile type.</summary>
    public QuantileType? QuantileType { get; init; }

    /// <summary>What is subtracted from n in the divisor of a variance: 1 for a sample, 0 for a population.</summary>
    public int? Ddof { get; init; }

    /// <summary>The mean about which dispersion is taken.</summary>
    public MeanRule? Mean { get; init; }

    /// <summary>Number of observations in the window, if the measure has one.</summary>
    public int? Window { get; init; }

    /// <summary>Number of periods the number is about.</summary>
    public int Horizon { get; init; } = 1;

    /// <summary>How the horizon was reached.</summary>
    public HorizonRule HorizonRule { get; init; } = HorizonRule.OnePeriod;

    /// <summary>Periods per year when the value is annualised; null when it is not.</summary>
    public int? PeriodsPerYear { get; init; }

    /// <summary>The method's own parameters, in a fixed order.</summary>
    public IReadOnlyList<Parameter> Parameters { get; init; } = [];
}
