using System.Text.Json.Nodes;

namespace RiskLake.Lake;

/// <summary>What an entry of the lake log decides about a run.</summary>
internal enum PublicationKind
{
    /// <summary>First publication of a run, or one after it was withdrawn.</summary>
    Publish,

    /// <summary>Other inputs, configuration or options: the run's files are replaced.</summary>
    Restate,

    /// <summary>A blocked run is published after all.</summary>
    Release,

    /// <summary>The gate blocked a run that has nothing published: raw facts and evidence are published, the rest is withheld.</summary>
    Block,

    /// <summary>The gate blocked a restatement: nothing published changes, the attempt is kept aside.</summary>
    BlockRestatement,

    /// <summary>The run's files leave the lake, all but silver rows it adopts for the keys it frees.</summary>
    Withdraw,
}

/// <summary>Statuses of a run, as they stand in log, records and listings.</summary>
internal static class RunStatus
{
    public const string Published = "published";
    public const string PublishedWithBreach = "published_with_breach";
    public const string Blocked = "blocked";
    public const string Withdrawn = "withdrawn";

    /// <summary>Whether the run's silver counts as published: its bronze takes part in ownership and adoption.</summary>
    public static bool IsPublished(string status) => status is Published or PublishedWithBreach;
}

/// <summary>A finished, fsynced key index in <c>_staging/</c>.</summary>
/// <param name="Path">Absolute path in staging.</param>
/// <param name="Keys">Number of keys.</param>
/// <param name="Sha256">Digest of the file, lower-case hex.</param>
internal sealed record StagedIndex(string Path, long Keys, string Sha256);

/// <summary>A published key index; what it holds is the silver stage's affair.</summary>
/// <param name="Path">Path below the lake root.</param>
/// <param name="Keys">Number of keys.</param>
/// <param name="Bytes">Size of the file.</param>
/// <param name="Sha256">Digest of the file, lower-case hex.</param>
internal sealed record KeyIndex(string Path, long Keys, long Bytes, string Sha256);

/// <summary>One attempt of a run, staged and judged, as it shall stand in the lake.</summary>
internal sealed record Publication
{
    public required string RunId { get; init; }

    public required PublicationKind Kind { get; init; }

    /// <summary>Verdict on this attempt: one of <see cref="RunStatus"/>.</summary>
    public required string Status { get; init; }

    public required string Fingerprint { get; init; }

    public required string Dataset { get; init; }

    public required string ContractVersion { get; init; }

    /// <summary>Lake version the attempt was prepared against.</summary>
    public required long VersionRead { get; init; }

    /// <summary>
    /// All files the run shall have after this entry (for <see cref="PublicationKind.BlockRestatement"/>: those to be kept aside).
    /// A file whose bytes already stand at its place is not committed again.
    /// </summary>
    public required IReadOnlyList<StagedFile> Files { get; init; }

    /// <summary>Keys of the run's bronze, if it has any.</summary>
    public StagedIndex? Index { get; init; }

    /// <summary>Smallest event time among the index's keys, in microseconds.</summary>
    public long? EventTimeMin { get; init; }

    /// <summary>Greatest event time among the index's keys, in microseconds.</summary>
    public long? EventTimeMax { get; init; }

    /// <summary>Makes the whole run record once the attempt's place in the lake is known.</summary>
    public required Func<PublishedView, JsonObject> Record { get; init; }
}

/// <summary>What a run record needs to know of the entry it will stand in.</summary>
/// <param name="Version">Lake version of the entry.</param>
/// <param name="Attempt">Number of the attempt.</param>
/// <param name="Files">The run's files after the entry, those kept from earlier attempts included, ordered by path.</param>
/// <param name="Index">The run's key index after the entry.</param>
internal sealed record PublishedView(long Version, int Attempt, IReadOnlyList<DataFile> Files, KeyIndex? Index);

/// <summary>Who publishes.</summary>
/// <param name="Run">The run's lock: proof that no other process works on the run.</param>
internal sealed record PublishContext(RunLock Run)
{
    /// <summary>How long to wait for other publications to finish.</summary>
    public TimeSpan Timeout { get; init; } = System.Threading.Timeout.InfiniteTimeSpan;
}
