namespace RiskLake.Risk;

/// <summary>What one position adds to a portfolio's risk. Losses are positive; a hedge has negative parts.</summary>
/// <param name="Weight">Exposure per unit of portfolio value, or in money; negative when short.</param>
/// <param name="MarginalValueAtRisk">Derivative of VaR by the weight; null where the method has none.</param>
/// <param name="ComponentValueAtRisk">Euler part of VaR: weight times marginal. The parts sum to the total.</param>
/// <param name="MarginalShortfall">Derivative of ES by the weight.</param>
/// <param name="ComponentShortfall">Euler part of ES. The parts sum to the total.</param>
/// <param name="StandaloneValueAtRisk">VaR of the position alone.</param>
/// <param name="IncrementalValueAtRisk">VaR with the position minus VaR without it, recomputed in full; these do not sum. Null when the
/// rest has none.</param>
/// <param name="KernelComponentValueAtRisk">Historical method only: Euler part smoothed over scenarios near the VaR, rescaled to sum to
/// it.</param>
public readonly record struct PositionRisk(
    double Weight,
    double MarginalValueAtRisk,
    double ComponentValueAtRisk,
    double MarginalShortfall,
    double ComponentShortfall,
    double StandaloneValueAtRisk,
    double? IncrementalValueAtRisk,
    double? KernelComponentValueAtRisk);

/// <summary>Value at risk and expected shortfall of a portfolio, split over its positions.</summary>
/// <remarks>Invariant: when ready, the component parts sum to their totals within 1e-12 of the sum of their magnitudes.</remarks>
public sealed record PortfolioRisk
{
    /// <summary>Ready, or why there is no split.</summary>
    public required Status Status { get; init; }

    /// <summary>Why there is none; null when ready.</summary>
    public string? Reason { get; init; }

    /// <summary>The totals, with the scenarios behind them for historical methods.</summary>
    public required TailRisk Total { get; init; }

    /// <summary>One entry per weight, in the order given; empty unless ready.</summary>
    public IReadOnlyList<PositionRisk> Positions { get; init; } = [];

    /// <summary>Sum of the stand-alone VaRs.</summary>
    public double? UndiversifiedValueAtRisk { get; init; }

    /// <summary>Undiversified VaR minus VaR.</summary>
    public double? DiversificationBenefit { get; init; }

    /// <summary>Bandwidth of the kernel parts, in the unit of the portfolio's return; historical method only.</summary>
    public double? KernelBandwidth { get; init; }

    /// <summary>Standard deviation of the portfolio's return; parametric method, or the sample's for the historical one.</summary>
    public double? StandardDeviation { get; init; }

    internal static PortfolioRisk None(string method, Refusal refusal, int observations, Convention convention) => new()
    {
        Status = refusal.Status,
        Reason = refusal.Reason,
        Total = TailRisk.None(method, refusal, observations, convention),
    };

    internal static PortfolioRisk Of(TailRisk total, PositionRisk[] positions, double? bandwidth, double standardDeviation)
    {
        if (total.ValueAtRisk.Value is not { } var || total.ExpectedShortfall.Value is not { } shortfall)
        {
            return new PortfolioRisk { Status = total.ExpectedShortfall.Status, Reason = total.ExpectedShortfall.Reason, Total = total };
        }

        var closed = Closes(positions, static position => position.ComponentValueAtRisk, var)
            && Closes(positions, static position => position.ComponentShortfall, shortfall);
        var standalone = positions.Sum(position => position.StandaloneValueAtRisk);
        return new PortfolioRisk
        {
            Status = closed ? Status.Ready : Status.Degenerate,
            Reason = closed ? null : "The components do not sum to the total.",
            Total = total,
            Positions = closed ? positions : [],
            UndiversifiedValueAtRisk = closed ? standalone : null,
            DiversificationBenefit = closed ? standalone - var : null,
            KernelBandwidth = bandwidth,
            StandardDeviation = standardDeviation,
        };
    }

    private static bool Closes(PositionRisk[] positions, Func<PositionRisk, double> part, double total)
    {
        var magnitude = positions.Sum(position => Math.Abs(part(position)));
        return Math.Abs(positions.Sum(part) - total) <= 1e-12 * Math.Max(magnitude, Math.Abs(total));
    }
}
