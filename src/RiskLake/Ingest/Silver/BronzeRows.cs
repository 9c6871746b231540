using RiskLake.Contracts;
using RiskLake.Ingest.Bronze;
using RiskLake.Lake.Columns;

namespace RiskLake.Ingest.Silver;

/// <summary>A few bronze rows of a run, by their number in the order of the input, normalised or as received.</summary>
internal sealed class BronzeRows
{
    private readonly Dictionary<int, int> _rows = [];

    private BronzeRows(RecordBatch batch) => Batch = batch;

    /// <summary>The contract's fields and where the records came from.</summary>
    public RecordBatch Batch { get; }

    /// <summary>Row of <see cref="Batch"/> for a row of the run.</summary>
    public int RowOf(int inputRow) => _rows[inputRow];

    public static BronzeRows Fetch(
        Contract contract, IReadOnlyList<BronzeSource> bronze, NativeBuffer<int> partitionOfRow, IReadOnlySet<int> wanted, bool normalise)
    {
        IReadOnlyList<ColumnSchema> schema =
        [
            .. contract.Fields.Select(field => field.Column with { Nullable = true }),
            new(BronzeStage.SourceFile, ColumnType.String),
            new(BronzeStage.SourceLine, ColumnType.Int64),
        ];
        var result = new BronzeRows(new RecordBatch(schema));
        if (wanted.Count == 0)
        {
            return result;
        }

        var locals = Locals(partitionOfRow, wanted);
        foreach (var source in bronze)
        {
            if (locals.TryGetValue(source.Ordinal, out var rows))
            {
                result.Read(contract, source, rows, normalise);
            }
        }

        return result;
    }

    /// <summary>For each partition, the wanted rows as (row in the partition, row of the run), ascending.</summary>
    private static Dictionary<int, List<(int Local, int Row)>> Locals(NativeBuffer<int> partitionOfRow, IReadOnlySet<int> wanted)
    {
        var next = new Dictionary<int, int>();
        var result = new Dictionary<int, List<(int, int)>>();
        for (var row = 0; row < partitionOfRow.Count; row++)
        {
            var partition = partitionOfRow[row];
            next.TryGetValue(partition, out var local);
            next[partition] = local + 1;
            if (wanted.Contains(row))
            {
                if (!result.TryGetValue(partition, out var rows))
                {
                    result.Add(partition, rows = []);
                }

                rows.Add((local, row));
            }
        }

        return result;
    }

    private void Read(Contract contract, BronzeSource source, List<(int Local, int Row)> rows, bool normalise)
    {
        using var reader = new ParquetTableReader(source.Path);
        using var batch = new RecordBatch(Batch.Schema);
        byte[] scratch = new byte[256];
        var offset = 0;
        var next = 0;
        for (var group = 0; group < reader.RowGroups && next < rows.Count; group++)
        {
            batch.Clear();
            var count = reader.Read(group, batch);
            for (; next < rows.Count && rows[next].Local < offset + count; next++)
            {
                _rows.Add(rows[next].Row, Batch.RowCount);
                Append(contract, batch, rows[next].Local - offset, normalise, ref scratch);
            }

            offset += count;
        }
    }

    private void Append(Contract contract, RecordBatch source, int row, bool normalise, ref byte[] scratch)
    {
        for (var i = 0; i < Batch.Columns.Length; i++)
        {
            var column = source.Columns[i];
            if (normalise && i < contract.Fields.Count && column.Schema.IsBytes && !column.IsNull(row))
            {
                Batch.Columns[i].Append(Normaliser.Apply(contract.Fields[i].Normalisation, column.Bytes(row), ref scratch));
            }
            else
            {
                Batch.Columns[i].AppendFrom(column, row);
            }
        }
    }
}
