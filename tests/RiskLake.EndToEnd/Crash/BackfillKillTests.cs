using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using RiskLake.Calendars;

namespace RiskLake.EndToEnd.Crash;

/// <summary>
/// A backfill of 250 sessions through the real program: one day after the other, several at a time, in another order, and killed at
/// random moments of every kind: the lake is the same, and what is said of it is true.
/// </summary>
[Collection(Alone.Name)]
public sealed class BackfillKillTests(ITestOutputHelper output) : IDisposable
{
    private const int Sessions = 250;
    private const int EventsADay = 4;

    /// <summary>Where the kills are aimed: into the first step whose label begins so, after a few of them.</summary>
    private static readonly (string Label, int Most)[] Targets =
    [
        ("", 40), ("backfill.manifest", 12), ("stage.", 60), ("publish.intent", 20), ("publish.link_data", 200), ("publish.link_entry", 25),
        ("views.delta_commit", 80), ("views.tree", 200), ("views.marker", 25), ("lineage", 60), ("publish.end", 80), ("run.lock", 20),
    ];

    private static readonly int Kills = int.Parse(Environment.GetEnvironmentVariable("RISKLAKE_BACKFILL_KILLS") ?? "15", CultureInfo.InvariantCulture);
    private static readonly int Seed = int.Parse(Environment.GetEnvironmentVariable("RISKLAKE_SEED") ?? "20250120", CultureInfo.InvariantCulture);

    private static readonly ScheduledSession[] Days =
        [.. CalendarLibrary.BuiltIn.Get("XNYS").Schedule(new DateOnly(2024, 1, 2), new DateOnly(2025, 1, 31)).Take(Sessions)];

    private readonly List<Workspace> _workspaces = [];
    private readonly SortedDictionary<string, int> _deaths = new(StringComparer.Ordinal);

    [Fact]
    public void Two_hundred_and_fifty_sessions_are_the_same_in_any_order_and_after_any_accident()
    {
        var lines = Days.Select(day => Enumerable.Range(0, EventsADay).Select(number => Event(day, number)).ToArray()).ToArray();
        var (sequential, input) = Open(lines.SelectMany(day => day));
        Backfill(sequential, input, "--parallel", "1").Ends(0);
        EachEventIsInItsDay(sequential);
        var expected = sequential.Digests();

        var (killed, again) = Open(lines.SelectMany(day => day));
        // First, while there is much to do: kills may leave a fast machine nothing to be interrupted in.
        Interrupt(killed, again);
        TellsTheTruth(killed);
        var random = new Random(Seed);
        for (var kill = 0; kill < Kills; kill++)
        {
            Kill(killed, again, random, Targets[kill % Targets.Length]);
            TellsTheTruth(killed);
        }

        Backfill(killed, again, "--resume", "--parallel", "3").Ends(0);
        Assert.Equal(expected, killed.Digests());
        Assert.Empty(Directory.GetFileSystemEntries(Path.Combine(killed.Lake, "_staging")));
        BuiltProgram.Run(killed.Folder, "lake", "verify").Ends(0);
        var histogram = string.Join('\n', _deaths.Select(death => $"{death.Value,4}  {death.Key}"));
        output.WriteLine(histogram);
        Directory.CreateDirectory(Path.Combine(Cli.Repository, "TestResults"));
        File.WriteAllText(Path.Combine(Cli.Repository, "TestResults", "backfill-kills.txt"), histogram + "\n");
        Assert.True(_deaths.Values.Sum() > Kills / 2, histogram);

        // Whole days in another order: silver and gold hold no locators.
        var (shuffled, other) = Open(lines.OrderBy(day => day[0][14..26], StringComparer.Ordinal).Reverse().SelectMany(day => day));
        Backfill(shuffled, other, "--parallel", "4").Ends(0);
        Assert.Equal(WithoutLocators(expected), WithoutLocators(shuffled.Digests()));
        MakesExactlyItsDayStale(killed, lines);
    }

    public void Dispose() => _workspaces.ForEach(workspace => workspace.Dispose());

