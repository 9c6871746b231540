using RiskLake.Contracts;
using RiskLake.Ingest.Bronze;
using RiskLake.Lake;
using RiskLake.Lake.Columns;

namespace RiskLake.Ingest.Silver;

/// <summary>
/// Brings the rows of a partition into the order of silver. Few rows are sorted in memory; of many, sorted stretches go to scratch files
/// and are merged, so that memory does not grow with the partition. The file is the same either way.
/// </summary>
internal sealed class SilverSorter : IDisposable
{
    /// <summary>Bytes of rows that are held in memory.</summary>
    public const long DefaultBudget = 256L << 20;

    /// <summary>Rows of a scratch file that are read at once.</summary>
    private const int StretchRows = 8192;

    private readonly StagingContext _context;
    private readonly string _name;
    private readonly long _budget;
    private readonly IReadOnlyList<ColumnSchema> _schema;
    private readonly List<string> _stretches = [];

    /// <param name="context">Where files are staged.</param>
    /// <param name="name">Name of the file within its table.</param>
    /// <param name="batch">Empty; rows are appended here. It stays the caller's.</param>
    /// <param name="budget">Bytes of rows from which they go to a scratch file.</param>
    public SilverSorter(StagingContext context, string name, RecordBatch batch, long budget)
    {
        (_context, _name, Batch, _budget, _schema) = (context, name, batch, budget, batch.Schema);
    }

    public RecordBatch Batch { get; }

    /// <summary>Range of the event times of all rows that were measured or written.</summary>
    public (long Min, long Max)? EventTimes { get; private set; }

    private Contract Contract => _context.Contract;

    /// <summary>Puts the rows aside if they take more memory than they may.</summary>
    public void SpillIfFull()
    {
        if (Batch.ByteSize > _budget)
        {
            Spill();
        }
    }

    /// <summary>Looks at the event times of the rows so far.</summary>
    public void Measure() => EventTimes = SilverRows.Widen(EventTimes, Contract.EventTime, Batch[Contract.EventTime.Name]);

    /// <summary>Writes all rows, sorted; null when there was none. The table is not sealed yet.</summary>
    public StagedTable? Write()
    {
        if (_stretches.Count == 0)
        {
            Measure();
            return Batch.RowCount == 0 ? null : Fill(table =>
            {
                var order = SilverOrder.Sort(Contract, Batch);
                for (var start = 0; start < order.Length; start += ParquetTableWriter.RowGroupRows)
                {
                    table.WriteRowGroup(Batch, order.AsSpan(start, Math.Min(ParquetTableWriter.RowGroupRows, order.Length - start)));
                }
            });
        }

        if (Batch.RowCount > 0)
        {
            Spill();
        }

        return Fill(Merge);
    }

    public void Dispose()
    {
        foreach (var path in _stretches)
        {
            File.Delete(path);
        }
    }

    private StagedTable Fill(Action<StagedTable> fill)
    {
        var table = new StagedTable(_context, Layer.Silver, Contract.Dataset, _name, _schema, BronzeStage.DistinctColumns(Contract));
        try
        {
            fill(table);
            return table;
        }
        catch
        {
            table.Dispose();
            throw;
        }
    }

    private void Spill()
    {
        Measure();
        var order = SilverOrder.Sort(Contract, Batch);
        var stretch = FormattableString.Invariant($"{_name}.stretch-{_stretches.Count}");
        using var table = new StagedTable(_context, Layer.Silver, Contract.Dataset, stretch, _schema, BronzeStage.DistinctColumns(Contract));
        _stretches.Add(table.Path);
        for (var start = 0; start < order.Length; start += StretchRows)
        {
            table.WriteRowGroup(Batch, order.AsSpan(start, Math.Min(StretchRows, order.Length - start)));
        }

        table.Finish();
        Batch.Clear();
    }

    /// <summary>Merges the stretches: always the longest run of rows that come before the row of every other stretch.</summary>
    private void Merge(StagedTable table)
    {
        var stretches = new List<Stretch>();
        try
        {
            foreach (var path in _stretches)
            {
                stretches.Add(new Stretch(stretches.Count, path, _schema, Contract));
            }

            using var sorted = new RecordBatch(_schema);
            var waiting = new SortedSet<Stretch>(stretches.Where(stretch => stretch.MoveNext()), Stretch.ByRow);
            while (waiting.Min is { } first)
            {
                waiting.Remove(first);
                first.Take(waiting.Min, sorted, ParquetTableWriter.RowGroupRows - sorted.RowCount);
                if (sorted.RowCount == ParquetTableWriter.RowGroupRows)
                {
                    table.WriteRowGroup(sorted, 0, sorted.RowCount);
                    sorted.Clear();
                }

                if (first.MoveNext())
                {
                    waiting.Add(first);
                }
            }

            if (sorted.RowCount > 0)
            {
                table.WriteRowGroup(sorted, 0, sorted.RowCount);
            }
        }
        finally
        {
            foreach (var stretch in stretches)
            {
                stretch.Dispose();
            }
        }
    }

    /// <summary>A place in a scratch file.</summary>
    private sealed class Stretch : IDisposable
    {
        private readonly ParquetTableReader _reader;
        private readonly RecordBatch _batch;
        private readonly Column? _symbol;
        private readonly Column _time;
        private readonly Column[] _keys;
        private readonly int _number;
        private int _group;
        private int _row;

        public Stretch(int number, string path, IReadOnlyList<ColumnSchema> schema, Contract contract)
        {
            _number = number;
            _reader = new ParquetTableReader(path);
            _batch = new RecordBatch(schema);
            _symbol = contract.Field(FieldRole.Symbol) is { } symbol ? _batch[symbol.Name] : null;
            _time = _batch[contract.EventTime.Name];
            _keys = contract.Key.Select(name => _batch[name]).ToArray();
        }

        /// <summary>Makes sure that a row is at hand; false at the end.</summary>
        public bool MoveNext()
        {
            while (_row >= _batch.RowCount)
            {
                if (_group == _reader.RowGroups)
                {
                    return false;
                }

                _batch.Clear();
                _reader.Read(_group++, _batch);
                _row = 0;
            }

            return true;
        }

        /// <summary>Copies the rows at hand that come before the one of another stretch; at least one, at most <paramref name="room"/>.</summary>
        public void Take(Stretch? other, RecordBatch target, int room)
        {
            var (low, high) = (_row + 1, Math.Min(_batch.RowCount, _row + room));
            while (other is not null && low < high)
            {
                // The first row of the search that does not come before is where the copy ends.
                var middle = (low + high) / 2;
                (low, high) = Compare(middle, other) < 0 ? (middle + 1, high) : (low, middle);
            }

            for (var i = 0; i < target.Columns.Length; i++)
            {
                target.Columns[i].AppendRange(_batch.Columns[i], _row, high - _row);
            }

            _row = high;
        }

        /// <summary>Order by the rows at hand.</summary>
        public static Comparer<Stretch> ByRow { get; } =
            Comparer<Stretch>.Create((a, b) => a.Compare(a._row, b) is var result and not 0 ? result : a._number.CompareTo(b._number));

        public void Dispose()
        {
            _reader.Dispose();
            _batch.Dispose();
        }

        private int Compare(int row, Stretch other)
        {
            var bySymbol = _symbol is null ? 0 : SilverOrder.Compare(_symbol, row, other._symbol!, other._row);
            var byTime = bySymbol != 0 ? bySymbol : _time.Slot(row).CompareTo(other._time.Slot(other._row));
            return byTime != 0 ? byTime : SilverOrder.CompareKeys(_keys, row, other._keys, other._row);
        }
    }
}
