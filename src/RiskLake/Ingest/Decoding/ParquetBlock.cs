using System.Globalization;
using System.Numerics;
using System.Text;
using RiskLake.Lake.Columns;

namespace RiskLake.Ingest.Decoding;

/// <summary>Some rows of Parquet. Numbers count by their value, like those of JSON; everything else must be of the very type.</summary>
internal sealed unsafe class ParquetBlock(int fileIndex, int rows, ParquetVector[] vectors, long firstRow) : InputBlock(fileIndex, rows)
{
    private static readonly long MinDays = TimestampText.MinMicros / TimestampText.MicrosPerDay;
    private static readonly long MaxDays = TimestampText.MaxMicros / TimestampText.MicrosPerDay;

    public override long Parse(DecodeWorker worker, RecordBatch records, RecordBatch rejects)
    {
        var json = worker.ParquetJson;
        for (var i = 0; i < rows; i++)
        {
            var row = worker.Row;
            row.Begin();
            ParseRow(row, json, i);
            var raw = row.Violations.Count > 0 || row.Plan.KeepsRaw ? json.Row(vectors, i) : default;
            worker.Finish(raw, firstRow + i, records, rejects);
        }

        return 0;
    }

    public override void Dispose()
    {
        foreach (var vector in vectors)
        {
            vector.Dispose();
        }
    }

    private void ParseRow(RowBuilder row, ParquetJson json, int i)
    {
        var bytes = 0L;
        foreach (var vector in vectors)
        {
            bytes += (vector.Column.IsNested || vector.Column.Kind is ParquetKind.Text or ParquetKind.Bytes) && !vector.IsNull(i) ? vector.Length(i) : 0;
        }

        if (bytes > row.Plan.MaxRecordBytes)
        {
            row.RejectTooLarge(bytes);
            return;
        }

        foreach (var vector in vectors)
        {
            var field = vector.Column.Field;
            if (field is null)
            {
                KeepUnknown(row, json, vector, i);
            }
            else if (row.Has(field.Index))
            {
                row.RejectColumn(ReasonCode.DuplicateKey, field.Name, vector.Column.TypeName, "each column once");
            }
            else if (vector.Column.IsNested)
            {
                row.Reject(field, ReasonCode.TypeMismatch, Encoding.UTF8.GetBytes(vector.Column.TypeName));
            }
            else if (vector.IsNull(i))
            {
                row.SetNull(field);
            }
            else
            {
                ParseValue(row, json, field, vector, i);
            }
        }

        row.Complete();
    }

    private static void KeepUnknown(RowBuilder row, ParquetJson json, ParquetVector vector, int i)
    {
        if (!row.Plan.Contract.OpenContent)
        {
            row.RejectColumn(ReasonCode.UnknownField, vector.Column.Name, vector.Column.TypeName, "a field of the contract");
        }
        else
        {
            row.AddExtra(json.Name(vector), json.Value(vector, i));
        }
    }

    private static void ParseValue(RowBuilder row, ParquetJson json, FieldPlan field, ParquetVector vector, int i)
    {
        var column = vector.Column;
        if (column.Kind is ParquetKind.Text && (field.Type == ColumnType.String || field.Field.Coerce))
        {
            var text = vector.Text(i);
            var end = text + vector.Length(i);
            if (ByteScan.IsUtf8(text, end))
            {
                row.SetFromText(field, text, end, new ReadOnlySpan<byte>(text, vector.Length(i)));
            }
            else
            {
                row.Reject(field, ReasonCode.InvalidUtf8, new ReadOnlySpan<byte>(text, vector.Length(i)));
            }

            return;
        }

        if (column.Kind == ParquetKind.Bytes && field.Type == ColumnType.Binary)
        {
            row.SetText(field, vector.Text(i), vector.Text(i) + vector.Length(i));
            return;
        }

        var code = Convert(field, vector, i, out var slot);
        if (code is null && field.Check(slot) is null)
        {
            row.Set(field, slot, null, null);
            return;
        }

        row.Reject(field, code ?? field.Check(slot)!, json.Value(vector, i));
    }

