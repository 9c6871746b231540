using RiskLake.Contracts;
using RiskLake.Contracts.Configuration;
using RiskLake.Lake.Errors;
using RiskLake.Risk;
using RiskLake.Risk.Measures;

namespace RiskLake.Desk.Portfolios;

/// <summary>Reads the file of portfolios and reports every mistake in it at once.</summary>
internal sealed class PortfolioReader(ConfigFile file, SymbolList symbols)
{
    private static readonly ConfigShape HoldingsShape = ConfigShape.Map(
        EffectivePeriod.FromKey,
        EffectivePeriod.ToKey,
        ("weights", ConfigShape.MapOf(ConfigShape.Number)),
        ("quantities", ConfigShape.MapOf(ConfigShape.Number)));

    private static readonly ConfigShape MandateShape = ConfigShape.Map(
        EffectivePeriod.FromKey,
        EffectivePeriod.ToKey,
        ("owner!", ConfigShape.Text),
        ("max_gross_leverage", ConfigShape.Number),
        ("max_net_leverage", ConfigShape.Number),
        ("max_position", ConfigShape.Number),
        ("max_value_at_risk", ConfigShape.Number),
        ("method", ConfigShape.Word(PortfolioMethod.Names)),
        ("confidence", ConfigShape.Number));

    private static readonly ConfigShape Shape = ConfigShape.Map(
        ("defaults", ConfigShape.Map(("base_currency", ConfigShape.Text))),
        ("portfolios!", ConfigShape.ListOf(
            ConfigShape.Map(
                ("id!", ConfigShape.Identifier),
                ("name", ConfigShape.Text),
                ("path", ConfigShape.Text),
                ("base_currency", ConfigShape.Text),
                ("capital", ConfigShape.Number),
                ("holdings!", ConfigShape.ListOf(HoldingsShape, 1)),
                ("mandates", ConfigShape.ListOf(MandateShape))))));

    private readonly ConfigProblems _problems = new(file.Path, ErrorCode.ConfigurationInvalid);

    public PortfolioBook Read()
    {
        Shape.Check(file.Root, "the portfolios", _problems);
        _problems.ThrowIfAny();
        var lines = new Dictionary<string, int>(StringComparer.OrdinalIgnoreCase);
        List<Portfolio> portfolios = [];
        foreach (var node in file.Root.ListOf("portfolios"))
        {
            portfolios.Add(ReadPortfolio(node));
            if (!lines.TryAdd(portfolios[^1].Id, node.Line))
            {
                _problems.Error(
                    "C010",
                    node["id"]!,
                    $"the portfolio '{portfolios[^1].Id}' again",
                    FormattableString.Invariant($"each id once, ignoring case; the first is on line {lines[portfolios[^1].Id]}"),
                    "choose another id");
            }
        }

        RequireTree(portfolios);
        _problems.ThrowIfAny();
        return new() { Portfolios = portfolios, Sha256 = Digest(portfolios) };
    }

    private Portfolio ReadPortfolio(ConfigNode node)
    {
        var id = node.TextOf("id")!;
        var currency = node["base_currency"] ?? file.Root.MapOf("defaults")?["base_currency"];
        if (currency is null)
        {
            _problems.Error("C003", node, "no 'base_currency'", "an ISO 4217 code", "add 'base_currency:' here or under 'defaults:'");
        }
        else if (currency.Text.Length != 3 || !currency.Text.All(char.IsAsciiLetterUpper))
        {
            _problems.Error("P001", currency, $"{currency.Describe()} for base_currency", "an ISO 4217 code", "correct the value");
        }

        var capital = Positive(node, "capital");
        var parent = ReadPath(node["path"]);
        var holdings = node.ListOf("holdings").Select(ReadHoldings).ToArray();
        EffectivePeriod.RequireApart(
            [.. holdings.Zip(node.ListOf("holdings"), (entry, at) => (entry.Period, at))], "holdings", _problems);
        if (parent is not null && capital is null && holdings.Any(entry => !entry.AreQuantities))
        {
            _problems.Error(
                "P005", node["path"]!, $"the path '{parent}' and weights without capital", "amounts of money, which add up a hierarchy",
                "give the portfolio its 'capital:', or take its path away");
        }

        var mandates = node.ListOf("mandates").Select(mandate => ReadMandate(mandate, capital, holdings)).ToArray();
        EffectivePeriod.RequireApart(
            [.. mandates.Zip(node.ListOf("mandates"), (entry, at) => (entry.Period, at))], "a mandate", _problems);
        return new Portfolio
        {
            Id = id,
            Name = node.TextOf("name") ?? id,
            Path = parent is null ? id : $"{parent}/{id}",
            BaseCurrency = currency?.Text ?? "",
            Capital = capital,
            Holdings = holdings,
            Mandates = mandates,
        };
    }

    private string? ReadPath(ConfigNode? node)
    {
        if (node is null)
        {
            return null;
        }

        var segments = node.Text.Split('/');
        if (segments.Any(segment => segment.Length == 0 || segment.Any(c => !char.IsAsciiLetterOrDigit(c) && c is not ('_' or '-'))))
        {
            _problems.Error(
                "P002", node, $"{node.Describe()} for path", "names of letters, digits, '_' and '-', with single slashes between them",
                "write the nodes above the portfolio, the root first: firm/desk");
        }

        return node.Text;
    }

