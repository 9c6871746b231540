using RiskLake.Risk.Numerics;

namespace RiskLake.Risk;

/// <summary>Monte Carlo VaR and ES of a portfolio of jointly normal returns.</summary>
/// <remarks>
/// Path i uses standard normals i n .. i n + n - 1 of the seed's Philox sequence (n positions), returns = mean + L z with L the lower
/// Cholesky
/// factor of the covariance. A path is a function of the seed and its number alone: the same on any number of threads, and one path of the
/// tail
/// can be made again to look inside. A singular covariance uses its spectral root; the method's name then says so.
/// Units: weight times return; losses positive. Source: Glasserman, "Monte Carlo Methods in Financial Engineering", ch. 9.
/// </remarks>
public static class MonteCarlo
{
    private const int Block = 4096;

    /// <summary>VaR and ES over the simulated paths; the tail lists path numbers. Empty <paramref name="means"/> stand for zero.</summary>
    public static TailRisk Estimate(
        ReadOnlySpan<double> weights,
        ReadOnlySpan<double> means,
        CovarianceMatrix covariance,
        Confidence confidence,
        int paths,
        ulong seed,
        int threads = 1,
        QuantileType type = QuantileType.Linear)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(paths, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(threads, 1);
        var convention = HistoricalSimulation.ConventionOf(confidence, type, paths) with
        {
            HorizonRule = HorizonRule.Simulated,
            Parameters = [new("paths", paths), new("seed", seed)],
        };
        if (Root(covariance) is not { } root)
        {
            var refusal = new Refusal(
                covariance.Status == Status.Ready ? Status.Degenerate : covariance.Status, covariance.Reason ?? "No root.");
            return TailRisk.None("monte_carlo", refusal, paths, convention);
        }

        var returns = Paths(weights, means, root.Matrix, paths, seed, threads);
        return HistoricalSimulation.Estimate(returns, confidence, type, root.Method, convention);
    }

    /// <summary>The simulated portfolio returns, in path order.</summary>
    /// <exception cref="ArgumentException">The covariance is not ready, or lengths differ.</exception>
    public static double[] Paths(
        ReadOnlySpan<double> weights, ReadOnlySpan<double> means, CovarianceMatrix covariance, int paths, ulong seed, int threads = 1)
    {
        ArgumentNullException.ThrowIfNull(covariance);
        Shape.Length(covariance.Dimension, weights.Length, nameof(weights));
        return Paths(
            weights, means, (Root(covariance) ?? throw new ArgumentException(
                "The covariance is not usable.", nameof(covariance))).Matrix, paths, seed, threads);
    }

    private static double[] Paths(
        ReadOnlySpan<double> weights, ReadOnlySpan<double> means, double[] root, int paths, ulong seed, int threads)
    {
        var (w, mu) = (weights.ToArray(), means.ToArray());
        Shape.Length(w.Length * w.Length, root.Length, nameof(weights));
        if (mu.Length > 0)
        {
            Shape.Length(w.Length, mu.Length, nameof(means));
        }

        var returns = new double[paths];
        var blocks = ((paths - 1) / Block) + 1;
        if (threads == 1)
        {
            for (var block = 0; block < blocks; block++)
            {
                Fill(block);
            }
        }
        else
        {
            Parallel.For(0, blocks, new ParallelOptions { MaxDegreeOfParallelism = threads }, Fill);
        }

        return returns;

        void Fill(int block)
        {
            var n = w.Length;
            var z = new double[n];
            for (var path = block * Block; path < Math.Min(paths, (block + 1) * Block); path++)
            {
                Philox.Normals(seed, 0, (ulong)path * (ulong)n, z);
                var total = 0.0;
                for (var i = 0; i < n; i++)
                {
                    var value = mu.Length > 0 ? mu[i] : 0.0;
                    for (var j = 0; j < n; j++)
                    {
                        value += root[(i * n) + j] * z[j];
                    }

                    total += w[i] * value;
                }

                returns[path] = total;
            }
        }
    }

    private static (double[] Matrix, string Method)? Root(CovarianceMatrix covariance)
    {
        ArgumentNullException.ThrowIfNull(covariance);
        if (covariance.Status != Status.Ready)
        {
            return null;
        }

        if (covariance.Cholesky() is { } lower)
        {
            return (lower, "monte_carlo_normal");
        }

        var n = covariance.Dimension;
        var (values, vectors) = SymmetricEigen.Decompose(covariance.Values, n);
        if (!(values[^1] > 0.0))
        {
            return null;
        }

        for (var j = 0; j < n; j++)
        {
            var deviation = Math.Sqrt(Math.Max(values[j], 0.0));
            for (var i = 0; i < n; i++)
            {
                vectors[(i * n) + j] *= deviation;
            }
        }

        return (vectors, "monte_carlo_normal_spectral");
    }
}
