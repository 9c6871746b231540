using RiskLake.Backfill;
using RiskLake.Lake;
using RiskLake.Lake.Errors;
using RiskLake.RiskRuns;
using RiskLake.Runs;
using RiskLake.Tests.Lake;
using static RiskLake.Tests.Backfill.BackfillDesk;

namespace RiskLake.Tests.Backfill;

/// <summary>The second phase: the risk of each day, at the one version the days reached.</summary>
public sealed class RiskPhaseTests
{
    private static readonly DateOnly Monday = new(2025, 1, 13);

    [Fact]
    public void Each_day_has_the_risk_of_its_own_history_whatever_the_order_and_the_accidents()
    {
        using var calm = new BackfillDesk();
        var outcome = calm.Backfill(Request(calm, Lines()) with { Parallel = 1 });
        Assert.Equal(0, outcome.ExitCode);
        var ids = Enumerable.Range(0, 5).Select(day => $"backfill-risk-{Monday.AddDays(day):yyyy-MM-dd}").ToArray();
        Assert.Equal(ids.Select(id => $"{id} published"), outcome.Manifest.Risk.Select(item => $"{item.RunId} {item.Status}"));
        Assert.Equal(5, outcome.Manifest.RiskLakeVersion);
        Assert.All(outcome.Manifest.Risk, item => Assert.Equal(5, (long)calm.Lake.ReadRecord(item.RunId!)!["lake_version"]!["read"]!));
        foreach (var item in outcome.Manifest.Risk)
        {
            var proof = RiskVerification.Verify(Risk(calm) with { RunId = item.RunId }, [], TimeProvider.System, calm.Desk.Storage, CancellationToken.None);
            Assert.True(proof.Passed && proof.Files.Count > 0);
        }

        var limits = calm.Lake.Snapshot().Runs[LimitEpisodes.RunId];
        Assert.Equal((1, true), (limits.Attempt, limits.IsPublished));
        Assert.Equal(5, calm.Desk.Rows(Layer.Gold, "limit_evaluations").Select(row => row["_run_id"]).Distinct().Count());
        var returns = calm.Desk.Rows(Layer.Gold, "risk_measures").GroupBy(row => row["_run_id"]!)
            .ToDictionary(run => run.Key, run => run.Max(row => int.Parse(row["observations"]!)));
        Assert.Equal([0, 1, 2, 3, 4], ids.Select(id => returns[id]));

        using var killed = new BackfillDesk();
        var request = Request(killed, Lines()) with { Parallel = 3 };
        foreach (var step in new[] { 900, 300, 150 })
        {
            var storage = new FaultyStorage(step, Fault.Kill) { Paused = false };
            try
            {
                killed.Backfill(request, new SerialisedStorage(storage));
            }
            catch (Exception e) when (e is KilledException or RiskLakeException)
            {
                TellsTheTruth(killed);
            }
        }

        Assert.Equal(0, killed.Backfill(request with { Resume = true }).ExitCode);
        Assert.Equal(calm.Digests(), killed.Digests());
    }

    [Fact]
    public void A_price_that_changes_makes_exactly_the_risk_stale_that_it_is_in()
    {
        using var desk = new BackfillDesk();
        desk.Backfill(Request(desk, Lines()));
        var lines = Lines();
        lines[3] = Event("e3", Monday.AddDays(3), price: 140);
        var request = Request(desk, lines);
        var plan = desk.Backfill(request with { DryRun = true }).Manifest.Risk;
        string[] expected = [BackfillAction.Keep, BackfillAction.Keep, BackfillAction.Keep, BackfillAction.Recompute, BackfillAction.Recompute];
        Assert.Equal(expected, plan.Select(item => item.Action));
        Assert.Contains("days from 2025-01-16 on are made", plan[4].Reason, StringComparison.Ordinal);
        var outcome = desk.Backfill(request);
        Assert.Equal([1, 1, 1, 2, 2], outcome.Manifest.Risk.Select(item => item.Attempt!.Value));
        Assert.Equal(0, outcome.ExitCode);

        // An event that is not the last of its session changes the day, and no price.
        lines.Insert(0, Event("early", Monday.AddDays(1), -60));
        var earlier = desk.Backfill(Request(desk, lines)).Manifest;
        Assert.Equal([1, 2, 1, 2, 1], earlier.Items.Select(item => item.Attempt!.Value));
        Assert.Equal([1, 1, 1, 2, 2], earlier.Risk.Select(item => item.Attempt!.Value));

        // Without the days: settings alone.
        desk.Desk.Write("config/risk_measures.yaml", Settings.Replace("minimum: 2", "minimum: 3", StringComparison.Ordinal));
        var stale = desk.Backfill(Request(desk, lines) with { DryRun = true }).Manifest;
        Assert.All(stale.Items, item => Assert.Equal(BackfillAction.Keep, item.Action));
        Assert.All(stale.Risk, item => Assert.Equal("stale: its prices or the settings changed", item.Reason));
    }

