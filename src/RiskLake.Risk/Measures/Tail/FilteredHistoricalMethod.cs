namespace RiskLake.Risk.Measures;

/// <summary>Residuals of a GARCH model at its forecast volatility.</summary>
internal sealed class FilteredHistoricalMethod : TailMethod
{
    public override string Code => "filtered_historical";

    public override string Words => "Historical, GARCH-filtered";

    public override int Order => 50;

    public override string? Model(MeasureSettings settings) => settings.Garch.Name;

    public override TailRisk OnePeriod(TailWork work, Confidence confidence) =>
        FilteredSimulation.Estimate(work.Fit(work.Settings.Garch), work.Window, confidence, work.Settings.QuantileType);

    public override TailRisk OverHorizon(TailWork work, Confidence confidence)
    {
        var settings = work.Settings;
        if (settings.HorizonRule != HorizonRule.Simulated)
        {
            return base.OverHorizon(work, confidence);
        }

        return settings.Kind == ReturnKind.Simple
            ? work.DoNotAdd(this, confidence)
            : FilteredSimulation.Simulate(
                work.Fit(settings.Garch), work.Window, confidence, settings.Horizon, settings.Paths, settings.Seed, settings.QuantileType)
                with { Tail = [] };
    }
}

internal static partial class TailMethods
{
    /// <summary><see cref="FilteredHistoricalMethod"/>.</summary>
    public static TailMethod FilteredHistorical { get; } = new FilteredHistoricalMethod();
}
