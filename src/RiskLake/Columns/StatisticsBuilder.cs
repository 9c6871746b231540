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
        for (var i = 0; i < rows.Count; i++)
        {
            var row = rows[i];
            if (column.IsNull(row))
            {
                _nulls++;
                continue;
            }

            var slot = column.Slot(row);
            _min = !_any || slot < _min ? slot : _min;
            _max = !_any || slot > _max ? slot : _max;
            _any = true;
        }
    }

    private void AddDoubles(Column column, RowSelection rows)
    {
        var min = BitConverter.Int64BitsToDouble(_min);
        var max = BitConverter.Int64BitsToDouble(_max);
        for (var i = 0; i < rows.Count; i++)
        {
            var row = rows[i];
            if (column.IsNull(row))
            {
                _nulls++;
                continue;
            }

            var value = column.Double(row);
            min = !_any || value < min ? value : min;
            max = !_any || value > max ? value : max;
            _any = true;
        }

        _min = BitConverter.DoubleToInt64Bits(min);
        _max = BitConverter.DoubleToInt64Bits(max);
    }

    private void AddText(Column column, RowSelection rows)
    {
        var min = -1;
        var max = -1;
        for (var i = 0; i < rows.Count; i++)
        {
            var row = rows[i];
            if (column.IsNull(row))
            {
                _nulls++;
                continue;
            }

            if (min < 0)
            {
                (min, max) = (row, row);
                continue;
            }

            var bytes = column.Bytes(row);
            if (bytes.SequenceCompareTo(column.Bytes(min)) < 0)
            {
                min = row;
            }
            else if (bytes.SequenceCompareTo(column.Bytes(max)) > 0)
            {
                max = row;
            }
        }

        if (min < 0)
        {
            return;
        }

        if (!_any || column.Bytes(min).SequenceCompareTo(_minBytes) < 0)
        {
            _minBytes = column.Bytes(min).ToArray();
        }

        if (!_any || column.Bytes(max).SequenceCompareTo(_maxBytes) > 0)
        {
            _maxBytes = column.Bytes(max).ToArray();
        }

        _any = true;
    }
}
