using System.Globalization;
using System.Text.Json.Nodes;
using RiskLake.Lake.Columns;

namespace RiskLake.Lineage;

/// <summary>The facets of OpenLineage events, each with the version of its schema.</summary>
internal static class Facets
{
    public const string EventSchema = "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent";

    /// <summary>Schema of the one facet that is our own; <c>docs/openlineage</c> holds it.</summary>
    public const string RunSchema = "urn:risklake:openlineage:1-0-0:RiskLakeRunFacet#/$defs/RiskLakeRunFacet";

    public static string Version { get; } = typeof(Facets).Assembly.GetName().Version!.ToString(3);

    /// <summary>Who made the events.</summary>
    public static string Producer { get; } = $"urn:risklake:release:{Version}";

    public static JsonObject ProcessingEngine() => Facet("1-1-1/ProcessingEngineRunFacet", new()
    {
        ["name"] = "RiskLake",
        ["version"] = Version,
        ["openlineageAdapterVersion"] = Version,
    });

    public static JsonObject NominalTime(DateTime start, DateTime end) => Facet("1-0-1/NominalTimeRunFacet", new()
    {
        ["nominalStartTime"] = Instant(start),
        ["nominalEndTime"] = Instant(end),
    });

    public static JsonObject ErrorMessage(string message) => Facet("1-0-1/ErrorMessageRunFacet", new()
    {
        ["message"] = message,
        ["programmingLanguage"] = "CSHARP",
    });

    public static JsonObject JobType() => Facet("2-0-4/JobTypeJobFacet", new()
    {
        ["processingType"] = "BATCH",
        ["integration"] = "RISKLAKE",
        ["jobType"] = "JOB",
    });

    public static JsonObject DataSource(string path) => Facet("1-0-1/DatasourceDatasetFacet", new()
    {
        ["name"] = "file",
        ["uri"] = new Uri(path).AbsoluteUri,
    });

    public static JsonObject DatasetType(string type) => Facet("1-0-1/DatasetTypeDatasetFacet", new() { ["datasetType"] = type });

    public static JsonObject DatasetVersion(string version) => Facet("1-0-1/DatasetVersionDatasetFacet", new() { ["datasetVersion"] = version });

    public static JsonObject Schema(IEnumerable<ColumnModel> columns) =>
        Facet("1-2-0/SchemaDatasetFacet", new() { ["fields"] = new JsonArray([.. columns.Select(Field)]) });

    public static JsonObject ColumnLineage(JsonObject fields, JsonArray dataset) => Facet("1-2-0/ColumnLineageDatasetFacet", new()
    {
        ["fields"] = fields,
        ["dataset"] = dataset,
    });

    public static JsonObject Assertions(JsonArray assertions) =>
        Facet("1-1-0/DataQualityAssertionsDatasetFacet", new() { ["assertions"] = assertions });

    public static JsonObject InputStatistics(long rows, long bytes, int files) =>
        Facet("1-0-0/InputStatisticsInputDatasetFacet", Statistics(rows, bytes, files));

    public static JsonObject OutputStatistics(long rows, long bytes, int files) =>
        Facet("1-0-2/OutputStatisticsOutputDatasetFacet", Statistics(rows, bytes, files));

    public static JsonObject OutputPartitions(JsonArray partitions) => Facet(
        "1-0-0/BaseSubsetDatasetFacet",
        new() { ["outputCondition"] = new JsonObject { ["type"] = "partition", ["partitions"] = partitions } },
        "OutputSubsetOutputDatasetFacet");

    public static JsonObject Run(JsonObject facts) => With(RunSchema, facts);

    /// <summary>RFC 3339, in UTC.</summary>
    public static string Instant(DateTime time) => time.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFF'Z'", CultureInfo.InvariantCulture);

    /// <summary>A column's type as documents spell it.</summary>
    public static string TypeName(ColumnSchema column) => column.Type switch
    {
        ColumnType.Decimal => FormattableString.Invariant($"decimal({column.Precision},{column.Scale})"),
        ColumnType.Int64 => "int64",
        ColumnType.Map => "map<string, double>",
        _ => column.Type.ToString().ToLowerInvariant(),
    };

    private static JsonObject Field(ColumnModel column, int index)
    {
        var field = new JsonObject
        {
            ["name"] = column.Schema.Name,
            ["type"] = TypeName(column.Schema),
            ["ordinal_position"] = index + 1,
        };
        if (column.Description.Length > 0)
        {
            field["description"] = column.Description;
        }

        return field;
    }

    private static JsonObject Statistics(long rows, long bytes, int files) => new()
    {
        ["rowCount"] = rows,
        ["size"] = bytes,
        ["fileCount"] = files,
    };

    private static JsonObject Facet(string schema, JsonObject body, string? definition = null) =>
        With($"https://openlineage.io/spec/facets/{schema}.json#/$defs/{definition ?? schema[(schema.IndexOf('/', StringComparison.Ordinal) + 1)..]}", body);

    private static JsonObject With(string schema, JsonObject body)
    {
        body.Insert(0, "_producer", Producer);
        body.Insert(1, "_schemaURL", schema);
        return body;
    }
}
