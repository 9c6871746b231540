namespace RiskLake.Risk.Measures;

/// <summary>Normal quantile corrected for skewness and kurtosis.</summary>
internal sealed class CornishFisherMethod : TailMethod
{
    public override string Code => "cornish_fisher";

    public override string Words => "Cornish-Fisher";

    public override int Order => 110;

    public override TailRisk OnePeriod(TailWork work, Confidence confidence) => Risk.CornishFisher.Estimate(work.Window, confidence);
}

internal static partial class TailMethods
{
    /// <summary><see cref="CornishFisherMethod"/>.</summary>
    public static TailMethod CornishFisher { get; } = new CornishFisherMethod();
}
