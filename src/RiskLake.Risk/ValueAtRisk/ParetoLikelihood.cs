using RiskLake.Risk.Numerics;

namespace RiskLake.Risk;

/// <summary>The log-likelihood of generalised Pareto excesses in (xi, ln beta): -N ln beta - (1 + 1/xi) sum ln(1 + xi y / beta).</summary>
internal sealed class ParetoLikelihood(double[] excesses) : ISmoothFunction
{
    /// <summary>The value at a shape and a scale; negative infinity outside the domain.</summary>
    public double At(double shape, double scale) => scale > 0.0 ? Value([shape, Elementary.Log(scale)]) : double.NegativeInfinity;

    public double Value(ReadOnlySpan<double> point)
    {
        var (xi, beta) = (point[0], Elementary.Exp(point[1]));
        if (!(beta > 0.0) || !double.IsFinite(beta) || !(xi > -0.95))
        {
            return double.NegativeInfinity;
        }

        var sum = default(OrderedSum);
        foreach (var y in excesses)
        {
            var w = y / beta;
            var t = xi * w;
            if (!(t > -1.0))
            {
                return double.NegativeInfinity;
            }

            // ln(1 + t) / xi, continuous at xi = 0.
            var log = Elementary.Log1p(t);
            sum.Add(log + (Math.Abs(t) < 1e-8 ? w * (1.0 - (0.5 * t)) : log / xi));
        }

        return -(excesses.Length * point[1]) - sum.Value;
    }

    public double Derivatives(ReadOnlySpan<double> point, Span<double> gradient, Span<double> hessian)
    {
        var (xi, beta) = (point[0], Elementary.Exp(point[1]));
        var (gx, gb, hxx, hxb, hbb) = (0.0, 0.0, 0.0, 0.0, 0.0);
        foreach (var y in excesses)
        {
            var w = y / beta;
            var share = w / (1.0 + (xi * w));
            var (phi, chi) = Curves(xi * w);
            gx += (w * w * phi) - share;
            gb += share;
            hxx += (w * w * w * chi) + (share * share);
            hxb += share * (1.0 - w) / (1.0 + (xi * w));
            hbb += share / (1.0 + (xi * w));
        }

        gradient[0] = gx;
        gradient[1] = ((xi + 1.0) * gb) - excesses.Length;
        hessian[0] = hxx;
        hessian[1] = hessian[2] = hxb;
        hessian[3] = -(xi + 1.0) * hbb;
        return Value(point);
    }

    /// <summary>
    /// Climbs from the moments' estimate; false when the maximum is not interior. The covariance is that of (xi, ln beta).
    /// </summary>
    public bool TryMaximize(
        out double shape, out double scale, out double value, out (double Shape, double LogScale, double Cross) covariance)
    {
        var mean = Dispersion.Mean(excesses);
        var variance = Dispersion.Variance(excesses, 1);
        var start = Math.Clamp(0.5 * (1.0 - (mean * mean / variance)), -0.2, 0.4);
        double[] point = [start, Elementary.Log(mean * (1.0 - start))];
        if (!double.IsFinite(Value(point)))
        {
            point = [0.1, Elementary.Log(mean)];
        }

        var self = this;
        var outcome = NewtonMaximizer.Maximize(ref self, point);
        (shape, scale, value, covariance) = (point[0], Elementary.Exp(point[1]), outcome.Value, default);
        if (!outcome.Converged || !(shape > -0.5))
        {
            return false;
        }

        var gradient = new double[2];
        var hessian = new double[4];
        Derivatives(point, gradient, hessian);
        var determinant = (hessian[0] * hessian[3]) - (hessian[1] * hessian[1]);
        if (!(determinant > 0.0) || !(hessian[0] < 0.0))
        {
            return false;
        }

        covariance = (-hessian[3] / determinant, -hessian[0] / determinant, hessian[1] / determinant);
        return true;
    }

    // phi(t) = (ln(1 + t) - t / (1 + t)) / t^2 and its derivative, by series where the closed form cancels.
    private static (double Phi, double Chi) Curves(double t)
    {
        if (Math.Abs(t) < 0.02)
        {
            var (phi, chi, power) = (0.0, 0.0, 1.0);
            for (var k = 0; k < 12; k++)
            {
                var coefficient = (k % 2 == 0 ? 1.0 : -1.0) * (k + 1.0) / (k + 2.0);
                phi += coefficient * power;
                chi -= (k % 2 == 0 ? 1.0 : -1.0) * (k + 2.0) / (k + 3.0) * (k + 1.0) * power;
                power *= t;
            }

            return (phi, chi);
        }

        var log = Elementary.Log1p(t);
        var ratio = t / (1.0 + t);
        return ((log - ratio) / (t * t), ((ratio * ratio) - (2.0 * log) + (2.0 * ratio)) / (t * t * t));
    }
}
