using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using ParquetSharp;
using RiskLake.Lake.Errors;

namespace RiskLake.Ingest.Sources;

/// <summary>
/// A Delta Lake table as input: the files of its latest version, by its log. A folder of Parquet files holds those that were removed
/// too. What the protocol has that is not read here is refused by its name.
/// </summary>
internal sealed partial class DeltaFolder
{
    public const string LogName = "_delta_log";

    private const int NewestReader = 3;

    /// <summary>Features of readers that change nothing here, or nothing by their mere presence.</summary>
    private static readonly string[] KnownFeatures = ["timestampNtz", "vacuumProtocolCheck", "v2Checkpoint", "deletionVectors", "columnMapping"];

    private readonly string _root;
    private readonly SortedDictionary<string, bool> _live = new(StringComparer.Ordinal);
    private readonly HashSet<string> _features = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _configuration = new(StringComparer.Ordinal);
    private readonly List<string> _partitions = [];
    private long _readerVersion;

    private DeltaFolder(string root) => _root = root;

    public static bool Is(string folder) => Directory.Exists(Path.Combine(folder, LogName));

    /// <summary>The live files, by their paths below the table.</summary>
    /// <param name="root">The table's folder.</param>
    /// <param name="prefix">What to put before the names.</param>
    /// <exception cref="RiskLakeException">RL3002 where the log is not whole, RL3003 where the table uses what is not read.</exception>
    public static IReadOnlyList<InputFile> Files(string root, string prefix)
    {
        try
        {
            var table = new DeltaFolder(root);
            table.Replay();
            table.RequireKnown();
            return [.. table._live.Keys.Select(path => table.FileOf(path, prefix))];
        }
        catch (Exception e) when (e is not (RiskLakeException or OutOfMemoryException))
        {
            throw InputErrors.Damaged(Path.Combine(root, LogName), e.Message.Split('\n')[0], "the log of a Delta table that can be read", e);
        }
    }

    private void Replay()
    {
        var log = Path.Combine(_root, LogName);
        var names = Directory.EnumerateFiles(log).Select(path => Path.GetFileName(path)!).ToArray();
        var commits = names.Where(name => Commit().IsMatch(name)).Select(Version).Order().ToArray();
        var checkpoint = names.Select(name => Checkpoint().Match(name)).Where(match => match.Success)
            .GroupBy(match => Version(match.Value))
            .Where(parts => parts.Count() == Math.Max(1,
                long.TryParse(parts.First().Groups["of"].Value, NumberStyles.None, CultureInfo.InvariantCulture, out var of) ? of : 1))
            .OrderByDescending(parts => parts.Key).FirstOrDefault();
        foreach (var part in checkpoint ?? Enumerable.Empty<Match>())
        {
            ReadCheckpoint(Path.Combine(log, part.Value));
        }

        var next = checkpoint is null ? 0 : checkpoint.Key + 1;
        foreach (var version in commits.Where(version => version >= next))
        {
            if (version != next++)
            {
                throw new IOException(FormattableString.Invariant($"version {next - 1} is missing from the log"));
            }

            foreach (var line in File.ReadLines(Path.Combine(log, FormattableString.Invariant($"{version:D20}.json"))).Where(line => line.Length > 0))
            {
                using var action = JsonDocument.Parse(line);
                Apply(action.RootElement);
            }
        }

        if (next == 0)
        {
            throw new IOException("the log has no version");
        }
    }

    private void Apply(JsonElement action)
    {
        if (action.TryGetProperty("add", out var add))
        {
            _live[add.GetProperty("path").GetString()!] = add.TryGetProperty("deletionVector", out var vector) && vector.ValueKind == JsonValueKind.Object;
        }
        else if (action.TryGetProperty("remove", out var remove))
        {
            _live.Remove(remove.GetProperty("path").GetString()!);
        }
        else if (action.TryGetProperty("protocol", out var protocol))
        {
            _readerVersion = protocol.GetProperty("minReaderVersion").GetInt64();
            _features.Clear();
            if (protocol.TryGetProperty("readerFeatures", out var features) && features.ValueKind == JsonValueKind.Array)
            {
                _features.UnionWith(features.EnumerateArray().Select(feature => feature.GetString()!));
            }
        }
        else if (action.TryGetProperty("metaData", out var metadata))
        {
            _partitions.Clear();
            _partitions.AddRange(metadata.GetProperty("partitionColumns").EnumerateArray().Select(column => column.GetString()!));
            _configuration.Clear();
            if (metadata.TryGetProperty("configuration", out var configuration) && configuration.ValueKind == JsonValueKind.Object)
            {
                foreach (var entry in configuration.EnumerateObject())
                {
                    _configuration[entry.Name] = entry.Value.ToString();
                }
            }
        }
    }

