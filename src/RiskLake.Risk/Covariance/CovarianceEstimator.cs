using RiskLake.Risk.Numerics;

namespace RiskLake.Risk;

/// <summary>Estimators of a covariance matrix from columns of returns on one common calendar.</summary>
/// <remarks>
/// Shape: columns[i][t], one array per asset, all of one length, in the same time order; missing days are the caller's to align, never
/// deleted pairwise, which would break positive semidefiniteness. Units: return squared per period.
/// </remarks>
public static class CovarianceEstimator
{
    /// <summary>Sample covariance with divisor n - ddof.</summary>
    public static CovarianceMatrix Sample(IReadOnlyList<double[]> columns, int ddof = 1)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(ddof);
        return Build("sample", columns, Math.Max(2, ddof + 1), data =>
            CovarianceMatrix.Checked(Moments(data, ddof), data.Assets, "sample", data.Count, null, [new("ddof", ddof)]));
    }

    /// <summary>Pearson correlation.</summary>
    public static CovarianceMatrix Correlation(IReadOnlyList<double[]> columns) =>
        Build("pearson", columns, 2, data => OfScores("pearson", data), constantColumns: false);

    /// <summary>Spearman correlation: Pearson's of average ranks.</summary>
    public static CovarianceMatrix Spearman(IReadOnlyList<double[]> columns) => Build(
        "spearman", columns, 2, data => OfScores(
            "spearman", Centered.Of([.. data.Columns.Select(column => Ranks.Average(column))])), constantColumns: false);

    /// <summary>Kendall's tau-b: concordant minus discordant pairs over the geometric mean of untied pairs.</summary>
    public static CovarianceMatrix Kendall(IReadOnlyList<double[]> columns) => Build("kendall_tau_b", columns, 2, static data =>
    {
        var p = data.Assets;
        var values = new double[p * p];
        for (var i = 0; i < p; i++)
        {
            values[(i * p) + i] = 1.0;
            for (var j = 0; j < i; j++)
            {
                var tau = Ranks.KendallTauB(data.Columns[i], data.Columns[j]);
                values[(i * p) + j] = tau;
                values[(j * p) + i] = tau;
            }
        }

        return CovarianceMatrix.Checked(values, p, "kendall_tau_b", data.Count, null, []);
    }, constantColumns: false);

    /// <summary>
    /// Exponentially weighted second moments about zero: S = lambda S + (1 - lambda) r r', started at the first outer product.
    /// </summary>
    /// <remarks>The forecast for the period after the last. Source: RiskMetrics (1996).</remarks>
    public static CovarianceMatrix ExponentiallyWeighted(IReadOnlyList<double[]> columns, double lambda)
    {
        Ewma.CheckLambda(lambda);
        return Build("ewma", columns, 2, data =>
        {
            var p = data.Assets;
            var values = new double[p * p];
            for (var t = 0; t < data.Count; t++)
            {
                for (var i = 0; i < p; i++)
                {
                    for (var j = 0; j <= i; j++)
                    {
                        var product = data.Columns[i][t] * data.Columns[j][t];
                        ref var cell = ref values[(i * p) + j];
                        cell = t == 0 ? product : (lambda * cell) + ((1.0 - lambda) * product);
                    }
                }
            }

            Mirror(values, p);
            return CovarianceMatrix.Checked(values, p, "ewma", data.Count, null, [new("lambda", lambda)]);
        });
    }

    internal static CovarianceMatrix Build(
        string method, IReadOnlyList<double[]> columns, int needed, Func<Centered, CovarianceMatrix> estimate, bool constantColumns = true,
        double reach = 1e75)
    {
        ArgumentNullException.ThrowIfNull(columns);
        ArgumentOutOfRangeException.ThrowIfLessThan(columns.Count, 1, nameof(columns));
        foreach (var column in columns)
        {
            Shape.Length(columns[0].Length, column.Length, nameof(columns));
            if (Refusal.OfSeries(column, needed, mayBeConstant: constantColumns, reach) is { } refusal)
            {
                return CovarianceMatrix.None(refusal, columns.Count, method, columns[0].Length);
            }
        }

        return estimate(Centered.Of(columns));
    }

    internal static double[] Moments(Centered data, int ddof)
    {
        var p = data.Assets;
        var values = new double[p * p];
        for (var i = 0; i < p; i++)
        {
            for (var j = 0; j <= i; j++)
            {
                var sum = default(OrderedSum);
                for (var t = 0; t < data.Count; t++)
                {
                    sum.Add(data.Deviations[i][t] * data.Deviations[j][t]);
                }

                values[(i * p) + j] = sum.Value / (data.Count - ddof);
            }
        }

        Mirror(values, p);
        return values;
    }

    internal static void Mirror(double[] values, int p)
    {
        for (var i = 0; i < p; i++)
        {
            for (var j = 0; j < i; j++)
            {
                values[(j * p) + i] = values[(i * p) + j];
            }
        }
    }

    private static CovarianceMatrix OfScores(string method, Centered data)
    {
        var p = data.Assets;
        var values = Moments(data, 0);
        var scale = new double[p];
        for (var i = 0; i < p; i++)
        {
            scale[i] = Math.Sqrt(values[(i * p) + i]);
        }

        for (var i = 0; i < p; i++)
        {
            for (var j = 0; j < p; j++)
            {
                values[(i * p) + j] = i == j ? 1.0 : Math.Clamp(values[(i * p) + j] / (scale[i] * scale[j]), -1.0, 1.0);
            }
        }

        return CovarianceMatrix.Checked(values, p, method, data.Count, null, []);
    }

    /// <summary>Columns and their deviations from their means.</summary>
    internal sealed record Centered(IReadOnlyList<double[]> Columns, double[][] Deviations, double[] Means)
    {
        public int Assets => Columns.Count;

        public int Count => Columns[0].Length;

        public static Centered Of(IReadOnlyList<double[]> columns)
        {
            var deviations = new double[columns.Count][];
            var means = new double[columns.Count];
            for (var i = 0; i < columns.Count; i++)
            {
                var mean = Dispersion.Mean(columns[i]);
                means[i] = mean;
                deviations[i] = [.. columns[i].Select(value => value - mean)];
            }

            return new Centered(columns, deviations, means);
        }
    }
}
