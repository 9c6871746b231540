using System.Globalization;
using DuckDB.NET.Data;

namespace RiskLake.EndToEnd.Crash;

/// <summary>What a table held at one of its Delta versions, when that was the newest, as a reader of plain files saw it.</summary>
internal sealed record TableNote(
    string Table,
    long DeltaVersion,
    long Count,
    IReadOnlyDictionary<string, double?> Sums,
    IReadOnlyDictionary<string, long> Distinct,
    IReadOnlyDictionary<string, long> Partitions);

/// <summary>DuckDB over the plain pattern, with hive partitioning, knowing nothing of the log.</summary>
internal sealed class TreeReader : IDisposable
{
    /// <summary>Ending of files of conflicts, which stand beside the same run's records that did not decode.</summary>
    private const string ConflictEnding = ".silver.parquet";

    private static readonly string[] PartitionColumns = ["contract_version", "year", "month", "day", "hour", "run_id"];

    private readonly string _lake;
    private readonly DuckDBConnection _connection = new("DataSource=:memory:");

    public TreeReader(string lake)
    {
        _lake = lake;
        _connection.Open();
        Rows("SET TimeZone='UTC'");
    }

    /// <summary>Rows of a table; none where no file matches.</summary>
    public List<object?[]> Read(string table, string select) => HasFiles(table) ? Rows($"SELECT {select} FROM {Source(table)}") : [];

    /// <summary>Rows of a table with every column by its name, <c>filename</c> among them; none where no file matches.</summary>
    public List<Dictionary<string, object?>> ReadAll(string table)
    {
        if (!HasFiles(table))
        {
            return [];
        }

        var names = Rows($"DESCRIBE SELECT * FROM {Source(table)}").Select(row => (string)row[0]!).ToList();
        return [.. Rows($"SELECT * FROM {Source(table)}")
            .Select(row => names.Zip(row).ToDictionary(pair => pair.First, pair => pair.Second, StringComparer.Ordinal))];
    }

    /// <summary>Each row's run, which stands in the name of its file.</summary>
    public const string RunId = "regexp_extract(filename, 'run_id=([^/]+?)([.]silver)?[.]parquet$', 1)";

    /// <summary>Tables that have a Delta log, and its newest version.</summary>
    public IEnumerable<(string Table, long Version)> Tables()
    {
        var delta = Path.Combine(_lake, "_delta");
        return Directory.Exists(delta)
            ? Directory.EnumerateDirectories(delta, "_delta_log", SearchOption.AllDirectories).Order(StringComparer.Ordinal)
                .Select(folder => (Path.GetRelativePath(delta, Path.GetDirectoryName(folder)!), Newest(folder)))
            : [];
    }

    /// <summary>Counts, sums and rows of each partition of a table.</summary>
    public TableNote Note(string table, long version)
    {
        var sums = new Dictionary<string, double?>(StringComparer.Ordinal);
        var distinct = new Dictionary<string, long>(StringComparer.Ordinal);
        var partitions = new SortedDictionary<string, long>(StringComparer.Ordinal);
        if (!HasFiles(table))
        {
            return new TableNote(table, version, 0, sums, distinct, partitions);
        }

        var columns = Rows($"DESCRIBE SELECT * EXCLUDE (filename) FROM {Source(table)}").Select(row => ((string)row[0]!, (string)row[1]!))
            .Where(column => !PartitionColumns.Contains(column.Item1, StringComparer.Ordinal))
            .ToList();
        var aggregates = columns
            .Select(column => IsNumber(column.Item2) ? $"sum(\"{column.Item1}\")::DOUBLE" : $"count(DISTINCT \"{column.Item1}\")");
        var total = Rows($"SELECT count(*), {string.Join(", ", aggregates)} FROM {Source(table)}")[0];
        foreach (var ((name, type), value) in columns.Zip(total.Skip(1)))
        {
            if (IsNumber(type))
            {
                sums[name] = (double?)value;
            }
            else
            {
                distinct[name] = (long)value!;
            }
        }

        foreach (var row in Rows($"SELECT filename, count(*) FROM {Source(table)} GROUP BY ALL"))
        {
            var path = Path.GetRelativePath(Path.Combine(_lake, table), (string)row[0]!);
            var run = path[..^(path.EndsWith(ConflictEnding, StringComparison.Ordinal) ? ConflictEnding : ".parquet").Length];
            partitions[run] = partitions.GetValueOrDefault(run) + (long)row[1]!;
        }

        return new TableNote(table, version, (long)total[0]!, sums, distinct, partitions);
    }

    public void Dispose() => _connection.Dispose();

    private static bool IsNumber(string type) =>
        type is "DOUBLE" or "FLOAT" || type.EndsWith("INT", StringComparison.Ordinal) || type.EndsWith("INTEGER", StringComparison.Ordinal)
            || type.StartsWith("DECIMAL", StringComparison.Ordinal);

    private static long Newest(string folder) => Directory.EnumerateFiles(folder, "*.json")
        .Max(path => long.Parse(Path.GetFileNameWithoutExtension(path), NumberStyles.None, CultureInfo.InvariantCulture));

    private bool HasFiles(string table) =>
        Directory.Exists(Path.Combine(_lake, table))
            && Directory.EnumerateFiles(Path.Combine(_lake, table), "*.parquet", SearchOption.AllDirectories).Any();

    private string Source(string table) =>
        $"read_parquet('{_lake}/{table}/**/*.parquet', hive_partitioning=true, union_by_name=true, filename=true)";

    private List<object?[]> Rows(string sql)
    {
        using var command = _connection.CreateCommand();
        command.CommandText = sql;
        using var reader = command.ExecuteReader();
        var rows = new List<object?[]>();
        while (reader.Read())
        {
            rows.Add([.. Enumerable.Range(0, reader.FieldCount).Select(i => reader.IsDBNull(i) ? null : reader.GetValue(i))]);
        }

        return rows;
    }
}
