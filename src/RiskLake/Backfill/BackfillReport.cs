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
    private readonly Dictionary<string, BackfillItem> _finished = new(StringComparer.Ordinal);
    private long? _riskVersion = manifest.RiskLakeVersion;
    private long _version = manifest.LakeVersion;
    private long _written;

    public BackfillManifest Manifest
    {
        get
        {
            lock (_gate)
            {
                return manifest with
                {
                    Items = [.. manifest.Items.Select(Newest)],
                    Unassigned = manifest.Unassigned is { } unassigned ? Newest(unassigned) : null,
                    Risk = [.. manifest.Risk.Select(Newest)],
                    RiskLakeVersion = _riskVersion,
                    LakeVersion = _version,
                };
            }
        }
    }

    /// <summary>Takes what became of a run.</summary>
    public void Finish(BackfillItem item)
    {
        lock (_gate)
        {
            _finished[item.RunId!] = item;
            _version = Math.Max(_version, item.LakeVersion ?? 0);
            if (clock.GetElapsedTime(_written) > Pause)
            {
                Write();
            }
        }
    }

    /// <summary>The days are over; this is the version at which their risk is read.</summary>
    public void BeginRisk(long version)
    {
        lock (_gate)
        {
            _riskVersion = version;
            Write();
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

    private BackfillItem Newest(BackfillItem item) => item.RunId is { } id && _finished.TryGetValue(id, out var finished) ? finished : item;
}
