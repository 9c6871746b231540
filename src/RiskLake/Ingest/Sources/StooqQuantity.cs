using System.Globalization;
using System.Text;

namespace RiskLake.Ingest.Sources;

/// <summary>
/// Volumes and open interest in the digits that the contract of bars has room for, DECIMAL(18,6). An adjusted volume has as many decimals as
/// a division gave: beyond the sixth they are rounded. One with more digits before the point is left out: it does not take the prices with it.
/// </summary>
internal static class StooqQuantity
{
    private const int Digits = 12;
    private const int Decimals = 6;
    private const decimal Limit = 1_000_000_000_000m;

    public static ReadOnlySpan<byte> Of(ReadOnlySpan<byte> cell, SourceTally tally)
    {
        var point = cell.IndexOf((byte)'.');
        var whole = point < 0 ? cell.Length : point;
        var isShort = whole <= Digits && cell.Length - whole - 1 <= Decimals;
        if (isShort || !StooqText.IsNumber(cell) || cell.ContainsAny((byte)'e', (byte)'E'))
        {
            return cell;
        }

        if (decimal.TryParse(cell, NumberStyles.Float, CultureInfo.InvariantCulture, out var value)
            && Math.Round(value, Decimals, MidpointRounding.ToEven) is var rounded && Math.Abs(rounded) < Limit)
        {
            tally.Rounded++;
            return Encoding.ASCII.GetBytes(rounded.ToString(CultureInfo.InvariantCulture));
        }

        tally.TooLarge++;
        return default;
    }
}
