using System.Runtime.InteropServices;
using RiskLake.Risk;
using RiskLake.Risk.Numerics;

namespace RiskLake.Risk.Bench;

/// <summary>One piece of work on a series: what is run, how many items it counts for, and the numbers it leaves.</summary>
internal sealed record RiskTask(string Key, string Name, string Unit, double Items, Func<double[]> Run)
{
    private const int Window = 250;
    private const int Length = 1000;
    private static readonly Confidence[] Levels = [Confidence.P95, Confidence.P975, Confidence.P99];

    /// <summary>The tasks that peers do too.</summary>
    public static RiskTask Of(string key, double[] series)
    {
        var (first, second) = (new double[series.Length], new double[series.Length]);
        switch (key)
        {
            case "garch":
                return Fit(key, "GARCH(1,1)-normal, fit with three standard errors", series, new GarchSpecification());
            case "deviation":
                return new RiskTask(key, "rolling 250 standard deviation", "rows", series.Length, () =>
                {
                    RollingMoments.StandardDeviation(series, Window, 1, first);
                    return first;
                });
            case "tail":
                return new RiskTask(key, "rolling 250 VaR and ES at 99 %", "rows", series.Length, () =>
                {
                    RollingTail.ValueAtRiskAndShortfall(series, Window, Confidence.P99, first, second);
                    return first;
                });
            case "historical":
                var count = series.Length / Length * Levels.Length;
                var (vars, shortfalls) = (new double[count], new double[count]);
                return new RiskTask(key, "historical VaR and ES at three levels, series of 1,000", "values", series.Length, () =>
                {
                    HistoricalSimulation.Estimate(series, Length, Levels, vars, shortfalls);
                    return vars;
                });
            default:
                throw new ArgumentException($"There is no task {key}.", nameof(key));
        }
    }

    /// <summary>A model fit; leaves the estimates and the log-likelihood.</summary>
    public static RiskTask Fit(string key, string name, double[] returns, GarchSpecification specification) =>
        new(key, name, "fits", 1, () =>
        {
            var fit = GarchFit.Of(returns, specification);
            return [.. fit.Parameters.Select(static parameter => parameter.Value), fit.LogLikelihood ?? double.NaN];
        });

    /// <summary>A simulated GARCH series, the same everywhere.</summary>
    public static double[] Simulated(int count)
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

    /// <summary>A file of doubles, least significant byte first.</summary>
    public static double[] Read(string path) => MemoryMarshal.Cast<byte, double>(File.ReadAllBytes(path)).ToArray();

    /// <summary>Writes a file of doubles.</summary>
    public static void Write(string path, ReadOnlySpan<double> values)
    {
        using var file = File.Create(path);
        file.Write(MemoryMarshal.AsBytes(values));
    }
}
