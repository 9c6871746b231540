using System.Globalization;
using RiskLake.Contracts.Configuration;
using RiskLake.Lake.Errors;
using RiskLake.Risk.Measures;

namespace RiskLake.Contracts;

/// <summary>One instrument of the desk.</summary>
/// <param name="Symbol">As silver spells it: trimmed, upper case.</param>
/// <param name="Market">Calendar of the venue it trades on, by market identifier code.</param>
/// <param name="Currency">ISO 4217.</param>
/// <param name="Tick">Smallest price step.</param>
/// <param name="Sources">Who may deliver prices, the most trusted first.</param>
/// <param name="StartPrice">Price at which the built-in sample begins; whole ticks. Nothing else needs it.</param>
/// <param name="AnnualVolatility">Yearly volatility of the built-in sample, 0.25 = 25 %. Nothing else needs it.</param>
/// <param name="Name">For people.</param>
internal sealed record SymbolEntry(
    string Symbol,
    string Market,
    string Currency,
    decimal Tick,
    IReadOnlyList<string> Sources,
    decimal? StartPrice,
    double? AnnualVolatility,
    string Name);

/// <summary>The instruments of <c>config/symbols.yaml</c>, in the order of the file.</summary>
internal sealed record SymbolList
{
    private static readonly ConfigShape Entry = ConfigShape.Map(
        ("symbol!", ConfigShape.Text),
        ("name", ConfigShape.Text),
        ("market", ConfigShape.Text),
        ("currency", ConfigShape.Text),
        ("tick", ConfigShape.Number),
        ("sources", ConfigShape.ListOf(ConfigShape.Text, 1)),
        ("start_price", ConfigShape.Number),
        ("annual_volatility", ConfigShape.Number));

    private static readonly ConfigShape Shape = ConfigShape.Map(
        ("defaults", ConfigShape.Map(
            ("market", ConfigShape.Text),
            ("currency", ConfigShape.Text),
            ("tick", ConfigShape.Number),
            ("sources", ConfigShape.ListOf(ConfigShape.Text, 1)))),
        ("symbols!", ConfigShape.ListOf(Entry, 1)));

    public required IReadOnlyList<SymbolEntry> Entries { get; init; }

    /// <summary>Digest of the normalised list, lower-case hex.</summary>
    public required string Sha256 { get; init; }

    /// <summary>The entry of a symbol as silver spells it, or null.</summary>
    public SymbolEntry? Find(string symbol) =>
        Entries.FirstOrDefault(entry => string.Equals(entry.Symbol, symbol, StringComparison.Ordinal));

    /// <exception cref="RiskLakeException">RL1101 if an entry is not acceptable, RL1102 if there is no such file.</exception>
    public static SymbolList Load(string path) => Load(ConfigFile.Read(path));

    public static SymbolList Load(ConfigFile file)
    {
        var problems = new ConfigProblems(file.Path, ErrorCode.ConfigurationInvalid);
        Shape.Check(file.Root, "the symbol list", problems);
        problems.ThrowIfAny();
        var defaults = file.Root.MapOf("defaults");
        var seen = new Dictionary<string, int>(StringComparer.Ordinal);
        var entries = new List<SymbolEntry>();
        foreach (var node in file.Root.ListOf("symbols"))
        {
            entries.Add(Read(node, defaults, problems));
            if (!seen.TryAdd(entries[^1].Symbol, node.Line))
            {
                problems.Error(
                    "C010",
                    node["symbol"]!,
                    $"the symbol '{entries[^1].Symbol}' again",
                    FormattableString.Invariant($"each symbol once; the first is on line {seen[entries[^1].Symbol]}"),
                    "remove one of the two");
            }
        }

        problems.ThrowIfAny();
        return new() { Entries = entries, Sha256 = Digest(entries) };
    }

