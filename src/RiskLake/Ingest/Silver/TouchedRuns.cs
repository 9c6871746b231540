using RiskLake.Contracts;
using RiskLake.Ingest.Quarantine;
using RiskLake.Lake;
using RiskLake.Lake.Columns;

namespace RiskLake.Ingest.Silver;

/// <summary>
/// Writes what a publication changes of other runs: the silver files of the hours in which they lose or gain events, under their own
/// rules, and their conflicts. Whatever is not touched stays as it lies.
/// </summary>
/// <param name="context">The publication: where files are staged.</param>
/// <param name="lake">The lake.</param>
/// <param name="snapshot">The version the plan was made against.</param>
/// <param name="rulesOf">Rules of a run's rows.</param>
/// <param name="witness">Is shown keys that are held against each other.</param>
internal sealed class TouchedRuns(StagingContext context, LakeStore lake, LakeSnapshot snapshot, Func<RunState, RowRules> rulesOf, KeyWitness witness)
{
    public IReadOnlyList<StagedTouch> Write(SilverPlan plan)
    {
        var touched = new List<StagedTouch>();
        foreach (var (runId, touch) in plan.Touches.OrderBy(pair => pair.Key, StringComparer.Ordinal))
        {
            touched.Add(Write(snapshot.Runs[runId], touch, touched.Count));
        }

        return touched;
    }

    private StagedTouch Write(RunState run, Touch touch, int number)
    {
        var removed = new List<DataFile>();
        var added = new List<StagedFile>();
        var hours = touch.Lost.Keys.Union(touch.Gained.Keys).Order().ToArray();
        if (hours.Length > 0 || touch.Conflicts.Count > 0)
        {
            var rules = rulesOf(run);
            var folder = Path.Combine(context.Folder, FormattableString.Invariant($"touched-{number}"));
            context.Storage.CreateDirectory("stage.folder", folder);
            var staging = new StagingContext(context.Storage, folder, run.RunId, rules.Contract);
            foreach (var hour in hours)
            {
                WriteSilver(run, rules, staging, hour, touch, removed, added);
            }

            if (touch.Conflicts.Count > 0)
            {
                WriteConflicts(run, staging, touch, removed, added);
            }
        }

        return new StagedTouch
        {
            RunId = run.RunId, Removed = removed, Added = added, Counts = (run.Counts ?? default) + touch.Counts, IsMoved = touch.IsMoved,
        };
    }

    private void WriteSilver(RunState run, RowRules rules, StagingContext staging, int hour, Touch touch, List<DataFile> removed, List<StagedFile> added)
    {
        using var batch = new RecordBatch(SilverStage.Schema(rules.Contract));
        using var sorter = new SilverSorter(staging, FormattableString.Invariant($"{hour}"), batch, rules.Options.SortBytes);
        if (run.Files.FirstOrDefault(file => file.Layer == Layer.Silver && file.Partition.HoursSinceEpoch == hour) is { } before)
        {
            removed.Add(before);
            Keep(rules.Contract, lake.Files.Checked(before), touch.Lost.GetValueOrDefault(hour) ?? [], sorter);
        }

        if (touch.Gained.TryGetValue(hour, out var gained))
        {
            BronzeEvents.Derive(rules, BronzeEvents.PathOf(lake, run, hour), run.RunId, gained, witness, batch);
            sorter.SpillIfFull();
        }

        using var table = sorter.Write();
        if (table?.Seal(new PartitionHour(hour)) is { } file)
        {
            added.Add(file);
        }
    }

    /// <summary>Takes the rows of a silver file, but for those of some events.</summary>
    private static void Keep(Contract contract, string path, HashSet<EventId> lost, SilverSorter sorter)
    {
        var hasher = new EventHasher(contract);
        using var reader = new ParquetTableReader(path);
        using var rows = new RecordBatch(sorter.Batch.Schema);
        for (var group = 0; group < reader.RowGroups; group++)
        {
            rows.Clear();
            var count = reader.Read(group, rows);
            using var digests = new EventDigests();
            hasher.Add(rows, digests);
            var kept = new List<int>(count);
            for (var row = 0; row < count; row++)
            {
                if (!lost.Contains(new EventId(digests.Scopes[row], digests.Keys[row])))
                {
                    kept.Add(row);
                }
            }

            for (var i = 0; i < sorter.Batch.Columns.Length; i++)
            {
                sorter.Batch.Columns[i].AppendRows(rows.Columns[i], System.Runtime.InteropServices.CollectionsMarshal.AsSpan(kept));
            }

            sorter.SpillIfFull();
        }
    }

    private void WriteConflicts(RunState run, StagingContext staging, Touch touch, List<DataFile> removed, List<StagedFile> added)
    {
        var before = run.Files.FirstOrDefault(file => file is { Layer: Layer.Quarantine, Part: DataFile.SilverPart });
        if (before is not null)
        {
            removed.Add(before);
        }

        var conflicts = new Conflicts(staging, witness);
        conflicts.Replace(before is null ? null : lake.Files.Checked(before), touch, hour => BronzeEvents.PathOf(lake, run, hour));
        if (conflicts.Finish(run.AsOf is { } asOf ? PartitionHour.Of(asOf) : default) is { } file)
        {
            added.Add(file);
        }
    }
}
