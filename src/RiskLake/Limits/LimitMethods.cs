namespace RiskLake.Limits;

/// <summary>Methods whose numbers limits of symbols may be held against.</summary>
internal static class LimitMethods
{
    private static readonly string[] Tail =
    [
        "historical", "age_weighted", "age_weighted_linear", "volatility_weighted", "filtered_historical", "normal", "ewma_normal",
        "garch_normal", "garch_t", "student_t", "cornish_fisher", "peaks_over_threshold", "monte_carlo",
    ];

    private static readonly string[] Volatility =
    [
        "close_to_close", "ewma", "riskmetrics_2006", "parkinson", "garman_klass", "rogers_satchell", "yang_zhang", "garman_klass_yang_zhang",
    ];

    public static IReadOnlyList<string> OfSymbols(string measure) => measure == LimitedMeasure.Volatility ? Volatility : Tail;
}
