using RiskLake.Risk;
using RiskLake.Risk.Numerics;

namespace RiskLake.Risk.Measures;

/// <summary>A run of returns that are exactly zero: a price that may not have been updated.</summary>
/// <param name="First">Index of its first return.</param>
/// <param name="Length">Number of returns.</param>
internal readonly record struct StaleRun(int First, int Length);

/// <summary>
/// The judge of single observations, the same for tear sheets and for runs of risk: returns that are no numbers, moves that a split or a
/// slip of the decimal point may have made, and prices that stand still. A finding changes no number; it is shown beside it.
/// </summary>
internal static class SeriesFindings
{
    public const string NotFinite = "not_finite";
    public const string ExtremeMove = "extreme_move";
    public const string StalePrice = "stale_price";

    /// <summary>Zeros in a row that are called stale.</summary>
    public const int StaleLength = 3;

    /// <summary>Robust deviations from the median beyond which a move is called extreme.</summary>
    public const double ExtremeDeviations = 10.0;

    /// <summary>A price that changes by this factor in one period is called extreme whatever the others do.</summary>
    public const double ExtremeFactor = 10.0;

    /// <summary>The factor where there are too few observations to tell what is usual: less than any whole split.</summary>
    public const double ShortFactor = 1.9;

    /// <summary>The factor where a price hardly ever moves.</summary>
    public const double StillFactor = 1.25;

    /// <summary>Fewest moves that tell what is usual.</summary>
    private const int Enough = 20;

    // Median absolute deviation of a normal distribution, in standard deviations.
    private const double NormalMad = 0.6744897501960817;

    /// <summary>The findings of each observation that has some, by index; names in a fixed order.</summary>
    public static IReadOnlyDictionary<int, IReadOnlyList<string>> Of(ReadOnlySpan<double> returns, ReturnKind kind)
    {
        var findings = new SortedDictionary<int, List<string>>();
        for (var i = 0; i < returns.Length; i++)
        {
            if (!double.IsFinite(returns[i]))
            {
                Add(i, NotFinite);
            }
        }

        foreach (var index in Extremes(returns, kind))
        {
            Add(index, ExtremeMove);
        }

        foreach (var run in StaleRuns(returns))
        {
            for (var i = run.First; i < run.First + run.Length; i++)
            {
                Add(i, StalePrice);
            }
        }

        return findings.ToDictionary(entry => entry.Key, entry => (IReadOnlyList<string>)entry.Value);

        void Add(int index, string name) => (findings.TryGetValue(index, out var names) ? names : findings[index] = []).Add(name);
    }

    /// <summary>
    /// Moves more than ten robust deviations from the median. Where a quarter of the returns or more are equal the deviation is that of the
    /// others: with half of them equal it would be nothing, or next to it. Of returns that compound, a price ten times as high or low as the
    /// one before is extreme in any case;
    /// where fewer than twenty returns, or moves, tell what is usual a split is, or a quarter of a price that hardly ever moves.
    /// </summary>
    public static IReadOnlyList<int> Extremes(ReadOnlySpan<double> returns, ReturnKind kind)
    {
        double[] finite = [.. returns.ToArray().Where(double.IsFinite).Order()];
        if (finite.Length == 0)
        {
            return [];
        }

        var median = Quantile.Type7(finite, 0.5);
        var bound = ExtremeDeviations * Deviation(finite, median);
        var factor = double.IsNaN(bound) ? finite.Length < Enough ? ShortFactor : StillFactor : ExtremeFactor;
        var extremes = new List<int>();
        for (var i = 0; i < returns.Length; i++)
        {
            if (double.IsFinite(returns[i]) && (Math.Abs(returns[i] - median) > bound || IsBeyond(returns[i], kind, factor)))
            {
                extremes.Add(i);
            }
        }

        return extremes;
    }

    public static IReadOnlyList<StaleRun> StaleRuns(ReadOnlySpan<double> returns)
    {
        List<StaleRun> runs = [];
        for (var i = 0; i < returns.Length; i++)
        {
            var first = i;
            while (i < returns.Length && returns[i] == 0.0)
            {
                i++;
            }

            if (i - first >= StaleLength)
            {
                runs.Add(new StaleRun(first, i - first));
            }
        }

        return runs;
    }

    /// <summary>The usual distance from the median, in standard deviations of a normal law; NaN where too few moves tell it.</summary>
    private static double Deviation(double[] sorted, double median)
    {
        double[] distances = [.. sorted.Select(value => Math.Abs(value - median)).Order()];
        var equal = distances.Count(distance => distance == 0.0);
        double[] moved = 4 * equal >= distances.Length ? distances[equal..] : distances;
        return moved.Length < Enough ? double.NaN : Quantile.Type7(moved, 0.5) / NormalMad;
    }

    private static bool IsBeyond(double value, ReturnKind kind, double factor) => kind switch
    {
        ReturnKind.Simple => 1.0 + value >= factor || 1.0 + value <= 1.0 / factor,
        ReturnKind.Log => Math.Abs(value) >= Elementary.Log(factor),
        _ => false,
    };
}
