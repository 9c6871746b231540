using CsCheck;
using RiskLake.Lake;
using RiskLake.Tests.Lake;

namespace RiskLake.Trials.Lake;

/// <summary>Random sequences of publications against a plain model: a dictionary of runs.</summary>
public sealed class LakeModelTests
{
    private static readonly string[] RunIds = ["a", "b", "c"];

    private sealed record ModelRun(int Attempt, string Status, string LastStatus, long Order, IReadOnlyList<(int Hour, int Value)> Rows, bool Silver);

    private static readonly Gen<(string Run, int Choice, (int Hour, int Value)[] Rows)[]> Steps = Gen.Select(
        Gen.Int[0, 2].Select(index => RunIds[index]),
        Gen.Int[0, 9],
        Gen.Select(Gen.Int[482_345, 482_347], Gen.Int[0, 40]).Array[1, 4].Select(rows => rows.Distinct().ToArray())).Array[1, 12];

    [Fact]
    public void Every_version_is_what_the_model_says_and_stays_so() => Steps.Sample(Check, iter: 25, threads: 1);

    private static void Check((string Run, int Choice, (int Hour, int Value)[] Rows)[] steps)
    {
        using var lake = new TestLake(inMemory: true);
        var model = new Dictionary<string, ModelRun>(StringComparer.Ordinal);
        var history = new List<Dictionary<string, ModelRun>>();
        foreach (var (run, choice, rows) in steps)
        {
            var (kind, after) = Next(model.GetValueOrDefault(run), choice, rows, history.Count + 1);
            model[run] = after;
            history.Add(new Dictionary<string, ModelRun>(model, StringComparer.Ordinal));
            if (choice == 3)
            {
                lake.Restart();
            }

            lake.Publish(run, kind, kind is PublicationKind.Withdraw ? [] : rows);
            Compare(lake.Store.Snapshot(), model);
        }

        var other = lake.Reopen();
        for (var version = history.Count; version > 0; version--)
        {
            Compare(other.Snapshot(version), history[version - 1]);
        }

        Assert.Empty(new LakeVerifier(other).Verify(CancellationToken.None));
    }

    private static (PublicationKind Kind, ModelRun After) Next(ModelRun? run, int choice, (int, int)[] rows, long version)
    {
        var attempt = (run?.Attempt ?? 0) + 1;
        var published = run is not null && RunStatus.IsPublished(run.Status);
        var order = published ? run!.Order : version;
        var kind = choice switch
        {
            0 when run is not null => PublicationKind.Withdraw,
            1 or 2 or 3 when published => PublicationKind.BlockRestatement,
            1 or 2 or 3 => PublicationKind.Block,
            4 when run is not null => PublicationKind.Release,
            _ when run is null => PublicationKind.Publish,
            _ => PublicationKind.Restate,
        };
        return (kind, kind switch
        {
            PublicationKind.Withdraw => new ModelRun(attempt, "withdrawn", "withdrawn", 0, [], false),
            PublicationKind.BlockRestatement => run! with { Attempt = attempt, LastStatus = "blocked" },
            PublicationKind.Block => new ModelRun(attempt, "blocked", "blocked", 0, rows, false),
            PublicationKind.Release => new ModelRun(attempt, "published_with_breach", "published_with_breach", order, rows, true),
            _ => new ModelRun(attempt, "published", "published", order, rows, true),
        });
    }

    private static void Compare(LakeSnapshot snapshot, Dictionary<string, ModelRun> model)
    {
        Assert.Equal(model.Keys.Order(StringComparer.Ordinal), snapshot.Runs.Keys.Order(StringComparer.Ordinal));
        foreach (var (runId, expected) in model)
        {
            var run = snapshot.Runs[runId];
            Assert.Equal(
                (expected.Attempt, expected.Status, expected.LastStatus, expected.Order), (run.Attempt, run.Status, run.LastStatus, run.PublishedOrder));
            foreach (var layer in new[] { Layer.Bronze, Layer.Silver })
            {
                var rows = layer is Layer.Silver && !expected.Silver ? [] : expected.Rows;
                Assert.Equal(
                    rows.GroupBy(row => row.Hour).Select(group => (group.Key, (long)group.Count())).Order(),
                    run.Files.Where(file => file.Layer == layer).Select(file => (file.Partition.HoursSinceEpoch, file.Rows)).Order());
            }
        }
    }
}
