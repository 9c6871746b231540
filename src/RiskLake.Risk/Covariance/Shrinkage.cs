using RiskLake.Risk.Numerics;

namespace RiskLake.Risk;

/// <summary>Covariance estimators that pull the sample towards a target, with the weight chosen from the data.</summary>
/// <remarks>
/// Shape and units as for <see cref="CovarianceEstimator"/>. The weight is clipped to [0, 1]. Positive definite even with more assets than
/// days.
/// </remarks>
public static class Shrinkage
{
    // The weights divide products of six deviations.
    private const double Reach = 1e35;

    /// <summary>Towards a multiple of the identity: target mu I with mu = tr S / p, S with divisor n.</summary>
    /// <remarks>Source: Ledoit, Wolf, "A well-conditioned estimator", Journal of Multivariate Analysis 88 (2004).</remarks>
    public static CovarianceMatrix Identity(IReadOnlyList<double[]> columns) =>
        CovarianceEstimator.Build("ledoit_wolf_2004_identity", columns, 2, static data =>
        {
            var (p, n) = (data.Assets, data.Count);
            var sample = CovarianceEstimator.Moments(data, 0);
            var mu = Trace(sample, p) / p;
            var distance = DistanceFromIdentity(sample, p, mu);
            var noise = default(OrderedSum);
            for (var i = 0; i < p; i++)
            {
                for (var j = 0; j < p; j++)
                {
                    for (var t = 0; t < n; t++)
                    {
                        var d = (data.Deviations[i][t] * data.Deviations[j][t]) - sample[(i * p) + j];
                        noise.Add(d * d);
                    }
                }
            }

            var beta = Math.Min(distance, noise.Value / n / n);
            return TowardsIdentity("ledoit_wolf_2004_identity", sample, data, mu, distance == 0.0 ? 0.0 : beta / distance);
        }, reach: Reach);

    /// <summary>Towards equal correlations: off-diagonal targets rbar sqrt(s_ii s_jj), rbar the mean sample correlation.</summary>
    /// <remarks>
    /// The sample's divisor is n - ddof: 0 is the authors' code of 2014, 1 theirs of 2020.
    /// Source: Ledoit, Wolf, "Honey, I shrunk the sample covariance matrix", J. Portfolio Management 30 (2004).
    /// </remarks>
    public static CovarianceMatrix ConstantCorrelation(IReadOnlyList<double[]> columns, int ddof = 1) => CovarianceEstimator.Build(
        "ledoit_wolf_2003_constant_correlation", columns, 3, data => ConstantCorrelation(data, ddof), constantColumns: false, Reach);

    /// <summary>Towards a one-factor model on the equal-weight market, sample with divisor n - 1.</summary>
    /// <remarks>
    /// Source: Ledoit, Wolf, "Improved estimation of the covariance matrix of stock returns", J. Empirical Finance 10 (2003).
    /// </remarks>
    public static CovarianceMatrix SingleIndex(IReadOnlyList<double[]> columns) => CovarianceEstimator.Build(
        "ledoit_wolf_2003_single_index", columns, 3, SingleIndex, constantColumns: false, Reach);

    /// <summary>Oracle approximating shrinkage towards a multiple of the identity, S with divisor n.</summary>
    /// <remarks>The paper's formula (23). Source: Chen, Wiesel, Eldar, Hero, IEEE Trans. Signal Processing 58 (2010).</remarks>
    public static CovarianceMatrix OracleApproximating(IReadOnlyList<double[]> columns) =>
        CovarianceEstimator.Build("oas_2010", columns, 2, static data =>
        {
            var (p, n) = (data.Assets, data.Count);
            var sample = CovarianceEstimator.Moments(data, 0);
            var trace = Trace(sample, p);
            var squares = default(OrderedSum);
            foreach (var value in sample)
            {
                squares.Add(value * value);
            }

            var numerator = ((1.0 - (2.0 / p)) * squares.Value) + (trace * trace);
            var denominator = (n + 1.0 - (2.0 / p)) * (squares.Value - (trace * trace / p));
            var weight = denominator <= 0.0 ? 1.0 : Math.Min(numerator / denominator, 1.0);
            return TowardsIdentity("oas_2010", sample, data, trace / p, weight);
        }, reach: Reach);

