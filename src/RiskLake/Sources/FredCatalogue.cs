using RiskLake.Contracts.Configuration;
using RiskLake.Errors;

namespace RiskLake.Sources;

/// <summary>What is known of a series.</summary>
/// <param name="Id">FRED's id.</param>
/// <param name="Title">For people.</param>
/// <param name="Units">What the numbers mean; never converted.</param>
/// <param name="Frequency">How often there is a value.</param>
/// <param name="Licence">Who owns it, and on what terms it may be used.</param>
/// <param name="MayStore">Whether the owner's terms let a copy be kept.</param>
/// <param name="HasVintages">Whether ALFRED keeps its history of revisions.</param>
internal sealed record FredSeries(string Id, string Title, string Units, string Frequency, string Licence, bool MayStore, bool HasVintages);

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
                node.BooleanOf("store") == true, node.BooleanOf("vintages") == true);
            if (!catalogue._series.TryAdd(id, series))
            {
                problems.Error("C010", node["id"]!, $"the series '{id}' again", "each series once", "remove one of the two");
            }
        }

        problems.ThrowIfAny();
        return catalogue;
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
