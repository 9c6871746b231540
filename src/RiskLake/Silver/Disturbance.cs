using RiskLake.Columns;
using RiskLake.Contracts;
using RiskLake.Lake;

namespace RiskLake.Silver;

/// <summary>Tells whether what happened in the lake since a run was evaluated touches the run's keys.</summary>
/// <param name="contract">Contract of the records.</param>
/// <param name="lake">The lake.</param>
/// <param name="runId">The run.</param>
/// <param name="sharesNothing">Tells of a run that it is known to share no key with this one; null knows of none.</param>
internal sealed class Disturbance(Contract contract, LakeStore lake, string runId, Func<RunState, bool>? sharesNothing = null)
{
    public bool Exists(NativeBuffer<ulong> ownKeys, (long Min, long Max)? eventTimes, LakeSnapshot before, LakeSnapshot latest, int threads)
    {
        var own = before.Runs.GetValueOrDefault(runId);
        var changed = latest.Runs.Values
            .Where(run => run.LastVersion > before.Version && run.Dataset == contract.Dataset
                && !string.Equals(run.RunId, runId, StringComparison.OrdinalIgnoreCase))
            .SelectMany(run => new[] { run, before.Runs.GetValueOrDefault(run.RunId) })
            .OfType<RunState>()
            .Where(run => run.KeyIndex is not null && sharesNothing?.Invoke(run) != true
                && (Overlaps(run, eventTimes) || Overlaps(run, (own?.EventTimeMin, own?.EventTimeMax))))
            .ToArray();
        if (changed.Length == 0)
        {
            return false;
        }

        using var mine = new NativeBuffer<ulong>();
        mine.AddRange(ownKeys.AsSpan());
        if (own?.KeyIndex is { } index)
        {
            KeyIndexFile.Read(Path.Combine(lake.Root, index.Path), mine, null);
        }

        var theirs = new NativeBuffer<ulong>();
        foreach (var run in changed)
        {
            var path = Path.Combine(lake.Root, run.KeyIndex!.Path);
            if (!File.Exists(path))
            {
                return true;
            }

            KeyIndexFile.Read(path, theirs, theirs);
        }

        using (theirs)
        using (var found = Deduplication.Find(mine, [new ForeignKeys(0, theirs)], threads))
        {
            return found.Hits.Count > 0;
        }
    }

    private bool Overlaps(RunState run, (long? Min, long? Max)? times)
    {
        var lookback = (long)contract.Lookback.TotalMicroseconds;
        return times is { Min: { } min, Max: { } max } && run.EventTimeMax >= min - lookback && run.EventTimeMin <= max + lookback;
    }
}
