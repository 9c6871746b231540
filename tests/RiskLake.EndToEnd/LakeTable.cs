using DuckDB.NET.Data;

namespace RiskLake.EndToEnd;

/// <summary>Reads the lake's tree as any reader of Parquet would: by pattern, with hive partitioning, knowing nothing of the log.</summary>
public static class LakeTable
{
    public static List<object?[]> Query(string lake, string table, string select, string order)
    {
        using var connection = new DuckDBConnection("DataSource=:memory:");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = "SET TimeZone='UTC'";
        command.ExecuteNonQuery();
        command.CommandText = $"SELECT {select} FROM read_parquet('{lake}/{table}/**/*.parquet', hive_partitioning=true) ORDER BY {order}";
        using var reader = command.ExecuteReader();
        var rows = new List<object?[]>();
        while (reader.Read())
        {
            rows.Add([.. Enumerable.Range(0, reader.FieldCount).Select(i => reader.IsDBNull(i) ? null : reader.GetValue(i))]);
        }

        return rows;
    }
}
