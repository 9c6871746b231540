namespace RiskLake.Risk.Numerics;

/// <summary>The standard normal distribution.</summary>
/// <remarks>
/// Accuracy: a few units in the last place into both tails (to -37). Sources: Cody, "Rational Chebyshev approximations for the error
/// function", Math. Comp. 23 (1969), in the normal form of his ANORM; Wichura, algorithm AS 241, Applied Statistics 37 (1988).
/// </remarks>
public static class NormalDistribution
{
    private const double InverseSqrtTwoPi = 0.3989422804014327;

    private static readonly double[] s_central =
        [2.2352520354606839287, 161.02823106855587881, 1067.6894854603709582, 18154.981253343561249, 0.065682337918207449113];

    private static readonly double[] s_centralBelow =
        [47.20258190468824187, 976.09855173777669322, 10260.932208618978205, 45507.789335026729956];

    private static readonly double[] s_middle =
    [
        0.39894151208813466764, 8.8831497943883759412, 93.506656132177855979, 597.27027639480026226, 2494.5375852903726711,
        6848.1904505362823326, 11602.651437647350124, 9842.7148383839780218, 1.0765576773720192317e-8,
    ];

    private static readonly double[] s_middleBelow =
    [
        22.266688044328115691, 235.38790178262499861, 1519.377599407554805, 6485.558298266760755, 18615.571640885098091,
        34900.952721145977266, 38912.003286093271411, 19685.429676859990727,
    ];

    private static readonly double[] s_far =
        [0.21589853405795699, 0.1274011611602473639, 0.022235277870649807, 0.001421619193227893466, 2.9112874951168792e-5,
            0.02307344176494017303];

    private static readonly double[] s_farBelow =
        [1.28426009614491121, 0.468238212480865118, 0.0659881378689285515, 0.00378239633202758244, 7.29751555083966205e-5];

    // Wichura's coefficients, highest power first.
    private static readonly double[] s_quantileCentral =
    [
        2509.0809287301226727, 33430.575583588128105, 67265.770927008700853, 45921.953931549871457, 13731.693765509461125,
        1971.5909503065514427, 133.14166789178437745, 3.387132872796366608,
    ];

    private static readonly double[] s_quantileCentralBelow =
    [
        5226.495278852854561, 28729.085735721942674, 39307.89580009271061, 21213.794301586595867, 5394.1960214247511077,
        687.1870074920579083, 42.313330701600911252, 1.0,
    ];

    private static readonly double[] s_quantileMiddle =
    [
        7.7454501427834140764e-4, 0.0227238449892691845833, 0.24178072517745061177, 1.27045825245236838258, 3.64784832476320460504,
        5.7694972214606914055, 4.6303378461565452959, 1.42343711074968357734,
    ];

    private static readonly double[] s_quantileMiddleBelow =
    [
        1.05075007164441684324e-9, 5.475938084995344946e-4, 0.0151986665636164571966, 0.14810397642748007459, 0.68976733498510000455,
        1.6763848301838038494, 2.05319162663775882187, 1.0,
    ];

    private static readonly double[] s_quantileFar =
    [
        2.01033439929228813265e-7, 2.71155556874348757815e-5, 0.0012426609473880784386, 0.026532189526576123093, 0.29656057182850489123,
        1.7848265399172913358, 5.4637849111641143699, 6.6579046435011037772,
    ];

    private static readonly double[] s_quantileFarBelow =
    [
        2.04426310338993978564e-15, 1.4215117583164458887e-7, 1.8463183175100546818e-5, 7.868691311456132591e-4, 0.0148753612908506148525,
        0.13692988092273580531, 0.59983220655588793769, 1.0,
    ];

    /// <summary>Density at x.</summary>
    public static double Density(double x) => InverseSqrtTwoPi * ExpMinusHalfSquare(Math.Abs(x));

    /// <summary>P(X at most x), accurate where it is tiny.</summary>
    public static double Cdf(double x)
    {
        if (double.IsNaN(x))
        {
            return x;
        }

        var y = Math.Abs(x);
        if (y <= 0.67448975)
        {
            return 0.5 + CentralPart(x);
        }

        var tail = UpperTail(y);
        return x < 0.0 ? tail : 1.0 - tail;
    }

    /// <summary>The quantile: x with P(X at most x) = p; 0 and 1 give the infinities, outside [0, 1] NaN.</summary>
    public static double Quantile(double p)
    {
        var q = p - 0.5;
        if (Math.Abs(q) <= 0.425)
        {
            var r = 0.180625 - (q * q);
            return q * Polynomial(s_quantileCentral, r) / Polynomial(s_quantileCentralBelow, r);
        }

        if (!(p > 0.0 && p < 1.0))
        {
            return p == 0.0 ? double.NegativeInfinity : p == 1.0 ? double.PositiveInfinity : double.NaN;
        }

        var s = Math.Sqrt(-Elementary.Log(q < 0.0 ? p : 1.0 - p));
        var value = s <= 5.0
            ? Polynomial(s_quantileMiddle, s - 1.6) / Polynomial(s_quantileMiddleBelow, s - 1.6)
            : Polynomial(s_quantileFar, s - 5.0) / Polynomial(s_quantileFarBelow, s - 5.0);
        return q < 0.0 ? -value : value;
    }

    private static double Polynomial(double[] coefficients, double x)
    {
        var value = 0.0;
        foreach (var coefficient in coefficients)
        {
            value = (value * x) + coefficient;
        }

        return value;
    }

    // P(0 < X < x), odd in x.
    private static double CentralPart(double x)
    {
        var square = x * x;
        var above = s_central[4] * square;
        var below = square;
        for (var i = 0; i < 3; i++)
        {
            above = (above + s_central[i]) * square;
            below = (below + s_centralBelow[i]) * square;
        }

        return x * (above + s_central[3]) / (below + s_centralBelow[3]);
    }

    private static double UpperTail(double y)
    {
        if (y <= 5.656854249492381)
        {
            var above = s_middle[8] * y;
            var below = y;
            for (var i = 0; i < 7; i++)
            {
                above = (above + s_middle[i]) * y;
                below = (below + s_middleBelow[i]) * y;
            }

            return (above + s_middle[7]) / (below + s_middleBelow[7]) * ExpMinusHalfSquare(y);
        }

        var z = 1.0 / (y * y);
        var top = s_far[5] * z;
        var bottom = z;
        for (var i = 0; i < 4; i++)
        {
            top = (top + s_far[i]) * z;
            bottom = (bottom + s_farBelow[i]) * z;
        }

        var correction = z * (top + s_far[4]) / (bottom + s_farBelow[4]);
        return (InverseSqrtTwoPi - correction) / y * ExpMinusHalfSquare(y);
    }

    // exp(-y^2 / 2) with the square split so that no digit of a large exponent is lost.
    private static double ExpMinusHalfSquare(double y)
    {
        if (!(y < 40.0))
        {
            return double.IsNaN(y) ? y : 0.0;
        }

        var high = Math.Floor(y * 16.0) * 0.0625;
        return Elementary.Exp(-0.5 * high * high) * Elementary.Exp(-0.5 * (y - high) * (y + high));
    }
}
