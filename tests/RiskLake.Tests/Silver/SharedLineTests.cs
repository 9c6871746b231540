using CsCheck;
using RiskLake.Lake;
using RiskLake.Runs;
using RiskLake.Tests.Runs;

namespace RiskLake.Tests.Silver;

/// <summary>Records that stand on one line of their input, where bronze keeps the line and not the place in it.</summary>
public sealed class SharedLineTests
{
    // An event is one of a few keys that come again in other hours, or one of its own.
    private static readonly Gen<(int Key, int Hour, bool Glued)[]> s_records = Gen.Select(Gen.Int[0, 5], Gen.Int[0, 2], Gen.Bool).Array[2, 14];

    [Fact]
    public void What_silver_holds_follows_from_bronze_whatever_shares_a_line() => s_records.Sample(
        records =>
        {
            using var desk = new TestDesk(inMemory: true);
            var text = string.Concat(records.Select((record, i) => Event(record.Key, record.Hour, i) + (record.Glued ? "" : "\n")));
            desk.Run(desk.Request(desk.Write("glued.ndjson", text + "\n")) with { RunId = "glued", AllowBreach = true });
            Assert.Empty(new SilverVerification(desk.Lake, desk.Storage).Verify(CancellationToken.None));
            Assert.Equal(records.Where(record => record.Key > 0).DistinctBy(record => record.Key).Count() + records.Count(record => record.Key == 0),
                desk.Rows(Layer.Silver, "market_events").Count);
        },
        iter: 30);

    [Fact]
    public void Of_records_on_one_line_the_earlier_hour_is_first()
    {
        using var desk = new TestDesk(inMemory: true);
        var text = Event(0, 1, 7) + Event(1, 1, 0) + Event(1, 0, 1) + "\n";
        desk.Run(desk.Request(desk.Write("glued.ndjson", text)) with { RunId = "glued", AllowBreach = true });
        Assert.Empty(new SilverVerification(desk.Lake, desk.Storage).Verify(CancellationToken.None));
        var row = Assert.Single(desk.Rows(Layer.Silver, "market_events"), row => row["event_id"] == "key-1");
        Assert.Equal($"{new DateTimeOffset(2025, 1, 20, 10, 0, 2, TimeSpan.Zero).ToUnixTimeMilliseconds() * 1000}", row["ts_ingest"]);
    }

    private static string Event(int key, int hour, int i) =>
        $$"""{"event_id":"{{(key == 0 ? $"own-{i}" : $"key-{key}")}}","symbol":"AAA","price":2.0,"volume":1,"ts_event":"2025-01-20T09:59:58Z","""
        + FormattableString.Invariant($"\"ts_ingest\":\"2025-01-20T{10 + hour:00}:00:{1 + i:00}Z\",\"source\":\"x\"}}");
}
