using System.Globalization;
using RiskLake.Contracts.Configuration;
using RiskLake.Lake.Columns;

namespace RiskLake.Contracts.Odcs;

/// <summary>Reads a limit written in a contract as the slot a column of that type would hold.</summary>
internal static class SlotText
{
    private const string Timestamps = "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFzzz";

    /// <summary>For messages: what a limit of this type looks like.</summary>
    public static string Name(PhysicalType type) => type.Column switch
    {
        ColumnType.Int64 => "a whole number of 64 bits",
        ColumnType.Double => "a finite number",
        ColumnType.Decimal => FormattableString.Invariant($"a number that DECIMAL({type.Precision},{type.Scale}) holds exactly"),
        ColumnType.Timestamp => "an RFC 3339 timestamp with an offset, such as '2000-01-01T00:00:00Z'",
        ColumnType.Date => "a date such as '2000-01-01'",
        _ => "a limit",
    };

    /// <summary>The slot, or null if the type cannot hold the value exactly.</summary>
    public static long? Read(ConfigNode node, PhysicalType type) => type.Column switch
    {
        ColumnType.Int64 => node.AsInteger ?? WholeNumber(node),
        ColumnType.Double => node.AsNumber is { } value && double.IsFinite(value)
            ? BitConverter.DoubleToInt64Bits(value == 0 ? 0d : value)
            : null,
        ColumnType.Decimal => Unscaled(node, type),
        ColumnType.Timestamp => Microseconds(node.Text),
        ColumnType.Date => DateOnly.TryParseExact(node.Text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var date)
            ? date.DayNumber - DateOnly.FromDateTime(DateTime.UnixEpoch).DayNumber
            : null,
        _ => null,
    };

    /// <summary>Orders two slots of a type.</summary>
    public static int Compare(long one, long other, ColumnType type) => type == ColumnType.Double
        ? BitConverter.Int64BitsToDouble(one).CompareTo(BitConverter.Int64BitsToDouble(other))
        : one.CompareTo(other);

    private static long? WholeNumber(ConfigNode node) =>
        node.AsDecimal is { } value && value == decimal.Truncate(value)
        && value is >= long.MinValue and <= long.MaxValue ? (long)value : null;

    private static long? Unscaled(ConfigNode node, PhysicalType type)
    {
        if (node.AsDecimal is not { } value)
        {
            return null;
        }

        var scale = 1m;
        for (var i = 0; i < type.Scale; i++)
        {
            scale *= 10;
        }

        var largest = 1m;
        for (var i = 0; i < type.Precision; i++)
        {
            largest *= 10;
        }

        if (Math.Abs(value) >= largest)
        {
            return null;
        }

        var unscaled = value * scale;
        return unscaled == decimal.Truncate(unscaled) && Math.Abs(unscaled) < largest ? (long)unscaled : null;
    }

    private static long? Microseconds(string text)
    {
        var zoned = text.EndsWith('Z') ? string.Concat(text.AsSpan(0, text.Length - 1), "+00:00") : text;
        return DateTimeOffset.TryParseExact(zoned, Timestamps, CultureInfo.InvariantCulture, DateTimeStyles.None, out var instant)
            && instant.UtcTicks % TimeSpan.TicksPerMicrosecond == 0
            ? (instant.UtcTicks - DateTime.UnixEpoch.Ticks) / TimeSpan.TicksPerMicrosecond
            : null;
    }
}
