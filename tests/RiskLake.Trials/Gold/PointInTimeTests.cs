using System.Globalization;
using CsCheck;
using RiskLake.Contracts;
using RiskLake.Gold;
using RiskLake.Ingest.Silver;
using RiskLake.Lake;
using RiskLake.Tests.Gold;
using RiskLake.Tests.Runs;

namespace RiskLake.Trials.Gold;

/// <summary>Whatever vintages there are: what is read as of a time is what a search through all of them finds, and nothing later shows.</summary>
public sealed class PointInTimeTests
{
    private const long Day = 86_400_000_000;
    private const long FirstDay = 20_000;

    /// <summary>A vintage of a series: period and days counted from the first.</summary>
    private sealed record Published(int Period, int KnownDay, int ReceivedHour, int? Value, bool IsWithdrawn);

    private static readonly Gen<Published> Vintage = Gen.Select(
        Gen.Int[0, 3], Gen.Int[0, 9], Gen.Int[-12, 60],
        Gen.Frequency((1, Gen.Const((int?)null)), (4, Gen.Int[1, 99].Select(value => (int?)value))), Gen.Int[0, 6],
        (period, day, lag, value, kind) => new Published(period, day, (day * 24) + lag, kind == 0 ? null : value, kind == 0));

    [Fact]
    public void Signals_as_of_any_time_are_what_a_search_through_all_vintages_finds() => Vintage.Array[1, 30].Sample(
        vintages =>
        {
            using var desk = new TestDesk(inMemory: true);
            var rows = vintages.DistinctBy(vintage => (vintage.Period, vintage.KnownDay)).ToArray();
            Publish(desk, "all", rows);
            var lake = desk.Lake;
            for (var hour = -30; hour <= 300; hour += 7)
            {
                var at = (FirstDay * Day) + (hour * Day / 24);
                var found = Read(lake, KnowledgeTime.At(at));
                Assert.Equal(Search(rows, vintage => IsKnown(vintage, hour)), found);
            }

            for (var day = -1; day <= 10; day++)
            {
                Assert.Equal(Search(rows, vintage => vintage.KnownDay <= day), Read(lake, KnowledgeTime.EndOf(FirstDay + day)));
            }
        },
        iter: 15,
        threads: 1);

    [Fact]
    public void Later_vintages_change_no_earlier_answer() => Gen.Select(Vintage.Array[1, 20], Vintage.Array[1, 20], Gen.Int[0, 9]).Sample(
        (early, late, day) =>
        {
            using var desk = new TestDesk(inMemory: true);
            var before = early.Where(vintage => vintage.KnownDay <= day).DistinctBy(vintage => (vintage.Period, vintage.KnownDay)).ToArray();
            var after = late.Where(vintage => vintage.KnownDay > day).DistinctBy(vintage => (vintage.Period, vintage.KnownDay)).ToArray();
            Publish(desk, "before", before);
            var ends = KnowledgeTime.EndOf(FirstDay + day);
            var instant = KnowledgeTime.At(((FirstDay + day + 1) * Day) - 1);
            var (atEnd, atInstant) = (Read(desk.Lake, ends), Read(desk.Lake, instant));
            Publish(desk, "after", after);
            Assert.Equal(atEnd, Read(desk.Lake, ends));
            Assert.Equal(atInstant, Read(desk.Lake, instant));
        },
        iter: 25,
        threads: 1);

    [Fact]
    public void Bars_as_of_any_time_are_those_of_the_last_snapshot_up_to_then() =>
        Gen.Select(Gen.Int[0, 3], Gen.Int[0, 11], Gen.Int[1, 99]).Array[1, 30].Sample(
            drawn =>
            {
                using var desk = new TestDesk(inMemory: true);
                var rows = drawn.Select(row => (Bar: row.Item1, Hour: row.Item2, Close: row.Item3)).DistinctBy(row => (row.Bar, row.Hour)).ToArray();
                var lines = rows.Select(row => string.Create(
                    CultureInfo.InvariantCulture,
                    $$"""
                    {"source":"stooq","symbol":"S{{row.Bar % 2}}","frequency":"d","bar_time":"2026-01-0{{row.Bar + 1}}T00:00:00Z","adjustment":"all",
                    "vintage":"2026-02-01T{{row.Hour:00}}:00:00Z","session":"2026-01-0{{row.Bar + 1}}","clock":"day","close":{{row.Close}},
                    "landed":"x","origin":"y","ts_ingest":"2026-02-01T{{row.Hour:00}}:00:00Z"}
                    """).ReplaceLineEndings(" "));
                Assert.Equal(0, desk.Run(desk.Request(desk.WriteEvents(lines)) with { Dataset = "market_bar" }).ExitCode);
                var start = new DateTimeOffset(2026, 2, 1, 0, 0, 0, TimeSpan.Zero).ToUnixTimeMilliseconds() * 1000;
                for (var hour = -1; hour <= 12; hour++)
                {
                    var known = PointInTime<BarKey, BarValue>.OfInstants(KnowledgeTime.At(start + (hour * Day / 24)));
                    foreach (var path in SilverFiles.Holding(desk.Lake, desk.Lake.Snapshot(), "market_bars", "symbol", ["S1"]))
                    {
                        BarVintages.Read(path, known, ["S1"]);
                    }

                    var expected = rows.Where(row => row.Hour <= hour && row.Bar % 2 == 1).GroupBy(row => row.Bar)
                        .Select(bar => (bar.Key, (double)bar.MaxBy(row => row.Hour).Close)).Order();
                    var first = new DateOnly(2026, 1, 1).DayNumber - DateOnly.FromDateTime(DateTime.UnixEpoch).DayNumber;
                    Assert.Equal(expected, known.Known.Select(pair => ((int)(pair.Value.Value.Session - first), pair.Value.Value.Close)).Order());
                }
            },
            iter: 15,
            threads: 1);

