namespace RiskLake.Risk;

/// <summary>The formulas of FRTB's internal models approach, amounts in, amounts out.</summary>
/// <remarks>
/// Units: money; losses positive. All ES are at 97.5 %. They are arithmetic on numbers the caller has measured; whether the inputs are
/// eligible
/// (reduced set at least 75 % of the full one, modellability, desk approval) is not judged here. Source: BCBS MAR33.
/// </remarks>
public static class InternalModelCapital
{
    private static readonly int[] s_horizons = [10, 20, 40, 60, 120];

    /// <summary>Liquidity-horizon ES: sqrt(sum_j (ES_j sqrt((LH_j - LH_{j-1}) / 10))^2), LH = 10, 20, 40, 60, 120 days (MAR33.5).</summary>
    /// <param name="shortfalls">Ten-day ES over the factors of liquidity horizon at least LH_j, j = 1 .. at most 5; not negative.</param>
    public static Measure LiquidityHorizonShortfall(ReadOnlySpan<double> shortfalls)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(shortfalls.Length, s_horizons.Length, nameof(shortfalls));
        if (Fault(shortfalls) is { } refusal)
        {
            return None("liquidity_horizon_shortfall", refusal);
        }

        var sum = 0.0;
        for (var j = 0; j < shortfalls.Length; j++)
        {
            var term = shortfalls[j] * Math.Sqrt((s_horizons[j] - (j == 0 ? 0 : s_horizons[j - 1])) / 10.0);
            sum += term * term;
        }

        return Build("liquidity_horizon_shortfall", Math.Sqrt(sum));
    }

    /// <summary>Stressed ES: reduced set in stress times full over reduced set today, the ratio at least one (MAR33.6).</summary>
    public static Measure StressedShortfall(double reducedStressed, double fullCurrent, double reducedCurrent) =>
        Fault([reducedStressed, fullCurrent, reducedCurrent]) is { } refusal || !(reducedCurrent > 0.0)
            ? None("stressed_shortfall", Fault(
                [reducedStressed, fullCurrent, reducedCurrent]) ?? new Refusal(Status.Degenerate, "The reduced set has no ES today."))
            : Build("stressed_shortfall", reducedStressed * Math.Max(fullCurrent / reducedCurrent, 1.0));

    /// <summary>IMCC: rho times the unconstrained ES plus (1 - rho) times the sum over risk classes, rho = 0.5 (MAR33.15).</summary>
    public static Measure Aggregate(double unconstrained, ReadOnlySpan<double> byRiskClass, double rho = 0.5)
    {
        if ((Fault([unconstrained]) ?? Fault(byRiskClass)) is { } refusal)
        {
            return None("internal_models_capital", refusal);
        }

        return Build("internal_models_capital", (rho * unconstrained) + ((1.0 - rho) * Numerics.OrderedSum.Of(byRiskClass)));
    }

    /// <summary>
    /// Stressed ES of factors that cannot be modelled: sqrt(sum credit^2) + sqrt(sum equity^2) + sqrt((rho sum o)^2 + (1 - rho^2) sum o^2),
    /// rho = 0.6 (MAR33.17).
    /// </summary>
    /// <param name="idiosyncraticCredit">Idiosyncratic credit spread factors.</param>
    /// <param name="idiosyncraticEquity">Idiosyncratic equity factors.</param>
    /// <param name="others">All other factors.</param>
    /// <param name="rho">Correlation of the others.</param>
    public static Measure NonModellableShortfall(
        ReadOnlySpan<double> idiosyncraticCredit, ReadOnlySpan<double> idiosyncraticEquity, ReadOnlySpan<double> others, double rho = 0.6)
    {
        if ((Fault(idiosyncraticCredit) ?? Fault(idiosyncraticEquity) ?? Fault(others)) is { } refusal)
        {
            return None("non_modellable_shortfall", refusal);
        }

        var total = rho * Numerics.OrderedSum.Of(others);
        return Build(
            "non_modellable_shortfall",
            Math.Sqrt(Squares(idiosyncraticCredit)) + Math.Sqrt(Squares(idiosyncraticEquity))
                + Math.Sqrt((total * total) + ((1.0 - (rho * rho)) * Squares(others))));
    }

    private static double Squares(ReadOnlySpan<double> values)
    {
        var sum = 0.0;
        foreach (var value in values)
        {
            sum += value * value;
        }

        return sum;
    }

    private static Refusal? Fault(ReadOnlySpan<double> amounts)
    {
        foreach (var amount in amounts)
        {
            if (!(amount >= 0.0) || !double.IsFinite(amount))
            {
                return new Refusal(Status.InvalidInput, "An expected shortfall is negative or not finite.");
            }
        }

        return null;
    }

    private static Convention ConventionOf() => new() { Sign = Sign.LossPositive, Confidence = Confidence.P975 };

    private static Measure Build(string name, double value) => Measure.Of(name, "mar33", value, 0, ConventionOf());

    private static Measure None(string name, Refusal refusal) => Measure.None(name, "mar33", refusal, 0, ConventionOf());
}
