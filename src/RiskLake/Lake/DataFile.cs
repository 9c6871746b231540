using System.Globalization;
using RiskLake.Columns;

namespace RiskLake.Lake;

/// <summary>A layer of the lake; its folder is the lower-case name.</summary>
internal enum Layer
{
    Bronze,
    Quarantine,
    Silver,
    Gold,
}

/// <summary>One UTC hour, the partition of every dataset. <c>default</c> is 1970-01-01T00, the partition of runs without an event.</summary>
internal readonly record struct PartitionHour(int HoursSinceEpoch) : IComparable<PartitionHour>
{
    private const long MicrosPerHour = 3_600_000_000;

    /// <summary>The hour that contains an instant, given in microseconds since the epoch.</summary>
    public static PartitionHour Of(long micros) => new((int)Math.DivRem(micros, MicrosPerHour, out var rest) - (rest < 0 ? 1 : 0));

    /// <summary>First instant of the hour.</summary>
    public DateTime Start => DateTime.UnixEpoch.AddHours(HoursSinceEpoch);

    /// <summary>Path below a contract version, such as <c>year=2025/month=01/day=20/hour=10</c>.</summary>
    public string Path => FormattableString.Invariant($"year={Start.Year:D4}/month={Start.Month:D2}/day={Start.Day:D2}/hour={Start.Hour:D2}");

    public int CompareTo(PartitionHour other) => HoursSinceEpoch.CompareTo(other.HoursSinceEpoch);
}

/// <summary>A Parquet file of the lake: whose it is, where it lives and what it holds.</summary>
internal sealed record DataFile
{
    public required Layer Layer { get; init; }

    public required string Dataset { get; init; }

    public required string ContractVersion { get; init; }

    public required PartitionHour Partition { get; init; }

    public required string RunId { get; init; }

    /// <summary>The attempt that wrote the file; a later attempt with the same bytes keeps it.</summary>
    public required int Attempt { get; init; }

    /// <summary>Lake version that added the file; 0 while it is staged.</summary>
    public long AddedVersion { get; init; }

    public required long Rows { get; init; }

    public required long Bytes { get; init; }

    /// <summary>Digest of the file, lower-case hex.</summary>
    public required string Sha256 { get; init; }

    /// <summary>
    /// Statistics of the columns. Of a file read from the log they are fetched when first asked for, and the limits of text are
    /// bounds of at most 32 characters (see <see cref="TextBounds"/>).
    /// </summary>
    public required IReadOnlyList<ColumnStatistics> Statistics { get; init; }

    /// <summary>Table name, such as <c>silver/market_events</c>.</summary>
    public string Table => $"{LayerName(Layer)}/{Dataset}";

    /// <summary>Path of the canonical file below the lake root.</summary>
    public string TreePath => $"{Table}/contract_version={ContractVersion}/{Partition.Path}/run_id={RunId}.parquet";

    /// <summary>Path of the immutable file below the lake root.</summary>
    public string DeltaPath => FormattableString.Invariant(
        $"_delta/{Table}/contract_version={ContractVersion}/{Partition.Path}/run_id={RunId}.a{Attempt}.parquet");

    /// <summary>The same file at its place in a folder of its own, apart from the tree.</summary>
    public string PathBelow(string folder) => $"{folder}/{TreePath}";

    /// <summary>Reads back a <see cref="DeltaPath"/>; null when it is not one.</summary>
    public static DataFile? Parse(
        string deltaPath, string sha256, long bytes, long rows, long addedVersion, IReadOnlyList<ColumnStatistics> statistics)
    {
        if (deltaPath.Split('/') is not ["_delta", var layer, var dataset, var version, var year, var month, var day, var hour, var name]
            || ParseLayer(layer) is not { } parsedLayer
            || Value(version, "contract_version=") is not { } contractVersion
            || Value(name, "run_id=", ".parquet") is not { } run
            || run.LastIndexOf(".a", StringComparison.Ordinal) is var dot && dot <= 0
            || !int.TryParse(run.AsSpan(dot + 2), NumberStyles.None, CultureInfo.InvariantCulture, out var attempt)
            || !DateTime.TryParseExact(
                $"{Value(year, "year=")}-{Value(month, "month=")}-{Value(day, "day=")} {Value(hour, "hour=")}",
                "yyyy-MM-dd HH",
                CultureInfo.InvariantCulture,
                DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal,
                out var start))
        {
            return null;
        }

        var file = new DataFile
        {
            Layer = parsedLayer,
            Dataset = dataset,
            ContractVersion = contractVersion,
            Partition = new PartitionHour((int)((start - DateTime.UnixEpoch).Ticks / TimeSpan.TicksPerHour)),
            RunId = run[..dot],
            Attempt = attempt,
            AddedVersion = addedVersion,
            Rows = rows,
            Bytes = bytes,
            Sha256 = sha256,
            Statistics = statistics,
        };
        return LakePaths.IsNamedFile(deltaPath) && LakePaths.IsName(dataset) && LakePaths.IsName(contractVersion) && LakePaths.IsName(file.RunId)
            && string.Equals(file.DeltaPath, deltaPath, StringComparison.Ordinal) ? file : null;
    }

    /// <summary>The layer of a folder name; null when it is none.</summary>
    public static Layer? ParseLayer(string name) => name switch
    {
        "bronze" => Layer.Bronze,
        "quarantine" => Layer.Quarantine,
        "silver" => Layer.Silver,
        "gold" => Layer.Gold,
        _ => null,
    };

    private static string? Value(string part, string prefix, string suffix = "") =>
        part.Length > prefix.Length + suffix.Length && part.StartsWith(prefix, StringComparison.Ordinal) && part.EndsWith(suffix, StringComparison.Ordinal)
            ? part[prefix.Length..^suffix.Length]
            : null;

    public static string LayerName(Layer layer) => layer switch
    {
        Layer.Bronze => "bronze",
        Layer.Quarantine => "quarantine",
        Layer.Silver => "silver",
        _ => "gold",
    };
}

/// <summary>A finished, fsynced file in <c>_staging/</c> that a publication will link into the lake.</summary>
/// <param name="Path">Absolute path in staging.</param>
/// <param name="File">What it will be in the lake; its attempt is the publication's.</param>
/// <param name="Schema">Columns, to be checked against the table's.</param>
internal sealed record StagedFile(string Path, DataFile File, IReadOnlyList<ColumnSchema> Schema);
