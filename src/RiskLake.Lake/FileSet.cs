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
    private readonly string _runId = string.Empty;
    private readonly ReadOnlyMemory<byte> _json;
    private readonly Func<IEnumerable<DataFile>>? _make;
    private IReadOnlyList<DataFile>? _files;

    /// <summary>Files made when first asked for, put into the order of their paths.</summary>
    public FileSet(Func<IEnumerable<DataFile>> make) => _make = make;

    /// <summary>Files as <see cref="WriteTo"/> wrote them.</summary>
    public FileSet(ReadOnlyMemory<byte> json, string runId, IStatisticsSource statistics)
    {
        _json = json;
        _runId = runId;
        _statistics = statistics;
    }

    public int Count => Files.Count;

    private IReadOnlyList<DataFile> Files =>
        _files ??= _make is null ? Parse() : [.. _make().OrderBy(file => file.TreePath, StringComparer.Ordinal)];

    public DataFile this[int index] => Files[index];

    public IEnumerator<DataFile> GetEnumerator() => Files.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>
    /// Writes <c>[[layer, dataset, contract version, [[hour, attempt, revision, part, rows, bytes, sha256, added version, index], …]], …]</c>.
    /// </summary>
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
                json.WriteNumberValue(file.Revision);
                json.WriteStringValue(file.Part);
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
        var json = new Utf8JsonReader(_json.Span);
        json.Read();
        while (Next(ref json) is not JsonTokenType.EndArray)
        {
            Next(ref json);
            var layer = DataFile.ParseLayer(json.GetString()!) ?? throw new FormatException("unknown layer");
            Next(ref json);
            var dataset = json.GetString()!;
            Next(ref json);
            var contractVersion = json.GetString()!;
            Next(ref json);
            while (Next(ref json) is not JsonTokenType.EndArray)
            {
                files.Add(ParseFile(ref json, layer, dataset, contractVersion));
            }

            Next(ref json);
        }

        return files;
    }

    private DataFile ParseFile(ref Utf8JsonReader json, Layer layer, string dataset, string contractVersion)
    {
        var hour = (int)Number(ref json);
        var attempt = (int)Number(ref json);
        var revision = Number(ref json);
        Next(ref json);
        var part = json.GetString()!;
        var rows = Number(ref json);
        var bytes = Number(ref json);
        Next(ref json);
        var sha256 = json.GetString()!;
        var version = Number(ref json);
        var index = (int)Number(ref json);
        Next(ref json);
        return new DataFile
        {
            Layer = layer,
            Dataset = dataset,
            ContractVersion = contractVersion,
            RunId = _runId,
            Partition = new PartitionHour(hour),
            Attempt = attempt,
            Revision = revision,
            Part = part,
            Rows = rows,
            Bytes = bytes,
            Sha256 = sha256,
            AddedVersion = version,
            Statistics = new LoggedStatistics(_statistics!, version, index),
        };
    }

    private static JsonTokenType Next(ref Utf8JsonReader json)
    {
        json.Read();
        return json.TokenType;
    }

    private static long Number(ref Utf8JsonReader json)
    {
        json.Read();
        return json.GetInt64();
    }
}
