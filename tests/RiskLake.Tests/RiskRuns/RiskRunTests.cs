using System.Text.Json.Nodes;
using RiskLake.Lake;
using RiskLake.Lake.Errors;
using RiskLake.Risk;
using RiskLake.RiskRuns;
using RiskLake.Runs;
using RiskLake.Tests.History;
using RiskLake.Tests.Runs;

namespace RiskLake.Tests.RiskRuns;

/// <summary>Runs of risk over a real lake.</summary>
public sealed class RiskRunTests
{
    private static readonly DateTime Landed = new(2025, 2, 1, 12, 0, 0, DateTimeKind.Utc);
    private static readonly DateOnly[] Sessions = [.. HistoryDesk.Xnys.Sessions(new(2024, 6, 3), new(2025, 1, 31))];

    [Fact]
    public void The_numbers_are_those_of_the_library_over_the_window()
    {
        using var desk = Filled();
        Assert.Equal(0, desk.Risk(desk.Request with { Date = Sessions[^1] }).ExitCode);
        var returns = RiskLake.Risk.Returns.Simple([.. Sessions.Select((_, i) => Price(i))]);
        var expected = HistoricalSimulation.Estimate(returns, Confidence.P99);
        var row = Rows(desk, "risk_measures").Single(row => row["symbol"] == "AAPL" && row["measure"] == "expected_shortfall" && row["method"] == "historical"
            && row["confidence"] == "99/100" && row["horizon"] == "1");
        Assert.Equal(expected.ExpectedShortfall.Value!.Value.ToString("R", System.Globalization.CultureInfo.InvariantCulture), row["value"]);
        Assert.Equal(("ready", $"{returns.Length}", "0"), (row["status"], row["observations"], row["missing_sessions"]));
        Assert.Equal(
            expected.Tail.Select(item => Sessions[item.Index + 1].ToString("yyyy-MM-dd")),
            JsonNode.Parse(row["tail"]!)!.AsArray().Select(item => (string)item!["session"]!));
        var tails = Rows(desk, "risk_measures").Where(one => one["measure"] is "value_at_risk" or "expected_shortfall");
        Assert.All(
            tails.GroupBy(one => (one["symbol"], one["method"], one["confidence"], one["horizon"])),
            group => Assert.True(Number(group, "expected_shortfall") is not { } es || Number(group, "value_at_risk") is not { } var || es >= var));

        static double? Number(IEnumerable<Dictionary<string, string?>> rows, string measure) =>
            rows.First(row => row["measure"] == measure)["value"] is { } text ? double.Parse(text, System.Globalization.CultureInfo.InvariantCulture) : null;
    }

    [Fact]
    public void Repeating_changes_nothing_a_restated_price_restates_and_both_can_be_proved()
    {
        using var desk = Filled();
        var request = desk.Request with { Date = Sessions[^1] };
        var first = desk.Risk(request);
        var version = desk.Desk.Lake.Snapshot().Version;
        Assert.True(desk.Risk(request).IsUnchanged);
        Assert.Equal(version, desk.Desk.Lake.Snapshot().Version);
        Assert.True(Verify(desk, "risk-2025-01-31").Passed);

        desk.PublishBars(new TestBar("AAPL", Sessions[^3], 1, Landed.AddDays(1)));
        Assert.True(Verify(desk, "risk-2025-01-31").Passed);
        var second = desk.Risk(request);
        Assert.Equal((2, "restate"), ((int)second.Record["attempt"]!, (string)second.Record["kind"]!));
        Assert.NotEqual((string)first.Record["fingerprint"]!, (string)second.Record["fingerprint"]!);
        Assert.True(Verify(desk, "risk-2025-01-31").Passed);

        var asOf = desk.Risk(request with { AsOfMicros = HistoryDesk.Micros(Landed) });
        Assert.Equal("risk-2025-01-31-as-of-20250201T120000.000000Z", (string)asOf.Record["run_id"]!);
        Assert.Equal(Values(desk, 1, "risk-2025-01-31"), Values(desk, null, (string)asOf.Record["run_id"]!));
    }

