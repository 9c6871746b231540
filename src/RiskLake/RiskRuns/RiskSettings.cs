using RiskLake.Contracts;
using RiskLake.Contracts.Configuration;
using RiskLake.Lake.Errors;
using RiskLake.Risk;
using RiskLake.Risk.Measures;

namespace RiskLake.RiskRuns;

/// <summary>A horizon beyond one session.</summary>
internal sealed record Horizon(int Sessions, HorizonRule Rule);

/// <summary>What runs of risk measure, and how: <c>config/risk_measures.yaml</c>.</summary>
internal sealed record RiskSettings
{
    /// <summary>Of the numbers of one session.</summary>
    public required MeasureSettings Measures { get; init; }

    /// <summary>Horizons beside one session: VaR and ES alone.</summary>
    public required IReadOnlyList<Horizon> Horizons { get; init; }

    /// <summary>Most returns a measure looks back.</summary>
    public required int Window { get; init; }

    /// <summary>Fewest returns for a number.</summary>
    public required int Minimum { get; init; }

    /// <summary>Oldest last price that still is one of the valuation session, in sessions.</summary>
    public required int MaxStaleSessions { get; init; }

    /// <summary>Of the estimates; the periods of a year are those of <see cref="Annualising"/>.</summary>
    public required VolatilitySettings Volatility { get; init; }

    public required Annualising Annualising { get; init; }

    /// <summary>One for each confidence of the backtests.</summary>
    public required IReadOnlyList<BacktestSettings> Backtests { get; init; }

    public required IReadOnlyList<TailMethod> BacktestMethods { get; init; }

    /// <summary>Returns each forecast of a backtest rests on.</summary>
    public required int ForecastWindow { get; init; }

    /// <summary>Most days a backtest looks at.</summary>
    public required int BacktestDays { get; init; }

    public required int CorrelationWindow { get; init; }

    public required IReadOnlyList<CorrelationMethod> CorrelationMethods { get; init; }

    /// <summary>With more symbols than this no correlations are made, and the run says so.</summary>
    public required int MostCorrelated { get; init; }

    /// <summary>Most returns any of the tables looks back.</summary>
    public int LongestWindow => Math.Max(Math.Max(Window, CorrelationWindow), Math.Max(ForecastWindow + BacktestDays, Volatility.Window));

    /// <summary>Digest of the settings, lower-case hex.</summary>
    public string Sha256 => Text().Sha256();

    /// <summary>Digest of what decides the measures.</summary>
    public string MeasuresSha256 => new CanonicalText("risk-measures/2")
        .Add("measures", Measures.Canonical()).Add("horizons", HorizonText()).Add("window", Window).Add("minimum", Minimum)
        .Add("stale", MaxStaleSessions).Sha256();

    public string VolatilitySha256 => new CanonicalText("risk-volatility/2")
        .Add("volatility", Volatility.Canonical()).Add("periods_per_year", Annualising.ToString()).Add("stale", MaxStaleSessions).Sha256();

    public string CorrelationSha256 => new CanonicalText("risk-correlations/1")
        .Add("window", CorrelationWindow).Add("methods", string.Join(' ', CorrelationMethods.Select(SeriesCorrelations.Code)))
        .Add("returns", Measures.Kind.Code()).Add("minimum", Minimum).Sha256();

    public string BacktestSha256(BacktestSettings settings) => new CanonicalText("risk-backtests/1")
        .Add("backtest", settings.Canonical()).Add("window", ForecastWindow).Add("days", BacktestDays)
        .Add("methods", string.Join(' ', BacktestMethods.Select(method => method.Code))).Add("measures", Measures.Canonical()).Sha256();

    private CanonicalText Text()
    {
        var text = new CanonicalText("risk-settings/1").Add("measures", MeasuresSha256).Add("volatility", VolatilitySha256)
            .Add("correlations", CorrelationSha256).Add("most_correlated", MostCorrelated);
        foreach (var settings in Backtests)
        {
            text.Add("backtest", BacktestSha256(settings));
        }

        return text;
    }

    private string HorizonText() => string.Join(' ', Horizons.Select(horizon => FormattableString.Invariant($"{horizon.Sessions}:{horizon.Rule.Code()}")));
}

