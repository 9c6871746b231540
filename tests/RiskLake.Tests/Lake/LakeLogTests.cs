using System.Text;
using RiskLake.Lake;
using RiskLake.Lake.Columns;
using RiskLake.Lake.Errors;
using RiskLake.Lake.Storage;

namespace RiskLake.Tests.Lake;

public sealed class LakeLogTests
{
    private static readonly (int, int)[] Rows = [(482_345, 1)];

    [Fact]
    public void A_changed_entry_breaks_the_chain()
    {
        using var lake = new TestLake(inMemory: true);
        lake.Publish("a", PublicationKind.Publish, Rows);
        lake.Publish("b", PublicationKind.Publish, Rows);
        Rewrite(lake.Store.Paths.Entry(1), text => text.Replace("\"fingerprint\":\"", "\"fingerprint\":\"0", StringComparison.Ordinal));
        Assert.Equal(ErrorCode.LakeDamaged, Assert.Throws<RiskLakeException>(() => lake.Reopen().Snapshot()).Code);
        Assert.Contains(new LakeVerifier(lake.Reopen()).Verify(CancellationToken.None), finding => finding.Check == "log");
    }

    [Fact]
    public void Any_changed_byte_of_the_newest_entry_is_found()
    {
        using var lake = new TestLake(inMemory: true);
        lake.Publish("a", PublicationKind.Publish, Rows);
        Rewrite(lake.Store.Paths.Entry(1), text => text.Replace("\"status\":\"Publish\"", "\"status\":\"Publisi\"", StringComparison.Ordinal));
        Assert.NotEmpty(new LakeVerifier(lake.Reopen()).Verify(CancellationToken.None));
    }

    [Fact]
    public void A_newer_format_is_refused()
    {
        using var lake = new TestLake(inMemory: true);
        lake.Publish("a", PublicationKind.Publish, Rows);
        Rewrite(lake.Store.Paths.Entry(1), text => text.Replace("\"format_version\":2", "\"format_version\":3", StringComparison.Ordinal));
        Assert.Equal(ErrorCode.LakeTooNew, Assert.Throws<RiskLakeException>(() => lake.Reopen().Snapshot()).Code);
    }

    [Fact]
    public void A_missing_entry_is_found()
    {
        using var lake = new TestLake(inMemory: true);
        lake.Publish("a", PublicationKind.Publish, Rows);
        lake.Publish("b", PublicationKind.Publish, Rows);
        File.Delete(lake.Store.Paths.Entry(2));
        Assert.Equal(ErrorCode.LakeDamaged, Assert.Throws<RiskLakeException>(() => lake.Reopen().Snapshot()).Code);
        File.Delete(lake.Store.Paths.Marker);
        File.Move(lake.Store.Paths.Entry(1), lake.Store.Paths.Entry(2));
        Assert.Equal(ErrorCode.LakeDamaged, Assert.Throws<RiskLakeException>(() => lake.Reopen().Snapshot()).Code);
    }

    [Fact]
    public void A_version_that_is_not_there_is_refused()
    {
        using var lake = new TestLake(inMemory: true);
        lake.Publish("a", PublicationKind.Publish, Rows);
        Assert.Equal(ErrorCode.LakeVersionUnknown, Assert.Throws<RiskLakeException>(() => lake.Store.Snapshot(2)).Code);
        Assert.Equal(0, lake.Store.Snapshot(0).Version);
    }

    [Fact]
    public void A_changed_data_file_record_tree_and_index_are_found()
    {
        using var lake = new TestLake(inMemory: true);
        var run = lake.Publish("a", PublicationKind.Publish, Rows).Runs["a"];
        Rewrite(Path.Combine(lake.Root, run.Files[0].DeltaPath), text => text + "x");
        Rewrite(Path.Combine(lake.Root, run.KeyIndex!.Path), text => text + "x");
        Rewrite($"{lake.Root}/_runs/a.json", text => text + " ");
        File.Delete(Path.Combine(lake.Root, run.Files[1].TreePath));
        File.WriteAllText(Path.Combine(lake.Root, run.Files[1].TreePath), "x");
        var checks = new LakeVerifier(lake.Reopen()).Verify(CancellationToken.None).Select(finding => finding.Check);
        Assert.Equal(["file", "file", "record", "tree"], checks.Order(StringComparer.Ordinal), StringComparer.Ordinal);
    }

