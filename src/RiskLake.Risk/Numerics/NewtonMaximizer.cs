namespace RiskLake.Risk.Numerics;

/// <summary>A smooth function to be maximised. A point outside its domain has the value negative infinity.</summary>
internal interface ISmoothFunction
{
    /// <summary>The value at a point.</summary>
    double Value(ReadOnlySpan<double> point);

    /// <summary>The value, gradient and row-major Hessian at a point.</summary>
    double Derivatives(ReadOnlySpan<double> point, Span<double> gradient, Span<double> hessian);
}

/// <summary>Newton's method with a Levenberg-Marquardt shift: climbs where the Hessian is indefinite, quadratic at the end.</summary>
internal static class NewtonMaximizer
{
    /// <summary>How a maximisation ended.</summary>
    /// <param name="Converged">The last Newton step predicted no gain above rounding.</param>
    /// <param name="Value">The function there.</param>
    /// <param name="Iterations">Derivative evaluations.</param>
    public readonly record struct Outcome(bool Converged, double Value, int Iterations);

    /// <summary>Climbs from <paramref name="point"/>, which ends at the maximum.</summary>
    public static Outcome Maximize<T>(ref T function, Span<double> point, int maximumIterations = 120)
        where T : ISmoothFunction
    {
        var n = point.Length;
        Span<double> gradient = stackalloc double[n];
        Span<double> hessian = stackalloc double[n * n];
        Span<double> shifted = stackalloc double[n * n];
        Span<double> factor = stackalloc double[n * n];
        Span<double> step = stackalloc double[n];
        Span<double> trial = stackalloc double[n];
        var value = function.Derivatives(point, gradient, hessian);
        var shift = 0.0;
        for (var iteration = 1; iteration <= maximumIterations; iteration++)
        {
            if (!double.IsFinite(value))
            {
                return new Outcome(false, value, iteration);
            }

            var accepted = false;
            for (var attempt = 0; shift < 1e9; attempt++)
            {
                Shifted(hessian, n, shift, shifted);
                if (!Cholesky.TryFactor(shifted, n, factor))
                {
                    shift = shift == 0.0 ? 1e-3 : shift * 10.0;
                    continue;
                }

                gradient.CopyTo(step);
                Cholesky.Solve(factor, n, step);
                var gain = 0.0;
                var largest = 0.0;
                for (var i = 0; i < n; i++)
                {
                    gain += gradient[i] * step[i];
                    trial[i] = point[i] + step[i];
                    largest = Math.Max(largest, Math.Abs(step[i]) / (Math.Abs(point[i]) + 1e-10));
                }

                // A pure Newton step that can gain nothing visible is the last one; it is taken if it does no harm.
                if (shift == 0.0 && gain < 1e-13 * (1.0 + Math.Abs(value)))
                {
                    var last = function.Value(trial);
                    if (last >= value - (1e-13 * Math.Abs(value)))
                    {
                        trial.CopyTo(point);
                        value = last;
                    }

                    if (gain < 1e-22 * (1.0 + Math.Abs(value)) || largest < 1e-13)
                    {
                        return new Outcome(true, value, iteration);
                    }

                    // One more round from the improved point pins the last digits.
                    value = function.Derivatives(point, gradient, hessian);
                    return Polish(ref function, point, gradient, hessian, shifted, factor, step, value, iteration);
                }

                var next = function.Value(trial);
                if (next > value)
                {
                    shift = attempt == 0 ? (shift < 1e-4 ? 0.0 : shift * 0.1) : shift;
                    accepted = true;
                    break;
                }

                shift = shift == 0.0 ? 1e-3 : shift * 10.0;
            }

            if (!accepted)
            {
                return new Outcome(false, value, iteration);
            }

            trial.CopyTo(point);
            value = function.Derivatives(point, gradient, hessian);
        }

        return new Outcome(false, value, maximumIterations);
    }

    private static Outcome Polish<T>(
        ref T function,
        Span<double> point,
        Span<double> gradient,
        Span<double> hessian,
        Span<double> shifted,
        Span<double> factor,
        Span<double> step,
        double value,
        int iteration)
        where T : ISmoothFunction
    {
        var n = point.Length;
        Shifted(hessian, n, 0.0, shifted);
        if (Cholesky.TryFactor(shifted, n, factor))
        {
            gradient.CopyTo(step);
            Cholesky.Solve(factor, n, step);
            for (var i = 0; i < n; i++)
            {
                step[i] += point[i];
            }

            var last = function.Value(step);
            if (last >= value - (1e-13 * Math.Abs(value)))
            {
                step.CopyTo(point);
                value = last;
            }
        }

        return new Outcome(true, value, iteration + 1);
    }

    // Minus the Hessian, its diagonal enlarged: a step of size shift 0 is Newton's, a large shift is a short scaled gradient step.
    private static void Shifted(ReadOnlySpan<double> hessian, int n, double shift, Span<double> target)
    {
        for (var i = 0; i < n; i++)
        {
            for (var j = 0; j < n; j++)
            {
                target[(i * n) + j] = -hessian[(i * n) + j];
            }

            target[(i * n) + i] += shift * (Math.Abs(hessian[(i * n) + i]) + 1e-12);
        }
    }
}
