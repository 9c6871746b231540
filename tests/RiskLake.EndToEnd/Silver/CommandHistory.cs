using System.Diagnostics;
using System.Globalization;
using RiskLake.EndToEnd.Crash;
using RiskLake.Lake;
using RiskLake.Lake.Storage;
using RiskLake.Trials.Silver.Histories;

namespace RiskLake.EndToEnd.Silver;

/// <summary>
/// Does a history's steps with the command line, some of them two at the same moment, and reads back what other readers see.
/// </summary>
internal sealed class CommandHistory : IDisposable
{
    private const string Counts = """
        SELECT run_id, own_records, duplicates, already_published, conflicts, stale FROM lake.runs
        WHERE status IN ('published', 'published_with_breach') ORDER BY run_id
        """;

    /// <summary>Columns that come from the path.</summary>
    private static readonly HashSet<string> Outside = new(["filename", "contract_version", "year", "month", "day", "hour"],
        StringComparer.Ordinal);

    private readonly Workspace _workspace = new();
    private readonly SilverHistory _history;
    private readonly LiteralLake _model;
    private readonly TreeReader _tree;
    private readonly Dictionary<string, (Delivery Delivery, string? Corrects)> _last = new(StringComparer.Ordinal);
    private readonly List<TableNote> _notes = [];
    private int _inputs;

    private CommandHistory(SilverHistory history)
    {
        _history = history;
        _model = new LiteralLake(history.Scope);
        _tree = new TreeReader(_workspace.Lake);
        foreach (var (path, text) in HistoryConfiguration.Files(history.Scope))
        {
            _workspace.Write(path, text);
        }
    }

    private LakeSnapshot Snapshot => LakeStore.Open(_workspace.Lake, new PosixStorage(), TimeProvider.System).Snapshot();

    /// <summary>Plays a history to its end; fails where anything differs from the model.</summary>
    /// <returns>Versions of tables that an independent reader of Delta was held to.</returns>
    public static int Play(SilverHistory history)
    {
        using var play = new CommandHistory(history);
        for (var index = 0; index < history.Steps.Count; index++)
        {
            var step = history.Steps[index];
            var context = string.Create(CultureInfo.InvariantCulture, $"{history}\nstep {index + 1}");
            if (step.IsWithNext && index + 1 < history.Steps.Count)
            {
                play.Both(step, history.Steps[++index]);
            }
            else
            {
                play.Apply(step);
            }

            play.Compare(context);
        }

        play.Finish();
        return play._notes.Count;
    }

    public void Dispose()
    {
        _tree.Dispose();
        _workspace.Dispose();
    }

    private void Apply(Step step)
    {
        switch (step.Act)
        {
            case Act.Withdraw when _model.IsPresent(step.Run):
                Command("runs", "withdraw", step.Run, "--reason", "test").Ends(0);
                _model.Withdraw(step.Run);
                break;
            case Act.Refresh when _model.IsPublished(step.Run):
                Refresh(step.Run);
                break;
            case Act.RefreshAll:
                RefreshAll();
                break;
            case Act.Repeat when _last.TryGetValue(step.Run, out var last):
                Publish(step.Run, last.Delivery, last.Corrects is { } target && _model.IsPublished(target) ? target : null);
                break;
            case Act.Publish or Act.Correct:
                var isCorrection = step.Act is Act.Correct && step.Other != step.Run && _model.IsPublished(step.Other)
                    && !_model.IsPublished(step.Run);
                Publish(step.Run, Deliver(step.Lines, step.Configuration, isClosed: false), isCorrection ? step.Other : null);
                break;
            case Act.Block:
                Block(step.Run, Deliver([.. step.Lines, null], step.Configuration, isClosed: true));
                break;
        }
    }

    /// <summary>Two processes publish at the same moment. Which landed first, and which was planned first, the lake itself says.</summary>
    private void Both(Step first, Step second)
    {
        var deliveries = new[] { first, second }.ToDictionary(
            step => step.Run, step => Deliver(step.Lines, step.Configuration, isClosed: false), StringComparer.Ordinal);
        var isNew = deliveries.Keys.All(run => !_model.IsPublished(run));
        var changes = deliveries.Select(run => Task.Factory.StartNew(Change, run, TaskCreationOptions.LongRunning)).ToArray();
        var landed = Task.WhenAll(changes).GetAwaiter().GetResult()
            .Where(run => run.IsChanged).Select(run => run.Run).OrderBy(LastVersion).ToList();
        var places = Places();
        foreach (var run in landed)
        {
            var isEarlier = isNew && run != landed[0] && places.IndexOf(run) < places.IndexOf(landed[0]);
            _model.Publish(run, deliveries[run], null, isEarlier ? landed[0] : null);
            _last[run] = (deliveries[run], null);
        }

        (string Run, bool IsChanged) Change(object? run) => run is KeyValuePair<string, Delivery> pair
            ? (pair.Key, Run(pair.Key, pair.Value, null))
            : throw new UnreachableException();
    }

