using RiskLake.Lake;
using RiskLake.Tests.Runs;

namespace RiskLake.Tests.Backfill;

/// <summary>Records that cannot be decoded belong to the day they are of, if their time can be told.</summary>
public sealed class UndecodableDayTests
{
    private const string Strict = """
        data_quality: {max_late_rate: 1.0, max_duplicate_rate: 1.0, max_quarantine_rate: 0.2}
        volatility: {warn: 0.03, critical: 0.07}
        """;

    [Fact]
    public void A_session_of_which_nothing_could_be_decoded_is_blocked_and_made_again()
    {
        using var desk = new BackfillDesk();
        desk.Desk.Write("config/strict.yaml", Strict);
        var day = BackfillDesk.Start.AddDays(1);
        string[] Lines(bool isBroken) => [.. Enumerable.Range(0, 50).Select(i =>
        {
            var line = BackfillDesk.Event($"e{i}", BackfillDesk.Start.AddDays(i / 10), i);
            return isBroken && i / 10 == 1 ? line.Replace("\"price\":100", "\"price\":\"100\"", StringComparison.Ordinal) : line;
        })];
        var input = desk.Write("in.ndjson", Lines(isBroken: true));
        var request = desk.Request(input) with { Run = desk.Desk.Request(input) with { ThresholdsPath = "config/strict.yaml" } };
        var outcome = desk.Backfill(request);
        Assert.Equal(4, outcome.ExitCode);
        Assert.Equal(["published", "blocked", "published", "published", "published"], outcome.Manifest.Items.Select(item => item.Status));
        Assert.Null(outcome.Manifest.Unassigned);
        var item = outcome.Manifest.Items[1];
        Assert.Equal((10L, 10L, 0L), (item.Records, item.Quarantined, item.Bronze));
        Assert.Equal(4, desk.Backfill(request with { Resume = true }).ExitCode);

        desk.Write("in.ndjson", Lines(isBroken: false));
        var again = desk.Backfill(request with { Resume = true });
        Assert.Equal(0, again.ExitCode);
        Assert.Equal(day, again.Manifest.Items.Single(made => made.Action != "keep").Date);
        Assert.Equal(50, desk.Desk.Rows(Layer.Silver, "market_events").Count);
    }

    [Fact]
    public void A_day_of_which_some_could_not_is_judged_by_its_own_share()
    {
        using var desk = new BackfillDesk();
        desk.Desk.Write("config/strict.yaml", Strict);
        var lines = Enumerable.Range(0, 50).Select(i =>
        {
            var line = BackfillDesk.Event($"e{i}", BackfillDesk.Start.AddDays(i / 10), i);
            return (i is >= 10 and < 13) || i == 20 ? line.Replace("\"price\":100", "\"price\":-1", StringComparison.Ordinal) : line;
        });
        foreach (var chunks in new[] { 1, 2 })
        {
            var input = desk.Write("in.ndjson", lines);
            var request = desk.Request(input) with
            {
                Force = chunks == 2, Run = desk.Desk.Request(input) with { ThresholdsPath = "config/strict.yaml", Threads = chunks },
            };
            var outcome = desk.Backfill(request);
            Assert.Equal(["published", "blocked", "published", "published", "published"], outcome.Manifest.Items.Select(item => item.Status));
            Assert.Equal([0L, 3L, 1L, 0L, 0L], outcome.Manifest.Items.Select(item => item.Quarantined ?? -1));
        }
    }

    [Fact]
    public void A_restatement_that_the_gate_blocks_may_have_a_column_more()
    {
        using var desk = new BackfillDesk();
        var input = desk.Write("in.ndjson", Enumerable.Range(0, 10).Select(i => BackfillDesk.Event($"e{i}", BackfillDesk.Start, i)));
        Assert.Equal(0, desk.Backfill(desk.Request(input)).ExitCode);
        var path = Path.Combine(desk.Desk.Folder, "config", "contracts", "market_event.v1.odcs.yaml");
        var text = File.ReadAllText(path);
        File.WriteAllText(path,
            text.Replace("      - name: price\n", "      - {name: venue, logicalType: string}\n      - name: price\n", StringComparison.Ordinal));
        Assert.NotEqual(text, File.ReadAllText(path));
        desk.Desk.Write("config/never.yaml",
            Strict.Replace("max_late_rate: 1.0", "max_late_rate: 0.0", StringComparison.Ordinal).Replace("0.2}", "0.2, late_seconds: 0}",
                StringComparison.Ordinal));
        var request = desk.Request() with { FromBronze = true, Run = desk.Desk.Request() with { ThresholdsPath = "config/never.yaml" } };
        for (var round = 0; round < 2; round++)
        {
            var outcome = desk.Backfill(request);
            Assert.Equal("blocked", Assert.Single(outcome.Manifest.Items).Status);
            Assert.StartsWith("blocked: max_late_rate", outcome.Manifest.Items[0].Error, StringComparison.Ordinal);
        }
    }
}