    private Holdings ReadHoldings(ConfigNode node)
    {
        var (weights, quantities) = (node.MapOf("weights"), node.MapOf("quantities"));
        if ((weights is null) == (quantities is null))
        {
            _problems.Error(
                "P003", node, weights is null ? "neither weights nor quantities" : "weights and quantities", "exactly one of the two",
                "write 'weights:' for shares of the portfolio's value, 'quantities:' for units");
        }

        List<Holding> positions = [];
        foreach (var (key, value) in (weights ?? quantities)?.Entries ?? [])
        {
            if (symbols.Find(key.Text) is null)
            {
                _problems.Error(
                    "P004", key, $"the unknown symbol {key.Describe()}", "a symbol of the symbol list",
                    Spelling.Suggest(key.Text, symbols.Entries.Select(entry => entry.Symbol)));
            }

            if (value.AsNumber is not { } amount || !double.IsFinite(amount) || amount == 0.0)
            {
                _problems.Error(
                    "P006", value, $"{value.Describe()} for {key.Text}", "a finite number that is not 0", "a position of nothing is left out");
                continue;
            }

            positions.Add(new Holding(key.Text, amount));
        }

        return new Holdings(
            EffectivePeriod.Read(node, _problems), weights is null, [.. positions.OrderBy(holding => holding.Symbol, StringComparer.Ordinal)]);
    }

    private Mandate ReadMandate(ConfigNode node, double? capital, IReadOnlyList<Holdings> holdings)
    {
        var mandate = new Mandate
        {
            Period = EffectivePeriod.Read(node, _problems),
            Owner = node.TextOf("owner")!,
            MaxGrossLeverage = Positive(node, "max_gross_leverage"),
            MaxNetLeverage = Positive(node, "max_net_leverage"),
            MaxPosition = Positive(node, "max_position"),
            MaxValueAtRisk = Positive(node, "max_value_at_risk"),
            Method = node.TextOf("method"),
            Confidence = ConfidenceText.Read(node["confidence"], _problems),
        };
        if (mandate is { MaxGrossLeverage: null, MaxNetLeverage: null, MaxPosition: null, MaxValueAtRisk: null })
        {
            _problems.Error("P007", node, "a mandate that restricts nothing", "at least one maximum", "add one, or remove the mandate");
        }

        var hasMeasure = mandate is { Method: not null, Confidence: not null };
        if ((mandate.MaxValueAtRisk is not null && !hasMeasure)
            || (mandate.MaxValueAtRisk is null && (mandate.Method is not null || mandate.Confidence is not null)))
        {
            _problems.Error(
                "P008", node, "part of a limit on value at risk", "'max_value_at_risk', 'method' and 'confidence' together, or none of them",
                "complete the three");
        }

        if (capital is null && holdings.Any(entry => entry.AreQuantities))
        {
            _problems.Error(
                "P009", node, "a mandate over quantities without capital", "capital to measure leverage by",
                "give the portfolio its 'capital:'");
        }

        return mandate;
    }

    private double? Positive(ConfigNode node, string key)
    {
        if (node[key] is not { } value)
        {
            return null;
        }

        if (value.AsNumber is > 0 and < double.PositiveInfinity and var number)
        {
            return number;
        }

        _problems.Error("P010", value, $"{value.Describe()} for {key}", "a finite number above 0", "correct the value");
        return null;
    }

    /// <summary>A node is either a portfolio or a group of some.</summary>
    private void RequireTree(IReadOnlyList<Portfolio> portfolios)
    {
        var groups = portfolios.SelectMany(portfolio => portfolio.Ancestors).ToHashSet(StringComparer.OrdinalIgnoreCase);
        foreach (var (portfolio, node) in portfolios.Zip(file.Root.ListOf("portfolios")).Where(pair => groups.Contains(pair.First.Path)))
        {
            _problems.Error(
                "P011", node["id"]!, $"the portfolio '{portfolio.Path}', under which others stand", "a portfolio at the end of its path",
                "choose another id, or another path for the others");
        }
    }

    public static string Digest(IReadOnlyList<Portfolio> portfolios)
    {
        var text = new CanonicalText("portfolios-hash/1");
        foreach (var portfolio in portfolios)
        {
            text.Add("portfolio", portfolio.Id).Add("path", portfolio.Path).Add("base_currency", portfolio.BaseCurrency);
            Add(text, "capital", portfolio.Capital);
            foreach (var holdings in portfolio.Holdings)
            {
                text.Add(holdings.AreQuantities ? "quantities" : "weights", holdings.Period.ToString());
                foreach (var (symbol, amount) in holdings.Positions)
                {
                    text.Add("symbol", symbol).Add("amount", amount);
                }
            }

            foreach (var mandate in portfolio.Mandates)
            {
                text.Add("mandate", mandate.Period.ToString()).Add("owner", mandate.Owner);
                Add(text, "max_gross_leverage", mandate.MaxGrossLeverage);
                Add(text, "max_net_leverage", mandate.MaxNetLeverage);
                Add(text, "max_position", mandate.MaxPosition);
                Add(text, "max_value_at_risk", mandate.MaxValueAtRisk);
                text.Add("method", mandate.Method).Add("confidence", mandate.Confidence?.ToString());
            }
        }

        return text.Sha256();
    }

    private static void Add(CanonicalText text, string key, double? value)
    {
        if (value is { } number)
        {
            text.Add(key, number);
        }
    }
}
