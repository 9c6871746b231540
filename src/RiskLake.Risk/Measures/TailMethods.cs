using RiskLake.Risk;

namespace RiskLake.Risk.Measures;

/// <summary>The ways to a VaR and an ES of one series.</summary>
internal enum TailMethod
{
    /// <summary>Past returns with equal weights.</summary>
    Historical,

    /// <summary>Past returns, recent ones heavier; the quantile steps.</summary>
    AgeWeighted,

    /// <summary>The same, the quantile linear in the cumulated weight.</summary>
    AgeWeightedLinear,

    /// <summary>Past returns rescaled by EWMA volatility now over then.</summary>
    VolatilityWeighted,

    /// <summary>Residuals of a GARCH model at its forecast volatility.</summary>
    FilteredHistorical,

    /// <summary>Normal with the sample's moments.</summary>
    Normal,

    /// <summary>Normal with mean zero and the EWMA forecast (RiskMetrics).</summary>
    EwmaNormal,

    /// <summary>Forecast of a GARCH model with normal errors.</summary>
    GarchNormal,

    /// <summary>Forecast of a GARCH model with Student-t errors.</summary>
    GarchStudentT,

    /// <summary>Student t by maximum likelihood.</summary>
    StudentT,

    /// <summary>Normal quantile corrected for skewness and kurtosis.</summary>
    CornishFisher,

    /// <summary>Generalised Pareto law above a threshold.</summary>
    PeaksOverThreshold,

    /// <summary>Normal paths with the sample's moments.</summary>
    MonteCarlo,
}

/// <summary>The written names of methods, kinds and starts, as they stand in tables and JSON.</summary>
internal static class TailMethods
{
    /// <summary>Every method, in the order of rows.</summary>
    public static IReadOnlyList<TailMethod> All { get; } = Enum.GetValues<TailMethod>();

    public static string Code(this TailMethod method) => method switch
    {
        TailMethod.Historical => "historical",
        TailMethod.AgeWeighted => "age_weighted",
        TailMethod.AgeWeightedLinear => "age_weighted_linear",
        TailMethod.VolatilityWeighted => "volatility_weighted",
        TailMethod.FilteredHistorical => "filtered_historical",
        TailMethod.Normal => "normal",
        TailMethod.EwmaNormal => "ewma_normal",
        TailMethod.GarchNormal => "garch_normal",
        TailMethod.GarchStudentT => "garch_t",
        TailMethod.StudentT => "student_t",
        TailMethod.CornishFisher => "cornish_fisher",
        TailMethod.PeaksOverThreshold => "peaks_over_threshold",
        TailMethod.MonteCarlo => "monte_carlo",
        _ => throw new ArgumentOutOfRangeException(nameof(method), method, "No such method."),
    };

    public static string Code(this ReturnKind kind) => kind switch
    {
        ReturnKind.Log => "log",
        ReturnKind.Simple => "simple",
        ReturnKind.Absolute => "absolute",
        ReturnKind.Unstated => "none",
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "No such kind."),
    };

    public static string Code(this EwmaStart start) => start switch
    {
        EwmaStart.NormalizedWeights => "normalized",
        EwmaStart.FirstSquare => "first_square",
        EwmaStart.FullSampleMeanSquare => "full_sample",
        EwmaStart.Backcast75 => "backcast_75",
        _ => throw new ArgumentOutOfRangeException(nameof(start), start, "No such start."),
    };
}
