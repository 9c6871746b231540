using RiskLake.Ingest.Silver.Keys;
using RiskLake.Lake;

namespace RiskLake.Ingest.Silver;

/// <summary>Tells whether entries that came since a publication was prepared touch it.</summary>
/// <param name="lake">The lake.</param>
/// <param name="runId">The run that is published.</param>
/// <param name="dataset">Its dataset.</param>
/// <param name="sharesNothing">Tells of a run that it is known to share no event with this one; null knows of none.</param>
internal sealed class Disturbance(LakeStore lake, string runId, string dataset, Func<RunState, bool>? sharesNothing = null)
{
    /// <param name="staged">The key index of the run as it shall be; null when it has no records.</param>
    /// <param name="touched">Runs that the publication changes.</param>
    /// <param name="before">The version the publication was prepared against.</param>
    /// <param name="latest">The newest version.</param>
    public bool Exists(StagedIndex? staged, IEnumerable<string> touched, LakeSnapshot before, LakeSnapshot latest)
    {
        // A run that was decided about, or whose files another publication replaced, has other files than it had.
        var mine = touched.Append(runId).ToHashSet(StringComparer.OrdinalIgnoreCase);
        if (mine.Any(run => !ReferenceEquals(before.Runs.GetValueOrDefault(run), latest.Runs.GetValueOrDefault(run)) && HasChanged(run)))
        {
            return true;
        }

        var changed = latest.Runs.Values
            .Where(run => run.Dataset == dataset && run.LastVersion > before.Version && !IsSame(run))
            .SelectMany(run => new[] { run, before.Runs.GetValueOrDefault(run.RunId) })
            .OfType<RunState>()
            .Where(run => run is { IsPublished: true, KeyIndex: not null } && sharesNothing?.Invoke(run) != true)
            .DistinctBy(run => run.KeyIndex!.Path)
            .ToArray();
        return changed.Length > 0 && Lists(staged, before.Runs.GetValueOrDefault(runId)).Any(keys => changed.Any(run => Shares(keys, run)));

        bool HasChanged(string run)
        {
            var (was, now) = (before.Runs.GetValueOrDefault(run), latest.Runs.GetValueOrDefault(run));
            return was?.LastVersion != now?.LastVersion || was?.SilverVersion != now?.SilverVersion || was?.Counts != now?.Counts
                || !(was?.Files ?? []).Select(file => file.DeltaPath).SequenceEqual((now?.Files ?? []).Select(file => file.DeltaPath));
        }
    }

    private bool IsSame(RunState run) => string.Equals(run.RunId, runId, StringComparison.OrdinalIgnoreCase);

    private IEnumerable<IKeyList> Lists(StagedIndex? staged, RunState? own)
    {
        if (staged is not null)
        {
            using var file = KeyFileReader.OfStaged(staged);
            using var keys = LoadedKeys.Load(file);
            yield return keys;
        }

        if (own is { IsPublished: true, KeyIndex: { } index })
        {
            using var file = new KeyFileReader(lake.Paths.Absolute(index.Path), index);
            using var keys = LoadedKeys.Load(file);
            yield return keys;
        }
    }

    private bool Shares(IKeyList keys, RunState run)
    {
        using var file = new KeyFileReader(lake.Paths.Absolute(run.KeyIndex!.Path), run.KeyIndex);
        var isShared = false;
        KeyProbe.Find(keys, file, RunKeys.EntryBytes, (_, _) => isShared = true);
        return isShared;
    }
}
