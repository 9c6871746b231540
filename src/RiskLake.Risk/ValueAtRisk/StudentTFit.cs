using RiskLake.Risk.Numerics;

namespace RiskLake.Risk;

/// <summary>Location, scale and degrees of freedom of a Student-t distribution by maximum likelihood.</summary>
/// <remarks>
/// Density f((x - m) / s; nu) / s with s the t scale: standard deviation s sqrt(nu / (nu - 2)) for nu above 2. LogLikelihood includes all
/// constants.
/// Method: Newton with exact derivatives in (m, ln s, ln nu). A likelihood that still rises at nu = 10000 is a normal sample:
/// not_converged.
/// </remarks>
public sealed record StudentTFit
{
    // Above some ten thousand degrees of freedom the law is normal to all digits that data tell.
    private const double GreatestLogNu = 9.2;

    // In deviations of the sample: a law this narrow sits on equal observations.
    private const double LeastLogScale = -5.0;

    /// <summary>Ready, or why there is no fit.</summary>
    public required Status Status { get; init; }

    /// <summary>Why there is no fit; null when ready.</summary>
    public string? Reason { get; init; }

    /// <summary>Observations used.</summary>
    public required int Observations { get; init; }

    /// <summary>Location m, in the unit of the data.</summary>
    public double? Location { get; init; }

    /// <summary>Scale s, in the unit of the data.</summary>
    public double? Scale { get; init; }

    /// <summary>Degrees of freedom nu.</summary>
    public double? DegreesOfFreedom { get; init; }

    /// <summary>Log-likelihood at the maximum, for data in their own unit.</summary>
    public double? LogLikelihood { get; init; }

    /// <summary>Fits the distribution; needs ten observations that are not all equal.</summary>
    public static StudentTFit Of(ReadOnlySpan<double> series)
    {
        var n = series.Length;
        if (Refusal.OfSeries(series, 10) is { } refusal)
        {
            return None(refusal, n);
        }

        // Standardised data: tolerances mean the same at every scale.
        var mean = Dispersion.Mean(series);
        var deviation = Math.Sqrt(Dispersion.Variance(series, 0));
        if (!(deviation > 0.0) || !double.IsFinite(deviation))
        {
            return None(new Refusal(Status.Degenerate, "The series has no finite variance."), n);
        }

        var standard = new double[n];
        for (var i = 0; i < n; i++)
        {
            standard[i] = (series[i] - mean) / deviation;
        }

        var likelihood = new Likelihood(standard);
        Span<double> best = stackalloc double[3];
        var bestValue = double.NegativeInfinity;
        Span<double> start = stackalloc double[3];
        foreach (var nu in (ReadOnlySpan<double>)[3.0, 5.0, 10.0, 30.0])
        {
            start[0] = 0.0;
            start[1] = 0.5 * Elementary.Log(1.0 - (1.6 / (nu + 1.0)));
            start[2] = Elementary.Log(nu);
            var value = likelihood.Value(start);
            if (value > bestValue)
            {
                bestValue = value;
                start.CopyTo(best);
            }
        }

        var outcome = NewtonMaximizer.Maximize(ref likelihood, best);
        if (!outcome.Converged || best[2] > GreatestLogNu)
        {
            return None(new Refusal(Status.NotConverged, ReasonOf(best, standard)), n);
        }

        return new StudentTFit
        {
            Status = Status.Ready,
            Observations = n,
            Location = mean + (deviation * best[0]),
            Scale = deviation * Elementary.Exp(best[1]),
            DegreesOfFreedom = Elementary.Exp(best[2]),
            LogLikelihood = outcome.Value - (n * Elementary.Log(deviation)),
        };
    }

