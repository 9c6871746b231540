using CsCheck;
using RiskLake.Lake;
using RiskLake.Lake.Columns;
using RiskLake.Lake.Errors;
using RiskLake.Tests.Lake;
using RiskLake.Tests.Runs;

namespace RiskLake.Trials.Lake;

/// <summary>A lake that was copied or damaged: a copy is sound, and a repair goes only from bytes whose digest is right.</summary>
public sealed class DamagedLakeTests
{
    private static readonly (int Hour, int Value)[] First = [(10, 1), (10, 2), (11, 3)];
    private static readonly (int Hour, int Value)[] Second = [(10, 4), (12, 5)];

    [Fact]
    public void A_plain_copy_is_sound_and_takes_every_further_write()
    {
        using var lake = Made();
        using var copy = PlainCopy(lake);
        var verifier = new LakeVerifier(copy.Store);
        Assert.Empty(verifier.Verify(CancellationToken.None));
        Assert.Equal(copy.Store.Views.TreeFiles().Count(), verifier.Unlinked);
        Assert.True(new LakeDoctor(copy.Store).Examine(CancellationToken.None).IsHealthy);
        copy.Publish("a", PublicationKind.Restate, Second);
        copy.Publish("c", PublicationKind.Publish, First);
        copy.Publish("b", PublicationKind.Withdraw, []);
        Assert.NotEmpty(new LakeVacuum(copy.Store, TimeSpan.Zero).Run(1, CancellationToken.None));
        Assert.Empty(new LakeVerifier(copy.Reopen()).Verify(CancellationToken.None));
    }

    [Theory]
    [InlineData("_delta/silver")]
    [InlineData("silver")]
    [InlineData("_delta/bronze")]
    [InlineData("bronze")]
    public void A_file_that_is_whole_in_one_of_its_places_is_mended_from_there(string folder)
    {
        using var lake = Made();
        using var copy = PlainCopy(lake);
        var live = copy.Store.Snapshot().Runs.Values.SelectMany(run => run.Files).SelectMany(file => new[] { file.TreePath, file.DeltaPath }).ToHashSet();
        var damaged = copy.Store.Views.FilesBelow(folder).First(live.Contains);
        Flip($"{copy.Root}/{damaged}", 100, 3);
        Assert.NotEmpty(new LakeVerifier(copy.Store).Verify(CancellationToken.None));
        var before = Good(copy);
        Assert.Empty(new LakeDoctor(copy.Reopen()).Repair(CancellationToken.None).Remaining);
        Assert.Superset(before, Good(copy));
    }

    /// <summary>Whatever one bit of whatever file is flipped: no good byte is lost, and what the log can tell is told again.</summary>
    [Fact]
    public void A_repair_never_makes_anything_worse() =>
        Gen.Select(Gen.Int[0, 1_000_000], Gen.Int[0, 1_000_000], Gen.Int[0, 7], Gen.Bool).Sample((which, at, bit, isCopy) =>
        {
            using var made = Made();
            using var lake = isCopy ? PlainCopy(made) : made.Copy(new UnsyncedStorage());
            var files = AllFiles(lake);
            var path = files[which % files.Count];
            Flip(path, at, bit);
            var before = Good(lake);
            var digests = Digests(lake);
            LakeHealth health;
            try
            {
                health = new LakeDoctor(lake.Reopen()).Repair(CancellationToken.None);
            }
            catch (RiskLakeException exception)
            {
                Assert.Equal(ErrorCode.LakeDamaged, exception.Code);
                return;
            }

            Assert.Superset(before, Good(lake));
            if (health.Remaining.Any(finding => finding.Check == "log"))
            {
                Assert.Equal(digests, Digests(lake));
            }
            else if (isCopy && !new[] { "/_index/", "/_delta/", "/_blocked/" }.Any(folder => path.Contains(folder, StringComparison.Ordinal)))
            {
                Assert.Empty(health.Remaining);
            }
        }, iter: 60);

    [Fact]
    public void What_the_tree_holds_besides_is_put_aside_and_not_deleted()
    {
        using var lake = Made();
        var path = $"{lake.Root}/silver/market_events/contract_version=v1/foreign.parquet";
        File.WriteAllText(path, "somebody's");
        Assert.Empty(new LakeDoctor(lake.Store).Repair(CancellationToken.None).Remaining);
        Assert.False(File.Exists(path));
        Assert.Equal("somebody's", File.ReadAllText($"{lake.Root}/_aside/silver/market_events/contract_version=v1/foreign.parquet"));
    }

    [Fact]
    public void A_damaged_marker_leaves_a_lake_that_can_be_written() => Gen.Select(Gen.Int[0, 200], Gen.Int[0, 7]).Sample((at, bit) =>
    {
        using var lake = Made();
        Flip($"{lake.Root}/_log/_views", at, bit);
        lake.Restart();
        lake.Publish("d", PublicationKind.Publish, Second);
        Assert.Empty(new LakeVerifier(lake.Reopen()).Verify(CancellationToken.None));
    }, iter: 30);

