using RiskLake.Risk.Numerics;

namespace RiskLake.Risk;

/// <summary>One scenario: a return for every position, and what it does to the portfolio.</summary>
/// <param name="Status">Ready, or why there is no scenario.</param>
/// <param name="Name">The rule that made it, snake case.</param>
/// <param name="Shocks">Simple return per position, losses negative; empty unless ready.</param>
/// <param name="Contributions">Weight times shock per position.</param>
/// <param name="PortfolioReturn">Sum of the contributions; null unless ready.</param>
/// <param name="MahalanobisSquared">Squared distance of the shocks in units of the covariance; null where none was given or it is
/// singular.</param>
/// <param name="TailProbability">Probability of a normal scenario at least as far out: chi-square with one degree per position.</param>
public sealed record StressScenario(
    Status Status,
    string Name,
    IReadOnlyList<double> Shocks,
    IReadOnlyList<double> Contributions,
    double? PortfolioReturn,
    double? MahalanobisSquared,
    double? TailProbability);

/// <summary>A stretch of history replayed.</summary>
/// <param name="Start">Index of the price before the window.</param>
/// <param name="End">Index of its last price.</param>
/// <param name="Scenario">Buy-and-hold returns over it.</param>
public sealed record StressWindow(int Start, int End, StressScenario Scenario);

/// <summary>Stress tests of a portfolio with given weights.</summary>
/// <remarks>Units: simple returns; covariances in return squared. Weights may be negative and need not sum to one.</remarks>
public static class StressTest
{
    /// <summary>Shocks as given; a position not shocked has zero. With a covariance the scenario's plausibility is judged.</summary>
    public static StressScenario Hypothetical(
        ReadOnlySpan<double> weights, ReadOnlySpan<double> shocks, CovarianceMatrix? covariance = null)
    {
        Shape.Length(weights.Length, shocks.Length, nameof(shocks));
        return Build("hypothetical", weights, shocks.ToArray(), covariance);
    }

    /// <summary>
    /// Conditional expectation: E[r_i | r_k = shock] = S_ik / S_kk shock, zero means. Source: Kupiec, Journal of Derivatives 6 (1998).
    /// </summary>
    public static StressScenario Predictive(ReadOnlySpan<double> weights, CovarianceMatrix covariance, int factor, double shock)
    {
        ArgumentNullException.ThrowIfNull(covariance);
        ArgumentOutOfRangeException.ThrowIfNegative(factor);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(factor, covariance.Dimension);
        if (covariance.Status != Status.Ready || !(covariance[factor, factor] > 0.0))
        {
            return None("predictive", covariance.Status == Status.Ready ? Status.Degenerate : covariance.Status);
        }

        var shocks = new double[weights.Length];
        for (var i = 0; i < shocks.Length; i++)
        {
            shocks[i] = i == factor ? shock : covariance[i, factor] / covariance[factor, factor] * shock;
        }

        return Build("predictive", weights, shocks, covariance);
    }

    /// <summary>Reverse stress: the most likely normal scenario that loses L, r = -L S w / (w'Sw).</summary>
    /// <param name="weights">One per position.</param>
    /// <param name="covariance">Covariance of returns.</param>
    /// <param name="loss">The loss to be explained, positive, as a fraction.</param>
    public static StressScenario Reverse(ReadOnlySpan<double> weights, CovarianceMatrix covariance, double loss)
    {
        ArgumentNullException.ThrowIfNull(covariance);
        Shape.Length(covariance.Dimension, weights.Length, nameof(weights));
        if (covariance.Status != Status.Ready)
        {
            return None("reverse", covariance.Status);
        }

        var product = new double[weights.Length];
        var variance = ParametricPortfolio.Variance(weights, covariance, product);
        if (!(variance > 0.0) || !double.IsFinite(variance))
        {
            return None("reverse", Status.Degenerate);
        }

        for (var i = 0; i < product.Length; i++)
        {
            product[i] *= -loss / variance;
        }

        return Build("reverse", weights, product, covariance);
    }

