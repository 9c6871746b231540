using RiskLake.Contracts;
using RiskLake.Ingest.Sources;
using RiskLake.Lake;
using RiskLake.Lake.Columns;
using RiskLake.Runs;

namespace RiskLake.Backfill;

/// <summary>
/// Restates the runs whose bronze touches the dates: bronze stays as it is, silver and gold are made from it again, under the active
/// contract version. Runs may share keys, so they are restated one after the other, in the order in which they were published.
/// </summary>
internal sealed class BronzeRestatement(LakeStore lake, LakeSnapshot snapshot, BackfillRequest request, Contract contract, DayAssigner assigner)
{
    public IReadOnlyList<BackfillWork> Plan(BackfillPlanner planner, CancellationToken ct)
    {
        var work = new List<BackfillWork>();
        foreach (var run in snapshot.Runs.Values.Where(run => Touches(run, ct)).OrderBy(run => run.PublishedOrder).ThenBy(run => run.RunId, StringComparer.Ordinal))
        {
            var record = lake.ReadEntry(run.Version)["record"]!;
            var inputs = RunRecords.Inputs(record);
            var slice = (string?)record["slice_sha256"];
            var digests = slice is not null ? [slice] : inputs.Select(input => input.Sha256).ToArray();
            var material = new RunMaterial
            {
                Digests = digests,
                ReadDigests = _ => digests,
                Files = inputs.Select(input => new InputFile(input.Name, input.Name)).ToArray(),
                Planned = (snapshot.Version, work.Count),
                Fill = (attempt, _) => attempt.Load(run.Files, inputs, slice),
            };
            var item = planner.OfRun(run.RunId, digests, inputs.Sum(input => input.RecordsRead), request.Run.AllowBreach) with { SliceSha256 = slice };
            work.Add(new BackfillWork(item, material, request.Run.AllowBreach, request.Run.Reason));
        }

        return work;
    }

    private bool Touches(RunState run, CancellationToken ct)
    {
        if (run.Dataset != contract.Dataset || run.Status == RunStatus.Withdrawn)
        {
            return false;
        }

        ct.ThrowIfCancellationRequested();
        return run.Files.Any(file => file.Layer == Layer.Bronze && MayTouch(file) && Touches(file));
    }

    /// <summary>Whether the range of event times says anything; a day wider, because a market's session may bear the date of its neighbour.</summary>
    private bool MayTouch(DataFile file)
    {
        var range = file.Statistics.FirstOrDefault(column => column.Column == contract.EventTime.Name);
        return range is not { HasRange: true }
            || (DateOf(range.MinSlot) <= request.EndDate.DayNumber + 2 && DateOf(range.MaxSlot) >= request.StartDate.DayNumber - 2);
    }

    private bool Touches(DataFile file)
    {
        using var reader = lake.Files.Open(file);
        using var batch = new RecordBatch([.. contract.Fields.Select(field => field.Column with { Nullable = true })]);
        using var days = new NativeBuffer<int>();
        for (var group = 0; group < reader.RowGroups; group++)
        {
            batch.Clear();
            reader.Read(group, batch);
            assigner.Assign(batch, days);
        }

        return days.Count > 0 && days.AsSpan().ContainsAnyInRange(request.StartDate.DayNumber, request.EndDate.DayNumber);
    }

    private long DateOf(long slot) => contract.EventTime.Type == ColumnType.Date
        ? slot + DateOnly.FromDateTime(DateTime.UnixEpoch).DayNumber
        : (long)Math.Floor(slot / 86_400_000_000.0) + DateOnly.FromDateTime(DateTime.UnixEpoch).DayNumber;
}
