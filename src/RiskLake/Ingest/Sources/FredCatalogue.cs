using System.Globalization;
using System.Text.RegularExpressions;
using RiskLake.Contracts.Configuration;
using RiskLake.Lake.Errors;

namespace RiskLake.Ingest.Sources;

/// <summary>What is known of a series.</summary>
/// <param name="Id">FRED's id.</param>
/// <param name="Title">For people.</param>
/// <param name="Units">What the numbers mean; never converted.</param>
/// <param name="Frequency">How often there is a value.</param>
/// <param name="Licence">Who owns it, and on what terms it may be used.</param>
/// <param name="MayStore">Whether the owner's terms let a copy be kept.</param>
/// <param name="HasVintages">Whether ALFRED keeps its history of revisions.</param>
internal sealed partial record FredSeries(string Id, string Title, string Units, string Frequency, string Licence, bool MayStore, bool HasVintages)
{
    /// <summary>Units of older vintages, each with the first day on which vintages had them, the latest first.</summary>
    public IReadOnlyList<(string From, string Units)> Vintages { get; init; } = [];

    /// <summary>
    /// What the numbers of a vintage mean. A base year that moves is not stated for vintages it does not fit: neither for those older
    /// than every day the catalogue names, nor for those that no such year can have been the base of.
    /// </summary>
    /// <param name="knownFrom">The first day of the vintage, <c>yyyy-MM-dd</c>.</param>
    public string UnitsOf(string knownFrom)
    {
        foreach (var (from, units) in Vintages)
        {
            if (string.CompareOrdinal(knownFrom, from) >= 0)
            {
                return units;
            }
        }

        var year = Year().Matches(Units).Select(match => match.Value).Max(StringComparer.Ordinal);
        return year is null || (Vintages.Count == 0 && string.CompareOrdinal(knownFrom[..Math.Min(4, knownFrom.Length)], year) > 0)
            ? Units
            : Space().Replace(Base().Replace(Units, " "), " ").Trim() + ", base year not stated";
    }

    [GeneratedRegex("(19|20)[0-9]{2}", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Year();

    // A year, a span of years, a quarter or month with the 100 that it stands for.
    [GeneratedRegex("((Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]* )?(19|20)[0-9]{2}(-(19|20)?[0-9]{2})?(:Q[1-4])?(=100)?",
        RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Base();

    [GeneratedRegex(" {2,}", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Space();
}

/// <summary>The series of <c>config/fred_series.yaml</c>: units, frequency and licence, which the bodies do not carry.</summary>
internal sealed class FredCatalogue
{
    /// <summary>What the terms of use want shown.</summary>
    public const string Notice =
        "This product uses the FRED® API but is not endorsed or certified by the Federal Reserve Bank of St. Louis.";

    private static readonly ConfigShape Shape = ConfigShape.Map(
        ("series!", ConfigShape.ListOf(
            ConfigShape.Map(
                ("id!", ConfigShape.Text),
                ("title!", ConfigShape.Text),
                ("units!", ConfigShape.Text),
                ("vintage_units", ConfigShape.ListOf(ConfigShape.Map(("from!", ConfigShape.Text), ("units!", ConfigShape.Text)), 1)),
                ("frequency!", ConfigShape.Text),
                ("licence!", ConfigShape.Text),
                ("store!", ConfigShape.Boolean),
                ("vintages!", ConfigShape.Boolean),
                ("note", ConfigShape.Text)),
            1)));

    private readonly SortedDictionary<string, FredSeries> _series = new(StringComparer.Ordinal);

    public IReadOnlyCollection<FredSeries> Series => _series.Values;

    /// <exception cref="RiskLakeException">RL1101 or RL1102.</exception>
    public static FredCatalogue Load(string path)
    {
        var file = ConfigFile.Read(path);
        var problems = new ConfigProblems(file.Path, ErrorCode.ConfigurationInvalid);
        Shape.Check(file.Root, "the series catalogue", problems);
        problems.ThrowIfAny();
        var catalogue = new FredCatalogue();
        foreach (var node in file.Root.ListOf("series"))
        {
            var id = node.TextOf("id")!;
            var series = new FredSeries(
                id, node.TextOf("title")!, node.TextOf("units")!, node.TextOf("frequency")!, node.TextOf("licence")!,
                node.BooleanOf("store") == true, node.BooleanOf("vintages") == true)
            {
                Vintages = VintagesOf(node, problems),
            };
            if (!catalogue._series.TryAdd(id, series))
            {
                problems.Error("C010", node["id"]!, $"the series '{id}' again", "each series once", "remove one of the two");
            }
        }

        problems.ThrowIfAny();
        return catalogue;
    }

    private static (string From, string Units)[] VintagesOf(ConfigNode series, ConfigProblems problems)
    {
        foreach (var node in series.ListOf("vintage_units"))
        {
            if (!DateOnly.TryParseExact(node.TextOf("from"), "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out _))
            {
                problems.Error("C006", node["from"]!, node["from"]!.Describe(), "a date such as \"2023-09-28\"", "correct the value");
            }
        }

        return [.. series.ListOf("vintage_units").Select(node => (node.TextOf("from") ?? "", node.TextOf("units") ?? ""))
            .OrderByDescending(pair => pair.Item1, StringComparer.Ordinal)];
    }

    /// <summary>A series that may be stored.</summary>
    /// <param name="id">FRED's id.</param>
    /// <param name="isAllowed">Whether the user answers for the licence.</param>
    public FredSeries Require(string id, bool isAllowed)
    {
        var series = _series.GetValueOrDefault(id) ?? throw new RiskLakeException(
            ErrorCode.SourceUnknown, $"series {id}", "no entry in the series catalogue", "units, frequency and licence of the series",
            Spelling.Nearest(id, _series.Keys) is { } near ? $"did you mean {near}? else add it to fred_series.yaml" : "add it to fred_series.yaml");
        return series.MayStore || isAllowed ? series : throw new RiskLakeException(
            ErrorCode.LicenceForbids, $"series {id}", $"the licence '{series.Licence}'", "a series that may be stored",
            "get the owner's permission, then say so with --licence-permits-storing");
    }
}
