using System.Collections;
using System.Text.Json;

namespace RiskLake.Lake;

/// <summary>
/// Files of a run. Those read from a checkpoint stay bytes until somebody asks: a snapshot of a large lake is mostly runs whose
/// files nobody looks at.
/// </summary>
internal sealed class FileSet : IReadOnlyList<DataFile>
{
    private readonly IStatisticsSource? _statistics;
    private readonly string _runId;
    private ReadOnlyMemory<byte> _json;
    private IReadOnlyList<DataFile>? _files;

    /// <summary>Files at hand, put into the order of their paths.</summary>
    public FileSet(IEnumerable<DataFile> files)
    {
        _files = [.. files.OrderBy(file => file.TreePath, StringComparer.Ordinal)];
        _runId = string.Empty;
    }

    /// <summary>Files as <see cref="WriteTo"/> wrote them.</summary>
    public FileSet(ReadOnlyMemory<byte> json, string runId, IStatisticsSource statistics)
    {
        _json = json;
        _runId = runId;
        _statistics = statistics;
    }

    public int Count => Files.Count;

    private IReadOnlyList<DataFile> Files => _files ??= Parse();

    public DataFile this[int index] => Files[index];

    public IEnumerator<DataFile> GetEnumerator() => Files.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>Writes <c>[[layer, dataset, contract version, [[hour, attempt, rows, bytes, sha256, added version, index], …]], …]</c>.</summary>
    public void WriteTo(Utf8JsonWriter json)
    {
        if (!_json.IsEmpty)
        {
            json.WriteRawValue(_json.Span, skipInputValidation: true);
            return;
        }

        json.WriteStartArray();
        foreach (var group in Files.GroupBy(file => (file.Layer, file.Dataset, file.ContractVersion)))
        {
            json.WriteStartArray();
            json.WriteStringValue(DataFile.LayerName(group.Key.Layer));
            json.WriteStringValue(group.Key.Dataset);
            json.WriteStringValue(group.Key.ContractVersion);
            json.WriteStartArray();
            foreach (var file in group)
            {
                json.WriteStartArray();
                json.WriteNumberValue(file.Partition.HoursSinceEpoch);
                json.WriteNumberValue(file.Attempt);
                json.WriteNumberValue(file.Rows);
                json.WriteNumberValue(file.Bytes);
                json.WriteStringValue(file.Sha256);
                json.WriteNumberValue(file.AddedVersion);
                json.WriteNumberValue(((LoggedStatistics)file.Statistics).Index);
                json.WriteEndArray();
            }

            json.WriteEndArray();
            json.WriteEndArray();
        }

        json.WriteEndArray();
    }

    private List<DataFile> Parse()
    {
        var files = new List<DataFile>();
        using var document = JsonDocument.Parse(_json);
        foreach (var group in document.RootElement.EnumerateArray())
        {
            var layer = DataFile.ParseLayer(group[0].GetString()!) ?? throw new FormatException("unknown layer");
            var dataset = group[1].GetString()!;
            var contractVersion = group[2].GetString()!;
            foreach (var file in group[3].EnumerateArray())
            {
                files.Add(new DataFile
                {
                    Layer = layer,
                    Dataset = dataset,
                    ContractVersion = contractVersion,
                    RunId = _runId,
                    Partition = new PartitionHour(file[0].GetInt32()),
                    Attempt = file[1].GetInt32(),
                    Rows = file[2].GetInt64(),
                    Bytes = file[3].GetInt64(),
                    Sha256 = file[4].GetString()!,
                    AddedVersion = file[5].GetInt64(),
                    Statistics = new LoggedStatistics(_statistics!, file[5].GetInt64(), file[6].GetInt32()),
                });
            }
        }

        return files;
    }
}
