namespace RiskLake.Risk.Measures;

/// <summary>Normal with the sample's moments.</summary>
internal sealed class NormalMethod : TailMethod
{
    public override string Code => "normal";

    public override string Words => "Normal";

    public override int Order => 60;

    public override RollingForecasts? Rolling { get; } = new(
        (_, _) => true,
        work => RollingForecasts.Normal(
            RollingMoments.Mean(work.Returns, work.Window)[(work.First - 1)..^1], work.Deviations(), work.Confidence, work.Window));

    public override TailRisk OnePeriod(TailWork work, Confidence confidence) =>
        ParametricTail.Normal(work.Window, confidence, work.Settings.Ddof, work.Settings.Mean);
}

internal static partial class TailMethods
{
    /// <summary><see cref="NormalMethod"/>.</summary>
    public static TailMethod Normal { get; } = new NormalMethod();
}