    private static CovarianceMatrix ConstantCorrelation(CovarianceEstimator.Centered data, int ddof)
    {
        var (p, n) = (data.Assets, data.Count);
        double divisor = n - ddof;
        var sample = CovarianceEstimator.Moments(data, ddof);
        var correlations = default(OrderedSum);
        for (var i = 0; i < p; i++)
        {
            for (var j = 0; j < i; j++)
            {
                correlations.Add(sample[(i * p) + j] / Math.Sqrt(sample[(i * p) + i] * sample[(j * p) + j]));
            }
        }

        var mean = p == 1 ? 0.0 : correlations.Value / (p * (p - 1) / 2.0);
        var target = new double[p * p];
        var (pi, rho, gamma) = (default(OrderedSum), default(OrderedSum), default(OrderedSum));
        for (var i = 0; i < p; i++)
        {
            for (var j = 0; j < p; j++)
            {
                var (si, sj, sij) = (sample[(i * p) + i], sample[(j * p) + j], sample[(i * p) + j]);
                target[(i * p) + j] = i == j ? sij : mean * Math.Sqrt(si * sj);
                var (products, cubes) = (default(OrderedSum), default(OrderedSum));
                for (var t = 0; t < n; t++)
                {
                    var (x, y) = (data.Deviations[i][t], data.Deviations[j][t]);
                    products.Add(x * x * y * y);
                    cubes.Add(x * x * x * y);
                }

                var variance = (products.Value / divisor) - (sij * sij);
                pi.Add(variance);
                rho.Add(i == j ? variance : mean * Math.Sqrt(sj / si) * ((cubes.Value / divisor) - (si * sij)));
                gamma.Add((target[(i * p) + j] - sij) * (target[(i * p) + j] - sij));
            }
        }

        var weight = gamma.Value == 0.0 ? 0.0 : Math.Clamp((pi.Value - rho.Value) / gamma.Value / divisor, 0.0, 1.0);
        return Mix(
            "ledoit_wolf_2003_constant_correlation", sample, target, data, weight, [new("ddof", ddof), new("mean_correlation", mean)]);
    }

    private static CovarianceMatrix SingleIndex(CovarianceEstimator.Centered data)
    {
        var (p, n) = (data.Assets, data.Count);
        double divisor = n - 1;
        var sample = CovarianceEstimator.Moments(data, 1);
        var market = new double[n];
        for (var t = 0; t < n; t++)
        {
            var sum = 0.0;
            for (var i = 0; i < p; i++)
            {
                sum += data.Deviations[i][t];
            }

            market[t] = sum / p;
        }

        var loading = new double[p];
        for (var i = 0; i < p; i++)
        {
            loading[i] = SumOf(t => data.Deviations[i][t] * market[t]) / divisor;
        }

        var variance = SumOf(t => market[t] * market[t]) / divisor;
        if (!(variance > 0.0))
        {
            var refusal = new Refusal(Status.Degenerate, "The equal-weight market does not move.");
            return CovarianceMatrix.None(refusal, p, "ledoit_wolf_2003_single_index", n);
        }

        var target = new double[p * p];
        var (pi, rho, gamma) = (default(OrderedSum), default(OrderedSum), default(OrderedSum));
        for (var i = 0; i < p; i++)
        {
            for (var j = 0; j < p; j++)
            {
                var (ii, jj, sij) = (i, j, sample[(i * p) + j]);
                target[(i * p) + j] = i == j ? sij : loading[i] * loading[j] / variance;
                var noise = (SumOf(t => Square(data.Deviations[ii][t] * data.Deviations[jj][t])) / divisor) - (sij * sij);
                pi.Add(noise);
                gamma.Add(Square(target[(i * p) + j] - sij));
                if (i == j)
                {
                    rho.Add(noise);
                    continue;
                }

                // Asymptotic covariances of the target's entries with the sample's.
                var v1 = (SumOf(t => Square(data.Deviations[ii][t]) * data.Deviations[jj][t] * market[t]) / divisor) - (loading[i] * sij);
                var v3 = (SumOf(t => data.Deviations[ii][t] * data.Deviations[jj][t] * market[t] * market[t]) / divisor) - (variance * sij);
                rho.Add((2.0 * v1 * loading[j] / variance) - (v3 * loading[i] * loading[j] / (variance * variance)));
            }
        }

        var weight = gamma.Value == 0.0 ? 0.0 : Math.Clamp((pi.Value - rho.Value) / gamma.Value / divisor, 0.0, 1.0);
        return Mix("ledoit_wolf_2003_single_index", sample, target, data, weight, [new("ddof", 1)]);

        double SumOf(Func<int, double> term)
        {
            var sum = default(OrderedSum);
            for (var t = 0; t < n; t++)
            {
                sum.Add(term(t));
            }

            return sum.Value;
        }
    }

    private static CovarianceMatrix TowardsIdentity(
        string method, double[] sample, CovarianceEstimator.Centered data, double mu, double weight)
    {
        var target = new double[sample.Length];
        for (var i = 0; i < data.Assets; i++)
        {
            target[(i * data.Assets) + i] = mu;
        }

        return Mix(method, sample, target, data, weight, [new("ddof", 0), new("mu", mu)]);
    }

    private static CovarianceMatrix Mix(
        string method, double[] sample, double[] target, CovarianceEstimator.Centered data, double weight,
        IReadOnlyList<Parameter> parameters)
    {
        for (var i = 0; i < sample.Length; i++)
        {
            target[i] = (weight * target[i]) + ((1.0 - weight) * sample[i]);
        }

        return CovarianceMatrix.Checked(target, data.Assets, method, data.Count, weight, parameters);
    }

    private static double DistanceFromIdentity(double[] sample, int p, double mu)
    {
        var sum = default(OrderedSum);
        for (var i = 0; i < p; i++)
        {
            for (var j = 0; j < p; j++)
            {
                sum.Add(Square(sample[(i * p) + j] - (i == j ? mu : 0.0)));
            }
        }

        return sum.Value;
    }

    private static double Trace(double[] matrix, int p)
    {
        var sum = default(OrderedSum);
        for (var i = 0; i < p; i++)
        {
            sum.Add(matrix[(i * p) + i]);
        }

        return sum.Value;
    }

    private static double Square(double x) => x * x;
}
