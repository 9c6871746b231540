using RiskLake.Lake.Columns;

namespace RiskLake.Ingest.Decoding;

/// <summary>Values that arrive as text without a type of their own: cells of CSV, text that the contract coerces, allowed values.</summary>
internal static unsafe class TextValue
{
    /// <summary>
    /// Reads a whole text as a fixed-width value of the field's type. Numbers follow the grammar of JSON: no sign before a positive
    /// number, no separators, no spaces. The text must be followed by <see cref="ByteScan.Padding"/> readable bytes, the first of
    /// which cannot be part of a number.
    /// </summary>
    public static ReasonCode? Parse(FieldPlan field, byte* p, byte* end, ref DateCache cache, out long slot)
    {
        slot = 0;
        switch (field.Type)
        {
            case ColumnType.Timestamp:
                var after = TimestampText.TryCommon(p, ref cache, out slot);
                return after == end ? null : TimestampText.Parse(field, p, end, out slot);
            case ColumnType.Date:
                return TimestampText.ParseDate(p, end, out slot);
            case ColumnType.Boolean:
                var text = new ReadOnlySpan<byte>(p, (int)(end - p));
                slot = text.SequenceEqual("true"u8) ? 1 : 0;
                return slot == 1 || text.SequenceEqual("false"u8) ? null : ReasonCode.TypeMismatch;
            default:
                return p == end || NumberText.Scan(p, end, out var number) != end
                    ? IsNonFinite(p, end) ? ReasonCode.NonFinite : ReasonCode.TypeMismatch
                    : Convert(field, number, out slot);
        }
    }

    /// <summary>A number as the field's numeric type.</summary>
    public static ReasonCode? Convert(FieldPlan field, in NumberText number, out long slot) => field.Type switch
    {
        ColumnType.Double => number.ToDouble(out slot),
        ColumnType.Int64 => number.ToInt64(out slot),
        _ => number.ToDecimal(field.Field.Precision, field.Field.Scale, out slot),
    };

    /// <summary>The spellings of not-a-number and infinity that writers produce.</summary>
    private static bool IsNonFinite(byte* p, byte* end)
    {
        var text = new ReadOnlySpan<byte>(p, (int)(end - p));
        var unsigned = text.Length > 0 && text[0] is (byte)'-' or (byte)'+' ? text[1..] : text;
        return System.Text.Ascii.EqualsIgnoreCase(unsigned, "nan"u8)
            || System.Text.Ascii.EqualsIgnoreCase(unsigned, "inf"u8)
            || System.Text.Ascii.EqualsIgnoreCase(unsigned, "infinity"u8);
    }
}
