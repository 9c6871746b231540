using RiskLake.Risk.Numerics;

namespace RiskLake.Risk;

/// <summary>The supervisor's colours.</summary>
public enum Zone
{
    /// <summary>No evidence against the model.</summary>
    Green,

    /// <summary>Some evidence: the multiplier rises.</summary>
    Yellow,

    /// <summary>The model is presumed wrong.</summary>
    Red,
}

/// <summary>Basel's traffic light over a number of exceedances, with general boundaries.</summary>
/// <remarks>
/// Green while P(X at most x) is below 95 %, red from 99.99 %, yellow between, X binomial under the stated confidence.
/// The plus factors and multipliers are tables for 250 days at 99 % and null elsewhere.
/// Sources: BCBS, "Supervisory framework for the use of backtesting" (1996), annex; MAR99; MAR33.44 (multipliers of 1.5 plus).
/// </remarks>
public sealed record TrafficLight
{
    private static readonly double[] s_plusFactors = [0.40, 0.50, 0.65, 0.75, 0.85];
    private static readonly double[] s_multipliers = [1.70, 1.76, 1.83, 1.88, 1.92];

    /// <summary>The colour.</summary>
    public required Zone Zone { get; init; }

    /// <summary>Exceedances counted.</summary>
    public required int Count { get; init; }

    /// <summary>Days counted.</summary>
    public required int Observations { get; init; }

    /// <summary>Confidence of the forecasts.</summary>
    public required Confidence Confidence { get; init; }

    /// <summary>P(X at most x) if the model is right.</summary>
    public required double Cumulative { get; init; }

    /// <summary>P(X at least x) if the model is right: the risk of blaming it wrongly.</summary>
    public required double FalseAlarm { get; init; }

    /// <summary>Addition to the multiplier of 3 (Basel 1996); null unless 250 days at 99 %.</summary>
    public double? PlusFactor { get; init; }

    /// <summary>Multiplier m_c of MAR33, 1.5 to 2; null unless 250 days at 99 %.</summary>
    public double? Multiplier { get; init; }

    /// <summary>First count that is yellow.</summary>
    public required int YellowFrom { get; init; }

    /// <summary>First count that is red.</summary>
    public required int RedFrom { get; init; }

    /// <summary>Judges a count.</summary>
    public static TrafficLight Of(int count, int days, Confidence confidence)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, days);
        var cumulative = BinomialDistribution.Cdf(count, days, confidence.Tail);
        var (yellow, red) = Boundaries(days, confidence);
        var zone = count >= red ? Zone.Red : count >= yellow ? Zone.Yellow : Zone.Green;
        var tabled = days == 250 && confidence == Confidence.P99;
        return new TrafficLight
        {
            Zone = zone,
            Count = count,
            Observations = days,
            Confidence = confidence,
            Cumulative = cumulative,
            FalseAlarm = BinomialDistribution.AtLeast(count, days, confidence.Tail),
            PlusFactor = !tabled ? null : count <= 4 ? 0.0 : count >= 10 ? 1.0 : s_plusFactors[count - 5],
            Multiplier = !tabled ? null : count <= 4 ? 1.5 : count >= 10 ? 2.0 : s_multipliers[count - 5],
            YellowFrom = yellow,
            RedFrom = red,
        };
    }

    /// <summary>Judges the last <paramref name="days"/> days of a series; null when it is shorter or not ready.</summary>
    public static TrafficLight? OfLast(Exceedances exceedances, int days = 250)
    {
        ArgumentNullException.ThrowIfNull(exceedances);
        return exceedances.Status != Status.Ready || exceedances.Observations < days
            ? null
            : Of(exceedances.Days.Skip(exceedances.Observations - days).Count(static day => day), days, exceedances.Confidence);
    }

    /// <summary>The first yellow and the first red count for any number of days and confidence.</summary>
    public static (int YellowFrom, int RedFrom) Boundaries(int days, Confidence confidence)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(days, 1);
        return (BinomialDistribution.Quantile(0.95, days, confidence.Tail), BinomialDistribution.Quantile(0.9999, days, confidence.Tail));
    }
}
