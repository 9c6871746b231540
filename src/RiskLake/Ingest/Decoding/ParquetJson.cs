using System.Buffers;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace RiskLake.Ingest.Decoding;

/// <summary>
/// Spells Parquet values as JSON, always in the same way: the raw form of a rejected row, and of columns a contract does not know.
/// What JSON cannot hold (not-a-number, bytes that are no text) is spelt as a string.
/// </summary>
internal sealed unsafe class ParquetJson : IDisposable
{
    private readonly ArrayBufferWriter<byte> _buffer = new();
    private readonly Utf8JsonWriter _json;

    public ParquetJson() => _json = new Utf8JsonWriter(
        _buffer, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true });

    /// <summary>A row as an object with the columns of the file in their order.</summary>
    public ReadOnlySpan<byte> Row(ParquetVector[] vectors, int row)
    {
        Start();
        _json.WriteStartObject();
        foreach (var vector in vectors)
        {
            _json.WritePropertyName(vector.Column.Name);
            Write(vector, row);
        }

        _json.WriteEndObject();
        return End();
    }

    public ReadOnlySpan<byte> Value(ParquetVector vector, int row)
    {
        Start();
        Write(vector, row);
        return End();
    }

    public byte[] Name(ParquetVector vector)
    {
        Start();
        _json.WriteStringValue(vector.Column.Name);
        return End().ToArray();
    }

    public void Dispose() => _json.Dispose();

    private void Start()
    {
        _buffer.ResetWrittenCount();
        _json.Reset();
    }

    private ReadOnlySpan<byte> End()
    {
        _json.Flush();
        return _buffer.WrittenSpan;
    }

    private void Write(ParquetVector vector, int row)
    {
        var column = vector.Column;
        if (column.IsNested)
        {
            _json.WriteRawValue(new ReadOnlySpan<byte>(vector.Text(row), vector.Length(row)), skipInputValidation: true);
        }
        else if (vector.IsNull(row))
        {
            _json.WriteNullValue();
        }
        else
        {
            WriteValue(vector, row);
        }
    }

    private void WriteValue(ParquetVector vector, int row)
    {
        var slot = vector.Slot(row);
        switch (vector.Column.Kind)
        {
            case ParquetKind.Boolean:
                _json.WriteBooleanValue(slot != 0);
                break;
            case ParquetKind.Integer or ParquetKind.UnsignedInteger or ParquetKind.Decimal:
                _json.WriteRawValue(ParquetBlock.Digits(vector, row), skipInputValidation: true);
                break;
            case ParquetKind.Single or ParquetKind.Double:
                WriteDouble(BitConverter.Int64BitsToDouble(slot));
                break;
            case ParquetKind.Date:
                _json.WriteStringValue(Instant(slot * TimestampText.MicrosPerDay)?[..10] ?? Units(slot));
                break;
            case ParquetKind.Timestamp:
                WriteTimestamp(vector.Column, slot, vector.Nanos(row));
                break;
            case ParquetKind.Other when vector.Column.Physical is not (ParquetSharp.PhysicalType.ByteArray or ParquetSharp.PhysicalType.FixedLenByteArray):
                _json.WriteNumberValue(slot);
                break;
            default:
                WriteBytes(new ReadOnlySpan<byte>(vector.Text(row), vector.Length(row)), vector.Column.Kind == ParquetKind.Text);
                break;
        }
    }

    private void WriteDouble(double value)
    {
        if (double.IsFinite(value))
        {
            _json.WriteRawValue(value.ToString("R", CultureInfo.InvariantCulture), skipInputValidation: true);
        }
        else
        {
            _json.WriteStringValue(value.ToString(CultureInfo.InvariantCulture));
        }
    }

    private void WriteBytes(ReadOnlySpan<byte> bytes, bool isText)
    {
        if (isText && System.Text.Unicode.Utf8.IsValid(bytes))
        {
            _json.WriteStringValue(bytes);
        }
        else
        {
            _json.WriteBase64StringValue(bytes);
        }
    }

    private void WriteTimestamp(ParquetColumn column, long units, int beyond)
    {
        var text = Instant((Int128)units * column.Multiplier / column.Divisor);
        var rest = column.Divisor == 1 ? beyond : ((units % column.Divisor) + column.Divisor) % column.Divisor;
        if (text is null || (rest != 0 && units < 0))
        {
            _json.WriteStringValue(Units(units));
            return;
        }

        var nanos = rest == 0 ? "" : rest.ToString("D3", CultureInfo.InvariantCulture);
        _json.WriteStringValue(text + nanos + (column.IsUtc ? "Z" : ""));
    }

    /// <summary>An instant to the microsecond, or null outside of the years 1 to 9999.</summary>
    private static string? Instant(Int128 micros) => micros < TimestampText.MinMicros || micros > TimestampText.MaxMicros
        ? null
        : DateTime.UnixEpoch.AddTicks((long)micros * 10).ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff", CultureInfo.InvariantCulture);

    private static string Units(long units) => FormattableString.Invariant($"{units} since 1970");
}
