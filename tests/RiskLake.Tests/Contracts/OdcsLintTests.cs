using System.Text.RegularExpressions;
using System.Runtime.CompilerServices;
using RiskLake.Contracts.Configuration;

namespace RiskLake.Tests.Contracts;

/// <summary>One departure from a sound contract at a time.</summary>
public sealed partial class OdcsLintTests
{
    private const string Sound = """
        apiVersion: v3.1.0
        kind: DataContract
        id: urn:test:trade
        version: 1.4.0
        status: active
        schema:
          - name: trades
            physicalType: table
            customProperties:
              - {property: delivery, value: snapshot}
              - {property: maxIngestLag, value: 10d}
            quality:
              - {id: some, metric: rowCount, mustBeGreaterThan: 0}
            properties:
              - name: venue
                logicalType: string
                required: true
                primaryKey: true
                primaryKeyPosition: 2
                logicalTypeOptions: {minLength: 4, maxLength: 4, pattern: '^[A-Z]{4}$'}
              - name: trade_id
                logicalType: integer
                required: true
                primaryKey: true
                primaryKeyPosition: 1
                logicalTypeOptions: {format: u32}
              - name: executed
                logicalType: timestamp
                required: true
                logicalTypeOptions: {minimum: '2000-01-01T00:00:00Z'}
              - name: fee
                logicalType: number
                physicalType: DECIMAL(9,2)
                logicalTypeOptions: {minimum: 0, maximum: 99.5, multipleOf: 0.05}
                quality:
                  - {metric: nullValues, mustBeLessThan: 5, unit: percent, severity: warning}
        """;

    [Fact]
    public void The_sound_contract_is_sound() => Assert.All(ConfigFolder.Compile(Sound).Problems, problem => Assert.Equal("C027", problem.Rule));

