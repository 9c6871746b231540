using System.IO.Hashing;
using System.Runtime.CompilerServices;
using RiskLake.Contracts;
using RiskLake.Lake.Columns;

namespace RiskLake.Ingest.Silver;

/// <summary>The order of silver: symbol, event time, key. A contract without a symbol starts with event time.</summary>
internal static class SilverOrder
{
    /// <summary>Row numbers of a normalised batch in the order of silver.</summary>
    public static int[] Sort(Contract contract, RecordBatch batch)
    {
        var rows = batch.RowCount;
        var time = batch[contract.EventTime.Name];
        var keys = contract.Key.Select(name => batch[name]).ToArray();
        var order = contract.Field(FieldRole.Symbol) is { } symbol ? BySymbol(batch[symbol.Name], out var starts) : All(rows, out starts);
        long[] times = [];
        for (var group = 0; group + 1 < starts.Length; group++)
        {
            SortByTime(order.AsSpan(starts[group], starts[group + 1] - starts[group]), time, keys, ref times);
        }

        return order;
    }

    /// <summary>Order of two rows by key columns, in key order.</summary>
    public static int CompareKeys(Column[] a, int rowA, Column[] b, int rowB)
    {
        for (var i = 0; i < a.Length; i++)
        {
            var result = Compare(a[i], rowA, b[i], rowB);
            if (result != 0)
            {
                return result;
            }
        }

        return 0;
    }

    /// <summary>Order of two values of one type: text by bytes, numbers by value, null first.</summary>
    public static int Compare(Column a, int rowA, Column b, int rowB)
    {
        if (a.IsNull(rowA) || b.IsNull(rowB))
        {
            return b.IsNull(rowB).CompareTo(a.IsNull(rowA));
        }

        return a.Schema.Type switch
        {
            ColumnType.String or ColumnType.Binary => a.Bytes(rowA).SequenceCompareTo(b.Bytes(rowB)),
            ColumnType.Double => a.Double(rowA).CompareTo(b.Double(rowB)),
            _ => a.Slot(rowA).CompareTo(b.Slot(rowB)),
        };
    }

    private static int[] All(int rows, out int[] starts)
    {
        starts = [0, rows];
        var order = new int[rows];
        for (var i = 0; i < rows; i++)
        {
            order[i] = i;
        }

        return order;
    }

    /// <summary>Counting sort by the rank of the symbol; stable, so that rows that come in time order stay in it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static int[] BySymbol(Column symbol, out int[] starts)
    {
        var ids = new int[symbol.Count];
        var ranks = Ranks(symbol, ids);
        starts = new int[ranks.Length + 1];
        foreach (var id in ids)
        {
            starts[ranks[id] + 1]++;
        }

        for (var i = 1; i < starts.Length; i++)
        {
            starts[i] += starts[i - 1];
        }

        var next = starts.ToArray();
        var order = new int[ids.Length];
        for (var row = 0; row < ids.Length; row++)
        {
            order[next[ranks[ids[row]]]++] = row;
        }

        return order;
    }

    /// <summary>Gives each distinct text a number in order of appearance, and returns the rank of each number in byte order; null ranks first.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static int[] Ranks(Column column, int[] ids)
    {
        using var table = new KeyTable(1024);
        var firstRow = new List<int>();
        for (var row = 0; row < column.Count; row++)
        {
            var digest = column.IsNull(row) ? 0 : XxHash3.HashToUInt64(column.Bytes(row));
            for (; ; digest++)
            {
                var id = table.FindOrAdd(digest, firstRow.Count);
                if (id < 0)
                {
                    ids[row] = firstRow.Count;
                    firstRow.Add(row);
                    break;
                }

                if (Compare(column, row, column, firstRow[id]) == 0)
                {
                    ids[row] = id;
                    break;
                }
            }
        }

        var sorted = Enumerable.Range(0, firstRow.Count).ToArray();
        Array.Sort(sorted, (a, b) => Compare(column, firstRow[a], column, firstRow[b]));
        var ranks = new int[sorted.Length];
        for (var rank = 0; rank < sorted.Length; rank++)
        {
            ranks[sorted[rank]] = rank;
        }

        return ranks;
    }

    /// <summary>Sorts by time with the primitive sort, then puts rows of one instant in key order.</summary>
    public static void SortByTime(Span<int> rows, Column time, Column[] keys, ref long[] times)
    {
        var isSorted = true;
        if (times.Length < rows.Length)
        {
            times = new long[rows.Length];
        }

        for (var i = 0; i < rows.Length; i++)
        {
            times[i] = time.Slot(rows[i]);
            isSorted = isSorted && (i == 0 || times[i - 1] < times[i]);
        }

        if (isSorted)
        {
            return;
        }

        var instants = times.AsSpan(0, rows.Length);
        instants.Sort(rows);
        for (var start = 0; start < rows.Length;)
        {
            var end = start + 1;
            while (end < rows.Length && instants[end] == instants[start])
            {
                end++;
            }

            if (end - start > 1)
            {
                rows[start..end].Sort((a, b) => CompareKeys(keys, a, keys, b) is var result and not 0 ? result : a.CompareTo(b));
            }

            start = end;
        }
    }
}