    private static void MakesExactlyItsDayStale(Workspace workspace, string[][] lines)
    {
        var changed = lines.ToArray();
        changed[100] = [.. lines[100].Take(2), lines[100][2].Replace("\"volume\":1,", "\"volume\":2,", StringComparison.Ordinal), lines[100][3]];
        Stale(changed.SelectMany(day => day), 100);
        Stale(changed.SelectMany(day => day).Prepend(Event(Days[200], 50)), 100, 200);
        Stale(lines.SelectMany(day => day).Prepend(Event(Days[57], 50)), 57);
        Stale(lines.SelectMany(day => day).Prepend("\n"));

        // Made again it is that day alone which has another attempt.
        var input = workspace.Write("events.ndjson", string.Concat(changed.SelectMany(day => day)));
        var before = workspace.Digests();
        Backfill(workspace, input, "--resume").Ends(0);
        var run = FormattableString.Invariant($"run_id=backfill-{Days[100].Session:yyyy-MM-dd}.parquet");
        var after = workspace.Digests();
        var different = after.Where(file => !before.TryGetValue(file.Key, out var digest) || digest != file.Value).Select(file => file.Key).ToArray();
        Assert.NotEmpty(different);
        Assert.All(different, path => Assert.EndsWith(run, path, StringComparison.Ordinal));

        void Stale(IEnumerable<string> events, params int[] days)
        {
            var path = workspace.Write("events.ndjson", string.Concat(events));
            var plan = Backfill(workspace, path, "--resume", "--dry-run", "-o", "json").Ends(0).Json.AsArray();
            var work = plan.Where(day => (string?)day!["action"] is not ("keep" or "none")).ToArray();
            Assert.Equal(days.Select(day => FormattableString.Invariant($"{Days[day].Session:yyyy-MM-dd} redo stale: the slice changed")),
                work.Select(day => $"{(string?)day!["date"]} {(string?)day["action"]} {(string?)day["reason"]}"));
        }
    }

    /// <summary>What is said to be published stands in the lake log, and nothing else does.</summary>
    private static void TellsTheTruth(Workspace workspace)
    {
        if (!File.Exists(Path.Combine(workspace.Lake, "_runs", $"{Id}.json")))
        {
            return;
        }

        var said = BuiltProgram.Run(workspace.Folder, ["backfill", "status", .. Range, "-o", "json"]);
        var log = Path.Combine(workspace.Lake, "_log");
        if (!Directory.Exists(log) || Directory.GetFiles(log, "*.json").Length == 0)
        {
            said.Ends(3); // There is no lake yet.
            return;
        }

        var published = Directory.GetFiles(log, "*.json").Select(path => Path.GetFileName(path)).Count(name => name.Length == 25);
        Assert.Equal(published, said.Ends(0).Json.AsArray().Count(day => (string?)day!["status"] == "published"));
    }

    private static void EachEventIsInItsDay(Workspace workspace)
    {
        using var tree = new TreeReader(workspace.Lake);
        var rows = tree.Read("silver/market_events", $"event_id, {TreeReader.RunId}");
        var expected = Days.SelectMany(day => Enumerable.Range(0, EventsADay), (day, number) =>
            FormattableString.Invariant($"{day.Session:yyyyMMdd}-{number} backfill-{day.Session:yyyy-MM-dd}"));
        Assert.Equal(expected.Order(StringComparer.Ordinal), rows.Select(row => $"{row[0]} {row[1]}").Order(StringComparer.Ordinal));
    }

    private void Kill(Workspace workspace, string input, Random random, (string Label, int Most) target)
    {
        var log = Path.Combine(workspace.Folder, "steps");
        using var process = Start(workspace, input, log);
        var wanted = 1 + random.Next(target.Most);
        var wait = TimeSpan.FromMilliseconds(random.NextDouble() * 3);
        var outcome = Cli.Finish(process, null, () =>
        {
            Await(process, log, target.Label, wanted);
            Thread.Sleep(wait);
            process.Kill();
        });
        Assert.True(outcome.ExitCode is 137 or 0, outcome.Error);
        if (outcome.ExitCode == 137)
        {
            var last = File.Exists(log) ? File.ReadAllLines(log).LastOrDefault(line => line.Contains('\t', StringComparison.Ordinal)) : null;
            var label = last is null ? "(before the first step)" : last[..last.IndexOf('\t', StringComparison.Ordinal)];
            _deaths[label] = _deaths.GetValueOrDefault(label) + 1;
        }

        File.Delete(log);
    }

