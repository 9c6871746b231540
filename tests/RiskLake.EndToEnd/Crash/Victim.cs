using System.Diagnostics;

namespace RiskLake.EndToEnd.Crash;

/// <summary>When a process is to be killed.</summary>
/// <param name="Step">After so many steps of the storage have begun; or negative.</param>
/// <param name="Delay">And after so long, from then on or from the start.</param>
internal sealed record Doom(int Step, TimeSpan Delay);

/// <summary>What became of a process that was to be killed.</summary>
/// <param name="Outcome">What it left behind.</param>
/// <param name="Steps">Label and path of each step that began.</param>
/// <param name="Duration">How long it lived.</param>
internal sealed record Death(Outcome Outcome, IReadOnlyList<(string Label, string Path)> Steps, TimeSpan Duration)
{
    private const int Killed = 128 + 9;

    public bool WasKilled => Outcome.ExitCode == Killed;

    /// <summary>Label of the step it died in.</summary>
    public string LastLabel => Steps.Count == 0 ? "(before the first step)" : Steps[^1].Label;

    /// <summary>Whether a staged file had been begun, and the last view was not yet complete.</summary>
    public bool IsInWindow => Window(Steps) is var (from, to) && from < Steps.Count && to == Steps.Count;

    /// <summary>Indices of the first staged file and of the marker that says the views are complete; the count where there is none.</summary>
    public static (int From, int To) Window(IReadOnlyList<(string Label, string Path)> steps)
    {
        var labels = steps.Select(step => step.Label).ToList();
        var from = labels.FindIndex(label => label.StartsWith("stage.", StringComparison.Ordinal));
        from = from < 0 ? steps.Count : from;
        var to = labels.FindIndex(from, label => label is "views.marker");
        return (from, to < 0 ? steps.Count : to);
    }

    /// <summary>Whether the run's own entry was decided: true and false where the steps prove it, null where they do not.</summary>
    public bool? Decided
    {
        get
        {
            // The last of several: rolling forward what was decided earlier links no entries.
            var link = Steps.ToList().FindLastIndex(step => step.Label is "publish.link_entry" && IsEntry(step.Path));
            return link < 0 ? false : link < Steps.Count - 1 ? true : null;
        }
    }

    private static bool IsEntry(string path) =>
        System.IO.Path.GetFileName(path) is { Length: 25 } name && name.EndsWith(".json", StringComparison.Ordinal)
            && System.IO.Path.GetFileName(System.IO.Path.GetDirectoryName(path)) is "_log";
}

/// <summary>Runs the program and kills it, with the signal nothing can be done about, at a moment of its step log.</summary>
internal static class Victim
{
    public static Death Run(string folder, Doom? doom, params string[] arguments)
    {
        var log = Path.Combine(folder, "steps");
        using var process = new Process
        {
            StartInfo = Cli.Describe(BuiltProgram.Path, folder, arguments, BuiltProgram.Environment(("RISKLAKE_STEP_LOG", log))),
        };
        var started = Stopwatch.GetTimestamp();
        process.Start();
        var outcome = Cli.Finish(process, null, () =>
        {
            if (doom is not null)
            {
                Await(process, log, doom.Step);
                Pause(process, doom.Delay);
                process.Kill();
            }
        });
        var steps = File.Exists(log) ? File.ReadAllLines(log).Select(Parse).ToList() : [];
        File.Delete(log);
        return new Death(outcome, steps, Stopwatch.GetElapsedTime(started));
    }

    private static (string Label, string Path) Parse(string line) => line.Split('\t') is [var label, _, var path] ? (label, path) : (line, string.Empty);

    private static void Await(Process process, string log, int step)
    {
        FileStream? stream = null;
        var buffer = new byte[1 << 14];
        var begun = 0;
        try
        {
            while (begun < step && !process.HasExited)
            {
                if (stream is null && File.Exists(log))
                {
                    stream = new FileStream(log, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, 0);
                }

                var read = stream?.Read(buffer) ?? 0;
                begun += buffer.AsSpan(0, read).Count((byte)'\n');

                // Far from the step, the processor is left to the process that is watched.
                Thread.Sleep(begun < step - 6 ? 1 : 0);
            }
        }
        finally
        {
            stream?.Dispose();
        }
    }

    private static void Pause(Process process, TimeSpan delay)
    {
        var started = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(started) < delay && !process.HasExited)
        {
            Thread.Sleep(Stopwatch.GetElapsedTime(started) + TimeSpan.FromMilliseconds(3) < delay ? 1 : 0);
        }
    }
}
