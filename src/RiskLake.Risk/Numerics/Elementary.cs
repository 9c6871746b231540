using System.Runtime.CompilerServices;

namespace RiskLake.Risk.Numerics;

/// <summary>Exponential, logarithm and power, with the same bits on every processor.</summary>
/// <remarks>
/// The functions of <see cref="Math"/> are the C library's, which picks fused multiply-add variants by processor; results that are
/// published must not depend on that. Everything here is additions, multiplications and divisions in a written order.
/// Accuracy: below one unit in the last place for Exp and Log, below two for Log1p, Expm1 and Pow.
/// Method: reduction by powers of two to [sqrt(1/2), sqrt(2)) or [-ln2/2, ln2/2], then power series. Source: Muller, "Elementary
/// Functions", ch. 11.
/// </remarks>
public static class Elementary
{
    internal const double LogTwoHigh = 0.6931467056274414;      // 21 bits: a product with an exponent is exact
    internal const double LogTwoLow = 4.7493250390316726e-07;
    private const double InverseLogTwo = 1.4426950408889634;
    private const double SqrtHalf = 0.70710678118654752;
    private const double Splitter = 134217729.0;                // 2^27 + 1

    /// <summary>Natural logarithm. Negative or NaN gives NaN, zero gives negative infinity.</summary>
    public static double Log(double x)
    {
        if (!(x > 0.0) || x == double.PositiveInfinity)
        {
            return x == 0.0 ? double.NegativeInfinity : x > 0.0 ? x : double.NaN;
        }

        var mantissa = Decompose(x, out var exponent);
        var f = mantissa - 1.0;
        var s = f / (2.0 + f);
        var half = 0.5 * f * f;
        var tail = s * (half + LogSeries(s * s));
        if (exponent == 0)
        {
            return f - (half - tail);
        }

        return (exponent * LogTwoHigh) - (half - (tail + (exponent * LogTwoLow)) - f);
    }

    /// <summary>ln(1 + x) without loss for small x. Below -1 gives NaN.</summary>
    public static double Log1p(double x)
    {
        if (Math.Abs(x) < 0.29)
        {
            if (x == 0.0)
            {
                return x;
            }

            var s = x / (2.0 + x);
            var half = 0.5 * x * x;
            return x - (half - (s * (half + LogSeries(s * s))));
        }

        var shifted = 1.0 + x;
        if (!(shifted > 0.0) || shifted == double.PositiveInfinity)
        {
            return Log(shifted);
        }

        // What the addition rounded away, brought back to first order.
        var lost = x >= 1.0 ? 1.0 - (shifted - x) : x - (shifted - 1.0);
        return Log(shifted) + (lost / shifted);
    }

    /// <summary>e^x. Overflows to infinity above 709.78, underflows through subnormals to zero below -745.13.</summary>
    public static double Exp(double x)
    {
        if (!(Math.Abs(x) < 746.0))
        {
            return double.IsNaN(x) ? x : x > 0.0 ? double.PositiveInfinity : 0.0;
        }

        var k = Math.Round(x * InverseLogTwo);
        var high = x - (k * LogTwoHigh);
        var low = k * LogTwoLow;
        var r = high - low;
        var lost = high - r - low;
        return Scale(1.0 + (r + ((r * r * ExpSeries(r)) + lost)), (int)k);
    }

    /// <summary>e^x - 1 without loss for small x.</summary>
    public static double Expm1(double x)
    {
        if (Math.Abs(x) < 0.34)
        {
            return x + (x * x * ExpSeries(x));
        }

        if (!(Math.Abs(x) < 746.0) || x > 45.0)
        {
            return Exp(x) - 1.0;
        }

        var k = Math.Round(x * InverseLogTwo);
        var high = x - (k * LogTwoHigh);
        var low = k * LogTwoLow;
        var r = high - low;
        var small = r + ((r * r * ExpSeries(r)) + (high - r - low));
        return k < -60.0 ? Scale(1.0 + small, (int)k) - 1.0 : Scale(small + (1.0 - Scale(1.0, -(int)k)), (int)k);
    }