    private static ReasonCode? Convert(FieldPlan field, ParquetVector vector, int i, out long slot)
    {
        slot = vector.Slot(i);
        switch (field.Type, vector.Column.Kind)
        {
            case (ColumnType.Boolean, ParquetKind.Boolean):
                return null;
            case (ColumnType.Int64, ParquetKind.Integer):
                return null;
            case (ColumnType.Int64, ParquetKind.UnsignedInteger):
                return slot < 0 ? ReasonCode.TypeOverflow : null;
            case (ColumnType.Int64, ParquetKind.Single or ParquetKind.Double):
                return Integral(BitConverter.Int64BitsToDouble(slot), out slot);
            case (ColumnType.Double, ParquetKind.Single or ParquetKind.Double):
                return double.IsFinite(BitConverter.Int64BitsToDouble(slot)) ? null : ReasonCode.NonFinite;
            case (ColumnType.Double, ParquetKind.Integer or ParquetKind.UnsignedInteger):
                return Widened(vector, i, out slot);
            case (ColumnType.Int64 or ColumnType.Double, ParquetKind.Decimal):
            case (ColumnType.Decimal, ParquetKind.Decimal or ParquetKind.Integer or ParquetKind.UnsignedInteger):
                return Exact(field, Digits(vector, i), out slot);
            case (ColumnType.Timestamp, ParquetKind.Timestamp):
                return Instant(field, vector.Column, slot, vector.Nanos(i), out slot);
            case (ColumnType.Date, ParquetKind.Date):
                return slot >= MinDays && slot <= MaxDays ? null : ReasonCode.TimestampOutOfRange;
            default:
                return ReasonCode.TypeMismatch;
        }
    }

    private static ReasonCode? Integral(double value, out long slot)
    {
        slot = 0;
        if (!double.IsFinite(value))
        {
            return ReasonCode.NonFinite;
        }

        if (value != Math.Truncate(value))
        {
            return ReasonCode.NotInteger;
        }

        if (value is < -9_223_372_036_854_775_808.0 or >= 9_223_372_036_854_775_808.0)
        {
            return ReasonCode.TypeOverflow;
        }

        slot = (long)value;
        return null;
    }

    /// <summary>An integer as a double, if there is one that is equal.</summary>
    private static ReasonCode? Widened(ParquetVector vector, int i, out long slot)
    {
        Int128 exact = vector.Column.Kind == ParquetKind.Integer ? vector.Slot(i) : (ulong)vector.Slot(i);
        var value = (double)exact;
        slot = BitConverter.DoubleToInt64Bits(value);
        return (Int128)value == exact ? null : ReasonCode.PrecisionLoss;
    }

    /// <summary>The digits of an integer or decimal, as an exact number in the grammar of JSON.</summary>
    internal static string Digits(ParquetVector vector, int i)
    {
        var unscaled = vector.Column.Kind == ParquetKind.UnsignedInteger ? (ulong)vector.Slot(i)
            : vector.Column.Physical is ParquetSharp.PhysicalType.Int32 or ParquetSharp.PhysicalType.Int64 ? vector.Slot(i)
            : new BigInteger(new ReadOnlySpan<byte>(vector.Text(i), vector.Length(i)), isBigEndian: true);
        var scale = vector.Column.Scale;
        return unscaled.ToString(CultureInfo.InvariantCulture) + (scale == 0 ? "" : FormattableString.Invariant($"e-{scale}"));
    }

    private static ReasonCode? Exact(FieldPlan field, string digits, out long slot)
    {
        var length = digits.Length;
        var text = stackalloc byte[length + 1];
        Encoding.ASCII.GetBytes(digits, new Span<byte>(text, length));
        text[length] = 0;
        NumberText.Scan(text, text + length, out var number);
        return TextValue.Convert(field, number, out slot);
    }

    private static ReasonCode? Instant(FieldPlan field, ParquetColumn column, long units, int nanos, out long micros)
    {
        micros = 0;
        if (Int128.Abs((Int128)units * column.Multiplier / column.Divisor) > TimestampText.MaxMicros)
        {
            return ReasonCode.TimestampOutOfRange;
        }

        var (whole, rest) = Math.DivRem(units * column.Multiplier, column.Divisor);
        micros = rest < 0 ? whole - 1 : whole;
        if ((rest != 0 || nanos != 0) && !field.Field.TruncatePrecision)
        {
            return ReasonCode.PrecisionLoss;
        }

        return column.IsUtc ? TimestampText.InRange(micros) : TimestampText.LocalTime(field, ref micros);
    }
}
