using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;

namespace RiskLake.EndToEnd;

/// <summary>Backfills through the real program.</summary>
public sealed class BackfillCommandTests
{
    private static readonly string[] Range = ["--start-date", "2025-01-06", "--end-date", "2025-01-31"];

    [Fact]
    public void The_command_of_the_specification_ends_well()
    {
        using var workspace = new Workspace();
        workspace.Run("backfill", "--start-date", "2025-01-01", "--end-date", "2025-01-03", "--allow-dq-breach").Ends(0);
        var manifest = JsonNode.Parse(File.ReadAllText(Path.Combine(workspace.Lake, "_runs", "backfill-2025-01-01-2025-01-03.json")))!;
        Assert.Equal("2025-01-01", (string?)manifest["start_date"]);
        Assert.Equal("2025-01-03", (string?)manifest["end_date"]);
        Assert.Equal(2, (int)manifest["runs_requested"]!);
        Assert.Equal(2, (int)manifest["runs_completed"]!);
        Assert.Equal(0, (int)manifest["runs_failed"]!);
        Assert.Equal(["backfill-2025-01-02", "backfill-2025-01-03"], manifest["run_ids"]!.AsArray().Select(id => (string)id!));
        Assert.Empty(manifest["failures"]!.AsArray());
        workspace.Run("lake", "verify").Ends(0);
        workspace.Run("runs", "verify", "backfill-2025-01-02").Ends(0);
        var plan = workspace.Run("backfill", "--start-date", "2025-01-01", "--end-date", "2025-01-03", "--resume", "--dry-run", "-o", "json").Ends(0).Json.AsArray();
        Assert.Equal("none", (string?)plan[0]!["action"]);
        Assert.All(plan.Skip(1), day => Assert.Equal("keep", (string?)day!["action"]));
        Assert.Single(workspace.Run("backfill", "status", "-o", "json").Ends(0).Json.AsArray());
    }

    [Fact]
    public void A_killed_backfill_is_resumed_to_the_same_lake()
    {
        using var calm = new Workspace();
        var input = Input(calm);
        calm.Run(["backfill", .. Range, "--input", input, "--parallel", "1"]).Ends(0);
        using var killed = new Workspace();
        var random = new Random(7);
        for (var attempt = 0; attempt < 4; attempt++)
        {
            using var process = Process.Start(Cli.Describe(Cli.Launcher, killed.Folder, ["backfill", .. Range, "--input", input, "--parallel", "3"], null))!;
            Cli.Finish(process, null, () =>
            {
                Thread.Sleep(300 + random.Next(900));
                process.Kill(entireProcessTree: true);
            });
        }

        killed.Run(["backfill", .. Range, "--input", input, "--resume", "--parallel", "2"]).Ends(0);
        Assert.Equal(calm.Digests(), killed.Digests());
        killed.Run("lake", "verify").Ends(0);
        var days = killed.Run(["backfill", "status", .. Range, "-o", "json"]).Ends(0).Json.AsArray();
        Assert.Equal(20, days.Count(day => (string?)day!["status"] is "published"));
    }

    [Fact]
    public void From_bronze_makes_silver_and_gold_again_and_leaves_bronze_alone()
    {
        using var workspace = new Workspace();
        var input = Input(workspace);
        workspace.Run(["backfill", .. Range, "--input", input]).Ends(0);
        var before = workspace.Digests();
        var restated = workspace.Run("backfill", "--start-date", "2025-01-07", "--end-date", "2025-01-08", "--from-bronze", "--window-minutes", "10", "-o", "json").Ends(0).Json.AsArray();
        Assert.Equal(["backfill-2025-01-07", "backfill-2025-01-08"], restated.Select(run => (string)run!["run_id"]!));
        Assert.All(restated, run => Assert.Equal(2, (int)run!["attempt"]!));
        var after = workspace.Digests();
        Assert.Equal(before.Where(file => file.Key.StartsWith("bronze", StringComparison.Ordinal)), after.Where(file => file.Key.StartsWith("bronze", StringComparison.Ordinal)));
        Assert.NotEqual(before, after);
        workspace.Run("lake", "verify").Ends(0);
    }

    [Theory]
    [InlineData("--start-date", "2025-01-03", "--end-date", "2025-01-01")]
    [InlineData("--start-date", "2025-1-3", "--end-date", "2025-01-05")]
    [InlineData("--start-date", "2025-01-03")]
    [InlineData("--start-date", "2025-01-03", "--end-date", "2025-01-05", "--calendar", "XXXX")]
    public void Wrong_options_are_refused(params string[] options)
    {
        using var workspace = new Workspace();
        Assert.Empty(workspace.Run(["backfill", .. options]).Ends(2).Out);
        Assert.False(Directory.Exists(workspace.Lake));
    }

    private static string Input(Workspace workspace)
    {
        var text = new StringBuilder();
        for (var day = new DateOnly(2025, 1, 6); day <= new DateOnly(2025, 1, 31); day = day.AddDays(1))
        {
            for (var i = 0; i < 200 && day.DayOfWeek is not (DayOfWeek.Saturday or DayOfWeek.Sunday); i++)
            {
                text.Append(CultureInfo.InvariantCulture, $$"""{"event_id":"{{day:yyyyMMdd}}-{{i}}","symbol":"AAPL","price":{{100 + (i % 7)}},"volume":1,"ts_event":"{{day:yyyy-MM-dd}}T{{15 + (i / 60)}}:{{i % 60:00}}:00Z","ts_ingest":"{{day:yyyy-MM-dd}}T{{15 + (i / 60)}}:{{i % 60:00}}:01Z","source":"s"}""").Append('\n');
            }
        }

        return workspace.Write("events.ndjson", text.ToString());
    }
}