    [Fact]
    public void A_day_that_is_not_published_has_no_risk_and_resuming_remembers_that_it_is_asked_for()
    {
        using var desk = new BackfillDesk();
        var request = Request(desk, Lines());
        using (desk.Lake.LockRun(RunId.OfDay(Monday.AddDays(2)), TimeSpan.Zero, CancellationToken.None))
        {
            var outcome = desk.Backfill(request);
            Assert.Equal(4, outcome.ExitCode);
            Assert.Equal(("pending", "its day is failed"), (outcome.Manifest.Risk[2].Status, outcome.Manifest.Risk[2].Reason));
            Assert.Equal(RunStatus.Published, outcome.Manifest.Risk[3].Status);
        }

        var resumed = desk.Backfill(Request(desk, Lines()) with { Resume = true, WithRisk = false });
        Assert.Equal(0, resumed.ExitCode);
        Assert.Equal([1, 1, 1, 2, 2], resumed.Manifest.Risk.Select(item => item.Attempt!.Value));
        TellsTheTruth(desk);
    }

    private const string Settings = """
        returns: simple
        window: 20
        minimum: 2
        confidences: [0.95]
        methods: [historical, normal]
        horizons: []
        ewma_lambda: 0.94
        age_lambda: 0.98
        garch: {model: garch, errors: normal, presample: fcp, constraint: stationary}
        threshold_level: 0.95
        paths: 1000
        seed: 42
        volatility: {window: 3, periods_per_year: 252}
        backtests: {forecast_window: 20, days: 20, confidences: [0.99], methods: [historical], size: 0.05}
        correlations: {window: 20, methods: [pearson], most_symbols: 100}
        """;

    private static List<string> Lines() => [.. Enumerable.Range(0, 5).Select(day => Event($"e{day}", Monday.AddDays(day), price: 100 + (day * day)))];

    private static BackfillRequest Request(BackfillDesk desk, IEnumerable<string> lines) =>
        desk.Request(desk.Write("in.ndjson", lines)) with { StartDate = Monday, EndDate = Monday.AddDays(4), WithRisk = true, Risk = Risk(desk) };

    private static RiskRunRequest Risk(BackfillDesk desk)
    {
        if (!File.Exists(Path.Combine(desk.Desk.Folder, "config", "risk_measures.yaml")))
        {
            desk.Desk.Write("config/risk_measures.yaml", Settings);
        }

        string In(string path) => Path.Combine(desk.Desk.Folder, path);
        return new RiskRunRequest
        {
            OutputRoot = desk.Desk.LakeRoot,
            ContractsPath = In("config/data_contracts.yaml"),
            SymbolsPath = In("config/symbols.yaml"),
            SettingsPath = In("config/risk_measures.yaml"),
        };
    }

    /// <summary>What the manifest calls published is in the lake, with those files; what it was made of since is not called pending.</summary>
    private static void TellsTheTruth(BackfillDesk desk)
    {
        var manifests = new ManifestFile(desk.Lake);
        if (manifests.Read(Request(desk, Lines()).Id) is not { } left)
        {
            return;
        }

        var runs = desk.Lake.Snapshot().Runs;
        foreach (var item in manifests.Derive(left).Risk)
        {
            var state = runs.GetValueOrDefault(item.RunId!);
            Assert.True(!RunStatus.IsPublished(item.Status) || state!.Fingerprint == item.Fingerprint, $"{item.RunId} is called {item.Status}");
            Assert.True(RunStatus.IsPublished(item.Status) || !(state?.Version > left.RiskLakeVersion), $"{item.RunId} is called {item.Status}");
        }
    }
}
