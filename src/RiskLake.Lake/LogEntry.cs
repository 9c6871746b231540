using System.Collections.Frozen;
using RiskLake.Lake.Columns;

namespace RiskLake.Lake;

/// <summary>
/// One decision: everything the lake knows of one published attempt (or of a vacuum), as it stands in
/// <c>_log/&lt;20 digits&gt;.json</c>. Statistics and run record stand behind the rest and are read only when asked for.
/// </summary>
internal sealed record LogEntry
{
    public const int FormatVersion = 2;

    public const string VacuumKind = "vacuum";

    /// <summary>Kind of an entry that brings silver, conflicts, places and key indexes of runs to what follows from their bronze.</summary>
    public const string MendKind = "mend";

    /// <summary>Format the entry was written in.</summary>
    public int Format { get; init; } = FormatVersion;

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

    /// <summary>The run's place after the entry; null unless it is published and has received records.</summary>
    public Place? Place { get; init; }

    /// <summary>What was known to the run: greatest ingest time read, in microseconds.</summary>
    public long? AsOf { get; init; }

    /// <summary>Digest of the row configuration under which the run's silver is derived.</summary>
    public string? Configuration { get; init; }

    /// <summary>What became of the run's records.</summary>
    public RecordCounts? Counts { get; init; }

    /// <summary>Other runs whose silver, conflicts or counts the entry changes, ordered by run id.</summary>
    public IReadOnlyList<TouchedRun> Touched { get; init; } = [];

    /// <summary>Segments of key indexes that come into force.</summary>
    public IReadOnlyList<KeySegment> SegmentsAdded { get; init; } = [];

    /// <summary>Segments that went into the new ones.</summary>
    public IReadOnlyList<FileReference> SegmentsRemoved { get; init; } = [];

    /// <summary>Row configurations that the lake did not hold before.</summary>
    public IReadOnlyList<FileReference> Configurations { get; init; } = [];

    /// <summary>Of the last entry of a mending: from here on silver is a function of bronze.</summary>
    public bool CompletesMending { get; init; }

    /// <summary>Delta version of each table the entry changes.</summary>
    public IReadOnlyDictionary<string, long> Delta { get; init; } = FrozenDictionary<string, long>.Empty;

    /// <summary>Tables that are new or gain columns.</summary>
    public IReadOnlyDictionary<string, TableSchema> Schemas { get; init; } = FrozenDictionary<string, TableSchema>.Empty;

    /// <summary>Of a vacuum: oldest version whose files are all kept.</summary>
    public long OldestVersion { get; init; }

    /// <summary>Of a vacuum: files that no version still readable names.</summary>
    public IReadOnlyList<FileReference> Vacuumed { get; init; } = [];

    public bool IsVacuum => string.Equals(Kind, VacuumKind, StringComparison.Ordinal);

    public bool IsMend => string.Equals(Kind, MendKind, StringComparison.Ordinal);

    /// <summary>Whether the entry decides about a run of its own: not so a vacuum or a mending.</summary>
    public bool IsOfRun => !IsVacuum && !IsMend;

    /// <summary>Files added to this run and to others, in the order of their statistics.</summary>
    public IEnumerable<DataFile> AllAdded => Added.Concat(Touched.SelectMany(run => run.Added));

    /// <summary>Files removed, each with the run that had it.</summary>
    public IEnumerable<(string RunId, FileReference File)> AllRemoved =>
        Removed.Select(file => (RunId, file)).Concat(Touched.SelectMany(run => run.Removed.Select(file => (run.RunId, file))));

    public bool IsBlockRestatement => string.Equals(Kind, KindName(PublicationKind.BlockRestatement), StringComparison.Ordinal);

    public static string KindName(PublicationKind kind) => kind switch
    {
        PublicationKind.Publish => "publish",
        PublicationKind.Restate => "restate",
        PublicationKind.Release => "release",
        PublicationKind.Block => "block",
        PublicationKind.BlockRestatement => "block_restatement",
        PublicationKind.Refresh => "refresh",
        _ => "withdraw",
    };
}

/// <summary>What an entry changes of a run other than its own.</summary>
internal sealed record TouchedRun
{
    public required string RunId { get; init; }

    public required IReadOnlyList<FileReference> Removed { get; init; }

    public required IReadOnlyList<DataFile> Added { get; init; }

    /// <summary>What became of the run's records, after the entry.</summary>
    public required RecordCounts Counts { get; init; }

    /// <summary>Whether a silver row changed whose event is among the run's, so that its gold is stale.</summary>
    public required bool IsMoved { get; init; }

    /// <summary>Of a mending: what the run has from now on beside its files.</summary>
    public Mended? Mended { get; init; }
}

/// <summary>What a mending gives a run.</summary>
internal sealed record Mended(Place? Place, long? AsOf, string? Configuration, KeyIndex? Index, FileReference? RemovedIndex);

/// <summary>Key digests of many runs in one sorted file.</summary>
/// <param name="Dataset">Dataset of the runs.</param>
/// <param name="Level">How often it was merged.</param>
/// <param name="From">It covers the indexes that came into force at this lake version or later ...</param>
/// <param name="To">... and at this one at the latest.</param>
/// <param name="File">The file.</param>
internal sealed record KeySegment(string Dataset, int Level, long From, long To, KeyIndex File);

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