/// <summary>Reads <c>config/risk_measures.yaml</c>. Every key is optional and has a documented default; a misspelt one is refused.</summary>
internal static class RiskSettingsFile
{
    private static readonly ConfigShape s_shape = ConfigShape.Map(
        ("returns", ConfigShape.Word("simple", "log", "absolute")),
        ("window", ConfigShape.Integer),
        ("minimum", ConfigShape.Integer),
        ("max_stale_sessions", ConfigShape.Integer),
        ("confidences", ConfigShape.ListOf(ConfigShape.Scalar, 1)),
        ("methods", ConfigShape.ListOf(ConfigShape.Word([.. TailMethods.All.Select(method => method.Code)]), 1)),
        ("horizons", ConfigShape.ListOf(ConfigShape.Map(
            ("sessions!", ConfigShape.Integer), ("rule!", ConfigShape.Word([.. Rules.Select(rule => rule.Code())]))))),
        ("ewma_lambda", ConfigShape.Number),
        ("age_lambda", ConfigShape.Number),
        ("garch", ConfigShape.Map(
            ("model", ConfigShape.Word("garch", "gjr", "egarch")),
            ("errors", ConfigShape.Word("normal", "t")),
            ("presample", ConfigShape.Word("fcp", "h1var", "uncond")),
            ("constraint", ConfigShape.Word("none", "stationary")))),
        ("threshold_level", ConfigShape.Scalar),
        ("paths", ConfigShape.Integer),
        ("seed", ConfigShape.Integer),
        ("volatility", ConfigShape.Map(("window", ConfigShape.Integer), ("periods_per_year", ConfigShape.Scalar))),
        ("backtests", ConfigShape.Map(
            ("forecast_window", ConfigShape.Integer),
            ("days", ConfigShape.Integer),
            ("confidences", ConfigShape.ListOf(ConfigShape.Scalar, 1)),
            ("methods", ConfigShape.ListOf(ConfigShape.Word([.. TailMethods.WithForecasts.Select(method => method.Code)]), 1)),
            ("size", ConfigShape.Number))),
        ("correlations", ConfigShape.Map(
            ("window", ConfigShape.Integer),
            ("methods", ConfigShape.ListOf(ConfigShape.Word([.. SeriesCorrelations.All.Select(SeriesCorrelations.Code)]), 1)),
            ("most_symbols", ConfigShape.Integer))));

    private static HorizonRule[] Rules =>
        [HorizonRule.SquareRootOfTime, HorizonRule.OverlappingSums, HorizonRule.NonOverlappingSums, HorizonRule.Simulated];

    /// <exception cref="RiskLakeException">RL1101 if a value is not acceptable, RL1102 if there is no such file.</exception>
    public static RiskSettings Load(string path) => Load(ConfigFile.Read(path));

    public static RiskSettings Load(ConfigFile file)
    {
        var problems = new ConfigProblems(file.Path, ErrorCode.ConfigurationInvalid);
        s_shape.Check(file.Root, "the settings of risk", problems);
        problems.ThrowIfAny();
        var settings = new Reader(problems).Read(file.Root);
        problems.ThrowIfAny();
        return settings;
    }

    /// <summary>Reads values whose kinds have been checked.</summary>
    private sealed class Reader(ConfigProblems problems)
    {
        public RiskSettings Read(ConfigNode root)
        {
            var lambda = Share(root, "ewma_lambda", 0.94);
            var backtests = root.MapOf("backtests");
            var correlations = root.MapOf("correlations");
            var measures = new MeasureSettings
            {
                Kind = root.TextOf("returns") switch { "log" => ReturnKind.Log, "absolute" => ReturnKind.Absolute, _ => ReturnKind.Simple },
                Confidences = Levels(root, "confidences", [Confidence.P95, Confidence.P975, Confidence.P99]),
                Methods = Methods(root, TailMethods.Standard),
                EwmaLambda = lambda,
                AgeLambda = Share(root, "age_lambda", 0.98),
                Garch = Garch(root.MapOf("garch")),
                ThresholdLevel = root["threshold_level"] is { } level ? Level(level) : Confidence.P95,
                Paths = Whole(root, "paths", 10_000, 100, 10_000_000),
                Seed = (ulong)Whole(root, "seed", 42, 0, int.MaxValue),
                ProfileIntervals = false,
            };
            var size = Share(backtests, "size", 0.05);
            var volatility = root.MapOf("volatility");
            return new RiskSettings
            {
                Measures = measures,
                Horizons = [.. root.ListOf("horizons").Select(HorizonOf)],
                Window = Whole(root, "window", 500, 2, 100_000),
                Minimum = Whole(root, "minimum", 30, 2, 100_000),
                MaxStaleSessions = Whole(root, "max_stale_sessions", 0, 0, 1000),
                Volatility = new VolatilitySettings
                {
                    Window = Whole(volatility, "window", 21, 2, 100_000),
                    EwmaLambda = lambda,
                },
                Annualising = volatility?["periods_per_year"] is { } periods ? AnnualisingOf(periods) : Annualising.None,
                Backtests = [.. Levels(backtests, "confidences", [Confidence.P99]).Select(level => new BacktestSettings { Confidence = level, Size = size })],
                BacktestMethods = Methods(backtests, TailMethods.StandardRolling),
                ForecastWindow = Whole(backtests, "forecast_window", 250, 2, 100_000),
                BacktestDays = Whole(backtests, "days", 250, 1, 100_000),
                CorrelationWindow = Whole(correlations, "window", 250, 2, 100_000),
                CorrelationMethods = Correlations(correlations),
                MostCorrelated = Whole(correlations, "most_symbols", 100, 2, 10_000),
            };
        }

