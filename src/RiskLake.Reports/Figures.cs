using System.Globalization;
using RiskLake.Risk.Numerics;

namespace RiskLake.Reports;

/// <summary>What the numbers of a series are counted in.</summary>
internal enum Unit
{
    /// <summary>Fractions of value, shown in percent.</summary>
    Fraction,

    /// <summary>The unit of the data: money, points, percentage points of a rate.</summary>
    Amount,
}

/// <summary>Spells numbers for people; machine readers find them in full beside it, in <c>data-value</c>.</summary>
internal static class Figures
{
    private const double NaturalLogOfTen = 2.302585092994046;
    private const char Minus = '\u2212';

    /// <summary>A number of the series, such as <c>1.578%</c>.</summary>
    public static string Value(double value, Unit unit) =>
        unit == Unit.Amount || !double.IsFinite(value) ? Significant(value, 5) : Percent(value);

    /// <summary>A share in percent with a fitting number of digits.</summary>
    public static string Percent(double fraction)
    {
        var percent = 100.0 * fraction;
        var size = Math.Abs(percent);
        return size switch
        {
            0.0 => "0%",
            < 0.01 or >= 1e6 or double.NaN => Significant(percent, 4) + "%",
            < 10.0 => Fixed(percent, 3) + "%",
            < 1000.0 => Fixed(percent, 2) + "%",
            _ => Grouped(percent, 1) + "%",
        };
    }

    /// <summary>A number with so many significant digits, in powers of ten when it is very small or large.</summary>
    public static string Significant(double value, int digits)
    {
        if (value == 0.0 || !double.IsFinite(value))
        {
            return value == 0.0 ? "0" : double.IsNaN(value) ? "not a number" : value > 0.0 ? "infinite" : Minus + "infinite";
        }

        var exponent = Exponent(value);
        if (exponent is < -4 or > 9)
        {
            var text = value.ToString("0." + new string('#', digits - 1) + "e0", CultureInfo.InvariantCulture);
            return Signed(text);
        }

        return Grouped(value, Math.Clamp(digits - 1 - exponent, 0, 12));
    }

    /// <summary>A round number without trailing zeros: 0.05, 20, 1e-7.</summary>
    public static string Short(double value) => Exponent(value) is < -4 or > 4
        ? Significant(value, 2)
        : Signed(value.ToString("0.######", CultureInfo.InvariantCulture));

    /// <summary>A number with so many decimals.</summary>
    public static string Fixed(double value, int decimals) =>
        Signed(value.ToString("F" + decimals.ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture));

    /// <summary>A count with groups of three digits.</summary>
    public static string Count(long value) => Signed(value.ToString("N0", CultureInfo.InvariantCulture));

    /// <summary>A probability of a test.</summary>
    public static string Probability(double value) => value switch
    {
        < 0.0001 => "< 0.0001",
        < 0.001 => Fixed(value, 4),
        _ => Fixed(value, 3),
    };

    /// <summary>All digits of a number, for programs.</summary>
    public static string Full(double value) => value.ToString("R", CultureInfo.InvariantCulture);

    /// <summary>The place of a number's first digit: 0 for 1 to 9, -2 for 0.01.</summary>
    public static int Exponent(double value)
    {
        var size = Math.Abs(value);
        var exponent = (int)Math.Floor(Elementary.Log(size) / NaturalLogOfTen);
        while (PowerOfTen(exponent + 1) <= size)
        {
            exponent++;
        }

        while (PowerOfTen(exponent) > size)
        {
            exponent--;
        }

        return exponent;
    }

    /// <summary>Ten to a whole power, the nearest double.</summary>
    public static double PowerOfTen(int exponent) =>
        double.Parse("1e" + exponent.ToString(CultureInfo.InvariantCulture), NumberStyles.Float, CultureInfo.InvariantCulture);

    /// <summary>A number with so many decimals and groups of three digits.</summary>
    public static string Grouped(double value, int decimals) =>
        Signed(value.ToString("N" + decimals.ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture));

    // A rounded nothing has no sign.
    private static string Signed(string text) => !text.StartsWith('-')
        ? text
        : text.AsSpan(1).IndexOfAnyInRange('1', '9') < 0 ? text[1..] : Minus + text[1..];
}
