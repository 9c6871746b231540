using System.Globalization;
using System.Text;
using DuckDB.NET.Data;
using RiskLake.Lake.Columns;

namespace RiskLake.Lake;

/// <summary>Computes the statistics of Parquet files anew, with an engine that had no part in writing them.</summary>
internal sealed class FileStatistics : IDisposable
{
    private readonly DuckDBConnection _connection = new("DataSource=:memory:");

    public FileStatistics() => _connection.Open();

    /// <summary>Rows of a file and the statistics of some of its columns, as the log would state them.</summary>
    /// <param name="path">The file.</param>
    /// <param name="columns">Columns to compute; decimals with their scale.</param>
    public (long Rows, IReadOnlyList<ColumnStatistics> Columns) Of(string path, IReadOnlyList<ColumnSchema> columns)
    {
        using var command = _connection.CreateCommand();
        var file = path.Replace("'", "''", StringComparison.Ordinal);
        command.CommandText = $"SELECT count(*){string.Concat(columns.Select(Select))} FROM read_parquet('{file}', hive_partitioning = false)";
        using var reader = command.ExecuteReader();
        reader.Read();
        var rows = reader.GetInt64(0);
        var statistics = new List<ColumnStatistics>(columns.Count);
        for (var i = 0; i < columns.Count; i++)
        {
            statistics.Add(Read(reader, 1 + (3 * i), columns[i], rows));
        }

        return (rows, statistics);
    }

    public void Dispose() => _connection.Dispose();

    private static string Select(ColumnSchema column)
    {
        var name = $"\"{column.Name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
        var value = column.Type switch
        {
            ColumnType.Timestamp => $"epoch_us({name})",
            ColumnType.Date => $"({name} - DATE '1970-01-01')",
            ColumnType.Boolean => $"{name}::INTEGER",
            ColumnType.Binary => $"octet_length({name})",
            ColumnType.Decimal => FormattableString.Invariant($"{name}::VARCHAR::DECIMAL(38, {column.Scale})"),
            ColumnType.Map => $"cardinality({name})",
            _ => name,
        };
        return $", count({name}), min({value}), max({value})";
    }

    private static ColumnStatistics Read(System.Data.Common.DbDataReader reader, int at, ColumnSchema column, long rows)
    {
        var present = reader.GetInt64(at);
        var empty = new ColumnStatistics(column.Name, column.Type, rows - present, false, 0, 0, null, null);
        if (present == 0)
        {
            return empty;
        }

        var found = column.Type is ColumnType.String
            ? empty with { HasRange = true, MinBytes = Utf8(reader.GetString(at + 1)), MaxBytes = Utf8(reader.GetString(at + 2)) }
            : empty with { HasRange = true, MinSlot = Slot(reader.GetValue(at + 1), column), MaxSlot = Slot(reader.GetValue(at + 2), column) };
        return TextBounds.Of(found);
    }

    private static byte[] Utf8(string text) => Encoding.UTF8.GetBytes(text);

    private static long Slot(object value, ColumnSchema column) => column.Type switch
    {
        ColumnType.Double => BitConverter.DoubleToInt64Bits((double)value),
        ColumnType.Decimal => (long)(Convert.ToDecimal(value, CultureInfo.InvariantCulture) * Power(column.Scale)),
        _ => Convert.ToInt64(value, CultureInfo.InvariantCulture),
    };

    private static decimal Power(int scale)
    {
        var power = 1m;
        for (; scale > 0; scale--)
        {
            power *= 10;
        }

        return power;
    }
}
