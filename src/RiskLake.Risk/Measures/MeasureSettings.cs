using RiskLake.Risk;

namespace RiskLake.Risk.Measures;

/// <summary>What a column of returns holds. Nothing is guessed from the numbers.</summary>
internal enum ReturnKind
{
    /// <summary>ln(p / p'): adds over time.</summary>
    Log,

    /// <summary>p / p' - 1: adds over assets.</summary>
    Simple,

    /// <summary>p - p', in the unit of the price.</summary>
    Absolute,

    /// <summary>The data hold the returns, and do not say of which kind.</summary>
    Unstated,
}

/// <summary>Everything beside the returns that decides the rows of <see cref="SeriesMeasures"/>. The defaults are the house's.</summary>
/// <remarks>
/// Invariant: two settings with equal <see cref="Canonical"/> text give equal rows for equal returns. Equality of the record itself is
/// by reference for its lists: compare the text.
/// </remarks>
internal sealed record MeasureSettings
{
    /// <summary>Returns that VaR, ES and moments rest on unless told otherwise; fewer where there are no more.</summary>
    public const int StandardWindow = 500;

    /// <summary>The levels, in any order; rows come in ascending order.</summary>
    public IReadOnlyList<Confidence> Confidences { get; init; } = [Confidence.P95, Confidence.P975, Confidence.P99];

    /// <summary>The methods, in the order of the rows.</summary>
    public IReadOnlyList<TailMethod> Methods { get; init; } = TailMethods.Standard;

    /// <summary>What the returns are: drawdowns and sums over a horizon need to know.</summary>
    public ReturnKind Kind { get; init; } = ReturnKind.Simple;

    /// <summary>Whether the returns are in percent; numbers then are, too. Drawdowns and shapes never are.</summary>
    public bool Percent { get; init; }

    /// <summary>The last so many returns are measured; null for all. EWMA variances are fed by the earlier ones too.</summary>
    public int? Window { get; init; }

    /// <summary>Periods the VaR and ES are about.</summary>
    public int Horizon { get; init; } = 1;

    /// <summary>How the horizon is reached; a method that cannot reach it so has no value.</summary>
    public HorizonRule HorizonRule { get; init; } = HorizonRule.OnePeriod;

    /// <summary>Of the simulations.</summary>
    public QuantileType QuantileType { get; init; } = QuantileType.Linear;

    /// <summary>Of the normal method and the standard deviation.</summary>
    public int Ddof { get; init; } = 1;

    /// <summary>Mean of the normal method.</summary>
    public MeanRule Mean { get; init; } = MeanRule.Sample;

    /// <summary>Decay of the EWMA variances.</summary>
    public double EwmaLambda { get; init; } = 0.94;

    /// <summary>Start of the EWMA variances.</summary>
    public EwmaStart EwmaStart { get; init; } = EwmaStart.NormalizedWeights;

    /// <summary>
    /// Returns at the very beginning of the data whose EWMA forecast rests on too little to rescale by: volatility-weighted simulation
    /// leaves them out. (One tiny first return would blow up the second.)
    /// </summary>
    public int EwmaWarmUp { get; init; } = 20;

    /// <summary>Decay of age weights.</summary>
    public double AgeLambda { get; init; } = 0.98;

    /// <summary>Model of the filtered simulation; the forecast methods use it with their own error law.</summary>
    public GarchSpecification Garch { get; init; } = new();

    /// <summary>Quantile of the losses above which a generalised Pareto law is fitted.</summary>
    public Confidence ThresholdLevel { get; init; } = Confidence.P95;

    /// <summary>Coverage of the confidence intervals of historical and peaks-over-threshold numbers; null for none.</summary>
    public Confidence? IntervalCoverage { get; init; } = Confidence.P95;

    /// <summary>Whether peaks over threshold get profile likelihood intervals: some ten milliseconds each.</summary>
    public bool ProfileIntervals { get; init; } = true;

    /// <summary>Paths of Monte Carlo and of simulated horizons.</summary>
    public int Paths { get; init; } = 10_000;

    /// <summary>Seed of the Philox streams.</summary>
    public ulong Seed { get; init; } = 42;

    /// <summary>Whether moments and drawdowns are among the rows.</summary>
    public bool Summary { get; init; } = true;

    /// <summary>The text a digest is taken of: every fact, in this order.</summary>
    public string Canonical() => new CanonicalText("measure-settings-1")
        .Add("confidences", string.Join(' ', Levels()))
        .Add("methods", string.Join(' ', Methods.Select(method => method.Code)))
        .Add("returns", Kind.Code())
        .Flag("percent", Percent)
        .Add("window", Window is { } window ? FormattableString.Invariant($"{window}") : null)
        .Add("horizon", Horizon)
        .Add("horizon_rule", HorizonRule.Code())
        .Add("quantile_type", (int)QuantileType)
        .Add("ddof", Ddof)
        .Add("mean", Mean.Code())
        .Add("ewma_lambda", EwmaLambda)
        .Add("ewma_start", EwmaStart.Code())
        .Add("ewma_warm_up", EwmaWarmUp)
        .Add("age_lambda", AgeLambda)
        .Add("garch", Garch.Name)
        .Add("garch_presample_variance", Garch.PresampleVariance is { } variance ? FormattableString.Invariant($"{variance:R}") : null)
        .Add("threshold_level", ThresholdLevel.ToString())
        .Add("interval_coverage", IntervalCoverage?.ToString())
        .Flag("profile_intervals", ProfileIntervals)
        .Add("paths", Paths)
        .Add("seed", FormattableString.Invariant($"{Seed}"))
        .Flag("summary", Summary)
        .ToString();

    /// <summary>The levels once each, ascending.</summary>
    public IReadOnlyList<Confidence> Levels() => [.. Confidences.Distinct().Order()];
}
