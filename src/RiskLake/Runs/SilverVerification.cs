using RiskLake.Contracts;
using RiskLake.Ingest.Silver;
using RiskLake.Ingest.Silver.Keys;
using RiskLake.Lake;
using RiskLake.Lake.Columns;
using RiskLake.Lake.Storage;

namespace RiskLake.Runs;

/// <summary>
/// Recomputes silver and the conflicts of a lake from the bronze of its published runs, and compares them with what lies there: rows,
/// counts, key indexes.
/// </summary>
/// <param name="lake">The lake.</param>
/// <param name="storage">Where working files are written: outside the lake.</param>
internal sealed class SilverVerification(LakeStore lake, IStorage storage)
{
    private readonly List<LakeFinding> _findings = [];

    public IReadOnlyList<LakeFinding> Verify(CancellationToken ct) => LakeStore.Guard(lake.Root, () =>
    {
        var snapshot = lake.Snapshot();
        if (!snapshot.FollowsPlaces)
        {
            return
            [
                new LakeFinding(
                    "silver", "_log", "a lake written by an earlier version",
                    "silver that follows from the bronze of the published runs: run `risklake doctor`"),
            ];
        }

        var work = Directory.CreateTempSubdirectory("risklake-verify-");
        try
        {
            var book = new RowRulesBook(lake, Environment.ProcessorCount);
            var published = snapshot.Runs.Values.Where(run => run is { IsPublished: true, Place: not null }).GroupBy(run => run.Dataset);
            foreach (var runs in published.OrderBy(group => group.Key, StringComparer.Ordinal))
            {
                ct.ThrowIfCancellationRequested();
                Verify([.. runs.OrderBy(run => run.Place)], book, work.FullName, ct);
            }
        }
        finally
        {
            work.Delete(recursive: true);
        }

        return (IReadOnlyList<LakeFinding>)_findings;
    });

    private void Verify(RunState[] runs, RowRulesBook book, string work, CancellationToken ct)
    {
        var function = new List<FunctionRun>();
        foreach (var run in runs)
        {
            ct.ThrowIfCancellationRequested();
            var rules = book.Of(run);
            var staging = Staging(run, rules, work);
            var inputs = RunRecords.Inputs(lake.ReadEntry(run.Version)["record"]!).Select(input => input.Name).ToArray();
            var index = SilverFunction.Index(lake, run, rules.Contract, inputs, staging);
            if (index?.Sha256 != run.KeyIndex?.Sha256)
            {
                Note(run.KeyIndex?.Path ?? $"run {run.RunId}", "another key index than its bronze gives", index?.Sha256 ?? "none");
            }

            function.Add(new FunctionRun(run, run.Place!, rules, Load(index)));
        }

        var expected = SilverFunction.Compute(lake, function);
        foreach (var run in function)
        {
            ct.ThrowIfCancellationRequested();
            Compare(run, expected[run.State.RunId], Staging(run.State, run.Rules, Path.Combine(work, "conflicts")));
            run.Index.Dispose();
        }
    }

    private StagingContext Staging(RunState run, RowRules rules, string work)
    {
        var folder = Path.Combine(work, run.RunId);
        Directory.CreateDirectory(folder);
        return new StagingContext(storage, folder, run.RunId, rules.Contract);
    }

    private static LoadedKeys Load(StagedIndex? index)
    {
        if (index is null)
        {
            return LoadedKeys.Empty();
        }

        using var file = KeyFileReader.OfStaged(index);
        return LoadedKeys.Load(file);
    }

    private void Compare(FunctionRun run, ExpectedRun expected, StagingContext staging)
    {
        var silver = run.State.Files.Where(file => file.Layer == Layer.Silver).ToDictionary(file => file.Partition.HoursSinceEpoch);
        foreach (var hour in silver.Keys.Union(expected.Owned.Keys).Order())
        {
            var owned = expected.Owned.GetValueOrDefault(hour) ?? [];
            using var rows = owned.Count == 0
                ? new RecordBatch(SilverStage.Schema(run.Rules.Contract))
                : SilverFunction.Rows(lake, run, hour, owned);
            if (!silver.TryGetValue(hour, out var file))
            {
                Note($"silver/{run.State.Dataset} {new PartitionHour(hour).Path} run_id={run.State.RunId}", "no file", $"{rows.RowCount} rows");
            }
            else if (!SilverFunction.Holds(lake.Files.Checked(file), rows))
            {
                Note(file.DeltaPath, $"{file.Rows} rows", $"the {rows.RowCount} rows that follow from bronze");
            }
        }

        if (run.State.Counts != expected.Counts)
        {
            Note($"run {run.State.RunId}", $"counts {run.State.Counts}", $"{expected.Counts}");
        }

        CompareConflicts(run, expected, staging);
    }

    private void CompareConflicts(FunctionRun run, ExpectedRun expected, StagingContext staging)
    {
        var conflicts = new Conflicts(staging, new KeyWitness());
        foreach (var bronze in run.State.Files.Where(file => file.Layer == Layer.Bronze && expected.Losers.Count > 0))
        {
            conflicts.Add(expected.Losers, lake.Files.Checked(bronze));
        }

        var made = conflicts.Finish(default);
        var file = run.State.Files.FirstOrDefault(known => known is { Layer: Layer.Quarantine, Part: DataFile.SilverPart });
        if (made is null || file is null ? made is not null || file is not null : !SameRows(made.Path, lake.Files.Checked(file)))
        {
            Note(file?.DeltaPath ?? $"run {run.State.RunId}", $"{file?.Rows ?? 0} conflicts", $"the {made?.File.Rows ?? 0} that follow from bronze");
        }
    }

    private static bool SameRows(string expected, string path)
    {
        using var reader = new ParquetTableReader(expected);
        using var rows = new RecordBatch(reader.Schema);
        for (var group = 0; group < reader.RowGroups; group++)
        {
            reader.Read(group, rows);
        }

        return SilverFunction.Holds(path, rows);
    }

    private void Note(string path, string found, string expected) => _findings.Add(new LakeFinding("silver", path, found, expected));
}
