using System.Globalization;
using RiskLake.Lake;

namespace RiskLake.Trials.Silver.Histories;

/// <summary>Does a history's steps to the program and to the literal model, and compares the two after each.</summary>
internal sealed partial class HistoryPlayer : IDisposable
{
    private const string Main = "data_lake";

    private readonly SilverHistory _history;
    private readonly HistoryDesk _desk;
    private readonly LiteralLake _model;
    private readonly Dictionary<string, (Delivery Delivery, string? Corrects)> _last = new(StringComparer.Ordinal);
    private readonly HashSet<string> _blockedLast = new(StringComparer.Ordinal);
    private readonly Dictionary<string, List<string>> _evidence = new(StringComparer.Ordinal);
    private readonly List<(long Version, SortedDictionary<string, List<string>> Silver)> _past = [];
    private int _inputs;
    private string _context = string.Empty;

    private HistoryPlayer(SilverHistory history)
    {
        _history = history;
        _desk = new HistoryDesk(history.Scope);
        _model = new LiteralLake(history.Scope);
    }

    /// <summary>What differs from the model; null when nothing does.</summary>
    public static string? Fault(SilverHistory history)
    {
        using var player = new HistoryPlayer(history);
        try
        {
            player.Play();
            return null;
        }
#pragma warning disable CA1031 // Whatever goes wrong is a fault of the history.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            return $"{player._context}: {(exception is Xunit.Sdk.IAssertionException ? exception.Message : exception.ToString())}";
        }
    }

    public void Dispose() => _desk.Dispose();

    private void Play()
    {
        for (var index = 0; index < _history.Steps.Count; index++)
        {
            var step = _history.Steps[index];
            _context = string.Create(CultureInfo.InvariantCulture, $"step {index + 1} ({step.Act} {step.Run})");
            Apply(step);
            if (_desk.Open(Main).Exists)
            {
                Compare();
            }
        }

        if (_desk.Open(Main).Exists)
        {
            Finish();
        }
    }

    private void Apply(Step step)
    {
        switch (step.Act)
        {
            case Act.Withdraw when _model.IsPresent(step.Run):
                Assert.Equal(0, _desk.Withdraw(Main, step.Run).ExitCode);
                _model.Withdraw(step.Run);
                _blockedLast.Remove(step.Run);
                _evidence.Remove(step.Run);
                break;
            case Act.Refresh when _model.IsPublished(step.Run):
                Refresh(step.Run);
                break;
            case Act.RefreshAll:
                RefreshAll();
                break;
            case Act.Repeat when _last.TryGetValue(step.Run, out var last):
                var corrects = last.Corrects is { } target && _model.IsPublished(target) ? last.Corrects : null;
                Publish(step.Run, last.Delivery, corrects, isRepeat: _model.IsPublished(step.Run) && corrects == last.Corrects);
                break;
            case Act.Publish or Act.Correct:
                var isCorrection = step.Act is Act.Correct && step.Other != step.Run && _model.IsPublished(step.Other)
                    && !_model.IsPublished(step.Run);
                Publish(step.Run, Deliver(step.Lines, step.Configuration, isClosed: false), isCorrection ? step.Other : null,
                    isRepeat: false);
                break;
            case Act.Block:
                Block(step.Run, Deliver([.. step.Lines, null], step.Configuration, isClosed: true));
                break;
        }
    }

    private Delivery Deliver(IReadOnlyList<Received?> lines, RowConfiguration configuration, bool isClosed)
    {
        // A gate sees records; an input without any is another matter.
        var some = lines.Any(line => line is not null) ? lines : [.. lines, Received.Plain];
        var delivery = new Delivery(string.Create(CultureInfo.InvariantCulture, $"in-{_inputs++}.ndjson"), some, configuration, isClosed);
        _desk.Write(delivery);
        return delivery;
    }

    private void Publish(string run, Delivery delivery, string? corrects, bool isRepeat)
    {
        var outcome = _desk.Run(Main, run, delivery, allow: true, corrects);
        Assert.Equal(0, outcome.ExitCode);
        if (isRepeat && !_blockedLast.Contains(run))
        {
            Assert.True(outcome.IsUnchanged, "the same command again changed something");
        }

        if (outcome.IsUnchanged)
        {
            Assert.True(_model.IsPublished(run), "nothing changed although the run was not published");
            return;
        }

        _model.Publish(run, delivery, corrects);
        _last[run] = (delivery, corrects);
        _blockedLast.Remove(run);
        _evidence.Remove(run);
        CompareGold(run);
        var conservation = outcome.Record["conservation"]!;
        Assert.Equal(
            _model.Counts(run),
            new RoleCounts(Count("own_silver"), Count("duplicates"), Count("already_published"), Count("conflicts")));

        long Count(string role) => (long)conservation[role]!;
    }

    private void Block(string run, Delivery delivery)
    {
        var wasPublished = _model.IsPublished(run);
        Assert.Equal(1, _desk.Run(Main, run, delivery, allow: false).ExitCode);
        _model.Block(run, delivery);
        _blockedLast.Add(run);
        if (!wasPublished)
        {
            _last[run] = (delivery, null);
            _evidence[run] = [.. Conflicts(run, _model.RolesIfLast(run))];
        }
    }

    private void Refresh(string run)
    {
        var outcome = _desk.Refresh(Main, run, _model.Delivered(run));
        Assert.Equal(0, outcome.ExitCode);
        if (outcome.IsUnchanged)
        {
            Assert.False(_model.MustBeStale(run), $"{run} is stale and was not refreshed");
        }
        else
        {
            _model.Refresh(run);
            CompareGold(run);
        }
    }

    private void RefreshAll()
    {
        foreach (var run in _desk.Open(Main).Exists ? _desk.Read(Main).Snapshot.Runs.Values.Where(run => run.IsStale)
            .Select(run => run.RunId).ToList() : [])
        {
            Refresh(run);
        }

        Assert.DoesNotContain(_model.Published, _model.MustBeStale);
    }
}
