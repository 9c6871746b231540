using RiskLake.Lake;
using RiskLake.Lake.Errors;

namespace RiskLake.Tests.Lake;

public sealed class LakeStoreTests
{
    private static readonly (int, int)[] First = [(482_345, 1), (482_345, 2), (482_346, 3)];
    private static readonly (int, int)[] Second = [(482_345, 1), (482_345, 2), (482_347, 9)];

    [Fact]
    public void An_empty_lake_has_version_0_and_writes_nothing()
    {
        using var lake = new TestLake();
        Assert.False(lake.Store.Exists);
        Assert.Equal(0, lake.Store.Snapshot().Version);
        lake.Store.Recover(CancellationToken.None);
        Assert.False(Directory.Exists(lake.Root));
    }

    [Fact]
    public void A_published_run_stands_in_log_tree_delta_and_records()
    {
        using var lake = new TestLake();
        var snapshot = lake.Publish("demo-001", PublicationKind.Publish, First);
        Assert.Equal(1, snapshot.Version);
        var run = snapshot.Runs["DEMO-001"];
        Assert.Equal((1, (int?)1, "published", 1L, 4), (run.Attempt, run.PublishedAttempt, run.Status, run.PublishedOrder, run.Files.Count));
        Assert.Equal("_index/market_events/run_id=demo-001.a1.keys", run.KeyIndex!.Path);
        Assert.Equal(2, snapshot.Files(Layer.Silver, "market_events").Count());
        Assert.True(File.Exists($"{lake.Root}/silver/market_events/contract_version=v1/year=2025/month=01/day=09/hour=17/run_id=demo-001.parquet"));
        Assert.True(File.Exists($"{lake.Root}/_runs/demo-001.json"));
        Assert.Empty(Directory.GetFileSystemEntries($"{lake.Root}/_staging"));
        Assert.Equal(["publish"], Directory.GetFileSystemEntries($"{lake.Root}/_locks").Select(Path.GetFileName), StringComparer.Ordinal);
        Assert.Empty(Verify(lake));
        Assert.Equal(1, lake.Store.ReadRecord("demo-001")!["version"]!.GetValue<long>());
    }

    [Fact]
    public void A_restatement_keeps_equal_files_and_removes_vanished_partitions()
    {
        using var lake = new TestLake();
        lake.Publish("r", PublicationKind.Publish, First);
        var snapshot = lake.Publish("r", PublicationKind.Restate, Second);
        var silver = snapshot.Files(Layer.Silver, "market_events").Select(file => (file.Partition.HoursSinceEpoch, file.Attempt)).ToList();
        Assert.Equal([(482_345, 1), (482_347, 2)], silver);
        Assert.False(Directory.Exists($"{lake.Root}/silver/market_events/contract_version=v1/year=2025/month=01/day=09/hour=18"));
        Assert.True(File.Exists($"{lake.Root}/_runs/_attempts/r/1.json"));
        Assert.Equal(1, snapshot.Runs["r"].PublishedOrder);
        Assert.Empty(Verify(lake));
        Assert.Equal(
            [482_345, 482_346],
            lake.Store.Snapshot(1).Files(Layer.Silver, "market_events").Select(file => file.Partition.HoursSinceEpoch));
    }

    [Fact]
    public void A_blocked_restatement_changes_nothing_published()
    {
        using var lake = new TestLake();
        lake.Publish("r", PublicationKind.Publish, First);
        var snapshot = lake.Publish("r", PublicationKind.BlockRestatement, Second);
        var run = snapshot.Runs["r"];
        Assert.Equal(
            (2, (int?)1, "published", "blocked", 1L, 2L), (run.Attempt, run.PublishedAttempt, run.Status, run.LastStatus, run.Version, run.LastVersion));
        Assert.Equal(TestLake.Fingerprint(First), run.Fingerprint);
        Assert.Equal(TestLake.Fingerprint(Second), run.LastFingerprint);
        Assert.True(File.Exists($"{lake.Root}/_blocked/r/a2/record.json"));
        Assert.True(File.Exists($"{lake.Root}/_blocked/r/a2/silver/market_events/contract_version=v1/year=2025/month=01/day=09/hour=19/run_id=r.parquet"));
        Assert.Empty(Verify(lake));
        Assert.Equal(3, lake.Publish("r", PublicationKind.Restate, Second).Runs["r"].Attempt);
        Assert.Empty(Verify(lake));
    }

