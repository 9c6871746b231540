using System.Globalization;
using System.Text;
using RiskLake.Contracts;
using RiskLake.Lake.Columns;

namespace RiskLake.Quality;

/// <summary>
/// The values a rule lists, read as values of the column, so that <c>100</c> in the contract is the number and not the text. A text
/// the column's type cannot hold is equal to no value.
/// </summary>
internal sealed class ValueSet
{
    private readonly HashSet<long> _slots = [];
    private readonly HashSet<string> _texts = new(StringComparer.Ordinal);
    private readonly HashSet<string>.AlternateLookup<ReadOnlySpan<char>> _lookup;

    public ValueSet(ContractField field, IEnumerable<string> texts)
    {
        _lookup = _texts.GetAlternateLookup<ReadOnlySpan<char>>();
        foreach (var text in texts)
        {
            if (field.Column.IsBytes)
            {
                _texts.Add(text);
            }
            else if (Slot(field, text) is { } slot)
            {
                _slots.Add(slot);
            }
        }
    }

    /// <summary>Whether the value of a row, which is not null, is one of the set.</summary>
    public bool Contains(Column column, int row)
    {
        if (!column.Schema.IsBytes)
        {
            return _slots.Contains(Canonical(column.Schema.Type, column.Slot(row)));
        }

        var bytes = column.Bytes(row);
        if (bytes.Length > 1024)
        {
            return _texts.Contains(column.Text(row));
        }

        Span<char> text = stackalloc char[bytes.Length];
        return _lookup.Contains(text[..Encoding.UTF8.GetChars(bytes, text)]);
    }

    /// <summary>A value as text, for patterns: numbers without grouping, instants and dates in ISO form.</summary>
    public static string Text(Column column, int row)
    {
        var slot = column.Slot(row);
        return column.Schema.Type switch
        {
            ColumnType.String or ColumnType.Binary => column.Text(row),
            ColumnType.Double => column.Double(row).ToString("R", CultureInfo.InvariantCulture),
            ColumnType.Decimal => (new decimal(slot) * Unit(column.Schema.Scale)).ToString(CultureInfo.InvariantCulture),
            ColumnType.Boolean => slot != 0 ? "true" : "false",
            ColumnType.Timestamp => DateTime.UnixEpoch.AddTicks(slot * TimeSpan.TicksPerMicrosecond)
                .ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFF'Z'", CultureInfo.InvariantCulture),
            ColumnType.Date => DateOnly.FromDateTime(DateTime.UnixEpoch).AddDays((int)slot).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
            _ => slot.ToString(CultureInfo.InvariantCulture),
        };
    }

    private static long? Slot(ContractField field, string text)
    {
        const NumberStyles Number = NumberStyles.Float;
        switch (field.Type)
        {
            case ColumnType.Double:
                return double.TryParse(text, Number, CultureInfo.InvariantCulture, out var value)
                    ? Canonical(ColumnType.Double, BitConverter.DoubleToInt64Bits(value))
                    : null;
            case ColumnType.Boolean:
                return text switch { "true" => 1, "false" => 0, _ => null };
            case ColumnType.Date:
                return DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var date)
                    ? date.DayNumber - DateOnly.FromDateTime(DateTime.UnixEpoch).DayNumber
                    : null;
            case ColumnType.Timestamp:
                return DateTimeOffset.TryParseExact(
                    text, ["yyyy-MM-dd'T'HH:mm:ss.FFFFFFFzzz", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'"],
                    CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var instant)
                    && instant.UtcTicks % TimeSpan.TicksPerMicrosecond == 0
                    ? (instant.UtcTicks - DateTime.UnixEpoch.Ticks) / TimeSpan.TicksPerMicrosecond
                    : null;
            default:
                return Unscaled(field, text);
        }
    }

    private static long? Unscaled(ContractField field, string text)
    {
        if (!decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value)
            || Math.Abs(value) > long.MaxValue * Unit(field.Scale))
        {
            return null;
        }

        var unscaled = value / Unit(field.Scale);
        return unscaled == decimal.Truncate(unscaled) ? (long)unscaled : null;
    }

    private static decimal Unit(int scale) => new(1, 0, 0, isNegative: false, (byte)scale);

    private static long Canonical(ColumnType type, long slot) => type == ColumnType.Double && slot == long.MinValue ? 0 : slot;
}
