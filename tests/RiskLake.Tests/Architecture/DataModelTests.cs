using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using RiskLake.Contracts;
using RiskLake.Gold;
using RiskLake.Lake;
using RiskLake.Lake.Columns;
using RiskLake.Lineage;
using RiskLake.Runs;
using RiskLake.Tests.Runs;

namespace RiskLake.Tests.Architecture;

/// <summary>
/// The tables of <c>docs/data-model.md</c> are made from the code and held to be current. After a change of a schema,
/// <c>RISKLAKE_UPDATE=1</c> writes them anew.
/// </summary>
public sealed partial class DataModelTests
{
    private const string Page = "docs/data-model.md";

    private static readonly Contract Contract = ContractRegistry.Load(Path.Combine(Repository.Root, "config/data_contracts.yaml")).Get("market_event");

    private static readonly Contract Signals = ContractRegistry.Load(Path.Combine(Repository.Root, "config/data_contracts.yaml")).Get("external_signal");

    /// <summary>The tables of the page: those of market events, gold of signals, and gold of history.</summary>
    private static IEnumerable<(Contract Contract, Layer Layer, string Dataset)> Shown =>
    [
        .. TableModel.Tables(Contract).Select(table => (Contract, table.Layer, table.Dataset)),
        (Signals, Layer.Gold, SignalSummary.Dataset),
        .. TableModel.OfHistory.Select(table => (Contract, table.Layer, table.Dataset)),
    ];

    [Fact]
    public void The_page_shows_the_tables_as_the_code_has_them()
    {
        var page = Repository.Read(Page);
        var made = Block().Replace(page, match => $"<!-- {match.Groups[1].Value} -->\n{Generate(match.Groups[1].Value)}<!-- end -->");
        if (Environment.GetEnvironmentVariable("RISKLAKE_UPDATE") == "1")
        {
            File.WriteAllText(Path.Combine(Repository.Root, Page), made);
            return;
        }

        Assert.Equal(made, page);
        var shown = Block().Matches(page).Select(match => match.Groups[1].Value);
        Assert.Equal(Shown.Select(table => $"table {DataFile.LayerName(table.Layer)}/{table.Dataset}").Append("run record"), shown);
    }

    [Fact]
    public void Every_column_is_explained() => Assert.Empty(Shown
        .SelectMany(table => TableModel.Columns(table.Contract, table.Layer, table.Dataset))
        .Where(column => column.Description.Length == 0)
        .Select(column => column.Schema.Name));

    [Fact]
    public void The_lake_has_the_columns_the_model_names()
    {
        using var desk = new TestDesk();
        Records(desk);
        var snapshot = desk.Lake.Snapshot();
        var model = TableModel.Tables(Contract).ToDictionary(table => table, table => TableModel.Schema(Contract, table.Layer, table.Dataset));
        Assert.Subset(model.Keys.ToHashSet(), snapshot.Tables.ToHashSet());
        Assert.All(snapshot.Tables, table =>
        {
            foreach (var file in snapshot.Files(table.Layer, table.Dataset))
            {
                using var reader = new ParquetTableReader(Path.Combine(desk.LakeRoot, file.DeltaPath));
                Assert.Equal(model[table], reader.Schema);
            }
        });
    }

    [Fact]
    public void Every_field_of_a_record_is_explained_and_every_explained_field_exists()
    {
        using var desk = new TestDesk();
        var found = Types(Records(desk)).Keys;
        Assert.Equal(RunRecordModel.Fields.Keys, found);
    }

    private static string Generate(string block)
    {
        if (block == "run record")
        {
            using var desk = new TestDesk();
            var types = Types(Records(desk));
            return Table(["field", "type", "meaning"], RunRecordModel.Fields.Select(field => new[] { $"`{field.Key}`", types[field.Key], field.Value }));
        }

        var (contract, layer, dataset) = Shown.Single(table => block == $"table {DataFile.LayerName(table.Layer)}/{table.Dataset}");
        var columns = TableModel.Columns(contract, layer, dataset);
        return $"""

            One row is {TableModel.Grain(layer, dataset)}. Sorted by: {TableModel.Order(contract, layer, dataset)}.


            """.ReplaceLineEndings("\n") + Table(
            ["column", "type", "null", "unit", "meaning"],
            columns.Select(column => new[]
            {
                $"`{column.Schema.Name}`", Facets.TypeName(column.Schema), column.Schema.Nullable ? "yes" : "no", column.Unit, column.Description,
            }));
    }

    private static string Table(string[] head, IEnumerable<string[]> rows)
    {
        var text = new StringBuilder();
        foreach (var row in new[] { head, head.Select(_ => "---").ToArray() }.Concat(rows))
        {
            text.Append("| ").AppendJoin(" | ", row.Select(cell => cell.Replace("|", "\\|", StringComparison.Ordinal))).Append(" |\n");
        }

        return text.ToString();
    }

