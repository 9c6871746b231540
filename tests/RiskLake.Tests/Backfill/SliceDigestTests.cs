using System.Security.Cryptography;
using System.Text;
using static RiskLake.Tests.Backfill.BackfillDesk;

namespace RiskLake.Tests.Backfill;

/// <summary>The digest of a day is that of a file with its records and nothing else.</summary>
public sealed class SliceDigestTests
{
    [Fact]
    public void Of_lines_it_is_that_of_the_days_lines_whatever_stands_between_them()
    {
        using var desk = new BackfillDesk();
        string[] first = [Event("a", Start), Event("b", Start.AddDays(1)), Event("c", Start)];
        string[] second = [Event("d", Start), "{broken", Event("e", Start.AddDays(1), 5)];
        desk.Desk.Write("one.ndjson", string.Join("\r\n", first.Append("")));
        desk.Desk.Write("two.ndjson", string.Join("\n\n", second)); // Blank lines, and none at the end.
        var items = desk.Backfill(desk.Request("one.ndjson", "two.ndjson")).Manifest.Items;
        Assert.Equal(Digest(first[0], first[2], second[0]), items[0].SliceSha256);
        Assert.Equal(Digest(first[1], second[2]), items[1].SliceSha256);
        var inputs = desk.Lake.ReadRecord("backfill-2025-01-06")!["inputs"]!.AsArray();
        Assert.Equal([Digest(first[0], first[2]), Digest(second[0])], inputs.Select(input => (string?)input!["sha256"]));
        Assert.Equal([(long)(first[0].Length + first[2].Length), second[0].Length], inputs.Select(input => (long)input!["bytes"]!));
    }

    [Fact]
    public void A_key_on_two_days_counts_where_it_goes_to()
    {
        using var desk = new BackfillDesk();
        string[] lines = [Event("k", Start.AddDays(4)), Event("y", Start), Event("k", Start), Event("z", Start, 3), Event("k", Start.AddDays(4))];
        var input = desk.Write("in.ndjson", lines);
        var items = desk.Backfill(desk.Request(input)).Manifest.Items;
        Assert.Equal(Digest(lines[1], lines[3]), items[0].SliceSha256);
        Assert.Equal(Digest(lines[0], lines[2], lines[4]), items[4].SliceSha256);

        // The day that lost the record has the same digest when the other is out of range.
        Assert.Equal(items[0].SliceSha256, desk.Backfill(desk.Request(input) with { EndDate = Start, DryRun = true }).Manifest.Items[0].SliceSha256);
    }

    [Fact]
    public void A_row_of_csv_means_nothing_without_its_header()
    {
        using var desk = new BackfillDesk();
        const string Header = "event_id,symbol,price,volume,ts_event,ts_ingest,source";
        const string Row = "a,AAPL,100,10,2025-01-06T17:00:00Z,2025-01-06T17:00:01Z,s";
        string? Of(params string[] lines) => desk.Backfill(desk.Request(desk.Write("in.csv", lines)) with { DryRun = true }).Manifest.Items[0].SliceSha256;
        var alone = Of(Header, Row);
        Assert.NotNull(alone);
        Assert.Equal(alone, Of(Header, Row, "b,AAPL,100,10,2025-01-07T17:00:00Z,2025-01-07T17:00:01Z,s"));
        Assert.NotEqual(alone, Of("source,symbol,price,volume,ts_event,ts_ingest,event_id", Row));

        // One file, or two with the same header, are the same slice.
        var other = Row.Replace("a,AAPL", "c,AAPL", StringComparison.Ordinal);
        var whole = Of(Header, Row, other);
        desk.Write("in/1.csv", [Header, Row]);
        desk.Write("in/2.csv", [Header, other]);
        Assert.Equal(whole, desk.Backfill(desk.Request("in") with { DryRun = true }).Manifest.Items[0].SliceSha256);
    }

    private static string Digest(params string[] lines) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Concat(lines.Select(line => line + "\n")))));
}