    /// <summary>Every page, of data and of dictionaries, is compared with its checksum when our reader reads it.</summary>
    [Fact]
    public void A_changed_bit_of_a_page_is_never_read_as_another_value() => Gen.Select(Gen.Int[0, 1_000_000], Gen.Int[0, 7], Gen.Bool)
        .Sample(ReadDamaged, iter: 300);

    private static void ReadDamaged(int at, int bit, bool repeats)
    {
        using var folder = new TestLake(inMemory: true);
        var path = $"{Path.GetDirectoryName(folder.Root)}/file.parquet";
        ColumnSchema[] schema =
        [
            new("text", ColumnType.String), new("number", ColumnType.Double, Nullable: true), new("count", ColumnType.Int64), new("day", ColumnType.Date),
        ];
        using (var batch = new RecordBatch(schema))
        {
            for (var i = 0; i < 500; i++)
            {
                batch["text"].Append(System.Text.Encoding.UTF8.GetBytes($"text {(repeats ? i % 5 : i)}"));
                batch["number"].Append((repeats ? i % 7 : i) / 3.0);
                batch["count"].Append((long)i);
                batch["day"].Append((long)(repeats ? i % 3 : i));
            }

            using var writer = new ParquetTableWriter(path, schema, new Dictionary<string, string>(), []);
            writer.WriteAll(batch);
            writer.Finish();
        }

        var right = Rows(path, schema);
        var bytes = File.ReadAllBytes(path);
        var footer = BitConverter.ToInt32(bytes, bytes.Length - 8);
        bytes[4 + (at % (bytes.Length - footer - 12))] ^= (byte)(1 << bit);
        File.WriteAllBytes(path, bytes);
        try
        {
            Assert.Equal(right, Rows(path, schema));
        }
        catch (RiskLakeException exception)
        {
            Assert.Equal(ErrorCode.LakeDamaged, exception.Code);
        }
    }

    private static string Rows(string path, ColumnSchema[] schema)
    {
        using var reader = new ParquetTableReader(path);
        using var batch = new RecordBatch(schema);
        for (var group = 0; group < reader.RowGroups; group++)
        {
            reader.Read(group, batch);
        }

        return string.Join('\n', Enumerable.Range(0, batch.RowCount).Select(row => string.Join('|', schema.Select(column =>
            batch[column.Name].IsNull(row) ? "null" : column.Type is ColumnType.String
                ? batch[column.Name].Text(row)
                : batch[column.Name].Slot(row).ToString(System.Globalization.CultureInfo.InvariantCulture)))));
    }

    private static TestLake Made()
    {
        var lake = new TestLake(new UnsyncedStorage(), inMemory: true);
        lake.Publish("a", PublicationKind.Publish, First);
        lake.Publish("b", PublicationKind.Publish, [(11, 7), (13, 8)]);
        lake.Publish("a", PublicationKind.Restate, [.. First, .. Second]);
        lake.Publish("a", PublicationKind.BlockRestatement, Second);
        return lake;
    }

    /// <summary>A copy as <c>cp -r</c> makes it: no links, other modes, other times.</summary>
    private static TestLake PlainCopy(TestLake lake)
    {
        var copy = new TestLake(new UnsyncedStorage(), inMemory: true);
        foreach (var path in Directory.GetFiles(lake.Root, "*", SearchOption.AllDirectories))
        {
            var target = copy.Root + path[lake.Root.Length..];
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.WriteAllBytes(target, File.ReadAllBytes(path));
        }

        return copy;
    }

    private static List<string> AllFiles(TestLake lake) => [.. Directory.GetFiles(lake.Root, "*", SearchOption.AllDirectories)
        .Where(path => !path.Contains("/_locks/", StringComparison.Ordinal) && new FileInfo(path).Length > 0).Order(StringComparer.Ordinal)];

    private static void Flip(string path, int at, int bit)
    {
        var bytes = File.ReadAllBytes(path);
        bytes[at % bytes.Length] ^= (byte)(1 << bit);
        File.SetAttributes(path, FileAttributes.Normal);
        File.WriteAllBytes(path, bytes);
    }

    private static SortedDictionary<string, string> Digests(TestLake lake) =>
        new(AllFiles(lake).ToDictionary(path => path, path => LogEntryFormat.Digest(File.ReadAllBytes(path))), StringComparer.Ordinal);

    /// <summary>Digests that the log names and that some file has.</summary>
    private static HashSet<string> Good(TestLake lake)
    {
        var named = new HashSet<string>(StringComparer.Ordinal);
        using var whole = Made();
        for (var version = 1; version <= 4; version++)
        {
            var entry = whole.Store.Log.Read(version, out _);
            named.UnionWith(entry.Added.Select(file => file.Sha256).Concat(entry.SetAside.Select(file => file.Sha256)));
        }

        return [.. Digests(lake).Values.Where(named.Contains)];
    }
}
