using System.Text.Json;
using RiskLake.Lake.Columns;

namespace RiskLake.Lake;

/// <summary>Statistics of a file's columns in a log entry: arrays whose places have a meaning, since names would be most of an entry.</summary>
internal static class StatisticsFormat
{
    public static void Write(Utf8JsonWriter json, IReadOnlyList<ColumnStatistics> columns)
    {
        json.WriteStartArray();
        foreach (var column in columns)
        {
            json.WriteStartArray();
            json.WriteStringValue(column.Column);
            json.WriteStringValue(column.Type.ToString());
            json.WriteNumberValue(column.NullCount);
            if (column is { HasRange: true, Type: ColumnType.String })
            {
                json.WriteStringValue(column.MinBytes);
                json.WriteStringValue(column.MaxBytes);
            }
            else if (column is { HasRange: true, Type: ColumnType.Double })
            {
                json.WriteNumberValue(BitConverter.Int64BitsToDouble(column.MinSlot));
                json.WriteNumberValue(BitConverter.Int64BitsToDouble(column.MaxSlot));
            }
            else if (column.HasRange)
            {
                json.WriteNumberValue(column.MinSlot);
                json.WriteNumberValue(column.MaxSlot);
            }

            json.WriteEndArray();
        }

        json.WriteEndArray();
    }

    public static IReadOnlyList<ColumnStatistics> Read(JsonElement file) => [.. file.EnumerateArray().Select(ReadColumn)];

    private static ColumnStatistics ReadColumn(JsonElement column)
    {
        var type = Enum.Parse<ColumnType>(column[1].GetString()!);
        var empty = new ColumnStatistics(column[0].GetString()!, type, column[2].GetInt64(), false, 0, 0, null, null);
        if (column.GetArrayLength() < 5)
        {
            return empty;
        }

        return type switch
        {
            ColumnType.String => empty with { HasRange = true, MinBytes = Utf8(column[3]), MaxBytes = Utf8(column[4]) },
            ColumnType.Double => empty with { HasRange = true, MinSlot = Bits(column[3]), MaxSlot = Bits(column[4]) },
            _ => empty with { HasRange = true, MinSlot = column[3].GetInt64(), MaxSlot = column[4].GetInt64() },
        };
    }

    private static byte[] Utf8(JsonElement text) => System.Text.Encoding.UTF8.GetBytes(text.GetString()!);

    private static long Bits(JsonElement number) => BitConverter.DoubleToInt64Bits(number.GetDouble());
}
