namespace RiskLake.Risk;

/// <summary>Ranks of a sample, and what is computed from them.</summary>
public static class Ranks
{
    /// <summary>Ranks from 1, ties sharing the average of theirs. NaN is the caller's to exclude.</summary>
    public static double[] Average(ReadOnlySpan<double> values)
    {
        var sorted = values.ToArray();
        var order = new int[values.Length];
        for (var i = 0; i < order.Length; i++)
        {
            order[i] = i;
        }

        Array.Sort(sorted, order);
        var ranks = new double[values.Length];
        for (var start = 0; start < sorted.Length;)
        {
            var end = start + 1;
            while (end < sorted.Length && sorted[end] == sorted[start])
            {
                end++;
            }

            for (var i = start; i < end; i++)
            {
                ranks[order[i]] = 0.5 * (start + end + 1);
            }

            start = end;
        }

        return ranks;
    }

    /// <summary>Kendall's tau-b in n log n: pairs are counted by merging. Source: Knight, JASA 61 (1966).</summary>
    internal static double KendallTauB(ReadOnlySpan<double> x, ReadOnlySpan<double> y)
    {
        var n = x.Length;
        var (left, right) = (x.ToArray(), y.ToArray());
        var order = Enumerable.Range(0, n).ToArray();
        Array.Sort(order, (a, b) => left[a] != left[b] ? left[a].CompareTo(left[b]) : right[a].CompareTo(right[b]));
        long pairs = (long)n * (n - 1) / 2;
        long tiedX = 0;
        long tiedBoth = 0;
        for (var start = 0; start < n;)
        {
            var end = start + 1;
            while (end < n && left[order[end]] == left[order[start]])
            {
                end++;
            }

            tiedX += Pairs(end - start);
            for (var inner = start; inner < end;)
            {
                var stop = inner + 1;
                while (stop < end && right[order[stop]] == right[order[inner]])
                {
                    stop++;
                }

                tiedBoth += Pairs(stop - inner);
                inner = stop;
            }

            start = end;
        }

        var sequence = new double[n];
        for (var i = 0; i < n; i++)
        {
            sequence[i] = right[order[i]];
        }

        var swaps = CountInversions(sequence, new double[n], 0, n);
        long tiedY = 0;
        for (var start = 0; start < n;)
        {
            var end = start + 1;
            while (end < n && sequence[end] == sequence[start])
            {
                end++;
            }

            tiedY += Pairs(end - start);
            start = end;
        }

        var difference = pairs - tiedX - tiedY + tiedBoth - (2 * swaps);
        return difference / (Math.Sqrt(pairs - tiedX) * Math.Sqrt(pairs - tiedY));
    }

    private static long Pairs(long count) => count * (count - 1) / 2;

    // Sorts the range and counts the pairs that stood in the wrong order.
    private static long CountInversions(double[] values, double[] scratch, int from, int to)
    {
        if (to - from < 2)
        {
            return 0;
        }

        var middle = from + ((to - from) / 2);
        var count = CountInversions(values, scratch, from, middle) + CountInversions(values, scratch, middle, to);
        var (i, j, k) = (from, middle, from);
        while (i < middle || j < to)
        {
            if (j >= to || (i < middle && values[i] <= values[j]))
            {
                scratch[k++] = values[i++];
            }
            else
            {
                count += middle - i;
                scratch[k++] = values[j++];
            }
        }

        Array.Copy(scratch, from, values, from, to - from);
        return count;
    }
}
