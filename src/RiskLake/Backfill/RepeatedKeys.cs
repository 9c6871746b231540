using System.Runtime.CompilerServices;
using RiskLake.Ingest.Silver;
using RiskLake.Lake.Columns;
using RiskLake.Lake.Errors;

namespace RiskLake.Backfill;

/// <summary>A row whose key an earlier row has.</summary>
internal readonly record struct Repeat(int Row, int First);

/// <summary>
/// Finds rows that repeat a key. Keys are cut into buckets by their digests, so that tables stay small and threads do not meet; what
/// comes out does not depend on the number of threads.
/// </summary>
internal static class RepeatedKeys
{
    private const int RowsPerBucket = 1 << 20;

    /// <summary>Rows that repeat a key, in the order of the input.</summary>
    public static IReadOnlyList<Repeat> Find(NativeBuffer<ulong> keys, int threads)
    {
        if (keys.Count > int.MaxValue - 8)
        {
            throw new RiskLakeException(
                ErrorCode.InputUnreadable, "input", $"{keys.Count} records", "at most 2147483639 records in one backfill",
                "split the input, or the range of dates");
        }

        var buckets = 1;
        while (keys.Count / buckets > RowsPerBucket)
        {
            buckets *= 2;
        }

        var repeats = new List<Repeat>[buckets];
        Parallel.For(0, buckets, new ParallelOptions { MaxDegreeOfParallelism = threads }, bucket => repeats[bucket] = Bucket(keys, bucket, buckets));
        var all = repeats.SelectMany(list => list).ToArray();
        Array.Sort(all, (a, b) => a.Row.CompareTo(b.Row));
        return all;
    }

    // Few calls, each a long loop: precompiled code would never be replaced by optimised code.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static List<Repeat> Bucket(NativeBuffer<ulong> keys, int bucket, int buckets)
    {
        var mask = (ulong)(buckets - 1);
        var repeats = new List<Repeat>();
        using var table = new KeyTable(keys.Count / buckets);
        for (var row = 0; row < keys.Count; row++)
        {
            var key = keys[row];
            if ((key & mask) == (ulong)bucket && table.FindOrAdd(key, row) is var first and >= 0)
            {
                repeats.Add(new Repeat(row, first));
            }
        }

        return repeats;
    }
}
