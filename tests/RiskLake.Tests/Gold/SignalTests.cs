using System.Text.Json.Nodes;
using RiskLake.Contracts;
using RiskLake.Gold;
using RiskLake.Lake;
using RiskLake.Lake.Columns;
using RiskLake.Lake.Errors;
using RiskLake.Runs;

namespace RiskLake.Tests.Gold;

public sealed class SignalTests
{
    private const string Payrolls = """
        {"realtime_start":"1776-07-04","realtime_end":"9999-12-31","observations":[
        {"realtime_start":"2024-12-06","realtime_end":"2025-01-09","date":"2024-10-01","value":"159061"},
        {"realtime_start":"2025-01-10","realtime_end":"9999-12-31","date":"2024-10-01","value":"159068"},
        {"realtime_start":"2024-12-06","realtime_end":"2025-01-09","date":"2024-11-01","value":"159288"},
        {"realtime_start":"2025-01-10","realtime_end":"9999-12-31","date":"2024-11-01","value":"159280"}]}
        """;

    private const string Later = """
        {"realtime_start":"1776-07-04","realtime_end":"9999-12-31","observations":[
        {"realtime_start":"2025-01-10","realtime_end":"2025-02-06","date":"2024-12-01","value":"159536"},
        {"realtime_start":"2025-02-07","realtime_end":"9999-12-31","date":"2024-12-01","value":"158926"}]}
        """;

    private static readonly DateTime Release = new(2025, 1, 10, 15, 0, 0, DateTimeKind.Utc);

    [Fact]
    public void Risk_carries_what_was_known_at_its_as_of()
    {
        using var desk = new SignalDesk();
        desk.Land("PAYEMS.json", Payrolls);
        desk.Land("PAYEMS.json", Later);
        desk.Land("DGS10.csv", "observation_date,DGS10\n2024-12-24,4.59\n2024-12-25,.\n", "2024-12-26T12:00:00Z");
        foreach (var (run, day) in new[] { ("before", -40), ("day", 0), ("after", 1), ("later", 30) })
        {
            Assert.Equal(0, desk.Desk.Run(desk.Request(run, Release.AddDays(day))).ExitCode);
        }

        // On the very day of a publication nothing of it counts; a missing observation does not hide the value before it.
        string[] runs = ["before", "day", "after", "later"];
        Assert.Equal([null, 159288, 159536, 158926], runs.Select(run => desk.SignalsOf(run).GetValueOrDefault("PAYEMS")));
        Assert.Equal([null, 4.59, 4.59, null], runs.Select(run => desk.SignalsOf(run).GetValueOrDefault("DGS10")));
        Assert.Equal(["DGS10", "PAYEMS"], desk.SignalsOf("day").Keys);
        Assert.Empty(desk.SignalsOf("before"));
    }

    [Fact]
    public void By_receipt_nothing_counts_that_the_lake_had_not_received()
    {
        using var desk = new SignalDesk();
        desk.Desk.Write("config/signals.yaml", "known_by: receipt\nsignals: [{name: PAYEMS, source: fred}]\n");
        desk.Land("PAYEMS.json", Payrolls, "2025-01-15T00:00:00Z");
        desk.Desk.Run(desk.Request("before", Release.AddDays(2)));
        desk.Desk.Run(desk.Request("after", Release.AddDays(5)));
        Assert.Empty(desk.SignalsOf("before"));
        Assert.Equal(159280, desk.SignalsOf("after")["PAYEMS"]);
    }

    [Fact]
    public void Signals_that_come_later_change_neither_a_run_nor_its_proof()
    {
        using var desk = new SignalDesk();
        desk.Land("PAYEMS.json", Payrolls);
        var request = desk.Request("demo", Release.AddDays(1));
        desk.Desk.Run(request);
        Assert.Equal(159280, desk.SignalsOf("demo")["PAYEMS"]);
        desk.Land("PAYEMS.json", Later);
        Assert.True(desk.Desk.Run(request).IsUnchanged);
        Assert.All(Verify(desk, "demo").Files, file => Assert.Equal("equal", file.Status));

        // Another list is another run; the list that is proved is the recorded one.
        desk.Desk.Write("config/signals.yaml", "signals: []\n");
        Assert.Contains("configuration_changed", Verify(desk, "demo").Notes);
        Assert.False(desk.Desk.Run(request).IsUnchanged);
        Assert.Empty(desk.SignalsOf("demo"));
    }

