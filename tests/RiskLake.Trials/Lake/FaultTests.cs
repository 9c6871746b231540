using RiskLake.Lake;
using RiskLake.Lake.Delta;
using RiskLake.Lake.Errors;
using RiskLake.Tests.Lake;
using Xunit.Sdk;

namespace RiskLake.Trials.Lake;

/// <summary>Every operation of the storage goes wrong once, in every way, in every kind of publication.</summary>
public sealed class FaultTests
{
    private static readonly (int, int)[] First = [(482_345, 1), (482_346, 3)];
    private static readonly (int, int)[] Second = [(482_345, 1), (482_347, 9)];

    /// <summary>What stands before, and the publication under test.</summary>
    private static readonly Dictionary<string, (PublicationKind[] Before, PublicationKind Kind)> Scenarios = new(StringComparer.Ordinal)
    {
        ["publish"] = ([], PublicationKind.Publish),
        ["restate"] = ([PublicationKind.Publish], PublicationKind.Restate),
        ["block"] = ([], PublicationKind.Block),
        ["release"] = ([PublicationKind.Block], PublicationKind.Release),
        ["block_restatement"] = ([PublicationKind.Publish], PublicationKind.BlockRestatement),
        ["withdraw"] = ([PublicationKind.Publish], PublicationKind.Withdraw),
    };