    /// <summary>A checkpoint is Parquet with a column for each kind of action; of those that matter only some leaves are read.</summary>
    private void ReadCheckpoint(string path)
    {
        using var file = new ParquetFileReader(path);
        var vectors = Leaf(file, "add.deletionVector.storageType").Select(entry => entry.Row).ToHashSet();
        foreach (var (row, value) in Leaf(file, "add.path"))
        {
            _live[value] = vectors.Contains(row);
        }

        foreach (var (_, version) in Leaf(file, "protocol.minReaderVersion"))
        {
            _readerVersion = long.Parse(version, CultureInfo.InvariantCulture);
        }

        _features.UnionWith(Leaf(file, "protocol.readerFeatures.").Select(entry => entry.Value));
        _partitions.AddRange(Leaf(file, "metaData.partitionColumns.").Select(entry => entry.Value));
        foreach (var (key, value) in Leaf(file, "metaData.configuration.key_value.key").Zip(Leaf(file, "metaData.configuration.key_value.value")))
        {
            _configuration[key.Value] = value.Value;
        }
    }

    /// <summary>The values of a leaf, each with its row; a path that ends with a dot names the one leaf below it.</summary>
    private static List<(long Row, string Value)> Leaf(ParquetFileReader file, string path)
    {
        const int Batch = 4096;
        var result = new List<(long, string)>();
        var metadata = file.FileMetaData; // The reader owns it.
        var index = Enumerable.Range(0, metadata.NumColumns).Where(i => metadata.Schema.Column(i).Path.ToDotString() is var name
            && (path.EndsWith('.') ? name.StartsWith(path, StringComparison.Ordinal) : name == path)).DefaultIfEmpty(-1).First();
        if (index < 0)
        {
            return result;
        }

        var most = metadata.Schema.Column(index).MaxDefinitionLevel;
        var row = -1L;
        for (var g = 0; g < metadata.NumRowGroups; g++)
        {
            using var group = file.RowGroup(g);
            using var column = group.Column(index);
            var (definitions, repetitions) = (new short[Batch], new short[Batch]);
            while (true)
            {
                var (entries, values) = column switch
                {
                    ColumnReader<ByteArray> texts => Read(texts, value => TextOf(value)),
                    ColumnReader<int> numbers => Read(numbers, value => value.ToString(CultureInfo.InvariantCulture)),
                    _ => (0, []),
                };
                if (entries == 0)
                {
                    break;
                }

                for (var (i, v) = (0, 0); i < entries; i++)
                {
                    row += repetitions[i] == 0 ? 1 : 0;
                    if (definitions[i] == most)
                    {
                        result.Add((row, values[v++]));
                    }
                }
            }

            (int Entries, string[] Values) Read<T>(ColumnReader<T> reader, Func<T, string> text)
                where T : unmanaged
            {
                var values = new T[Batch];
                Array.Clear(repetitions);
                var read = (int)reader.ReadBatch(Batch, definitions, repetitions, values, out var count);
                return (read, [.. values.Take((int)count).Select(text)]);
            }
        }

        return result;
    }

    private static unsafe string TextOf(ByteArray value) => System.Text.Encoding.UTF8.GetString((byte*)value.Pointer, value.Length);

    private void RequireKnown()
    {
        var unknown = _features.Where(feature => !KnownFeatures.Contains(feature)).Order(StringComparer.Ordinal).ToArray();
        var mapping = _configuration.GetValueOrDefault("delta.columnMapping.mode", "none");
        var found = _readerVersion > NewestReader ? FormattableString.Invariant($"a Delta table for readers of version {_readerVersion}")
            : unknown.Length > 0 ? $"a Delta table with the reader feature {string.Join(", ", unknown)}"
            : mapping is not ("none" or "") ? $"a Delta table with column mapping ({mapping})"
            : _live.ContainsValue(true) ? "a Delta table with deletion vectors"
            : null;
        if (found is not null)
        {
            throw new RiskLakeException(
                ErrorCode.InputFormatUnknown, _root, found, "a Delta table without what is named here",
                "write its rows to a folder of plain Parquet files, or to a table without that feature, and name that");
        }

        if (_live.Count == 0)
        {
            throw InputErrors.Missing(_root, "a Delta table whose latest version has no file", "a table that holds rows");
        }
    }

    private InputFile FileOf(string written, string prefix)
    {
        var path = Uri.UnescapeDataString(written);
        if (path.Contains("://", StringComparison.Ordinal) || Path.IsPathRooted(path))
        {
            throw new RiskLakeException(
                ErrorCode.InputFormatUnknown, _root, $"a Delta table whose file lies elsewhere: {path}", "files below the table's folder",
                    "copy the table, rather than clone it shallowly");
        }

        var full = Path.Combine(_root, path);
        return File.Exists(full)
            ? new InputFile(full, prefix + path) { Partitions = _partitions }
            : throw InputErrors.Missing(full, "no such file, though the table's log names it", "every file of the table's latest version");
    }

    private static long Version(string name) => long.Parse(name.AsSpan(0, 20), NumberStyles.None, CultureInfo.InvariantCulture);

    [GeneratedRegex("^[0-9]{20}[.]json$", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Commit();

    [GeneratedRegex("^[0-9]{20}[.]checkpoint([.][0-9]{10}[.](?<of>[0-9]{10}))?[.]parquet$", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Checkpoint();
}
