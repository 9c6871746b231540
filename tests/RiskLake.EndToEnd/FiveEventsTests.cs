using System.Text.Json.Nodes;

namespace RiskLake.EndToEnd;

/// <summary>Five events whose numbers are known to the last bit.</summary>
public sealed class FiveEventsTests
{
    private const string Shared = "../shared/fixtures/five_events.json";

    public static TheoryData<string> Inputs => [Cli.Fixture("five_events.json"), Path.GetFullPath(Shared, Cli.Repository)];

    [Theory]
    [MemberData(nameof(Inputs))]
    public void The_numbers_are_known_bit_for_bit(string input)
    {
        Assert.SkipUnless(File.Exists(input), $"needs {Shared}");
        using var workspace = new Workspace();
        workspace.Run("run", "--input", input, "--run-id", "five", "--allow-dq-breach", "--reason", "they are known").Ends(0);

        var risk = LakeTable.Query(workspace.Lake, "gold/risk_summary", "symbol, volatility_5m, value_at_risk_95, volatility_status, run_id", "symbol");
        Assert.Equal(
            [["AAPL", null, 0.01200000000000001, "no_data", "five"], ["MSFT", null, 0.0020790020790020236, "no_data", "five"]],
            risk);
        var quality = LakeTable.Query(
            workspace.Lake, "gold/data_quality_metrics",
            "run_id, events_total, events_deduped, late_count, late_rate, duplicate_rate, late_status, duplicate_status, contract_version, ts_run::VARCHAR", "run_id");
        Assert.Equal([["five", 5L, 4L, 1L, 0.25, 0.19999999999999996, "critical", "critical", "v1", "2025-01-20 10:10:00+00"]], quality);

        var record = Record(workspace);
        Assert.Equal("published_with_breach", (string?)record["status"]);
        Assert.Equal(5, (long)record["raw_events"]!);
        Assert.Equal(2 + 1, (long)record["curated_records"]!); // two rows of risk_summary, one of data_quality_metrics
        Assert.Equal(0.25, (double)record["late_rate"]!);
        Assert.Equal(0.19999999999999996, (double)record["duplicate_rate"]!);
        Assert.Equal(0.01200000000000001, (double)record["value_at_risk"]!["AAPL"]!);
        Assert.Equal(0.0020790020790020236, (double)record["value_at_risk"]!["MSFT"]!);
        Assert.Null(record["volatility_latest"]!["AAPL"]);
        Assert.Equal("critical", (string?)record["late_status"]);
        Assert.Equal("critical", (string?)record["duplicate_status"]);
        Assert.False((bool)record["dq_passed"]!);
        Assert.Equal(["year=2025/month=01/day=20/hour=10"], record["partitions"]!.AsArray().Select(partition => (string?)partition));
    }

    [Fact]
    public void A_breach_withholds_silver_until_it_is_allowed()
    {
        using var workspace = new Workspace();
        string[] run = ["run", "--input", Cli.Fixture("five_events.json"), "--run-id", "five"];
        var blocked = workspace.Run(run).Ends(1);
        Assert.Contains("BLOCKED", blocked.Out, StringComparison.Ordinal);
        Assert.Contains("--allow-dq-breach", blocked.Out, StringComparison.Ordinal);
        Assert.False(Directory.Exists(Path.Combine(workspace.Lake, "silver")));
        Assert.Equal("blocked", (string?)Record(workspace)["status"]);
        Assert.Equal(0.01200000000000001, (double)Record(workspace)["withheld"]!["value_at_risk"]!["AAPL"]!);
        Assert.Contains("unchanged", workspace.Run(run).Ends(1).Out, StringComparison.Ordinal);

        workspace.Run([.. run, "--allow-dq-breach"]).Ends(0);
        Assert.Equal(4L, LakeTable.Query(workspace.Lake, "silver/market_events", "count(*)", "1")[0][0]);
        Assert.Contains("unchanged", workspace.Run(run).Ends(0).Out, StringComparison.Ordinal);
    }

    [Fact]
    public void The_summary_is_written_also_when_the_run_is_blocked()
    {
        using var workspace = new Workspace();
        var outcome = workspace.Run("run", "--input", Cli.Fixture("five_events.json"), "--run-id", "five", "--summary-json", "out/summary.json").Ends(1);
        var summary = JsonNode.Parse(File.ReadAllText(Path.Combine(workspace.Folder, "out", "summary.json")))!;
        Assert.Equal("blocked", (string?)summary["status"]);
        Assert.True(JsonNode.DeepEquals(Record(workspace), summary));
        Assert.Equal("five", (string?)workspace.Run("run", "--input", Cli.Fixture("five_events.json"), "--run-id", "five", "--summary-json", "-").Ends(1).Json["run_id"]);
        Assert.NotEmpty(outcome.Out);
    }

    [Fact]
    public void A_dry_run_says_all_and_publishes_nothing()
    {
        using var workspace = new Workspace();
        var outcome = workspace.Run("run", "--input", Cli.Fixture("sample_events.json"), "--run-id", "dry", "--dry-run").Ends(0);
        Assert.Contains("dry run", outcome.Out, StringComparison.Ordinal);
        Assert.False(Directory.Exists(workspace.Lake));
    }

    private static JsonNode Record(Workspace workspace) => JsonNode.Parse(File.ReadAllText(Path.Combine(workspace.Lake, "_runs", "five.json")))!;
}
