using System.Globalization;
using System.Text;
using RiskLake.EndToEnd.Crash;

namespace RiskLake.EndToEnd.Silver;

/// <summary>No row of silver outlives the record it came from, and what a run corrects is corrected.</summary>
public sealed class CorrectionTests
{
    private const string Prices =
        "SELECT min(price), max(price), count(*), count(DISTINCT bronze_run_id), min(bronze_run_id) FROM silver.market_events";

    [Fact]
    public void A_run_that_shared_its_keys_with_one_withdrawn_can_correct_them()
    {
        using var workspace = new Workspace();
        workspace.Write("feed.ndjson", Events(30, 50));
        Publish(workspace, "feed.ndjson", "early");
        Publish(workspace, "feed.ndjson", "late");
        workspace.Run("runs", "withdraw", "early", "--reason", "wrong prices").Ends(0);
        Assert.Equal("50.25 54.25 30 1 late", Single(workspace, Prices));
        workspace.Write("feed.ndjson", Events(30, 70));
        Publish(workspace, "feed.ndjson", "late");

        Assert.Equal("70.25 74.25 30 1 late", Single(workspace, Prices));
        Assert.Equal("70.25", Single(workspace, "SELECT min(price) FROM bronze.market_events"));
        Assert.Equal("30 70.25 74.25", Single(workspace, "SELECT sum(trades), min(low), max(high) FROM gold.market_bars_runs"));
        Assert.Equal("30 0 0 0 false",
            Single(workspace, "SELECT own_records, duplicates, already_published, conflicts, stale FROM lake.runs WHERE run_id = 'late'"));
        Agree(workspace);
    }

    [Fact]
    public void A_correction_placed_before_the_run_it_corrects_wins_and_leaves_it_stale_until_it_is_refreshed()
    {
        using var workspace = new Workspace();
        workspace.Write("feed.ndjson", Events(30, 50));
        workspace.Write("better.ndjson", Events(12, 70));
        Publish(workspace, "feed.ndjson", "feed");
        workspace.Run("run", "--input", "better.ndjson", "--run-id", "refused", "--quiet").Ends(1);
        workspace.Run("run", "--input", "better.ndjson", "--run-id", "better", "--corrects", "feed", "--quiet").Ends(0);

        const string runs =
            "SELECT run_id, own_records, already_published, conflicts, stale FROM lake.runs WHERE status LIKE 'published%' ORDER BY run_id";
        Assert.Equal("better 12 0 0 false;feed 18 0 12 true", All(workspace, runs));
        Assert.Equal("12 18",
            Single(workspace, "SELECT count(*) FILTER (price >= 70), count(*) FILTER (price < 70) FROM silver.market_events"));
        Assert.Equal("54.25", Single(workspace, "SELECT max(high) FROM gold.market_bars_runs WHERE run_id = 'feed'"));
        workspace.Run("runs", "refresh").Ends(0);
        Assert.Equal("better 12 0 0 false;feed 18 0 12 false", All(workspace, runs));
        Assert.Equal("74.25", Single(workspace, "SELECT max(high) FROM gold.market_bars_runs WHERE run_id = 'feed'"));
        workspace.Run("runs", "verify", "feed").Ends(0);

        workspace.Run("runs", "withdraw", "better", "--reason", "not better").Ends(0);
        Assert.Equal("feed 30 0 0 true", All(workspace, runs));
        Assert.Equal("50.25 54.25 30 1 feed", Single(workspace, Prices));
        Agree(workspace);
    }

    [Fact]
    public void Silver_is_empty_when_every_run_that_held_its_keys_is_withdrawn()
    {
        using var workspace = new Workspace();
        workspace.Write("feed.ndjson", Events(30, 50));
        workspace.Write("more.ndjson", Events(40, 50));
        Publish(workspace, "feed.ndjson", "early");
        Publish(workspace, "more.ndjson", "late");
        workspace.Write("feed.ndjson", Events(10, 50));
        Publish(workspace, "feed.ndjson", "early");
        Assert.Equal("50.25 54.25 40 2 early", Single(workspace, Prices));
        foreach (var run in new[] { "early", "late" })
        {
            workspace.Run("runs", "withdraw", run, "--reason", "both are wrong").Ends(0);
        }

        Assert.Equal("0", Single(workspace, "SELECT count(*) FROM silver.market_events"));
        var silver = Path.Combine(workspace.Lake, "silver");
        Assert.False(Directory.Exists(silver) && Directory.EnumerateFiles(silver, "*", SearchOption.AllDirectories).Any());
        Agree(workspace);
    }

    /// <summary>Events whose prices lie between one and that plus four.</summary>
    private static string Events(int count, int price)
    {
        var text = new StringBuilder();
        for (var index = 0; index < count; index++)
        {
            var time = new DateTime(2025, 3, 4, 15, 0, 0, DateTimeKind.Utc).AddSeconds(20 * index);
            text.Append(CultureInfo.InvariantCulture,
                $$"""{"event_id":"q{{index}}","symbol":"ZZA","price":{{price + (index % 5)}}.25,"volume":5,""");
            text.Append(CultureInfo.InvariantCulture, $"\"ts_event\":\"{time:yyyy-MM-dd'T'HH:mm:ss}Z\",\"source\":\"test\",");
            text.Append(CultureInfo.InvariantCulture, $"\"ts_ingest\":\"{time.AddSeconds(1):yyyy-MM-dd'T'HH:mm:ss}Z\"}}\n");
        }

        return text.ToString();
    }

    private static void Publish(Workspace workspace, string input, string run) =>
        workspace.Run("run", "--input", input, "--run-id", run, "--quiet").Ends(0);

    private static string Single(Workspace workspace, string sql) => Assert.Single(Rows(workspace, sql));

    private static string All(Workspace workspace, string sql) => string.Join(';', Rows(workspace, sql));

    private static IEnumerable<string> Rows(Workspace workspace, string sql) =>
        workspace.Run("data", "sql", sql, "-o", "json").Ends(0).Json.AsArray()
        .Select(row => string.Join(' ', row!.AsObject().Select(cell => cell.Value?.ToJsonString().Trim('"') ?? "null")));

    /// <summary>The lake verifies, and the tree and an independent reader of Delta see the same.</summary>
    private static void Agree(Workspace workspace)
    {
        workspace.Run("lake", "verify", "--quiet").Ends(0);
        using var tree = new TreeReader(workspace.Lake);
        var notes = tree.Tables().Select(table => tree.Note(table.Table, table.Version)).ToList();
        if (DeltaReader.Missing is { } missing)
        {
            Assert.Skip(missing);
        }

        DeltaReader.Compare(workspace.Lake, notes);
    }
}
