using System.Globalization;

namespace RiskLake.Sources;

/// <summary>
/// Volumes and open interest, which the contract of bars holds as DECIMAL(18,6). An adjusted volume has as many digits as a division gave:
/// one with more than the column holds is neither rounded nor does it take the prices with it. It is kept as it was delivered.
/// </summary>
internal static class StooqQuantity
{
    private const int Digits = 12;
    private const int Decimals = 6;

    // Beyond any number that is held: what is greater is not told apart.
    private const int MostExponent = 1000;

    /// <summary>Whether a cell is a number with more digits than are held. What is no number is for the contract to refuse.</summary>
    public static bool IsTooLong(ReadOnlySpan<byte> cell)
    {
        if (cell.Length <= Digits && cell.IndexOfAnyExceptInRange((byte)'0', (byte)'9') < 0)
        {
            return false;
        }

        if (!StooqText.IsNumber(cell))
        {
            return false;
        }

        var mark = cell.IndexOfAny((byte)'e', (byte)'E');
        var exponent = mark < 0 ? 0 : Exponent(cell[(mark + 1)..]);
        var mantissa = (mark < 0 ? cell : cell[..mark]).TrimStart((byte)'-');
        var point = mantissa.IndexOf((byte)'.');
        var whole = point < 0 ? mantissa : mantissa[..point];
        var fraction = point < 0 ? default : mantissa[(point + 1)..];

        // Powers of ten of the first and the last digit that is not zero.
        var first = whole.IndexOfAnyExcept((byte)'0') is >= 0 and var at ? whole.Length - 1 - at
            : fraction.IndexOfAnyExcept((byte)'0') is >= 0 and var below ? -1 - below : (int?)null;
        if (first is not { } greatest)
        {
            return false;
        }

        var least = fraction.LastIndexOfAnyExcept((byte)'0') is >= 0 and var end ? -1 - end
            : whole.Length - 1 - whole.LastIndexOfAnyExcept((byte)'0');
        return greatest + exponent >= Digits || least + exponent < -Decimals;
    }

    private static int Exponent(ReadOnlySpan<byte> text)
    {
        var isNegative = text is [(byte)'-', ..];
        var digits = text.TrimStart("+-"u8).TrimStart((byte)'0');
        var value = digits.IsEmpty ? 0 : digits.Length > 3 ? MostExponent : int.Parse(digits, NumberStyles.None, CultureInfo.InvariantCulture);
        return isNegative ? -value : value;
    }
}
