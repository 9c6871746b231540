using System.Text.Json.Nodes;
using RiskLake.Lake;
using RiskLake.Lake.Errors;
using RiskLake.Lineage;
using RiskLake.Runs;
using RiskLake.Tests.Runs;

namespace RiskLake.Tests.Lineage;

/// <summary>What a run tells of itself. That the events satisfy the published schemas is shown end to end.</summary>
public sealed class RunLineageTests
{
    private static readonly DateTime Day = new(2025, 1, 20, 14, 30, 0, DateTimeKind.Utc);

    [Fact]
    public void A_published_run_tells_what_it_read_and_every_table_it_wrote()
    {
        using var desk = new TestDesk();
        var input = desk.WriteEvents(Events(40));
        var outcome = desk.Run(desk.Request(input) with { RunId = "demo" });
        Assert.Equal((0, null), (outcome.ExitCode, outcome.LineageProblem));

        var events = Read(desk, "demo");
        Assert.Equal(["START", "COMPLETE"], events.Select(Type));
        Assert.Single(events.Select(RunUuid).Distinct());
        Assert.Equal(LineageIds.Run("risklake", "demo", 1, 0).ToString(), RunUuid(events[0]));
        Assert.Null(events[0]["outputs"]);

        var end = events[1];
        Assert.Equal(("file", input), ((string?)end["inputs"]![0]!["namespace"], (string?)end["inputs"]![0]!["name"]));
        Assert.Equal(40, (long)end["inputs"]![0]!["inputFacets"]!["inputStatistics"]!["rowCount"]!);
        Assert.All(Assertions(end).Where(IsBlocking), assertion => Assert.True((bool)assertion!["success"]!));
        var interval = end["run"]!["facets"]!["nominalTime"]!;
        Assert.Equal("2025-01-20T14:00:00Z", (string?)interval["nominalStartTime"]);
        Assert.Equal("2025-01-20T15:00:00Z", (string?)interval["nominalEndTime"]);
        Assert.Equal(
            [
                "bronze/market_events", "silver/market_events", "gold/data_quality_metrics", "gold/market_bars", "gold/returns", "gold/risk_summary",
                "gold/session_completeness",
            ],
            Outputs(desk, end));
        AssertAgreesWithLake(desk, end);
    }

    [Fact]
    public void Every_column_of_silver_and_gold_comes_from_columns_that_exist()
    {
        using var desk = new TestDesk();
        desk.Run(desk.Request(desk.WriteEvents(Events(40))) with { RunId = "demo" });
        var outputs = Read(desk, "demo")[1]["outputs"]!.AsArray();
        var columns = outputs.ToDictionary(output => (string)output!["name"]!, output => Names(output!));
        string[] facts = ["run_id", "dataset", "contract_version", "window_minutes", "volatility_window", "bronze_run_id", "dq_passed", "signals"];
        string[] read =
        [
            "events_read", "events_quarantined", "quarantine_rate", "quarantine_status",
            "bytes_read", "bytes_quarantined", "quarantine_byte_rate", "quarantined_estimate",
        ];
        var withLineage = outputs.Where(output => output!["facets"]!["columnLineage"] is not null).ToArray();
        Assert.Equal(6, withLineage.Length);
        foreach (var output in withLineage)
        {
            var lineage = output!["facets"]!["columnLineage"]!;
            var told = lineage["fields"]!.AsObject().Select(field => field.Key).ToArray();
            Assert.Equal(Names(output).Except(facts).Except(read).Order(), told.Order());
            var sources = lineage["fields"]!.AsObject().SelectMany(field => field.Value!["inputFields"]!.AsArray()).Concat(lineage["dataset"]!.AsArray());
            Assert.All(sources, source => Assert.Contains((string)source!["field"]!, columns[(string)source["name"]!]));
        }
    }

    [Fact]
    public void A_run_that_changes_nothing_tells_nothing()
    {
        using var desk = new TestDesk();
        var request = desk.Request(desk.WriteEvents(Events(10))) with { RunId = "demo" };
        desk.Run(request);
        Assert.True(desk.Run(request).IsUnchanged);
        Assert.Equal(2, Read(desk, "demo").Length);
    }

