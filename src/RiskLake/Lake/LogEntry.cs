using System.Collections.Frozen;
using RiskLake.Columns;

namespace RiskLake.Lake;

/// <summary>
/// One decision: everything the lake knows of one published attempt (or of a vacuum), as it stands in
/// <c>_log/&lt;20 digits&gt;.json</c>. Statistics and run record stand behind the rest and are read only when asked for.
/// </summary>
internal sealed record LogEntry
{
    public const int FormatVersion = 1;

    public const string VacuumKind = "vacuum";

    public required long Version { get; init; }

    /// <summary>Digest of the entry before; null for the first.</summary>
    public required string? PreviousSha256 { get; init; }

    /// <summary>
    /// In the first entry after a checkpoint: digest of that checkpoint, so that it hangs on the chain like the entries it stands for.
    /// </summary>
    public string? CheckpointSha256 { get; init; }

    /// <summary>Kind of publication in snake case, or <see cref="VacuumKind"/>.</summary>
    public required string Kind { get; init; }

    /// <summary>When, in milliseconds since the epoch: exempt from determinism, and the only clock the views know.</summary>
    public required long CommittedMs { get; init; }

    /// <summary>Empty for a vacuum, as are the fields up to <see cref="VersionRead"/>.</summary>
    public string RunId { get; init; } = string.Empty;

    public int Attempt { get; init; }

    public string Status { get; init; } = string.Empty;

    public string Fingerprint { get; init; } = string.Empty;

    public string Dataset { get; init; } = string.Empty;

    public string ContractVersion { get; init; } = string.Empty;

    public long VersionRead { get; init; }

    /// <summary>The attempt in force before (or the withdrawal), whose record moves aside; 0 when there was none.</summary>
    public int SupersededAttempt { get; init; }

    /// <summary>Lake version of that attempt's entry; 0 when there was none.</summary>
    public long SupersededVersion { get; init; }

    public IReadOnlyList<FileReference> Removed { get; init; } = [];

    /// <summary>Files added, ordered by path.</summary>
    public IReadOnlyList<DataFile> Added { get; init; } = [];

    /// <summary>Files of a blocked restatement, kept below <c>_blocked/</c>.</summary>
    public IReadOnlyList<FileReference> SetAside { get; init; } = [];

    /// <summary>The index this entry takes out of force.</summary>
    public FileReference? RemovedIndex { get; init; }

    /// <summary>The run's index after the entry.</summary>
    public KeyIndex? Index { get; init; }

    public long? EventTimeMin { get; init; }

    public long? EventTimeMax { get; init; }

    /// <summary>Delta version of each table the entry changes.</summary>
    public IReadOnlyDictionary<string, long> Delta { get; init; } = FrozenDictionary<string, long>.Empty;

    /// <summary>Tables that are new or gain columns.</summary>
    public IReadOnlyDictionary<string, TableSchema> Schemas { get; init; } = FrozenDictionary<string, TableSchema>.Empty;

    /// <summary>Of a vacuum: oldest version whose files are all kept.</summary>
    public long OldestVersion { get; init; }

    /// <summary>Of a vacuum: files that no version still readable names.</summary>
    public IReadOnlyList<FileReference> Vacuumed { get; init; } = [];

    public bool IsVacuum => string.Equals(Kind, VacuumKind, StringComparison.Ordinal);

    public bool IsBlockRestatement => string.Equals(Kind, KindName(PublicationKind.BlockRestatement), StringComparison.Ordinal);

    public static string KindName(PublicationKind kind) => kind switch
    {
        PublicationKind.Publish => "publish",
        PublicationKind.Restate => "restate",
        PublicationKind.Release => "release",
        PublicationKind.Block => "block",
        PublicationKind.BlockRestatement => "block_restatement",
        _ => "withdraw",
    };
}

/// <summary>A file of the lake by name and digest.</summary>
/// <param name="Path">Path below the lake root.</param>
/// <param name="Bytes">Size.</param>
/// <param name="Sha256">Digest, lower-case hex.</param>
internal sealed record FileReference(string Path, long Bytes, string Sha256);

/// <summary>Columns of a table from some version on.</summary>
/// <param name="Id">Identity of the Delta table.</param>
/// <param name="CreatedMs">When the table was made, in milliseconds since the epoch.</param>
/// <param name="Columns">Columns of its files, partition columns apart.</param>
internal sealed record TableSchema(Guid Id, long CreatedMs, IReadOnlyList<ColumnSchema> Columns);
