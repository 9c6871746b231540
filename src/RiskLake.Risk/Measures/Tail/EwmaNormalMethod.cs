namespace RiskLake.Risk.Measures;

/// <summary>Normal with mean zero and the EWMA forecast (RiskMetrics).</summary>
internal sealed class EwmaNormalMethod : TailMethod
{
    public override string Code => "ewma_normal";

    public override string Words => "Normal, EWMA volatility";

    public override int Order => 70;

    public override RollingForecasts? Rolling { get; } = new(
        (_, _) => true,
        work =>
        {
            var variances = Ewma.ForecastVariances(work.Returns, work.Settings.EwmaLambda, work.Settings.EwmaStart);
            var sigma = Array.ConvertAll(variances[work.First..^1], Math.Sqrt);
            return RollingForecasts.Normal(new double[sigma.Length], sigma, work.Confidence, work.Window);
        });

    public override string? Model(MeasureSettings settings) => "ewma-" + settings.EwmaStart.Code();

    public override TailRisk OnePeriod(TailWork work, Confidence confidence)
    {
        var settings = work.Settings;
        var volatility = Ewma.Volatility(work.Returns, settings.EwmaLambda, settings.EwmaStart);
        if (volatility.Value is not { } sigma)
        {
            return work.None(this, confidence, volatility.Status, volatility.Reason!);
        }

        return sigma > 0.0
            ? TailWork.Complete(ParametricTail.NormalForecast(0.0, sigma, confidence, work.Returns.Length), convention => convention with
            {
                Mean = MeanRule.Zero,
                Window = work.Returns.Length,
                Parameters = [.. convention.Parameters, new("lambda", settings.EwmaLambda)],
            })
            : work.None(this, confidence, Status.Degenerate, "The series has no variance.");
    }
}

internal static partial class TailMethods
{
    /// <summary><see cref="EwmaNormalMethod"/>.</summary>
    public static TailMethod EwmaNormal { get; } = new EwmaNormalMethod();
}
