namespace RiskLake.Lake.Columns;

/// <summary>Rows in columns: what stages hand to one another.</summary>
internal sealed class RecordBatch : IDisposable
{
    private readonly Dictionary<string, int> _index = new(StringComparer.Ordinal);

    public RecordBatch(IReadOnlyList<ColumnSchema> schema, int capacity = 0)
    {
        Schema = schema;
        Columns = new Column[schema.Count];
        for (var i = 0; i < Columns.Length; i++)
        {
            Columns[i] = new Column(schema[i], capacity);
            _index.Add(schema[i].Name, i);
        }
    }

    public IReadOnlyList<ColumnSchema> Schema { get; }

    public Column[] Columns { get; }

    /// <summary>Rows held; all columns agree once a row is complete.</summary>
    public int RowCount => Columns.Length == 0 ? 0 : Columns[0].Count;

    public Column this[string name] => Columns[_index[name]];

    public long ByteSize => Columns.Sum(column => column.ByteSize);

    public int IndexOf(string name) => _index.TryGetValue(name, out var index) ? index : -1;

    /// <summary>Appends a row of a batch with the same schema.</summary>
    public void AppendFrom(RecordBatch source, int row)
    {
        for (var i = 0; i < Columns.Length; i++)
        {
            Columns[i].AppendFrom(source.Columns[i], row);
        }
    }

    public void Clear()
    {
        foreach (var column in Columns)
        {
            column.Clear();
        }
    }

    public void Dispose()
    {
        foreach (var column in Columns)
        {
            column.Dispose();
        }
    }
}
