using System.Globalization;
using System.Text.Json.Nodes;

namespace RiskLake.Cli.Output;

/// <summary>Reads a run record by path. A field that is missing (records differ by status) is null, never an error.</summary>
internal readonly record struct RecordView(JsonNode? Node)
{
    public RecordView this[string name] => new(Node is JsonObject map && map.TryGetPropertyValue(name, out var value) ? value : null);

    public string? Text => Node is JsonValue value ? value.TryGetValue<string>(out var text) ? text : value.ToJsonString() : null;

    public long? Count => Node is JsonValue value && Number(value) is { } number ? (long)number : null;

    public double? Value => Node is JsonValue value ? Number(value) : null;

    public bool? Flag => Node is JsonValue value && value.TryGetValue<bool>(out var flag) ? flag : null;

    public IEnumerable<RecordView> Items => Node is JsonArray array ? array.Select(item => new RecordView(item)) : [];

    public IEnumerable<(string Name, RecordView Value)> Fields =>
        Node is JsonObject map ? map.Select(pair => (pair.Key, new RecordView(pair.Value))) : [];

    // A number may come from a parsed document or from the run that has just made it.
    private static double? Number(JsonValue value) =>
        value.TryGetValue<double>(out var real) ? real
        : value.TryGetValue<long>(out var whole) ? whole
        : value.TryGetValue<int>(out var small) ? small
        : double.TryParse(value.ToJsonString(), NumberStyles.Float, CultureInfo.InvariantCulture, out var parsed) ? parsed
        : null;
}