    private void Publish(string run, Delivery delivery, string? corrects)
    {
        if (Run(run, delivery, corrects))
        {
            _model.Publish(run, delivery, corrects);
            _last[run] = (delivery, corrects);
        }

        Assert.True(_model.IsPublished(run), $"{run} was not published");
    }

    private void Block(string run, Delivery delivery)
    {
        Command(Arguments(run, delivery)).Ends(1);
        if (!_model.IsPublished(run))
        {
            _last[run] = (delivery, null);
        }

        _model.Block(run, delivery);
    }

    /// <summary>Makes the gold of a run anew, under the configuration it was made with.</summary>
    private void Refresh(string run)
    {
        var before = LastVersion(run);
        Command(["runs", "refresh", run, .. Configuration(_model.Delivered(run))]).Ends(0);
        if (LastVersion(run) != before)
        {
            _model.Refresh(run);
        }

        Assert.False(_model.MustBeStale(run), $"{run} is stale and was not refreshed");
    }

    /// <summary>Makes the gold of all stale runs anew: with one command where all have one configuration.</summary>
    private void RefreshAll()
    {
        var stale = Snapshot.Runs.Values.Where(run => run.IsStale).Select(run => run.RunId).ToList();
        var configurations = stale.Select(run => string.Join(' ', Configuration(_model.Delivered(run)))).Distinct(StringComparer.Ordinal).ToList();
        if (configurations is not [var all])
        {
            stale.ForEach(Refresh);
            return;
        }

        Command(["runs", "refresh", .. all.Split(' ')]).Ends(0);
        stale.ForEach(_model.Refresh);
        Assert.DoesNotContain(Snapshot.Runs.Values, run => run.IsStale);
    }

    /// <summary>Runs the command and says whether the run has another entry since.</summary>
    private bool Run(string run, Delivery delivery, string? corrects)
    {
        string[] correction = corrects is null ? [] : ["--corrects", corrects];
        var before = LastVersion(run);
        Command([.. Arguments(run, delivery), "--allow-dq-breach", "--max-displaced", "100%", .. correction]).Ends(0);
        return LastVersion(run) != before;
    }

    private static string[] Arguments(string run, Delivery delivery) =>
    [
        "run", "--input", delivery.Input, "--run-id", run, "--lock-timeout", "120", "--threads", "1", "--quiet", .. Configuration(delivery),
        "--late-seconds", delivery.Configuration.LateSeconds.ToString(CultureInfo.InvariantCulture),
        "--window-minutes", delivery.Configuration.WindowMinutes.ToString(CultureInfo.InvariantCulture),
    ];

    private static string[] Configuration(Delivery delivery) =>
    [
        "--contracts", $"config/registry-v{delivery.Configuration.Version}.yaml",
        "--thresholds", delivery.IsClosed ? "config/closed.yaml" : "config/open.yaml",
    ];

    private Outcome Command(params string[] arguments) => BuiltProgram.Run(_workspace.Folder, [.. arguments, "--output-root", "data_lake"]);

    private long LastVersion(string run) => Snapshot.Runs.TryGetValue(run, out var state) ? state.LastVersion : 0;

    private List<string> Places() =>
        [.. Snapshot.Runs.Values.Where(run => run.Place is not null).OrderBy(run => run.Place).Select(run => run.RunId)];

    private Delivery Deliver(IReadOnlyList<Received?> lines, RowConfiguration configuration, bool isClosed)
    {
        var some = lines.Any(line => line is not null) ? lines : [.. lines, Received.Plain];
        var delivery = new Delivery(string.Create(CultureInfo.InvariantCulture, $"in-{_inputs++}.ndjson"), some, configuration, isClosed);
        _workspace.Write(delivery.Input, delivery.Text);
        return delivery;
    }

