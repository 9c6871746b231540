using System.CommandLine;
using RiskLake.Risk;
using RiskLake.Risk.Measures;

namespace RiskLake.Cli.Commands.Risk;

/// <summary>Options that decide VaR, ES and the rest of a series' measures.</summary>
internal sealed class TailOptions
{
    private static readonly HorizonRule[] s_rules =
        [HorizonRule.SquareRootOfTime, HorizonRule.OverlappingSums, HorizonRule.NonOverlappingSums, HorizonRule.Simulated];

    private readonly Option<string> _methods = new("--method")
    {
        Description = $"all, or some between commas of {string.Join(", ", TailMethods.All.Select(method => method.Code))}.",
        HelpName = "methods",
        DefaultValueFactory = _ => "all",
    };

    private readonly Option<string> _confidence = new("--confidence")
    {
        Description = "Confidences between commas, each an exact decimal or fraction.",
        HelpName = "levels",
        DefaultValueFactory = _ => "0.95,0.975,0.99",
    };

    private readonly Option<string?> _window = NumberOptions.SampleWindow();
    private readonly Option<int> _horizon = NumberOptions.Whole("--horizon", "Periods that VaR and ES are about.", 1);
    private readonly Option<string> _rule = new Option<string>("--horizon-rule")
    {
        Description = "How a horizon above one is reached; methods that cannot reach it so have no value.",
        DefaultValueFactory = _ => "square_root_of_time",
    }.AcceptOnlyFromAmong([.. s_rules.Select(Names.Code)]);

    private readonly Option<int> _type = NumberOptions.Whole("--quantile-type", "Of Hyndman and Fan, 1 to 9.", 7);
    private readonly Option<int> _ddof = NumberOptions.Whole("--ddof", "Of the normal method: divisor n - ddof.", 1);
    private readonly Option<string> _mean = new Option<string>("--mean")
    {
        Description = "Mean of the normal method: sample or zero.",
        DefaultValueFactory = _ => "sample",
    }.AcceptOnlyFromAmong("sample", "zero");

    private readonly Option<double> _lambda = NumberOptions.Real("--lambda", "Decay of EWMA volatility.", 0.94);
    private readonly Option<string> _start = EwmaStartOption();
    private readonly Option<int> _warmUp = NumberOptions.Whole("--warm-up", "First returns that volatility weighting leaves out.", 20);
    private readonly Option<double> _ageLambda = NumberOptions.Real("--age-lambda", "Decay of age weights.", 0.98);
    private readonly Option<string> _threshold = new("--threshold-level")
    {
        Description = "Quantile of the losses above which a Pareto tail is fitted.",
        HelpName = "level",
        DefaultValueFactory = _ => "0.95",
    };

    private readonly Option<string> _coverage = new("--interval")
    {
        Description = "Coverage of confidence intervals; none for none.",
        HelpName = "level",
        DefaultValueFactory = _ => "0.95",
    };

    private readonly Option<int> _paths = NumberOptions.Whole("--paths", "Paths of simulations.", 10_000);
    private readonly Option<ulong> _seed = new("--seed") { Description = "Of simulations.", HelpName = "n", DefaultValueFactory = _ => 42 };
    private readonly GarchOptions _garch = new("garch-");

    /// <summary>How EWMA variances start.</summary>
    public static Option<string> EwmaStartOption() => new Option<string>("--ewma-start")
    {
        Description = "How EWMA begins: normalized weights, the first_square, the full_sample's mean square or arch's backcast_75 (not causal).",
        DefaultValueFactory = _ => "normalized",
    }.AcceptOnlyFromAmong([.. Enum.GetValues<EwmaStart>().Select(SettingWords.Code)]);

    /// <summary>The start named by <see cref="EwmaStartOption"/>.</summary>
    public static EwmaStart StartOf(ParseResult parsed, Option<string> option) =>
        Enum.GetValues<EwmaStart>().Single(start => start.Code() == parsed.GetValue(option));

    /// <summary>How many returns are measured.</summary>
    public Option<string?> Window => _window;

    public IEnumerable<Option> All =>
    [
        _methods, _confidence, _window, _horizon, _rule, _type, _ddof, _mean, _lambda, _start, _warmUp, _ageLambda, _threshold, _coverage,
        _paths, _seed, .. _garch.All,
    ];

    /// <summary>The settings the command line asks for.</summary>
    public MeasureSettings SettingsOf(ParseResult parsed, ReturnKind kind, bool percent, ReadOnlySpan<double> returns, int? window)
    {
        var horizon = parsed.Between(_horizon, 1, 10_000);
        if (horizon == 1 && parsed.GetResult(_rule) is { Implicit: false })
        {
            throw NumberOptions.Invalid(_rule.Name, "a rule for one period", "--horizon 2 or more beside it");
        }

        return new MeasureSettings
        {
            Confidences = NumberOptions.Levels(_confidence.Name, parsed.GetValue(_confidence)!),
            Methods = NumberOptions.Named(_methods.Name, parsed.GetValue(_methods)!, TailMethods.All, method => method.Code),
            Kind = kind,
            Percent = percent,
            Window = window,
            Horizon = horizon,
            HorizonRule = horizon == 1 ? HorizonRule.OnePeriod : s_rules.Single(rule => rule.Code() == parsed.GetValue(_rule)),
            QuantileType = (QuantileType)parsed.Between(_type, 1, 9),
            Ddof = parsed.Between(_ddof, 0, 1),
            Mean = parsed.GetValue(_mean) == "zero" ? MeanRule.Zero : MeanRule.Sample,
            EwmaLambda = parsed.Fraction(_lambda),
            EwmaStart = StartOf(parsed, _start),
            EwmaWarmUp = parsed.Between(_warmUp, 0, int.MaxValue),
            AgeLambda = parsed.Fraction(_ageLambda),
            ThresholdLevel = NumberOptions.Level(_threshold.Name, parsed.GetValue(_threshold)!),
            IntervalCoverage = parsed.GetValue(_coverage) is var coverage && coverage == "none" ? null : NumberOptions.Level(_coverage.Name, coverage!),
            Paths = parsed.Between(_paths, 1, 100_000_000),
            Seed = parsed.GetValue(_seed),
            Garch = _garch.SpecificationOf(parsed, window is { } last && last < returns.Length ? returns[^last..] : returns),
        };
    }
}
