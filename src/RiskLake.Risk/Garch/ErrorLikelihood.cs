using System.Runtime.CompilerServices;
using RiskLake.Risk.Numerics;

namespace RiskLake.Risk;

/// <summary>One observation's log-likelihood and its partial derivatives by variance h, residual e and degrees of freedom nu.</summary>
internal struct Partials
{
    public double H;
    public double HH;
    public double E;
    public double EE;
    public double HE;
    public double Nu;
    public double NuNu;
    public double HNu;
    public double ENu;
}

/// <summary>The error law at fixed degrees of freedom: constants worked out once per evaluation.</summary>
internal readonly struct ErrorLikelihood
{
    private const double LogTwoPi = 1.8378770664093456;
    private readonly bool _heavy;
    private readonly double _nu;
    private readonly double _free;
    private readonly double _half;
    private readonly double _slope;
    private readonly double _curvature;

    public ErrorLikelihood(double nu)
    {
        _heavy = nu > 0.0;
        if (_heavy)
        {
            _nu = nu;
            _free = nu - 2.0;
            _half = 0.5 * (nu + 1.0);
            Constant = GammaFunction.LogGamma(_half) - GammaFunction.LogGamma(0.5 * nu) - (0.5 * Elementary.Log(Math.PI * _free));
            _slope = (0.5 * (GammaFunction.Digamma(_half) - GammaFunction.Digamma(0.5 * nu))) - (0.5 / _free);
            _curvature = (0.25 * (GammaFunction.Trigamma(_half) - GammaFunction.Trigamma(0.5 * nu))) + (0.5 / (_free * _free));
        }
        else
        {
            Constant = -0.5 * LogTwoPi;
        }
    }

    /// <summary>The part of the log-likelihood that neither variance nor residual enters.</summary>
    public double Constant { get; }

    /// <summary>Sum of the rest over all observations: the error law's own part, without -ln(h)/2.</summary>
    public double Sum(double squares, in LogProduct ratios) => _heavy ? -_half * ratios.Value : -0.5 * squares;

    /// <summary>e^2 / ((nu - 2) h) for a t law, whose product of 1 + ratio is accumulated; e^2 / h for the normal, whose sum is.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Accumulate(double squareOverVariance, ref double squares, ref LogProduct ratios)
    {
        if (_heavy)
        {
            ratios.Multiply(1.0 + (squareOverVariance / _free));
        }
        else
        {
            squares += squareOverVariance;
        }
    }

    /// <summary>First and second partial derivatives; u = 1 / h.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Differentiate(double e, double u, ref Partials partials)
    {
        var square = e * e * u;
        if (!_heavy)
        {
            partials.H = 0.5 * u * (square - 1.0);
            partials.HH = u * u * (0.5 - square);
            partials.E = -e * u;
            partials.EE = -u;
            partials.HE = e * u * u;
            return;
        }

        var r = 1.0 / (_free + square);
        var share = square * r;
        var rest = share * (1.0 - share);
        var pull = 2.0 * _half * e * u * r;
        partials.H = u * ((_half * share) - 0.5);
        partials.HH = u * u * (0.5 - (_half * (share + rest)));
        partials.E = -pull;
        partials.EE = -2.0 * _half * u * r * (1.0 - (2.0 * share));
        partials.HE = pull * u * (1.0 - share);
        partials.Nu = _slope + (_half * share / _free) - (0.5 * Elementary.Log1p(square / _free));
        partials.NuNu = _curvature + (share / _free) - (_half * (rest + share) / (_free * _free));
        partials.HNu = u * ((0.5 * share) - (_half * rest / _free));
        partials.ENu = (2.0 * _half * e * u * r * r) - (e * u * r);
    }

    /// <summary>The error law's share of the value at -ln(h)/2 added per observation.</summary>
    public bool IsHeavy => _heavy;

    /// <summary>Degrees of freedom, zero for the normal.</summary>
    public double DegreesOfFreedom => _nu;
}
