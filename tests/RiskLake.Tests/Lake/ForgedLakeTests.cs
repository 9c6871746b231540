using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using CsCheck;
using RiskLake.Lake;
using RiskLake.Lake.Errors;
using RiskLake.Lake.Storage;

namespace RiskLake.Tests.Lake;

/// <summary>
/// A lake may come from somebody who did not mean well: no path inside it is followed out of it, and no file is believed because of
/// its name or place.
/// </summary>
public sealed class ForgedLakeTests
{
    private static readonly string[] Places = ["vacuumed", "removed", "set_aside", "removed_index", "added", "index", "run_id", "delta"];

    private static readonly (int Hour, int Value)[] Rows = [(10, 1), (10, 2), (11, 3)];

    /// <summary>Paths that a forger might put where the lake keeps a path of its own; {0} is a folder outside.</summary>
    private static readonly Gen<string> Path = Gen.OneOf(
        Gen.Const("../precious"), Gen.Const("{0}/precious"), Gen.Const("_delta/../../precious"), Gen.Const("_delta/silver/../../../precious"),
        Gen.Const("_index//../../precious"), Gen.Const("_blocked/./../../precious"), Gen.Const("_runs/demo.json"), Gen.Const("_log/_views"),
        Gen.Const("."), Gen.Const(".."), Gen.Const(""), Gen.Const("/"), Gen.Const("_delta"), Gen.Const("_delta/"), Gen.Const("_delta/a\\..\\b"),
        Gen.Const("_delta/\u0000x"), Gen.Const("silver/market_events/contract_version=v1/year=1970/month=01/day=01/hour=10/run_id=demo.parquet"),
        Gen.Const("_delta/silver/market_events/contract_version=v1/year=1970/month=01/day=01/hour=10/run_id=demo.a1.parquet"),
        Gen.Const("_delta/silver/market_events/contract_version=v1/year=1970/month=01/day=01/hour=10/run_id=../../../../../../../precious.a1.parquet"),
        Gen.String[0, 12]);

    [Fact]
    public void A_marker_in_staging_removes_nothing_but_what_its_own_run_staged() => Path.Array[1, 4].Sample(links =>
    {
        using var lake = Made(out var outside);
        var before = Everything(outside);
        Directory.CreateDirectory($"{lake.Root}/_staging/x");
        var marker = new JsonObject
        {
            ["version"] = 9, ["attempt"] = 9, ["links"] = new JsonArray([.. links.Select(link => (JsonNode)Placed(link, outside))]),
        };
        File.WriteAllText($"{lake.Root}/_staging/x/_publish.json", marker.ToJsonString());
        lake.Reopen().Recover(CancellationToken.None);
        Assert.Equal(before, Everything(outside));
        Assert.False(Directory.Exists($"{lake.Root}/_staging/x"));
    }, iter: 60);

    [Fact]
    public void An_entry_with_a_path_that_leads_elsewhere_is_refused_or_changes_nothing_outside() =>
        Gen.Select(Path, Gen.Int[0, Places.Length - 1].Select(i => Places[i])).Sample((forged, place) =>
        {
            using var lake = Made(out var outside);
            var entry = JsonNode.Parse(File.ReadAllBytes(Entry(lake, 1)))!.AsObject();
            entry["version"] = 2;
            entry["previous_sha256"] = LogEntryFormat.Digest(File.ReadAllBytes(Entry(lake, 1)));
            entry["kind"] = place == "vacuumed" ? "vacuum" : "restate";
            entry["attempt"] = 2;
            var reference = new JsonObject { ["path"] = Placed(forged, outside), ["sha256"] = new string('0', 64), ["bytes"] = 1, ["rows"] = 1, ["keys"] = 1 };
            switch (place)
            {
                case "run_id":
                    entry[place] = Placed(forged, outside);
                    break;
                case "index":
                    entry[place] = reference;
                    break;
                case "delta":
                    entry[place] = new JsonObject { [Placed(forged, outside)] = 1 };
                    break;
                default:
                    entry[place] = new JsonArray(reference);
                    break;
            }

            File.WriteAllText(Entry(lake, 2), entry.ToJsonString() + "\n");
            File.Delete($"{lake.Root}/_log/_views");
            var before = Everything(outside).Where(file => !file.Key.StartsWith(lake.Root, StringComparison.Ordinal)).ToList();
            var data = Data(lake);
            try
            {
                lake.Reopen().Recover(CancellationToken.None);
            }
            catch (RiskLakeException exception)
            {
                Assert.True(exception.Code is ErrorCode.LakeDamaged or ErrorCode.LakePathEscapes or ErrorCode.StorageFailed, exception.Message);
            }

            Assert.Equal(before, Everything(outside).Where(file => !file.Key.StartsWith(lake.Root, StringComparison.Ordinal)));
            Assert.Subset(Data(lake).ToHashSet(), data.Where(file => file.Key.Contains("/_delta/", StringComparison.Ordinal)).ToHashSet());
        }, iter: 150);

    [Theory]
    [InlineData("_staging")]
    [InlineData("_locks")]
    [InlineData("_runs")]
    [InlineData("_log")]
    [InlineData("_delta")]
    [InlineData("_index")]
    [InlineData("silver")]
    [InlineData("_delta/silver/market_events/_delta_log")]
    public void A_folder_that_is_a_link_to_elsewhere_is_refused(string folder)
    {
        using var lake = Made(out var outside);
        var there = $"{outside}/elsewhere";
        Directory.Delete($"{lake.Root}/{folder}", recursive: true);
        Directory.CreateDirectory($"{there}/x");
        File.WriteAllText($"{there}/x/_publish.json", "{}");
        Directory.CreateSymbolicLink($"{lake.Root}/{folder}", there);
        var before = Everything(there);
        var refused = Assert.Throws<RiskLakeException>(() =>
        {
            var store = lake.Reopen();
            store.Recover(CancellationToken.None);
            using var run = store.LockRun("next", TimeSpan.Zero, CancellationToken.None);
            TestLake.PublishLocked(store, run, PublicationKind.Publish, [(10, 9)]);
        });
        Assert.Equal(ErrorCode.LakePathEscapes, refused.Code);
        Assert.Equal(before, Everything(there));
    }

