using System.Globalization;
using System.Text.Json.Nodes;
using RiskLake.EndToEnd.Crash;
using RiskLake.Trials.Silver.Histories;

namespace RiskLake.EndToEnd.Silver;

/// <summary>The lake that version 0.1 wrote, where a run kept what it had once taken over: doctor mends it, and it lives on.</summary>
public sealed class StoredLakeTests
{
    /// <summary>Published runs that received events, in the order in which they became published.</summary>
    private static readonly string[] InOrder = ["morning", "overlap", "second-copy", "rejects"];

    /// <summary>Runs whose silver was another than their bronze says.</summary>
    private static readonly string[] Moved = ["morning", "overlap", "first-copy", "second-copy"];

    [Fact]
    public void Doctor_brings_it_to_what_its_bronze_says_and_tells_run_by_run_what_changed()
    {
        using var stored = new StoredLake();
        var bars = stored.Rows("SELECT * EXCLUDE (dq_flags, is_late) FROM silver.market_bars ORDER BY ALL");
        Assert.NotEqual(stored.Expected(), stored.Silver());

        var told = stored.Run("doctor", "-o", "ndjson").Ends(0).Out.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => JsonNode.Parse(line)!).Where(row => row["run_id"] is not null)
            .ToDictionary(row => (string)row["run_id"]!, row => ((long)row["events_lost"]!, (long)row["events_gained"]!), StringComparer.Ordinal);
        Assert.Equal((4, 0), told["morning"]);
        Assert.Equal((0, 4), told["overlap"]);
        Assert.Equal((20, 0), told["first-copy"]);
        Assert.Equal((0, 20), told["second-copy"]);
        Assert.All(told.Where(run => !Moved.Contains(run.Key)), run => Assert.Equal((0, 0), run.Value));

