using System.Buffers;

namespace RiskLake.Risk;

/// <summary>Historical simulation: the past returns are the scenarios, each with the same weight.</summary>
/// <remarks>
/// Units: those of the returns (fractions, percent or money); VaR and ES are losses, positive. VaR = -Q(r, 1 - c) of the stated quantile
/// type; ES = mean of the worst n (1 - c) returns, the boundary one with its fraction (Acerbi and Tasche, 2002): coherent, and additive
/// over
/// positions. Needs at least one whole observation in the tail, n (1 - c) at least 1. The order of the returns does not matter; ties keep
/// it.
/// Source: Acerbi, Tasche, "On the coherence of expected shortfall", Journal of Banking and Finance 26 (2002).
/// </remarks>
public static class HistoricalSimulation
{
    internal const string Method = "historical";

    /// <summary>VaR and ES with the observations behind them.</summary>
    public static TailRisk Estimate(ReadOnlySpan<double> returns, Confidence confidence, QuantileType type = QuantileType.Linear) =>
        Estimate(returns, confidence, type, Method, ConventionOf(confidence, type, returns.Length));

    /// <summary>VaR and ES over several periods from one-period log returns, by the stated rule.</summary>
    /// <remarks>
    /// <see cref="HorizonRule.SquareRootOfTime"/> scales the one-period numbers; the sums take every window, or every window that shares
    /// nothing.
    /// </remarks>
    /// <exception cref="ArgumentException">The rule is not one of these three.</exception>
    public static TailRisk Estimate(
        ReadOnlySpan<double> logReturns, Confidence confidence, int horizon, HorizonRule rule, QuantileType type = QuantileType.Linear)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(horizon, 1);
        var convention = ConventionOf(confidence, type, logReturns.Length) with { Horizon = horizon, HorizonRule = rule };
        if (rule is HorizonRule.OverlappingSums or HorizonRule.NonOverlappingSums)
        {
            if (Refusal.OfSeries(logReturns, horizon) is { } refusal)
            {
                return TailRisk.None(Method, refusal, logReturns.Length, convention);
            }

            return Estimate(
                Returns.SumOver(logReturns, horizon, rule == HorizonRule.OverlappingSums), confidence, type, Method, convention);
        }

        if (rule != HorizonRule.SquareRootOfTime && !(rule == HorizonRule.OnePeriod && horizon == 1))
        {
            throw new ArgumentException("Historical simulation reaches a horizon by scaling or by sums.", nameof(rule));
        }

