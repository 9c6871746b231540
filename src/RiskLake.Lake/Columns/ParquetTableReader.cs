using System.Runtime.InteropServices;
using ParquetSharp;
using RiskLake.Lake.Errors;

namespace RiskLake.Lake.Columns;

/// <summary>
/// Reads the lake's own Parquet files back into batches, a row group at a time, with only the columns asked for. A page whose checksum
/// does not fit is an error: what stands around the pages is the affair of the file's digest.
/// </summary>
internal sealed unsafe class ParquetTableReader : IDisposable
{
    private readonly string _path;
    private readonly ParquetFileReader _reader;
    private readonly Dictionary<string, int> _index = new(StringComparer.Ordinal);
    private readonly List<int> _leaves = [];
    private readonly Dictionary<Type, Array> _scratch = [];
    private short[] _levels = [];

    public ParquetTableReader(string path)
    {
        using var properties = ReaderProperties.GetDefaultReaderProperties();
        properties.EnablePageChecksumVerification();
        _path = path;
        _reader = Named(() => new ParquetFileReader(path, properties));
        using var metadata = _reader.FileMetaData;
        RowGroups = metadata.NumRowGroups;
        Rows = metadata.NumRows;
        Metadata = metadata.KeyValueMetadata;
        var schema = metadata.Schema;
        var columns = new List<ColumnSchema>(metadata.NumColumns);
        for (var leaf = 0; leaf < metadata.NumColumns; leaf += columns[^1].Type == ColumnType.Map ? ParquetMap.Leaves : 1)
        {
            _leaves.Add(leaf);
            columns.Add(ParquetMap.Describe(schema.Column(leaf)) ?? Describe(schema.Column(leaf), path));
            _index.Add(columns[^1].Name, columns.Count - 1);
        }

        Schema = columns;
    }

    public IReadOnlyList<ColumnSchema> Schema { get; }

    public int RowGroups { get; }

    public long Rows { get; }

    public IReadOnlyDictionary<string, string> Metadata { get; }

    public bool Has(string column) => _index.ContainsKey(column);

    /// <summary>
    /// Appends row group <paramref name="group"/> to <paramref name="target"/>, matching columns by name; a column the file does not
    /// have is filled with nulls.
    /// </summary>
    public int Read(int group, RecordBatch target) => Named(() => ReadGroup(group, target));

    private int ReadGroup(int group, RecordBatch target)
    {
        using var rowGroup = _reader.RowGroup(group);
        var rows = checked((int)rowGroup.MetaData.NumRows);
        foreach (var column in target.Columns)
        {
            if (!_index.TryGetValue(column.Schema.Name, out var index))
            {
                for (var i = 0; i < rows; i++)
                {
                    column.AppendNull();
                }

                continue;
            }

            if (Schema[index].Type == ColumnType.Map)
            {
                ParquetMap.Read(rowGroup, _leaves[index], Schema[index], column, rows);
                continue;
            }

            using var reader = rowGroup.Column(_leaves[index]);
            ReadColumn(reader, Schema[index], column, rows);
        }

        return rows;
    }

    public void Dispose() => _reader.Dispose();

