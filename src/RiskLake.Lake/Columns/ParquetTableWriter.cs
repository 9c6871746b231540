using System.Runtime.InteropServices;
using ParquetSharp;
using ParquetSharp.Schema;

namespace RiskLake.Lake.Columns;

/// <summary>Rows and exact statistics of a finished file.</summary>
internal sealed record ParquetTableSummary(long Rows, IReadOnlyList<ColumnStatistics> Statistics);

/// <summary>
/// The one writer of the lake's Parquet files: ZSTD, timestamps as UTC microseconds, statistics and page checksums on. The bytes are a
/// function of the rows, their grouping, the schema and the metadata alone.
/// </summary>
internal sealed unsafe class ParquetTableWriter : IDisposable
{
    /// <summary>Rows per row group; part of the output version of every dataset.</summary>
    public const int RowGroupRows = 131_072;

    private readonly string _path;
    private readonly IReadOnlyList<ColumnSchema> _schema;
    private readonly IReadOnlyDictionary<string, string> _metadata;
    private readonly IReadOnlyCollection<string> _distinct;
    private readonly StatisticsBuilder[] _statistics;
    private readonly Dictionary<Type, Array> _scratch = [];
    private ParquetFileWriter? _writer;
    private short[] _levels = [];
    private long _rows;

    /// <param name="path">File to create.</param>
    /// <param name="schema">Columns of every batch that is written.</param>
    /// <param name="metadata">Key-value metadata of the file.</param>
    /// <param name="distinct">Text and number columns whose values hardly repeat: no dictionary is tried for them.</param>
    public ParquetTableWriter(
        string path, IReadOnlyList<ColumnSchema> schema, IReadOnlyDictionary<string, string> metadata, IReadOnlyCollection<string> distinct)
    {
        _path = path;
        _schema = schema;
        _metadata = metadata;
        _distinct = distinct;
        _statistics = schema.Select(column => new StatisticsBuilder(column)).ToArray();
    }

    /// <summary>Writes rows <paramref name="start"/> to <paramref name="start"/> + <paramref name="count"/> as one row group.</summary>
    public void WriteRowGroup(RecordBatch batch, int start, int count) => WriteRowGroup(batch.Columns, default, start, count);

    /// <summary>Writes the rows named by <paramref name="order"/>, in that order, as one row group.</summary>
    public void WriteRowGroup(RecordBatch batch, ReadOnlySpan<int> order) => WriteRowGroup(batch.Columns, order, 0, order.Length);

    /// <summary>Writes all rows of a batch in row groups of the standard size.</summary>
    public void WriteAll(RecordBatch batch)
    {
        for (var start = 0; start < batch.RowCount; start += RowGroupRows)
        {
            WriteRowGroup(batch, start, Math.Min(RowGroupRows, batch.RowCount - start));
        }
    }

    /// <summary>Writes the footer. The file is not yet durable.</summary>
    public ParquetTableSummary Finish()
    {
        (_writer ?? Begin([])).Close();
        return new ParquetTableSummary(_rows, _statistics.Select(builder => builder.Build()).ToArray());
    }

    public void Dispose() => _writer?.Dispose();

    /// <summary>Creates the file; how its columns are encoded follows from the first rows.</summary>
    private ParquetFileWriter Begin(HashSet<string> repeating)
    {
        using var properties = Properties(_schema, repeating);
        using var root = new GroupNode("schema", Repetition.Required, _schema.Select(Node).ToArray(), null);
        var ordered = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var (key, value) in _metadata)
        {
            ordered.Add(key, value);
        }

