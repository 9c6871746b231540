using RiskLake.Lake.Columns;

namespace RiskLake.Contracts;

/// <summary>How records of a dataset arrive.</summary>
internal enum Delivery
{
    /// <summary>Record by record, as things happen: lateness is defined.</summary>
    Stream,

    /// <summary>As a whole, later: lateness is not applicable.</summary>
    Snapshot,
}

/// <summary>How far a key identifies an event: two records of one key are about one event if their event times lie in the same scope (UTC).</summary>
internal enum KeyScope
{
    Month,
    Day,
    Year,
    None,
}

/// <summary>What a change of the contract may not break.</summary>
internal enum CompatibilityMode
{
    None,
    Backward,
    BackwardTransitive,
    Forward,
    ForwardTransitive,
    Full,
    FullTransitive,
}

/// <summary>What a field means to the stages that need to know; everything else treats fields by type alone.</summary>
internal enum FieldRole
{
    None,

    /// <summary>When the event happened in the market.</summary>
    EventTime,

    /// <summary>When the record arrived; partitions bronze and silver.</summary>
    IngestTime,

    /// <summary>The instrument.</summary>
    Symbol,

    /// <summary>The price of the event.</summary>
    Price,

    /// <summary>The traded quantity.</summary>
    Volume,

    /// <summary>Who delivered the record.</summary>
    Source,
}

/// <summary>What is done to a text value between bronze and silver, in the order of the flags.</summary>
[Flags]
internal enum Normalisation
{
    None = 0,

    /// <summary>White space at both ends goes.</summary>
    Trim = 1,

    /// <summary>Invariant upper case.</summary>
    Upper = 2,

    /// <summary>Invariant lower case.</summary>
    Lower = 4,
}

/// <summary>A bound on a numeric, timestamp or date field, in the field's own slot representation.</summary>
/// <param name="Slot">The limit as a column slot (double bits, integer, unscaled decimal, microseconds, days).</param>
/// <param name="Exclusive">Whether the limit itself is outside.</param>
/// <param name="Text">The limit as the contract wrote it, for messages.</param>
internal readonly record struct Bound(long Slot, bool Exclusive, string Text);

/// <summary>One field of a contract, ready for the decoder.</summary>
internal sealed record ContractField
{
    public required string Name { get; init; }

    public required ColumnType Type { get; init; }

    public int Precision { get; init; }

    public int Scale { get; init; }

    /// <summary>Present and not null in every record.</summary>
    public bool Required { get; init; }

    public FieldRole Role { get; init; }

    /// <summary>Says how and when a record was delivered, not what happened: equal events may differ here.</summary>
    public bool IsDelivery { get; init; }

    public Normalisation Normalisation { get; init; }

    public Bound? Minimum { get; init; }

    public Bound? Maximum { get; init; }

    /// <summary>Every value is a whole multiple of this slot; integers and decimals only.</summary>
    public long? MultipleOf { get; init; }

    /// <summary>Shortest allowed text, in Unicode code points.</summary>
    public int? MinLength { get; init; }

    /// <summary>Longest allowed text, in Unicode code points.</summary>
    public int? MaxLength { get; init; }

    /// <summary>Regular expression, unanchored search, from the subset that RE2 and .NET's non-backtracking engine share.</summary>
    public string? Pattern { get; init; }

    /// <summary>The allowed values, in the contract's order; empty means any.</summary>
    public IReadOnlyList<string> AllowedValues { get; init; } = [];

    /// <summary>IANA zone for timestamps without an offset; null refuses them.</summary>
    public string? DefaultZone { get; init; }

    /// <summary>Whether digits beyond microseconds are cut off instead of rejected.</summary>
    public bool TruncatePrecision { get; init; }

    /// <summary>Whether text that spells a number or boolean is accepted as one.</summary>
    public bool Coerce { get; init; }

    /// <summary>A slot of this field as microseconds since the epoch; the field is a timestamp or a date (its first instant in UTC).</summary>
    public long Micros(long slot) => Type == ColumnType.Date ? slot * 86_400_000_000 : slot;

    /// <summary>The column of this field in bronze and silver.</summary>
    public ColumnSchema Column => new(Name, Type, !Required, Precision, Scale);
}

/// <summary>A contract, whatever form it was written in, normalised and checked. Equal contracts have equal <see cref="Sha256"/>.</summary>
internal sealed record Contract
{
    /// <summary>Name in the registry, such as <c>market_event</c>.</summary>
    public required string Name { get; init; }

    /// <summary>Folder and table name in the lake, such as <c>market_events</c>.</summary>
    public required string Dataset { get; init; }

    /// <summary>Id of the contract document.</summary>
    public required string Id { get; init; }

    /// <summary>Version as the lake's partitions spell it, such as <c>v1</c>.</summary>
    public required string Version { get; init; }

    /// <summary>Version of the document, such as <c>1.4.0</c>; not part of the digest.</summary>
    public string DocumentVersion { get; init; } = "";

    public CompatibilityMode Compatibility { get; init; }

    public Delivery Delivery { get; init; }

    /// <summary>Whether unknown fields are kept (verbatim, in <c>extra</c>) instead of rejected.</summary>
    public bool OpenContent { get; init; }

    /// <summary>Fields in the order of the contract.</summary>
    public required IReadOnlyList<ContractField> Fields { get; init; }

    /// <summary>Names of the fields that identify an event, in order; at least one, all required.</summary>
    public required IReadOnlyList<string> Key { get; init; }

    /// <summary>Within which stretch of event time a key is unique.</summary>
    public KeyScope Scope { get; init; }

    /// <summary>What contracts of version 0.1 of the platform said instead of a scope; without effect, but part of their digests.</summary>
    public TimeSpan FormerLookback { get; init; } = TimeSpan.FromDays(30);

    /// <summary>Largest allowed ingest time minus event time.</summary>
    public TimeSpan MaxIngestLag { get; init; } = TimeSpan.FromDays(3660);

    /// <summary>Largest allowed event time minus ingest time.</summary>
    public TimeSpan MaxIngestLead { get; init; } = TimeSpan.FromDays(1);

    /// <summary>What is asked of the dataset as a whole, in the order of the contract, and what the contract says but nobody
    /// executes.</summary>
    public IReadOnlyList<QualityRule> Rules { get; init; } = [];

    /// <summary>Digest of the normalised contract, lower-case hex.</summary>
    public required string Sha256 { get; init; }

    /// <summary>The field with a role, or null.</summary>
    public ContractField? Field(FieldRole role) => Fields.FirstOrDefault(field => field.Role == role);

    /// <summary>The field with event time. Every contract has one.</summary>
    public ContractField EventTime => Field(FieldRole.EventTime)!;

    /// <summary>The field that partitions bronze and silver: ingest time, or event time where the contract has no other.</summary>
    public ContractField PartitionTime => Field(FieldRole.IngestTime) ?? EventTime;
}