    [Fact]
    public void Threads_change_no_byte()
    {
        using var desk = Filled();
        var one = Outputs(desk.Risk(desk.Request with { Date = Sessions[^1], RunId = "one", Threads = 1 }));
        Assert.All(one, output => Assert.NotEqual("", output));
        using var other = Filled();
        Assert.Equal(one, Outputs(other.Risk(other.Request with { Date = Sessions[^1], RunId = "one", Threads = 4 })));

        static IEnumerable<string> Outputs(RunOutcome outcome) => outcome.Record["outputs"]!.AsArray().Select(output => (string)output!["sha256"]!).ToArray();
    }

    [Fact]
    public void A_price_of_another_day_is_no_price_of_this_one()
    {
        using var desk = Filled();
        var outcome = desk.Risk(desk.Request with { Date = Sessions[^1] });
        var stale = Rows(desk, "risk_measures").Where(row => row["symbol"] == "OLD").ToArray();
        Assert.NotEmpty(stale);
        Assert.All(stale, row => Assert.Equal(("stale", null), (row["status"], row["value"])));
        Assert.Contains("2 sessions before", stale[0]["reason"], StringComparison.Ordinal);
        Assert.All(Rows(desk, "risk_measures").Where(row => row["symbol"] == "NEW"), row => Assert.Equal("insufficient_history", row["status"]));
        Assert.Null(outcome.Record["headline"]!["OLD"]!["value_at_risk"]);
        Assert.Equal(["NEW", "OLD"], outcome.Record["correlations_left_out"]!.AsArray().Select(one => (string)one!["symbol"]!));
    }

    [Fact]
    public void A_price_of_zero_has_no_return_on_either_side_wherever_it_stands()
    {
        using var desk = new HistoryDesk();
        var zero = Sessions.Length - 40;
        desk.PublishBars(
        [
            .. Sessions.Select((session, i) => new TestBar("AAPL", session, i == zero ? 0 : Price(i), Landed)),
            .. Sessions.Select((session, i) => new TestBar("MSFT", session, 3 * Price(i * 7 % 150), Landed)),
        ]);
        foreach (var at in new[] { zero, zero + 1, Sessions.Length - 1 })
        {
            desk.Risk(desk.Request with { Date = Sessions[at], RunId = $"at-{at}" });
            var rows = desk.Desk.Rows(Layer.Gold, "risk_measures").Where(row => row["_run_id"] == $"at-{at}" && row["symbol"] == "AAPL").ToArray();
            Assert.NotEmpty(rows);
            Assert.All(rows, row => Assert.True(row["value"] is null && row["status"] != "ready", $"{row["measure"]} {row["method"]} {row["status"]}"));
        }
    }

    [Fact]
    public void A_forecast_window_without_a_tail_is_a_status_and_no_failure()
    {
        using var desk = Filled();
        var settings = desk.Desk.Write("config/short.yaml", "window: 120\nbacktests: {forecast_window: 60, days: 80, confidences: [0.95, 0.99]}\n");
        Assert.Equal(0, desk.Risk(desk.Request with { Date = Sessions[^1], SettingsPath = settings }).ExitCode);
        var rows = Rows(desk, "var_backtests").Where(row => row["symbol"] == "AAPL" && row["method"] == "historical" && row["test"] == "kupiec_pof").ToArray();
        Assert.Equal([("19/20", "ready"), ("99/100", "insufficient_history")], rows.Select(row => (row["confidence"]!, row["status"]!)).Order());
    }

    [Fact]
    public void A_flagged_observation_of_the_tail_is_named_with_the_measure_without_it()
    {
        using var desk = new HistoryDesk();
        var flagged = 100;
        desk.PublishEvents(Sessions.Select((session, i) => new TestEvent(
            $"e{i}", "AAPL", i == flagged ? Price(i) * 0.5 : Price(i), 1, session.ToDateTime(new TimeOnly(16, 0), DateTimeKind.Utc),
            TimeSpan.FromSeconds(i == flagged ? 4000 : 1))));
        desk.Risk(desk.Request with { Date = Sessions[^1] });
        var row = Rows(desk, "risk_measures").Single(row => row["measure"] == "value_at_risk" && row["method"] == "historical" && row["confidence"] == "99/100"
            && row["horizon"] == "1");
        var worst = JsonNode.Parse(row["tail"]!)!.AsArray()[0]!;
        Assert.Equal((Sessions[flagged].ToString("yyyy-MM-dd"), 1L), ((string)worst["session"]!, (long)worst["dq_flags"]!));
        var returns = RiskLake.Risk.Returns.Simple([.. Sessions.Select((_, i) => i == flagged ? Price(i) * 0.5 : Price(i))]).ToList();
        returns.RemoveAt(flagged - 1);
        Assert.Equal(HistoricalSimulation.Estimate(returns.ToArray(), Confidence.P99).ValueAtRisk.Value, (double)worst["without"]!);
        Assert.Equal("1", row["flagged_in_tail"]);
    }