    public static TheoryData<string, string> Cases()
    {
        var data = new TheoryData<string, string>();
        foreach (var scenario in Scenarios.Keys)
        {
            foreach (var fault in Enum.GetNames<Fault>())
            {
                data.Add(scenario, fault);
            }
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Any_operation_may_fail_and_the_lake_stays_whole(string scenario, string faultName)
    {
        var (before, kind) = Scenarios[scenario];
        var fault = Enum.Parse<Fault>(faultName);
        var steps = Try(before, kind, -1, fault, out _);
        var decided = 0;
        var tried = 0;
        for (var at = 0; at < steps.Count; at++)
        {
            // Reading fails in one way only, and to die before it is to die before what follows. One kind stands for all in it.
            var verb = steps[at][(steps[at].LastIndexOf(' ') + 1)..];
            var reads = verb is "read" or "open" or "exists" or "list" or "stat";
            var matters = fault switch
            {
                Fault.Before => !reads || kind is PublicationKind.Restate,
                Fault.Torn => verb is "write",
                _ => !reads,
            };
            if (matters)
            {
                tried++;
                Try(before, kind, at, fault, out var stands);
                decided += stands ? 1 : 0;
            }
        }

        Assert.InRange(tried, 4, 400);
        Assert.InRange(decided, 1, tried - 1);
    }

    [Theory]
    [InlineData("Before")]
    [InlineData("After")]
    [InlineData("Torn")]
    [InlineData("Kill")]
    public void Checkpoints_may_fail_and_are_made_by_the_next_command(string faultName)
    {
        using var lake = new TestLake(inMemory: true);
        for (var i = 1; i < SnapshotCheckpoint.Interval; i++)
        {
            lake.Publish("r", PublicationKind.Restate, [(482_345, i)]);
        }

        // The silver table's hundredth commit is the next but one.
        lake.Publish("s", PublicationKind.Publish, [(482_345, 1)]);
        var steps = new List<string> { "views.delta_checkpoint" };
        for (var at = 0; at < steps.Count; at++)
        {
            using var copy = lake.Copy(new FaultyStorage(at, Enum.Parse<Fault>(faultName)) { Only = "checkpoint" });
            var storage = (FaultyStorage)copy.Storage;
            storage.Paused = false;
            var failure = Attempt(copy, PublicationKind.Restate);
            storage.Paused = true;
            var context = FormattableString.Invariant($"{faultName} at {at}: {storage.FailedStep}");
            Assert.True(failure is not null || at > 0, context);
            var store = copy.Reopen();
            store.Recover(CancellationToken.None);
            Assert.Equal(SnapshotCheckpoint.Interval + 1, store.Snapshot().Version);
            CheckWhole(store, context);
            foreach (var table in new[] { "silver/market_events", "bronze/market_events" })
            {
                Assert.True(File.Exists(Path.Combine(store.Paths.DeltaLog(table), DeltaCheckpoint.Name(DeltaCheckpoint.Interval))), context);
                Assert.True(File.Exists(Path.Combine(store.Paths.DeltaLog(table), "_last_checkpoint")), context);
            }

            steps = storage.FailedStep is null ? steps : [.. storage.Steps, "one more, which does not fail"];
        }

        Assert.InRange(steps.Count, 12, 40);
    }

    [Fact]
    public void Clearing_away_after_a_kill_may_be_killed_as_well()
    {
        using var lake = new TestLake(new FaultyStorage(-1, Fault.Kill), inMemory: true);
        lake.Publish("r", PublicationKind.Publish, First);
        var publish = Try([PublicationKind.Publish], PublicationKind.Restate, -1, Fault.Kill, out _).ToList();
        using var torn = lake.Copy(new FaultyStorage(publish.FindLastIndex(step => step is "publish.link_data link") + 1, Fault.Kill));
        var storage = (FaultyStorage)torn.Storage;
        storage.Paused = false;
        Assert.IsType<KilledException>(Attempt(torn, PublicationKind.Restate));
        for (var at = 0; ; at++)
        {
            using var copy = torn.Copy(new FaultyStorage(at, Fault.Kill) { Paused = false });
            var isOver = false;
            try
            {
                copy.Store.Recover(CancellationToken.None);
                isOver = true;
            }
            catch (KilledException)
            {
                // The next command takes over from here.
            }

            var store = copy.Reopen();
            store.Recover(CancellationToken.None);
            var context = FormattableString.Invariant($"killed at {at}");
            CheckWhole(store, context);
            var empty = Directory.EnumerateDirectories(Path.Combine(copy.Root, "_delta"), "*", SearchOption.AllDirectories)
                .Where(folder => !Directory.EnumerateFileSystemEntries(folder).Any());
            Assert.True(!empty.Any(), $"{context}: empty {string.Join(", ", empty)}");
            if (isOver)
            {
                Assert.InRange(at, 10, 200);
                break;
            }
        }
    }

    /// <summary>Publishes with one operation failing (none, if negative); returns the operations.</summary>
    private static IReadOnlyList<string> Try(PublicationKind[] before, PublicationKind kind, int at, Fault fault, out bool decided)
    {
        var storage = new FaultyStorage(at, fault);
        using var lake = new TestLake(storage, inMemory: true);
        foreach (var earlier in before)
        {
            lake.Publish("r", earlier, First);
        }

        lake.Restart();
        storage.Paused = false;
        var failure = Attempt(lake, kind);
        storage.Paused = true;
        var context = FormattableString.Invariant($"{kind}, {fault} at {at}: {storage.FailedStep} ({failure?.GetType().Name ?? "absorbed"})");
        decided = CheckAfter(lake, before.Length, kind, failure, context);
        return storage.Steps;
    }

    private static Exception? Attempt(TestLake lake, PublicationKind kind)
    {
        try
        {
            lake.Publish("r", kind, kind is PublicationKind.Withdraw ? [] : Second);
            return null;
        }
        catch (Exception exception) when (exception is RiskLakeException or KilledException)
        {
            return exception;
        }
    }

    /// <summary>Recovers as the next command would, compares everything, and repeats the publication if it had not been decided.</summary>
    private static bool CheckAfter(TestLake lake, int versionBefore, PublicationKind kind, Exception? failure, string context)
    {
        if (failure is RiskLakeException { Code: not ErrorCode.StorageFailed } wrong)
        {
            throw new XunitException($"{context}: {wrong.Message}", wrong);
        }

        var store = lake.Reopen();
        store.Recover(CancellationToken.None);
        var version = store.Snapshot().Version;
        var decided = version == versionBefore + 1;
        Assert.True(decided || version == versionBefore, context);
        CheckWhole(store, context);
        if (!decided)
        {
            Assert.True(failure is not null, context);
            using var again = store.LockRun("r", TimeSpan.Zero, CancellationToken.None);
            TestLake.PublishLocked(store, again, kind, kind is PublicationKind.Withdraw ? [] : Second);
            again.Dispose();
            CheckWhole(store, context + ", repeated");
        }

        Assert.Equal(versionBefore + 1, store.Snapshot().Version);
        return decided;
    }

    private static void CheckWhole(LakeStore store, string context)
    {
        var findings = new LakeVerifier(store) { WithStatistics = false }.Verify(CancellationToken.None);
        Assert.True(findings.Count == 0, $"{context}: {string.Join("; ", findings)}");
        foreach (var folder in new[] { store.Paths.Staging, store.Paths.Locks })
        {
            var left = store.Storage.List("test", folder).Where(name => name is not "publish").ToList();
            Assert.True(left.Count == 0, $"{context}: left in {folder}: {string.Join(", ", left)}");
        }
    }
}
