using RiskLake.Contracts;
using RiskLake.Ingest.Decoding;
using RiskLake.Lake;
using RiskLake.Lake.Columns;

namespace RiskLake.Ingest.Bronze;

/// <summary>One finished bronze partition, with where its rows stand in the order of the input.</summary>
/// <param name="File">The staged file.</param>
/// <param name="Partition">Its hour.</param>
/// <param name="Ordinal">Its number among the run's partitions, in the order they first appeared in the input.</param>
internal sealed record BronzePartition(StagedFile File, PartitionHour Partition, int Ordinal);

/// <summary>
/// Writes received records to their partitions, in the order of the input. A partition is written a row group at a time, so that
/// memory does not grow with the input; the partition of each row is noted in <c>partitionOfRow</c>. Where very many partitions are open at once the fullest is written early.
/// </summary>
internal sealed class BronzeStage(StagingContext context, NativeBuffer<int> partitionOfRow) : IDisposable
{
    public const string SourceFile = "source_file";
    public const string SourceLine = "source_line";
    public const string Extra = "extra";

    private const long BufferedBytesMax = 512L << 20;
    private const long BudgetCheckRows = 65_536;

    private readonly IReadOnlyList<ColumnSchema> _schema = Schema(context.Contract);
    private readonly int _time = context.Contract.Fields.ToList().IndexOf(context.Contract.PartitionTime);
    private readonly Dictionary<PartitionHour, OpenPartition> _open = [];
    private readonly ContractField _timeField = context.Contract.PartitionTime;
    private long _rows;

    /// <summary>Columns of bronze: the contract's fields as received, then where the record came from.</summary>
    public static IReadOnlyList<ColumnSchema> Schema(Contract contract)
    {
        var columns = contract.Fields.Select(field => field.Column).ToList();
        columns.Add(new ColumnSchema(SourceFile, ColumnType.String));
        columns.Add(new ColumnSchema(SourceLine, ColumnType.Int64));
        if (contract.OpenContent)
        {
            columns.Add(new ColumnSchema(Extra, ColumnType.String, Nullable: true));
        }

        return columns;
    }

    /// <summary>Rows whose values hardly repeat: the key.</summary>
    public static IReadOnlyCollection<string> DistinctColumns(Contract contract) => contract.Key.Count == 1 ? [contract.Key[0]] : [];

    /// <summary>Adds the records of a chunk; chunks come in the order of the input.</summary>
    public void Add(DecodedChunk chunk, string sourceFile)
    {
        var rows = chunk.Records.RowCount;
        var times = chunk.Records.Columns[_time].Slots;
        for (var start = 0; start < rows;)
        {
            var hour = PartitionHour.Of(_timeField.Micros(times[start]));
            var end = start + 1;
            while (end < rows && PartitionHour.Of(_timeField.Micros(times[end])) == hour)
            {
                end++;
            }

            Add(Open(hour), chunk.Records, sourceFile, start, end - start);
            start = end;
        }
    }

    /// <summary>Seals every partition, in the order of their hours.</summary>
    public IReadOnlyList<BronzePartition> Finish(int threads)
    {
        var partitions = _open.Values.OrderBy(partition => partition.Hour).ToArray();
        var sealedFiles = new BronzePartition[partitions.Length];
        Parallel.For(0, partitions.Length, new ParallelOptions { MaxDegreeOfParallelism = threads }, i =>
        {
            var partition = partitions[i];
            partition.Flush(context, _schema);
            sealedFiles[i] = new BronzePartition(partition.Seal(), partition.Hour, partition.Ordinal);
        });
        _open.Clear();
        return sealedFiles;
    }

    public void Dispose()
    {
        foreach (var partition in _open.Values)
        {
            partition.Dispose();
        }
    }

    private OpenPartition Open(PartitionHour hour)
    {
        if (!_open.TryGetValue(hour, out var partition))
        {
            partition = new OpenPartition(hour, _open.Count, _schema);
            _open.Add(hour, partition);
        }

        return partition;
    }

    private void Add(OpenPartition partition, RecordBatch records, string sourceFile, int start, int count)
    {
        while (count > 0)
        {
            var room = ParquetTableWriter.RowGroupRows - partition.Buffer.RowCount;
            var taken = (int)Math.Min(Math.Min(room, count), BudgetCheckRows - (_rows % BudgetCheckRows));
            partition.Append(records, sourceFile, start, taken);
            for (var i = 0; i < taken; i++)
            {
                partitionOfRow.Add(partition.Ordinal);
            }

            (start, count, _rows) = (start + taken, count - taken, _rows + taken);
            if (partition.Buffer.RowCount == ParquetTableWriter.RowGroupRows)
            {
                partition.Flush(context, _schema);
            }

            if (_rows % BudgetCheckRows == 0)
            {
                FlushOverBudget();
            }
        }
    }

    /// <summary>Looked at after fixed numbers of rows only, so that row groups do not depend on how the input was cut into chunks.</summary>
    private void FlushOverBudget()
    {
        while (_open.Count > 1 && _open.Values.Sum(partition => partition.Buffer.ByteSize) > BufferedBytesMax)
        {
            _open.Values.OrderByDescending(partition => partition.Buffer.ByteSize).ThenBy(partition => partition.Ordinal).First().Flush(context, _schema);
        }
    }

    private sealed class OpenPartition(PartitionHour hour, int ordinal, IReadOnlyList<ColumnSchema> schema) : IDisposable
    {
        private StagedTable? _table;

        public PartitionHour Hour { get; } = hour;

        public int Ordinal { get; } = ordinal;

        public RecordBatch Buffer { get; } = new(schema);

        public void Append(RecordBatch records, string sourceFile, int start, int count)
        {
            foreach (var column in Buffer.Columns)
            {
                if (column.Schema.Name == SourceFile)
                {
                    column.AppendRepeated(sourceFile, count);
                }
                else
                {
                    column.AppendRange(records[column.Schema.Name], start, count);
                }
            }
        }

        public void Flush(StagingContext context, IReadOnlyList<ColumnSchema> columns)
        {
            if (Buffer.RowCount == 0)
            {
                return;
            }

            _table ??= new StagedTable(
                context, Layer.Bronze, context.Contract.Dataset, $"{Hour.HoursSinceEpoch}", columns, DistinctColumns(context.Contract));
            _table.WriteRowGroup(Buffer, 0, Buffer.RowCount);
            Buffer.Clear();
        }

        public StagedFile Seal()
        {
            var file = _table!.Seal(Hour);
            Dispose();
            return file;
        }

        public void Dispose()
        {
            _table?.Dispose();
            Buffer.Dispose();
        }
    }
}
