using System.Runtime.CompilerServices;
using RiskLake.Lake.Columns;
using RiskLake.Lake.Errors;

namespace RiskLake.Ingest.Silver.Keys;

/// <summary>Key digests in rising order within each scope, with repetitions. What a key file is searched for.</summary>
internal interface IKeyList
{
    /// <summary>Stretches of one scope each, in rising order of scopes.</summary>
    IReadOnlyList<(int Scope, int Start, int End)> Scopes { get; }

    ulong Key(int position);
}

/// <summary>
/// The rows of a run in the order of scope, key digest and input. Rows of one event stand together, the first received first.
/// </summary>
internal sealed class KeyOrder : IKeyList, IDisposable
{
    private const int RowsPerPart = 1 << 14;

    private readonly NativeBuffer<ulong> _keys;
    private readonly List<(int Scope, int Start, int End)> _scopes = [];

    private KeyOrder(NativeBuffer<ulong> keys, NativeBuffer<int> rows)
    {
        _keys = keys;
        Rows = rows;
    }

    /// <summary>Row numbers in order.</summary>
    public NativeBuffer<int> Rows { get; }

    public IReadOnlyList<(int Scope, int Start, int End)> Scopes => _scopes;

    public int Count => checked((int)Rows.Count);

    public ulong Key(int position) => _keys[Rows[position]];

    /// <summary>Where the rows of the event at a position end.</summary>
    public int EndOf(int position, int scopeEnd)
    {
        var key = Key(position);
        var end = position + 1;
        while (end < scopeEnd && Key(end) == key)
        {
            end++;
        }

        return end;
    }

    /// <param name="digests">Digests of the rows, in the order of the input; used as long as the order is.</param>
    /// <param name="threads">How many threads may work; the order does not depend on it.</param>
    public static KeyOrder Make(EventDigests digests, int threads)
    {
        var keys = digests.Keys;
        if (keys.Count > int.MaxValue - 8)
        {
            throw new RiskLakeException(
                ErrorCode.InputUnreadable, "input", $"{keys.Count} records", "at most 2147483639 records in one run",
                "split the input into several runs");
        }

        var order = new KeyOrder(keys, new NativeBuffer<int>(Math.Max(1, keys.Count)) { Count = keys.Count });
        var parts = order.Scatter(digests.Scopes);
        Parallel.For(0, parts.Length - 1, new ParallelOptions { MaxDegreeOfParallelism = threads }, part => order.Sort(parts[part], parts[part + 1]));
        return order;
    }

    public void Dispose() => Rows.Dispose();

    /// <summary>Brings rows of one scope and one range of keys together; returns where each such part begins, and the end.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private int[] Scatter(NativeBuffer<int> scopes)
    {
        var counts = new SortedDictionary<int, int>();
        CountScopes(scopes, counts);
        var bits = 0;
        while (bits < 16 && (Rows.Count >> bits) > RowsPerPart)
        {
            bits++;
        }

        var ordinals = new Dictionary<int, int>();
        var start = 0;
        foreach (var (scope, rows) in counts)
        {
            ordinals.Add(scope, ordinals.Count);
            _scopes.Add((scope, start, start + rows));
            start += rows;
        }

        var parts = new int[(ordinals.Count << bits) + 1];
        ForEachPart(scopes, ordinals, bits, (part, _) => parts[part + 1]++);
        for (var part = 1; part < parts.Length; part++)
        {
            parts[part] += parts[part - 1];
        }

        var next = parts.AsSpan(0, parts.Length - 1).ToArray();
        ForEachPart(scopes, ordinals, bits, (part, row) => Rows[next[part]++] = row);
        return parts;
    }

    private static void CountScopes(NativeBuffer<int> scopes, SortedDictionary<int, int> counts)
    {
        for (long row = 0; row < scopes.Count;)
        {
            var first = row;
            var scope = scopes[row];
            while (row < scopes.Count && scopes[row] == scope)
            {
                row++;
            }

            counts[scope] = counts.GetValueOrDefault(scope) + (int)(row - first);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void ForEachPart(NativeBuffer<int> scopes, Dictionary<int, int> ordinals, int bits, Action<int, int> visit)
    {
        var (scope, ordinal) = (int.MinValue, 0);
        for (var row = 0; row < _keys.Count; row++)
        {
            if (scopes[row] != scope)
            {
                scope = scopes[row];
                ordinal = ordinals[scope] << bits;
            }

            visit(bits == 0 ? ordinal : ordinal + (int)(_keys[row] >> (64 - bits)), row);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Sort(int start, int end)
    {
        var rows = Rows.Span(start, end - start);
        var keys = new ulong[rows.Length];
        for (var i = 0; i < keys.Length; i++)
        {
            keys[i] = _keys[rows[i]];
        }

        keys.AsSpan().Sort(rows);
        for (var from = 0; from < keys.Length;)
        {
            var to = from + 1;
            while (to < keys.Length && keys[to] == keys[from])
            {
                to++;
            }

            if (to - from > 1)
            {
                rows[from..to].Sort();
            }

            from = to;
        }
    }
}