    private void Compare(string context)
    {
        Same(_model.Published, Places(), context + ": places");
        Same(
            _model.SilverFiles().SelectMany(file => file.Value.Select(row => $"{file.Key}: {row}")).Order(StringComparer.Ordinal),
            TreeSilver().Order(StringComparer.Ordinal),
            context + ": silver in the tree");
        var conflicts = _model.Published.SelectMany(run => _model.Roles(run).Where(record => record.Role is Role.Conflict)
            .Select(record => $"{run} {_model.Delivered(run).Input}:{record.Line}"));
        var found = _tree.ReadAll("quarantine/market_events").Where(row => (string)row["stage"]! == "silver")
            .Select(row => (Run: Path.GetFileName((string)row["filename"]!), Place: $"{row["source_file"]}:{row["source_line"]}"))
            .Select(row => (Run: row.Run["run_id=".Length..^".silver.parquet".Length], row.Place));
        Same(
            conflicts.Order(StringComparer.Ordinal),
            found.Where(row => _model.IsPublished(row.Run)).Select(row => $"{row.Run} {row.Place}").Order(StringComparer.Ordinal),
            context + ": conflicts in the tree");
        _notes.AddRange(_tree.Tables()
            .Where(table => !_notes.Exists(note => note.Table == table.Table && note.DeltaVersion == table.Version))
            .Select(table => _tree.Note(table.Table, table.Version)).ToList());
    }

    private IEnumerable<string> TreeSilver()
    {
        foreach (var row in _tree.ReadAll("silver/market_events"))
        {
            var path = Path.GetRelativePath(_workspace.Lake, (string)row["filename"]!);
            var other = (string)row["contract_version"]! == "v1" ? "venue" : "note";
            Assert.Null(row.GetValueOrDefault(other));
            row.Remove(other);
            yield return $"{path}: {Columns(row)}";
        }
    }

    /// <summary>Verified, listed, and read at every version by a reader that had no part in writing it.</summary>
    private void Finish()
    {
        if (!Directory.Exists(_workspace.Lake))
        {
            return;
        }

        Command("lake", "verify", "--quiet").Ends(0);
        var stale = Snapshot.Runs.Values.Where(run => run.IsStale).Select(run => run.RunId).ToHashSet(StringComparer.Ordinal);
        var listed = Command("data", "sql", Counts, "-o", "json").Ends(0).Json.AsArray()
            .Select(row => string.Join(' ', row!.AsObject().Select(cell => cell.Value?.ToJsonString().Trim('"'))));
        Same(
            _model.Published.Order(StringComparer.Ordinal)
                .Select(run => $"{run} {Numbers(_model.Counts(run))} {(stale.Contains(run) ? "true" : "false")}"),
            listed,
            $"{_history}\nlake.runs");
        Assert.DoesNotContain(_model.Published, run => _model.MustBeStale(run) && !stale.Contains(run));
        if (DeltaReader.Missing is null)
        {
            DeltaReader.Compare(_workspace.Lake, _notes);
        }
    }

    /// <summary>Columns of a file and their values, by name.</summary>
    public static string Columns(Dictionary<string, object?> row) => string.Join(' ', row.Where(column => !Outside.Contains(column.Key))
        .OrderBy(column => column.Key, StringComparer.Ordinal).Select(column => $"{column.Key}={Text(column.Value)}"));

    /// <summary>Counts as <c>lake.runs</c> lists them.</summary>
    public static string Numbers(RoleCounts counts) =>
        string.Create(CultureInfo.InvariantCulture, $"{counts.Own} {counts.Duplicates} {counts.AlreadyPublished} {counts.Conflicts}");

    private static string Text(object? value) => value switch
    {
        null => "null",
        bool flag => flag ? "1" : "0",
        double number => number.ToString("R", CultureInfo.InvariantCulture),
        DateTime time => Received.Micros(time).ToString(CultureInfo.InvariantCulture),
        DateTimeOffset time => Received.Micros(time.UtcDateTime).ToString(CultureInfo.InvariantCulture),
        _ => Convert.ToString(value, CultureInfo.InvariantCulture)!,
    };

    private static void Same(IEnumerable<string> expected, IEnumerable<string> found, string context)
    {
        var (left, right) = (expected.ToList(), found.ToList());
        Assert.True(
            left.SequenceEqual(right, StringComparer.Ordinal),
            $"{context}\n    expected\n      {string.Join("\n      ", left)}\n    found\n      {string.Join("\n      ", right)}");
    }
}
