namespace RiskLake.Risk.Measures;

/// <summary>Past returns, recent ones heavier; the quantile steps.</summary>
internal sealed class AgeWeightedMethod : TailMethod
{
    public override string Code => "age_weighted";

    public override string Words => "Historical, age-weighted";

    public override int Order => 20;

    public override TailRisk OnePeriod(TailWork work, Confidence confidence) =>
        WeightedSimulation.AgeWeighted(work.Window, confidence, work.Settings.AgeLambda);
}

internal static partial class TailMethods
{
    /// <summary><see cref="AgeWeightedMethod"/>.</summary>
    public static TailMethod AgeWeighted { get; } = new AgeWeightedMethod();
}
