using System.Text.Json.Nodes;

namespace RiskLake.Runs;

/// <summary>What a run is asked to do. Paths may be relative to <see cref="WorkingFolder"/>.</summary>
internal sealed record RunRequest
{
    /// <summary>Files, folders, patterns or <c>-</c>; empty takes the built-in sample.</summary>
    public IReadOnlyList<string> Inputs { get; init; } = [];

    /// <summary>Null derives the id from the inputs' digest.</summary>
    public string? RunId { get; init; }

    /// <summary>Contract or dataset name.</summary>
    public string Dataset { get; init; } = "market_event";

    public required string OutputRoot { get; init; }

    public required string ContractsPath { get; init; }

    public required string ThresholdsPath { get; init; }

    public required string SymbolsPath { get; init; }

    /// <summary>Folder of calendar rule files over the built-in ones; null for those alone.</summary>
    public string? CalendarsPath { get; init; }

    /// <summary>The signals that risk carries; null carries none.</summary>
    public string? SignalsPath { get; init; }

    /// <summary>The run that this one corrects: where both hold an event, this one owns it. Null corrects none.</summary>
    public string? Corrects { get; init; }

    /// <summary>How many records of other runs the run may turn into conflicts: a number, or a share of its own such as <c>1%</c>; null takes 1 %.</summary>
    public string? MaxDisplaced { get; init; }

    /// <summary>Publishes although the gate is breached.</summary>
    public bool AllowBreach { get; init; }

    /// <summary>Why the breach is allowed, or why the run is made; recorded.</summary>
    public string? Reason { get; init; }

    /// <summary>Records ingested later, in microseconds since the epoch, are quarantined.</summary>
    public long? AsOfMicros { get; init; }

    /// <summary>Overrides the thresholds file.</summary>
    public int? LateSeconds { get; init; }

    public int WindowMinutes { get; init; } = 5;

    public int VolatilityWindow { get; init; } = 5;

    public TimeSpan LockTimeout { get; init; } = TimeSpan.Zero;

    /// <summary>Does everything but publish.</summary>
    public bool DryRun { get; init; }

    public int Threads { get; init; } = Environment.ProcessorCount;

    /// <summary>Longest record that is decoded, in bytes.</summary>
    public int MaxRecordBytes { get; init; } = 1 << 20;

    public required string WorkingFolder { get; init; }

    public Stream? StandardInput { get; init; }

    /// <summary>
    /// Lands what a source delivered, under the lake root it is given, and names the canonical records made of it; null reads
    /// <see cref="Inputs"/> as they are.
    /// </summary>
    public Func<string, IReadOnlyList<Ingest.Sources.InputFile>>? FromSource { get; init; }

    /// <summary>The records come as a whole, long after the events, whatever the contract says of its streams: lateness does not apply.</summary>
    public bool IsSnapshot { get; init; }
}

/// <summary>What became of a run.</summary>
/// <param name="Record">The run record: the new one, or the recorded one when nothing changed.</param>
/// <param name="IsUnchanged">Whether the same run with the same fingerprint was there already.</param>
/// <param name="IsDryRun">Whether nothing was published because nothing was to be.</param>
/// <param name="ExitCode">0, or 1 when the gate blocked the run.</param>
internal sealed record RunOutcome(JsonObject Record, bool IsUnchanged, bool IsDryRun, int ExitCode)
{
    /// <summary>Why the run's lineage could not be written; null when it was. The run stands all the same.</summary>
    public string? LineageProblem { get; init; }
}

/// <summary>Hears how far a run has come.</summary>
internal interface IRunProgress
{
    /// <summary>A stage begins: <c>decode</c>, <c>silver</c>, <c>quality</c> (with rules of the contract only), <c>gold</c>, <c>publish</c>.</summary>
    void Begin(string stage);

    /// <summary>More records have passed the stage.</summary>
    void Advance(long records);

    /// <summary>The stage is over.</summary>
    void End(string stage, TimeSpan duration);
}
