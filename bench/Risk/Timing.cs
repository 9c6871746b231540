using System.Diagnostics;

namespace RiskLake.Risk.Bench;

/// <summary>Seconds of the processor and of the clock for one run.</summary>
internal readonly record struct Timing(double Busy, double Wall)
{
    /// <summary>Means over enough runs to fill some time, after as long a warm-up.</summary>
    public static Timing Of(RiskTask task, double seconds)
    {
        var runs = Repeat(task, seconds, int.MaxValue);
        var (busy, wall) = (Environment.CpuUsage.TotalTime, Stopwatch.StartNew());
        Repeat(task, double.PositiveInfinity, runs);
        return new Timing((Environment.CpuUsage.TotalTime - busy).TotalSeconds / runs, wall.Elapsed.TotalSeconds / runs);
    }

    /// <summary>The timing in the middle by processor time.</summary>
    public static Timing Median(IEnumerable<Timing> timings)
    {
        var sorted = timings.OrderBy(static timing => timing.Busy).ToList();
        return sorted[sorted.Count / 2];
    }

    private static int Repeat(RiskTask task, double seconds, int most)
    {
        var watch = Stopwatch.StartNew();
        var runs = 0;
        do
        {
            task.Run();
            runs++;
        }
        while (runs < most && watch.Elapsed.TotalSeconds < seconds);
        return runs;
    }
}