    /// <summary>What the library says of bytes that are not what was written; a storage that cannot be read is another matter.</summary>
    private T Named<T>(Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception exception) when (exception is InvalidDataException
            || (exception is ParquetException && !exception.Message.Contains("[errno", StringComparison.Ordinal)))
        {
            throw new RiskLakeException(
                ErrorCode.LakeDamaged, _path, exception.Message.ReplaceLineEndings(" "), "pages whose checksums are right",
                "`risklake lake verify` tells what is damaged; a file being staged is made anew by repeating the command", exception);
        }
    }

    private static ColumnSchema Describe(ColumnDescriptor column, string path)
    {
        using var logical = column.LogicalType;
        var nullable = column.MaxDefinitionLevel > 0;
        return (column.PhysicalType, logical) switch
        {
            (PhysicalType.ByteArray, StringLogicalType) => new ColumnSchema(column.Name, ColumnType.String, nullable),
            (PhysicalType.ByteArray, _) => new ColumnSchema(column.Name, ColumnType.Binary, nullable),
            (PhysicalType.Int64, TimestampLogicalType) => new ColumnSchema(column.Name, ColumnType.Timestamp, nullable),
            (PhysicalType.Int64, DecimalLogicalType d) => new ColumnSchema(column.Name, ColumnType.Decimal, nullable, d.Precision, d.Scale),
            (PhysicalType.Int64, _) => new ColumnSchema(column.Name, ColumnType.Int64, nullable),
            (PhysicalType.Double, _) => new ColumnSchema(column.Name, ColumnType.Double, nullable),
            (PhysicalType.Boolean, _) => new ColumnSchema(column.Name, ColumnType.Boolean, nullable),
            (PhysicalType.Int32, DateLogicalType) => new ColumnSchema(column.Name, ColumnType.Date, nullable),
            _ => throw new InvalidDataException($"{path}: column {column.Name} has a type the lake never writes"),
        };
    }

    private void ReadColumn(ColumnReader reader, ColumnSchema schema, Column target, int rows)
    {
        switch (schema.Type)
        {
            case ColumnType.String or ColumnType.Binary:
                target.Reserve(rows);
                Read<ByteArray>(reader, schema, target, rows, static (column, value) =>
                    column.Append(new ReadOnlySpan<byte>((void*)value.Pointer, value.Length)));
                break;
            case ColumnType.Double when !schema.Nullable:
                ReadSlots((ColumnReader<double>)reader, schema, target, rows);
                break;
            case ColumnType.Int64 or ColumnType.Timestamp or ColumnType.Decimal when !schema.Nullable:
                ReadSlots((ColumnReader<long>)reader, schema, target, rows);
                break;
            case ColumnType.Double:
                Read<double>(reader, schema, target, rows, static (column, value) => column.Append(value));
                break;
            case ColumnType.Boolean:
                Read<bool>(reader, schema, target, rows, static (column, value) => column.Append(value ? 1L : 0L));
                break;
            case ColumnType.Date:
                Read<int>(reader, schema, target, rows, static (column, value) => column.Append((long)value));
                break;
            default:
                Read<long>(reader, schema, target, rows, static (column, value) => column.Append(value));
                break;
        }
    }

    /// <summary>Values without nulls are read straight into the slots.</summary>
    private static void ReadSlots<T>(ColumnReader<T> reader, ColumnSchema schema, Column target, int rows)
        where T : unmanaged
    {
        var values = MemoryMarshal.Cast<long, T>(target.Extend(rows));
        for (var done = 0; done < rows;)
        {
            var read = (int)reader.ReadBatch(rows - done, values[done..], out _);
            if (read == 0)
            {
                throw new InvalidDataException($"column {schema.Name} ends after {done} of {rows} rows");
            }

            done += read;
        }
    }

    private void Read<T>(ColumnReader reader, ColumnSchema schema, Column target, int rows, Action<Column, T> append)
        where T : unmanaged
    {
        const int Batch = 4096; // Values of 16 bytes then stay below what counts as a large object.
        var typed = (ColumnReader<T>)reader;
        var values = Scratch<T>(Batch);
        if (_levels.Length < Batch)
        {
            _levels = new short[Batch];
        }

        for (var done = 0; done < rows;)
        {
            var wanted = Math.Min(Batch, rows - done);
            var levels = schema.Nullable ? _levels.AsSpan(0, wanted) : default;
            var read = (int)typed.ReadBatch(wanted, levels, default, values.AsSpan(0, wanted), out var present);
            if (read == 0)
            {
                throw new InvalidDataException($"column {schema.Name} ends after {done} of {rows} rows");
            }

            var next = 0;
            for (var i = 0; i < read; i++)
            {
                if (schema.Nullable && levels[i] == 0)
                {
                    target.AppendNull();
                }
                else
                {
                    append(target, values[next++]);
                }
            }

            done += read;
        }
    }

    private T[] Scratch<T>(int count)
    {
        if (!_scratch.TryGetValue(typeof(T), out var array))
        {
            array = new T[count];
            _scratch[typeof(T)] = array;
        }

        return (T[])array;
    }
}
