using System.Runtime.CompilerServices;
using RiskLake.Risk.Numerics;

namespace RiskLake.Risk;

/// <summary>The logarithm of a long product of positive numbers, with one logarithm at the end instead of one per factor.</summary>
internal struct LogProduct
{
    private double _mantissa;
    private long _exponent;
    private int _count;

    public static LogProduct One => new() { _mantissa = 1.0 };

    public readonly double Value
    {
        get
        {
            if (!(_mantissa > 0.0) || !double.IsFinite(_mantissa))
            {
                return double.NaN;
            }

            var mantissa = Elementary.Decompose(_mantissa, out var exponent);
            double power = _exponent + exponent;
            return (power * Elementary.LogTwoHigh) + ((power * Elementary.LogTwoLow) + Elementary.Log(mantissa));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Multiply(double factor)
    {
        _mantissa *= factor;
        if ((++_count & 3) == 0)
        {
            Normalize();
        }
    }

    // A factor out of range makes the product zero or infinite, and the value NaN.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Normalize()
    {
        var bits = BitConverter.DoubleToInt64Bits(_mantissa);
        var biased = (int)(bits >> 52) & 0x7FF;
        if (biased is 0 or 0x7FF)
        {
            _mantissa = double.NaN;
            return;
        }

        _exponent += biased - 1023;
        _mantissa = BitConverter.Int64BitsToDouble((bits & 0x000F_FFFF_FFFF_FFFF) | 0x3FF0_0000_0000_0000);
    }
}
