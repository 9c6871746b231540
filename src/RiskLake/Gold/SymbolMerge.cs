using System.Text;
using RiskLake.Contracts;
using RiskLake.Ingest.Silver;
using RiskLake.Lake.Columns;

namespace RiskLake.Gold;

/// <summary>The events of one symbol, in order of event time and key.</summary>
internal sealed class SymbolEvents(string symbol, RecordBatch rows, int[] order, int keys) : IDisposable
{
    public string Symbol { get; } = symbol;

    /// <summary>Row numbers in order.</summary>
    public int[] Order { get; } = order;

    public Column Time => rows.Columns[0];

    /// <summary>Key columns, in key order.</summary>
    public ReadOnlySpan<Column> Keys => rows.Columns.AsSpan(1, keys);

    public Column Price => rows.Columns[keys + 1];

    /// <summary>Null when the contract has no volume.</summary>
    public Column? Volume => rows.Columns.Length > keys + 2 ? rows.Columns[keys + 2] : null;

    public void Dispose() => rows.Dispose();
}

/// <summary>Reads files that are each sorted as silver is, and hands out one symbol after another, in byte order of the symbols.</summary>
internal sealed class SymbolMerge : IDisposable
{
    private readonly int _keys;
    private readonly ContractField[] _projection;
    private readonly ColumnSchema[] _schema;
    private readonly List<Cursor> _cursors = [];
    private long[] _times = [];

    /// <param name="contract">A contract with a symbol and a price.</param>
    /// <param name="files">Sorted files.</param>
    public SymbolMerge(Contract contract, IEnumerable<string> files)
    {
        _keys = contract.Key.Count;
        var projection = new List<ContractField> { contract.EventTime };
        projection.AddRange(KeyFields(contract));
        projection.Add(contract.Field(FieldRole.Price)!);
        if (contract.Field(FieldRole.Volume) is { } volume)
        {
            projection.Add(volume);
        }

        _projection = projection.ToArray();
        _schema = _projection.Select((field, i) => field.Column with { Name = $"{i}:{field.Name}" }).ToArray();
        foreach (var file in files)
        {
            var cursor = new Cursor(file, contract.Field(FieldRole.Symbol)!, _projection);
            cursor.MoveNext();
            KeepOrDrop(cursor);
        }
    }

    /// <summary>The fields of the key, in key order.</summary>
    public static IReadOnlyList<ContractField> KeyFields(Contract contract) =>
        contract.Key.Select(name => contract.Fields.First(field => field.Name == name)).ToArray();

    /// <summary>The next symbol's events, or null after the last. Events without a symbol are passed over.</summary>
    public SymbolEvents? Next()
    {
        while (_cursors.Count > 0)
        {
            var symbol = _cursors.MinBy(cursor => cursor, SymbolComparer.Instance)!.SymbolBytes;
            var rows = new RecordBatch(_schema);
            var sources = 0;
            foreach (var cursor in _cursors.ToArray())
            {
                _cursors.Remove(cursor);
                sources += cursor.Take(symbol, rows) ? 1 : 0;
                KeepOrDrop(cursor);
            }

            if (symbol is not null)
            {
                return new SymbolEvents(Encoding.UTF8.GetString(symbol), rows, Order(rows, sources), _keys);
            }

            rows.Dispose();
        }

        return null;
    }

    public void Dispose()
    {
        foreach (var cursor in _cursors)
        {
            cursor.Dispose();
        }
    }

    private void KeepOrDrop(Cursor cursor)
    {
        if (cursor.IsAtEnd)
        {
            cursor.Dispose();
        }
        else
        {
            _cursors.Add(cursor);
        }
    }

    /// <summary>Files overlap in event time where records arrived out of order; one file alone is in order already.</summary>
    private int[] Order(RecordBatch rows, int sources)
    {
        var order = new int[rows.RowCount];
        for (var i = 0; i < order.Length; i++)
        {
            order[i] = i;
        }

        if (sources > 1)
        {
            SilverOrder.SortByTime(order, rows.Columns[0], rows.Columns[1..(_keys + 1)], ref _times);
        }

        return order;
    }

    private sealed class SymbolComparer : IComparer<Cursor>
    {
        public static SymbolComparer Instance { get; } = new();

        public int Compare(Cursor? x, Cursor? y) => SilverOrder.Compare(x!.Symbol, x.Row, y!.Symbol, y.Row);
    }

    /// <summary>A place in one sorted file.</summary>
    private sealed class Cursor : IDisposable
    {
        private readonly ParquetTableReader _reader;
        private readonly RecordBatch _batch;
        private readonly Column[] _projection;
        private int _group;

        public Cursor(string path, ContractField symbol, ContractField[] projection)
        {
            _reader = new ParquetTableReader(path);
            _batch = new RecordBatch([.. projection.Prepend(symbol).DistinctBy(field => field.Name).Select(field => field.Column with { Nullable = true })]);
            _projection = projection.Select(field => _batch[field.Name]).ToArray();
            Symbol = _batch[symbol.Name];
        }

        public int Row { get; private set; } = -1;

        public Column Symbol { get; }

        public byte[]? SymbolBytes => Symbol.IsNull(Row) ? null : Symbol.Bytes(Row).ToArray();

        public bool IsAtEnd { get; private set; }

        /// <summary>Moves to the next row.</summary>
        public void MoveNext()
        {
            Row++;
            while (Row >= _batch.RowCount)
            {
                if (_group == _reader.RowGroups)
                {
                    IsAtEnd = true;
                    return;
                }

                _batch.Clear();
                _reader.Read(_group++, _batch);
                Row = 0;
            }
        }

        /// <summary>Copies the rows of a symbol, a stretch at a time; false when this file has none.</summary>
        public bool Take(byte[]? symbol, RecordBatch target)
        {
            var taken = false;
            while (!IsAtEnd && IsOf(symbol, Row))
            {
                var end = Row + 1;
                while (end < _batch.RowCount && IsOf(symbol, end))
                {
                    end++;
                }

                for (var i = 0; i < _projection.Length; i++)
                {
                    target.Columns[i].AppendRange(_projection[i], Row, end - Row);
                }

                taken = true;
                Row = end - 1;
                MoveNext();
            }

            return taken;
        }

        private bool IsOf(byte[]? symbol, int row) => symbol is null ? Symbol.IsNull(row) : !Symbol.IsNull(row) && Symbol.Bytes(row).SequenceEqual(symbol);

        public void Dispose()
        {
            _reader.Dispose();
            _batch.Dispose();
        }
    }
}