    /// <summary>Ctrl-C: the days that run are finished, the manifest is written, nothing is left behind.</summary>
    private static void Interrupt(Workspace workspace, string input)
    {
        var log = Path.Combine(workspace.Folder, "steps");
        using var process = Start(workspace, input, log);
        var outcome = Cli.Finish(process, null, () =>
        {
            Await(process, log, "publish.link_entry", 4);
            Cli.Start("/bin/kill", workspace.Folder, ["-INT", process.Id.ToString(CultureInfo.InvariantCulture)], null, null).Ends(0);
        });
        outcome.Ends(130);
        Assert.Equal("interrupted", (string?)JsonNode.Parse(File.ReadAllText(Path.Combine(workspace.Lake, "_runs", $"{Id}.json")))!["state"]);
        Assert.Empty(Directory.GetFileSystemEntries(Path.Combine(workspace.Lake, "_staging")));
        File.Delete(log);
    }

    private static Process Start(Workspace workspace, string input, string log) => Process.Start(Cli.Describe(
        BuiltProgram.Path, workspace.Folder, ["backfill", .. Range, "--input", input, "--parallel", "3", "--output-root", workspace.Lake],
        BuiltProgram.Environment(("RISKLAKE_STEP_LOG", log))))!;

    private static void Await(Process process, string log, string label, int wanted)
    {
        var began = Stopwatch.GetTimestamp();
        for (var seen = 0; seen < wanted && !process.HasExited && Stopwatch.GetElapsedTime(began) < TimeSpan.FromSeconds(20); Thread.Sleep(1))
        {
            if (File.Exists(log))
            {
                using var reader = new StreamReader(new FileStream(log, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete));
                seen = reader.ReadToEnd().Split('\n').Count(line => line.Length > 0 && line.StartsWith(label, StringComparison.Ordinal));
            }
        }
    }

    private static string Id => $"backfill-{Range[1]}-{Range[3]}";

    private static string[] Range =>
    [
        "--start-date", Days[0].Session.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
        "--end-date", Days[^1].Session.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
    ];

    private static Outcome Backfill(Workspace workspace, string input, params string[] more) =>
        BuiltProgram.Run(workspace.Folder, ["backfill", .. Range, "--input", input, "--output-root", workspace.Lake, .. more]);

    private static KeyValuePair<string, string>[] WithoutLocators(SortedDictionary<string, string> digests) =>
        [.. digests.Where(file => file.Key.StartsWith("silver", StringComparison.Ordinal) || file.Key.StartsWith("gold", StringComparison.Ordinal))];

    private (Workspace Workspace, string Input) Open(IEnumerable<string> lines)
    {
        var workspace = new Workspace();
        _workspaces.Add(workspace);
        return (workspace, workspace.Write("events.ndjson", string.Concat(lines)));
    }

    /// <summary>The first minutes of the session, so that a day is one hour of bronze.</summary>
    private static string Event(ScheduledSession day, int number)
    {
        var at = day.Open.UtcDateTime.AddSeconds(5 + (number * 7));
        var times = string.Create(
            CultureInfo.InvariantCulture, $"\"ts_event\":\"{at:yyyy-MM-ddTHH:mm:ss}Z\",\"ts_ingest\":\"{at.AddSeconds(1):yyyy-MM-ddTHH:mm:ss}Z\"");
        return string.Create(
            CultureInfo.InvariantCulture,
            $$"""{"event_id":"{{day.Session:yyyyMMdd}}-{{number}}","symbol":"AAPL","price":{{100 + number}},"volume":1,{{times}},"source":"s"}""") + "\n";
    }
}