        stored.Agrees();
        Assert.Equal(bars, stored.Rows("SELECT * EXCLUDE (dq_flags, is_late) FROM silver.market_bars ORDER BY ALL"));
        Assert.Equal(["true"], stored.Rows("SELECT stale FROM lake.runs WHERE run_id = 'second-copy'"));
        Assert.Equal(["false"], stored.Rows("SELECT stale FROM lake.runs WHERE run_id = 'rejects'"));
        var entries = stored.Entries;
        stored.Run("doctor").Ends(0);
        Assert.Equal(entries, stored.Entries);
        stored.Agrees();
    }

    [Fact]
    public void Once_mended_it_is_appended_to_restated_in_and_refreshed()
    {
        using var stored = new StoredLake();
        stored.Run("doctor").Ends(0);
        stored.Run("runs", "refresh").Ends(0);
        Assert.Equal(["0"], stored.Rows("SELECT count(*) FROM lake.runs WHERE stale"));
        Assert.Equal(["true"], stored.Rows("SELECT min(low) >= 200 FROM gold.market_bars_runs WHERE run_id = 'second-copy'"));

        var corrected = File.ReadAllLines(Cli.Fixture("lakes/0.1/inputs/b.ndjson"));
        stored.Publish("appended", [corrected[0], corrected[1], corrected[2].Replace("\"g2\"", "\"new\"", StringComparison.Ordinal)]);
        stored.Agrees();

        // The place of a restatement is that of its run, which stands before the one that shares its events.
        stored.Publish("morning", File.ReadAllLines(Cli.Fixture("lakes/0.1/inputs/overlap.ndjson"))[..16]);
        stored.Agrees();
        stored.Run("runs", "refresh").Ends(0);
        Assert.Equal(["0"], stored.Rows("SELECT count(*) FROM lake.runs WHERE stale"));
        stored.Agrees();
        stored.Run("runs", "withdraw", "second-copy", "--reason", "test").Ends(0);
        stored.Withdrawn.Add("second-copy");
        stored.Agrees();
    }

    /// <summary>A copy of the stored lake, and what the literal model makes of the bronze it holds.</summary>
    private sealed class StoredLake : IDisposable
    {
        private readonly Workspace _workspace = new();
        private readonly TreeReader _tree;

        public StoredLake()
        {
            var stored = Cli.Fixture("lakes/0.1/lake");
            foreach (var file in Directory.EnumerateFiles(stored, "*", SearchOption.AllDirectories))
            {
                var copy = Path.Combine(_workspace.Lake, Path.GetRelativePath(stored, file));
                Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
                File.Copy(file, copy);
            }

            _tree = new TreeReader(_workspace.Lake);
        }

        public List<string> Withdrawn { get; } = [];

        public int Entries => Directory.EnumerateFiles(Path.Combine(_workspace.Lake, "_log"), "*.json").Count();

        private List<string> Appended { get; } = [];

        public Outcome Run(params string[] arguments) => _workspace.Run(arguments);

        public void Publish(string run, IEnumerable<string> lines)
        {
            _workspace.Write(run + ".ndjson", string.Concat(lines.Select(line => line + "\n")));
            Run("run", "--input", run + ".ndjson", "--run-id", run, "--allow-dq-breach", "--max-displaced", "100%", "--quiet").Ends(0);
            if (!InOrder.Contains(run, StringComparer.Ordinal))
            {
                Appended.Add(run);
            }
        }

        public List<string> Rows(string sql) => [.. Run("data", "sql", sql, "-o", "json").Ends(0).Json.AsArray()
            .Select(row => string.Join(' ', row!.AsObject().Select(cell => cell.Value?.ToJsonString().Trim('"') ?? "null")))];

        /// <summary>What silver must hold: run and row, of the bronze that is in force.</summary>
        public List<string> Expected() => [.. Model().SilverFiles()
            .SelectMany(file => file.Value.Select(row => $"{file.Key}: {row.Replace(" note=null", string.Empty, StringComparison.Ordinal)}"))
            .Order(StringComparer.Ordinal)];

        /// <summary>What the tree of silver holds.</summary>
        public List<string> Silver() => [.. _tree.ReadAll("silver/market_events").Select(row =>
            $"{Path.GetRelativePath(_workspace.Lake, (string)row["filename"]!)}: {CommandHistory.Columns(row)}")
                .Order(StringComparer.Ordinal)];

        /// <summary>Tree, counts, verification and an independent reader of Delta say the same as the model.</summary>
        public void Agrees()
        {
            Assert.Equal(Expected(), Silver());
            var model = Model();
            Assert.Equal(
                model.Published.Order(StringComparer.Ordinal).Select(run => $"{run} {CommandHistory.Numbers(model.Counts(run))}"),
                Rows("""
                    SELECT run_id, own_records, duplicates, already_published, conflicts FROM lake.runs
                    WHERE dataset = 'market_events' AND status LIKE 'published%' ORDER BY run_id
                    """));
            Run("lake", "verify", "--quiet").Ends(0);
            var notes = _tree.Tables().Select(table => _tree.Note(table.Table, table.Version)).ToList();
            if (DeltaReader.Missing is null)
            {
                DeltaReader.Compare(_workspace.Lake, notes);
            }
        }

        public void Dispose()
        {
            _tree.Dispose();
            _workspace.Dispose();
        }

        private LiteralLake Model()
        {
            var model = new LiteralLake(KeyScope.Month);
            var bronze = _tree.ReadAll("bronze/market_events")
                .ToLookup(row => Path.GetFileName((string)row["filename"]!)["run_id=".Length..^".parquet".Length], StringComparer.Ordinal);
            foreach (var run in InOrder.Concat(Appended).Except(Withdrawn, StringComparer.Ordinal))
            {
                var records = bronze[run].OrderBy(row => (long)row["source_line"]!).Select(Record).ToList();
                Assert.NotEmpty(records);
                model.Publish(run, new Delivery(run, records, new RowConfiguration(1, 300, 5), IsClosed: false));
            }

            return model;
        }

        private static Received? Record(Dictionary<string, object?> row)
        {
            var (happened, arrived) = (Time(row["ts_event"]!), Time(row["ts_ingest"]!));
            return new Received(
                (string)row["event_id"]!, (string)row["symbol"]!, (double)row["price"]!,
                Convert.ToInt64(row["volume"], CultureInfo.InvariantCulture), happened, arrived - happened, Source: (string)row["source"]!);
        }

        private static DateTime Time(object value) => value is DateTimeOffset time ? time.UtcDateTime : (DateTime)value;
    }
}
