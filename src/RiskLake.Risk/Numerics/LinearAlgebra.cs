namespace RiskLake.Risk.Numerics;

/// <summary>Cholesky factors of symmetric matrices stored row by row, in a fixed order of operations.</summary>
internal static class Cholesky
{
    /// <summary>The lower factor of a positive definite matrix; false, and no promise about the target, when it is not.</summary>
    public static bool TryFactor(ReadOnlySpan<double> matrix, int n, Span<double> lower)
    {
        for (var i = 0; i < n; i++)
        {
            for (var j = 0; j <= i; j++)
            {
                var sum = matrix[(i * n) + j];
                for (var k = 0; k < j; k++)
                {
                    sum -= lower[(i * n) + k] * lower[(j * n) + k];
                }

                if (i == j)
                {
                    // A pivot that rounding alone could have made counts as none.
                    if (!(sum > 1e-15 * Math.Abs(matrix[(i * n) + i])) || !double.IsFinite(sum))
                    {
                        return false;
                    }

                    lower[(i * n) + i] = Math.Sqrt(sum);
                }
                else
                {
                    lower[(i * n) + j] = sum / lower[(j * n) + j];
                }
            }

            for (var j = i + 1; j < n; j++)
            {
                lower[(i * n) + j] = 0.0;
            }
        }

        return true;
    }

    /// <summary>Solves L L' x = b in place.</summary>
    public static void Solve(ReadOnlySpan<double> lower, int n, Span<double> b)
    {
        for (var i = 0; i < n; i++)
        {
            var sum = b[i];
            for (var k = 0; k < i; k++)
            {
                sum -= lower[(i * n) + k] * b[k];
            }

            b[i] = sum / lower[(i * n) + i];
        }

        for (var i = n - 1; i >= 0; i--)
        {
            var sum = b[i];
            for (var k = i + 1; k < n; k++)
            {
                sum -= lower[(k * n) + i] * b[k];
            }

            b[i] = sum / lower[(i * n) + i];
        }
    }

    /// <summary>The inverse of L L'.</summary>
    public static double[] Inverse(ReadOnlySpan<double> lower, int n)
    {
        var inverse = new double[n * n];
        var column = new double[n];
        for (var j = 0; j < n; j++)
        {
            Array.Clear(column);
            column[j] = 1.0;
            Solve(lower, n, column);
            for (var i = 0; i < n; i++)
            {
                inverse[(i * n) + j] = column[i];
            }
        }

        for (var i = 0; i < n; i++)
        {
            for (var j = 0; j < i; j++)
            {
                var mean = 0.5 * (inverse[(i * n) + j] + inverse[(j * n) + i]);
                inverse[(i * n) + j] = mean;
                inverse[(j * n) + i] = mean;
            }
        }

        return inverse;
    }
}

/// <summary>
/// Eigenvalues and vectors of a symmetric matrix by cyclic Jacobi rotations: slow for hundreds of rows, accurate for all.
/// </summary>
internal static class SymmetricEigen
{
    /// <summary>Eigenvalues ascending, and the matching unit vectors as columns (row-major storage).</summary>
    public static (double[] Values, double[] Vectors) Decompose(ReadOnlySpan<double> matrix, int n)
    {
        var a = matrix.ToArray();
        var v = new double[n * n];
        for (var i = 0; i < n; i++)
        {
            v[(i * n) + i] = 1.0;
        }

        for (var sweep = 0; sweep < 100; sweep++)
        {
            var off = 0.0;
            var diagonal = 0.0;
            for (var i = 0; i < n; i++)
            {
                diagonal += a[(i * n) + i] * a[(i * n) + i];
                for (var j = i + 1; j < n; j++)
                {
                    off += a[(i * n) + j] * a[(i * n) + j];
                }
            }

            if (!(off > 1e-34 * diagonal))
            {
                break;
            }

            for (var p = 0; p < n - 1; p++)
            {
                for (var q = p + 1; q < n; q++)
                {
                    Rotate(a, v, n, p, q);
                }
            }
        }

        var order = new int[n];
        var values = new double[n];
        for (var i = 0; i < n; i++)
        {
            order[i] = i;
            values[i] = a[(i * n) + i];
        }

        Array.Sort(values, order);
        var vectors = new double[n * n];
        for (var j = 0; j < n; j++)
        {
            for (var i = 0; i < n; i++)
            {
                vectors[(i * n) + j] = v[(i * n) + order[j]];
            }
        }

        return (values, vectors);
    }

