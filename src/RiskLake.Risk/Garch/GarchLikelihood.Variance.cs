using System.Runtime.CompilerServices;
using RiskLake.Risk.Numerics;

namespace RiskLake.Risk;

/// <summary>Derivatives of GARCH and GJR, whose recursion is in the variance itself.</summary>
internal sealed partial class GarchLikelihood
{
    // d* are first derivatives of h, dd* the second ones that do not vanish: the recursion is linear in omega, alpha and gamma.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private double Differentiate(ReadOnlySpan<double> theta, bool outer)
    {
        var errors = new ErrorLikelihood(theta[Nu]);
        var (mu, omega, alpha, gamma, beta) = (theta[Mu], theta[Omega], theta[Alpha], theta[Gamma], theta[Beta]);
        var initial = specification.Presample == Presample.InitialVariance;
        var (sample, mean) = specification.Presample == Presample.Constant ? (presampleVariance, 0.0) : SampleAt(mu);
        var moves = specification.Presample == Presample.Constant ? 0.0 : 1.0;
        var weight = initial ? 1.0 : alpha + (0.5 * gamma) + beta;
        var linear = initial ? 0.0 : 1.0;
        var slope = -2.0 * mean * moves;
        var h = initial ? sample : omega + (weight * sample);
        double dm = weight * slope, dw = linear, da = linear * sample, dg = 0.5 * da, db = da;
        double ddmm = 2.0 * weight * moves, ddma = linear * slope, ddmg = 0.5 * ddma, ddmb = ddma;
        double ddwb = 0, ddab = 0, ddgb = 0, ddbb = 0;
        double sm = 0, sw = 0, sa = 0, sg = 0, sb = 0, sn = 0;
        double hmm = 0, hmw = 0, hma = 0, hmg = 0, hmb = 0, hww = 0, hwa = 0, hwg = 0, hwb = 0, haa = 0, hag = 0, hab = 0, hgg = 0,
            hgb = 0, hbb = 0;
        double hmn = 0, hwn = 0, han = 0, hgn = 0, hbn = 0, hnn = 0;
        var logs = LogProduct.One;
        var ratios = LogProduct.One;
        var squares = 0.0;
        Partials p = default;
        Array.Clear(_outer);
        foreach (var value in data)
        {
            if (!(h > 0.0) || !double.IsFinite(h))
            {
                return double.NegativeInfinity;
            }

            var e = value - mu;
            var square = e * e;
            var u = 1.0 / h;
            errors.Accumulate(square * u, ref squares, ref ratios);
            logs.Multiply(h);
            errors.Differentiate(e, u, ref p);
            var first = p.H;
            var cross = -p.HE;
            var bm = (p.HH * dm) + cross;
            var bw = p.HH * dw;
            var ba = p.HH * da;
            var bb = p.HH * db;
            sm += (first * dm) - p.E;
            sw += first * dw;
            sa += first * da;
            sb += first * db;
            hmm += (first * ddmm) + ((bm + cross) * dm) + p.EE;
            hmw += bm * dw;
            hma += (first * ddma) + (bm * da);
            hmb += (first * ddmb) + (bm * db);
            hww += bw * dw;
            hwa += bw * da;
            hwb += (first * ddwb) + (bw * db);
            haa += ba * da;
            hab += (first * ddab) + (ba * db);
            hbb += (first * ddbb) + (bb * db);
            if (_asymmetric)
            {
                sg += first * dg;
                hmg += (first * ddmg) + (bm * dg);
                hwg += bw * dg;
                hag += ba * dg;
                hgg += p.HH * dg * dg;
                hgb += (first * ddgb) + (bb * dg);
            }

            if (_heavy)
            {
                sn += p.Nu;
                hmn += (p.HNu * dm) - p.ENu;
                hwn += p.HNu * dw;
                han += p.HNu * da;
                hgn += p.HNu * dg;
                hbn += p.HNu * db;
                hnn += p.NuNu;
            }

            if (outer)
            {
                AddOuter([(first * dm) - p.E, first * dw, first * da, first * dg, first * db, _heavy ? p.Nu : 0.0]);
            }

            var down = e < 0.0;
            var kappa = down ? alpha + gamma : alpha;
            ddmm = (2.0 * kappa) + (beta * ddmm);
            ddma = (-2.0 * e) + (beta * ddma);
            ddmb = dm + (beta * ddmb);
            ddwb = dw + (beta * ddwb);
            ddab = da + (beta * ddab);
            ddbb = (2.0 * db) + (beta * ddbb);
            if (_asymmetric)
            {
                ddmg = (down ? -2.0 * e : 0.0) + (beta * ddmg);
                ddgb = dg + (beta * ddgb);
                dg = (down ? square : 0.0) + (beta * dg);
            }

            dm = (-2.0 * kappa * e) + (beta * dm);
            dw = 1.0 + (beta * dw);
            da = square + (beta * da);
            db = h + (beta * db);
            h = omega + (kappa * square) + (beta * h);
        }

        Store([sm, sw, sa, sg, sb, sn]);
        ReadOnlySpan<double> upper =
            [hmm, hmw, hma, hmg, hmb, hmn, 0, hww, hwa, hwg, hwb, hwn, 0, 0, haa, hag, hab, han, 0, 0, 0, hgg, hgb, hgn, 0, 0, 0, 0,
                hbb, hbn, 0, 0, 0, 0, 0, hnn];
        upper.CopyTo(_hessian);
        var total = (data.Length * errors.Constant) - (0.5 * logs.Value) + errors.Sum(squares, ratios);
        return double.IsFinite(total) ? total : double.NegativeInfinity;
    }

    private void Store(ReadOnlySpan<double> score) => score.CopyTo(_score);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void AddOuter(ReadOnlySpan<double> score)
    {
        for (var i = 0; i < Places; i++)
        {
            for (var j = i; j < Places; j++)
            {
                _outer[(i * Places) + j] += score[i] * score[j];
            }
        }
    }
}
