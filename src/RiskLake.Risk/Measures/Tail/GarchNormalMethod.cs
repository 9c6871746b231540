namespace RiskLake.Risk.Measures;

/// <summary>Forecast of a GARCH model with normal errors.</summary>
internal sealed class GarchNormalMethod : TailMethod
{
    public override string Code => "garch_normal";

    public override string Words => "Normal, GARCH volatility";

    public override int Order => 80;

    public override bool IsCompared => false;

    public override string? Model(MeasureSettings settings) => Specification(settings).Name;

    public override TailRisk OnePeriod(TailWork work, Confidence confidence) => work.Forecast(
        this,
        confidence,
        Specification(work.Settings),
        (fit, sigma) => ParametricTail.NormalForecast(fit["mu"], sigma, confidence, work.Length));

    private static GarchSpecification Specification(MeasureSettings settings) =>
        settings.Garch with { Errors = ErrorDistribution.Normal };
}

internal static partial class TailMethods
{
    /// <summary><see cref="GarchNormalMethod"/>.</summary>
    public static TailMethod GarchNormal { get; } = new GarchNormalMethod();
}
