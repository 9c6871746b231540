using RiskLake.Contracts;
using RiskLake.Ingest.Decoding;
using RiskLake.Ingest.Sources;
using RiskLake.Lake;
using RiskLake.Quality;

namespace RiskLake.Lineage;

/// <summary>What is known of an attempt when it begins.</summary>
/// <param name="RunId">The run.</param>
/// <param name="Attempt">Number of the attempt.</param>
/// <param name="Contract">Contract of its records.</param>
/// <param name="Inputs">Files it will read.</param>
internal sealed record LineageStart(string RunId, int Attempt, Contract Contract, IReadOnlyList<InputFile> Inputs)
{
    /// <summary>Tables of the lake that are read, at the version the attempt starts from.</summary>
    public IReadOnlyList<(Layer Layer, string Dataset)> Tables { get; init; } = [];

    /// <summary>Name of the job.</summary>
    public string Job { get; init; } = $"risklake.run.{Contract.Dataset}";

    /// <summary>Dataset of the signals that the run's risk carries; null if it carries none.</summary>
    public string? SignalsDataset { get; init; }
}

/// <summary>What is known of an attempt once its place in the lake is.</summary>
internal sealed record LineageResult
{
    /// <summary>Inputs as they were decoded, in the order of <see cref="LineageStart.Inputs"/>.</summary>
    public required IReadOnlyList<DecodedInput> Inputs { get; init; }

    public required IReadOnlyList<CheckResult> Checks { get; init; }

    /// <summary>One of <see cref="RunStatus"/>.</summary>
    public required string Status { get; init; }

    /// <summary>Why the gate is closed, one sentence for each check.</summary>
    public required IReadOnlyList<string> Failures { get; init; }

    public required string Fingerprint { get; init; }

    /// <summary>Files the attempt put in force: none for a blocked restatement, raw facts and evidence for a blocked run.</summary>
    public required IReadOnlyList<DataFile> Files { get; init; }

    /// <summary>Hours of the records that were received.</summary>
    public required IReadOnlyList<PartitionHour> Partitions { get; init; }

    public required long VersionRead { get; init; }

    public required long VersionWritten { get; init; }

    /// <summary>Greatest ingest time read, in microseconds.</summary>
    public required long? AsOf { get; init; }

    /// <summary>Greatest event time, in microseconds.</summary>
    public required long? ValuationTime { get; init; }
}
