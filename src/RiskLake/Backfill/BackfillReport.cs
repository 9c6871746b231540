using RiskLake.Runs;

namespace RiskLake.Backfill;

/// <summary>A run to be made.</summary>
/// <param name="Item">Its line in the manifest.</param>
/// <param name="Material">What it is made of.</param>
/// <param name="AllowBreach">Whether it is published although the gate is breached.</param>
/// <param name="Reason">Recorded with it.</param>
internal sealed record BackfillWork(BackfillItem Item, RunMaterial Material, bool AllowBreach, string? Reason)
{
    /// <summary>
    /// Whether the run, as the lake has it, holds keys that belong to another day now. Such runs are made again before all others and one
    /// after the other: the keys must be free when the other day asks for them, in every order and at every degree of parallelism.
    /// </summary>
    public bool IsDonor { get; init; }
}

/// <summary>The manifest while days finish on several threads. It is written at most twice a second: a day costs less than a write made durable.</summary>
internal sealed class BackfillReport(BackfillManifest manifest, ManifestFile file, TimeProvider clock)
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(500);

    private readonly Lock _gate = new();
    private readonly BackfillItem[] _items = [.. manifest.Items];
    private readonly Dictionary<string, int> _places = manifest.Items.Select((item, i) => (item.RunId, i)).Where(pair => pair.RunId is not null)
        .ToDictionary(pair => pair.RunId!, pair => pair.i, StringComparer.Ordinal);

    private BackfillItem? _unassigned = manifest.Unassigned;
    private long _version = manifest.LakeVersion;
    private long _written;

    public BackfillManifest Manifest
    {
        get
        {
            lock (_gate)
            {
                return manifest with { Items = [.. _items], Unassigned = _unassigned, LakeVersion = _version };
            }
        }
    }

    public void Finish(BackfillItem item)
    {
        lock (_gate)
        {
            if (_places.TryGetValue(item.RunId!, out var place))
            {
                _items[place] = item;
            }
            else
            {
                _unassigned = item;
            }

            _version = Math.Max(_version, item.LakeVersion ?? 0);
            if (clock.GetElapsedTime(_written) > Pause)
            {
                Write();
            }
        }
    }

    public void Write()
    {
        lock (_gate)
        {
            file.Write(Manifest);
            _written = clock.GetTimestamp();
        }
    }
}