    /// <summary>Records of runs that between them have every field: published with conflicts and repeats, blocked, restated, withdrawn.</summary>
    private static List<JsonNode> Records(TestDesk desk)
    {
        var day = new DateTime(2025, 1, 20, 14, 30, 0, DateTimeKind.Utc);
        string[] Events(int first, int count, double price, int lag) => Enumerable.Range(first, count)
            .Select(i => new TestEvent($"e{i}", "AAPL", price + (i % 3), 10, day.AddSeconds(i), TimeSpan.FromSeconds(lag)).Json).ToArray();
        const long AsOf = 1_740_000_000_000_000;
        RunOutcome Run(string runId, string[] lines, bool allowBreach = false) =>
            desk.Run(desk.Request(desk.WriteEvents(lines)) with { RunId = runId, AllowBreach = allowBreach, Reason = "to see the record", AsOfMicros = AsOf });

        // A rule of the contract, so that a check about a column is among the records.
        const string File = "config/contracts/market_event.v1.odcs.yaml";
        desk.Write(File, Repository.Read(File).TrimEnd() + "\n        quality:\n          - {metric: nullValues, mustBe: 0}\n");
        var records = new List<JsonNode>
        {
            Run("first", [.. Events(0, 40, 100, 1), "{\"event_id\":"], allowBreach: true).Record,
            Run("second", [.. Events(20, 40, 100, 1), .. Events(0, 1, 500, 1)], allowBreach: true).Record,
            Run("late", Events(100, 10, 100, 3600)).Record,
            Run("first", Events(0, 30, 100, 1)).Record,
            Run("first", Events(0, 10, 100, 1)).Record,
            desk.Withdraw("first").Record,
        };
        return records;
    }

    /// <summary>Types of the fields of some records, by path; the keys of maps stand as the name of what they are.</summary>
    private static SortedDictionary<string, string> Types(IEnumerable<JsonNode> records)
    {
        var seen = new SortedDictionary<string, SortedSet<string>>(StringComparer.Ordinal);
        foreach (var record in records)
        {
            Walk(JsonNode.Parse(record.ToJsonString()), "", seen);
        }

        return new SortedDictionary<string, string>(seen.ToDictionary(pair => pair.Key, pair => Spell(pair.Value)), StringComparer.Ordinal);
    }

    private static string Spell(SortedSet<string> types)
    {
        types.Remove(types.Contains("number") ? "integer" : "");
        return string.Join(" or ", types.Where(type => type != "null").DefaultIfEmpty("null"));
    }

    private static void Walk(JsonNode? node, string path, SortedDictionary<string, SortedSet<string>> seen)
    {
        switch (node)
        {
            case JsonObject fields:
                foreach (var (name, child) in fields)
                {
                    Walk(child, Join(path, Maps.GetValueOrDefault(path, name)), seen);
                }

                break;
            case JsonArray items:
                foreach (var item in items)
                {
                    Walk(item, path + "[]", seen);
                }

                break;
            default:
                if (!seen.TryGetValue(path, out var types))
                {
                    seen.Add(path, types = []);
                }

                types.Add(node?.GetValueKind() switch
                {
                    null or JsonValueKind.Null => "null",
                    JsonValueKind.Number => node.ToJsonString().AsSpan().ContainsAny('.', 'E') ? "number" : "integer",
                    JsonValueKind.String => "string",
                    _ => "boolean",
                });
                break;
        }
    }

    private static readonly Dictionary<string, string> Maps = new(StringComparer.Ordinal)
    {
        ["conflicts_with"] = "<run_id>",
        ["touched"] = "<run_id>",
        ["owners"] = "<run_id>",
        ["records_written"] = "<table>",
        ["withheld.records"] = "<table>",
        ["quarantine_reasons"] = "<code>",
        ["execution.stages"] = "<stage>",
        ["configuration.output_versions"] = "<stage>",
        ["volatility_latest"] = "<symbol>",
        ["volatility_status"] = "<symbol>",
        ["value_at_risk"] = "<symbol>",
        ["withheld.volatility_latest"] = "<symbol>",
        ["withheld.volatility_status"] = "<symbol>",
        ["withheld.value_at_risk"] = "<symbol>",
    };

    private static string Join(string path, string name) => path.Length == 0 ? name : $"{path}.{name}";

    [GeneratedRegex(@"<!-- ((?:table|run record)[^\n]*?) -->\n.*?<!-- end -->", RegexOptions.Singleline, 60_000)]
    private static partial Regex Block();
}