    private static SymbolEntry Read(ConfigNode node, ConfigNode? defaults, ConfigProblems problems)
    {
        ConfigNode? Value(string key) => node[key] ?? defaults?[key];
        var symbol = node.TextOf("symbol")!;
        if (symbol.Length is 0 or > 64 || !string.Equals(symbol, symbol.Trim().ToUpperInvariant(), StringComparison.Ordinal))
        {
            problems.Error(
                "S001", node["symbol"]!, node["symbol"]!.Describe(), "a symbol in capitals without spaces around it",
                "spell it as silver does");
        }

        var market = Text(node, Value("market"), "market", IsCalendar, "a calendar such as XNYS (the market's MIC), CMES or 24-7", problems);
        var currency = Text(node, Value("currency"), "currency", text => text.Length == 3 && text.All(char.IsAsciiLetterUpper),
            "an ISO 4217 code", problems);
        var tick = Positive(node, Value("tick"), "tick", problems);
        var price = node["start_price"] is { } start ? Positive(node, start, "start_price", problems) : (decimal?)null;
        if (tick > 0 && price is { } whole && whole % tick != 0)
        {
            problems.Error("S002", node["start_price"]!, node["start_price"]!.Describe(), "a whole number of ticks",
                "round it to the tick");
        }

        var volatility = node["annual_volatility"]?.AsNumber;
        if (volatility is not (null or (> 0 and <= 10)))
        {
            problems.Error(
                "S003", node["annual_volatility"]!, node["annual_volatility"]!.Describe(), "a number above 0, at most 10",
                "25 % is written 0.25");
        }

        var sources = (Value("sources")?.Items ?? []).Select(item => item.Text).ToList();
        if (sources.Count != sources.Distinct(StringComparer.Ordinal).Count())
        {
            problems.Error("C010", Value("sources")!, "a source twice", "each source once", "remove one of the two");
        }

        return new(symbol, market, currency, tick, sources, price, volatility, node.TextOf("name") ?? symbol);
    }

    private static bool IsCalendar(string text) =>
        text.Length is >= 2 and <= 16 && text.All(c => char.IsAsciiLetterUpper(c) || char.IsAsciiDigit(c) || c is '-' or '_');

    private static string Text(
        ConfigNode entry, ConfigNode? node, string what, Func<string, bool> accept, string expected, ConfigProblems problems)
    {
        if (node is null)
        {
            problems.Error("C003", entry, $"no '{what}'", expected, $"add '{what}:' here or under 'defaults:'");
            return "";
        }

        if (!accept(node.Text))
        {
            problems.Error("S004", node, $"{node.Describe()} for {what}", expected, "correct the value");
        }

        return node.Text;
    }

    private static decimal Positive(ConfigNode entry, ConfigNode? node, string what, ConfigProblems problems)
    {
        if (node is null)
        {
            problems.Error("C003", entry, $"no '{what}'", "a number above 0", $"add '{what}:' here or under 'defaults:'");
            return 0;
        }

        if (node.AsDecimal is > 0 and < 1_000_000_000 and var value)
        {
            return value;
        }

        problems.Error("S005", node, $"{node.Describe()} for {what}", "a number above 0", "correct the value");
        return 0;
    }

    private static string Digest(IReadOnlyList<SymbolEntry> entries)
    {
        var text = new CanonicalText("symbols-hash/1");
        foreach (var entry in entries)
        {
            text.Add("symbol", entry.Symbol)
                .Add("market", entry.Market)
                .Add("currency", entry.Currency)
                .Add("tick", entry.Tick.ToString("0.############################", CultureInfo.InvariantCulture))
                .Add("start_price", entry.StartPrice?.ToString("0.############################", CultureInfo.InvariantCulture));
            if (entry.AnnualVolatility is { } volatility)
            {
                text.Add("annual_volatility", volatility);
            }

            foreach (var source in entry.Sources)
            {
                text.Add("source", source);
            }
        }

        return text.Sha256();
    }
}