    /// <summary>x^y for x >= 0; a negative base gives NaN unless y is zero.</summary>
    /// <remarks>Method: y ln(x) carried in two doubles, so that large exponents keep their last digits.</remarks>
    public static double Pow(double x, double y)
    {
        if (y == 0.0 || x == 1.0)
        {
            return 1.0;
        }

        if (!(x > 0.0) || double.IsInfinity(x) || !double.IsFinite(y))
        {
            return PowSpecial(x, y);
        }

        var mantissa = Decompose(x, out var exponent);
        var f = mantissa - 1.0;
        var s = f / (2.0 + f);
        var square = Product(f, f, out var squareLow);
        var half = 0.5 * square;
        var tail = (s * (half + LogSeries(s * s))) - (0.5 * squareLow) + (exponent * LogTwoLow);
        var sum = TwoSum(exponent * LogTwoHigh, f, out var low1);
        sum = TwoSum(sum, -half, out var low2);
        sum = TwoSum(sum, tail + (low1 + low2), out var low);
        var product = Product(y, sum, out var productLow);
        if (!(Math.Abs(product) < 746.0))
        {
            return Exp(product);
        }

        var power = Exp(product);
        return power + (power * (productLow + (y * low)));
    }

    /// <summary>x = mantissa * 2^exponent with the mantissa in [sqrt(1/2), sqrt(2)), for positive finite x.</summary>
    internal static double Decompose(double x, out int exponent)
    {
        exponent = 0;
        if (x < 2.2250738585072014e-308)
        {
            x *= 18014398509481984.0;
            exponent = -54;
        }

        var bits = BitConverter.DoubleToInt64Bits(x);
        exponent += (int)(bits >> 52) - 1022;
        var mantissa = BitConverter.Int64BitsToDouble((bits & 0x000F_FFFF_FFFF_FFFF) | 0x3FE0_0000_0000_0000);
        if (mantissa < SqrtHalf)
        {
            mantissa += mantissa;
            exponent--;
        }

        return mantissa;
    }

    /// <summary>a * b as a rounded product and its exact rounding error (Dekker).</summary>
    internal static double Product(double a, double b, out double error)
    {
        var product = a * b;
        var highA = (Splitter * a) - ((Splitter * a) - a);
        var highB = (Splitter * b) - ((Splitter * b) - b);
        var lowA = a - highA;
        var lowB = b - highB;
        error = (lowA * lowB) - (product - (highA * highB) - (lowA * highB) - (highA * lowB));
        return product;
    }

    /// <summary>a + b as a rounded sum and its exact rounding error (Knuth).</summary>
    internal static double TwoSum(double a, double b, out double error)
    {
        var sum = a + b;
        var part = sum - a;
        error = (a - (sum - part)) + (b - part);
        return sum;
    }

    // (atanh(s) / s - 1) * 2 as a series in z = s^2, |s| < 0.1716: the missing part of ln(1 + f) after f - f^2/2.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static double LogSeries(double z)
    {
        var w = z * z;
        var odd = 0.6666666666666666 + (w * (0.2857142857142857 + (w * (0.18181818181818182
            + (w * (0.13333333333333333 + (w * (0.10526315789473684 + (w * 0.08695652173913043)))))))));
        var even = 0.4 + (w * (0.2222222222222222 + (w * (0.15384615384615385
            + (w * (0.11764705882352941 + (w * 0.09523809523809523)))))));
        return z * (odd + (z * even));
    }

    // (e^r - 1 - r) / r^2 for |r| below 0.3466.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static double ExpSeries(double r)
    {
        var r2 = r * r;
        var r4 = r2 * r2;
        var low = (0.5 + (r * 0.16666666666666666)) + (r2 * (0.041666666666666664 + (r * 0.008333333333333333)));
        var mid = (0.001388888888888889 + (r * 0.0001984126984126984)) + (r2 * (2.48015873015873e-05 + (r * 2.7557319223985893e-06)));
        var high = (2.755731922398589e-07 + (r * 2.505210838544172e-08)) + (r2 * (2.08767569878681e-09 + (r * 1.6059043836821613e-10)));
        return low + (r4 * (mid + (r4 * high)));
    }

    private static double Scale(double x, int exponent)
    {
        if (exponent > 1023)
        {
            x *= 8.98846567431158e307;     // 2^1023
            exponent -= 1023;
        }
        else if (exponent < -1022)
        {
            x *= 4.450147717014403e-308;   // 2^-1021
            exponent += 1021;
            return x * BitConverter.Int64BitsToDouble((long)(exponent + 1023) << 52);
        }

        return x * BitConverter.Int64BitsToDouble((long)(exponent + 1023) << 52);
    }

    private static double PowSpecial(double x, double y)
    {
        if (double.IsNaN(x) || double.IsNaN(y) || x < 0.0)
        {
            return double.NaN;
        }

        if (double.IsInfinity(y))
        {
            return (x > 1.0) == (y > 0.0) ? double.PositiveInfinity : 0.0;
        }

        return (x == 0.0) == (y > 0.0) ? 0.0 : double.PositiveInfinity;
    }
}
