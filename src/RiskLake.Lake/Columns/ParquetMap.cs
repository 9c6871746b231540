using ParquetSharp;
using ParquetSharp.Schema;

namespace RiskLake.Lake.Columns;

/// <summary>
/// Maps in Parquet: a repeated group of a name and a number that may be null. One value takes as many levels as it has entries, and one
/// if it has none.
/// </summary>
internal static unsafe class ParquetMap
{
    /// <summary>Parquet columns that a map takes.</summary>
    public const int Leaves = 2;

    private const string Entries = "key_value";
    private const string Name = "key";
    private const string Number = "value";

    /// <summary>The map's part of a schema.</summary>
    public static Node Node(string column, Repetition repetition)
    {
        Node[] fields =
        [
            new PrimitiveNode(Name, Repetition.Required, LogicalType.String(), PhysicalType.ByteArray, 0),
            new PrimitiveNode(Number, Repetition.Optional, LogicalType.None(), PhysicalType.Double, 0),
        ];
        return new GroupNode(column, repetition, [new GroupNode(Entries, Repetition.Repeated, fields, null)], LogicalType.Map());
    }

    /// <summary>The map whose first Parquet column this is, or null.</summary>
    public static ColumnSchema? Describe(ColumnDescriptor leaf) =>
        leaf.Path.ToDotVector() is [var column, Entries, Name] && leaf.PhysicalType == PhysicalType.ByteArray
            ? new ColumnSchema(column, ColumnType.Map, leaf.MaxDefinitionLevel > 1)
            : null;

    /// <summary>Whether a Parquet column is a part of the map it is expected to be.</summary>
    public static bool Fits(ColumnDescriptor leaf, string column, int place) => place == 0
        ? Describe(leaf) is { } map && map.Name == column
        : leaf.Path.ToDotVector() is [var name, Entries, Number] && name == column && leaf.PhysicalType == PhysicalType.Double && leaf.MaxRepetitionLevel == 1;

    /// <summary>Writes the rows of a column as the next two Parquet columns of a row group; the number of nulls among them.</summary>
    public static int Write(RowGroupWriter group, Column column, RowSelection rows)
    {
        var levels = new Levels();
        var names = new List<ByteArray>();
        var numbers = new List<double>();
        var (own, nulls) = (column.Schema.Nullable ? (short)1 : (short)0, 0);
        for (var i = 0; i < rows.Count; i++)
        {
            var row = rows[i];
            var entries = column.IsNull(row) ? [] : NumberMap.Read(column.Bytes(row));
            if (entries.Count == 0)
            {
                nulls += column.IsNull(row) ? 1 : 0;
                levels.Add(0, column.IsNull(row) ? (short)0 : own, column.IsNull(row) ? (short)0 : own);
            }

            for (var entry = 0; entry < entries.Count; entry++)
            {
                levels.Add((short)(entry == 0 ? 0 : 1), (short)(own + 1), (short)(own + (entries[entry].Number is null ? 1 : 2)));
                names.Add(new ByteArray((IntPtr)(column.Address(row) + entries[entry].Start), entries[entry].Length));
                if (entries[entry].Number is { } number)
                {
                    numbers.Add(number);
                }
            }
        }

        using (var writer = (ColumnWriter<ByteArray>)group.NextColumn())
        {
            writer.WriteBatch(levels.Repetition.Count, levels.Names.ToArray(), levels.Repetition.ToArray(), names.ToArray());
        }

        using (var writer = (ColumnWriter<double>)group.NextColumn())
        {
            writer.WriteBatch(levels.Repetition.Count, levels.Numbers.ToArray(), levels.Repetition.ToArray(), numbers.ToArray());
        }

        return nulls;
    }

    /// <summary>Appends the rows of a row group to a column.</summary>
    /// <param name="group">The row group.</param>
    /// <param name="leaf">The first of the map's Parquet columns.</param>
    /// <param name="schema">The map as the file has it.</param>
    /// <param name="target">Where to.</param>
    /// <param name="rows">Rows of the group.</param>
    public static void Read(RowGroupReader group, int leaf, ColumnSchema schema, Column target, int rows)
    {
        var own = schema.Nullable ? 1 : 0;
        using var nameReader = (ColumnReader<ByteArray>)group.Column(leaf);
        using var numberReader = (ColumnReader<double>)group.Column(leaf + 1);
        var names = ReadAll(nameReader, own + 1, text => System.Text.Encoding.UTF8.GetString((byte*)text.Pointer, text.Length));
        var numbers = ReadAll(numberReader, own + 2, number => (double?)number);
        if (names.Count != numbers.Count)
        {
            throw new InvalidDataException($"column {schema.Name} has {names.Count} names and {numbers.Count} numbers");
        }

        var done = 0;
        for (var at = 0; at < names.Count;)
        {
            var end = at + 1;
            while (end < names.Count && names[end].Repetition == 1)
            {
                end++;
            }

            if (names[at].Definition < own)
            {
                target.AppendNull();
            }
            else
            {
                var entries = Enumerable.Range(at, end - at).Where(i => names[i].Definition == own + 1);
                target.Append(NumberMap.Of([.. entries.Select(i => KeyValuePair.Create(names[i].Value!, numbers[i].Value))]).AsSpan());
            }

            done++;
            at = end;
        }

        if (done != rows)
        {
            throw new InvalidDataException($"column {schema.Name} ends after {done} of {rows} rows");
        }
    }

    /// <summary>Every level of a Parquet column, with its value where there is one.</summary>
    private static List<(short Repetition, short Definition, TValue? Value)> ReadAll<T, TValue>(ColumnReader<T> reader, int present, Func<T, TValue> convert)
        where T : unmanaged
    {
        const int Batch = 4096;
        var (definition, repetition, values) = (new short[Batch], new short[Batch], new T[Batch]);
        var all = new List<(short, short, TValue?)>();
        while (reader.HasNext)
        {
            var levels = (int)reader.ReadBatch(Batch, definition, repetition, values, out _);
            for (int i = 0, next = 0; i < levels; i++)
            {
                all.Add((repetition[i], definition[i], definition[i] == present ? convert(values[next++]) : default));
            }
        }

        return all;
    }

    private sealed class Levels
    {
        public List<short> Repetition { get; } = [];

        public List<short> Names { get; } = [];

        public List<short> Numbers { get; } = [];

        public void Add(short repetition, short name, short number)
        {
            Repetition.Add(repetition);
            Names.Add(name);
            Numbers.Add(number);
        }
    }
}
