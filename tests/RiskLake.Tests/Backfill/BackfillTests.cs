using RiskLake.Backfill;
using RiskLake.Lake;
using RiskLake.Lake.Errors;
using RiskLake.Runs;
using RiskLake.Tests.Lake;
using static RiskLake.Tests.Backfill.BackfillDesk;

namespace RiskLake.Tests.Backfill;

/// <summary>Days, statuses, exit codes, plans.</summary>
public sealed class BackfillTests
{
    [Fact]
    public void Each_date_gets_the_status_that_is_true_of_it()
    {
        using var desk = new BackfillDesk();
        var input = desk.Write("in.ndjson",
        [
            Event("a", Start), Event("b", Start.AddDays(1)), "{broken", Event("c", new DateOnly(2025, 1, 11)), Event("d", new DateOnly(2025, 2, 3)),
        ]);
        var request = desk.Request(input) with { StartDate = new(2025, 1, 5), EndDate = new(2025, 1, 11) };
        var outcome = desk.Backfill(request);
        Assert.Equal(0, outcome.ExitCode);
        Assert.Equal(
            ["no_session", "published", "published", "no_data", "no_session", "no_data", "published"],
            outcome.Manifest.Items.Select(item => item.Status));
        Assert.Equal(["closed_day"], outcome.Manifest.Items[6].Flags);
        Assert.Contains("Carter", outcome.Manifest.Items[4].Reason, StringComparison.Ordinal);
        Assert.Equal(1, outcome.Manifest.OutsideRange);
        Assert.Equal(5, outcome.Manifest.RecordsRead);
        Assert.Equal("backfill-unassigned-2025-01-05-2025-01-11", outcome.Manifest.Unassigned!.RunId);
        Assert.Equal(1, outcome.Manifest.Unassigned.Quarantined);
        var json = outcome.Manifest.ToJson();
        Assert.Equal(3, (int)json["runs_requested"]!);
        Assert.Equal(3, (int)json["runs_completed"]!);
        Assert.Equal(["backfill-2025-01-06", "backfill-2025-01-07", "backfill-2025-01-11"], json["run_ids"]!.AsArray().Select(id => (string)id!));
        Assert.Empty(json["failures"]!.AsArray());
        Assert.Empty(Directory.GetFileSystemEntries(Path.Combine(desk.Desk.LakeRoot, "_staging")));
        Assert.Equal("in.ndjson 4", desk.Desk.Rows(Layer.Bronze, "market_events").Where(row => row["event_id"] == "c").Select(row => $"{row["source_file"]} {row["source_line"]}").Single());
    }

    [Fact]
    public void A_record_belongs_to_the_session_of_its_own_market()
    {
        using var desk = new BackfillDesk();
        desk.Desk.Write("config/symbols.yaml", """
            defaults: {currency: USD, tick: 0.01, sources: [x]}
            symbols:
              - {symbol: AAPL, market: XNYS, start_price: 100, annual_volatility: 0.2}
              - {symbol: ES, market: CMES, start_price: 100, annual_volatility: 0.2}
              - {symbol: SONY, market: XTKS, start_price: 100, annual_volatility: 0.2}
            """);

        // 2025-01-07T00:30Z is the evening of the 6th in New York, the session of the 7th in Chicago, and the morning of the 7th in Tokyo.
        var at = new DateTime(2025, 1, 7, 0, 30, 0, DateTimeKind.Utc);
        var input = desk.Write("in.ndjson", new[] { "aapl ", "ES", "SONY", "OTHER" }.Select(symbol => new Tests.Runs.TestEvent(symbol.Trim(), symbol, 1, 1, at, TimeSpan.Zero).Json));
        desk.Backfill(desk.Request(input));
        var days = desk.Desk.Rows(Layer.Silver, "market_events").ToDictionary(row => row["event_id"]!, row => row["_run_id"]!);
        Assert.Equal(["backfill-2025-01-06", "backfill-2025-01-07", "backfill-2025-01-07", "backfill-2025-01-06"], new[] { "aapl", "ES", "SONY", "OTHER" }.Select(id => days[id]));
    }

