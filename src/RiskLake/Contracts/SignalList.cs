using System.Globalization;
using RiskLake.Contracts.Configuration;
using RiskLake.Lake.Errors;
using RiskLake.Risk.Measures;

namespace RiskLake.Contracts;

/// <summary>A signal that risk carries.</summary>
/// <param name="Name">The source's id of the series; the key in the column <c>signals</c>.</param>
/// <param name="Source">Who delivers it.</param>
/// <param name="MaxAgeDays">Days after its period from which a value is too old to be shown; null shows any.</param>
internal sealed record SignalEntry(string Name, string Source, int? MaxAgeDays);

/// <summary>The signals of <c>config/signals.yaml</c>, ordered by name.</summary>
internal sealed record SignalList
{
    private const string DefaultDataset = "external_signals";

    private static readonly ConfigShape Shape = ConfigShape.Map(
        ("dataset", ConfigShape.Identifier),
        ("known_by", ConfigShape.Word("publication", "receipt")),
        ("signals!", ConfigShape.ListOf(ConfigShape.Map(
            ("name!", ConfigShape.Text),
            ("source!", ConfigShape.Text),
            ("max_age_days", ConfigShape.Integer)))));

    /// <summary>The dataset that holds them.</summary>
    public required string Dataset { get; init; }

    /// <summary>Whether a value counts as known only from when this lake had received it, however long ago it was published.</summary>
    public required bool IsByReceipt { get; init; }

    public required IReadOnlyList<SignalEntry> Entries { get; init; }

    /// <summary>Digest of the normalised list, lower-case hex.</summary>
    public required string Sha256 { get; init; }

    /// <exception cref="RiskLakeException">RL1101 if an entry is not acceptable, RL1102 if there is no such file.</exception>
    public static SignalList Load(string path)
    {
        var file = ConfigFile.Read(path);
        var problems = new ConfigProblems(file.Path, ErrorCode.ConfigurationInvalid);
        Shape.Check(file.Root, "the signals", problems);
        problems.ThrowIfAny();
        var entries = new SortedDictionary<string, SignalEntry>(StringComparer.Ordinal);
        foreach (var node in file.Root.ListOf("signals"))
        {
            var entry = new SignalEntry(node.TextOf("name")!, node.TextOf("source")!, Age(node["max_age_days"], problems));
            if (!entries.TryAdd(entry.Name, entry))
            {
                problems.Error("C010", node["name"]!, $"the signal '{entry.Name}' again", "each name once", "remove one of the two");
            }
        }

        problems.ThrowIfAny();
        var (dataset, isByReceipt) = (file.Root.TextOf("dataset") ?? DefaultDataset, file.Root.TextOf("known_by") == "receipt");
        return new SignalList
        {
            Dataset = dataset,
            IsByReceipt = isByReceipt,
            Entries = [.. entries.Values],
            Sha256 = Digest(dataset, isByReceipt, entries.Values),
        };
    }

    private static int? Age(ConfigNode? node, ConfigProblems problems)
    {
        if (node is null || node.AsInteger is >= 0 and <= 36_500)
        {
            return (int?)node?.AsInteger;
        }

        problems.Error("S006", node, $"{node.Describe()} for max_age_days", "0 to 36500 days", "correct the value");
        return null;
    }

    private static string Digest(string dataset, bool isByReceipt, IEnumerable<SignalEntry> entries)
    {
        var text = new CanonicalText("signals-hash/1").Add("dataset", dataset).Add("known_by", isByReceipt ? "receipt" : "publication");
        foreach (var entry in entries)
        {
            text.Add("name", entry.Name).Add("source", entry.Source).Add("max_age_days", entry.MaxAgeDays?.ToString(CultureInfo.InvariantCulture) ?? "");
        }

        return text.Sha256();
    }
}
