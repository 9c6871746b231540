using System.Globalization;
using System.Numerics;

namespace RiskLake.Contracts;

/// <summary>
/// A limit as a person writes it: the shortest decimal number that stands for its double. Shares are held against it exactly, so that
/// one of a hundred does not breach 0.01 by the last bit of a division.
/// </summary>
internal readonly record struct DecimalLimit
{
    private readonly BigInteger _digits;
    private readonly BigInteger _divisor;

    /// <param name="limit">A finite number.</param>
    public DecimalLimit(double limit)
    {
        var text = limit.ToString("R", CultureInfo.InvariantCulture);
        var mark = text.IndexOf('E', StringComparison.Ordinal);
        var mantissa = mark < 0 ? text : text[..mark];
        var power = mark < 0 ? 0 : int.Parse(text.AsSpan(mark + 1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
        var point = mantissa.IndexOf('.', StringComparison.Ordinal);
        power -= point < 0 ? 0 : mantissa.Length - point - 1;
        var digits = BigInteger.Parse(mantissa.Replace(".", "", StringComparison.Ordinal), CultureInfo.InvariantCulture);
        _digits = power > 0 ? digits * BigInteger.Pow(10, power) : digits;
        _divisor = power < 0 ? BigInteger.Pow(10, -power) : BigInteger.One;
    }

    /// <summary>How <paramref name="part"/> / <paramref name="whole"/> compares with the limit: negative, zero or positive.</summary>
    /// <param name="part">A count, or a hundred of it for a limit in percent.</param>
    /// <param name="whole">A count above zero.</param>
    public int Compare(long part, long whole) => Compare((BigInteger)part, whole);

    /// <inheritdoc cref="Compare(long, long)"/>
    public int Compare(BigInteger part, BigInteger whole) => (part * _divisor).CompareTo(_digits * whole);
}
