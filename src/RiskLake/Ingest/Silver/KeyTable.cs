using System.Runtime.CompilerServices;

namespace RiskLake.Ingest.Silver;

/// <summary>An open-addressing table from key digests to row numbers, in native memory.</summary>
internal sealed class KeyTable : IDisposable
{
    private readonly Lake.Columns.NativeBuffer<Entry> _entries = new();
    private int _mask;
    private int _count;

    public KeyTable(long expected)
    {
        var size = 16;
        while (size < expected * 2 && size < 1 << 30)
        {
            size <<= 1;
        }

        Allocate(size);
    }

    public int Count => _count;

    /// <summary>The row of a key, or -1.</summary>
    public int Find(ulong key)
    {
        for (var slot = Slot(key); ; slot = (slot + 1) & _mask)
        {
            var entry = _entries[slot];
            if (entry.RowPlusOne == 0)
            {
                return -1;
            }

            if (entry.Key == key)
            {
                return entry.RowPlusOne - 1;
            }
        }
    }

    /// <summary>The row already held for a key, or -1 after the key was added with <paramref name="row"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int FindOrAdd(ulong key, int row)
    {
        for (var slot = Slot(key); ; slot = (slot + 1) & _mask)
        {
            var entry = _entries[slot];
            if (entry.RowPlusOne == 0)
            {
                _entries[slot] = new Entry(key, row + 1);
                if (++_count * 2L > _mask)
                {
                    Grow();
                }

                return -1;
            }

            if (entry.Key == key)
            {
                return entry.RowPlusOne - 1;
            }
        }
    }

    /// <summary>Replaces the row of a key that is held and returns the row it had; -1 when the key is not held.</summary>
    public int Replace(ulong key, int row)
    {
        for (var slot = Slot(key); ; slot = (slot + 1) & _mask)
        {
            var entry = _entries[slot];
            if (entry.RowPlusOne == 0)
            {
                return -1;
            }

            if (entry.Key == key)
            {
                _entries[slot] = new Entry(key, row + 1);
                return entry.RowPlusOne - 1;
            }
        }
    }

    public void Clear()
    {
        _entries.AsSpan().Clear();
        _count = 0;
    }

    public void Dispose() => _entries.Dispose();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private int Slot(ulong key) => (int)((key * 0x9E3779B97F4A7C15UL) >> 33) & _mask;

    private void Allocate(int size)
    {
        _entries.Reserve(size);
        _entries.Count = size;
        _entries.AsSpan().Clear();
        _mask = size - 1;
    }

    private void Grow()
    {
        var old = _entries.AsSpan().ToArray();
        Allocate((_mask + 1) * 2);
        _count = 0;
        foreach (var entry in old)
        {
            if (entry.RowPlusOne != 0)
            {
                FindOrAdd(entry.Key, entry.RowPlusOne - 1);
            }
        }
    }

    private readonly record struct Entry(ulong Key, int RowPlusOne);
}
