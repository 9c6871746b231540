using RiskLake.Risk;

namespace RiskLake.Risk.Measures;

/// <summary>How two series of returns are compared.</summary>
internal enum CorrelationMethod
{
    /// <summary>Product moment.</summary>
    Pearson,

    /// <summary>Of ranks.</summary>
    Spearman,

    /// <summary>Tau-b: concordant pairs.</summary>
    Kendall,

    /// <summary>Exponentially weighted about zero.</summary>
    Ewma,

    /// <summary>Shrunk towards one constant correlation (Ledoit-Wolf 2003).</summary>
    LedoitWolfConstantCorrelation,

    /// <summary>Shrunk towards a single-index model (Ledoit-Wolf 2003).</summary>
    LedoitWolfSingleIndex,

    /// <summary>Shrunk towards the identity (Ledoit-Wolf 2004).</summary>
    LedoitWolfIdentity,

    /// <summary>Shrunk towards the identity (OAS).</summary>
    OracleApproximating,
}

/// <summary>The correlation of one pair of columns by one method.</summary>
/// <param name="First">Name of the earlier column.</param>
/// <param name="Second">Name of the later column.</param>
/// <param name="Correlation">Between -1 and 1; its method by <see cref="SeriesCorrelations.Code"/>, its convention with lambda or shrinkage.</param>
/// <param name="Covariance">Where the method estimates one: return squared.</param>
internal sealed record CorrelationRow(string First, string Second, Measure Correlation, double? Covariance);

/// <summary>Correlations of aligned columns of returns, a row per method and pair.</summary>
/// <remarks>
/// Pure. Columns share one calendar; days are never deleted pairwise. A constant column refuses its own pairs; shrinkage, which looks at
/// all columns at once, is refused as a whole. Rows: method by method as given, within it pairs in the order of the columns.
/// </remarks>
internal static class SeriesCorrelations
{
    /// <summary>Every method.</summary>
    public static IReadOnlyList<CorrelationMethod> All { get; } = Enum.GetValues<CorrelationMethod>();

    public static string Code(this CorrelationMethod method) => method switch
    {
        CorrelationMethod.Pearson => "pearson",
        CorrelationMethod.Spearman => "spearman",
        CorrelationMethod.Kendall => "kendall",
        CorrelationMethod.Ewma => "ewma",
        CorrelationMethod.LedoitWolfConstantCorrelation => "ledoit_wolf_2003",
        CorrelationMethod.LedoitWolfSingleIndex => "ledoit_wolf_single_index",
        CorrelationMethod.LedoitWolfIdentity => "ledoit_wolf_2004",
        CorrelationMethod.OracleApproximating => "oas",
        _ => throw new ArgumentOutOfRangeException(nameof(method), method, "No such method."),
    };

    /// <summary>Computes the rows.</summary>
    /// <exception cref="ArgumentException">Columns and names differ in number, or columns in length.</exception>
    public static IReadOnlyList<CorrelationRow> Compute(
        IReadOnlyList<double[]> columns, IReadOnlyList<string> names, IReadOnlyList<CorrelationMethod> methods, double lambda = 0.94)
    {
        if (columns.Count != names.Count || columns.Any(column => column.Length != columns[0].Length))
        {
            throw new ArgumentException("Needs one name per column, and columns of one length.", nameof(columns));
        }

        List<CorrelationRow> rows = [];
        foreach (var method in methods)
        {
            var joint = method >= CorrelationMethod.LedoitWolfConstantCorrelation && columns.Count > 0 ? Joint(method, columns) : null;
            for (var i = 0; i < columns.Count; i++)
            {
                for (var j = i + 1; j < columns.Count; j++)
                {
                    rows.Add(joint is null
                        ? Row(method, Pair(method, [columns[i], columns[j]], lambda), 0, 1, names[i], names[j], lambda)
                        : Row(method, joint, i, j, names[i], names[j], lambda));
                }
            }
        }

        return rows;
    }

    private static CovarianceMatrix Joint(CorrelationMethod method, IReadOnlyList<double[]> columns) => method switch
    {
        CorrelationMethod.LedoitWolfConstantCorrelation => Shrinkage.ConstantCorrelation(columns),
        CorrelationMethod.LedoitWolfSingleIndex => Shrinkage.SingleIndex(columns),
        CorrelationMethod.LedoitWolfIdentity => Shrinkage.Identity(columns),
        _ => Shrinkage.OracleApproximating(columns),
    };

    private static CovarianceMatrix Pair(CorrelationMethod method, IReadOnlyList<double[]> pair, double lambda) => method switch
    {
        CorrelationMethod.Pearson => CovarianceEstimator.Correlation(pair),
        CorrelationMethod.Spearman => CovarianceEstimator.Spearman(pair),
        CorrelationMethod.Kendall => CovarianceEstimator.Kendall(pair),
        _ => CovarianceEstimator.ExponentiallyWeighted(pair, lambda),
    };

    private static CorrelationRow Row(
        CorrelationMethod method, CovarianceMatrix matrix, int i, int j, string first, string second, double lambda)
    {
        var convention = new Convention
        {
            Sign = Sign.Natural,
            Window = matrix.Observations,
            Mean = method == CorrelationMethod.Ewma ? MeanRule.Zero : MeanRule.Sample,
            Parameters = method == CorrelationMethod.Ewma ? [new("lambda", lambda)]
                : matrix.Shrinkage is { } shrinkage ? [new("shrinkage", shrinkage)] : [],
        };
        if (matrix.Status != Status.Ready)
        {
            return new CorrelationRow(first, second, Measure.None(
                "correlation", method.Code(), matrix.Status, matrix.Reason ?? "No matrix.", matrix.Observations, convention), null);
        }

        if (method < CorrelationMethod.Ewma)
        {
            return new CorrelationRow(
                first, second, Measure.Of("correlation", method.Code(), matrix[i, j], matrix.Observations, convention), null);
        }

        var scale = Math.Sqrt(matrix[i, i]) * Math.Sqrt(matrix[j, j]);
        var correlation = scale > 0.0
            ? Measure.Of("correlation", method.Code(), Math.Clamp(matrix[i, j] / scale, -1.0, 1.0), matrix.Observations, convention)
            : Measure.None(
                "correlation", method.Code(), Status.Degenerate, "A column has no variance.", matrix.Observations, convention);
        return new CorrelationRow(first, second, correlation, matrix[i, j]);
    }
}