    private static void Rotate(double[] a, double[] v, int n, int p, int q)
    {
        var apq = a[(p * n) + q];
        if (apq == 0.0)
        {
            return;
        }

        var theta = (a[(q * n) + q] - a[(p * n) + p]) / (2.0 * apq);
        var t = 1.0 / (Math.Abs(theta) + Math.Sqrt((theta * theta) + 1.0));
        t = theta < 0.0 ? -t : t;
        var c = 1.0 / Math.Sqrt((t * t) + 1.0);
        var s = t * c;
        for (var k = 0; k < n; k++)
        {
            var akp = a[(k * n) + p];
            var akq = a[(k * n) + q];
            a[(k * n) + p] = (c * akp) - (s * akq);
            a[(k * n) + q] = (s * akp) + (c * akq);
        }

        for (var k = 0; k < n; k++)
        {
            var apk = a[(p * n) + k];
            var aqk = a[(q * n) + k];
            a[(p * n) + k] = (c * apk) - (s * aqk);
            a[(q * n) + k] = (s * apk) + (c * aqk);
            var vkp = v[(k * n) + p];
            var vkq = v[(k * n) + q];
            v[(k * n) + p] = (c * vkp) - (s * vkq);
            v[(k * n) + q] = (s * vkp) + (c * vkq);
        }
    }
}

/// <summary>Ordinary least squares by Householder reflections.</summary>
internal static class LeastSquares
{
    /// <summary>A fit of a response on the columns of a design.</summary>
    /// <param name="Coefficients">One per column.</param>
    /// <param name="FittedSumOfSquares">Sum of squares of the fitted values: y'X(X'X)^-1 X'y.</param>
    /// <param name="RSquared">About the mean of the response.</param>
    public readonly record struct Fit(double[] Coefficients, double FittedSumOfSquares, double RSquared);

    /// <summary>Fits; false when columns are collinear to working precision.</summary>
    public static bool TryFit(ReadOnlySpan<double> design, ReadOnlySpan<double> response, int columns, out Fit fit)
    {
        var rows = response.Length;
        var a = design.ToArray();
        var y = response.ToArray();
        fit = default;
        for (var j = 0; j < columns; j++)
        {
            var norm = 0.0;
            var whole = 0.0;
            for (var i = 0; i < rows; i++)
            {
                var square = a[(i * columns) + j] * a[(i * columns) + j];
                whole += square;
                norm += i >= j ? square : 0.0;
            }

            if (!(norm > 1e-26 * whole))
            {
                return false;
            }

            norm = Math.Sqrt(norm);
            var alpha = a[(j * columns) + j] > 0.0 ? -norm : norm;
            var scale = 1.0 / ((norm * norm) - (alpha * a[(j * columns) + j]));
            a[(j * columns) + j] -= alpha;
            for (var k = j + 1; k <= columns; k++)
            {
                var dot = 0.0;
                for (var i = j; i < rows; i++)
                {
                    dot += a[(i * columns) + j] * (k < columns ? a[(i * columns) + k] : y[i]);
                }

                dot *= scale;
                for (var i = j; i < rows; i++)
                {
                    if (k < columns)
                    {
                        a[(i * columns) + k] -= dot * a[(i * columns) + j];
                    }
                    else
                    {
                        y[i] -= dot * a[(i * columns) + j];
                    }
                }
            }

            a[(j * columns) + j] = alpha;
        }

        fit = Finish(a, y, response, columns);
        return true;
    }

    private static Fit Finish(double[] a, double[] y, ReadOnlySpan<double> response, int columns)
    {
        var coefficients = new double[columns];
        for (var i = columns - 1; i >= 0; i--)
        {
            var sum = y[i];
            for (var k = i + 1; k < columns; k++)
            {
                sum -= a[(i * columns) + k] * coefficients[k];
            }

            coefficients[i] = sum / a[(i * columns) + i];
        }

        var fitted = 0.0;
        var residual = 0.0;
        for (var i = 0; i < y.Length; i++)
        {
            if (i < columns)
            {
                fitted += y[i] * y[i];
            }
            else
            {
                residual += y[i] * y[i];
            }
        }

        var total = Dispersion.Variance(response, 0) * response.Length;
        return new Fit(coefficients, fitted, 1.0 - (residual / total));
    }
}
