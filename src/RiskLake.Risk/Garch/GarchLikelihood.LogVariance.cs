using System.Runtime.CompilerServices;
using RiskLake.Risk.Numerics;

namespace RiskLake.Risk;

/// <summary>Derivatives of EGARCH, whose recursion is in the logarithm of the variance.</summary>
internal sealed partial class GarchLikelihood
{
    internal const double MeanAbsoluteNormal = 0.7978845608028654;

    // l = ln h; d and dd its derivatives by mu, omega, alpha, gamma, beta. With s = exp(-l/2) and z = e s:
    // dz_i = -[mu] s - z/2 d_i and dz_ij = s/2 ([i=mu] d_j + [j=mu] d_i) + z/4 d_i d_j - z/2 dd_ij.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private double DifferentiateLog(ReadOnlySpan<double> theta, bool outer)
    {
        const int Count = 5;
        var errors = new ErrorLikelihood(theta[Nu]);
        var (mu, omega, alpha, gamma, beta) = (theta[Mu], theta[Omega], theta[Alpha], theta[Gamma], theta[Beta]);
        Span<double> d = stackalloc double[Count];
        Span<double> dz = stackalloc double[Count];
        Span<double> next = stackalloc double[Count];
        Span<double> dd = stackalloc double[Count * Count];
        Span<double> daily = stackalloc double[Places];
        Array.Clear(_score);
        Array.Clear(_hessian);
        Array.Clear(_outer);
        var l = FirstLog(theta, d, dd);
        var ratios = LogProduct.One;
        var (squares, logSum) = (0.0, 0.0);
        Partials p = default;
        foreach (var value in data)
        {
            var s = Elementary.Exp(-0.5 * l);
            var u = s * s;
            if (!(u > 0.0) || !double.IsFinite(u))
            {
                return double.NegativeInfinity;
            }

            var e = value - mu;
            errors.Accumulate(e * e * u, ref squares, ref ratios);
            logSum += l;
            errors.Differentiate(e, u, ref p);

            // From derivatives by h to derivatives by l.
            var h = 1.0 / u;
            var first = p.H * h;
            var second = (p.HH * h * h) + first;
            var cross = -p.HE * h;
            for (var i = 0; i < Count; i++)
            {
                var own = i == Mu;
                daily[i] = (first * d[i]) - (own ? p.E : 0.0);
                _score[i] += daily[i];
                for (var j = i; j < Count; j++)
                {
                    _hessian[(i * Places) + j] += (first * dd[(i * Count) + j]) + (second * d[i] * d[j])
                        + (own ? cross * d[j] : 0.0) + (j == Mu ? cross * d[i] : 0.0) + (own && j == Mu ? p.EE : 0.0);
                }

                if (_heavy)
                {
                    _hessian[(i * Places) + Nu] += (p.HNu * h * d[i]) - (own ? p.ENu : 0.0);
                }
            }

            daily[Nu] = _heavy ? p.Nu : 0.0;
            _score[Nu] += daily[Nu];
            _hessian[(Nu * Places) + Nu] += _heavy ? p.NuNu : 0.0;
            if (outer)
            {
                AddOuter(daily);
            }

            Advance(e * s, s, alpha, gamma, beta, l, d, dz, next, dd);
            l = omega + (alpha * (Math.Abs(e * s) - MeanAbsoluteNormal)) + (gamma * e * s) + (beta * l);
        }

        var total = (data.Length * errors.Constant) - (0.5 * logSum) + errors.Sum(squares, ratios);
        return double.IsFinite(total) ? total : double.NegativeInfinity;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Advance(
        double z, double s, double alpha, double gamma, double beta, double l, Span<double> d, Span<double> dz, Span<double> next,
        Span<double> dd)
    {
        var count = d.Length;
        var sign = z >= 0.0 ? 1.0 : -1.0;
        var kappa = (alpha * sign) + gamma;
        for (var i = 0; i < count; i++)
        {
            dz[i] = (-0.5 * z * d[i]) - (i == Mu ? s : 0.0);
        }

        for (var i = 0; i < count; i++)
        {
            for (var j = i; j < count; j++)
            {
                var at = (i * count) + j;
                var bend = (0.25 * z * d[i] * d[j]) - (0.5 * z * dd[at])
                    + (i == Mu ? 0.5 * s * d[j] : 0.0) + (j == Mu ? 0.5 * s * d[i] : 0.0);
                var explicitPart = (i == Alpha ? sign * dz[j] : i == Gamma ? dz[j] : i == Beta ? d[j] : 0.0)
                    + (j == Alpha ? sign * dz[i] : j == Gamma ? dz[i] : j == Beta ? d[i] : 0.0);
                dd[at] = (kappa * bend) + (beta * dd[at]) + explicitPart;
            }

            var own = i switch { Omega => 1.0, Alpha => Math.Abs(z) - MeanAbsoluteNormal, Gamma => z, Beta => l, _ => 0.0 };
            next[i] = own + (kappa * dz[i]) + (beta * d[i]);
        }

        next.CopyTo(d);
    }

    private double FirstLog(ReadOnlySpan<double> theta, Span<double> d, Span<double> dd)
    {
        var count = d.Length;
        d.Clear();
        dd.Clear();
        var (omega, beta) = (theta[Omega], theta[Beta]);
        if (specification.Presample == Presample.Unconditional)
        {
            var gap = 1.0 / (1.0 - beta);
            d[Omega] = gap;
            d[Beta] = omega * gap * gap;
            dd[(Omega * count) + Beta] = gap * gap;
            dd[(Beta * count) + Beta] = 2.0 * omega * gap * gap * gap;
            return omega * gap;
        }

        var moves = specification.Presample != Presample.Constant;
        var (sample, mean) = moves ? SampleAt(theta[Mu]) : (presampleVariance, 0.0);
        var log = Elementary.Log(sample);
        var slope = moves ? -2.0 * mean / sample : 0.0;
        var bend = moves ? (2.0 / sample) - (slope * slope) : 0.0;
        if (specification.Presample == Presample.InitialVariance)
        {
            d[Mu] = slope;
            dd[(Mu * count) + Mu] = bend;
            return log;
        }

        d[Mu] = beta * slope;
        d[Omega] = 1.0;
        d[Beta] = log;
        dd[(Mu * count) + Mu] = beta * bend;
        dd[(Mu * count) + Beta] = slope;
        return omega + (beta * log);
    }
}
