using System.Globalization;

namespace RiskLake.Bench;

/// <summary>One way to do the job.</summary>
/// <param name="Name">Name in tables.</param>
/// <param name="Command">Shell command; <c>{in}</c>, <c>{good}</c> and <c>{out}</c> stand for the two inputs and the output folder.</param>
/// <param name="Datasets">Where its datasets lie below the output folder, by the names of validate.sql; none is not validated.</param>
internal sealed record Contestant(string Name, string Command, IReadOnlyDictionary<string, string> Datasets)
{
    public const string Floor = "floor";
    public const string Pipeline = "risklake";

    private static readonly Dictionary<string, string> NoDatasets = new(StringComparer.Ordinal);

    private static readonly Dictionary<string, string> PeerDatasets = new(StringComparer.Ordinal)
    {
        ["BRONZE"] = "bronze/**/*.parquet",
        ["SILVER"] = "silver/**/*.parquet",
        ["QUARANTINE"] = "quarantine.parquet",
        ["BARS"] = "market_bars.parquet",
        ["RETURNS"] = "returns.parquet",
        ["RISK"] = "risk_summary.parquet",
        ["METRICS"] = "data_quality_metrics.parquet",
    };

    private static readonly Dictionary<string, string> LakeDatasets = new(StringComparer.Ordinal)
    {
        ["BRONZE"] = "bronze/market_events/**/*.parquet",
        ["SILVER"] = "silver/market_events/**/*.parquet",
        ["QUARANTINE"] = "quarantine/market_events/**/*.parquet",
        ["BARS"] = "gold/market_bars/**/*.parquet",
        ["RETURNS"] = "gold/returns/**/*.parquet",
        ["RISK"] = "gold/risk_summary/**/*.parquet",
        ["METRICS"] = "gold/data_quality_metrics/**/*.parquet",
    };

    /// <summary>All of them; the pipeline only when its command is given.</summary>
    public static IReadOnlyList<Contestant> All(string self, string? risklake)
    {
        var all = new List<Contestant>
        {
            new(Floor, $"{self} sql bench/peers/floor.sql ORDERED=false WELL_FORMED={{good}} OUT={{out}}", NoDatasets),
            new("floor, file order kept", $"{self} sql bench/peers/floor.sql ORDERED=true WELL_FORMED={{good}} OUT={{out}}", NoDatasets),
            new("DuckDB script", $"{self} sql bench/peers/duckdb.sql INPUT={{in}} OUT={{out}} RUN_ID=bench", PeerDatasets),
            new("Polars script", "node bench/peers/polars.mjs {in} {out} bench", PeerDatasets),
        };
        if (!string.IsNullOrEmpty(risklake))
        {
            all.Add(new(Pipeline, $"{risklake} run --input {{in}} --run-id bench --output-root {{out}}", LakeDatasets));
        }

        return all;
    }

    /// <summary>Does the job once into an empty folder.</summary>
    public Cost Run(EventFile input, string output, string logPath, TimeSpan limit)
    {
        if (Directory.Exists(output))
        {
            Directory.Delete(output, recursive: true);
        }

        Directory.CreateDirectory(output);
        var command = Command
            .Replace("{in}", input.Path, StringComparison.Ordinal)
            .Replace("{good}", input.WellFormedPath, StringComparison.Ordinal)
            .Replace("{out}", output, StringComparison.Ordinal);
        var cost = Child.Run(command, logPath, limit);
        if (cost.ExitCode != 0)
        {
            throw new InvalidOperationException(string.Create(
                CultureInfo.InvariantCulture,
                $"{Name} ended with exit code {cost.ExitCode}; its output:\n{File.ReadAllText(logPath + ".err")}"));
        }

        return cost;
    }

    /// <summary>What the contestant wrote, as the lines of validate.sql; empty when it is not validated.</summary>
    public string Summarise(string self, string output, string logPath)
    {
        if (Datasets.Count == 0)
        {
            return "";
        }

        var values = string.Join(' ', Datasets.Select(dataset => $"'{dataset.Key}={Path.Combine(output, dataset.Value)}'"));
        var cost = Child.Run($"{self} sql bench/peers/validate.sql {values}", logPath, TimeSpan.FromMinutes(5));
        var lines = File.ReadAllText(logPath);
        return cost.ExitCode == 0
            ? lines
            : throw new InvalidOperationException($"The output of {Name} could not be read:\n{File.ReadAllText(logPath + ".err")}");
    }
}
