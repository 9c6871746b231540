using System.Globalization;
using RiskLake.Lake;
using RiskLake.Lake.Errors;
using RiskLake.Lake.Storage;

namespace RiskLake.Tests.Lake;

/// <summary>Writers that share nothing but the folder, as processes do: each has its own store and its own open files.</summary>
public sealed class LakeRaceTests
{
    private const int Writers = 8;
    private const int RunsEach = 10;

    [Fact]
    public void All_publications_of_eight_writers_land_and_none_twice()
    {
        using var lake = new TestLake(inMemory: true);
        Race(writer =>
        {
            var store = LakeStore.Open(lake.Root, new PosixStorage(), TestLake.Clock);
            for (var i = 0; i < RunsEach; i++)
            {
                store.Recover(CancellationToken.None);
                using var run = store.LockRun(string.Create(CultureInfo.InvariantCulture, $"w{writer}-{i}"), TimeSpan.Zero, CancellationToken.None);
                TestLake.PublishLocked(store, run, PublicationKind.Publish, [(482_345, (writer * 100) + i)]);
            }
        });
        var snapshot = lake.Reopen().Snapshot();
        Assert.Equal(Writers * RunsEach, snapshot.Version);
        Assert.Equal(Writers * RunsEach, snapshot.Runs.Count);
        Assert.All(snapshot.Runs.Values, run => Assert.Equal(1, run.Attempt));
        Assert.Equal(Writers * RunsEach, snapshot.Files(Layer.Silver, "market_events").Sum(file => file.Rows));
        Assert.Empty(new LakeVerifier(lake.Reopen()).Verify(CancellationToken.None));
        Assert.Empty(Directory.GetFileSystemEntries(lake.Store.Paths.Staging));
    }

    [Fact]
    public void Of_eight_writers_of_one_run_one_at_a_time_works_and_the_others_are_refused()
    {
        using var lake = new TestLake(inMemory: true);
        var landed = 0;
        var refused = 0;
        Race(writer =>
        {
            var store = LakeStore.Open(lake.Root, new PosixStorage(), TestLake.Clock);
            try
            {
                using var run = store.LockRun("same", TimeSpan.Zero, CancellationToken.None);
                TestLake.PublishLocked(store, run, PublicationKind.Restate, [(482_345, writer)]);
                Interlocked.Increment(ref landed);
            }
            catch (RiskLakeException exception) when (exception.Code is ErrorCode.RunLocked)
            {
                Interlocked.Increment(ref refused);
            }
        });
        Assert.Equal(Writers, landed + refused);
        Assert.Equal(landed, lake.Reopen().Snapshot().Runs["same"].Attempt);
        Assert.Empty(new LakeVerifier(lake.Reopen()).Verify(CancellationToken.None));
    }

    private static void Race(Action<int> write)
    {
        using var start = new Barrier(Writers);
        var failures = new List<Exception>();
        var threads = Enumerable.Range(0, Writers).Select(writer => new Thread(() =>
        {
            start.SignalAndWait();
            try
            {
                write(writer);
            }
            catch (RiskLakeException exception)
            {
                lock (failures)
                {
                    failures.Add(exception);
                }
            }
        })).ToList();
        threads.ForEach(thread => thread.Start());
        threads.ForEach(thread => thread.Join());
        Assert.Empty(failures);
    }
}
