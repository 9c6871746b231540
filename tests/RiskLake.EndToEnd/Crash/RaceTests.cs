using RiskLake.Lake;
using RiskLake.Lake.Storage;

namespace RiskLake.EndToEnd.Crash;

/// <summary>Eight processes at once, fifty runs each, into one lake; some events are held by many of them.</summary>
[Collection(Alone.Name)]
public sealed class RaceTests(ITestOutputHelper output)
{
    private const int Writers = 8;
    private const int SharedKeys = 40;

    /// <summary>Fifty, unless RISKLAKE_RACE says otherwise.</summary>
    private static readonly int RunsEach = CrashTests.Setting("RISKLAKE_RACE", 50);


    [Fact]
    public async Task Every_run_lands_and_none_lands_twice()
    {
        using var workspace = new Workspace();
        var keys = new Dictionary<string, int[]>(StringComparer.Ordinal);
        for (var run = 0; run < Writers * RunsEach; run++)
        {
            // One key of its own, one of a neighbour's, two that many hold.
            var id = FormattableString.Invariant($"w{run / RunsEach}-{run % RunsEach:00}");
            var neighbour = (run + RunsEach) % (Writers * RunsEach);
            keys.Add(id, [SharedKeys + run, SharedKeys + neighbour, run % SharedKeys, ((run * 7) + 1) % SharedKeys]);
        }

        foreach (var (run, held) in keys)
        {
            workspace.Write(run + ".ndjson", string.Concat(held.Distinct().Select(key => PlainModel.Line(key, isLate: false))));
        }

        _ = BuiltProgram.Path;
        var writers = Enumerable.Range(0, Writers).Select(writer => Task.Factory.StartNew(() => Write(workspace, writer), TaskCreationOptions.LongRunning)).ToArray();
        await Task.WhenAll(writers);
        Check(workspace, keys);
    }

    private static void Write(Workspace workspace, int writer)
    {
        for (var run = 0; run < RunsEach; run++)
        {
            var id = FormattableString.Invariant($"w{writer}-{run:00}");
            BuiltProgram.Run(workspace.Folder, "run", "--input", id + ".ndjson", "--run-id", id, "--threads", "1", "--quiet", "--lock-timeout", "60").Ends(0);
        }
    }

    private void Check(Workspace workspace, Dictionary<string, int[]> keys)
    {
        var lake = LakeStore.Open(workspace.Lake, new PosixStorage(), TimeProvider.System);
        Assert.Equal(keys.Count, lake.Snapshot().Version);
        var published = Enumerable.Range(1, keys.Count).Select(version => (string)lake.ReadEntry(version)["run_id"]!).Order(StringComparer.Ordinal);
        Assert.Equal(keys.Keys.Order(StringComparer.Ordinal), published);
        Assert.All(lake.Snapshot().Runs.Values, run => Assert.Equal(1, run.Attempt));
        Assert.Empty(new LakeVerifier(lake) { WithStatistics = false }.Verify(CancellationToken.None));
        Assert.Empty(Directory.EnumerateFileSystemEntries(Path.Combine(workspace.Lake, "_staging")));
        Assert.Equal(["publish"], Directory.EnumerateFileSystemEntries(Path.Combine(workspace.Lake, "_locks")).Select(entry => Path.GetFileName(entry)));

        using var tree = new TreeReader(workspace.Lake);
        var silver = tree.Read("silver/market_events", "event_id").Select(row => (string)row[0]!).Order(StringComparer.Ordinal);
        Assert.Equal(keys.Values.SelectMany(held => held).Distinct().Select(key => $"k{key}").Order(StringComparer.Ordinal), silver);
        var bronze = tree.Read("bronze/market_events", $"{TreeReader.RunId} || ' ' || event_id").Select(row => (string)row[0]!).Order(StringComparer.Ordinal);
        Assert.Equal(keys.SelectMany(run => run.Value.Distinct().Select(key => $"{run.Key} k{key}")).Order(StringComparer.Ordinal), bronze);
        var notes = tree.Tables().Select(table => tree.Note(table.Table, table.Version)).ToList();
        if (DeltaReader.Missing is { } missing)
        {
            Assert.Skip(missing);
        }

        DeltaReader.Compare(workspace.Lake, notes);
        output.WriteLine(FormattableString.Invariant($"{keys.Count} runs by {Writers} writers: {notes.Count} tables equal, {notes.Sum(note => note.Count)} rows"));
    }
}
