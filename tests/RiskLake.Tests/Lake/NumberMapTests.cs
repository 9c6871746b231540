using CsCheck;
using RiskLake.Lake.Columns;

namespace RiskLake.Tests.Lake;

/// <summary>Maps of names and numbers come back from Parquet as they went in, and other readers see the same.</summary>
public sealed class NumberMapTests
{
    private static readonly Gen<double?> Number = Gen.Frequency((1, Gen.Const((double?)null)), (4, Gen.Double[-1e300, 1e300].Select(value => (double?)value)));

    private static readonly Gen<Dictionary<string, double?>?> Map = Gen.Frequency(
        (1, Gen.Const((Dictionary<string, double?>?)null)),
        (5, Gen.Dictionary(Gen.String[Gen.Char["aBżé€ 0_"], 0, 9], Number)[0, 5].Select(map => (Dictionary<string, double?>?)map)));

    [Fact]
    public void Any_map_comes_back_as_it_went_in()
    {
        // One database for all samples: opening it costs more than what it is asked.
        using var connection = new DuckDB.NET.Data.DuckDBConnection("DataSource=:memory:");
        connection.Open();
        Gen.Select(Map.Array[1, 40], Gen.Bool, Gen.Int[1, 7]).Sample(
            (maps, nullable, group) => ComesBack(connection, maps, nullable, group), iter: 200, threads: 1);
    }

    private static void ComesBack(
        DuckDB.NET.Data.DuckDBConnection connection, Dictionary<string, double?>?[] maps, bool nullable, int group)
    {
        var path = Path.GetTempFileName();
        try
        {
            var wanted = nullable ? maps : [.. maps.Select(map => map ?? [])];
            var summary = Write(path, wanted, nullable, group);
            Assert.Equal(wanted.Length, summary.Rows);
            Assert.Equal(wanted.Count(map => map is null), summary.Statistics[1].NullCount);
            Assert.Equal(wanted, Read(path));
            Assert.Equal(wanted.Select(map => map?.Count), Counts(connection, path));
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public void A_file_without_the_column_has_nulls_in_it()
    {
        var path = Path.GetTempFileName();
        try
        {
            Write(path, [[]], nullable: false, 1);
            using var reader = new ParquetTableReader(path);
            using var batch = new RecordBatch([new("id", ColumnType.Int64), new("other", ColumnType.Map, Nullable: true), new("last", ColumnType.Double)]);
            reader.Read(0, batch);
            Assert.True(batch["other"].IsNull(0));
            Assert.Equal(0.5, batch["last"].Double(0));
        }
        finally
        {
            File.Delete(path);
        }
    }

    private static ParquetTableSummary Write(string path, Dictionary<string, double?>?[] maps, bool nullable, int group)
    {
        using var batch = new RecordBatch([new("id", ColumnType.Int64), new("map", ColumnType.Map, nullable), new("last", ColumnType.Double)]);
        for (var i = 0; i < maps.Length; i++)
        {
            batch["id"].Append((long)i);
            batch["last"].Append(i + 0.5);
            if (maps[i] is { } map)
            {
                batch["map"].Append(NumberMap.Of(map).AsSpan());
            }
            else
            {
                batch["map"].AppendNull();
            }
        }

        using var writer = new ParquetTableWriter(path, batch.Schema, new Dictionary<string, string>(), []);
        for (var start = 0; start < maps.Length; start += group)
        {
            writer.WriteRowGroup(batch, start, Math.Min(group, maps.Length - start));
        }

        return writer.Finish();
    }

    private static List<Dictionary<string, double?>?> Read(string path)
    {
        using var reader = new ParquetTableReader(path);
        Assert.Equal(["id", "map", "last"], reader.Schema.Select(column => column.Name));
        using var batch = new RecordBatch(reader.Schema);
        for (var group = 0; group < reader.RowGroups; group++)
        {
            reader.Read(group, batch);
        }

        Assert.All(Enumerable.Range(0, batch.RowCount), row => Assert.Equal(row + 0.5, batch["last"].Double(row)));
        return [.. Enumerable.Range(0, batch.RowCount).Select(row => batch["map"].IsNull(row) ? null : NumberMap.ToDictionary(batch["map"].Bytes(row)))];
    }

    /// <summary>Entries of each map, as DuckDB counts them.</summary>
    private static List<int?> Counts(DuckDB.NET.Data.DuckDBConnection connection, string path)
    {
        using var command = connection.CreateCommand();
        command.CommandText = $"SELECT cardinality(map)::INTEGER FROM read_parquet('{path}') ORDER BY id";
        using var reader = command.ExecuteReader();
        var counts = new List<int?>();
        while (reader.Read())
        {
            counts.Add(reader.IsDBNull(0) ? null : reader.GetInt32(0));
        }

        return counts;
    }
}
