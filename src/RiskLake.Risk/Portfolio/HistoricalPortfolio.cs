using RiskLake.Risk.Numerics;

namespace RiskLake.Risk;

/// <summary>Portfolio VaR and ES by historical simulation, with parts that sum exactly.</summary>
/// <remarks>
/// Scenario t of the portfolio is sum w_i R_i,t (simple returns, constant weights, or P and L with weights of one). The ES part of position
/// i is
/// minus the mean of w_i R_i over the tail scenarios, with the same fractional boundary weight as the total: the parts sum to ES. The VaR
/// part is
/// its contribution in the one or two scenarios the quantile interpolates: exact, but noisy; beside it stands the part smoothed by a
/// triangular
/// kernel of bandwidth 2.575 sd n^(-1/5) around -VaR, rescaled to sum to VaR. Tied scenarios keep time order.
/// Sources: Acerbi, Tasche (2002); Epperlein, Smillie, "Cracking VaR with kernels", Risk 19 (2006).
/// </remarks>
public static class HistoricalPortfolio
{
    /// <summary>Splits VaR and ES.</summary>
    /// <param name="weights">One per column.</param>
    /// <param name="columns">Returns per position, columns[i][t], all of one length.</param>
    /// <param name="confidence">Confidence level.</param>
    /// <param name="type">Quantile type of VaR.</param>
    public static PortfolioRisk Decompose(
        ReadOnlySpan<double> weights, IReadOnlyList<double[]> columns, Confidence confidence, QuantileType type = QuantileType.Linear)
    {
        ArgumentNullException.ThrowIfNull(columns);
        Shape.Length(columns.Count, weights.Length, nameof(weights));
        var count = columns.Count == 0 ? 0 : columns[0].Length;
        var convention = HistoricalSimulation.ConventionOf(confidence, type, count);
        var refusal = Refusal.OfSeries(weights, 1, mayBeConstant: true);
        foreach (var column in columns)
        {
            Shape.Length(count, column.Length, nameof(columns));
            refusal ??= Refusal.OfSeries(column, 1, mayBeConstant: true);
        }

        if (refusal is not null)
        {
            return PortfolioRisk.None(HistoricalSimulation.Method, refusal, count, convention);
        }

        var scenarios = Scenarios(weights, columns, without: -1);
        var total = HistoricalSimulation.Estimate(scenarios, confidence, type);
        if (total.ValueAtRisk.Value is not { } var || total.ExpectedShortfall.Status != Status.Ready)
        {
            return PortfolioRisk.None(
                HistoricalSimulation.Method, new Refusal(
                    total.ExpectedShortfall.Status, total.ExpectedShortfall.Reason ?? string.Empty), count, convention);
        }

        var deviation = Math.Sqrt(Dispersion.Variance(scenarios, 1));
        var bandwidth = 2.575 * deviation / Elementary.Pow(count, 0.2);
        var kernel = KernelParts(weights, columns, scenarios, var, bandwidth);
        var positions = new PositionRisk[weights.Length];
        for (var i = 0; i < positions.Length; i++)
        {
            var (quantile, shortfall) = (0.0, 0.0);
            foreach (var item in total.Tail)
            {
                quantile -= item.QuantileWeight * columns[i][item.Index];
                shortfall -= item.ShortfallWeight * columns[i][item.Index];
            }

            positions[i] = new PositionRisk(
                weights[i],
                quantile,
                weights[i] * quantile,
                shortfall,
                weights[i] * shortfall,
                ValueAtRisk(Scenarios(weights, columns, only: i), confidence, type),
                var - ValueAtRisk(Scenarios(weights, columns, without: i), confidence, type),
                kernel?[i]);
        }

        return PortfolioRisk.Of(total, positions, bandwidth, deviation);
    }

    // A constant series has a quantile although it has no risk to publish: here it is a building block.
    private static double ValueAtRisk(double[] scenarios, Confidence confidence, QuantileType type)
    {
        Array.Sort(scenarios);
        return 0.0 - Quantile.LowerTail(scenarios, type, confidence);
    }

    private static double[] Scenarios(ReadOnlySpan<double> weights, IReadOnlyList<double[]> columns, int without = -1, int only = -1)
    {
        var scenarios = new double[columns[0].Length];
        for (var i = 0; i < weights.Length; i++)
        {
            if (i == without || (only >= 0 && i != only))
            {
                continue;
            }

            for (var t = 0; t < scenarios.Length; t++)
            {
                scenarios[t] += weights[i] * columns[i][t];
            }
        }

        return scenarios;
    }

    private static double[]? KernelParts(
        ReadOnlySpan<double> weights, IReadOnlyList<double[]> columns, double[] scenarios, double var, double bandwidth)
    {
        var parts = new double[weights.Length];
        var whole = 0.0;
        for (var t = 0; t < scenarios.Length; t++)
        {
            var weight = 1.0 - Math.Abs((scenarios[t] + var) / bandwidth);
            if (!(weight > 0.0))
            {
                continue;
            }

            whole += weight * scenarios[t];
            for (var i = 0; i < parts.Length; i++)
            {
                parts[i] += weight * weights[i] * columns[i][t];
            }
        }

        // Rescaled so that the parts sum to VaR; where the smoothed loss vanishes there is nothing to rescale.
        if (Math.Abs(whole) <= 1e-12 * bandwidth)
        {
            return null;
        }

        for (var i = 0; i < parts.Length; i++)
        {
            parts[i] *= var / whole;
        }

        return parts;
    }
}