    public static TheoryData<string, string, string> Departures => new()
    {
        { "C000", "kind: DataContract", "kind: [DataContract" },
        { "C001", "status: active", "status: active\nstatus: active" },
        { "C002", "status: active", "status: active\nstatsu: active" },
        { "C002", "physicalType: table", "physicalTyp: table" },
        { "C002", "property: maxIngestLag", "property: maxIngestLagg" },
        { "C002", "required: true\n        logicalTypeOptions: {minimum", "requird: true\n        logicalTypeOptions: {minimum" },
        { "C003", "kind: DataContract\n", "" },
        { "C003", "status: active\n", "" },
        { "C003", "  - name: trades\n    physicalType: table", "  - physicalType: table" },
        { "C003", "logicalType: integer\n", "description: none\n" },
        { "C003", "metric: rowCount, mustBeGreaterThan: 0", "mustBeGreaterThan: 0" },
        { "C003", "metric: rowCount, mustBeGreaterThan: 0", "type: sql, mustBeGreaterThan: 0" },
        { "C003", "metric: rowCount, mustBeGreaterThan: 0", "type: custom, engine: soda" },
        { "C004", "version: 1.4.0", "version: 1.4" },
        { "C004", "status: active", "status:" },
        { "C004", "primaryKeyPosition: 2", "primaryKeyPosition: '2'" },
        { "C004", "value: 10d", "value: 10m" },
        { "C004", "value: 10d", "value: P1M" },
        { "C004", "value: 10d", "value: P" },
        { "C004", "value: 10d", "value: P999999999D" },
        { "C004", "value: snapshot", "value: sometimes" },
        { "C004", "minLength: 4", "minLength: -4" },
        { "C004", "maximum: 99.5", "maximum: '99.5'" },
        { "C004", "maximum: 99.5", "maximum: 99.555" },
        { "C004", "maximum: 99.5", "maximum: 10000000" },
        { "C004", "maximum: 99.5", "maximum: .inf" },
        { "C004", "multipleOf: 0.05", "multipleOf: 0" },
        { "C004", "'2000-01-01T00:00:00Z'", "'2000-01-01T00:00:00'" },
        { "C004", "mustBeGreaterThan: 0", "mustBe: none" },
        { "C005", "apiVersion: v3.1.0", "apiVersion: v2.2.2" },
        { "C005", "apiVersion: v3.1.0", "apiVersion: 3.1.0" },
        { "C006", "kind: DataContract", "kind: Contract" },
        { "C006", "logicalType: integer", "logicalType: int" },
        { "C006", "unit: percent", "unit: furlong" },
        { "C006", "metric: rowCount", "metric: freshness" },
        { "C006", "mustBeGreaterThan: 0}", "mustBeGreaterThan: 0, dimension: cp}" },
        { "C006", "status: active", "status: active\nservers: [{server: a, type: postgers}]" },
        { "C009", "id: some", "id: so.me" },
        { "C010", "name: executed", "name: VENUE" },
        { "C010", "- {property: maxIngestLag, value: 10d}", "- {property: delivery, value: snapshot}" },
        { "C011", "format: u32", "format: u32, pattern: x" },
        { "C011", "physicalType: DECIMAL(9,2)", "physicalType: DOUBLE" },
        { "C012", "minLength: 4", "minLength: 5" },
        { "C012", "minimum: 0, maximum: 99.5", "minimum: 99, maximum: 1" },
        { "C012", "minimum: 0, maximum: 99.5", "minimum: 1, exclusiveMaximum: 1" },
        { "C012", "minimum: 0, maximum: 99.5", "minimum: 0, exclusiveMinimum: 1" },
        { "C013", "DECIMAL(9,2)", "VARCHAR" },
        { "C013", "DECIMAL(9,2)", "DECIMAL(19,2)" },
        { "C013", "DECIMAL(9,2)", "DECIMAL" },
        { "C014", "logicalType: integer", "logicalType: array" },
        { "C015", "primaryKeyPosition: 2", "primaryKeyPosition: 3" },
        { "C015", "primaryKeyPosition: 2", "primaryKeyPosition: 1" },
        { "C015", "required: true\n        primaryKey: true\n        primaryKeyPosition: 2",
        "primaryKey: true\n        primaryKeyPosition: 2" },
        { "C015", "primaryKey: true\n        primaryKeyPosition: 2", "primaryKeyPosition: 2" },
        { "C017", "logicalType: integer", "logicalType: object" },
        { "C017", "logicalType: integer", "logicalType: time" },
        { "C018", "{minimum: '2000", "{defaultTimezone: Mars/Olympus, minimum: '2000" },
        { "C019", "format: u32", "format: u64" },
        { "C019", "{minimum: '2000", "{format: dd.MM.yyyy, minimum: '2000" },
        { "C020", "metric: rowCount", "metric: nullValues" },
        { "C020", "{metric: nullValues, mustBeLessThan: 5, unit: percent", "{metric: rowCount, mustBeLessThan: 5" },
        { "C021", "mustBeGreaterThan: 0", "mustBeGreaterThan: 0, mustBeLessThan: 9" },
        { "C021", ", mustBeGreaterThan: 0", "" },
        { "C021", "metric: rowCount, mustBeGreaterThan: 0", "type: custom, engine: soda, implementation: x, mustBe: 0" },
        { "C022", "mustBeGreaterThan: 0", "mustBeBetween: [9, 1]" },
        { "C022", "mustBeGreaterThan: 0", "mustBeBetween: [1]" },
        { "C023", "metric: nullValues", "metric: invalidValues" },
        { "C023", "metric: nullValues", "metric: nullValues, arguments: {validValues: [1]}" },
        { "C023", "metric: rowCount, mustBeGreaterThan", "metric: duplicateValues, arguments: {properties: [venu]}, mustBeGreaterThan" },
        { "C024", "'^[A-Z]{4}$'", "'^(?=A)[A-Z]{4}$'" },
        { "C026", "- {id: some, metric: rowCount, mustBeGreaterThan: 0}",
        "- {metric: rowCount, mustBe: 1}\n      - {metric: rowCount, mustBe: 2}" },
        { "C030", "status: active", "status: active" },
        { "C034", "    properties:", "    properties:" },
        { "C035", "name: fee", "name: run_id" },
        { "C035", "name: fee", "name: 'the fee'" },
        { "C036", "logicalType: timestamp", "logicalType: timestamp\n        customProperties: [{property: role, value: price}]" },
        { "C036", "required: true\n        logicalTypeOptions: {minimum", "logicalTypeOptions: {minimum" },
        { "C037", "logicalType: integer", "logicalType: integer\n        customProperties: [{property: delivery, value: true}]" },
        { "C039", "{property: maxIngestLag, value: 10d}", "{property: dataset, value: ../up}" },
        { "C040", "version: 1.4.0", "version: 2.0.0" },
        { "C050", "status: active", "status: active\nservers: [{server: a, type: custom, host: 'postgres://me:secret@db/x'}]" },
        { "C050", "status: active", "status: active\nservers: [{server: a, type: trino, password: hunter2}]" },
    };