    [Fact]
    public void Published_order_counts_from_the_release_and_ends_with_withdrawal()
    {
        using var lake = new TestLake();
        Assert.Equal(0, lake.Publish("r", PublicationKind.Block, First).Runs["r"].PublishedOrder);
        lake.Publish("other", PublicationKind.Publish, Second);
        Assert.Equal(3, lake.Publish("r", PublicationKind.Release, First).Runs["r"].PublishedOrder);
        Assert.Equal(3, lake.Publish("r", PublicationKind.Restate, Second).Runs["r"].PublishedOrder);
        var withdrawn = lake.Publish("r", PublicationKind.Withdraw, []).Runs["r"];
        Assert.Equal((0L, (int?)null, "withdrawn", 0), (withdrawn.PublishedOrder, withdrawn.PublishedAttempt, withdrawn.Status, withdrawn.Files.Count));
        Assert.Equal(6, lake.Publish("r", PublicationKind.Publish, First).Runs["r"].PublishedOrder);
        Assert.Empty(Verify(lake));
    }

    [Fact]
    public void Reading_writes_nothing()
    {
        using var lake = new TestLake();
        lake.Publish("r", PublicationKind.Publish, First);
        lake.Publish("r", PublicationKind.Restate, Second);
        var storage = new FaultyStorage(-1, Fault.Before) { Paused = false };
        var reader = LakeStore.Open(lake.Root, storage, TestLake.Clock);
        Assert.True(reader.Exists);
        Assert.NotEmpty(reader.Snapshot(1).Files(Layer.Silver, "market_events").First().Statistics);
        Assert.NotNull(reader.ReadRecord("r"));
        Assert.NotNull(reader.ReadEntry(1));
        Assert.All(storage.Steps, step => Assert.Matches(" (read|open|exists|list|stat)$", step));
    }

    [Fact]
    public void A_run_that_is_locked_is_refused_with_RL5002_and_its_lock_leaves_no_file()
    {
        using var lake = new TestLake();
        using (lake.Store.LockRun("r", TimeSpan.Zero, CancellationToken.None))
        {
            var refused = Assert.Throws<RiskLakeException>(() => lake.Reopen().LockRun("R", TimeSpan.Zero, CancellationToken.None));
            Assert.Equal(ErrorCode.RunLocked, refused.Code);
        }

        Assert.Empty(Directory.GetFileSystemEntries($"{lake.Root}/_locks"));
    }

    [Theory]
    [InlineData("../x")]
    [InlineData("a/b")]
    [InlineData("")]
    [InlineData("_views")]
    public void Names_that_leave_their_folder_are_refused(string runId)
    {
        using var lake = new TestLake();
        Assert.Equal(ErrorCode.RunIdInvalid, Assert.Throws<RiskLakeException>(() => lake.Store.LockRun(runId, TimeSpan.Zero, CancellationToken.None)).Code);
    }

    [Fact]
    public void A_run_id_that_differs_by_case_is_refused()
    {
        using var lake = new TestLake();
        lake.Publish("demo", PublicationKind.Publish, First);
        Assert.Equal(ErrorCode.RunIdInvalid, Assert.Throws<RiskLakeException>(() => lake.Publish("Demo", PublicationKind.Publish, First)).Code);
        Assert.Equal(1, lake.Store.Snapshot().Version);
    }

    [Fact]
    public void What_a_dead_publication_linked_is_cleared_away()
    {
        using var lake = new TestLake();
        lake.Publish("a", PublicationKind.Publish, First);
        using (var run = lake.Store.LockRun("b", TimeSpan.Zero, CancellationToken.None))
        {
            var staging = lake.Store.StagingFolder("b");
            var publication = TestLake.Stage(staging, "b", PublicationKind.Publish, First, null, true);
            using var stop = new CancellationTokenSource();
            Assert.Throws<OperationCanceledException>(() => lake.Store.Publish(
                new PublishContext(run),
                _ => publication with { Record = view => Cancel(publication.Record(view), stop) },
                stop.Token));
            File.WriteAllText($"{staging}/_publish.json", """{"version":2,"attempt":1,"links":["_delta/silver/x/y.parquet"]}""");
            Directory.CreateDirectory($"{lake.Root}/_delta/silver/x");
            lake.Storage.Link("test", publication.Files[0].Path, $"{lake.Root}/_delta/silver/x/y.parquet");
        }

        lake.Reopen().Recover(CancellationToken.None);
        Assert.False(Directory.Exists($"{lake.Root}/_delta/silver/x"));
        Assert.Empty(Directory.GetFileSystemEntries($"{lake.Root}/_staging"));
        Assert.Empty(Verify(lake));
    }