    [Fact]
    public void A_blocked_run_fails_and_leaves_out_what_is_withheld()
    {
        using var desk = new TestDesk();
        var late = desk.Request(desk.WriteEvents(Events(10, TimeSpan.FromHours(1)))) with { RunId = "demo" };
        Assert.Equal(1, desk.Run(late).ExitCode);
        var end = Read(desk, "demo")[1];
        Assert.Equal("FAIL", Type(end));
        Assert.StartsWith("RL4001", (string)end["run"]!["facets"]!["errorMessage"]!["message"]!, StringComparison.Ordinal);
        var failed = Assertions(end).Where(IsBlocking).Single(assertion => !(bool)assertion!["success"]!)!;
        Assert.Equal(["max_late_rate", "<= 0.02", "1", "error"], new[] { "name", "expected", "actual", "severity" }.Select(name => (string?)failed[name]));
        Assert.Equal(["bronze/market_events", "gold/data_quality_metrics"], Outputs(desk, end));

        Assert.Equal(0, desk.Run(late with { AllowBreach = true }).ExitCode);
        var released = Read(desk, "demo")[^1];
        Assert.Equal("COMPLETE", Type(released));
        Assert.Contains(Assertions(released), assertion => !(bool)assertion!["success"]!);
        Assert.Contains("silver/market_events", Outputs(desk, released));
    }

    [Fact]
    public void A_blocked_restatement_puts_nothing_in_force()
    {
        using var desk = new TestDesk();
        desk.Run(desk.Request(desk.WriteEvents(Events(10))) with { RunId = "demo" });
        Assert.Equal(1, desk.Run(desk.Request(desk.WriteEvents(Events(10, TimeSpan.FromHours(1)))) with { RunId = "demo" }).ExitCode);
        var events = Read(desk, "demo");
        Assert.Equal(["START", "COMPLETE", "START", "FAIL"], events.Select(Type));
        Assert.Equal(2, events.Select(RunUuid).Distinct().Count());
        Assert.Empty(events[3]["outputs"]!.AsArray());
    }

    [Fact]
    public void A_failure_is_told_and_the_next_try_has_an_id_of_its_own()
    {
        using var desk = new TestDesk();
        var broken = desk.Write("input.json.gz", "not gzip at all");
        File.WriteAllBytes(broken, [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 3, 1, 2, 3]);
        Assert.Throws<RiskLakeException>(() => desk.Run(desk.Request(broken) with { RunId = "demo" }));
        using var stop = new CancellationTokenSource();
        var request = desk.Request(desk.WriteEvents(Events(10))) with { RunId = "demo" };
        var interruption = new CancelAt("silver", stop);
        Assert.ThrowsAny<OperationCanceledException>(() => RunPipeline.Execute(request, interruption, TimeProvider.System, desk.Storage, stop.Token));
        desk.Run(request);

        var events = Read(desk, "demo");
        Assert.Equal("FAIL", Type(events[1]));
        Assert.StartsWith("RL3002", (string)events[1]["run"]!["facets"]!["errorMessage"]!["message"]!, StringComparison.Ordinal);
        Assert.Equal("COMPLETE", Type(events[^1]));
        var byRun = events.GroupBy(RunUuid).Select(run => string.Join(',', run.Select(Type))).ToArray();
        Assert.All(byRun, types => Assert.Matches("^START,(COMPLETE|FAIL|ABORT)$", types));
    }

    [Fact]
    public void A_run_does_not_fail_with_its_lineage()
    {
        using var desk = new TestDesk();
        Directory.CreateDirectory(Path.Combine(desk.LakeRoot, RunLineage.PathOf("demo")));
        var outcome = desk.Run(desk.Request(desk.WriteEvents(Events(10))) with { RunId = "demo" });
        Assert.Equal(0, outcome.ExitCode);
        Assert.NotNull(outcome.LineageProblem);
        Assert.Equal(10, desk.Rows(Layer.Silver, "market_events").Count);
        Assert.Empty(Directory.GetFileSystemEntries(Path.Combine(desk.LakeRoot, "_staging")));
    }