        return _writer = new ParquetFileWriter(_path, root, properties, ordered);
    }

    private static WriterProperties Properties(IReadOnlyList<ColumnSchema> schema, HashSet<string> repeating)
    {
        using var builder = new WriterPropertiesBuilder();
        builder.Compression(Compression.Zstd).CompressionLevel(1).CreatedBy("risklake version 1.0.0").EnablePageChecksum();
        builder.EnableStoreDecimalAsInteger().MaxRowGroupLength(RowGroupRows);
        foreach (var column in schema)
        {
            switch (column.Type)
            {
                case ColumnType.Timestamp or ColumnType.Int64 or ColumnType.Decimal:
                    builder.DisableDictionary(column.Name).Encoding(column.Name, Encoding.DeltaBinaryPacked);
                    break;
                case ColumnType.String when !repeating.Contains(column.Name):
                    builder.DisableDictionary(column.Name).Encoding(column.Name, Encoding.DeltaLengthByteArray);
                    break;
                case ColumnType.Binary:
                case ColumnType.Double or ColumnType.Date when !repeating.Contains(column.Name):
                    builder.DisableDictionary(column.Name);
                    break;
                default:
                    break;
            }
        }

        return builder.Build();
    }

    private static Node Node(ColumnSchema column)
    {
        var repetition = column.Nullable ? Repetition.Optional : Repetition.Required;
        if (column.Type == ColumnType.Map)
        {
            return ParquetMap.Node(column.Name, repetition);
        }

        var (logical, physical) = column.Type switch
        {
            ColumnType.String => (LogicalType.String(), PhysicalType.ByteArray),
            ColumnType.Binary => (LogicalType.None(), PhysicalType.ByteArray),
            ColumnType.Int64 => (LogicalType.Int(64, isSigned: true), PhysicalType.Int64),
            ColumnType.Double => (LogicalType.None(), PhysicalType.Double),
            ColumnType.Decimal => (LogicalType.Decimal(column.Precision, column.Scale), PhysicalType.Int64),
            ColumnType.Boolean => (LogicalType.None(), PhysicalType.Boolean),
            ColumnType.Timestamp => (LogicalType.Timestamp(isAdjustedToUtc: true, TimeUnit.Micros), PhysicalType.Int64),
            _ => (LogicalType.Date(), PhysicalType.Int32),
        };
        return new PrimitiveNode(column.Name, repetition, logical, physical, 0);
    }

    private void WriteRowGroup(Column[] columns, ReadOnlySpan<int> order, int start, int count)
    {
        var writer = _writer ?? Begin(DictionaryChoice.Repeating(columns, new RowSelection(order, start, count), _distinct));
        using var group = writer.AppendRowGroup();
        for (var i = 0; i < columns.Length; i++)
        {
            var rows = new RowSelection(order, start, count);
            if (_schema[i].Type == ColumnType.Map)
            {
                _statistics[i].AddNulls(ParquetMap.Write(group, columns[i], rows));
                continue;
            }

            using var target = group.NextColumn();
            switch (_schema[i].Type)
            {
                case ColumnType.String or ColumnType.Binary:
                    Write<ByteArray, BytesRead>(target, columns[i], rows, _statistics[i]);
                    break;
                case ColumnType.Double:
                    WriteSlots<double>(target, columns[i], rows, _statistics[i]);
                    break;
                case ColumnType.Boolean:
                    Write<bool, BooleanRead>(target, columns[i], rows, _statistics[i]);
                    break;
                case ColumnType.Date:
                    Write<int, DateRead>(target, columns[i], rows, _statistics[i]);
                    break;
                default:
                    WriteSlots<long>(target, columns[i], rows, _statistics[i]);
                    break;
            }
        }

        _rows += count;
    }

    /// <summary>Slots are already in the physical type: a contiguous column without nulls needs no copy.</summary>
    private void WriteSlots<T>(ColumnWriter writer, Column column, RowSelection rows, StatisticsBuilder statistics)
        where T : unmanaged
    {
        if (rows.IsContiguous && !column.Schema.Nullable)
        {
            var slots = MemoryMarshal.Cast<long, T>(column.Slots.Slice(rows.Start, rows.Count));
            SlotRead<T>.Count(statistics, slots);
            ((ColumnWriter<T>)writer).WriteBatch(slots);
            return;
        }

        Write<T, SlotRead<T>>(writer, column, rows, statistics);
    }

    private void Write<T, TRead>(ColumnWriter writer, Column column, RowSelection rows, StatisticsBuilder statistics)
        where T : unmanaged
        where TRead : IValueRead<T>
    {
        var values = Scratch<T>(rows.Count);
        var typed = (ColumnWriter<T>)writer;
        if (!column.Schema.Nullable)
        {
            for (var i = 0; i < rows.Count; i++)
            {
                values[i] = TRead.Read(column, rows[i]);
            }

            TRead.Count(statistics, values.AsSpan(0, rows.Count));
            typed.WriteBatch(values.AsSpan(0, rows.Count));
            return;
        }

        if (_levels.Length < rows.Count)
        {
            _levels = new short[rows.Count];
        }

        var present = 0;
        for (var i = 0; i < rows.Count; i++)
        {
            var row = rows[i];
            var isNull = column.IsNull(row);
            _levels[i] = isNull ? (short)0 : (short)1;
            if (!isNull)
            {
                values[present++] = TRead.Read(column, row);
            }
        }

        statistics.AddNulls(rows.Count - present);
        TRead.Count(statistics, values.AsSpan(0, present));
        typed.WriteBatch(rows.Count, _levels.AsSpan(0, rows.Count), default, values.AsSpan(0, present));
    }

    private T[] Scratch<T>(int count)
    {
        if (!_scratch.TryGetValue(typeof(T), out var array) || array.Length < count)
        {
            array = new T[Math.Max(count, 1024)];
            _scratch[typeof(T)] = array;
        }

        return (T[])array;
    }

    /// <summary>How a value of a column becomes the physical value; static, so that the loops above are compiled for each.</summary>
    private interface IValueRead<T>
    {
        static abstract T Read(Column column, int row);

        static abstract void Count(StatisticsBuilder statistics, ReadOnlySpan<T> values);
    }

    private readonly struct BytesRead : IValueRead<ByteArray>
    {
        public static ByteArray Read(Column column, int row) => new((IntPtr)column.Address(row), column.ByteLength(row));

        public static void Count(StatisticsBuilder statistics, ReadOnlySpan<ByteArray> values) => statistics.Add(values);
    }

    private readonly struct BooleanRead : IValueRead<bool>
    {
        public static bool Read(Column column, int row) => column.Slot(row) != 0;

        public static void Count(StatisticsBuilder statistics, ReadOnlySpan<bool> values)
        {
            if (values.Contains(false))
            {
                statistics.Add([0L]);
            }

            if (values.Contains(true))
            {
                statistics.Add([1L]);
            }
        }
    }

    private readonly struct DateRead : IValueRead<int>
    {
        public static int Read(Column column, int row) => (int)column.Slot(row);

        public static void Count(StatisticsBuilder statistics, ReadOnlySpan<int> values)
        {
            foreach (var value in values)
            {
                statistics.Add([value]);
            }
        }
    }

    private readonly struct SlotRead<T> : IValueRead<T>
        where T : unmanaged
    {
        public static T Read(Column column, int row)
        {
            var slot = column.Slot(row);
            return *(T*)&slot;
        }

        public static void Count(StatisticsBuilder statistics, ReadOnlySpan<T> values)
        {
            if (typeof(T) == typeof(double))
            {
                statistics.Add(MemoryMarshal.Cast<T, double>(values));
            }
            else
            {
                statistics.Add(MemoryMarshal.Cast<T, long>(values));
            }
        }
    }
}

/// <summary>Rows of a batch: a range, or an explicit order.</summary>
internal readonly ref struct RowSelection(ReadOnlySpan<int> order, int start, int count)
{
    private readonly ReadOnlySpan<int> _order = order;

    public int Start { get; } = start;

    public int Count { get; } = count;

    public bool IsContiguous => _order.IsEmpty;

    public int this[int index] => _order.IsEmpty ? Start + index : _order[index];
}
