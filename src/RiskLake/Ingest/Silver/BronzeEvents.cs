using RiskLake.Contracts;
using RiskLake.Ingest.Bronze;
using RiskLake.Lake;
using RiskLake.Lake.Columns;
using RiskLake.Lake.Errors;

namespace RiskLake.Ingest.Silver;

/// <summary>Reads from a bronze file the rows of some events.</summary>
internal static class BronzeEvents
{
    /// <param name="contract">Contract of the rows.</param>
    /// <param name="path">The file.</param>
    /// <param name="isWanted">Whether rows of an event are.</param>
    /// <param name="visit">Sees each row group with the numbers of its wanted rows, in the order of the file.</param>
    public static void Read(Contract contract, string path, Func<EventId, bool> isWanted, Action<RecordBatch, EventDigests, List<int>> visit)
    {
        var hasher = new EventHasher(contract);
        using var reader = new ParquetTableReader(path);
        using var batch = new RecordBatch(
        [
            .. contract.Fields.Select(field => field.Column with { Nullable = true }),
            new(BronzeStage.SourceFile, ColumnType.String),
            new(BronzeStage.SourceLine, ColumnType.Int64),
        ]);
        var rows = new List<int>();
        for (var group = 0; group < reader.RowGroups; group++)
        {
            batch.Clear();
            rows.Clear();
            reader.Read(group, batch);
            using var digests = new EventDigests();
            hasher.Add(batch, digests);
            for (var row = 0; row < batch.RowCount; row++)
            {
                if (isWanted(new EventId(digests.Scopes[row], digests.Keys[row])))
                {
                    rows.Add(row);
                }
            }

            visit(batch, digests, rows);
        }
    }

    /// <summary>Adds the events of a silver file.</summary>
    public static void ReadSilver(Contract contract, string path, HashSet<EventId> events)
    {
        var hasher = new EventHasher(contract);
        using var reader = new ParquetTableReader(path);
        using var batch = new RecordBatch([.. contract.Fields.Select(field => field.Column with { Nullable = true })]);
        for (var group = 0; group < reader.RowGroups; group++)
        {
            batch.Clear();
            reader.Read(group, batch);
            using var digests = new EventDigests();
            hasher.Add(batch, digests);
            for (var row = 0; row < batch.RowCount; row++)
            {
                events.Add(new EventId(digests.Scopes[row], digests.Keys[row]));
            }
        }
    }

    /// <summary>The run's bronze file of an hour.</summary>
    public static string PathOf(LakeStore lake, RunState run, int hour) =>
        lake.Files.Checked(run.Files.First(file => file.Layer == Layer.Bronze && file.Partition.HoursSinceEpoch == hour));

    /// <summary>Derives the silver rows of events from the bronze file that holds the first record of each.</summary>
    /// <param name="rules">Rules of the run.</param>
    /// <param name="path">Its bronze file.</param>
    /// <param name="runId">The run.</param>
    /// <param name="events">The events.</param>
    /// <param name="witness">Is shown the key of each.</param>
    /// <param name="silver">Receives the rows.</param>
    public static void Derive(RowRules rules, string path, string runId, HashSet<EventId> events, KeyWitness witness, RecordBatch silver)
    {
        var builder = new SilverRows(rules.Contract, rules.Options);
        var left = new HashSet<EventId>(events);
        Read(rules.Contract, path, left.Contains, (batch, digests, rows) =>
        {
            rows.RemoveAll(row => !left.Remove(new EventId(digests.Scopes[row], digests.Keys[row])));
            rows.ForEach(row => witness.See(rules.Contract, new EventId(digests.Scopes[row], digests.Keys[row]), batch, row));
            builder.Append(batch, System.Runtime.InteropServices.CollectionsMarshal.AsSpan(rows), runId, silver);
        });
        if (left.Count > 0)
        {
            throw new RiskLakeException(
                ErrorCode.LakeDamaged, path, $"no record of {left.Count} events that the run's key index names", "bronze as it was published",
                "run `risklake lake verify` to see all that disagrees");
        }
    }
}

/// <summary>
/// Sees the keys of records that are held against each other because their digests agree, and refuses two different keys of one digest.
/// </summary>
internal sealed class KeyWitness
{
    private readonly Dictionary<EventId, byte[]> _keys = [];
    private byte[] _scratch = new byte[256];

    public void See(Contract contract, EventId at, RecordBatch batch, int row)
    {
        var key = Text(contract, batch, row);
        if (_keys.TryAdd(at, key))
        {
            return;
        }

        if (!_keys[at].AsSpan().SequenceEqual(key))
        {
            throw new RiskLakeException(
                ErrorCode.DigestCollision, contract.Dataset, "two different keys with one 64-bit digest", "distinct digests",
                "split the input into two runs, or add a column to the key");
        }
    }

    private byte[] Text(Contract contract, RecordBatch batch, int row)
    {
        using var stream = new MemoryStream();
        foreach (var name in contract.Key)
        {
            var column = batch[name];
            var normalisation = contract.Fields.First(field => field.Name == name).Normalisation;
            stream.Write(
                column.IsNull(row) ? []
                : column.Schema.IsBytes ? Normaliser.Apply(normalisation, column.Bytes(row), ref _scratch)
                : BitConverter.GetBytes(column.Slot(row)));
            stream.WriteByte(0);
        }

        return stream.ToArray();
    }
}
