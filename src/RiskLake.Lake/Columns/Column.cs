using System.Runtime.CompilerServices;
using System.Text;

namespace RiskLake.Lake.Columns;

/// <summary>Fills a piece of memory.</summary>
internal delegate void ReadBytes(Span<byte> target);

/// <summary>
/// One column of a batch, in native memory. Fixed-width values are 64-bit slots (see <see cref="ColumnType"/>); for text and
/// binary a slot packs the offset (upper 40 bits) and length (lower 24 bits) of the bytes in the column's arena.
/// </summary>
/// <remarks>A null has slot 0. Text values are at most 16 MiB - 1 bytes.</remarks>
internal sealed unsafe class Column : IDisposable
{
    private const int LengthBits = 24;

    /// <summary>Longest text or binary value, in bytes.</summary>
    public const int MaxBytes = (1 << LengthBits) - 1;

    private readonly NativeBuffer<long> _slots;
    private readonly NativeBuffer<byte>? _arena;
    private NativeBuffer<byte>? _nulls;

    public Column(ColumnSchema schema, long capacity = 0)
    {
        Schema = schema;
        _slots = new NativeBuffer<long>(capacity);
        _arena = schema.IsBytes ? new NativeBuffer<byte>() : null;
    }

    public ColumnSchema Schema { get; }

    /// <summary>Number of rows.</summary>
    public int Count => (int)_slots.Count;

    public int NullCount { get; private set; }

    /// <summary>All slots; meaningless at rows that are null.</summary>
    public Span<long> Slots => _slots.AsSpan();

    /// <summary>Bytes held, for memory budgets.</summary>
    public long ByteSize => (_slots.Count * sizeof(long)) + (_arena?.Count ?? 0) + (_nulls?.Count ?? 0);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool IsNull(int row) => _nulls is not null && _nulls[row] != 0;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public long Slot(int row) => _slots[row];

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public double Double(int row) => BitConverter.Int64BitsToDouble(_slots[row]);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ReadOnlySpan<byte> Bytes(int row)
    {
        var slot = _slots[row];
        return new ReadOnlySpan<byte>(_arena!.Pointer + (long)((ulong)slot >> LengthBits), (int)(slot & MaxBytes));
    }

    /// <summary>Address of a text value; valid until the column grows or is disposed.</summary>
    public byte* Address(int row) => _arena!.Pointer + (long)((ulong)_slots[row] >> LengthBits);

    public int ByteLength(int row) => (int)(_slots[row] & MaxBytes);

    public string Text(int row) => Encoding.UTF8.GetString(Bytes(row));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Append(long slot)
    {
        _nulls?.Add(0);
        _slots.Add(slot);
    }

    public void Append(double value) => Append(BitConverter.DoubleToInt64Bits(value));

