namespace RiskLake.Lake;

/// <summary>A run as it stands in one version of the lake.</summary>
internal sealed record RunState
{
    public required string RunId { get; init; }

    /// <summary>Number of the last attempt, blocked restatements included.</summary>
    public required int Attempt { get; init; }

    /// <summary>
    /// The attempt in force: <see cref="Files"/> are its files, also for a blocked run, whose raw facts are published. Null once
    /// withdrawn.
    /// </summary>
    public required int? PublishedAttempt { get; init; }

    /// <summary>Status of the attempt in force, or <c>withdrawn</c>: one of <see cref="RunStatus"/>.</summary>
    public required string Status { get; init; }

    /// <summary>Status of the last attempt: <c>blocked</c> after a blocked restatement.</summary>
    public required string LastStatus { get; init; }

    /// <summary>Lake version of the entry that put the attempt in force (or withdrew the run).</summary>
    public required long Version { get; init; }

    /// <summary>Lake version of the run's last entry.</summary>
    public required long LastVersion { get; init; }

    /// <summary>Fingerprint of the attempt in force.</summary>
    public required string Fingerprint { get; init; }

    /// <summary>Fingerprint of the last attempt.</summary>
    public required string LastFingerprint { get; init; }

    public required string Dataset { get; init; }

    public required string ContractVersion { get; init; }

    /// <summary>Files of the attempt in force, ordered by path; read from the log when first asked for.</summary>
    public required IReadOnlyList<DataFile> Files { get; init; }

    public required KeyIndex? KeyIndex { get; init; }

    /// <summary>Smallest event time among the keys of <see cref="KeyIndex"/>, in microseconds.</summary>
    public required long? EventTimeMin { get; init; }

    /// <summary>Greatest event time among the keys of <see cref="KeyIndex"/>, in microseconds.</summary>
    public required long? EventTimeMax { get; init; }

    /// <summary>
    /// Lake version at which the run became published (from absent, blocked or withdrawn) and since when it has stayed so; restatements
    /// do not move it. 0 while it is not published.
    /// </summary>
    public required long PublishedOrder { get; init; }

    /// <summary>The run's place among those that hold its events; null unless it is published and has received records.</summary>
    public Place? Place { get; init; }

    /// <summary>What was known to the run: greatest ingest time read, in microseconds.</summary>
    public long? AsOf { get; init; }

    /// <summary>Digest of the row configuration under which the run's silver is derived.</summary>
    public string? Configuration { get; init; }

    /// <summary>What became of the run's records at this version; null for a run without records.</summary>
    public RecordCounts? Counts { get; init; }

    /// <summary>Lake version at which a silver row of the run's events last changed.</summary>
    public long SilverVersion { get; init; }

    /// <summary>Whether the run takes part in ownership.</summary>
    public bool IsPublished => RunStatus.IsPublished(Status);

    /// <summary>Whether silver of the run's events has moved since its gold was made.</summary>
    public bool IsStale => IsPublished && SilverVersion > Version;
}