    [Fact]
    public void A_day_is_over_when_it_is_over_where_it_was_published()
    {
        var day = new DateOnly(2025, 1, 10).DayNumber - DateOnly.FromDateTime(DateTime.UnixEpoch).DayNumber;
        bool Knows(int hours, long? received = null) => KnowledgeTime.At((day * Day) + (hours * Day / 24)).Knows(day, received);
        Assert.Equal([false, false, true, true], new[] { 13, 29, 30, 48 }.Select(hours => Knows(hours)));
        var noon = (day * Day) + (Day / 2);
        Assert.Equal([false, true, true], new[] { 11, 12, 13 }.Select(hours => Knows(hours, noon)));
        Assert.False(Knows(-1, noon - Day));
        Assert.True(KnowledgeTime.EndOf(day).Knows(day, null));
        Assert.False(KnowledgeTime.EndOf(day).Knows(day + 1, 0));
    }

    /// <summary>What the reference says: the day was over, or it had begun and the bytes were there.</summary>
    private static bool IsKnown(Published vintage, int hour) =>
        hour >= ((vintage.KnownDay + 1) * 24) + 6 || (hour >= vintage.KnownDay * 24 && hour >= vintage.ReceivedHour);

    private static List<(int Period, double? Value, string Status)> Search(IReadOnlyList<Published> rows, Func<Published, bool> isKnown) =>
    [
        .. rows.Where(isKnown).GroupBy(row => row.Period).OrderBy(period => period.Key).Select(period => period.MaxBy(row => row.KnownDay)!)
            .Select(row => (row.Period, (double?)row.Value, row.IsWithdrawn ? "withdrawn" : row.Value is null ? "missing" : "available")),
    ];

    private static List<(int Period, double? Value, string Status)> Read(LakeStore lake, KnowledgeTime time)
    {
        var known = PointInTime<SignalPeriod, SignalValue>.OfDays(time);
        foreach (var path in SilverFiles.Holding(lake, lake.Snapshot(), "external_signals", "name", ["PAYEMS"]))
        {
            SignalVintages.Read(path, known, ["PAYEMS"]);
        }

        return
        [
            .. known.Known.OrderBy(pair => pair.Key)
                .Select(pair => ((int)(pair.Key.Period - FirstDay + 100), pair.Value.Value.Value, pair.Value.Value.Status)),
        ];
    }

    private static void Publish(TestDesk desk, string runId, IReadOnlyList<Published> rows)
    {
        if (rows.Count == 0)
        {
            return;
        }

        string Date(long days) => DateOnly.FromDateTime(DateTime.UnixEpoch).AddDays((int)days).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
        var lines = rows.Select(row =>
        {
            var received = DateTime.UnixEpoch.AddDays(FirstDay).AddHours(row.ReceivedHour).ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
            var value = row.Value is { } number
                ? string.Create(CultureInfo.InvariantCulture, $"\"value\":{number}")
                : $"\"missing_reason\":\"{(row.IsWithdrawn ? "withdrawn" : "not_reported")}\"";
            var day = Date(FirstDay + row.KnownDay);
            return $$"""
                {"source":"fred","name":"PAYEMS","period":"{{Date(FirstDay - 100 + row.Period)}}","known_from":"{{day}}",
                "is_withdrawn":{{(row.IsWithdrawn ? "true" : "false")}},{{value}},"known_basis":"vintage","units":"u","frequency":"f","licence":"l",
                "asked_from":"{{day}}","asked_through":"{{day}}","landed":"x","origin":"y","ts_ingest":"{{received}}"}
                """.ReplaceLineEndings(" ");
        });
        var outcome = desk.Run(desk.Request(desk.WriteEvents(lines)) with { Dataset = "external_signal", RunId = runId });
        Assert.Equal(0, outcome.ExitCode);
        Assert.Equal(rows.Count, (long)outcome.Record["conservation"]!["own_silver"]!);
    }
}