    /// <summary>Why there is no maximum: normal tails, so many equal values that the law shrinks onto them, or none that was found.</summary>
    private static string ReasonOf(ReadOnlySpan<double> point, double[] data)
    {
        var most = data.GroupBy(value => value).Max(group => group.Count());
        return point[2] > GreatestLogNu ? "The tails are not heavier than normal: nu grows without bound."
            : most > 1 && (point[1] < LeastLogScale || point[2] < 0.0)
            ? FormattableString.Invariant($"{most} of {data.Length} observations are equal: the likelihood grows without bound as the scale shrinks onto them.")
            : "The optimiser found no maximum it could pin down.";
    }

    private static StudentTFit None(Refusal refusal, int observations) =>
        new() { Status = refusal.Status, Reason = refusal.Reason, Observations = observations };

    private readonly struct Likelihood(double[] data) : ISmoothFunction
    {
        public double Value(ReadOnlySpan<double> point)
        {
            var (location, scale, nu) = (point[0], Elementary.Exp(point[1]), Elementary.Exp(point[2]));
            if (!(nu is > 0.05 and < 1e6) || !(scale > 0.0) || !double.IsFinite(scale))
            {
                return double.NegativeInfinity;
            }

            var sum = default(OrderedSum);
            foreach (var x in data)
            {
                var z = (x - location) / scale;
                sum.Add(Elementary.Log1p(z * z / nu));
            }

            return (data.Length * (Constant(nu) - point[1])) - (0.5 * (nu + 1.0) * sum.Value);
        }

        public double Derivatives(ReadOnlySpan<double> point, Span<double> gradient, Span<double> hessian)
        {
            var (location, scale, nu) = (point[0], Elementary.Exp(point[1]), Elementary.Exp(point[2]));
            double n = data.Length;
            double logs = 0, w = 0, wz = 0, u = 0, u2 = 0, v = 0, vz = 0;
            foreach (var x in data)
            {
                // q = z^2 / nu; shares of 1 / (1 + q) and q / (1 + q)
                var z = (x - location) / scale;
                var q = z * z / nu;
                var inverse = 1.0 / (1.0 + q);
                var share = q * inverse;
                logs += Elementary.Log1p(q);
                wz += z * inverse;
                u += share;
                u2 += share * share;
                w += inverse * inverse * (1.0 - q);
                vz += z * inverse * inverse;
                v += share * inverse;
            }

            var k = nu + 1.0;
            gradient[0] = k / (nu * scale) * wz;
            gradient[1] = (k * u) - n;
            var slope = (n * ConstantSlope(nu)) - (0.5 * logs) + (0.5 * k / nu * u);
            gradient[2] = nu * slope;
            hessian[0] = -k / (nu * scale * scale) * w;
            hessian[1] = hessian[3] = -2.0 * k / (nu * scale) * vz;
            hessian[4] = -2.0 * k * v;
            // d/dnu of each, times nu because the coordinate is ln nu
            hessian[2] = hessian[6] = nu / scale * ((wz / nu) - (k / (nu * nu) * vz));
            hessian[5] = hessian[7] = nu * (u - (k / nu * v));
            var second = (n * ConstantCurvature(nu)) + (u / (2.0 * nu))
                + (0.5 * u / nu) - (0.5 * k / (nu * nu) * u) - (0.5 * k / (nu * nu) * v);
            hessian[8] = (nu * slope) + (nu * nu * second);
            return Value(point);
        }

        private static double Constant(double nu) =>
            GammaFunction.LogGamma(0.5 * (nu + 1.0)) - GammaFunction.LogGamma(0.5 * nu) - (0.5 * Elementary.Log(Math.PI * nu));

        private static double ConstantSlope(double nu) =>
            (0.5 * (GammaFunction.Digamma(0.5 * (nu + 1.0)) - GammaFunction.Digamma(0.5 * nu))) - (0.5 / nu);

        private static double ConstantCurvature(double nu) =>
            (0.25 * (GammaFunction.Trigamma(0.5 * (nu + 1.0)) - GammaFunction.Trigamma(0.5 * nu))) + (0.5 / (nu * nu));
    }
}