    [Fact]
    public void A_key_on_two_days_belongs_to_the_first_in_the_input_whatever_the_range()
    {
        using var desk = new BackfillDesk();
        var input = desk.Write("in.ndjson", [Event("x", Start.AddDays(3)), Event("k", Start.AddDays(4)), Event("k", Start), Event("y", Start), Event("k", Start.AddDays(4))]);
        var whole = desk.Backfill(desk.Request(input));
        Assert.Equal([1L, 0, 0, 1, 3], whole.Manifest.Items.Select(item => item.Records));
        Assert.Equal("k@backfill-2025-01-10", string.Join(' ', desk.Desk.Rows(Layer.Silver, "market_events").Where(row => row["event_id"] == "k").Select(row => $"k@{row["_run_id"]}")));
        Assert.Equal("in.ndjson 3", desk.Desk.Rows(Layer.Quarantine, "market_events").Select(row => $"{row["source_file"]} {row["source_line"]}").Single());
        var last = desk.Backfill(desk.Request(input) with { StartDate = End, DryRun = true });
        Assert.Equal(BackfillAction.Keep, last.Manifest.Items.Single().Action);
        Assert.Equal(2, last.Manifest.OutsideRange);
        var first = desk.Backfill(desk.Request(input) with { EndDate = Start, DryRun = true });
        Assert.Equal(BackfillAction.Keep, first.Manifest.Items.Single().Action);
        Assert.Equal(4, first.Manifest.OutsideRange);
    }

    [Fact]
    public void Days_are_compared_with_the_runs_of_others()
    {
        using var desk = new BackfillDesk();
        var early = desk.Write("early.ndjson", [Event("a", Start), Event("b", Start.AddDays(1), price: 99)]);
        desk.Desk.Run(desk.Desk.Request(early) with { RunId = "early", ThresholdsPath = "config/open.yaml" });
        var input = desk.Write("in.ndjson", [Event("a", Start), Event("b", Start.AddDays(1)), Event("c", Start.AddDays(1)), Event("d", Start.AddDays(2))]);
        var request = desk.Request(input);
        Assert.Equal(4, desk.Backfill(request).ExitCode);
        Assert.Equal(0, desk.Backfill(request with { Run = request.Run with { AllowBreach = true } }).ExitCode);
        Assert.Equal(
            ["a@early", "b@early", "c@backfill-2025-01-07", "d@backfill-2025-01-08"],
            desk.Desk.Rows(Layer.Silver, "market_events").Select(row => $"{row["event_id"]}@{row["_run_id"]}").Order(StringComparer.Ordinal));
        Assert.Equal("b", desk.Desk.Rows(Layer.Quarantine, "market_events").Select(row => row["raw"]!.Contains("\"b\"", StringComparison.Ordinal) ? "b" : row["raw"]).Single());
    }

