using RiskLake.Contracts;
using RiskLake.Contracts.Configuration;
using RiskLake.Desk.Portfolios;
using RiskLake.Lake.Errors;

namespace RiskLake.Desk.Limits;

/// <summary>Reads the file of limits and reports every mistake in it at once.</summary>
internal sealed class LimitReader(ConfigFile file, SymbolList symbols, PortfolioBook portfolios)
{
    private const string All = "all";

    private static readonly ConfigShape ScopeShape = ConfigShape.Either(ConfigShape.Word(All), ConfigShape.ListOf(ConfigShape.Text, 1));

    private static readonly ConfigShape Shape = ConfigShape.Map(
        ("limits!", ConfigShape.ListOf(ConfigShape.Map(
            ("id!", ConfigShape.Identifier),
            ("owner!", ConfigShape.Text),
            ("symbols", ScopeShape),
            ("portfolios", ScopeShape),
            ("nodes", ScopeShape),
            ("measure!", ConfigShape.Word(LimitedMeasure.Names)),
            ("method", ConfigShape.Identifier),
            ("confidence", ConfigShape.Number),
            ("horizon", ConfigShape.Integer),
            ("unit", ConfigShape.Text),
            ("clean_days", ConfigShape.Integer),
            ("thresholds!", ConfigShape.ListOf(
                ConfigShape.Map(
                    EffectivePeriod.FromKey,
                    EffectivePeriod.ToKey,
                    ("warn!", ConfigShape.Number),
                    ("critical!", ConfigShape.Number)),
                1))))));

    private readonly ConfigProblems _problems = new(file.Path, ErrorCode.ConfigurationInvalid);

    public IReadOnlyList<LimitDefinition> Read()
    {
        Shape.Check(file.Root, "the limits", _problems);
        _problems.ThrowIfAny();
        var lines = new Dictionary<string, int>(StringComparer.OrdinalIgnoreCase);
        List<LimitDefinition> limits = [];
        foreach (var node in file.Root.ListOf("limits"))
        {
            limits.Add(ReadLimit(node));
            if (!lines.TryAdd(limits[^1].Id, node.Line))
            {
                _problems.Error(
                    "C010",
                    node["id"]!,
                    $"the limit '{limits[^1].Id}' again",
                    FormattableString.Invariant($"each id once, ignoring case; the first is on line {lines[limits[^1].Id]}"),
                    "choose another id, or write its other amounts under its thresholds");
            }
        }

        _problems.ThrowIfAny();
        return limits;
    }

    private LimitDefinition ReadLimit(ConfigNode node)
    {
        var scopes = ReadScopes(node);
        var thresholds = node.ListOf("thresholds").Select(ReadThresholds).ToArray();
        EffectivePeriod.RequireApart(
            [.. thresholds.Zip(node.ListOf("thresholds"), (entry, at) => (entry.Period, at))], "thresholds", _problems);
        return new LimitDefinition
        {
            Id = node.TextOf("id")!,
            Owner = node.TextOf("owner")!,
            Measure = ReadMeasure(node),
            Scopes = scopes,
            CleanDays = Whole(node, "clean_days", 250),
            Thresholds = thresholds,
        };
    }

    private LimitedMeasure ReadMeasure(ConfigNode node)
    {
        var measure = node.TextOf("measure")!;
        Accompanies(node, measure, "method", LimitedMeasure.HasMethod(measure));
        Accompanies(node, measure, "confidence", LimitedMeasure.HasConfidence(measure));
        var ofSymbols = node["symbols"] is not null;
        if (ofSymbols && !LimitedMeasure.HasMethod(measure))
        {
            _problems.Error("L002", node["measure"]!, $"{measure} of symbols", "a measure that symbols have", "hold it against portfolios or nodes");
        }

        CheckMethod(node, measure, ofSymbols);
        CheckUnit(node, measure, ofSymbols);
        return new LimitedMeasure(
            measure, node.TextOf("method"), ConfidenceText.Read(node["confidence"], _problems), Whole(node, "horizon", 250),
            node.TextOf("unit") ?? LimitedMeasure.Fraction);
    }

    /// <summary>The unit may be left out where there is only one.</summary>
    private void CheckUnit(ConfigNode node, string measure, bool ofSymbols)
    {
        string[] words = !LimitedMeasure.HasMethod(measure) || (ofSymbols && LimitedMeasure.HasConfidence(measure)) ? [LimitedMeasure.Fraction]
            : ofSymbols ? [LimitedMeasure.Fraction, LimitedMeasure.AnnualFraction]
            : [LimitedMeasure.Fraction, "an ISO 4217 code"];
        var expected = string.Join(" or ", words);
        if (node["unit"] is not { } unit)
        {
            if (words.Length > 1)
            {
                _problems.Error("L003", node, $"no unit of {measure}", expected, "say in which unit the amounts are: 'unit: fraction'");
            }

            return;
        }

        var isCurrency = !ofSymbols && words.Length > 1 && unit.Text.Length == 3 && unit.Text.All(char.IsAsciiLetterUpper);
        if (!isCurrency && !words.Contains(unit.Text, StringComparer.Ordinal))
        {
            _problems.Error("L003", unit, $"{unit.Describe()} for the unit of {measure}", expected, "correct the unit");
        }
    }

