using System.Diagnostics;
using System.Globalization;
using RiskLake.Risk;
using RiskLake.Risk.Numerics;

// Medians of repeated runs on one thread, after warm-up: wall-clock time, and the processor's own, which a busy machine does not stretch.
// Argument: a CSV whose second column is a return series for the GARCH fits;
// without it a simulated GARCH series of 1,974 returns is used.
var series = args.Length > 0
    ? [.. File.ReadLines(args[0]).Skip(1).Select(line => double.Parse(line.Split(',')[1], CultureInfo.InvariantCulture))]
    : Simulated(1974);
var specification = new GarchSpecification();
Report("garch11-normal fit with three standard errors", 1, "fits/s", 200, () => GarchFit.Of(series, specification));
Report("garch11-t fit", 1, "fits/s", 50, () => GarchFit.Of(series, specification with { Errors = ErrorDistribution.StudentT }));
Report("gjr11-normal fit", 1, "fits/s", 50, () => GarchFit.Of(series, specification with { Model = GarchModel.Gjr }));
Report("egarch11-normal fit", 1, "fits/s", 50, () => GarchFit.Of(series, specification with { Model = GarchModel.Egarch }));

const int Rows = 10_000_000;
var noise = new double[Rows];
Philox.Normals(7, 0, 0, noise);
var (first, second) = (new double[Rows], new double[Rows]);
Report("rolling(250) standard deviation", Rows, "rows/s", 5, () => RollingMoments.StandardDeviation(noise, 250, 1, first));
Report("rolling(250) VaR and ES 99 %", Rows, "rows/s", 3, () => RollingTail.ValueAtRiskAndShortfall(noise, 250, Confidence.P99, first, second));
Confidence[] levels = [Confidence.P95, Confidence.P975, Confidence.P99];
var (vars, shortfalls) = (new double[30_000], new double[30_000]);
Report(
    "historical VaR and ES at three levels, 10,000 series of 1,000",
    Rows,
    "values/s",
    5,
    () => HistoricalSimulation.Estimate(noise, 1000, levels, vars, shortfalls));
Report("plain sort of the same 10,000 series", Rows, "values/s", 3, () =>
{
    noise.CopyTo(first, 0);
    for (var i = 0; i < 10_000; i++)
    {
        first.AsSpan(i * 1000, 1000).Sort();
    }
});

static void Report(string name, double items, string unit, int repeats, Action action)
{
    for (var i = 0; i < Math.Max(2, repeats / 3); i++)
    {
        action();
    }

    // Batches long enough for the processor clock, which ticks in milliseconds.
    var single = Stopwatch.StartNew();
    action();
    var batch = Math.Max(1, (int)(0.1 / single.Elapsed.TotalSeconds));
    var runs = Math.Max(3, repeats / batch);
    var (times, busy) = (new double[runs], new double[runs]);
    for (var i = 0; i < runs; i++)
    {
        var before = Environment.CpuUsage.TotalTime;
        var watch = Stopwatch.StartNew();
        for (var j = 0; j < batch; j++)
        {
            action();
        }

        times[i] = watch.Elapsed.TotalSeconds / batch;
        busy[i] = (Environment.CpuUsage.TotalTime - before).TotalSeconds / batch;
    }

    Array.Sort(times);
    Array.Sort(busy);
    var (median, processor) = (times[runs / 2], busy[runs / 2]);
    Console.WriteLine(
        FormattableString.Invariant($"{name,-62} {median * 1e3,10:F3} ms wall {processor * 1e3,10:F3} ms cpu {items / processor,14:N0} {unit}"));
}

static double[] Simulated(int count)
{
    var returns = new double[count];
    var variance = 0.25;
    for (var t = 0; t < count; t++)
    {
        returns[t] = Math.Sqrt(variance) * Philox.Normal(11, 0, (ulong)t);
        variance = 0.01 + (0.15 * returns[t] * returns[t]) + (0.81 * variance);
    }

    return returns;
}
