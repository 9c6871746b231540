namespace RiskLake.Risk.Measures;

/// <summary>Generalised Pareto law above a threshold.</summary>
internal sealed class PeaksOverThresholdMethod : TailMethod
{
    public override string Code => "peaks_over_threshold";

    public override string Words => "Peaks over threshold";

    public override int Order => 120;

    public override TailRisk OnePeriod(TailWork work, Confidence confidence) => work.Peaks().Estimate(confidence);

    public override (ConfidenceInterval? ValueAtRisk, ConfidenceInterval? Shortfall) Intervals(
        TailWork work, Confidence confidence, Confidence coverage, TailRisk risk) => work.Settings.ProfileIntervals
        ? (Profile(work, confidence, coverage, shortfall: false),
            risk.ExpectedShortfall.Value is null ? null : Profile(work, confidence, coverage, shortfall: true))
        : (null, null);

    // The profile takes the number of exceedances as known, which near the threshold is most of what is not known.
    private static ConfidenceInterval Profile(TailWork work, Confidence confidence, Confidence coverage, bool shortfall) =>
        2.0 * work.Length * confidence.Tail <= work.Peaks().Exceedances
            ? work.Peaks().ProfileInterval(confidence, coverage, shortfall)
            : new ConfidenceInterval(Status.OutsideDomain, null, null, null, "profile_likelihood", work.Length);
}

internal static partial class TailMethods
{
    /// <summary><see cref="PeaksOverThresholdMethod"/>.</summary>
    public static TailMethod PeaksOverThreshold { get; } = new PeaksOverThresholdMethod();
}