    [Fact]
    public void Blocked_failed_and_mixed_backfills_say_so()
    {
        using var desk = new BackfillDesk();
        var late = new Tests.Runs.TestEvent("late", "AAPL", 1, 1, Start.ToDateTime(new(17, 0), DateTimeKind.Utc), TimeSpan.FromHours(1)).Json;
        var closed = (BackfillRequest request) => request with { Run = request.Run with { ThresholdsPath = "config/closed.yaml" } };
        var one = desk.Write("one.ndjson", [late]);
        var both = desk.Write("both.ndjson", [late, Event("b", Start.AddDays(1))]);
        Assert.Equal(1, desk.Backfill(closed(desk.Request(one))).ExitCode);
        var mixed = desk.Backfill(closed(desk.Request(both)));
        Assert.Equal(4, mixed.ExitCode);
        Assert.Equal([RunStatus.Blocked, RunStatus.Published], mixed.Manifest.Items.Take(2).Select(item => item.Status));
        Assert.StartsWith("blocked: max_late_rate", (string?)mixed.Manifest.ToJson()["failures"]![0]!["error"], StringComparison.Ordinal);
        Assert.Equal(BackfillAction.Keep, mixed.Manifest.Items[0].Action);
        var allowed = closed(desk.Request(both));
        allowed = allowed with { Run = allowed.Run with { AllowBreach = true } };
        Assert.Equal(0, desk.Backfill(allowed).ExitCode);
        Assert.Equal(0, desk.Backfill(closed(desk.Request(both))).ExitCode);

        using var held = desk.Lake.LockRun(RunId.OfDay(Start), TimeSpan.Zero, CancellationToken.None);
        var failed = desk.Backfill(desk.Request(one) with { Force = true });
        Assert.Equal(5, failed.ExitCode);
        Assert.StartsWith("RL5002", failed.Manifest.Items[0].Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_broken_disk_fails_the_day_it_meets_and_no_other()
    {
        using var desk = new BackfillDesk();
        var input = desk.Write("in.ndjson", Enumerable.Range(0, 3).Select(day => Event($"e{day}", Start.AddDays(day))));
        File.WriteAllText(Path.Combine(Directory.CreateDirectory(Path.Combine(desk.Desk.LakeRoot, "_staging")).FullName, "backfill-2025-01-07"), "in the way");
        var outcome = desk.Backfill(desk.Request(input));
        Assert.Equal(4, outcome.ExitCode);
        Assert.Equal([RunStatus.Published, DayStatus.Failed, RunStatus.Published], outcome.Manifest.Items.Take(3).Select(item => item.Status));
        File.Delete(Path.Combine(desk.Desk.LakeRoot, "_staging", "backfill-2025-01-07"));
        var plan = desk.Backfill(desk.Request() with { Resume = true, DryRun = true }).Manifest;
        Assert.StartsWith("failed before: RL", plan.Items[1].Reason, StringComparison.Ordinal);
        Assert.Equal(0, desk.Backfill(desk.Request() with { Resume = true }).ExitCode);
    }

    [Fact]
    public void An_input_that_cannot_be_read_leaves_no_working_files_and_can_be_mended()
    {
        using var desk = new BackfillDesk();
        var good = desk.Write("good.ndjson", [Event("a", Start)]);
        var broken = Path.Combine(desk.Desk.Folder, "broken.ndjson.gz");
        File.WriteAllBytes(broken, [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 1, 2, 3]);
        Assert.Equal(ErrorCode.InputUnreadable, Assert.Throws<RiskLakeException>(() => desk.Backfill(desk.Request(good, broken))).Code);
        Assert.Empty(Directory.GetFileSystemEntries(Path.Combine(desk.Desk.LakeRoot, "_staging")));
        File.Delete(broken);
        Assert.Equal(ErrorCode.InputMissing, Assert.Throws<RiskLakeException>(() => desk.Backfill(desk.Request() with { Resume = true })).Code);
        Assert.Empty(Directory.GetFileSystemEntries(Path.Combine(desk.Desk.LakeRoot, "_staging")));
        Assert.Equal(0, desk.Backfill(desk.Request(good)).ExitCode);
    }

    [Fact]
    public void A_storage_that_fails_a_day_is_told_as_that_and_not_as_a_defect()
    {
        var failed = 0;
        for (var step = 20; step < 140; step += 7)
        {
            using var desk = new BackfillDesk();
            var input = desk.Write("in.ndjson", [Event("a", Start)]);
            try
            {
                var outcome = desk.Backfill(desk.Request(input), new SerialisedStorage(new FaultyStorage(step, Fault.Before) { Paused = false }));
                var errors = outcome.Manifest.All.Select(item => item.Error).OfType<string>().ToArray();
                Assert.All(errors, error => Assert.StartsWith("RL5001 ", error, StringComparison.Ordinal));
                failed += errors.Length;
            }
            catch (RiskLakeException e)
            {
                Assert.Equal(ErrorCode.StorageFailed, e.Code);
            }
        }

        Assert.True(failed > 3, $"{failed} days failed");
    }

    [Fact]
    public void Fail_fast_begins_no_further_day()
    {
        using var desk = new BackfillDesk();
        var input = desk.Write("in.ndjson", Enumerable.Range(0, 3).Select(day => Event($"e{day}", Start.AddDays(day))));
        using (desk.Lake.LockRun(RunId.OfDay(Start), TimeSpan.Zero, CancellationToken.None))
        {
            var outcome = desk.Backfill(desk.Request(input) with { FailFast = true });
            Assert.Equal([DayStatus.Failed, DayStatus.Pending, DayStatus.Pending], outcome.Manifest.Items.Take(3).Select(item => item.Status));
            Assert.Equal(4, outcome.ExitCode);
        }
    }

    [Fact]
    public void A_dry_run_touches_nothing()
    {
        using var desk = new BackfillDesk();
        var plan = desk.Backfill(desk.Request() with { DryRun = true }).Manifest;
        Assert.All(plan.Items, item => Assert.Equal(item.Status == DayStatus.NoSession ? BackfillAction.None : BackfillAction.Run, item.Action));
        Assert.Equal(4, plan.Items.Count(item => item.Action == BackfillAction.Run));
        Assert.False(Directory.Exists(desk.Desk.LakeRoot));
    }

    [Fact]
    public void An_interruption_finishes_the_day_and_the_rest_is_resumed_without_naming_the_input()
    {
        using var desk = new BackfillDesk();
        var input = desk.Write("in.ndjson", Enumerable.Range(0, 3).Select(day => Event($"e{day}", Start.AddDays(day))));
        using var source = new CancellationTokenSource();
        var outcome = desk.Backfill(desk.Request(input), null, new Stopper(source), source.Token);
        Assert.Equal("interrupted", outcome.Manifest.State);
        Assert.Equal([RunStatus.Published, DayStatus.Pending, DayStatus.Pending], desk.Manifest().Items.Take(3).Select(item => item.Status));
        var resumed = desk.Backfill(desk.Request() with { Resume = true });
        Assert.Equal(0, resumed.ExitCode);
        Assert.Equal([BackfillAction.Keep, BackfillAction.Run, BackfillAction.Run], resumed.Manifest.Items.Take(3).Select(item => item.Action));
    }

    [Fact]
    public void Options_that_change_results_make_days_stale_and_say_why()
    {
        using var desk = new BackfillDesk();
        var input = desk.Write("in.ndjson", [Event("a", Start)]);
        desk.Backfill(desk.Request(input));
        string Reason(Func<RunRequest, RunRequest> change) => desk.Backfill(desk.Request(input) with { DryRun = true, Run = change(desk.Request(input).Run) }).Manifest.Items[0].Reason;
        Assert.StartsWith("unchanged", Reason(run => run), StringComparison.Ordinal);
        Assert.Equal("stale: window_minutes 5 became 10", Reason(run => run with { WindowMinutes = 10 }));
        Assert.Equal("stale: the thresholds changed", Reason(run => run with { ThresholdsPath = "config/closed.yaml" }));
        desk.Write("in.ndjson", [Event("a", Start, price: 101)]);
        Assert.Equal("stale: the slice changed", Reason(run => run));
    }

    [Fact]
    public void Force_publishes_again_only_what_comes_out_differently()
    {
        using var desk = new BackfillDesk();
        var input = desk.Write("in.ndjson", [Event("a", Start), Event("b", Start.AddDays(1))]);
        desk.Backfill(desk.Request(input));
        var version = desk.Lake.Snapshot().Version;
        desk.Backfill(desk.Request(input) with { Force = true });
        Assert.Equal(version, desk.Lake.Snapshot().Version);

        // A line before the second day moves its locator, which bronze keeps, and not its slice.
        desk.Write("in.ndjson", [Event("a", Start), "", Event("b", Start.AddDays(1))]);
        Assert.All(desk.Backfill(desk.Request(input)).Manifest.Items.Take(2), item => Assert.Equal(BackfillAction.Keep, item.Action));
        var forced = desk.Backfill(desk.Request(input) with { Force = true });
        Assert.Equal([1, 2], forced.Manifest.Items.Take(2).Select(item => item.Attempt!.Value));
    }

    [Fact]
    public void Ids_of_days_are_refused_from_users_and_a_range_the_calendar_does_not_know_too()
    {
        using var desk = new BackfillDesk();
        var input = desk.Write("in.ndjson", [Event("a", Start)]);
        Assert.Equal(ErrorCode.RunIdInvalid, Assert.Throws<RiskLakeException>(() => desk.Desk.Run(desk.Desk.Request(input) with { RunId = RunId.OfDay(Start) })).Code);
        Assert.Equal(ErrorCode.CommandLineInvalid, Assert.Throws<RiskLakeException>(() => desk.Backfill(desk.Request(input) with { StartDate = new(1800, 1, 1), EndDate = new(1800, 1, 2) })).Code);
        Assert.Equal(ErrorCode.CommandLineInvalid, Assert.Throws<RiskLakeException>(() => desk.Backfill(desk.Request() with { Resume = true })).Code);
    }

    private sealed class Stopper(CancellationTokenSource source) : IBackfillProgress
    {
        public void Slicing(long records)
        {
        }

        public void Planned(BackfillManifest manifest)
        {
        }

        public void Finished(BackfillItem item) => source.Cancel();
    }
}
