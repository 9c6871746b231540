using System.Globalization;
using DuckDB.NET.Data;
using RiskLake.Ingest.Sources;
using RiskLake.Lake.Errors;

namespace RiskLake.UserFiles;

/// <summary>A Parquet file, read by the engine; numbers of every type become the nearest double.</summary>
internal sealed class ParquetTable : TableFile
{
    private readonly List<string>[] _cells;

    private ParquetTable(string path, IReadOnlyList<string> names, List<string>[] cells)
        : base(path, names) => _cells = cells;

    /// <inheritdoc/>
    public override int Rows => _cells.Length == 0 ? 0 : _cells[0].Count;

    /// <summary>Reads a file; one that came compressed or over standard input is put into a temporary one for the engine.</summary>
    public static ParquetTable Open(string path, byte[] content)
    {
        var folder = Directory.CreateTempSubdirectory("risklake-");
        try
        {
            var file = System.IO.Path.Combine(folder.FullName, "input.parquet");
            File.WriteAllBytes(file, content);
            return Read(path, file);
        }
        catch (DuckDBException e)
        {
            throw InputErrors.Damaged(path, e.Message.Split('\n')[0], "a Parquet file that is whole", e);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    /// <inheritdoc/>
    public override IReadOnlyList<string> Texts(int column) => _cells[column];

    /// <inheritdoc/>
    protected override long LineOf(int row) => row + 1;

    private static ParquetTable Read(string path, string file)
    {
        using var connection = new DuckDBConnection("DataSource=:memory:");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = "SET TimeZone='UTC'; SET threads=1";
        command.ExecuteNonQuery();
        var source = $"read_parquet('{file.Replace("'", "''", StringComparison.Ordinal)}')";
        command.CommandText = $"DESCRIBE SELECT * FROM {source}";
        List<(string Name, string Type)> columns = [];
        using (var reader = command.ExecuteReader())
        {
            while (reader.Read())
            {
                columns.Add((reader.GetString(0), reader.GetString(1)));
            }
        }

        command.CommandText = $"SELECT {string.Join(", ", columns.Select(Select))} FROM {source}";
        List<string>[] cells = [.. columns.Select(_ => new List<string>())];
        using (var reader = command.ExecuteReader())
        {
            while (reader.Read())
            {
                for (var i = 0; i < cells.Length; i++)
                {
                    cells[i].Add(reader.IsDBNull(i) ? string.Empty : reader.GetValue(i) switch
                    {
                        double number => number.ToString("R", CultureInfo.InvariantCulture),
                        var other => other.ToString()!,
                    });
                }
            }
        }

        return new ParquetTable(path, [.. columns.Select(column => column.Name)], cells);
    }

    private static string Select((string Name, string Type) column)
    {
        var name = $"\"{column.Name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
        var isNumber = column.Type is "DOUBLE" or "FLOAT" or "TINYINT" or "SMALLINT" or "INTEGER" or "BIGINT" or "HUGEINT"
            or "UTINYINT" or "USMALLINT" or "UINTEGER" or "UBIGINT" || column.Type.StartsWith("DECIMAL", StringComparison.Ordinal);
        return $"CAST({name} AS {(isNumber ? "DOUBLE" : "VARCHAR")})";
    }
}
