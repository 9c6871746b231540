namespace RiskLake.Risk.Measures;

/// <summary>Past returns rescaled by EWMA volatility now over then.</summary>
internal sealed class VolatilityWeightedMethod : TailMethod
{
    public override string Code => "volatility_weighted";

    public override string Words => "Historical, volatility-weighted";

    public override int Order => 40;

    public override string? Model(MeasureSettings settings) => "ewma-" + settings.EwmaStart.Code();

    public override TailRisk OnePeriod(TailWork work, Confidence confidence)
    {
        var (settings, variances) = (work.Settings, work.Variances());
        var sigmas = new double[work.Length];
        for (var t = 0; t < work.Length; t++)
        {
            sigmas[t] = work.Offset + t < settings.EwmaWarmUp ? double.NaN : Math.Sqrt(variances[work.Offset + t]);
        }

        var risk = WeightedSimulation.VolatilityWeighted(work.Window, sigmas, Math.Sqrt(variances[^1]), confidence, settings.QuantileType);
        return TailWork.Complete(risk, convention => convention with
        {
            Parameters = [.. convention.Parameters, new("lambda", settings.EwmaLambda), new("warm_up", settings.EwmaWarmUp)],
        });
    }
}

internal static partial class TailMethods
{
    /// <summary><see cref="VolatilityWeightedMethod"/>.</summary>
    public static TailMethod VolatilityWeighted { get; } = new VolatilityWeightedMethod();
}
