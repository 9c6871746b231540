using RiskLake.Lake.Columns;

namespace RiskLake.Ingest.Silver;

/// <summary>Where a bronze row ends.</summary>
internal enum Verdict : byte
{
    /// <summary>In the run's own silver.</summary>
    Own,

    /// <summary>Equal to an earlier row of the run.</summary>
    Duplicate,

    /// <summary>Equal to an event that another run owns.</summary>
    AlreadyPublished,

    /// <summary>Contradicts the record that owns the event: set aside in quarantine.</summary>
    Conflict,
}

/// <summary>Digests of a run's bronze rows in the order of the input, and the partition each went to.</summary>
internal sealed record BronzeKeys(EventDigests Digests, NativeBuffer<int> PartitionOfRow) : IDisposable
{
    public long Count => Digests.Keys.Count;

    public void Dispose()
    {
        Digests.Dispose();
        PartitionOfRow.Dispose();
    }
}

