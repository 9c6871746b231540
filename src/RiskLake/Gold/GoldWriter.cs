using System.Collections.Concurrent;
using System.Runtime.ExceptionServices;
using RiskLake.Contracts;
using RiskLake.Lake;
using RiskLake.Lake.Columns;

namespace RiskLake.Gold;

/// <summary>The columns every gold row carries: whose it is and the two times, what was known and what it is about.</summary>
internal sealed class GoldColumns(string dataset, string runId, long? asOf, long? valuationTime)
{
    public const string Dataset = "dataset";
    public const string RunId = "run_id";
    public const string RunTime = "ts_run";
    public const string AsOf = "as_of";
    public const string ValuationTime = "valuation_time";

    /// <summary>Columns of the two times.</summary>
    public static IReadOnlyList<ColumnSchema> Times { get; } =
        [new(AsOf, ColumnType.Timestamp, Nullable: true), new(ValuationTime, ColumnType.Timestamp, Nullable: true)];

    /// <summary>Whether a column is one of these.</summary>
    public static bool IsCommon(string column) => column is Dataset or RunId or RunTime or AsOf or ValuationTime;

    /// <summary>Appends the dataset the numbers are made from: those of two datasets are never taken for one another.</summary>
    public void AppendDataset(RecordBatch batch, int rows) => batch[Dataset].AppendRepeated(dataset, rows);

    /// <summary>Appends run id and, where the table has it, the seed's run time.</summary>
    public void AppendRunId(RecordBatch batch, int rows)
    {
        batch[RunId].AppendRepeated(runId, rows);
        if (batch.IndexOf(RunTime) >= 0)
        {
            Append(batch[RunTime], asOf, rows);
        }
    }

    public void AppendTimes(RecordBatch batch, int rows)
    {
        Append(batch[AsOf], asOf, rows);
        Append(batch[ValuationTime], valuationTime, rows);
    }

    /// <summary>Appends a number, or null for what is not one.</summary>
    public static void AppendFinite(Column column, double value)
    {
        if (double.IsFinite(value))
        {
            column.Append(value);
        }
        else
        {
            column.AppendNull();
        }
    }

    private static void Append(Column column, long? value, int rows)
    {
        for (var i = 0; i < rows; i++)
        {
            if (value is { } micros)
            {
                column.Append(micros);
            }
            else
            {
                column.AppendNull();
            }
        }
    }
}

/// <summary>Writes a large gold table on a thread of its own, a row group at a time, while the next one is computed.</summary>
internal sealed class GoldWriter : IDisposable
{
    private readonly StagingContext _context;
    private readonly string _dataset;
    private readonly IReadOnlyList<ColumnSchema> _schema;
    private readonly IReadOnlyCollection<string> _distinct;
    private readonly BlockingCollection<RecordBatch> _full = new(2);
    private readonly ConcurrentBag<RecordBatch> _empty = [];
    private readonly Thread _thread;
    private StagedTable? _table;
    private ExceptionDispatchInfo? _failure;

    public GoldWriter(StagingContext context, string dataset, IReadOnlyList<ColumnSchema> schema, IReadOnlyCollection<string> distinct)
    {
        _context = context;
        _dataset = dataset;
        _schema = schema;
        _distinct = distinct;
        Batch = new RecordBatch(schema);
        _thread = new Thread(WriteAll) { IsBackground = true, Name = $"gold {dataset}" };
        _thread.Start();
    }

    /// <summary>Where rows are appended; replaced when it is full.</summary>
    public RecordBatch Batch { get; private set; }

    /// <summary>Rows that still fit the row group.</summary>
    public int Room => ParquetTableWriter.RowGroupRows - Batch.RowCount;

    /// <summary>Hands a full batch to the writing thread.</summary>
    public void FlushIfFull()
    {
        if (Room == 0)
        {
            Hand();
        }
    }

    /// <summary>Writes what is left and seals the file; null when there was no row.</summary>
    public StagedFile? Seal(PartitionHour partition)
    {
        Hand();
        _full.CompleteAdding();
        _thread.Join();
        _failure?.Throw();
        return _table?.Seal(partition);
    }

    public void Dispose()
    {
        _full.CompleteAdding();
        _thread.Join();
        _table?.Dispose();
        Batch.Dispose();
        foreach (var batch in _empty)
        {
            batch.Dispose();
        }

        _full.Dispose();
    }

    private void Hand()
    {
        _failure?.Throw();
        if (Batch.RowCount > 0)
        {
            _full.Add(Batch);
            Batch = _empty.TryTake(out var emptied) ? emptied : new RecordBatch(_schema);
        }
    }

    private void WriteAll()
    {
        foreach (var batch in _full.GetConsumingEnumerable())
        {
            try
            {
                if (_failure is null)
                {
                    _table ??= new StagedTable(_context, Layer.Gold, _dataset, "rows", _schema, _distinct);
                    _table.WriteRowGroup(batch, 0, batch.RowCount);
                }
            }
            catch (Exception e)
            {
                _failure = ExceptionDispatchInfo.Capture(e);
            }

            batch.Clear();
            _empty.Add(batch);
        }
    }
}
