namespace RiskLake.Risk.Measures;

/// <summary>Normal paths with the sample's moments.</summary>
internal sealed class MonteCarloMethod : TailMethod
{
    public override string Code => "monte_carlo";

    public override string Words => "Normal, simulated";

    public override int Order => 130;

    public override bool IsCompared => false;

    public override string? Model(MeasureSettings settings) => "normal";

    // Over a horizon the sum of independent normal returns is normal: a path is drawn once for all its periods.
    public override TailRisk OnePeriod(TailWork work, Confidence confidence)
    {
        var settings = work.Settings;
        if (work.Paths() is not { } paths)
        {
            return Refused(work, confidence);
        }

        return TailWork.Complete(
            HistoricalSimulation.Estimate(paths, confidence, settings.QuantileType) with { Tail = [] },
            convention => convention with
            {
                Window = work.Length,
                Horizon = settings.HorizonRule == HorizonRule.Simulated ? settings.Horizon : 1,
                HorizonRule = HorizonRule.Simulated,
                Parameters = [new("paths", settings.Paths), new("seed", settings.Seed)],
            });
    }

    public override TailRisk OverHorizon(TailWork work, Confidence confidence) => work.Settings.HorizonRule == HorizonRule.Simulated
        ? OnePeriod(work, confidence)
        : base.OverHorizon(work, confidence);

    /// <summary>What refuses a normal law for the sample refuses its simulation.</summary>
    private TailRisk Refused(TailWork work, Confidence confidence)
    {
        if (work.HasMoments())
        {
            return work.None(this, confidence, Status.Degenerate, "The variance is too small or too large to compute with.");
        }

        var risk = ParametricTail.Normal(work.Window, confidence).ValueAtRisk;
        return work.None(
            this, confidence, risk.Status == Status.Ready ? Status.Degenerate : risk.Status, risk.Reason ?? "The moments are not finite.");
    }
}

internal static partial class TailMethods
{
    /// <summary><see cref="MonteCarloMethod"/>.</summary>
    public static TailMethod MonteCarlo { get; } = new MonteCarloMethod();
}