    [Fact]
    public void Name_based_ids_are_those_of_the_standard()
    {
        var dns = new Guid("6ba7b810-9dad-11d1-80b4-00c04fd430c8");
        Assert.Equal(new Guid("886313e1-3b8a-5372-9b90-0c9aee199e5d"), LineageIds.Version5(dns, "python.org"));
        var ids = new[] { LineageIds.Run("a", "r", 1, 0), LineageIds.Run("a", "r", 2, 0), LineageIds.Run("a", "r", 1, 1), LineageIds.Run("b", "r", 1, 0) };
        Assert.Equal(4, ids.Distinct().Count());
        Assert.Equal(ids[0], LineageIds.Run("a", "r", 1, 0));
    }

    private static IEnumerable<string> Events(int count, TimeSpan? lag = null) => Enumerable.Range(0, count).Select(i =>
        new TestEvent($"e{i}", i % 2 == 0 ? "AAPL" : "MSFT", 100 + (i % 7), 10 + i, Day.AddSeconds(i), lag ?? TimeSpan.FromSeconds(2)).Json);

    private static JsonNode[] Read(TestDesk desk, string runId)
    {
        var lines = File.ReadAllText(Path.Combine(desk.LakeRoot, RunLineage.PathOf(runId)));
        Assert.EndsWith("\n", lines, StringComparison.Ordinal);
        return lines.TrimEnd('\n').Split('\n').Select(line => JsonNode.Parse(line)!).ToArray();
    }

    private static void AssertAgreesWithLake(TestDesk desk, JsonNode end)
    {
        var snapshot = desk.Lake.Snapshot();
        foreach (var output in end["outputs"]!.AsArray())
        {
            var (layer, dataset) = snapshot.Tables.Single(table => Relative(desk, output!) == $"{DataFile.LayerName(table.Layer)}/{table.Dataset}");
            var files = snapshot.Files(layer, dataset).ToArray();
            var statistics = output!["outputFacets"]!["outputStatistics"]!;
            Assert.Equal(files.Sum(file => file.Rows), (long)statistics["rowCount"]!);
            Assert.Equal(files.Sum(file => file.Bytes), (long)statistics["size"]!);
            Assert.Equal(files.Length, (int)statistics["fileCount"]!);
            var partitions = output["outputFacets"]!["subset"]!["outputCondition"]!["partitions"]!.AsArray();
            var paths = partitions.Select(partition => $"{Relative(desk, output)}/{partition!["identifier"]}.parquet");
            Assert.Equal(files.Select(file => file.TreePath).Order(), paths.Order());
            Assert.Equal("1", (string?)output["facets"]!["version"]!["datasetVersion"]);
            var names = Names(output).Except(CommitPlan.PartitionColumns).ToArray();
            Assert.Equal(snapshot.Schema(layer, dataset)!.Select(column => column.Name), names);
        }
    }

    private static string? Type(JsonNode node) => (string?)node["eventType"];

    private static string? RunUuid(JsonNode node) => (string?)node["run"]!["runId"];

    // The events lie on a holiday, which is a warning.
    private static bool IsBlocking(JsonNode? assertion) => (string?)assertion!["severity"] == "error";

    private static JsonArray Assertions(JsonNode end) => end["inputs"]![0]!["facets"]!["dataQualityAssertions"]!["assertions"]!.AsArray();

    private static string[] Names(JsonNode output) => output["facets"]!["schema"]!["fields"]!.AsArray().Select(field => (string)field!["name"]!).ToArray();

    private static string[] Outputs(TestDesk desk, JsonNode end) => end["outputs"]!.AsArray().Select(output => Relative(desk, output!)).ToArray();

    private static string Relative(TestDesk desk, JsonNode output) => Path.GetRelativePath(desk.LakeRoot, (string)output["name"]!);

    /// <summary>Is interrupted when a stage begins.</summary>
    private sealed class CancelAt(string stage, CancellationTokenSource stop) : IRunProgress
    {
        public void Begin(string begun)
        {
            if (begun == stage)
            {
                stop.Cancel();
                stop.Token.ThrowIfCancellationRequested();
            }
        }

        public void Advance(long records)
        {
        }

        public void End(string ended, TimeSpan duration)
        {
        }
    }
}
