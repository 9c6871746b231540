namespace RiskLake.Risk.Measures;

/// <summary>Past returns with equal weights.</summary>
internal sealed class HistoricalMethod : TailMethod
{
    public override string Code => "historical";

    public override string Words => "Historical";

    public override int Order => 10;

    public override RollingForecasts? Rolling { get; } = new(
        // Without a whole observation in the tail past returns forecast nothing.
        (confidence, window) => window * confidence.TailNumerator >= confidence.Denominator,
        work =>
        {
            var (var, shortfall) = (new double[work.Returns.Length], new double[work.Returns.Length]);
            RollingTail.ValueAtRiskAndShortfall(work.Returns, work.Window, work.Confidence, var, shortfall);
            return new DailyForecasts(var[(work.First - 1)..^1], shortfall[(work.First - 1)..^1], work.Deviations());
        });

    public override TailRisk OnePeriod(TailWork work, Confidence confidence) =>
        HistoricalSimulation.Estimate(work.Window, confidence, work.Settings.QuantileType);

    public override TailRisk OverHorizon(TailWork work, Confidence confidence)
    {
        if (work.Settings.HorizonRule is not (HorizonRule.OverlappingSums or HorizonRule.NonOverlappingSums))
        {
            return base.OverHorizon(work, confidence);
        }

        // The tail's positions would be those of windows, not of observations.
        return work.Settings.Kind == ReturnKind.Simple
            ? work.DoNotAdd(this, confidence)
            : HistoricalSimulation.Estimate(
                work.Window, confidence, work.Settings.Horizon, work.Settings.HorizonRule, work.Settings.QuantileType) with { Tail = [] };
    }

    public override (ConfidenceInterval? ValueAtRisk, ConfidenceInterval? Shortfall) Intervals(
        TailWork work, Confidence confidence, Confidence coverage, TailRisk risk) =>
        (OrderStatisticInterval.Of(work.Window, confidence, coverage), null);
}

internal static partial class TailMethods
{
    /// <summary><see cref="HistoricalMethod"/>.</summary>
    public static TailMethod Historical { get; } = new HistoricalMethod();
}
