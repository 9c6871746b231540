using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using RiskLake.Lake;
using RiskLake.Lake.Columns;

namespace RiskLake.Trials.Silver.Histories;

/// <summary>What a lake holds at a version, read file by file from the log's own list.</summary>
internal sealed class LakeReading(LakeStore lake, long? version)
{
    private const string Dataset = "market_events";
    private const string ConflictEnding = ".silver.parquet";

    private static readonly string[] Layers = ["bronze", "quarantine", "silver", "gold"];

    public LakeSnapshot Snapshot { get; } = lake.Snapshot(version);

    /// <summary>Rows of silver in the order they stand in their file, by the file's path.</summary>
    public SortedDictionary<string, List<string>> SilverFiles()
    {
        var files = new SortedDictionary<string, List<string>>(StringComparer.Ordinal);
        foreach (var file in Snapshot.Files(Layer.Silver, Dataset))
        {
            files.Add(file.TreePath, [.. Rows(file).Select(row => string.Join(' ', row.OrderBy(value => value.Key, StringComparer.Ordinal)
                .Select(value => $"{value.Key}={value.Value ?? "null"}")))]);
        }

        return files;
    }

    /// <summary>Records set aside, as run, path of the file, input, line and what the loser was.</summary>
    /// <param name="areConflicts">Conflicts, which stand in files of their own, or records that did not decode.</param>
    /// <param name="isRun">Runs asked for.</param>
    public List<string> SetAside(bool areConflicts, Func<string, bool> isRun) => [.. Snapshot.Files(Layer.Quarantine, Dataset)
        .Where(file => isRun(file.RunId) && file.TreePath.EndsWith(ConflictEnding, StringComparison.Ordinal) == areConflicts)
        .SelectMany(file => Rows(file)
            .Select(row => $"{file.TreePath} {row["stage"]} {row["source_file"]}:{row["source_line"]}{Loser(row)}"))
        .Order(StringComparer.Ordinal)];

    /// <summary>Rows of a gold table that one run made.</summary>
    public List<Dictionary<string, string?>> Gold(string dataset, string run) =>
        [.. Snapshot.Files(Layer.Gold, dataset).Where(file => file.RunId == run).SelectMany(Rows)];

    /// <summary>Digest of each file at its path in the tree: of silver, and of the conflicts and the gold of published runs.</summary>
    public SortedDictionary<string, string> Digests(bool withGold)
    {
        var digests = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var file in Snapshot.Runs.Values.Where(run => run.IsPublished).SelectMany(run => run.Files))
        {
            if (file.Layer is Layer.Silver || (file.Layer is Layer.Gold && withGold)
                || file.TreePath.EndsWith(ConflictEnding, StringComparison.Ordinal))
            {
                digests.Add(file.TreePath, file.Sha256);
            }
        }

        return digests;
    }

    /// <summary>Where the tree, which any reader of Parquet sees, differs from the log.</summary>
    public List<string> TreeDifferences()
    {
        var logged = Snapshot.Runs.Values.SelectMany(run => run.Files)
            .ToDictionary(file => file.TreePath, file => file.Sha256, StringComparer.Ordinal);
        var found = Layers.Select(layer => Path.Combine(lake.Root, layer)).Where(Directory.Exists)
            .SelectMany(folder => Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories))
            .ToDictionary(path => Path.GetRelativePath(lake.Root, path), path =>
                Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(path))), StringComparer.Ordinal);
        return
        [
            .. logged.Where(file => !found.ContainsKey(file.Key)).Select(file => $"not in the tree: {file.Key}"),
            .. found.Where(file => !logged.ContainsKey(file.Key)).Select(file => $"not in the log: {file.Key}"),
            .. found.Where(file => logged.TryGetValue(file.Key, out var sha256) && sha256 != file.Value)
                .Select(file => $"other bytes: {file.Key}"),
        ];
    }

    private static string Loser(Dictionary<string, string?> row)
    {
        if (row["stage"] is not "silver")
        {
            return string.Empty;
        }

        var fields = JsonNode.Parse(row["raw"]!)!;
        return $" {fields["event_id"]} {((double)fields["price"]!).ToString("R", CultureInfo.InvariantCulture)}";
    }

    private List<Dictionary<string, string?>> Rows(DataFile file)
    {
        var rows = new List<Dictionary<string, string?>>();
        using var reader = new ParquetTableReader(Path.Combine(lake.Root, file.DeltaPath));
        using var batch = new RecordBatch(reader.Schema);
        for (var group = 0; group < reader.RowGroups; group++)
        {
            batch.Clear();
            reader.Read(group, batch);
            for (var row = 0; row < batch.RowCount; row++)
            {
                rows.Add(batch.Columns.ToDictionary(column => column.Schema.Name, column => Text(column, row), StringComparer.Ordinal));
            }
        }

        return rows;
    }

    private static string? Text(Column column, int row) => column.IsNull(row) ? null : column.Schema.Type switch
    {
        ColumnType.String or ColumnType.Binary => column.Text(row),
        ColumnType.Double => column.Double(row).ToString("R", CultureInfo.InvariantCulture),
        _ => column.Slot(row).ToString(CultureInfo.InvariantCulture),
    };
}