        private Horizon HorizonOf(ConfigNode node)
        {
            var rule = Rules.First(rule => rule.Code() == node.TextOf("rule"));
            return new Horizon(Whole(node, "sessions", 2, 2, 1000), rule);
        }

        private Annualising AnnualisingOf(ConfigNode node)
        {
            if (node.Text == Annualising.MarketWord)
            {
                return Annualising.Market;
            }

            if (node.AsInteger is >= 1 and <= 1_000_000 and var number)
            {
                return Annualising.Of((int)number);
            }

            problems.Error("M004", node, node.Describe(), $"'{Annualising.MarketWord}', or a number of periods", "leave it out for numbers of one session");
            return Annualising.None;
        }

        private static GarchSpecification Garch(ConfigNode? node) => new()
        {
            Model = node?.TextOf("model") switch { "gjr" => GarchModel.Gjr, "egarch" => GarchModel.Egarch, _ => GarchModel.Garch },
            Errors = node?.TextOf("errors") == "t" ? ErrorDistribution.StudentT : ErrorDistribution.Normal,
            Presample = node?.TextOf("presample") switch { "h1var" => Presample.InitialVariance, "uncond" => Presample.Unconditional, _ => Presample.Fcp },
            Constraint = node?.TextOf("constraint") == "stationary" ? GarchConstraint.Stationary : GarchConstraint.None,
        };

        private static IReadOnlyList<TailMethod> Methods(ConfigNode? node, IReadOnlyList<TailMethod> otherwise) => node?["methods"] is null
            ? otherwise
            : [.. node.ListOf("methods").Select(item => TailMethods.Named(item.Text)).Distinct()];

        private static IReadOnlyList<CorrelationMethod> Correlations(ConfigNode? node) => node?["methods"] is null
            ? [CorrelationMethod.Pearson]
            : [.. node.ListOf("methods").Select(item => SeriesCorrelations.All.First(method => method.Code() == item.Text)).Distinct()];

        private IReadOnlyList<Confidence> Levels(ConfigNode? node, string key, IReadOnlyList<Confidence> otherwise) =>
            node?[key] is null ? otherwise : [.. node.ListOf(key).Select(Level).Distinct().Order()];

        private Confidence Level(ConfigNode node)
        {
            if (Confidence.TryParse(node.Text, out var level))
            {
                return level;
            }

            problems.Error("M001", node, node.Describe(), "a confidence between 0 and 1, such as 0.99 or 99/100", "99 % is written 0.99");
            return Confidence.P99;
        }

        private double Share(ConfigNode? node, string key, double otherwise)
        {
            if (node?[key] is not { } value)
            {
                return otherwise;
            }

            if (value.AsNumber is > 0 and < 1 and var number)
            {
                return number;
            }

            problems.Error("M002", value, value.Describe(), "a number between 0 and 1", "correct the value");
            return otherwise;
        }

        private int Whole(ConfigNode? node, string key, int otherwise, int least, int most)
        {
            if (node?[key] is not { } value)
            {
                return otherwise;
            }

            if (value.AsInteger is { } number && number >= least && number <= most)
            {
                return (int)number;
            }

            problems.Error("M003", value, value.Describe(), FormattableString.Invariant($"{least} to {most}"), "correct the value");
            return otherwise;
        }
    }
}