    private void Accompanies(ConfigNode node, string measure, string key, bool isNeeded)
    {
        if (isNeeded && node[key] is null)
        {
            _problems.Error("C003", node, $"no '{key}' of {measure}", $"the {key} the amounts are about", $"add '{key}:'");
        }
        else if (!isNeeded && node[key] is { } superfluous)
        {
            _problems.Error("C011", superfluous, $"a {key} of {measure}", $"no '{key}': {measure} has none", "remove it");
        }
    }

    private void CheckMethod(ConfigNode node, string measure, bool ofSymbols)
    {
        if (node["method"] is not { } method || !LimitedMeasure.HasMethod(measure))
        {
            return;
        }

        var known = ofSymbols ? LimitMethods.OfSymbols(measure) : PortfolioMethod.Names;
        if (!known.Contains(method.Text, StringComparer.Ordinal))
        {
            _problems.Error(
                "L004", method, $"{method.Describe()} for the method of {measure}", $"one of {string.Join(", ", known)}",
                Spelling.Suggest(method.Text, known));
        }
    }

    private LimitScope[] ReadScopes(ConfigNode node)
    {
        var kinds = new[] { ("symbols", LimitScope.Symbol), ("portfolios", LimitScope.Portfolio), ("nodes", LimitScope.Node) }
            .Where(pair => node[pair.Item1] is not null).ToArray();
        if (kinds.Length != 1)
        {
            _problems.Error(
                "L001", node, kinds.Length == 0 ? "a limit of nothing" : "a limit of several kinds", "one of symbols, portfolios, nodes",
                kinds.Length == 0 ? "say what it is held against" : "make one limit for each");
            return [];
        }

        var (key, kind) = kinds[0];
        string[] known = kind switch
        {
            LimitScope.Symbol => [.. symbols.Entries.Select(entry => entry.Symbol)],
            LimitScope.Portfolio => [.. portfolios.Portfolios.Select(portfolio => portfolio.Id)],
            _ => [.. portfolios.Portfolios.SelectMany(portfolio => portfolio.Ancestors).Distinct(StringComparer.Ordinal)],
        };
        var value = node[key]!;
        if (value.Kind == ConfigKind.Text)
        {
            return [.. known.Order(StringComparer.Ordinal).Select(name => new LimitScope(kind, name))];
        }

        foreach (var item in value.Items.Where(item => !known.Contains(item.Text, StringComparer.Ordinal)))
        {
            _problems.Error(
                "L005", item, $"the unknown {kind} {item.Describe()}",
                kind == LimitScope.Node ? "a node above a portfolio, written from the root down" : $"a {kind} of the configuration",
                Spelling.Suggest(item.Text, known));
        }

        var names = value.Items.Select(item => item.Text).ToArray();
        if (names.Distinct(StringComparer.Ordinal).Count() != names.Length)
        {
            _problems.Error("C010", value, $"a {kind} twice", $"each {kind} once", "remove one of the two");
        }

        return [.. names.Order(StringComparer.Ordinal).Select(name => new LimitScope(kind, name))];
    }

    private LimitThresholds ReadThresholds(ConfigNode node)
    {
        var (warn, critical) = (Amount(node, "warn"), Amount(node, "critical"));
        if (warn > critical)
        {
            _problems.Error("L007", node["warn"]!, node["warn"]!.Describe(), "warn <= critical", "swap or correct the two amounts");
        }

        return new LimitThresholds(EffectivePeriod.Read(node, _problems), warn, critical);
    }

    private double Amount(ConfigNode node, string key)
    {
        if (node[key]?.AsNumber is > 0 and < double.PositiveInfinity and var value)
        {
            return value;
        }

        _problems.Error("L006", node[key]!, $"{node[key]!.Describe()} for {key}", "a finite number above 0", "3 % is written 0.03");
        return 0.0;
    }

    private int Whole(ConfigNode node, string key, int most)
    {
        if (node[key] is not { } value)
        {
            return 1;
        }

        if (value.AsInteger is >= 1 and var whole && whole <= most)
        {
            return (int)whole;
        }

        _problems.Error("L008", value, $"{value.Describe()} for {key}", FormattableString.Invariant($"1 to {most}"), "correct the value");
        return 1;
    }
}