        var one = Estimate(logReturns, confidence, type);
        return one.ValueAtRisk.Value is { } var && one.ExpectedShortfall.Value is { } shortfall
            ? TailRisk.Of(Method, var * Math.Sqrt(horizon), shortfall * Math.Sqrt(horizon), logReturns.Length, convention, one.Tail)
            : one;
    }

    /// <summary>VaR and ES at several confidences of many series of equal length, without a record per number.</summary>
    /// <remarks>
    /// Shape: returns holds series after series, length values each; results[s * confidences.Length + k] is series s at confidences[k].
    /// A series with a value that is not finite, or too short for a level, gives NaN; a constant one gives minus its constant.
    /// </remarks>
    public static void Estimate(
        ReadOnlySpan<double> returns, int length, ReadOnlySpan<Confidence> confidences, Span<double> valueAtRisk,
        Span<double> expectedShortfall)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(length, 2);
        var count = returns.Length / length;
        Shape.Length(count * confidences.Length, valueAtRisk.Length, nameof(valueAtRisk));
        Shape.Length(valueAtRisk.Length, expectedShortfall.Length, nameof(expectedShortfall));
        var kernels = new TailKernel[confidences.Length];
        var needed = 0;
        for (var k = 0; k < kernels.Length; k++)
        {
            kernels[k] = new TailKernel(length, confidences[k], QuantileType.Linear);
            needed = Math.Max(needed, kernels[k].Needed);
        }

        var buffer = ArrayPool<double>.Shared.Rent(length);
        var scratch = buffer.AsSpan(0, length);
        for (var s = 0; s < count; s++)
        {
            returns.Slice(s * length, length).CopyTo(scratch);
            var finite = Finite(scratch);
            if (finite)
            {
                SmallestFirst(scratch, needed);
            }

            for (var k = 0; k < kernels.Length; k++)
            {
                var at = (s * kernels.Length) + k;
                valueAtRisk[at] = double.NaN;
                expectedShortfall[at] = double.NaN;
                if (finite && kernels[k].Whole > 0)
                {
                    kernels[k].Evaluate(scratch, out valueAtRisk[at], out expectedShortfall[at]);
                }
            }
        }

        ArrayPool<double>.Shared.Return(buffer);
    }

    internal static Convention ConventionOf(Confidence confidence, QuantileType type, int window) => new()
    {
        Sign = Sign.LossPositive,
        Confidence = confidence,
        QuantileType = type,
        Window = window,
    };

    internal static TailRisk Estimate(
        ReadOnlySpan<double> returns, Confidence confidence, QuantileType type, string method, Convention convention)
    {
        var n = returns.Length;
        var refusal = Refusal.OfSeries(returns, 1, mayBeConstant: true)
            ?? (confidence.TailOf(n).Whole < 1 ? EmptyTail(n, confidence) : null)
            ?? Refusal.OfSeries(returns, 1);
        if (refusal is not null)
        {
            return TailRisk.None(method, refusal, n, convention);
        }

        var kernel = new TailKernel(n, confidence, type);

        var sorted = returns.ToArray();
        var indices = new int[n];
        for (var i = 0; i < n; i++)
        {
            indices[i] = i;
        }

        Array.Sort(sorted, indices);
        var needed = Math.Min(kernel.Needed, n);
        KeepTiesInOrder(sorted, indices, needed);
        kernel.Evaluate(sorted, out var var, out var shortfall);
        return TailRisk.Of(method, var, shortfall, n, convention, TailOf(kernel, sorted, indices, needed));
    }

    internal static Refusal EmptyTail(int count, Confidence confidence) =>
        Refusal.TooFew(
            (int)Math.Min(int.MaxValue, (confidence.Denominator + confidence.TailNumerator - 1) / confidence.TailNumerator), count);

    private static TailObservation[] TailOf(TailKernel kernel, double[] sorted, int[] indices, int needed)
    {
        List<TailObservation> tail = new(needed);
        for (var i = 0; i < needed; i++)
        {
            var observation = new TailObservation(indices[i], sorted[i], kernel.ShortfallWeight(i), kernel.QuantileWeight(i));
            if (observation.ShortfallWeight > 0.0 || observation.QuantileWeight > 0.0)
            {
                tail.Add(observation);
            }
        }

        return [.. tail];
    }

    // The sort is not stable: equal values that reach into the tail are put back into input order.
    private static void KeepTiesInOrder(double[] sorted, int[] indices, int needed)
    {
        for (var start = 0; start < needed;)
        {
            var end = start + 1;
            while (end < sorted.Length && sorted[end] == sorted[start])
            {
                end++;
            }

            Array.Sort(indices, start, end - start);
            start = end;
        }
    }

    private static bool Finite(ReadOnlySpan<double> values)
    {
        // A difference of a finite number from itself is zero; of anything else it is NaN.
        var sum = 0.0;
        foreach (var value in values)
        {
            sum += value - value;
        }

        return sum == 0.0;
    }

    // Brings the smallest values to the front, in order: quickselect, then a sort of the front.
    private static void SmallestFirst(Span<double> values, int needed)
    {
        var low = 0;
        var high = values.Length - 1;
        var depth = 0;
        while (high - low > 32 && needed < high && depth++ < 64)
        {
            var pivot = MedianOfThree(values[low], values[low + ((high - low) / 2)], values[high]);
            var i = low;
            var j = high;
            while (i <= j)
            {
                while (values[i] < pivot)
                {
                    i++;
                }

                while (values[j] > pivot)
                {
                    j--;
                }

                if (i <= j)
                {
                    (values[i], values[j]) = (values[j], values[i]);
                    i++;
                    j--;
                }
            }

            if (needed <= i)
            {
                high = Math.Max(i - 1, needed - 1);
            }
            else
            {
                low = i;
            }
        }

        values[..(high + 1)].Sort();
    }

    private static double MedianOfThree(double a, double b, double c) => Math.Max(Math.Min(a, b), Math.Min(Math.Max(a, b), c));
}
