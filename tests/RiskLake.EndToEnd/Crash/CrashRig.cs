using RiskLake.Lake;
using RiskLake.Lake.Storage;

namespace RiskLake.EndToEnd.Crash;

/// <summary>
/// One lake whose writers are killed. After each kill comes the next writing command; then everything is compared: the lake with
/// its own log, the tree with the plain model, and what the tables hold is noted for the independent reader.
/// </summary>
internal sealed class CrashRig : IDisposable
{
    private static readonly string[] DataLayers = ["bronze", "quarantine", "silver", "gold"];

    private readonly Workspace _workspace = new();
    private readonly Random _random;
    private readonly PlainModel _model;
    private readonly TreeReader _tree;
    private readonly Dictionary<Deed, Death> _undisturbed = [];
    private readonly Dictionary<(string Table, long Version), TableNote> _notes = [];
    private readonly List<string> _history = [];
    private long _version;

    public CrashRig(int seed)
    {
        _random = new Random(seed);
        _model = new PlainModel(_workspace.Folder, _workspace.Lake, _random);
        _tree = new TreeReader(_workspace.Lake);
    }

    /// <summary>Every death so far, with the deed it interrupted.</summary>
    public List<(string Deed, Death Death)> Deaths { get; } = [];

    /// <summary>Lake version reached.</summary>
    public long Version => _version;

    /// <summary>Notes compared with the independent reader.</summary>
    public int Notes => _notes.Count;

    private LakeStore Lake => LakeStore.Open(_workspace.Lake, new PosixStorage(), TimeProvider.System);

    /// <summary>Runs of every kind, undisturbed, so that there is something to lose, and to learn the steps of each deed.</summary>
    public void Warm()
    {
        while (_undisturbed.Count < Enum.GetValues<Deed>().Length)
        {
            var order = _model.Choose(null);
            Complete(order, "before the first kill");
            Check(FormattableString.Invariant($"before the first kill: {order.Deed} of {order.RunId}"));
        }
    }

    /// <summary>Kills one command, at a moment that may lie anywhere in it, and lets the next writing command repair what it left.</summary>
    public void Strike()
    {
        var order = _model.Choose(null);
        var death = Victim.Run(_workspace.Folder, Doom(order.Deed), order.Arguments);
        var context = FormattableString.Invariant($"{order.Deed} of {order.RunId}, killed in {death.LastLabel} after {death.Steps.Count} steps, version {_version}");
        if (!death.WasKilled)
        {
            // It was faster. That is no kill, but what it did must stand.
            death.Outcome.Ends(order.ExitCode);
            _version++;
            _model.Apply(order);
            Note(order, context);
            Check(context);
            return;
        }

        Deaths.Add((order.Deed.ToString(), death));
        var decided = death.Decided;
        if (_random.Next(5) == 0)
        {
            context = KillRecovery(order, context, ref decided);
        }

        if (_random.Next(2) == 0)
        {
            Complete(order, context, decided);
        }
        else
        {
            var next = _model.Choose(order.RunId);
            Complete(next, context, decided, order);
        }

        Check(context);
    }

    /// <summary>Compares every version noted so far with the independent reader.</summary>
    public void CompareVersions() => DeltaReader.Compare(_workspace.Lake, [.. _notes.Values]);

    /// <summary>Compares the newest versions with the independent reader.</summary>
    public void CompareNewest() => DeltaReader.Compare(_workspace.Lake, [.. _tree.Tables().Select(table => _notes[table])]);

    /// <summary>Statistics of every file anew, the chain, the views; nothing may disagree.</summary>
    public void VerifyAll() => Assert.Empty(new LakeVerifier(Lake).Verify(CancellationToken.None));

    /// <summary>What was done so far, for whoever has to find out why a check failed.</summary>
    public string History => string.Join('\n', _history);

    public void Dispose()
    {
        _tree.Dispose();
        _workspace.Dispose();
    }

    /// <summary>Two thirds of the kills are aimed between the first staged file and the last view, the others anywhere.</summary>
    private Doom Doom(Deed deed)
    {
        var pattern = _undisturbed[deed];
        if (_random.Next(3) == 0)
        {
            return new Doom(-1, pattern.Duration * _random.NextDouble());
        }

        var (from, to) = Death.Window(pattern.Steps);
        return new Doom(_random.Next(Math.Min(from, to) + 1, to + 1), TimeSpan.FromMilliseconds(_random.Next(3) == 0 ? _random.NextDouble() * 4 : 0));
    }

    /// <summary>Repeats the command and kills that as well, early, while it clears up after the first.</summary>
    private string KillRecovery(Order order, string context, ref bool? decided)
    {
        var second = Victim.Run(_workspace.Folder, new Doom(_random.Next(1, 60), TimeSpan.Zero), order.Arguments);
        if (second.WasKilled)
        {
            Deaths.Add(("(recovery)", second));
        }
        else
        {
            second.Outcome.Ends(order.ExitCode);
        }

        // One of the two may have decided it; that the second did not says nothing of the first.
        decided = decided is true || second.Decided is true || !second.WasKilled ? true : decided is false ? second.Decided : null;
        return FormattableString.Invariant($"{context}, and again in {second.LastLabel} after {second.Steps.Count} steps");
    }

