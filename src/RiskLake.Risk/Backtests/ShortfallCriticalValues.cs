using RiskLake.Risk.Numerics;

namespace RiskLake.Risk;

/// <summary>Which of Acerbi and Szekely's statistics.</summary>
public enum ShortfallStatistic
{
    /// <summary>Size of losses beyond VaR, given that there are some.</summary>
    Z1,

    /// <summary>Number and size of losses beyond VaR.</summary>
    Z2,
}

/// <summary>The distribution of Z1 and Z2 when the model is right, by simulation from the model.</summary>
/// <remarks>
/// Days are independent draws of the standard law (normal for null degrees of freedom, else Student t) with its own true VaR and ES; the
/// statistics do not depend on scale. Path i uses Philox stream i of the seed. Paths without an exceedance have no Z1 and are left out of
/// it.
/// </remarks>
public sealed record ShortfallCriticalValues
{
    private readonly double[] _sorted = [];

    /// <summary>Paths that have the statistic.</summary>
    public int Paths => _sorted.Length;

    /// <summary>The statistic.</summary>
    public required ShortfallStatistic Statistic { get; init; }

    /// <summary>Simulates the law of a statistic.</summary>
    /// <param name="statistic">Z1 or Z2.</param>
    /// <param name="days">Days per path.</param>
    /// <param name="confidence">Confidence of VaR and ES.</param>
    /// <param name="degreesOfFreedom">Above one for Student t; null for normal.</param>
    /// <param name="paths">Number of paths.</param>
    /// <param name="seed">Seed of the random numbers.</param>
    /// <exception cref="ArgumentOutOfRangeException">Days or paths are below one, or degrees of freedom at most one.</exception>
    public static ShortfallCriticalValues Simulate(
        ShortfallStatistic statistic, int days, Confidence confidence, double? degreesOfFreedom, int paths, ulong seed)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(days, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(paths, 1);
        if (degreesOfFreedom is { } nu && !(nu > 1.0 && double.IsFinite(nu)))
        {
            throw new ArgumentOutOfRangeException(
                nameof(degreesOfFreedom), degreesOfFreedom, "A tail mean needs more than one degree of freedom.");
        }

        var alpha = confidence.Tail;
        var quantile = Law(alpha, degreesOfFreedom);
        var shortfall = degreesOfFreedom is { } free
            ? StudentTDistribution.Density(quantile, free) / alpha * (free + (quantile * quantile)) / (free - 1.0)
            : NormalDistribution.Density(quantile) / alpha;
        List<double> values = new(paths);
        for (var path = 0; path < paths; path++)
        {
            var sum = 0.0;
            var hits = 0;
            for (var day = 0; day < days; day++)
            {
                // Only the tail's own draws need the quantile function.
                var u = Philox.Uniform(seed, (ulong)path, (ulong)day);
                if (u < alpha)
                {
                    sum += Law(u, degreesOfFreedom) / shortfall;
                    hits++;
                }
            }

            if (statistic == ShortfallStatistic.Z2 || hits > 0)
            {
                values.Add(1.0 + (sum / (statistic == ShortfallStatistic.Z2 ? days * alpha : hits)));
            }
        }

        return new ShortfallCriticalValues([.. values.Order()]) { Statistic = statistic };
    }

    /// <summary>The value that the statistic falls below with the given probability; null without paths.</summary>
    public double? CriticalValue(double probability) => _sorted.Length == 0 ? null : Quantile.Type7(_sorted, probability);

    /// <summary>P(statistic at most the observed one), the one-sided p-value with the observed path counted; null without paths.</summary>
    public double? PValue(double observed)
    {
        if (_sorted.Length == 0)
        {
            return null;
        }

        var below = 0;
        while (below < _sorted.Length && _sorted[below] <= observed)
        {
            below++;
        }

        return (below + 1.0) / (_sorted.Length + 1.0);
    }

    private ShortfallCriticalValues()
    {
    }

    private ShortfallCriticalValues(double[] sorted) => _sorted = sorted;

    private static double Law(double probability, double? degreesOfFreedom) => degreesOfFreedom is { } nu
        ? StudentTDistribution.Quantile(probability, nu)
        : NormalDistribution.Quantile(probability);
}
