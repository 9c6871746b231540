using RiskLake.Gold;
using RiskLake.Ingest.Silver;
using RiskLake.Lake;
using RiskLake.Quality;

namespace RiskLake.Runs;

/// <summary>An attempt that has been computed against one version of the lake.</summary>
internal sealed record EvaluatedAttempt
{
    public required LakeSnapshot Base { get; init; }

    public required IReadOnlyList<StagedFile> Bronze { get; init; }

    /// <summary>Records that could not be decoded.</summary>
    public required StagedFile? Rejects { get; init; }

    /// <summary>Records that contradict the owners of their events.</summary>
    public required StagedFile? Conflicts { get; init; }

    /// <summary>The run's place, if it is published.</summary>
    public required Place Place { get; init; }

    /// <summary>What the publication changes of other runs.</summary>
    public required IReadOnlyDictionary<string, Touch> Touches { get; init; }

    public required SilverResult Silver { get; init; }

    public required GoldResult Gold { get; init; }

    public required StagedFile QualityMetrics { get; init; }

    public required RunCounts Counts { get; init; }

    public required Gate Gate { get; init; }

    public required long? AsOf { get; init; }

    public required IReadOnlyDictionary<string, long> QuarantineCodes { get; init; }

    public required IReadOnlyList<FileConservation> Conservation { get; init; }

    /// <summary>All files, when the gate lets them pass.</summary>
    public IReadOnlyList<StagedFile> Published => [.. Withheld, .. Evidence];

    /// <summary>What is published even when the gate is closed: raw facts and evidence.</summary>
    public IReadOnlyList<StagedFile> Evidence => [.. Bronze, .. new[] { Rejects, Conflicts }.OfType<StagedFile>(), QualityMetrics];

    /// <summary>What a closed gate holds back.</summary>
    public IReadOnlyList<StagedFile> Withheld => [.. Silver.Files, .. Gold.Files];
}

/// <summary>What became of the records of one input file.</summary>
internal sealed record FileConservation(
    string Name, long Read, long Bronze, long Quarantined, long Own, long Duplicates, long AlreadyPublished, long Conflicts);