    [Fact]
    public void Checkpoints_say_what_the_entries_add_up_to()
    {
        using var lake = new TestLake(inMemory: true);
        for (var i = 0; i < 2 * SnapshotCheckpoint.Interval + 3; i++)
        {
            lake.Publish("r" + (i % 70).ToString("D2", null), i < 70 ? PublicationKind.Publish : PublicationKind.Restate, [(482_345 + (i % 3), i)]);
        }

        var fromCheckpoint = lake.Reopen().Snapshot();
        Assert.Empty(new LakeVerifier(lake.Reopen()).Verify(CancellationToken.None));
        Assert.True(File.Exists(Path.Combine(lake.Store.Paths.DeltaLog("silver/market_events"), RiskLake.Lake.Delta.DeltaCheckpoint.Name(100))));
        foreach (var version in new[] { 100, 200 })
        {
            File.Delete(lake.Store.Paths.Checkpoint(version));
        }

        var fromEntries = lake.Reopen().Snapshot();
        Assert.Equal(SnapshotCheckpoint.Write(fromEntries), SnapshotCheckpoint.Write(fromCheckpoint));
        Assert.Equal(
            fromEntries.Files(Layer.Silver, "market_events")
                .SelectMany(file => file.Statistics.Select(column => (file.DeltaPath, column.Column, column.MinSlot, column.MaxSlot))),
            fromCheckpoint.Files(Layer.Silver, "market_events")
                .SelectMany(file => file.Statistics.Select(column => (file.DeltaPath, column.Column, column.MinSlot, column.MaxSlot))));
    }

    [Fact]
    public void A_damaged_checkpoint_is_passed_over_and_reported()
    {
        using var lake = new TestLake(inMemory: true);
        for (var i = 0; i < SnapshotCheckpoint.Interval; i++)
        {
            lake.Publish("r", i == 0 ? PublicationKind.Publish : PublicationKind.Restate, [(482_345, i)]);
        }

        Rewrite(lake.Store.Paths.Checkpoint(100), text => text.Replace("[\"r\",", "[\"q\",", StringComparison.Ordinal));
        Assert.True(lake.Reopen().Snapshot().Runs.ContainsKey("r"));
        Assert.Equal("checkpoint", Assert.Single(new LakeVerifier(lake.Reopen()).Verify(CancellationToken.None)).Check);
    }

    [Fact]
    public void A_file_is_identified_by_inode_not_by_name()
    {
        using var lake = new TestLake(inMemory: true);
        var file = lake.Publish("a", PublicationKind.Publish, Rows).Runs["a"].Files[0];
        var storage = new PosixStorage();
        var tree = storage.Identify("test", Path.Combine(lake.Root, file.TreePath))!.Value;
        Assert.True(tree.IsSameFile(storage.Identify("test", Path.Combine(lake.Root, file.DeltaPath))!.Value));
        Assert.Equal(file.Bytes, tree.Bytes);
        Assert.False(tree.IsDirectory);
    }

    [Theory]
    [InlineData("short", "short", "short")]
    [InlineData("0123456789012345678901234567890123456789", "01234567890123456789012345678901", "0123456789012345678901234567890\U0010FFFF")]
    public void Text_limits_are_cut_to_bounds(string text, string lower, string upper)
    {
        var bounds = TextBounds.Of(new ColumnStatistics("c", ColumnType.String, 0, true, 0, 0, Encoding.UTF8.GetBytes(text), Encoding.UTF8.GetBytes(text)));
        Assert.Equal((lower, upper), (Encoding.UTF8.GetString(bounds.MinBytes!), Encoding.UTF8.GetString(bounds.MaxBytes!)));
    }

    [Fact]
    public void Text_bounds_enclose_every_text() => CsCheck.Check.Sample(CsCheck.Gen.String, text =>
    {
        var bytes = Encoding.UTF8.GetBytes(text + string.Concat(Enumerable.Repeat("\U0010FFFF", text.Length % 40)));
        var bounds = TextBounds.Of(new ColumnStatistics("c", ColumnType.String, 0, true, 0, 0, bytes, bytes));
        return !bounds.HasRange || (bounds.MinBytes.AsSpan().SequenceCompareTo(bytes) <= 0 && bounds.MaxBytes.AsSpan().SequenceCompareTo(bytes) >= 0);
    });

    private static void Rewrite(string path, Func<string, string> change)
    {
        var changed = Encoding.Latin1.GetBytes(change(Encoding.Latin1.GetString(File.ReadAllBytes(path))));
        File.SetAttributes(path, FileAttributes.Normal);
        File.WriteAllBytes(path, changed);
    }
}