    [Fact]
    public void A_doctor_makes_the_views_anew()
    {
        using var lake = new TestLake();
        lake.Publish("a", PublicationKind.Publish, First);
        lake.Publish("a", PublicationKind.BlockRestatement, Second);
        lake.Publish("a", PublicationKind.Restate, Second);
        Directory.Delete($"{lake.Root}/silver", recursive: true);
        Directory.Delete($"{lake.Root}/_runs", recursive: true);
        Directory.Delete($"{lake.Root}/_delta/bronze/market_events/_delta_log", recursive: true);
        File.WriteAllText($"{lake.Root}/bronze/stray.parquet", "x");
        var health = new LakeDoctor(lake.Reopen()).Repair(CancellationToken.None);
        Assert.NotEmpty(health.Findings);
        Assert.Empty(health.Remaining);
        Assert.True(new LakeDoctor(lake.Reopen()).Examine(CancellationToken.None).IsHealthy);
    }

    [Fact]
    public void A_vacuum_removes_what_only_old_versions_name_and_says_so()
    {
        using var lake = new TestLake();
        lake.Publish("a", PublicationKind.Publish, First);
        lake.Publish("a", PublicationKind.BlockRestatement, [(5, 5)]);
        lake.Publish("a", PublicationKind.Restate, Second);
        lake.Publish("a", PublicationKind.Restate, First);
        var vacuum = new LakeVacuum(lake.Store, TimeSpan.Zero);
        Assert.Empty(vacuum.Plan(keep: 4).Files);
        var removed = vacuum.Run(keep: 1, CancellationToken.None);
        Assert.Contains(removed, file => file.Path.StartsWith("_blocked/a/a2/", StringComparison.Ordinal));
        Assert.All(removed, file => Assert.False(File.Exists(Path.Combine(lake.Root, file.Path))));
        Assert.Equal((5L, 4L), (lake.Store.Snapshot().Version, lake.Store.Snapshot().OldestVersion));
        Assert.Empty(Verify(lake));
        Assert.Empty(vacuum.Run(keep: 1, CancellationToken.None));
        new LakeDoctor(lake.Reopen()).Repair(CancellationToken.None);
        Assert.Empty(Verify(lake));
    }

    [Fact]
    public void What_was_superseded_within_the_grace_stays()
    {
        using var lake = new TestLake();
        lake.Publish("a", PublicationKind.Publish, First);
        lake.Publish("a", PublicationKind.Restate, Second);
        var before = Directory.GetFiles(lake.Root, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal).ToArray();
        Assert.Empty(new LakeVacuum(lake.Store, LakeVacuum.StandardGrace).Run(keep: 1, CancellationToken.None));
        Assert.Equal(before, Directory.GetFiles(lake.Root, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal));
        Assert.Equal(1L, lake.Store.Snapshot().OldestVersion);
        Assert.Equal(TimeSpan.FromDays(7), LakeVacuum.StandardGrace);
        Assert.NotEmpty(new LakeVacuum(lake.Store, TimeSpan.Zero).Run(keep: 1, CancellationToken.None));
    }

    [Fact]
    public void A_staged_file_of_another_type_is_refused()
    {
        using var lake = new TestLake();
        using var run = lake.Store.LockRun("r", TimeSpan.Zero, CancellationToken.None);
        var publication = TestLake.Stage(lake.Store.StagingFolder("r"), "r", PublicationKind.Publish, First, null, true);
        var wrong = publication.Files.Select(file => file with
        {
            Schema = [.. file.Schema.Select(column => column.Name == "volume" ? column with { Type = RiskLake.Lake.Columns.ColumnType.Double } : column)],
        }).ToList();
        var refused = Assert.Throws<RiskLakeException>(() =>
            lake.Store.Publish(new PublishContext(run), _ => publication with { Files = wrong }, CancellationToken.None));
        Assert.Equal(ErrorCode.StagedFileInvalid, refused.Code);
        Assert.False(lake.Store.Exists);
    }

    private static System.Text.Json.Nodes.JsonObject Cancel(System.Text.Json.Nodes.JsonObject record, CancellationTokenSource stop)
    {
        stop.Cancel();
        return record;
    }

    private static IReadOnlyList<LakeFinding> Verify(TestLake lake) => new LakeVerifier(lake.Reopen()).Verify(CancellationToken.None);
}
