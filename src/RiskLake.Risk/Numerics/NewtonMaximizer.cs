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

            // A pure Newton step that can gain nothing visible is the last one.
            Shifted(hessian, n, 0.0, shifted);
            if (Cholesky.TryFactor(shifted, n, factor) && Step(factor, gradient, point, step, trial) < 1e-13 * (1.0 + Math.Abs(value)))
            {
                return Finish(ref function, point, trial, gradient, hessian, shifted, factor, step, value, iteration);
            }

            var accepted = false;
            for (var attempt = 0; shift < 1e9 && !accepted; attempt++)
            {
                Shifted(hessian, n, shift, shifted);
                if (Cholesky.TryFactor(shifted, n, factor))
                {
                    Step(factor, gradient, point, step, trial);
                    accepted = function.Value(trial) > value;
                }

                shift = !accepted ? Math.Max(shift * 10.0, 1e-3) : attempt > 0 ? shift : shift < 1e-4 ? 0.0 : shift * 0.1;
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

    // Solves for the step, applies it to the trial point, and returns the gain it predicts.
    private static double Step(
        ReadOnlySpan<double> factor, ReadOnlySpan<double> gradient, ReadOnlySpan<double> point, Span<double> step, Span<double> trial)
    {
        gradient.CopyTo(step);
        Cholesky.Solve(factor, point.Length, step);
        var gain = 0.0;
        for (var i = 0; i < point.Length; i++)
        {
            gain += gradient[i] * step[i];
            trial[i] = point[i] + step[i];
        }

        return gain;
    }

    // Takes the last step, and one more from there to pin the last digits; each only if it does no visible harm.
    private static Outcome Finish<T>(
        ref T function,
        Span<double> point,
        Span<double> trial,
        Span<double> gradient,
        Span<double> hessian,
        Span<double> shifted,
        Span<double> factor,
        Span<double> step,
        double value,
        int iteration)
        where T : ISmoothFunction
    {
        for (var round = 0; round < 2; round++)
        {
            var last = function.Value(trial);
            if (!(last >= value - (1e-13 * Math.Abs(value))))
            {
                break;
            }

            trial.CopyTo(point);
            value = last;
            if (round == 1)
            {
                break;
            }

            function.Derivatives(point, gradient, hessian);
            Shifted(hessian, point.Length, 0.0, shifted);
            if (!Cholesky.TryFactor(shifted, point.Length, factor))
            {
                break;
            }

            Step(factor, gradient, point, step, trial);
        }

        return new Outcome(true, value, iteration);
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
