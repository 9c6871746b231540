using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using RiskLake.Lake;

namespace RiskLake.Backfill;

/// <summary>
/// Runs as the lake has them that hold the keys of one slice of the inputs and no others. Slices share no key, so such runs need not be
/// asked when another slice is published: with many days within the contract's lookback that would cost more than the day itself.
/// </summary>
internal sealed class SlicedRuns
{
    private readonly ConcurrentDictionary<string, long> _versions = new(StringComparer.Ordinal);

    /// <summary>Adds a run that was made of its slice.</summary>
    /// <param name="record">Its run record.</param>
    public void Add(JsonNode record)
    {
        _versions[(string)record["run_id"]!] = (long)record["lake_version"]!["written"]!;
    }

    public bool Holds(RunState run) => _versions.TryGetValue(run.RunId, out var version) && version == run.Version;
}
