namespace RiskLake.Risk.Numerics;

/// <summary>Student's t distribution with real degrees of freedom, unit scale (variance nu / (nu - 2), not one).</summary>
/// <remarks>
/// Accuracy: 2e-14 relative in both tails for nu from 1 to 1000. Degrees of freedom must be positive; else NaN. Source: A and S 26.7.
/// </remarks>
public static class StudentTDistribution
{
    private const double InverseSqrtTwoPi = 0.3989422804014327;

    /// <summary>Density at x.</summary>
    public static double Density(double x, double degreesOfFreedom)
    {
        var nu = degreesOfFreedom;
        if (!(nu > 0.0))
        {
            return double.NaN;
        }

        var a = 0.5 * nu;
        if (a < 2.0)
        {
            var logRatio = GammaFunction.LogGamma(a + 0.5) - GammaFunction.LogGamma(a);
            return Elementary.Exp(logRatio - (0.5 * Elementary.Log(nu * Math.PI)) - ((a + 0.5) * Elementary.Log1p(x * x / nu)));
        }

        // Gamma(a + 1/2) / Gamma(a) = sqrt(a) exp(E(a - 1/2) - E(a) + a ln(1 - 1/(2a)) + 1/2)
        var shift = (a * Elementary.Log1p(-0.5 / a)) + 0.5 + GammaFunction.StirlingError(a - 0.5) - GammaFunction.StirlingError(a);
        return InverseSqrtTwoPi * Elementary.Exp(shift - ((a + 0.5) * Elementary.Log1p(x * x / nu)));
    }

    /// <summary>P(T at most x), accurate where it is tiny.</summary>
    public static double Cdf(double x, double degreesOfFreedom)
    {
        if (double.IsNaN(x) || !(degreesOfFreedom > 0.0))
        {
            return double.NaN;
        }

        if (x == 0.0)
        {
            return 0.5;
        }

        var tail = double.IsInfinity(x) ? 0.0 : UpperTail(Math.Abs(x), degreesOfFreedom);
        return x < 0.0 ? tail : 1.0 - tail;
    }

    /// <summary>The quantile: x with P(T at most x) = p; 0 and 1 give the infinities, outside [0, 1] NaN.</summary>
    /// <remarks>
    /// Method: Newton steps on P(0 &lt; T &lt; t) near the centre and on the logarithm of the tail elsewhere, safeguarded by bisection.
    /// </remarks>
    public static double Quantile(double p, double degreesOfFreedom)
    {
        if (!(p > 0.0 && p < 1.0) || !(degreesOfFreedom > 0.0))
        {
            return p == 0.0 ? double.NegativeInfinity : p == 1.0 ? double.PositiveInfinity : double.NaN;
        }

        if (p == 0.5)
        {
            return 0.0;
        }

        var tail = p < 0.5 ? p : 1.0 - p;
        var magnitude = tail > 0.25 ? CentralQuantile(Math.Abs(p - 0.5), degreesOfFreedom) : TailQuantile(tail, degreesOfFreedom);
        return p < 0.5 ? -magnitude : magnitude;
    }

    private static double UpperTail(double t, double nu)
    {
        var square = t * t;
        return 0.5 * BetaFunction.Regularized(0.5 * nu, 0.5, nu / (nu + square), square / (nu + square));
    }

    private static double CentralQuantile(double mass, double nu)
    {
        var t = mass / Density(0.0, nu);
        for (var i = 0; i < 60; i++)
        {
            var square = t * t;
            var error = (0.5 * BetaFunction.Regularized(0.5, 0.5 * nu, square / (nu + square), nu / (nu + square))) - mass;
            var step = error / Density(t, nu);
            t -= step;
            if (Math.Abs(step) <= 1e-15 * t)
            {
                break;
            }
        }

        return t;
    }

    private static double TailQuantile(double tail, double nu)
    {
        var target = Elementary.Log(tail);
        var low = 0.0;
        var high = double.PositiveInfinity;
        var t = -NormalDistribution.Quantile(tail);
        for (var i = 0; i < 200; i++)
        {
            var probability = UpperTail(t, nu);
            var error = probability > 0.0 ? Elementary.Log(probability) - target : double.NegativeInfinity;
            if (error > 0.0)
            {
                low = t;
            }
            else
            {
                high = t;
            }

            // d ln(tail) / d ln(t): the steps multiply t, so that a heavy tail is walked in few of them.
            var slope = t * Density(t, nu) / probability;
            var next = t * Elementary.Exp(error / slope);
            if (!(next > low && next < high))
            {
                next = double.IsInfinity(high) ? t * 4.0 : 0.5 * (low + high);
            }

            if (Math.Abs(next - t) <= 2e-16 * t)
            {
                return next;
            }

            // The tail is concave in ln(t): steps shrink fast, and the last ones only chase rounding.
            if (i > 8 && Math.Abs(next - t) <= 4e-15 * t)
            {
                return next;
            }

            t = next;
        }

        return t;
    }
}