    [Theory]
    [MemberData(nameof(Departures))]
    public void A_departure_has_its_rule_and_its_line(string rule, string sound, string departure)
    {
        var text = rule switch
        {
            "C030" => Sound.Replace("logicalType: integer", "logicalType: integer\n        relationships: [{to: orders.id}]",
                StringComparison.Ordinal),
            "C034" => Sound + "\n  - name: other\n    properties: []\n",
            _ => Sound.Replace(sound, departure, StringComparison.Ordinal),
        };
        Assert.False(string.Equals(Sound, text, StringComparison.Ordinal), "the departure does not apply");
        var (contract, problems) = ConfigFolder.Compile(text);
        Assert.Null(contract);
        var errors = problems.Where(problem => problem.Severity == Severity.Error).ToList();
        Assert.NotEmpty(errors);
        Assert.All(errors, error => Assert.Equal(rule, error.Rule));
        var problem = errors[0];
        Assert.InRange(problem.Line, 1, text.Count(c => c == '\n') + 1);
        Assert.All(new[] { problem.Found, problem.Expected, problem.Next }, part => Assert.NotEmpty(part));
    }

    [Theory]
    [InlineData("C031", "relationships: [{from: [trades.venue, trades.fee], to: [trades.venue]}]")]
    [InlineData("C030", "relationships: [{from: [trades.venue, trades.fees], to: [trades.venue, trades.fee]}]")]
    public void Relationships_lead_somewhere(string rule, string relationships) =>
        Assert.Contains(
            ConfigFolder.Compile(Sound.Replace("physicalType: table", "physicalType: table\n    " + relationships,
            StringComparison.Ordinal)).Problems,
            problem => problem.Rule == rule);

    [Theory]
    [InlineData("C032", Severity.Error, "{property: latency, value: 15, unit: min, element: trades.exekuted}")]
    [InlineData("C033", Severity.Warning, "{property: latency, value: 15, unit: m, element: trades.executed}")]
    internal void Service_levels_lead_somewhere(string rule, Severity severity, string sla) =>
        Assert.Contains(
            ConfigFolder.Compile($"{Sound}\nslaProperties:\n  - {sla}\n").Problems, problem => problem.Rule == rule
            && problem.Severity == severity);

    [Fact]
    public void A_stream_without_ingest_time_is_remarked_upon()
    {
        var problem = Assert.Single(
            ConfigFolder.Compile(Sound.Replace("snapshot", "stream", StringComparison.Ordinal)).Problems, found => found.Rule != "C027");
        Assert.Equal(("C038", Severity.Info), (problem.Rule, problem.Severity));
    }

    [Fact]
    public void All_departures_are_reported_at_once()
    {
        var text = Sound.Replace("u32", "u64", StringComparison.Ordinal).Replace("metric: rowCount", "metrik: rowCount",
            StringComparison.Ordinal)
            .Replace("kind: DataContract", "kind: Contract", StringComparison.Ordinal);
        var rules = ConfigFolder.Compile(text).Problems.Select(problem => problem.Rule).ToList();
        Assert.Contains("C019", rules, StringComparer.Ordinal);
        Assert.Contains("C002", rules, StringComparer.Ordinal);
        Assert.Contains("C006", rules, StringComparer.Ordinal);
    }

    [Fact]
    public void Every_rule_in_the_code_is_documented()
    {
        var root = Root();
        var page = File.ReadAllText(Path.Combine(root, "docs", "contracts.md"));
        foreach (var file in Directory.EnumerateFiles(Path.Combine(root, "src", "RiskLake", "Contracts"), "*.cs",
            SearchOption.AllDirectories))
        {
            foreach (Match match in RuleCode().Matches(File.ReadAllText(file)))
            {
                Assert.Contains($"| {match.Groups[1].Value} |", page, StringComparison.Ordinal);
            }
        }
    }

    private static string Root([CallerFilePath] string here = "") => Path.Combine(Path.GetDirectoryName(here)!, "..", "..", "..");

    [GeneratedRegex("\"([CST][0-9]{3})\"", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex RuleCode();
}
