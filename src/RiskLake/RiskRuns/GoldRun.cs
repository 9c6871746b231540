using System.Text.Json.Nodes;
using RiskLake.Contracts;
using RiskLake.Lake;
using RiskLake.Risk.Measures;

namespace RiskLake.RiskRuns;

/// <summary>
/// A run that receives nothing and only writes gold, from what the lake held at one version: risk of a date, episodes of limits,
/// acknowledgements.
/// </summary>
internal sealed record GoldRun
{
    /// <summary>Digest of everything that decides the results: rows read, configuration, options, output version.</summary>
    public required string Fingerprint { get; init; }

    /// <summary>What was known: greatest ingest time read, in microseconds; null when nothing was read.</summary>
    public required long? AsOf { get; init; }

    /// <summary>What it is about, in microseconds.</summary>
    public required long? ValuationTime { get; init; }

    /// <summary>Tables that were read.</summary>
    public IReadOnlyList<(Layer Layer, string Dataset)> Reads { get; init; } = [];

    /// <summary>Computes and stages the files; called only if the lake does not hold the run already.</summary>
    public required Func<StagingContext, IReadOnlyList<StagedFile>> Write { get; init; }

    /// <summary>
    /// Fields of the run record beside the common ones; called after <see cref="Write"/>. They are a function of the fingerprint alone.
    /// </summary>
    public required Func<JsonObject> Facts { get; init; }
}

/// <summary>The kinds of runs that only write gold. A kind stands where the dataset stands of a run that receives records.</summary>
internal static class GoldWork
{
    /// <summary>Risk of one valuation date.</summary>
    public const string Risk = "risk";

    /// <summary>Episodes of limits over all dates.</summary>
    public const string Limits = "limits";

    /// <summary>What someone said about a breach.</summary>
    public const string Acknowledgements = "acknowledgements";

    /// <summary>Names no dataset of a contract may be confused with.</summary>
    public static bool IsOne(string dataset) => ContractRegistry.ReservedDatasets.Contains(dataset, StringComparer.Ordinal);

    /// <summary>
    /// What stands in place of a contract: gold of many datasets follows no single one. Its version is that of the tables' columns.
    /// </summary>
    public static Contract Contract(string work) => new()
    {
        Name = work,
        Dataset = work,
        Id = $"urn:risklake:{work}",
        Version = "v1",
        Delivery = Delivery.Snapshot,
        Fields = [],
        Key = [],
        Sha256 = new CanonicalText("gold-work/1").Add("work", work).Add("version", "v1").Sha256(),
    };
}
