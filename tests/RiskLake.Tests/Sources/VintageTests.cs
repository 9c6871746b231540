using CsCheck;
using RiskLake.Ingest.Silver;
using RiskLake.Ingest.Sources;
using RiskLake.Lake;
using RiskLake.Tests.Runs;

namespace RiskLake.Tests.Sources;

public sealed class VintageTests
{
    private static readonly StooqOptions Raw = new() { Adjustment = "raw" };

    [Fact]
    public void Landing_the_same_bytes_again_changes_nothing()
    {
        using var desk = new SourceDesk();
        var file = desk.Write("a_d.csv", "Date,Open,High,Low,Close\n2026-01-02,1,2,1,1.5\n");
        var first = desk.Land(file, Raw, StooqTarget.Bars);
        var entries = desk.Ledger.Entries();
        desk.Clock.Now = desk.Clock.Now.AddDays(3);
        Assert.Equal(first, desk.Land(file, Raw, StooqTarget.Bars));
        Assert.Equal(entries, desk.Ledger.Entries());
        Assert.Equal(["stooq", "stooq-records"], entries.Select(entry => entry.Source).Order());
    }

    [Fact]
    public void An_unchanged_row_keeps_the_time_of_its_first_and_a_changed_one_is_a_vintage()
    {
        using var desk = new SourceDesk();
        var early = desk.Write("a_d.csv", "Date,Open,High,Low,Close\n2026-01-02,1,2,1,1.50\n2026-01-05,1,2,1,1.6\n");
        desk.Bars(early, Raw);
        desk.Clock.Now = desk.Clock.Now.AddDays(1);
        var late = desk.Write("a_d.csv", "Date,Open,High,Low,Close\n2026-01-02,1,2,1,1.5\n2026-01-05,1,2,1,1.59\n2026-01-06,1,2,1,1.7\n");
        string[] expected = ["2026-01-07T12", "2026-01-08T12", "2026-01-08T12"];
        Assert.Equal(expected, desk.Bars(late, Raw).Select(bar => ((string)bar["vintage"]!)[..13]));
        Assert.Equal((1, 1), (desk.Tally.Unchanged, desk.Tally.Restated));
        desk.Clock.Now = desk.Clock.Now.AddDays(1);
        Assert.Equal(expected, desk.Bars(late, Raw).Select(bar => ((string)bar["ts_ingest"]!)[..13]));
        Assert.All(desk.Bars(early, Raw), bar => Assert.StartsWith("2026-01-07T12", (string)bar["vintage"]!, StringComparison.Ordinal));
    }

    [Fact]
    public void Events_are_made_of_first_vintages_only()
    {
        using var desk = new SourceDesk();
        var options = new StooqOptions { Market = "XNYS" };
        Assert.Equal(2, desk.Events(desk.Write("a_d.csv", "Date,Close,Volume\n2026-01-02,1.5,10\n2026-01-05,1.6,10\n"), options).Count);
        desk.Clock.Now = desk.Clock.Now.AddDays(1);
        var events = desk.Events(desk.Write("a_d.csv", "Date,Close,Volume\n2026-01-02,1.4,20\n2026-01-05,1.6,10\n2026-01-06,1.7,5\n"), options);
        Assert.Equal(["2026-01-05", "2026-01-06"], events.Select(item => ((string)item["ts_event"]!)[..10]));
        Assert.Equal(["2026-01-07", "2026-01-08"], events.Select(item => ((string)item["ts_ingest"]!)[..10]));
        Assert.Equal(1, desk.Tally.Left["restated"]);
    }

    /// <summary>Whatever snapshots come: a bar as known at any time is the row of the last snapshot up to then that has it.</summary>
    [Fact]
    public void As_known_at_any_time_bars_equal_the_snapshots_themselves() => Gen.Int[1, 3].Array[4].Array[1, 6].Sample(
        snapshots =>
        {
            using var desk = new SourceDesk();
            var vintages = new List<(string Session, long Vintage, string Close)>();
            for (var i = 0; i < snapshots.Length; i++)
            {
                desk.Clock.Now = desk.Clock.Now.AddHours(1);
                foreach (var bar in desk.Bars(desk.Write("a_d.csv", Text(snapshots[i])), Raw))
                {
                    var vintage = DateTimeOffset.Parse((string)bar["vintage"]!, System.Globalization.CultureInfo.InvariantCulture);
                    vintages.Add(((string)bar["session"]!, LandingLedger.Micros(vintage), bar["close"]!.ToJsonString()));
                }
            }

            var seen = snapshots.Select(Text).ToArray();
            var start = new DateTimeOffset(2026, 1, 7, 12, 0, 0, TimeSpan.Zero);
            for (var hour = 0; hour <= snapshots.Length; hour++)
            {
                var history = PointInTime<string, string>.OfInstants(KnowledgeTime.At(LandingLedger.Micros(start.AddHours(hour))));
                foreach (var (session, vintage, close) in vintages)
                {
                    history.Add(session, vintage, null, () => close);
                }

                for (var day = 0; day < 4; day++)
                {
                    // The same bytes landed again are not a new snapshot: what they say was said before.
                    string? expected = null;
                    for (var i = 0; i < hour; i++)
                    {
                        if (Array.IndexOf(seen, seen[i]) == i)
                        {
                            expected = $"{snapshots[i][day]}.5";
                        }
                    }

                    var isKnown = history.Known.TryGetValue($"2026-01-{5 + day:00}", out var known);
                    Assert.Equal(expected, known.Value);
                    Assert.Equal(expected is not null, isKnown);
                }
            }
        },
        iter: 30,
        threads: 1);

