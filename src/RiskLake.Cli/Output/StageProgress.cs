using System.Diagnostics;
using System.Globalization;
using RiskLake.Runs;
using Spectre.Console;

namespace RiskLake.Cli.Output;

/// <summary>Shows how far a run has come: a live line on a terminal, one line per finished stage elsewhere.</summary>
internal sealed class StageProgress : IRunProgress, IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(400);

    private readonly Terminal _terminal;
    private readonly Lock _lock = new();
    private readonly List<(string Stage, TimeSpan Duration)> _done = [];
    private readonly long _started = Stopwatch.GetTimestamp();
    private readonly CancellationTokenSource _end = new();
    private readonly Thread? _live;
    private string _stage = "start";
    private long _stageStarted = Stopwatch.GetTimestamp();
    private long _records;

    public StageProgress(Terminal terminal)
    {
        _terminal = terminal;
        if (terminal is { IsErrorTerminal: true, Verbosity: > Verbosity.Quiet })
        {
            _live = new Thread(Show) { IsBackground = true, Name = "progress" };
            _live.Start();
        }
    }

    /// <summary>The stages that are over, in order.</summary>
    public IReadOnlyList<(string Stage, TimeSpan Duration)> Done => _done;

    /// <summary>Time since the beginning.</summary>
    public TimeSpan Elapsed => Stopwatch.GetElapsedTime(_started);

    public void Begin(string stage)
    {
        lock (_lock)
        {
            _stage = stage;
            _stageStarted = Stopwatch.GetTimestamp();
            _records = 0;
        }
    }

    public void Advance(long records) => Interlocked.Add(ref _records, records);

    public void End(string stage, TimeSpan duration)
    {
        lock (_lock)
        {
            _done.Add((stage, duration));
            if (_live is null)
            {
                var records = Interlocked.Read(ref _records);
                var passed = records > 0 ? FormattableString.Invariant($"  {records:#,0} records") : "";
                _terminal.Say(FormattableString.Invariant($"{stage,-8} {duration.TotalSeconds,7:0.00} s{passed}"));
            }
        }
    }

    public void Dispose()
    {
        _end.Cancel();
        _live?.Join();
        _end.Dispose();
    }

    // Spectre.Console is loaded only for runs that last: a short one is over before there is anything to watch.
    private void Show()
    {
        if (_end.Token.WaitHandle.WaitOne(Patience))
        {
            return;
        }

        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(_terminal.Error) });
        console.Status().Spinner(Spinner.Known.Dots).Start(Describe(), context =>
        {
            while (!_end.Token.WaitHandle.WaitOne(100))
            {
                context.Status(Describe());
            }
        });
    }

    private string Describe()
    {
        lock (_lock)
        {
            var records = Interlocked.Read(ref _records);
            var seconds = Stopwatch.GetElapsedTime(_stageStarted).TotalSeconds;
            var rate = records > 0 && seconds > 0.5
                ? string.Create(CultureInfo.InvariantCulture, $"  {records:#,0} records, {records / seconds:#,0}/s")
                : "";
            var behind = string.Concat(_done.Select(done => FormattableString.Invariant($"{done.Stage} {done.Duration.TotalSeconds:0.0} s · ")));
            return string.Create(
                CultureInfo.InvariantCulture,
                $"[dim]{Markup.Escape(behind)}[/]{Markup.Escape(_stage)}{rate}  [dim]{Stopwatch.GetElapsedTime(_started).TotalSeconds:0.0} s[/]");
        }
    }
}
