namespace RiskLake.Risk;

/// <summary>One observation behind a tail measure.</summary>
/// <param name="Index">Position in the input, from 0.</param>
/// <param name="Return">The observation, with the data's sign.</param>
/// <param name="ShortfallWeight">Its share of the expected shortfall; the shares of a tail sum to one.</param>
/// <param name="QuantileWeight">Its share of the value at risk; the shares sum to one over the tail.</param>
public readonly record struct TailObservation(int Index, double Return, double ShortfallWeight, double QuantileWeight);

/// <summary>Value at risk and expected shortfall of one method at one confidence, and the observations behind them.</summary>
/// <remarks>Invariant: when both have values, expected shortfall is at least value at risk.</remarks>
public sealed record TailRisk
{
    /// <summary>The loss that is exceeded with the tail probability.</summary>
    public required Measure ValueAtRisk { get; init; }

    /// <summary>The mean loss in the tail.</summary>
    public required Measure ExpectedShortfall { get; init; }

    /// <summary>The observations the two numbers are made of, worst first; empty for parametric methods.</summary>
    public IReadOnlyList<TailObservation> Tail { get; init; } = [];

    /// <summary>Joins two numbers, enforcing that the shortfall is not below the quantile.</summary>
    internal static TailRisk Of(
        string method, double valueAtRisk, double expectedShortfall, int observations, Convention convention,
        IReadOnlyList<TailObservation>? tail = null)
    {
        var shortfall = SettleRounding(valueAtRisk, expectedShortfall);
        return new TailRisk
        {
            ValueAtRisk = Measure.Of("value_at_risk", method, valueAtRisk, observations, convention),
            ExpectedShortfall = shortfall >= valueAtRisk || double.IsNaN(shortfall)
                ? Measure.Of("expected_shortfall", method, shortfall, observations, convention)
                : Measure.None(
                    "expected_shortfall",
                    method,
                    new Refusal(Status.OutsideDomain, "The tail mean lies below the quantile under these conventions."),
                    observations,
                    convention),
            Tail = tail ?? [],
        };
    }

    internal static TailRisk None(string method, Refusal refusal, int observations, Convention convention) => new()
    {
        ValueAtRisk = Measure.None("value_at_risk", method, refusal, observations, convention),
        ExpectedShortfall = Measure.None("expected_shortfall", method, refusal, observations, convention),
    };

    /// <summary>A shortfall below the quantile by at most 1e-12 relative is rounding, and is set to it.</summary>
    internal static double SettleRounding(double valueAtRisk, double expectedShortfall) =>
        expectedShortfall < valueAtRisk && valueAtRisk - expectedShortfall <= 1e-12 * Math.Max(
            Math.Abs(valueAtRisk), Math.Abs(expectedShortfall))
            ? valueAtRisk
            : expectedShortfall;
}
