using System.Globalization;
using RiskLake.Lake.Columns;

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

    /// <summary>
    /// Lake version of the entry of another run that wrote the file, because what that run published or withdrew changed the owners of
    /// this run's events; 0 for a file of the run's own attempt.
    /// </summary>
    public long Revision { get; init; }

    /// <summary>Which of several files of a run in a partition: empty, or <see cref="SilverPart"/>.</summary>
    public string Part { get; init; } = string.Empty;

    /// <summary>The part of a run's quarantine that the silver stage decides: its conflicts.</summary>
    public const string SilverPart = "silver";

    /// <summary>Whether the file holds what the silver stage decided: silver itself, or conflicts.</summary>
    public bool IsDecidedBySilver => Layer == Layer.Silver || Part.Length > 0;

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
    public string TreePath => $"{Table}/contract_version={ContractVersion}/{Partition.Path}/run_id={RunId}{Suffix}.parquet";

    /// <summary>Path of the immutable file below the lake root.</summary>
    public string DeltaPath => FormattableString.Invariant(
        $"_delta/{Table}/contract_version={ContractVersion}/{Partition.Path}/run_id={RunId}{Suffix}.a{Attempt}{Revised}.parquet");

    private string Suffix => Part.Length == 0 ? string.Empty : $".{Part}";

    private string Revised => Revision == 0 ? string.Empty : FormattableString.Invariant($".r{Revision}");

    /// <summary>The same file at its place in a folder of its own, apart from the tree.</summary>
    public string PathBelow(string folder) => $"{folder}/{TreePath}";

    /// <summary>Reads back a <see cref="DeltaPath"/> of a run; null when it is not one.</summary>
    public static DataFile? Parse(
        string deltaPath, string runId, string sha256, long bytes, long rows, long addedVersion, IReadOnlyList<ColumnStatistics> statistics)
    {
        if (deltaPath.Split('/') is not ["_delta", var layer, var dataset, var version, var year, var month, var day, var hour, var name]
            || ParseLayer(layer) is not { } parsedLayer
            || Value(version, "contract_version=") is not { } contractVersion
            || Value(name, $"run_id={runId}", ".parquet") is not { } rest
            || ParseSuffix(rest) is not { } suffix
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
            RunId = runId,
            Part = suffix.Part,
            Attempt = suffix.Attempt,
            Revision = suffix.Revision,
            AddedVersion = addedVersion,
            Rows = rows,
            Bytes = bytes,
            Sha256 = sha256,
            Statistics = statistics,
        };
        return LakePaths.IsNamedFile(deltaPath) && LakePaths.IsName(dataset) && LakePaths.IsName(contractVersion) && LakePaths.IsName(file.RunId)
            && string.Equals(file.DeltaPath, deltaPath, StringComparison.Ordinal) ? file : null;
    }

    /// <summary>Reads what stands behind the run id: part, attempt and revision.</summary>
    private static (string Part, int Attempt, long Revision)? ParseSuffix(string text)
    {
        var part = text.StartsWith($".{SilverPart}.", StringComparison.Ordinal) ? SilverPart : string.Empty;
        var rest = part.Length == 0 ? text : text[(part.Length + 1)..];
        if (!rest.StartsWith(".a", StringComparison.Ordinal))
        {
            return null;
        }

        var at = rest.IndexOf(".r", StringComparison.Ordinal);
        var isAttempt = int.TryParse(at < 0 ? rest.AsSpan(2) : rest.AsSpan(2, at - 2), NumberStyles.None, CultureInfo.InvariantCulture, out var attempt);
        var revision = 0L;
        var isRevision = at < 0 || long.TryParse(rest.AsSpan(at + 2), NumberStyles.None, CultureInfo.InvariantCulture, out revision);
        return isAttempt && isRevision ? (part, attempt, revision) : null;
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
