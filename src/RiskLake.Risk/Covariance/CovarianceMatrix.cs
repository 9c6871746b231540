using RiskLake.Risk.Numerics;

namespace RiskLake.Risk;

/// <summary>A symmetric positive semidefinite matrix of covariances or correlations, with how it was estimated.</summary>
/// <remarks>
/// Invariant: when Status is Ready the matrix is finite, symmetric and its least eigenvalue is at least -1e-12 times the greatest.
/// Units: return squared (correlations: none). Order of rows: that of the columns given.
/// </remarks>
public sealed record CovarianceMatrix
{
    private readonly double[] _values = [];

    /// <summary>Ready, or why there is no matrix.</summary>
    public required Status Status { get; init; }

    /// <summary>Why there is none; null when ready.</summary>
    public string? Reason { get; init; }

    /// <summary>The estimator, snake case.</summary>
    public required string Method { get; init; }

    /// <summary>Rows and columns.</summary>
    public required int Dimension { get; init; }

    /// <summary>Observations per column.</summary>
    public required int Observations { get; init; }

    /// <summary>Weight of the shrinkage target, 0 to 1; null for estimators that do not shrink.</summary>
    public double? Shrinkage { get; init; }

    /// <summary>The estimator's parameters and conventions (ddof, lambda, mean correlation).</summary>
    public IReadOnlyList<Parameter> Parameters { get; init; } = [];

    /// <summary>One element, rows and columns from 0.</summary>
    public double this[int row, int column] => _values[(row * Dimension) + column];

    /// <summary>A copy of all elements, row by row.</summary>
    public double[] ToArray() => [.. _values];

    /// <summary>Eigenvalues, ascending.</summary>
    public double[] Eigenvalues() => SymmetricEigen.Decompose(_values, Dimension).Values;

    /// <summary>The greatest eigenvalue over the least; infinite for a singular matrix.</summary>
    public double ConditionNumber()
    {
        var values = Eigenvalues();
        return values[0] > 0.0 ? values[^1] / values[0] : double.PositiveInfinity;
    }

    /// <summary>The lower Cholesky factor, row by row; null when the matrix is singular to working precision.</summary>
    public double[]? Cholesky()
    {
        var lower = new double[Dimension * Dimension];
        return Numerics.Cholesky.TryFactor(_values, Dimension, lower) ? lower : null;
    }

    /// <summary>A matrix from elements given row by row: checked for symmetry, finiteness and negative eigenvalues.</summary>
    /// <exception cref="ArgumentException">The number of elements is not a square.</exception>
    public static CovarianceMatrix Of(ReadOnlySpan<double> elements, int dimension, string method, int observations)
    {
        Shape.Length(dimension * dimension, elements.Length, nameof(elements));
        return Checked(elements.ToArray(), dimension, method, observations, null, []);
    }

    internal ReadOnlySpan<double> Values => _values;

    internal static CovarianceMatrix Checked(
        double[] values, int dimension, string method, int observations, double? shrinkage, IReadOnlyList<Parameter> parameters)
    {
        Refusal? refusal = null;
        for (var i = 0; i < dimension && refusal is null; i++)
        {
            for (var j = 0; j <= i; j++)
            {
                var (a, b) = (values[(i * dimension) + j], values[(j * dimension) + i]);
                if (!double.IsFinite(a) || !(Math.Abs(a - b) <= 1e-12 * Math.Max(Math.Abs(a), Math.Abs(b))))
                {
                    refusal = new Refusal(Status.InvalidInput, "The matrix is not finite and symmetric.");
                }
            }
        }

        if (refusal is null)
        {
            var eigenvalues = SymmetricEigen.Decompose(values, dimension).Values;
            if (eigenvalues.Length > 0 && eigenvalues[0] < -1e-12 * Math.Max(Math.Abs(eigenvalues[^1]), Math.Abs(eigenvalues[0])))
            {
                refusal = new Refusal(Status.Degenerate, "The matrix is not positive semidefinite.");
            }
        }

        return refusal is null
            ? new CovarianceMatrix(values)
            {
                Status = Status.Ready,
                Method = method,
                Dimension = dimension,
                Observations = observations,
                Shrinkage = shrinkage,
                Parameters = parameters,
            }
            : None(refusal, dimension, method, observations);
    }

    internal static CovarianceMatrix None(Refusal refusal, int dimension, string method, int observations) => new()
    {
        Status = refusal.Status,
        Reason = refusal.Reason,
        Method = method,
        Dimension = dimension,
        Observations = observations,
    };

    private CovarianceMatrix()
    {
    }

    [System.Diagnostics.CodeAnalysis.SetsRequiredMembers]
    private CovarianceMatrix(double[] values)
    {
        _values = values;
        Method = string.Empty;
    }
}