    [Fact]
    public void A_file_that_is_a_link_is_neither_read_nor_written_through()
    {
        using var lake = Made(out var outside);
        var file = lake.Store.Snapshot().Files(Layer.Silver, "market_events").First();
        var path = $"{lake.Root}/{file.DeltaPath}";
        File.Move(path, $"{outside}/moved");
        File.CreateSymbolicLink(path, $"{outside}/moved");
        Assert.Equal(ErrorCode.LakeDamaged, Assert.Throws<RiskLakeException>(() => lake.Store.Files.Checked(file)).Code);
        File.CreateSymbolicLink($"{lake.Root}/_locks/run.next", $"{outside}/made");
        Assert.Equal(
            ErrorCode.LakePathEscapes,
            Assert.Throws<RiskLakeException>(() => lake.Reopen().LockRun("next", TimeSpan.Zero, CancellationToken.None)).Code);
        Assert.False(File.Exists($"{outside}/made"));
    }

    [Fact]
    public void A_checkpoint_that_no_entry_names_decides_nothing() => Gen.Int[0, 4].Sample(edit =>
    {
        using var lake = new TestLake(new Runs.UnsyncedStorage(), inMemory: true);
        for (var i = 0; i <= SnapshotCheckpoint.Interval; i++)
        {
            lake.Publish(string.Create(CultureInfo.InvariantCulture, $"r{i % 7}"), i < 7 ? PublicationKind.Publish : PublicationKind.Restate, [(10, i)]);
        }

        var path = Directory.GetFiles($"{lake.Root}/_log", "*.checkpoint").Single();
        var expected = Summary(lake.Reopen().Snapshot());
        var lines = File.ReadAllLines(path);
        File.WriteAllLines(path, edit switch
        {
            0 => [lines[0].Replace("\"runs\":7", "\"runs\":3", StringComparison.Ordinal), .. lines[1..]],
            1 => [lines[0].Replace("\"oldest_version\":1", "\"oldest_version\":9", StringComparison.Ordinal), .. lines[1..]],
            2 => Rehashed(lines[0], lines[3..]),
            3 => Rehashed(lines[0], [lines[1].Replace("published", "withdrawn", StringComparison.Ordinal), .. lines[2..]]),
            _ => ["{}"],
        });
        Assert.Equal(expected, Summary(lake.Reopen().Snapshot()));
        Assert.Contains(new LakeVerifier(lake.Reopen()).Verify(CancellationToken.None), finding => finding.Check == "checkpoint");
    }, iter: 5);

    private static string[] Rehashed(string head, string[] runs)
    {
        var rest = Encoding.UTF8.GetBytes(string.Concat(runs.Select(line => line + "\n")));
        var json = JsonNode.Parse(head)!.AsObject();
        json["runs"] = runs.Length / 2;
        json["xxh128"] = Convert.ToHexStringLower(System.IO.Hashing.XxHash128.Hash(rest));
        return [json.ToJsonString(), .. runs];
    }

    [Fact]
    public void A_log_older_than_its_views_takes_no_further_decision()
    {
        using var lake = new TestLake(inMemory: true);
        lake.Publish("a", PublicationKind.Publish, Rows);
        lake.Publish("b", PublicationKind.Publish, Rows);
        File.Delete(Entry(lake, 2));
        File.WriteAllText($"{lake.Root}/_log/_views", "{\"version\":1}");
        lake.Restart();
        Assert.Equal(ErrorCode.LakeDamaged, Assert.Throws<RiskLakeException>(() => lake.Publish("c", PublicationKind.Publish, Rows)).Code);
        Assert.Equal(1, lake.Reopen().Snapshot().Version);
    }

    private static TestLake Made(out string outside)
    {
        var lake = new TestLake(new Runs.UnsyncedStorage(), inMemory: true);
        lake.Publish("demo", PublicationKind.Publish, Rows);
        outside = System.IO.Path.GetDirectoryName(lake.Root)!;
        File.WriteAllText($"{outside}/precious", "precious");
        return lake;
    }

    private static string Placed(string path, string outside) => path.Replace("{0}", outside, StringComparison.Ordinal);

    private static string Entry(TestLake lake, long version) => $"{lake.Root}/_log/{LakePaths.VersionName(version)}.json";

    private static SortedDictionary<string, string> Everything(string folder) => new(
        Directory.GetFiles(folder, "*", SearchOption.AllDirectories)
            .Where(file => !file.Contains("/_locks/", StringComparison.Ordinal) && !file.Contains("/_staging/", StringComparison.Ordinal))
            .ToDictionary(file => file, file => LogEntryFormat.Digest(File.ReadAllBytes(file))), StringComparer.Ordinal);

    private static Dictionary<string, string> Data(TestLake lake) =>
        Everything(lake.Root).Where(file => file.Key.EndsWith(".parquet", StringComparison.Ordinal)).ToDictionary();

    private static string Summary(LakeSnapshot snapshot) => string.Join('\n', snapshot.Runs.Values.OrderBy(run => run.RunId, StringComparer.Ordinal)
        .Select(run => $"{run.RunId} {run.Status} {run.Attempt} {string.Join(',', run.Files.Select(file => file.Sha256))}"));
}
