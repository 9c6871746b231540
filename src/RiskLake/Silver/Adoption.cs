using RiskLake.Bronze;
using RiskLake.Columns;
using RiskLake.Contracts;
using RiskLake.Lake;

namespace RiskLake.Silver;

/// <summary>Bronze rows of other runs that a run takes into its silver, because it gave up their keys and nobody else owns them.</summary>
internal sealed class AdoptedRows(Contract contract) : IDisposable
{
    private readonly RecordBatch _rows = new(contract.Fields.Select(field => field.Column).ToArray());
    private readonly List<string> _runs = [];

    /// <summary>Hours the adopted rows belong to.</summary>
    public IEnumerable<PartitionHour> Partitions => _rows[contract.PartitionTime.Name].Slots.ToArray().Select(Hour).Distinct();

    public IReadOnlyDictionary<string, long> CountByRun =>
        new SortedDictionary<string, long>(_runs.GroupBy(run => run).ToDictionary(group => group.Key, group => (long)group.Count()), StringComparer.Ordinal);

    public void Add(RecordBatch source, int row, string runId)
    {
        foreach (var column in _rows.Columns)
        {
            column.AppendFrom(source[column.Schema.Name], row);
        }

        _runs.Add(runId);
    }

    /// <summary>Appends the rows of one hour to its silver.</summary>
    public void AppendTo(RecordBatch silver, PartitionHour hour, SilverRows builder)
    {
        var times = _rows[contract.PartitionTime.Name].Slots;
        for (var row = 0; row < _runs.Count; row++)
        {
            if (Hour(times[row]) == hour)
            {
                builder.Append(_rows, [row], _runs[row], silver);
            }
        }
    }

    /// <summary>Appends the key digests of the adopted rows.</summary>
    public void AddKeys(NativeBuffer<ulong> keys)
    {
        using var digests = new EventDigests();
        new EventHasher(contract).Add(_rows, digests);
        keys.AddRange(digests.Keys.AsSpan());
    }

    public void Dispose() => _rows.Dispose();

    private PartitionHour Hour(long slot) => PartitionHour.Of(contract.PartitionTime.Micros(slot));
}

/// <summary>
/// Finds what a restated or withdrawn run leaves without an owner: keys it owned, no longer holds, and that stand in the bronze of
/// another published run. The first such run in log order, and in it the first record, is the one adopted.
/// </summary>
internal sealed class Adoption(Contract contract, LakeStore lake, LakeSnapshot snapshot, string runId)
{
    /// <param name="ownKeys">Key digests of the run's new bronze.</param>
    public AdoptedRows Find(NativeBuffer<ulong> ownKeys)
    {
        var adopted = new AdoptedRows(contract);
        if (!snapshot.Runs.TryGetValue(runId, out var state) || state.KeyIndex is null || state.EventTimeMin is null)
        {
            return adopted;
        }

        var lenders = Lenders(state);
        if (lenders.Length == 0)
        {
            return adopted;
        }

        using var freed = Freed(state, ownKeys);
        foreach (var lender in lenders)
        {
            using var wanted = Wanted(lender, freed);
            if (wanted.Count > 0)
            {
                Adopt(lender, wanted, freed, adopted);
            }
        }

        return adopted;
    }

    private RunState[] Lenders(RunState state)
    {
        var lookback = (long)contract.Lookback.TotalMicroseconds;
        return snapshot.Runs.Values
            .Where(run => run.IsPublished && run.Dataset == contract.Dataset && run.KeyIndex is not null)
            .Where(run => !string.Equals(run.RunId, runId, StringComparison.OrdinalIgnoreCase))
            .Where(run => run.EventTimeMax >= state.EventTimeMin - lookback && run.EventTimeMin <= state.EventTimeMax + lookback)
            .OrderBy(run => run.PublishedOrder)
            .ToArray();
    }

    /// <summary>Keys the run owned and does not hold any more; a table value of 1 marks one that has been adopted.</summary>
    private KeyTable Freed(RunState state, NativeBuffer<ulong> ownKeys)
    {
        using var owned = new NativeBuffer<ulong>();
        KeyIndexFile.Read(Path.Combine(lake.Root, state.KeyIndex!.Path), owned, null);
        using var held = new KeyTable(ownKeys.Count);
        for (long i = 0; i < ownKeys.Count; i++)
        {
            held.FindOrAdd(ownKeys[i], 0);
        }

        var freed = new KeyTable(1024);
        for (long i = 0; i < owned.Count; i++)
        {
            if (held.Find(owned[i]) < 0)
            {
                freed.FindOrAdd(owned[i], 0);
            }
        }

        return freed;
    }

    private KeyTable Wanted(RunState lender, KeyTable freed)
    {
        using var elsewhere = new NativeBuffer<ulong>();
        KeyIndexFile.Read(Path.Combine(lake.Root, lender.KeyIndex!.Path), null, elsewhere);
        var wanted = new KeyTable(1024);
        for (long i = 0; i < elsewhere.Count; i++)
        {
            if (freed.Find(elsewhere[i]) == 0)
            {
                wanted.FindOrAdd(elsewhere[i], 0);
            }
        }

        return wanted;
    }

    /// <summary>Takes the first record of each wanted key in the order of the lender's input.</summary>
    private void Adopt(RunState lender, KeyTable wanted, KeyTable freed, AdoptedRows adopted)
    {
        var schema = BronzeStage.Schema(contract);
        using var found = new RecordBatch(schema);
        using var keys = new NativeBuffer<ulong>();
        var hasher = new EventHasher(contract);
        foreach (var file in lender.Files.Where(file => file.Layer == Layer.Bronze))
        {
            using var reader = new ParquetTableReader(Path.Combine(lake.Root, file.DeltaPath));
            using var batch = new RecordBatch(schema);
            for (var group = 0; group < reader.RowGroups; group++)
            {
                batch.Clear();
                reader.Read(group, batch);
                using var digests = new EventDigests();
                hasher.Add(batch, digests);
                for (var row = 0; row < batch.RowCount; row++)
                {
                    if (wanted.Find(digests.Keys[row]) >= 0)
                    {
                        found.AppendFrom(batch, row);
                        keys.Add(digests.Keys[row]);
                    }
                }
            }
        }

        foreach (var row in InputOrder(lender, found))
        {
            if (freed.Replace(keys[row], 1) == 0)
            {
                adopted.Add(found, row, lender.RunId);
            }
        }
    }

    private int[] InputOrder(RunState lender, RecordBatch rows)
    {
        var inputs = lake.ReadRecord(lender.RunId)?["inputs"]?.AsArray().Select((input, index) => (Name: (string?)input?["name"], Index: index))
            .GroupBy(input => input.Name ?? string.Empty).ToDictionary(group => group.Key, group => group.First().Index) ?? [];
        var files = rows[BronzeStage.SourceFile];
        var lines = rows[BronzeStage.SourceLine];
        return Enumerable.Range(0, rows.RowCount)
            .OrderBy(row => inputs.GetValueOrDefault(files.Text(row), int.MaxValue))
            .ThenBy(row => files.Text(row), StringComparer.Ordinal)
            .ThenBy(row => lines.Slot(row))
            .ToArray();
    }
}