    public void Append(string value)
    {
        Span<byte> small = stackalloc byte[256];
        var length = Encoding.UTF8.GetByteCount(value);
        var bytes = length <= small.Length ? small[..length] : new byte[length];
        Encoding.UTF8.GetBytes(value, bytes);
        Append(bytes);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Append(ReadOnlySpan<byte> value)
    {
        if (value.Length > MaxBytes)
        {
            throw new ArgumentOutOfRangeException(nameof(value), value.Length, "A text value is at most 16 MiB - 1 bytes.");
        }

        var offset = _arena!.Count;
        _arena.AddRange(value);
        Append((offset << LengthBits) | (uint)value.Length);
    }

    public void AppendNull()
    {
        if (_nulls is null)
        {
            _nulls = new NativeBuffer<byte>(Math.Max(16, _slots.Count));
            _nulls.Count = _slots.Count;
            _nulls.AsSpan().Clear();
        }

        _nulls.Add(1);
        _slots.Add(0);
        NullCount++;
    }

    /// <summary>Appends one text <paramref name="count"/> times, holding its bytes once. Such a column must not be truncated, only cleared.</summary>
    public void AppendRepeated(string value, int count)
    {
        if (count == 0)
        {
            return;
        }

        Append(value);
        var slot = _slots[_slots.Count - 1];
        for (var i = 1; i < count; i++)
        {
            Append(slot);
        }
    }

    /// <summary>Appends row <paramref name="row"/> of <paramref name="source"/>, a column of the same type.</summary>
    public void AppendFrom(Column source, int row)
    {
        if (source.IsNull(row))
        {
            AppendNull();
        }
        else if (_arena is not null)
        {
            Append(source.Bytes(row));
        }
        else
        {
            Append(source.Slot(row));
        }
    }

    /// <summary>Appends rows <paramref name="start"/> to <paramref name="start"/> + <paramref name="count"/> of a column of the same type.</summary>
    public void AppendRange(Column source, int start, int count)
    {
        if (source.NullCount > 0 || count == 0)
        {
            for (var row = start; row < start + count; row++)
            {
                AppendFrom(source, row);
            }

            return;
        }

        Reserve(count);
        if (_nulls is not null)
        {
            _nulls.Reserve(_nulls.Count + count);
            new Span<byte>(_nulls.Pointer + _nulls.Count, count).Clear();
            _nulls.Count += count;
        }

        if (_arena is null)
        {
            _slots.AddRange(source.Slots.Slice(start, count));
            return;
        }

        AppendTextRange(source, start, count);
    }

    /// <summary>Appends the named rows of a column of the same type; stretches of neighbours are copied whole.</summary>
    public void AppendRows(Column source, ReadOnlySpan<int> rows)
    {
        for (var start = 0; start < rows.Length;)
        {
            var end = start + 1;
            while (end < rows.Length && rows[end] == rows[end - 1] + 1)
            {
                end++;
            }

            AppendRange(source, rows[start], end - start);
            start = end;
        }
    }

    /// <summary>Adds <paramref name="rows"/> slots for the caller to fill; for fixed-width values without nulls.</summary>
    public Span<long> Extend(int rows)
    {
        var start = _slots.Count;
        _slots.Reserve(start + rows);
        _slots.Count = start + rows;
        if (_nulls is not null)
        {
            _nulls.Reserve(start + rows);
            _nulls.Count = start + rows;
            _nulls.Span(start, rows).Clear();
        }

        return _slots.Span(start, rows);
    }

    /// <summary>The bytes of all text values; a slot's offset points into them.</summary>
    public ReadOnlySpan<byte> Arena => _arena is null ? default : new ReadOnlySpan<byte>(_arena.Pointer, checked((int)_arena.Count));

    /// <summary>One byte per row, 1 for a null; empty when there never was one.</summary>
    public ReadOnlySpan<byte> Nulls => _nulls is null ? default : new ReadOnlySpan<byte>(_nulls.Pointer, checked((int)_nulls.Count));

    /// <summary>Takes over the memory of a column of the same type, into this empty one.</summary>
    /// <param name="rows">Number of rows.</param>
    /// <param name="arenaBytes">Length of <see cref="Arena"/>.</param>
    /// <param name="hasNulls">Whether <see cref="Nulls"/> is not empty.</param>
    /// <param name="read">Fills the memory it is given, called for nulls, slots and arena in this order.</param>
    public void Load(int rows, int arenaBytes, bool hasNulls, ReadBytes read)
    {
        if (hasNulls)
        {
            _nulls ??= new NativeBuffer<byte>(rows);
            _nulls.Reserve(rows);
            _nulls.Count = rows;
            read(_nulls.AsSpan());
            NullCount = _nulls.AsSpan().Count((byte)1);
        }

        _slots.Reserve(rows);
        _slots.Count = rows;
        read(System.Runtime.InteropServices.MemoryMarshal.AsBytes(_slots.AsSpan()));
        if (_arena is not null)
        {
            _arena.Reserve(arenaBytes);
            _arena.Count = arenaBytes;
            read(_arena.AsSpan());
        }
    }

    /// <summary>Makes room for more rows and, for text, more bytes.</summary>
    public void Reserve(long rows, long bytes = 0)
    {
        _slots.Reserve(_slots.Count + rows);
        _arena?.Reserve(_arena.Count + bytes);
    }

    /// <summary>Drops the rows after the first <paramref name="count"/>: how a record that failed half-way is taken back.</summary>
    public void Truncate(int count)
    {
        for (var row = count; row < Count; row++)
        {
            if (IsNull(row))
            {
                NullCount--;
            }
        }

        if (_arena is not null && count < Count)
        {
            for (var row = count; row < Count; row++)
            {
                if (!IsNull(row))
                {
                    _arena.Count = (long)((ulong)_slots[row] >> LengthBits);
                    break;
                }
            }
        }

        _slots.Count = Math.Min(_slots.Count, count);
        if (_nulls is not null)
        {
            _nulls.Count = _slots.Count;
        }
    }

    /// <summary>Drops all rows; the memory stays for the next ones.</summary>
    public void Clear()
    {
        _slots.Clear();
        _arena?.Clear();
        _nulls?.Clear();
        NullCount = 0;
    }

    /// <summary>Offsets never fall from row to row, so a range is one copy of the arena and one shift of offsets.</summary>
    private void AppendTextRange(Column source, int start, int count)
    {
        var first = (long)((ulong)source.Slot(start) >> LengthBits);
        var last = source.Slot(start + count - 1);
        var bytes = (long)((ulong)last >> LengthBits) + (last & MaxBytes) - first;
        var shift = (_arena!.Count - first) << LengthBits;
        _arena.Reserve(_arena.Count + bytes);
        Buffer.MemoryCopy(source._arena!.Pointer + first, _arena.Pointer + _arena.Count, bytes, bytes);
        _arena.Count += bytes;
        for (var row = start; row < start + count; row++)
        {
            _slots.Add(source.Slot(row) + shift);
        }
    }

    public void Dispose()
    {
        _slots.Dispose();
        _arena?.Dispose();
        _nulls?.Dispose();
    }
}
