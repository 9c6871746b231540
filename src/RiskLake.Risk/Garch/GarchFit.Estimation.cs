using RiskLake.Risk.Numerics;

namespace RiskLake.Risk;

/// <summary>Maximum likelihood.</summary>
public sealed partial record GarchFit
{
    private const int LeastObservations = 50;

    /// <summary>Fits a model to returns in time order; needs 50 that are finite and not all equal.</summary>
    /// <exception cref="ArgumentException">The specification contradicts itself.</exception>
    public static GarchFit Of(ReadOnlySpan<double> returns, GarchSpecification specification)
    {
        ArgumentNullException.ThrowIfNull(specification);
        if (specification.Fault is { } fault)
        {
            throw new ArgumentException(fault, nameof(specification));
        }

        if (Refusal.OfSeries(returns, LeastObservations) is { } refusal)
        {
            return None(refusal, specification, returns.Length);
        }

        var variance = Dispersion.Variance(returns, 0);
        if (!(variance > 1e-280) || !(variance < 1e280))
        {
            return None(
                new Refusal(Status.Degenerate, "The variance is too small or too large to compute with."), specification, returns.Length);
        }

        // A power of two brings the data near one without touching a digit.
        Elementary.Decompose(Math.Sqrt(variance), out var exponent);
        var scale = Elementary.Pow(2.0, -exponent);
        var scaled = new double[returns.Length];
        for (var t = 0; t < scaled.Length; t++)
        {
            scaled[t] = returns[t] * scale;
        }

        var likelihood = new GarchLikelihood(scaled, specification, (specification.PresampleVariance ?? 0.0) * scale * scale);
        var optimum = GarchOptimum.Find(
            likelihood, specification, scaled, Dispersion.Mean(scaled), variance * scale * scale, out var reason);
        return optimum is null
            ? None(new Refusal(Status.NotConverged, reason), specification, returns.Length)
            : Report(returns, specification, optimum, scale);
    }

    private static GarchFit None(Refusal refusal, GarchSpecification specification, int observations) => new()
    {
        Status = refusal.Status,
        Reason = refusal.Reason,
        Specification = specification,
        Observations = observations,
    };

    private static GarchFit Report(ReadOnlySpan<double> returns, GarchSpecification specification, GarchOptimum optimum, double scale)
    {
        var point = optimum.Point;
        var n = returns.Length;
        var egarch = specification.Model == GarchModel.Egarch;
        var names = specification.ParameterNames;
        var beta = point[names.Count - (specification.Errors == ErrorDistribution.StudentT ? 2 : 1)];
        point[0] /= scale;
        point[1] = egarch ? point[1] - (2.0 * (1.0 - beta) * Elementary.Log(scale)) : point[1] / (scale * scale);
        var likelihood = new GarchLikelihood(returns.ToArray(), specification, specification.PresampleVariance ?? 0.0);
        var variances = new double[n + 1];
        var free = optimum.Face.Columns;
        var errors = StandardErrors(likelihood, point, optimum.Face, out var value);
        if (errors is null || !likelihood.TryVariances(point, variances))
        {
            return None(new Refusal(Status.NotConverged, "The information matrix at the optimum is not definite."), specification, n);
        }

        var gamma = specification.Model == GarchModel.Garch ? 0.0 : point[3];
        var persistence = egarch ? beta : point[2] + beta + (specification.Model == GarchModel.Gjr ? 0.5 * gamma : 0.0);
        if (optimum.Face.Unit)
        {
            persistence = 1.0;
        }

        double? level = persistence < 1.0
            ? egarch ? Elementary.Exp(point[1] / (1.0 - beta)) : point[1] / (1.0 - persistence)
            : null;
        var parameters = new GarchParameter[names.Count];
        for (var i = 0; i < parameters.Length; i++)
        {
            parameters[i] = new GarchParameter(names[i], point[i], errors[0][i], errors[1][i], errors[2][i]);
        }

        var isStationary = persistence < 1.0;
        return new GarchFit
        {
            Status = isStationary ? Status.Ready : Status.NotConverged,
            Reason = isStationary ? null : FormattableString.Invariant(
                $"The persistence is {persistence:0.####}: at one and above shocks never fade, and variances have no mean to forecast."),
            Specification = specification,
            Observations = n,
            Parameters = parameters,
            Boundary = optimum.Face.Name,
            LogLikelihood = value,
            Aic = (2.0 * free) - (2.0 * value),
            Bic = (free * Elementary.Log(n)) - (2.0 * value),
            Persistence = persistence,
            UnconditionalVariance = level,
            HalfLife = persistence is > 0.0 and < 1.0 ? Elementary.Log(0.5) / Elementary.Log(persistence) : null,
            Variances = variances[..n],
            NextVariance = isStationary ? variances[n] : null,
            Iterations = optimum.Iterations,
        };
    }

    // Hessian, OPG and sandwich errors in the free coordinates, carried back to all parameters.
    private static double?[][]? StandardErrors(GarchLikelihood likelihood, double[] point, GarchFace face, out double value)
    {
        var p = point.Length;
        var k = face.Columns;
        var gradient = new double[p];
        var hessian = new double[p * p];
        var outer = new double[p * p];
        value = likelihood.Information(point, gradient, hessian, outer);
        var information = face.Restrict(hessian);
        var scores = face.Restrict(outer);
        for (var i = 0; i < information.Length; i++)
        {
            information[i] = -information[i];
        }

        // Unit diagonal first: parameters differ in size by many orders, and definiteness must not depend on that.
        if (Inverse(information, k) is not { } bread || Inverse(scores, k) is not { } product)
        {
            return null;
        }

        var sandwich = Multiply(Multiply(bread, scores, k), bread, k);
        return [face.Errors(bread), face.Errors(product), face.Errors(sandwich)];
    }

    private static double[]? Inverse(double[] matrix, int n)
    {
        var scale = new double[n];
        for (var i = 0; i < n; i++)
        {
            scale[i] = 1.0 / Math.Sqrt(matrix[(i * n) + i]);
        }

        var unit = new double[n * n];
        var lower = new double[n * n];
        for (var i = 0; i < n; i++)
        {
            for (var j = 0; j < n; j++)
            {
                unit[(i * n) + j] = matrix[(i * n) + j] * scale[i] * scale[j];
            }
        }

        if (!Cholesky.TryFactor(unit, n, lower))
        {
            return null;
        }

        var inverse = Cholesky.Inverse(lower, n);
        for (var i = 0; i < n; i++)
        {
            for (var j = 0; j < n; j++)
            {
                inverse[(i * n) + j] *= scale[i] * scale[j];
            }
        }

        return inverse;
    }

    private static double[] Multiply(double[] a, double[] b, int n)
    {
        var product = new double[n * n];
        for (var i = 0; i < n; i++)
        {
            for (var j = 0; j < n; j++)
            {
                for (var m = 0; m < n; m++)
                {
                    product[(i * n) + j] += a[(i * n) + m] * b[(m * n) + j];
                }
            }
        }

        return product;
    }
}
