using System.Runtime.CompilerServices;
using RiskLake.Columns;
using RiskLake.Errors;

namespace RiskLake.Silver;

/// <summary>Where a bronze row ends.</summary>
internal enum Verdict : byte
{
    /// <summary>In the run's own silver.</summary>
    Own,

    /// <summary>Equal to an earlier row of the run.</summary>
    Duplicate,

    /// <summary>Equal to an event that another run owns.</summary>
    AlreadyPublished,

    /// <summary>Another version of the key is in silver: quarantined.</summary>
    Conflict,
}

/// <summary>Digests of a run's bronze rows in the order of the input, and the partition each went to.</summary>
internal sealed record BronzeKeys(EventDigests Digests, NativeBuffer<int> PartitionOfRow) : IDisposable
{
    public long Count => Digests.Keys.Count;

    public void Dispose()
    {
        Digests.Dispose();
        PartitionOfRow.Dispose();
    }
}

/// <summary>The silver keys of another run.</summary>
/// <param name="Run">Position among the candidates.</param>
/// <param name="Keys">Key digests of its silver rows.</param>
internal sealed record ForeignKeys(int Run, NativeBuffer<ulong> Keys);

/// <summary>A row of the run whose key another run's silver holds too.</summary>
internal readonly record struct ForeignHit(ulong Key, int Row, int Run);

/// <summary>A row whose key an earlier row of the run has.</summary>
internal readonly record struct Repeat(int Row, int First);

/// <summary>
/// Finds, among the rows of one run, those that repeat a key, and those whose key other runs hold. Keys are cut into buckets by their
/// digests, so that tables stay small and threads do not meet; what comes out does not depend on the number of threads.
/// </summary>
internal sealed class Deduplication : IDisposable
{
    private const int RowsPerBucket = 1 << 20;

    private Deduplication(NativeBuffer<byte> repeated, Repeat[] repeats, ForeignHit[] hits)
    {
        Repeated = repeated;
        Repeats = repeats;
        Hits = hits;
    }

    /// <summary>1 for each row that repeats a key of an earlier row, in the order of the input.</summary>
    public NativeBuffer<byte> Repeated { get; }

    /// <summary>Rows that repeat a key, in the order of the input.</summary>
    public IReadOnlyList<Repeat> Repeats { get; }

    /// <summary>First rows of keys that other runs hold, ordered by run, then row.</summary>
    public IReadOnlyList<ForeignHit> Hits { get; }

    public static Deduplication Find(NativeBuffer<ulong> keys, IReadOnlyList<ForeignKeys> foreign, int threads)
    {
        if (keys.Count > int.MaxValue - 8)
        {
            throw new RiskLakeException(
                ErrorCode.InputUnreadable, "input", $"{keys.Count} records", "at most 2147483639 records in one run",
                "split the input into several runs");
        }

        var buckets = 1;
        while (keys.Count / buckets > RowsPerBucket)
        {
            buckets *= 2;
        }

        var repeated = new NativeBuffer<byte>(Math.Max(1, keys.Count)) { Count = keys.Count };
        repeated.AsSpan().Clear();
        var repeats = new List<Repeat>[buckets];
        var hits = new List<ForeignHit>[buckets];
        Parallel.For(0, buckets, new ParallelOptions { MaxDegreeOfParallelism = threads }, bucket =>
        {
            (repeats[bucket], hits[bucket]) = Bucket(keys, foreign, repeated, bucket, buckets);
        });
        var allRepeats = repeats.SelectMany(list => list).ToArray();
        Array.Sort(allRepeats, (a, b) => a.Row.CompareTo(b.Row));
        var allHits = hits.SelectMany(list => list).ToArray();
        Array.Sort(allHits, (a, b) => a.Run != b.Run ? a.Run.CompareTo(b.Run) : a.Row.CompareTo(b.Row));
        return new Deduplication(repeated, allRepeats, allHits);
    }

    public void Dispose() => Repeated.Dispose();

    // Few calls, each a long loop: precompiled code would never be replaced by optimised code.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static (List<Repeat> Repeats, List<ForeignHit> Hits) Bucket(
        NativeBuffer<ulong> keys, IReadOnlyList<ForeignKeys> foreign, NativeBuffer<byte> repeated, int bucket, int buckets)
    {
        var mask = (ulong)(buckets - 1);
        var repeats = new List<Repeat>();
        var hits = new List<ForeignHit>();
        using var table = new KeyTable(keys.Count / buckets);
        for (var row = 0; row < keys.Count; row++)
        {
            var key = keys[row];
            if ((key & mask) != (ulong)bucket)
            {
                continue;
            }

            var first = table.FindOrAdd(key, row);
            if (first >= 0)
            {
                repeated[row] = 1;
                repeats.Add(new Repeat(row, first));
            }
        }

        foreach (var other in foreign)
        {
            for (long i = 0; i < other.Keys.Count; i++)
            {
                var key = other.Keys[i];
                if ((key & mask) == (ulong)bucket && table.Find(key) is var row and >= 0)
                {
                    hits.Add(new ForeignHit(key, row, other.Run));
                }
            }
        }

        return (repeats, hits);
    }
}