    [Fact]
    public void Signals_published_while_a_run_works_are_read_again()
    {
        using var desk = new SignalDesk();
        desk.Land("PAYEMS.json", Payrolls);
        var request = desk.Request("demo", Release.AddDays(1));
        var meanwhile = new Meanwhile(() => desk.Land("PAYEMS.json", Later));
        var outcome = RunPipeline.Execute(request, meanwhile, TimeProvider.System, desk.Desk.Storage, CancellationToken.None);
        Assert.Equal(159536, desk.SignalsOf("demo")["PAYEMS"]);
        Assert.Equal(2, (long)outcome.Record["lake_version"]!["read"]!);
        Assert.All(Verify(desk, "demo").Files, file => Assert.Equal("equal", file.Status));

        // Signals that change nothing the run carries do not make it begin again.
        meanwhile = new Meanwhile(() => desk.Land("UNRATE.csv", "observation_date,UNRATE\n2024-12-01,4.1\n"));
        outcome = RunPipeline.Execute(desk.Request("other", Release.AddDays(2)), meanwhile, TimeProvider.System, desk.Desk.Storage, CancellationToken.None);
        Assert.Equal((3, 5), ((long)outcome.Record["lake_version"]!["read"]!, (long)outcome.Record["lake_version"]!["written"]!));
    }

    [Fact]
    public void The_summary_shows_the_latest_observation_of_each_series_of_the_run()
    {
        using var desk = new SignalDesk();
        desk.Land("PAYEMS.json", Payrolls);
        desk.Land("two.csv", "observation_date,DGS10,SOFR\n2025-12-24,4.15,3.7\n2025-12-25,.,\n");
        desk.Land("UNRATE.json", """
            {"realtime_start":"1776-07-04","realtime_end":"9999-12-31","observations":[
            {"realtime_start":"2025-11-07","realtime_end":"2025-12-05","date":"2025-10-01","value":"4.4"}]}
            """);
        var rows = desk.Desk.Rows(Layer.Gold, "external_signal_summary").OrderBy(row => row["name"], StringComparer.Ordinal).ToArray();
        Assert.Equal(
            [
                "DGS10 missing  not_reported 2 received", "PAYEMS available 159280  2 vintage", "SOFR missing  not_reported 2 received",
                "UNRATE withdrawn  withdrawn 1 vintage",
            ],
            rows.Select(row => $"{row["name"]} {row["status"]} {row["value"]} {row["missing_reason"]} {row["observations"]} {row["known_basis"]}"));
        Assert.All(rows, row => Assert.Equal(row["as_of"], row["ts_run"]));

        // Vintages of a day that is not over are not known, unless their bytes are there.
        desk.Land("GDPC1.json", """
            {"realtime_start":"1776-07-04","realtime_end":"9999-12-31","observations":[
            {"realtime_start":"2026-01-08","realtime_end":"9999-12-31","date":"2025-10-01","value":"24000.1"}]}
            """);
        Assert.Equal("unavailable", desk.Desk.Rows(Layer.Gold, "external_signal_summary").Single(row => row["name"] == "GDPC1")["status"]);
    }