    /// <summary>The covariance with all correlations moved to rho (or towards it by a share), variances kept.</summary>
    /// <remarks>Not ready when the result is not positive semidefinite, as for rho below -1/(n - 1).</remarks>
    public static CovarianceMatrix CorrelationStress(CovarianceMatrix covariance, double rho, double share = 1.0)
    {
        ArgumentNullException.ThrowIfNull(covariance);
        if (!(rho >= -1.0 && rho <= 1.0))
        {
            throw new ArgumentOutOfRangeException(nameof(rho), rho, "A correlation lies in [-1, 1].");
        }

        if (covariance.Status != Status.Ready)
        {
            return covariance;
        }

        var n = covariance.Dimension;
        var values = covariance.ToArray();
        for (var i = 0; i < n; i++)
        {
            for (var j = 0; j < n; j++)
            {
                if (i != j)
                {
                    var target = rho * Math.Sqrt(covariance[i, i]) * Math.Sqrt(covariance[j, j]);
                    values[(i * n) + j] = (share * target) + ((1.0 - share) * covariance[i, j]);
                }
            }
        }

        return CovarianceMatrix.Checked(
            values, n, "correlation_stress", covariance.Observations, null, [new("rho", rho), new("share", share)]);
    }

    /// <summary>The worst stretch of history for a buy-and-hold portfolio over a number of periods.</summary>
    /// <remarks>
    /// Shape: prices[i][t], positive, one array per position. Shocks are p[t + h] / p[t] - 1; ties go to the earliest. Null when history is
    /// shorter
    /// than the horizon or a price is not positive and finite.
    /// </remarks>
    public static StressWindow? WorstWindow(ReadOnlySpan<double> weights, IReadOnlyList<double[]> prices, int horizon)
    {
        ArgumentNullException.ThrowIfNull(prices);
        ArgumentOutOfRangeException.ThrowIfLessThan(horizon, 1);
        Shape.Length(prices.Count, weights.Length, nameof(weights));
        var count = prices.Count == 0 ? 0 : prices[0].Length;
        foreach (var column in prices)
        {
            Shape.Length(count, column.Length, nameof(prices));
            if (Returns.Defects(column).Length > 0)
            {
                return null;
            }
        }

        var (worst, at) = (double.PositiveInfinity, -1);
        for (var start = 0; start + horizon < count; start++)
        {
            var total = 0.0;
            for (var i = 0; i < weights.Length; i++)
            {
                total += weights[i] * ((prices[i][start + horizon] / prices[i][start]) - 1.0);
            }

            if (total < worst)
            {
                (worst, at) = (total, start);
            }
        }

        return at < 0 ? null : Replay(weights, prices, at, at + horizon);
    }

    /// <summary>A named stretch of history, from the price before it to its last price.</summary>
    public static StressWindow Replay(ReadOnlySpan<double> weights, IReadOnlyList<double[]> prices, int start, int end)
    {
        ArgumentNullException.ThrowIfNull(prices);
        ArgumentOutOfRangeException.ThrowIfNegative(start);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(end, start);
        Shape.Length(prices.Count, weights.Length, nameof(weights));
        return new StressWindow(
            start, end, Build("historical", weights, [.. prices.Select(column => (column[end] / column[start]) - 1.0)], null));
    }

    /// <summary>Squared Mahalanobis distance s'S^-1 s; null when the covariance is singular to working precision.</summary>
    public static double? MahalanobisSquared(ReadOnlySpan<double> shocks, CovarianceMatrix covariance)
    {
        ArgumentNullException.ThrowIfNull(covariance);
        Shape.Length(covariance.Dimension, shocks.Length, nameof(shocks));
        if (covariance.Status != Status.Ready || covariance.Cholesky() is not { } lower)
        {
            return null;
        }

        var solved = shocks.ToArray();
        Cholesky.Solve(lower, solved.Length, solved);
        var sum = 0.0;
        for (var i = 0; i < solved.Length; i++)
        {
            sum += shocks[i] * solved[i];
        }

        return sum;
    }

    private static StressScenario Build(string name, ReadOnlySpan<double> weights, double[] shocks, CovarianceMatrix? covariance)
    {
        Shape.Length(shocks.Length, weights.Length, nameof(weights));
        var contributions = new double[shocks.Length];
        var total = 0.0;
        for (var i = 0; i < shocks.Length; i++)
        {
            contributions[i] = weights[i] * shocks[i];
            total += contributions[i];
        }

        if (!double.IsFinite(total))
        {
            return None(name, Status.InvalidInput);
        }

        var distance = covariance is null ? null : MahalanobisSquared(shocks, covariance);
        double? probability = distance is { } d ? ChiSquaredDistribution.Survival(d, shocks.Length) : null;
        return new StressScenario(Status.Ready, name, shocks, contributions, total, distance, probability);
    }

    private static StressScenario None(string name, Status status) => new(status, name, [], [], null, null, null);
}