    [Fact]
    public void Snapshots_through_the_whole_pipeline_keep_every_vintage_once()
    {
        using var desk = new TestDesk();
        using var source = new SourceDesk();
        var contract = StooqTests.Contract("market_bar");
        string[] snapshots = [Text([1, 1, 1, 1]), Text([1, 2, 1, 1]), Text([1, 2, 1, 1]), Text([1, 1, 1, 3])];
        foreach (var snapshot in snapshots)
        {
            source.Clock.Now = source.Clock.Now.AddDays(1);
            var file = source.Write("abc_d.csv", snapshot);
            var outcome = desk.Run(desk.Request() with { Dataset = contract.Name, IsSnapshot = true, FromSource = _ => [source.Land(file, Raw, StooqTarget.Bars)] });
            Assert.Equal(0, outcome.ExitCode);
        }

        var rows = desk.Rows(Layer.Silver, contract.Dataset);
        Assert.Equal(7, rows.Count);
        Assert.Empty(desk.Rows(Layer.Quarantine, contract.Dataset));
        Assert.All(rows, row => Assert.Equal(row["vintage"], row["ts_ingest"]));
    }

    /// <summary>Whatever the clock says when snapshots come, the last of them is what is known in the end, and none changes its mind.</summary>
    [Fact]
    public void The_last_arrival_wins_whatever_the_clock_says() => Gen.Select(Gen.Int[-3, 3], Gen.Int[1, 3].Array[3]).Array[2, 6].Sample(arrivals =>
    {
        using var desk = new SourceDesk();
        var start = desk.Clock.Now;
        var told = new List<(InputFile File, string Records, DateTimeOffset At)>();
        var vintages = new List<(string Session, long Vintage, string Close)>();
        for (var i = 0; i < arrivals.Length; i++)
        {
            desk.Clock.Now = start.AddHours(arrivals[i].Item1);

            // A row of its own makes each snapshot other bytes, even where the bars are as they were once before.
            var file = desk.Write("a_d.csv", $"{Text(arrivals[i].Item2)}2026-02-{i + 1:D2},1,9,1,{i + 1}\n");
            var bars = desk.Bars(file, Raw);
            told.Add((file, string.Join('\n', bars.Select(bar => bar.ToJsonString())), desk.Clock.Now));
            vintages.AddRange(bars.Select(bar => ((string)bar["session"]!, Micros((string)bar["vintage"]!), bar["close"]!.ToJsonString())));
            var known = vintages.GroupBy(row => row.Session).ToDictionary(group => group.Key, group => group.MaxBy(row => row.Vintage).Close);
            Assert.All(bars, bar => Assert.Equal(bar["close"]!.ToJsonString(), known[(string)bar["session"]!]));
        }

        Assert.All(vintages.GroupBy(row => (row.Session, row.Vintage)), group => Assert.Single(group.Select(row => row.Close).Distinct()));
        foreach (var (file, records, _) in told)
        {
            desk.Clock.Now = desk.Clock.Now.AddDays(1);
            Assert.Equal(records, string.Join('\n', desk.Bars(file, Raw).Select(bar => bar.ToJsonString())));
        }
    }, iter: 60);

    [Fact]
    public void Bytes_under_a_name_in_the_landing_are_believed_only_with_its_digest()
    {
        using var desk = new SourceDesk();
        var file = desk.Write("a_d.csv", "Date,Open,High,Low,Close\n2026-01-02,1,2,1,1.5\n");
        var first = desk.Bars(file, Raw).Select(bar => bar.ToJsonString()).ToList();
        foreach (var entry in desk.Ledger.Entries())
        {
            File.WriteAllText(entry.Path, "Date,Open,High,Low,Close\n2026-01-02,1,99,1,99.5\n");
        }

        Assert.Equal(first, desk.Bars(file, Raw).Select(bar => bar.ToJsonString()));
        Assert.Empty(Landing(desk));
    }

    [Fact]
    public void A_changed_bit_of_the_ledger_or_the_vintages_is_an_error() => Gen.Select(Gen.Int[0, 1_000_000], Gen.Int[0, 7], Gen.Int[0, 100]).Sample((at, bit, which) =>
    {
        using var desk = new SourceDesk();
        var file = desk.Write("a_d.csv", "Date,Open,High,Low,Close\n2026-01-02,1,2,1,1.5\n");
        var first = desk.Bars(file, Raw).Select(bar => bar.ToJsonString()).ToList();
        var files = Directory.GetFiles(Path.Combine(desk.Folder, "lake", "_landing"), "*", SearchOption.AllDirectories)
            .Where(path => Path.GetFileName(path) != ".lock").Order(StringComparer.Ordinal).ToList();
        var path = files[which % files.Count];
        var bytes = File.ReadAllBytes(path);
        bytes[at % bytes.Length] ^= (byte)(1 << bit);
        File.WriteAllBytes(path, bytes);
        Assert.Single(Landing(desk));
        try
        {
            Assert.Equal(first, desk.Bars(file, Raw).Select(bar => bar.ToJsonString()));
        }
        catch (RiskLake.Lake.Errors.RiskLakeException exception)
        {
            Assert.Equal(RiskLake.Lake.Errors.ErrorCode.LakeDamaged, exception.Code);
        }
    }, iter: 60);

    private static List<LakeFinding> Landing(SourceDesk desk) =>
        [.. new LandingVerifier(LakeStore.Open(Path.Combine(desk.Folder, "lake"), new RiskLake.Lake.Storage.PosixStorage(), desk.Clock)).Verify(CancellationToken.None)];

    private static long Micros(string instant) =>
        LandingLedger.Micros(DateTimeOffset.Parse(instant, System.Globalization.CultureInfo.InvariantCulture));

    private static string Text(int[] closes) => "Date,Open,High,Low,Close\n" + string.Concat(closes.Select((close, day) => $"2026-01-{5 + day:00},1,9,1,{close}.5\n"));
}
