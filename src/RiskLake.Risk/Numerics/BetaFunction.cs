namespace RiskLake.Risk.Numerics;

/// <summary>The regularised incomplete beta function, the parent of the Student-t and binomial distributions.</summary>
/// <remarks>
/// Accuracy: 2e-14 relative over the ranges of the tests, in both tails. Source: DLMF 8.17.22, Lentz evaluation; prefactor by Loader
/// (2000).
/// </remarks>
public static class BetaFunction
{
    private const double InverseSqrtTwoPi = 0.3989422804014327;

    /// <summary>I_x(a, b), a and b > 0, x in [0, 1]. Anything else gives NaN.</summary>
    public static double Regularized(double a, double b, double x) => Regularized(a, b, x, 1.0 - x);

    /// <summary>I_x(a, b) where the caller knows the complement y = 1 - x to full precision.</summary>
    internal static double Regularized(double a, double b, double x, double y)
    {
        if (!(a > 0.0) || !(b > 0.0) || !(x >= 0.0) || !(y >= 0.0))
        {
            return double.NaN;
        }

        if (x == 0.0 || y == 0.0)
        {
            return x == 0.0 ? 0.0 : 1.0;
        }

        var mass = BinomialMass(a, b, x, y) * (b / (a + b));
        return x < (a + 1.0) / (a + b + 2.0)
            ? mass * Fraction(a, b, x)
            : 1.0 - (BinomialMass(a, b, x, y) * (a / (a + b)) * Fraction(b, a, y));
    }

    /// <summary>Gamma(a + b + 1) / (Gamma(a + 1) Gamma(b + 1)) x^a y^b: the binomial mass for real counts.</summary>
    internal static double BinomialMass(double a, double b, double x, double y)
    {
        var n = a + b;
        var exponent = GammaFunction.StirlingError(n) - GammaFunction.StirlingError(a) - GammaFunction.StirlingError(b)
            - GammaFunction.Deviance(a, n * x) - GammaFunction.Deviance(b, n * y);
        return Elementary.Exp(exponent) * InverseSqrtTwoPi * Math.Sqrt(n / (a * b));
    }

    private static double Fraction(double a, double b, double x)
    {
        const double Tiny = 1e-300;
        var c = 1.0;
        var d = 1.0 - ((a + b) * x / (a + 1.0));
        d = 1.0 / (Math.Abs(d) < Tiny ? Tiny : d);
        var fraction = d;
        for (var m = 1; m < 100_000; m++)
        {
            var even = m * (b - m) * x / ((a + (2 * m) - 1.0) * (a + (2 * m)));
            d = 1.0 + (even * d);
            d = 1.0 / (Math.Abs(d) < Tiny ? Tiny : d);
            c = 1.0 + (even / c);
            c = Math.Abs(c) < Tiny ? Tiny : c;
            fraction *= d * c;
            var odd = -(a + m) * (a + b + m) * x / ((a + (2 * m)) * (a + (2 * m) + 1.0));
            d = 1.0 + (odd * d);
            d = 1.0 / (Math.Abs(d) < Tiny ? Tiny : d);
            c = 1.0 + (odd / c);
            c = Math.Abs(c) < Tiny ? Tiny : c;
            var step = d * c;
            fraction *= step;
            if (Math.Abs(step - 1.0) < 1e-16)
            {
                break;
            }
        }

        return fraction;
    }
}
