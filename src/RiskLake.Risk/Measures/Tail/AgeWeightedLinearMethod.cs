namespace RiskLake.Risk.Measures;

/// <summary>Past returns, recent ones heavier; the quantile is linear in the cumulated weight.</summary>
internal sealed class AgeWeightedLinearMethod : TailMethod
{
    public override string Code => "age_weighted_linear";

    public override string Words => "Historical, age-weighted, linear quantile";

    public override int Order => 30;

    public override bool IsCompared => false;

    public override TailRisk OnePeriod(TailWork work, Confidence confidence) => WeightedSimulation.AgeWeighted(
        work.Window, confidence, work.Settings.AgeLambda, WeightedQuantile.LinearInCumulatedWeight);
}

internal static partial class TailMethods
{
    /// <summary><see cref="AgeWeightedLinearMethod"/>.</summary>
    public static TailMethod AgeWeightedLinear { get; } = new AgeWeightedLinearMethod();
}
