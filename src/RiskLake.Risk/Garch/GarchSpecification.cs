namespace RiskLake.Risk;

/// <summary>The recursion of the conditional variance h; e is the return minus its mean, z = e / sqrt(h).</summary>
public enum GarchModel
{
    /// <summary>h = omega + alpha e^2 + beta h. Source: Bollerslev (1986).</summary>
    Garch,

    /// <summary>h = omega + (alpha + gamma 1{e &lt; 0}) e^2 + beta h. Source: Glosten, Jagannathan, Runkle (1993).</summary>
    Gjr,

    /// <summary>ln h = omega + alpha (|z| - sqrt(2/pi)) + gamma z + beta ln h. Source: Nelson (1991).</summary>
    Egarch,
}

/// <summary>The law of the standardised errors, always with variance one.</summary>
public enum ErrorDistribution
{
    /// <summary>Standard normal.</summary>
    Normal,

    /// <summary>Student t with nu degrees of freedom, scaled by sqrt((nu - 2) / nu).</summary>
    StudentT,
}

/// <summary>
/// What stands before the first observation. It changes the estimates in the third digit, so it is part of the model's name.
/// </summary>
public enum Presample
{
    /// <summary>
    /// h_0 = e_0^2 = mean of e^2 at the current mean, differentiated (Fiorentini, Calzolari, Panattoni 1996; R's fGarch).
    /// </summary>
    Fcp,

    /// <summary>h_1 = mean of e^2 at the current mean (rugarch's "all").</summary>
    InitialVariance,

    /// <summary>EGARCH only: ln h_1 = omega / (1 - beta).</summary>
    Unconditional,

    /// <summary>
    /// h_0 = e_0^2 = a given constant (Python's arch with its backcast, see <see cref="GarchSpecification.ArchBackcast"/>).
    /// </summary>
    Constant,
}

/// <summary>Which parameters are allowed.</summary>
public enum GarchConstraint
{
    /// <summary>Anything for which every conditional variance is positive: persistence may exceed one.</summary>
    None,

    /// <summary>alpha, beta, alpha + gamma at least 0 and persistence at most 1; an optimum on a boundary is an optimum (IGARCH).</summary>
    Stationary,
}

/// <summary>A GARCH(1,1) model with everything that decides its estimates.</summary>
/// <remarks>The mean is an estimated constant mu. Equality is by value.</remarks>
public sealed record GarchSpecification
{
    /// <summary>The recursion.</summary>
    public GarchModel Model { get; init; } = GarchModel.Garch;

    /// <summary>The errors.</summary>
    public ErrorDistribution Errors { get; init; } = ErrorDistribution.Normal;

    /// <summary>The start of the recursion.</summary>
    public Presample Presample { get; init; } = Presample.Fcp;

    /// <summary>The constant of <see cref="Presample.Constant"/>, in squared units of the data; positive.</summary>
    public double? PresampleVariance { get; init; }

    /// <summary>The parameter space.</summary>
    public GarchConstraint Constraint { get; init; } = GarchConstraint.None;

    /// <summary>The model's name: <c>garch11-normal-fcp</c>, with <c>-stationary</c> when constrained.</summary>
    public string Name
    {
        get
        {
            var model = Model switch { GarchModel.Garch => "garch11", GarchModel.Gjr => "gjr11", _ => "egarch11" };
            var presample = Presample switch
            {
                Presample.Fcp => "fcp",
                Presample.InitialVariance => "h1var",
                Presample.Unconditional => "uncond",
                _ => "const",
            };
            return $"{model}-{(Errors == ErrorDistribution.Normal ? "normal" : "t")}-{presample}"
                + (Constraint == GarchConstraint.Stationary ? "-stationary" : string.Empty);
        }
    }

    /// <summary>Names of the parameters, in the order of estimates, scores and standard errors.</summary>
    public IReadOnlyList<string> ParameterNames =>
    [
        "mu",
        "omega",
        "alpha",
        .. Model == GarchModel.Garch ? (ReadOnlySpan<string>)[] : ["gamma"],
        "beta",
        .. Errors == ErrorDistribution.Normal ? (ReadOnlySpan<string>)[] : ["nu"],
    ];

    /// <summary>The presample variance of Python's arch: squares about the sample mean, the first 75 weighted 0.94^i.</summary>
    public static double ArchBackcast(ReadOnlySpan<double> returns)
    {
        var mean = Dispersion.Mean(returns);
        var deviations = new double[returns.Length];
        for (var i = 0; i < deviations.Length; i++)
        {
            deviations[i] = returns[i] - mean;
        }

        return Ewma.Backcast(deviations);
    }

    /// <summary>Why the specification makes no sense, or null.</summary>
    internal string? Fault => Presample switch
    {
        Presample.Constant when !(PresampleVariance > 0.0) || !double.IsFinite(PresampleVariance ?? double.NaN) =>
            "A constant presample needs a positive, finite variance.",
        Presample.Unconditional when Model != GarchModel.Egarch => "The unconditional presample is for EGARCH only.",
        _ => null,
    };
}
