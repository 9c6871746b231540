using System.Globalization;
using System.Text;

namespace RiskLake.Ingest.Decoding;

/// <summary>
/// A number in the grammar of JSON, taken apart into sign, digits and power of ten, so that every conversion is exact or
/// refused. Nothing here depends on the culture or the processor.
/// </summary>
internal unsafe struct NumberText
{
    private const int MantissaDigits = 19;
    private const int MaxExactPower = 22;

    /// <summary>Up to this size the framework's parser is known to be correctly rounded, whatever the digits.</summary>
    private const int PlainLength = 64;
    private const int PlainExponent = 400;

    /// <summary>More significant digits than this cannot change the nearest double, other than by not being zero.</summary>
    private const int DoubleDigits = 800;

    private static readonly double[] PowersOfTen =
    [
        1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22,
    ];

    private byte* _start;
    private byte* _end;
    private ulong _mantissa;
    private int _exponent;
    private bool _negative;

    /// <summary>Whether the mantissa holds all digits and the exponent is as written.</summary>
    private bool _whole;

    /// <summary>
    /// Reads the longest number at <paramref name="p"/>. The byte at <paramref name="end"/> must be readable and not part of a number.
    /// </summary>
    /// <returns>The byte after the number, or null when there is none or its grammar is wrong.</returns>
    public static byte* Scan(byte* p, byte* end, out NumberText number)
    {
        number = default;
        number._start = p;
        if (*p == '-')
        {
            number._negative = true;
            p++;
        }

        var digits = p;
        ulong mantissa = 0;
        for (uint digit; (digit = (uint)(*p - '0')) <= 9; p++)
        {
            mantissa = (mantissa * 10) + digit;
        }

        var count = p - digits;
        if (count == 0 || (count > 1 && *digits == '0'))
        {
            return null;
        }

        if (*p == '.')
        {
            var fraction = ++p;
            for (uint digit; (digit = (uint)(*p - '0')) <= 9; p++)
            {
                mantissa = (mantissa * 10) + digit;
            }

            var places = p - fraction;
            if (places == 0)
            {
                return null;
            }

            count += places;
            number._exponent = (int)-places;
        }

        number._mantissa = mantissa;
        number._whole = count <= MantissaDigits;
        if ((*p | 0x20) == 'e')
        {
            p = number.ScanExponent(p + 1);
        }

        number._end = p;
        return p <= end ? p : null;
    }

    /// <summary>The nearest double, ties to even; <see cref="ReasonCode.NonFinite"/> beyond the largest.</summary>
    public readonly ReasonCode? ToDouble(out long slot)
    {
        double value;
        if (_whole && _mantissa <= 1UL << 53 && _exponent is >= -MaxExactPower and <= MaxExactPower)
        {
            // Both operands are exact, so the one rounding of IEEE 754 gives the nearest double.
            value = _exponent < 0 ? _mantissa / PowersOfTen[-_exponent] : _mantissa * PowersOfTen[_exponent];
            value = _negative ? -value : value;
        }
        else if (_end - _start <= PlainLength && _exponent is > -PlainExponent and < PlainExponent)
        {
            value = double.Parse(new ReadOnlySpan<byte>(_start, (int)(_end - _start)), NumberStyles.Float, CultureInfo.InvariantCulture);
        }
        else
        {
            value = ToDoubleSlow();
        }

        slot = BitConverter.DoubleToInt64Bits(value);
        return double.IsFinite(value) ? null : ReasonCode.NonFinite;
    }

    /// <summary>The same number as a 64-bit integer.</summary>
    public readonly ReasonCode? ToInt64(out long slot)
    {
        if (_whole && _exponent == 0 && _mantissa <= long.MaxValue)
        {
            slot = _negative ? -(long)_mantissa : (long)_mantissa;
            return null;
        }

        var code = Scaled(0, out var value);
        slot = (long)value;
        return code == ReasonCode.PrecisionLoss ? ReasonCode.NotInteger
            : code is null && value != slot ? ReasonCode.TypeOverflow
            : code;
    }

    /// <summary>The same number as an unscaled decimal: never rounded.</summary>
    public readonly ReasonCode? ToDecimal(int precision, int scale, out long slot)
    {
        var code = Scaled(scale, out var value);
        slot = (long)value;
        return code is null && Int128.Abs(value) >= PowerOfTen(precision) ? ReasonCode.TypeOverflow : code;
    }

    private static Int128 PowerOfTen(int power)
    {
        Int128 value = 1;
        for (var i = 0; i < power; i++)
        {
            value *= 10;
        }

        return value;
    }

    private byte* ScanExponent(byte* p)
    {
        var negative = *p == '-';
        if (*p is (byte)'+' or (byte)'-')
        {
            p++;
        }

        var digits = p;
        var exponent = 0;
        for (uint digit; (digit = (uint)(*p - '0')) <= 9; p++)
        {
            // A record is far shorter than this many digits, so a saturated exponent decides alone.
            exponent = Math.Min((exponent * 10) + (int)digit, 100_000_000);
        }

        if (p == digits)
        {
            return null;
        }

        _exponent += negative ? -exponent : exponent;
        return p;
    }

    /// <summary>The number times ten to the <paramref name="scale"/>, exactly.</summary>
    private readonly ReasonCode? Scaled(int scale, out Int128 value)
    {
        value = 0;
        var digits = SignificantDigits(out var exponent);
        if (digits.IsEmpty)
        {
            return null;
        }

        if (exponent + scale < 0)
        {
            return ReasonCode.PrecisionLoss;
        }

        if (digits.Length + exponent + scale > MantissaDigits)
        {
            return ReasonCode.TypeOverflow;
        }

        foreach (var digit in digits)
        {
            value = (value * 10) + (digit - '0');
        }

        value *= PowerOfTen((int)exponent + scale);
        value = _negative ? -value : value;
        return null;
    }

    /// <summary>The digits without zeros at either end, and the power of ten of the last one.</summary>
    private readonly ReadOnlySpan<byte> SignificantDigits(out long exponent)
    {
        var text = new ReadOnlySpan<byte>(_start, (int)(_end - _start));
        var mark = text.IndexOfAny((byte)'e', (byte)'E');
        var written = mark < 0 ? text : text[..mark];
        var digits = new byte[written.Length];
        var count = 0;
        foreach (var character in written)
        {
            if (character is not ((byte)'-' or (byte)'.') && (count > 0 || character != '0'))
            {
                digits[count++] = character;
            }
        }

        exponent = _exponent;
        while (count > 0 && digits[count - 1] == '0')
        {
            count--;
            exponent++;
        }

        return digits.AsSpan(0, count);
    }

    private readonly double ToDoubleSlow()
    {
        var digits = SignificantDigits(out var exponent);
        var magnitude = digits.Length + exponent;
        if (digits.IsEmpty || magnitude < -400)
        {
            return _negative ? -0.0 : 0.0;
        }

        if (magnitude > 400)
        {
            return _negative ? double.NegativeInfinity : double.PositiveInfinity;
        }

        // Few digits, and an exponent of a size that every parser takes.
        var cut = Math.Min(digits.Length, DoubleDigits);
        var text = new StringBuilder(cut + 16);
        text.Append(_negative ? "-0." : "0.").Append(Encoding.ASCII.GetString(digits[..cut]));
        text.Append(cut < digits.Length ? "1e" : "e").Append(magnitude.ToString(CultureInfo.InvariantCulture));
        return double.Parse(text.ToString(), NumberStyles.Float, CultureInfo.InvariantCulture);
    }
}