    [Fact]
    public void A_run_of_risk_can_be_withdrawn_and_its_id_is_its_own()
    {
        using var desk = Filled();
        var request = desk.Request with { Date = Sessions[^1] };
        desk.Risk(request);
        var taken = Assert.Throws<RiskLakeException>(() => desk.Risk(request with { RunId = "market_bar-0" }));
        Assert.Equal(ErrorCode.RunIdInvalid, taken.Code);
        Assert.Equal(ErrorCode.RunIdInvalid, Assert.Throws<RiskLakeException>(() =>
            desk.Desk.Run(desk.Desk.Request(desk.Desk.WriteEvents([])) with { RunId = "risk-2025-01-31" })).Code);
        var publisher = new GoldPublisher(desk.Desk.Lake, desk.Desk.Storage, TimeProvider.System, "risk-2025-01-31", GoldWork.Risk);
        Assert.Equal("withdrawn", (string)GoldPublication.Withdraw(publisher, "test", CancellationToken.None).Record["status"]!);
        Assert.Empty(Rows(desk, "risk_measures"));
        Assert.True(GoldPublication.Withdraw(publisher, "test", CancellationToken.None).IsUnchanged);
        Assert.False(desk.Risk(request).IsUnchanged);
        Assert.NotEmpty(Rows(desk, "risk_measures"));
    }

    [Fact]
    public void Without_prices_there_is_an_error_and_no_run()
    {
        using var desk = Filled();
        var error = Assert.Throws<RiskLakeException>(() => desk.Risk(desk.Request with { Date = new DateOnly(1990, 1, 2) }));
        Assert.Equal(ErrorCode.NoPrices, error.Code);
        Assert.DoesNotContain("risk-1990-01-02", desk.Desk.Lake.Snapshot().Runs.Keys);
        Assert.Equal("risk-2025-01-31", (string)desk.Risk(desk.Request).Record["run_id"]!);
    }

    private static HistoryDesk Filled()
    {
        var desk = new HistoryDesk();
        desk.PublishBars(
        [
            .. Sessions.Select((session, i) => new TestBar("AAPL", session, Price(i), Landed)),
            .. Sessions.Select((session, i) => new TestBar("MSFT", session, 3 * Price(i * 7 % 150), Landed)),
            .. Sessions[..^2].Select((session, i) => new TestBar("OLD", session, Price(i), Landed)),
            .. Sessions[^9..].Select((session, i) => new TestBar("NEW", session, Price(i), Landed)),
        ]);
        return desk;
    }

    private static double Price(int i) => 100 + (10 * Math.Sin(i * 1.7)) + (i % 13);

    private static Verification Verify(HistoryDesk desk, string runId) =>
        RiskVerification.Verify(desk.Request with { RunId = runId }, [], TimeProvider.System, desk.Desk.Storage, CancellationToken.None);

    private static List<Dictionary<string, string?>> Rows(HistoryDesk desk, string dataset) => desk.Desk.Rows(Layer.Gold, dataset);

    /// <summary>Values of a run in the lake before or after a version.</summary>
    private static IEnumerable<string?> Values(HistoryDesk desk, long? attempt, string runId)
    {
        var version = attempt is null
            ? desk.Desk.Lake.Snapshot().Version
            : Enumerable.Range(1, 99).First(v => desk.Desk.Lake.Snapshot(v).Runs.ContainsKey(runId));
        return desk.Desk.Rows(Layer.Gold, "risk_measures", version).Where(row => row["_run_id"] == runId).Select(row => row["value"]).ToArray();
    }
}