    /// <summary>Runs a command to its end and works out whether an earlier, killed one had been decided.</summary>
    private void Complete(Order order, string context, bool? decided = false, Order? killed = null)
    {
        var end = Victim.Run(_workspace.Folder, null, order.Arguments);
        Assert.True(end.Outcome.ExitCode == order.ExitCode, $"{context}; then {order.Deed} of {order.RunId}: exit code {end.Outcome.ExitCode}\n{end.Outcome.Error}");
        _undisturbed.TryAdd(order.Deed, end);
        var version = Lake.Snapshot().Version;
        if (killed is null)
        {
            // Decided before or now: once in either case.
            Assert.True(version == _version + 1, $"{context}: version {version}");
            Assert.True(decided is null || decided == !end.Steps.Any(step => step.Label is "stage.file" or "publish.intent"), $"{context}: decided twice, or not at all");
        }
        else
        {
            var wasDecided = version == _version + 2;
            Assert.True(wasDecided || version == _version + 1, $"{context}: version {version}");
            Assert.True(decided is null || decided == wasDecided, $"{context}: what was decided is gone, or what was not is there");
            if (wasDecided)
            {
                _model.Apply(killed);
            }
        }

        _version = version;
        _model.Apply(order);
        Note(order, context);
    }

    private void Note(Order order, string context) => _history.Add(FormattableString.Invariant(
        $"{_version}: {order.Deed} {order.RunId} [{string.Join(' ', order.After.Keys)}] {order.After.Status} ({context})"));

    private void Check(string context)
    {
        var lake = Lake;
        Assert.True(lake.Snapshot().Version == _version, $"{context}: version {lake.Snapshot().Version}, expected {_version}");
        var findings = new LakeVerifier(lake) { WithStatistics = false }.Verify(CancellationToken.None);
        Assert.True(findings.Count == 0, $"{context}: {string.Join("; ", findings)}");
        CheckRows(context);
        CheckRemains(context);
        foreach (var (table, version) in _tree.Tables().Where(table => !_notes.ContainsKey(table)))
        {
            _notes.Add((table, version), _tree.Note(table, version));
        }
    }

    /// <summary>The tree holds what the plain model says, each thing once.</summary>
    private void CheckRows(string context)
    {
        var snapshot = Lake.Snapshot();
        var statuses = snapshot.Runs.Values.Select(run => $"{run.RunId} {run.Status}");
        Same(_model.Runs.Select(run => $"{run.Key} {run.Value.Status}"), statuses, context + ": runs");
        var bronze = _tree.Read("bronze/market_events", $"{TreeReader.RunId} || ' ' || event_id").Select(row => (string)row[0]!);
        Same(_model.Runs.Where(run => run.Value.HasBronze).SelectMany(run => run.Value.Keys.Select(key => $"{run.Key} k{key}")), bronze, context + ": bronze");
        var silver = _tree.Read("silver/market_events", $"event_id || ' ' || volume || ' ' || {TreeReader.RunId}").Select(row => (string)row[0]!);
        Same(_model.Silver.Select(pair => $"k{pair.Key} {pair.Key} {pair.Value}"), silver, context + ": silver");
        var risk = _tree.Read("gold/risk_summary", "run_id || ' ' || symbol").Select(row => (string)row[0]!);
        Same(
            _model.Runs.Where(run => run.Value.IsPublished).SelectMany(run => run.Value.Keys.Select(PlainModel.Symbol).Distinct().Select(symbol => $"{run.Key} {symbol}")),
            risk,
            context + ": risk_summary");
        var quality = _tree.Read("gold/data_quality_metrics", "run_id || ' ' || events_total").Select(row => (string)row[0]!);
        Same(_model.Runs.Where(run => run.Value.HasBronze).Select(run => $"{run.Key} {run.Value.Keys.Length}"), quality, context + ": data_quality_metrics");
    }

    /// <summary>Nothing is left that no command would miss: no staging, no locks, no half-made file, no empty folder.</summary>
    private void CheckRemains(string context)
    {
        Same([], Names("_staging"), context + ": _staging");
        Same(["publish"], Names("_locks"), context + ": _locks");
        Same([], Names("_log").Where(name => name is not "_views" && !IsVersion(name)), context + ": _log");
        var records = Names("_runs").Where(name => name is not "_attempts" && !name.EndsWith(".openlineage.ndjson", StringComparison.Ordinal));
        Same(_model.Runs.Keys.Select(run => run + ".json"), records, context + ": _runs");
        foreach (var folder in DataLayers.Append("_delta").Append("_blocked").Append("_index").Select(layer => Path.Combine(_workspace.Lake, layer)).Where(Directory.Exists))
        {
            var empty = Directory.EnumerateDirectories(folder, "*", SearchOption.AllDirectories).Where(path => !Directory.EnumerateFileSystemEntries(path).Any());
            Same([], empty, context + ": empty folders");
        }
    }

    private static bool IsVersion(string name) => name.Length > 20 && name[..20].All(char.IsAsciiDigit) && name[20..] is ".json" or ".checkpoint";

    private IEnumerable<string> Names(string folder)
    {
        var path = Path.Combine(_workspace.Lake, folder);
        return Directory.Exists(path) ? Directory.EnumerateFileSystemEntries(path).Select(entry => Path.GetFileName(entry)) : [];
    }

    private static void Same(IEnumerable<string> expected, IEnumerable<string> found, string context)
    {
        var (left, right) = (expected.Order(StringComparer.Ordinal).ToList(), found.Order(StringComparer.Ordinal).ToList());
        Assert.True(
            left.SequenceEqual(right, StringComparer.Ordinal),
            $"{context}\n  lost: {string.Join(", ", left.Except(right).Take(9))}\n  left over: {string.Join(", ", right.Except(left).Take(9))}\n  {right.Count} for {left.Count}");
    }
}
