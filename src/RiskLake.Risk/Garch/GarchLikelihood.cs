using System.Runtime.CompilerServices;
using RiskLake.Risk.Numerics;

namespace RiskLake.Risk;

/// <summary>
/// The log-likelihood of a GARCH model with exact score and Hessian, from the recursion's own first and second derivatives.
/// </summary>
/// <remarks>
/// Points hold the model's parameters in the order of <see cref="GarchSpecification.ParameterNames"/>. Inside, six fixed places are used:
/// mu, omega, alpha, gamma, beta, nu. Source of the score: Fiorentini, Calzolari, Panattoni, J. Applied Econometrics 11 (1996).
/// </remarks>
internal sealed partial class GarchLikelihood(double[] data, GarchSpecification specification, double presampleVariance) : ISmoothFunction
{
    internal const int Places = 6;
    private const int Mu = 0;
    private const int Omega = 1;
    private const int Alpha = 2;
    private const int Gamma = 3;
    private const int Beta = 4;
    private const int Nu = 5;

    private readonly bool _asymmetric = specification.Model != GarchModel.Garch;
    private readonly bool _heavy = specification.Errors == ErrorDistribution.StudentT;
    private readonly int[] _places = PlacesOf(specification);
    private readonly double[] _hessian = new double[Places * Places];
    private readonly double[] _score = new double[Places];
    private readonly double[] _outer = new double[Places * Places];

    /// <summary>Number of parameters.</summary>
    public int Dimension => _places.Length;

    /// <summary>The same data under a model without asymmetry.</summary>
    public GarchLikelihood Symmetric(GarchSpecification symmetric) => new(data, symmetric, presampleVariance);

    /// <summary>The log-likelihood with all constants; negative infinity where a variance is not positive.</summary>
    public double Value(ReadOnlySpan<double> point)
    {
        Span<double> theta = stackalloc double[Places];
        return Spread(point, theta) ? Run(theta, [], false) : double.NegativeInfinity;
    }

    /// <summary>Value, score and Hessian.</summary>
    public double Derivatives(ReadOnlySpan<double> point, Span<double> gradient, Span<double> hessian)
    {
        Span<double> theta = stackalloc double[Places];
        if (!Spread(point, theta))
        {
            return double.NegativeInfinity;
        }

        var value = specification.Model == GarchModel.Egarch ? DifferentiateLog(theta, outer: false) : Differentiate(theta, outer: false);
        Gather(gradient, hessian, _hessian);
        return value;
    }

    /// <summary>Value, score and Hessian as <see cref="Derivatives"/>, and the sum of outer products of the daily scores.</summary>
    public double Information(ReadOnlySpan<double> point, Span<double> gradient, Span<double> hessian, Span<double> outer)
    {
        Span<double> theta = stackalloc double[Places];
        if (!Spread(point, theta))
        {
            return double.NegativeInfinity;
        }

        var value = specification.Model == GarchModel.Egarch ? DifferentiateLog(theta, outer: true) : Differentiate(theta, outer: true);
        Gather(gradient, hessian, _hessian);
        Gather(gradient, outer, _outer);
        return value;
    }

    /// <summary>The conditional variances h_1 .. h_n and the forecast h_{n+1}; false where one is not positive.</summary>
    public bool TryVariances(ReadOnlySpan<double> point, Span<double> variances)
    {
        Span<double> theta = stackalloc double[Places];
        return Spread(point, theta) && double.IsFinite(Run(theta, variances, true));
    }

    private static int[] PlacesOf(GarchSpecification specification)
    {
        List<int> places = [Mu, Omega, Alpha];
        if (specification.Model != GarchModel.Garch)
        {
            places.Add(Gamma);
        }

        places.Add(Beta);
        if (specification.Errors == ErrorDistribution.StudentT)
        {
            places.Add(Nu);
        }

        return [.. places];
    }

    private bool Spread(ReadOnlySpan<double> point, Span<double> theta)
    {
        theta.Clear();
        for (var i = 0; i < _places.Length; i++)
        {
            if (!double.IsFinite(point[i]))
            {
                return false;
            }

            theta[_places[i]] = point[i];
        }

        return !_heavy || theta[Nu] is > 2.0 and < 1e6;
    }

    private void Gather(Span<double> gradient, Span<double> matrix, double[] from)
    {
        var n = _places.Length;
        for (var i = 0; i < n; i++)
        {
            gradient[i] = _score[_places[i]];
            for (var j = 0; j < n; j++)
            {
                var (high, low) = (Math.Max(_places[i], _places[j]), Math.Min(_places[i], _places[j]));
                matrix[(i * n) + j] = from[(low * Places) + high];
            }
        }
    }

    // Mean of e^2 and of e at a mean mu: what the first variance rests on.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private (double Square, double Mean) SampleAt(double mu)
    {
        var (squares, sum) = (0.0, 0.0);
        foreach (var value in data)
        {
            var e = value - mu;
            squares += e * e;
            sum += e;
        }

        return (squares / data.Length, sum / data.Length);
    }

    // The plain recursion: the value, and the variances when asked for.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private double Run(ReadOnlySpan<double> theta, Span<double> variances, bool keep)
    {
        var errors = new ErrorLikelihood(theta[Nu]);
        var (mu, omega, alpha, gamma, beta) = (theta[Mu], theta[Omega], theta[Alpha], theta[Gamma], theta[Beta]);
        var logs = LogProduct.One;
        var ratios = LogProduct.One;
        var squares = 0.0;
        var logSum = 0.0;
        var egarch = specification.Model == GarchModel.Egarch;
        var state = First(theta, egarch);
        for (var t = 0; ; t++)
        {
            var h = egarch ? Elementary.Exp(state) : state;
            if (!(h > 0.0) || !double.IsFinite(h))
            {
                return double.NegativeInfinity;
            }

            if (keep)
            {
                variances[t] = h;
            }

            if (t == data.Length)
            {
                break;
            }

            var e = data[t] - mu;
            var square = e * e;
            errors.Accumulate(square / h, ref squares, ref ratios);
            if (egarch)
            {
                logSum += state;
                var z = e / Math.Sqrt(h);
                state = omega + (alpha * (Math.Abs(z) - MeanAbsoluteNormal)) + (gamma * z) + (beta * state);
            }
            else
            {
                logs.Multiply(h);
                state = omega + ((e < 0.0 ? alpha + gamma : alpha) * square) + (beta * state);
            }

            if (t == data.Length - 1 && !keep)
            {
                break;
            }
        }

        var value = (data.Length * errors.Constant) - (0.5 * (egarch ? logSum : logs.Value)) + errors.Sum(squares, ratios);
        return double.IsFinite(value) ? value : double.NegativeInfinity;
    }

    // h_1, or ln h_1 for EGARCH.
    private double First(ReadOnlySpan<double> theta, bool egarch)
    {
        var presample = specification.Presample;
        var sample = presample is Presample.Fcp or Presample.InitialVariance ? SampleAt(theta[Mu]).Square : presampleVariance;
        if (!egarch)
        {
            return presample == Presample.InitialVariance
                ? sample
                : theta[Omega] + ((theta[Alpha] + (0.5 * theta[Gamma]) + theta[Beta]) * sample);
        }

        return presample switch
        {
            Presample.InitialVariance => Elementary.Log(sample),
            Presample.Unconditional => theta[Omega] / (1.0 - theta[Beta]),
            _ => theta[Omega] + (theta[Beta] * Elementary.Log(sample)),
        };
    }
}
