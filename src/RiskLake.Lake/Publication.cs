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

    /// <summary>The run's files leave the lake.</summary>
    Withdraw,

    /// <summary>The run's gold is made again, because silver of its events has moved; everything else stays.</summary>
    Refresh,
}

/// <summary>Statuses of a run, as they stand in log, records and listings.</summary>
internal static class RunStatus
{
    public const string Published = "published";
    public const string PublishedWithBreach = "published_with_breach";
    public const string Blocked = "blocked";
    public const string Withdrawn = "withdrawn";

    /// <summary>Whether the run is published: its bronze takes part in ownership.</summary>
    public static bool IsPublished(string status) => status is Published or PublishedWithBreach;
}

/// <summary>A finished, fsynced key index in <c>_staging/</c>.</summary>
/// <param name="Path">Absolute path in staging.</param>
/// <param name="Keys">Number of keys.</param>
/// <param name="Sha256">Digest of the file, lower-case hex.</param>
/// <param name="HeadSha256">Digest of the part that vouches for the rest.</param>
internal sealed record StagedIndex(string Path, long Keys, string Sha256, string HeadSha256);

/// <summary>A published key index; what it holds is the silver stage's affair.</summary>
/// <param name="Path">Path below the lake root.</param>
/// <param name="Keys">Number of keys.</param>
/// <param name="Bytes">Size of the file.</param>
/// <param name="Sha256">Digest of the file, lower-case hex.</param>
/// <param name="HeadSha256">Digest of the part that vouches for the rest; empty for an index of an older format.</param>
/// <param name="AddedVersion">Lake version at which it came into force.</param>
internal sealed record KeyIndex(string Path, long Keys, long Bytes, string Sha256, string HeadSha256, long AddedVersion)
{
    public FileReference Reference => new(Path, Bytes, Sha256);
}

/// <summary>A staged row configuration, by the digest that names it.</summary>
internal sealed record StagedConfiguration(string Path, string Sha256, long Bytes);

/// <summary>A staged segment, and the ones it replaces.</summary>
internal sealed record StagedSegment(string Dataset, int Level, long From, long To, StagedIndex File, IReadOnlyList<KeySegment> Replaces);

/// <summary>What a publication changes of another run.</summary>
internal sealed record StagedTouch
{
    public required string RunId { get; init; }

    /// <summary>Files of the run that leave; each was read at the version the publication was prepared against.</summary>
    public required IReadOnlyList<DataFile> Removed { get; init; }

    public required IReadOnlyList<StagedFile> Added { get; init; }

    /// <summary>What became of the run's records, after the publication.</summary>
    public required RecordCounts Counts { get; init; }

    /// <summary>Whether a silver row changed whose event is among the run's.</summary>
    public required bool IsMoved { get; init; }
}

/// <summary>What a mending gives a run.</summary>
/// <param name="Change">Files that leave and come.</param>
/// <param name="Place">Its place; null unless it is published.</param>
/// <param name="AsOf">What was known to it.</param>
/// <param name="Configuration">Configuration of its rows.</param>
/// <param name="Index">Its key index.</param>
internal sealed record MendedRun(StagedTouch Change, Place? Place, long? AsOf, StagedConfiguration? Configuration, StagedIndex? Index);

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

    /// <summary>The run's place once published; null for a run without records.</summary>
    public Place? Place { get; init; }

    /// <summary>What was known to the run, in microseconds.</summary>
    public long? AsOf { get; init; }

    /// <summary>What became of the run's records; null for a run without records.</summary>
    public RecordCounts? Counts { get; init; }

    /// <summary>Configuration under which the run's silver is derived; null for a run without records.</summary>
    public StagedConfiguration? Configuration { get; init; }

    /// <summary>Other runs that the publication changes.</summary>
    public IReadOnlyList<StagedTouch> Touched { get; init; } = [];

    /// <summary>Segments of key indexes that were merged on the way.</summary>
    public IReadOnlyList<StagedSegment> Segments { get; init; } = [];

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
