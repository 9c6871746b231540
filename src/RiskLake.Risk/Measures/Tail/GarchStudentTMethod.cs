namespace RiskLake.Risk.Measures;

/// <summary>Forecast of a GARCH model with Student-t errors.</summary>
internal sealed class GarchStudentTMethod : TailMethod
{
    public override string Code => "garch_t";

    public override string Words => "Student t, GARCH volatility";

    public override int Order => 90;

    public override string? Model(MeasureSettings settings) => Specification(settings).Name;

    public override TailRisk OnePeriod(TailWork work, Confidence confidence) => work.Forecast(
        this,
        confidence,
        Specification(work.Settings),
        (fit, sigma) => ParametricTail.StudentTForecast(fit["mu"], sigma, fit["nu"], confidence, work.Length));

    private static GarchSpecification Specification(MeasureSettings settings) =>
        settings.Garch with { Errors = ErrorDistribution.StudentT };
}

internal static partial class TailMethods
{
    /// <summary><see cref="GarchStudentTMethod"/>.</summary>
    public static TailMethod GarchStudentT { get; } = new GarchStudentTMethod();
}
