namespace RiskLake.Risk;

/// <summary>Whether a measure has a value, and if not, why.</summary>
public enum Status
{
    /// <summary>The value is there.</summary>
    Ready,

    /// <summary>Too few observations, or none in the tail the measure is about.</summary>
    InsufficientHistory,

    /// <summary>The data carry no information for this measure: constant, collinear, without variance.</summary>
    Degenerate,

    /// <summary>An optimiser stopped short of its tolerance.</summary>
    NotConverged,

    /// <summary>An input is not finite, or violates the shape the method asks for.</summary>
    InvalidInput,

    /// <summary>
    /// The estimate lies where the method is not valid: a Cornish-Fisher outside its monotone domain, an infinite tail mean.
    /// </summary>
    OutsideDomain,
}

/// <summary>The written names of the conventions, as they stand in tables and JSON.</summary>
public static class Names
{
    /// <summary>The status in snake case, as it stands in tables and JSON: <c>insufficient_history</c>.</summary>
    public static string Code(this Status status) => status switch
    {
        Status.Ready => "ready",
        Status.InsufficientHistory => "insufficient_history",
        Status.Degenerate => "degenerate",
        Status.NotConverged => "not_converged",
        Status.InvalidInput => "invalid_input",
        Status.OutsideDomain => "outside_domain",
        _ => throw new ArgumentOutOfRangeException(nameof(status), status, "No such status."),
    };

    /// <summary>The horizon rule in snake case.</summary>
    public static string Code(this HorizonRule rule) => rule switch
    {
        HorizonRule.OnePeriod => "one_period",
        HorizonRule.SquareRootOfTime => "square_root_of_time",
        HorizonRule.OverlappingSums => "overlapping_sums",
        HorizonRule.NonOverlappingSums => "non_overlapping_sums",
        HorizonRule.Simulated => "simulated",
        _ => throw new ArgumentOutOfRangeException(nameof(rule), rule, "No such rule."),
    };

    /// <summary>The sign in snake case.</summary>
    public static string Code(this Sign sign) => sign switch
    {
        Sign.LossPositive => "loss_positive",
        Sign.Natural => "natural",
        _ => throw new ArgumentOutOfRangeException(nameof(sign), sign, "No such sign."),
    };

    /// <summary>The mean rule in snake case.</summary>
    public static string Code(this MeanRule rule) => rule switch
    {
        MeanRule.Sample => "sample",
        MeanRule.Zero => "zero",
        _ => throw new ArgumentOutOfRangeException(nameof(rule), rule, "No such rule."),
    };
}
