using RiskLake.Risk.Numerics;

namespace RiskLake.Risk;

/// <summary>Portfolio VaR and ES from means and covariances under normality, with exact Euler parts.</summary>
/// <remarks>
/// sigma = sqrt(w'Sw); VaR = -w'mu - z sigma; marginal VaR_i = -mu_i - z (Sw)_i / sigma; ES the same with -phi(z)/alpha in place of z.
/// Weights may be negative (short) and need not sum to one (leverage): VaR is homogeneous in them. Returns are simple, which add over
/// assets.
/// Units: weight times return. Source: Jorion, "Value at Risk", ch. 7; Tasche, "Capital allocation to business units" (2008).
/// </remarks>
public static class ParametricPortfolio
{
    private const string Method = "normal_covariance";

    /// <summary>Splits VaR and ES. An empty <paramref name="means"/> stands for zero means.</summary>
    /// <exception cref="ArgumentException">Lengths differ.</exception>
    public static PortfolioRisk Decompose(
        ReadOnlySpan<double> weights, ReadOnlySpan<double> means, CovarianceMatrix covariance, Confidence confidence)
    {
        ArgumentNullException.ThrowIfNull(covariance);
        Shape.Length(covariance.Dimension, weights.Length, nameof(weights));
        if (means.Length > 0)
        {
            Shape.Length(covariance.Dimension, means.Length, nameof(means));
        }

        var convention = new Convention
        {
            Sign = Sign.LossPositive,
            Confidence = confidence,
            Mean = means.Length > 0 ? MeanRule.Sample : MeanRule.Zero,
            Window = covariance.Observations,
        };
        var refusal = covariance.Status != Status.Ready
            ? new Refusal(covariance.Status, covariance.Reason ?? "The covariance matrix is not usable.")
            : Refusal.OfSeries(weights, 1, mayBeConstant: true) ?? Refusal.OfSeries(means, 0, mayBeConstant: true);
        if (refusal is not null)
        {
            return PortfolioRisk.None(Method, refusal, covariance.Observations, convention);
        }

        var n = weights.Length;
        var marginal = new double[n];
        var variance = Variance(weights, covariance, marginal);
        var sigma = Math.Sqrt(Math.Max(variance, 0.0));
        var mean = Dot(weights, means);
        var total = ParametricTail.Normal(Method, mean, sigma, confidence, covariance.Observations, convention);
        if (total.ValueAtRisk.Value is not { } var)
        {
            return PortfolioRisk.None(
                Method, new Refusal(Status.Degenerate, "The portfolio has no variance."), covariance.Observations, convention);
        }

        var z = NormalDistribution.Quantile(confidence.Tail);
        var tail = NormalDistribution.Density(z) / confidence.Tail;
        var positions = new PositionRisk[n];
        var rest = weights.ToArray();
        for (var i = 0; i < n; i++)
        {
            var own = means.Length > 0 ? means[i] : 0.0;
            var slope = marginal[i] / sigma;
            rest[i] = 0.0;
            var without = Math.Sqrt(Math.Max(Variance(rest, covariance, null), 0.0));
            var meanWithout = Dot(rest, means);
            rest[i] = weights[i];
            var alone = Math.Abs(weights[i]) * Math.Sqrt(covariance[i, i]);
            positions[i] = new PositionRisk(
                weights[i],
                -own - (z * slope),
                weights[i] * (-own - (z * slope)),
                -own + (tail * slope),
                weights[i] * (-own + (tail * slope)),
                -(weights[i] * own) - (z * alone),
                var - (-meanWithout - (z * without)),
                null);
        }

        return PortfolioRisk.Of(total, positions, null, sigma);
    }

    // w'Sw, and S w if asked for.
    internal static double Variance(ReadOnlySpan<double> weights, CovarianceMatrix covariance, double[]? product)
    {
        var total = 0.0;
        for (var i = 0; i < weights.Length; i++)
        {
            var row = 0.0;
            for (var j = 0; j < weights.Length; j++)
            {
                row += covariance[i, j] * weights[j];
            }

            if (product is not null)
            {
                product[i] = row;
            }

            total += weights[i] * row;
        }

        return total;
    }

    private static double Dot(ReadOnlySpan<double> weights, ReadOnlySpan<double> values)
    {
        var sum = 0.0;
        for (var i = 0; i < values.Length; i++)
        {
            sum += weights[i] * values[i];
        }

        return sum;
    }
}