    [Fact]
    public void A_lake_from_before_there_were_signals_is_read_and_gains_the_column()
    {
        using var desk = new SignalDesk();
        var lake = desk.Desk.Lake;
        var contract = ContractRegistry.Load(Path.Combine(desk.Desk.Folder, "config", "data_contracts.yaml")).Get("market_event");
        IReadOnlyList<ColumnSchema> before = [.. GoldStage.Schema(GoldStage.RiskSummary, contract).Where(column => column.Type != ColumnType.Map)];
        using (var held = lake.LockRun("old", TimeSpan.Zero, CancellationToken.None))
        {
            var folder = lake.StagingFolder("old");
            Directory.CreateDirectory(folder);
            var staging = new StagingContext(desk.Desk.Storage, folder, "old", contract);
            using var table = new StagedTable(staging, Layer.Gold, GoldStage.RiskSummary, "rows", before, []);
            using var batch = new RecordBatch(before);
            foreach (var column in batch.Columns)
            {
                AppendAny(column);
            }

            table.WriteAll(batch);
            var file = table.Seal(default);
            lake.Publish(new PublishContext(held), snapshot => Old(snapshot.Version, file), CancellationToken.None);
        }

        Assert.Equal(0, desk.Desk.Run(desk.Request("new", Release)).ExitCode);
        Assert.Equal(ColumnType.Map, lake.Snapshot().Schema(Layer.Gold, GoldStage.RiskSummary)!.Single(column => column.Name == "signals").Type);
        Assert.Empty(new LakeVerifier(lake).Verify(CancellationToken.None));
        Assert.Equal(3, desk.Desk.Rows(Layer.Gold, GoldStage.RiskSummary).Count);
    }

    [Theory]
    [InlineData("signals: [{name: DGS10, sorce: fred}]\n", "source")]
    [InlineData("known_by: publicaton\nsignals: []\n", "publication")]
    [InlineData("signals: [{name: DGS10, source: fred}, {name: DGS10, source: other}]\n", "each name once")]
    [InlineData("signals: [{name: DGS10, source: fred, max_age_days: -1}]\n", "0 to 36500 days")]
    [InlineData("signale: []\n", "signals")]
    public void A_list_of_signals_that_is_not_one_is_refused(string list, string expected)
    {
        using var desk = new SignalDesk();
        desk.Desk.Write("config/signals.yaml", list);
        var refused = Assert.Throws<RiskLakeException>(() => desk.Desk.Run(desk.Request("demo", Release)));
        Assert.Equal(ErrorCode.ConfigurationInvalid, refused.Code);
        Assert.Contains(expected, $"{refused.Expected} {refused.Next} {refused.Message}", StringComparison.Ordinal);
    }

    [Fact]
    public void A_dataset_without_signals_cannot_be_one_of_signals()
    {
        using var desk = new SignalDesk();
        desk.Desk.Write("config/signals.yaml", "dataset: market_events\nsignals: [{name: DGS10, source: fred}]\n");
        desk.Desk.Run(desk.Request("first", Release));
        var refused = Assert.Throws<RiskLakeException>(() => desk.Desk.Run(desk.Request("demo", Release.AddDays(1))));
        Assert.Contains("market_events", refused.Found, StringComparison.Ordinal);
    }

    private static void AppendAny(Column column)
    {
        if (column.Schema.IsBytes)
        {
            column.Append("text");
        }
        else
        {
            column.Append(1L);
        }
    }

    private static Publication Old(long version, StagedFile file) => new()
    {
        RunId = "old",
        Kind = PublicationKind.Publish,
        Status = RunStatus.Published,
        Fingerprint = "before",
        Dataset = "market_events",
        ContractVersion = "v1",
        VersionRead = version,
        Files = [file],
        Record = _ => new JsonObject { ["run_id"] = "old" },
    };

    private static Verification Verify(SignalDesk desk, string runId) => RunVerifier.Verify(
        desk.Desk.Request(), runId, Runs.TestDesk.Silent.Instance, TimeProvider.System, desk.Desk.Storage, CancellationToken.None);

    /// <summary>Does something between the evaluation of a run and its publication.</summary>
    private sealed class Meanwhile(Action act) : IRunProgress
    {
        public void Begin(string stage)
        {
            if (stage == "publish")
            {
                act();
            }
        }

        public void Advance(long records)
        {
        }

        public void End(string stage, TimeSpan duration)
        {
        }
    }
}
