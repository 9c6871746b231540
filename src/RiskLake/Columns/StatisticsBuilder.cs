using System.Buffers.Binary;

namespace RiskLake.Columns;

/// <summary>Gathers exact minimum, maximum and null count of a column while it is written.</summary>
internal sealed class StatisticsBuilder(ColumnSchema schema)
{
    private long _nulls;
    private bool _any;
    private long _min;
    private long _max;
    private byte[] _minBytes = [];
    private byte[] _maxBytes = [];

    public void Add(Column column, RowSelection rows)
    {
        switch (schema.Type)
        {
            case ColumnType.String:
                AddText(column, rows);
                break;
            case ColumnType.Binary:
                _nulls += CountNulls(column, rows);
                break;
            case ColumnType.Double:
                AddDoubles(column, rows);
                break;
            default:
                AddSlots(column, rows);
                break;
        }
    }

    public ColumnStatistics Build() => schema.Type == ColumnType.String
        ? new ColumnStatistics(schema.Name, schema.Type, _nulls, _any, 0, 0, _any ? _minBytes : null, _any ? _maxBytes : null)
        : new ColumnStatistics(schema.Name, schema.Type, _nulls, _any, _min, _max, null, null);

    private static long CountNulls(Column column, RowSelection rows)
    {
        var nulls = 0L;
        for (var i = 0; i < rows.Count; i++)
        {
            nulls += column.IsNull(rows[i]) ? 1 : 0;
        }

        return nulls;
    }

    private void AddSlots(Column column, RowSelection rows)
    {
        var (min, max, any) = (_min, _max, _any);
        for (var i = 0; i < rows.Count; i++)
        {
            var row = rows[i];
            if (column.IsNull(row))
            {
                _nulls++;
                continue;
            }

            var slot = column.Slot(row);
            min = any ? Math.Min(min, slot) : slot;
            max = any ? Math.Max(max, slot) : slot;
            any = true;
        }

        (_min, _max, _any) = (min, max, any);
    }

    private void AddDoubles(Column column, RowSelection rows)
    {
        var (min, max, any) = (BitConverter.Int64BitsToDouble(_min), BitConverter.Int64BitsToDouble(_max), _any);
        for (var i = 0; i < rows.Count; i++)
        {
            var row = rows[i];
            if (column.IsNull(row))
            {
                _nulls++;
                continue;
            }

            var value = column.Double(row);
            min = !any || value < min ? value : min;
            max = !any || value > max ? value : max;
            any = true;
        }

        (_min, _max, _any) = (BitConverter.DoubleToInt64Bits(min), BitConverter.DoubleToInt64Bits(max), any);
    }

    /// <summary>Eight leading bytes decide almost every comparison; the whole text is looked at only where they are equal.</summary>
    private void AddText(Column column, RowSelection rows)
    {
        var (min, max) = (-1, -1);
        var (minPrefix, maxPrefix, lastSlot) = (0UL, 0UL, -1L);
        for (var i = 0; i < rows.Count; i++)
        {
            var row = rows[i];
            if (column.IsNull(row))
            {
                _nulls++;
                continue;
            }

            var slot = column.Slot(row);
            if (slot == lastSlot)
            {
                continue;
            }

            lastSlot = slot;
            var prefix = Prefix(column.Bytes(row));
            if (min < 0)
            {
                (min, max, minPrefix, maxPrefix) = (row, row, prefix, prefix);
            }
            else if (prefix < minPrefix || (prefix == minPrefix && column.Bytes(row).SequenceCompareTo(column.Bytes(min)) < 0))
            {
                (min, minPrefix) = (row, prefix);
            }
            else if (prefix > maxPrefix || (prefix == maxPrefix && column.Bytes(row).SequenceCompareTo(column.Bytes(max)) > 0))
            {
                (max, maxPrefix) = (row, prefix);
            }
        }

        if (min >= 0)
        {
            _minBytes = !_any || column.Bytes(min).SequenceCompareTo(_minBytes) < 0 ? column.Bytes(min).ToArray() : _minBytes;
            _maxBytes = !_any || column.Bytes(max).SequenceCompareTo(_maxBytes) > 0 ? column.Bytes(max).ToArray() : _maxBytes;
            _any = true;
        }
    }

    /// <summary>The first eight bytes as a number that orders as they do; shorter texts are filled with zeros.</summary>
    private static ulong Prefix(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length >= sizeof(ulong))
        {
            return BinaryPrimitives.ReadUInt64BigEndian(bytes);
        }

        Span<byte> padded = stackalloc byte[sizeof(ulong)];
        padded.Clear();
        bytes.CopyTo(padded);
        return BinaryPrimitives.ReadUInt64BigEndian(padded);
    }
}
