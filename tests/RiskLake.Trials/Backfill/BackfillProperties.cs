using CsCheck;
using RiskLake.Backfill;
using RiskLake.Lake;
using RiskLake.Lake.Errors;
using RiskLake.Tests.Backfill;
using RiskLake.Tests.Lake;
using static RiskLake.Tests.Backfill.BackfillDesk;

namespace RiskLake.Trials.Backfill;

/// <summary>Random inputs: whatever the order, the parallelism and the accidents, the lake comes out the same.</summary>
public sealed class BackfillProperties
{
    private sealed record Line(int Key, int Day, int Price);

    private sealed record Plan(Line[] Lines, Line Inserted, int At, int Parallel, int FailAt, int FailAgainAt);

    // A key has its own second, so equal keys of one day are equal events unless their prices differ; keys on several days conflict.
    private static Gen<Line> GenLine { get; } = Gen.Select(
        Gen.Int[0, 14], Gen.Int[0, 4], Gen.Frequency((6, Gen.Const(100)), (1, Gen.Const(101))), (key, day, price) => new Line(key, day, price));

    private static Gen<Plan> GenPlan { get; } = Gen.Select(
        GenLine.Array[3, 25], GenLine, Gen.Int[0, 25], Gen.Int[1, 4], Gen.Int[0, 400], Gen.Int[0, 400],
        (lines, inserted, at, parallel, first, second) => new Plan(lines, inserted, Math.Min(at, lines.Length), parallel, first, second));

    [Fact]
    public void Order_parallelism_accidents_and_an_inserted_line_change_no_byte() => GenPlan.Sample(Check, iter: 5, threads: 1, print: plan =>
        $"{string.Join(' ', plan.Lines.Select(Text))}; insert {Text(plan.Inserted)} at {plan.At}; parallel {plan.Parallel}; fail at {plan.FailAt}, {plan.FailAgainAt}");

    private static void Check(Plan plan)
    {
        var lines = plan.Lines.Select(Json).ToList();
        string[] expected;
        using (var desk = new BackfillDesk())
        {
            Assert.Equal(0, desk.Backfill(desk.Request(desk.Write("in.ndjson", lines))).ExitCode);
            expected = desk.Digests();
            ConservesEvents(desk, plan.Lines);
        }

        using (var parallel = new BackfillDesk())
        {
            parallel.Backfill(parallel.Request(parallel.Write("in.ndjson", lines)) with { Parallel = plan.Parallel });
            Assert.Equal(expected, parallel.Digests());
        }

        using (var shuffled = new BackfillDesk())
        {
            // Each day by itself, the last first: a day's slice does not depend on the range.
            var request = shuffled.Request(shuffled.Write("in.ndjson", lines));
            for (var day = End; day >= Start; day = day.AddDays(-1))
            {
                shuffled.Backfill(request with { StartDate = day, EndDate = day });
            }

            Assert.Equal(expected, shuffled.Digests());
        }

        using var killed = new BackfillDesk();
        var input = killed.Write("in.ndjson", lines);
        foreach (var failAt in new[] { plan.FailAt, plan.FailAgainAt })
        {
            Crash(killed, killed.Request(input) with { Parallel = plan.Parallel }, failAt);
        }

        Assert.Equal(0, killed.Backfill(killed.Request(input) with { Resume = true, Parallel = plan.Parallel }).ExitCode);
        Assert.Equal(expected, killed.Digests());
        Insert(killed, input, lines, plan);
    }

    /// <summary>A line more makes exactly the days stale whose slices it changes, and resuming gives what a new lake would hold.</summary>
    private static void Insert(BackfillDesk desk, string input, List<string> lines, Plan plan)
    {
        lines.Insert(plan.At, Json(plan.Inserted));
        desk.Write("in.ndjson", lines);
        var events = plan.Lines.ToList();
        var before = Slices(events);
        events.Insert(plan.At, plan.Inserted);
        var after = Slices(events);
        var stale = Enumerable.Range(0, 5).Where(day => after[day].Length > 0 && !before[day].SequenceEqual(after[day])).ToArray();
        var planned = desk.Backfill(desk.Request(input) with { Resume = true, DryRun = true }).Manifest.Items;
        Assert.Equal(stale, planned.Select((item, day) => (item, day)).Where(pair => BackfillAction.IsWork(pair.item.Action)).Select(pair => pair.day));
        if (Enumerable.Range(0, 5).Any(day => after[day].Length == 0 && before[day].Length > 0))
        {
            return; // The run of a day that lost all its events is reported, not withdrawn.
        }

        Assert.Equal(0, desk.Backfill(desk.Request(input) with { Resume = true, Parallel = plan.Parallel }).ExitCode);
        using var fresh = new BackfillDesk();
        fresh.Backfill(fresh.Request(fresh.Write("in.ndjson", lines)));
        ConservesEvents(desk, [.. events]);
        Assert.Equal(
            fresh.Desk.Rows(Layer.Silver, "market_events").Select(Row).Order(StringComparer.Ordinal),
            desk.Desk.Rows(Layer.Silver, "market_events").Select(Row).Order(StringComparer.Ordinal));
    }

    private static string Row(Dictionary<string, string?> row) => string.Join(' ', row.Where(value => value.Key != "bronze_run_id").Select(value => $"{value.Key}={value.Value}"));

    /// <summary>The lines of each day by the rule: a key belongs to the day of its first line.</summary>
    private static Line[][] Slices(IReadOnlyList<Line> lines)
    {
        var days = new Dictionary<int, int>();
        foreach (var line in lines)
        {
            days.TryAdd(line.Key, line.Day);
        }

        return [.. Enumerable.Range(0, 5).Select(day => lines.Where(line => days[line.Key] == day).ToArray())];
    }

    private static void ConservesEvents(BackfillDesk desk, Line[] lines)
    {
        var rows = desk.Desk.Rows(Layer.Silver, "market_events");
        var expected = Slices(lines).SelectMany((slice, day) => slice.GroupBy(line => line.Key).Select(key => $"k{key.Key} backfill-{Day(day)}"));
        Assert.Equal(expected.Order(StringComparer.Ordinal), rows.Select(row => $"{row["event_id"]} {row["_run_id"]}").Order(StringComparer.Ordinal));
        Assert.Equal(lines.Length, desk.Desk.Rows(Layer.Bronze, "market_events").Count);
    }

    /// <summary>The process dies at some step. The manifest it leaves says nothing that the log does not, once the log is asked.</summary>
    private static void Crash(BackfillDesk desk, BackfillRequest request, int failAt)
    {
        var storage = new FaultyStorage(failAt, Fault.Kill) { Paused = false };
        try
        {
            desk.Backfill(request, new SerialisedStorage(storage));
        }
        catch (Exception e) when (e is KilledException or RiskLakeException)
        {
            // Dead.
        }

        var manifests = new ManifestFile(desk.Lake);
        if (manifests.Read(request.Id) is { } left)
        {
            var runs = desk.Lake.Snapshot().Runs;
            foreach (var item in manifests.Derive(left).Items.Where(item => item.HasRun && item.SliceSha256 is not null))
            {
                Assert.Equal(runs.TryGetValue(item.RunId!, out var state) && state.IsPublished, RunStatus.IsPublished(item.Status));
            }
        }
    }

    private static string Json(Line line) => Event($"k{line.Key}", Start.AddDays(line.Day), line.Key, price: line.Price);

    private static string Text(Line line) => $"k{line.Key}d{line.Day}p{line.Price}";
}
