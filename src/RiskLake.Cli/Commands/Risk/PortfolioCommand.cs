using System.CommandLine;
using RiskLake.Cli.Output;
using RiskLake.Desk.Portfolios;
using RiskLake.Risk;
using RiskLake.UserFiles;

namespace RiskLake.Cli.Commands.Risk;

/// <summary><c>risklake risk portfolio</c>: VaR and ES of weighted series, and what each adds to them.</summary>
internal static class PortfolioCommand
{
    private static readonly string[] s_columns =
    [
        "method", "confidence", "row", "name", "weight", "value_at_risk", "expected_shortfall", "mean", "standard_deviation",
        "marginal_var", "component_var", "component_var_share", "kernel_component_var", "marginal_es", "component_es", "component_es_share",
        "standalone_var", "incremental_var", "undiversified_var", "diversification_benefit", "kernel_bandwidth", "covariance", "shrinkage",
        "mean_rule", "quantile_type", "returns", "price_kind", "window", "horizon",
        "sign", "observations", "missing", "dates_left_out", "status", "reason",
    ];

    public static Command Build(CommandContext context)
    {
        var options = new PortfolioOptions(context);
        var method = new Option<string>("--method")
        {
            Description = "parametric (normal, from a covariance), historical, or all.",
            DefaultValueFactory = _ => "all",
        }.AcceptOnlyFromAmong("parametric", "historical", "all");
        var type = NumberOptions.Whole("--quantile-type", "Of the historical method, of Hyndman and Fan, 1 to 9.", 7);
        var hierarchy = new Option<string[]>("--hierarchy")
        {
            Description = "The place of a series in a tree, A=firm/equity,B=firm/rates; parts add up it. May be repeated.",
            HelpName = "name=path,...",
        };
        var command = SeriesOptions.With(
            new Command("portfolio", "Value at risk and expected shortfall of weighted series, with marginal, component and incremental parts."),
            options.All, [method, type, hierarchy]);
        command.SetAction(parsed =>
        {
            var (table, weights) = options.ReadWeighted(context, parsed);
            var settings = new PortfolioSettings
            {
                Confidences = options.ConfidencesOf(parsed),
                IsParametric = parsed.GetValue(method) != "historical",
                IsHistorical = parsed.GetValue(method) != "parametric",
                Covariance = options.CovarianceOf(parsed),
                Mean = options.MeanOf(parsed),
                QuantileType = (QuantileType)parsed.Between(type, 1, 9),
                Paths = Paths(hierarchy.Name, parsed.GetValue(hierarchy) ?? [], table.Names),
            };
            var sample = options.Sample(context, parsed, table);
            Write(context, parsed, PortfolioDecomposition.Compute(sample, weights, settings), sample, settings, options.ReturnsOf(parsed));
            return ExitCode.Done;
        });
        return command;
    }

    private static Dictionary<string, string> Paths(string option, string[] texts, IReadOnlyList<string> names)
    {
        Dictionary<string, string> paths = new(StringComparer.Ordinal);
        foreach (var part in texts.SelectMany(text => text.Split(',', StringSplitOptions.TrimEntries)))
        {
            var equals = part.LastIndexOf('=');
            if (equals < 1 || part[(equals + 1)..].Split('/').Any(string.IsNullOrWhiteSpace))
            {
                throw NumberOptions.Invalid(option, $"'{part}'", "name=path such as A=firm/equity, several between commas");
            }

            if (!paths.TryAdd(NamedNumbers.Known(option, part[..equals], names), part[(equals + 1)..]))
            {
                throw NumberOptions.Invalid(option, $"'{part[..equals]}' twice", "each name once");
            }
        }

        return paths;
    }

    private static void Write(
        CommandContext context, ParseResult parsed, IReadOnlyList<PortfolioRow> rows, ReturnTable table, PortfolioSettings settings, string returns)
    {
        var isTable = context.Format(parsed) == OutputFormat.Table;
        var writer = isTable
            ? context.AllRows(
                parsed, "method", "confidence", "row", "name", "weight", "value_at_risk", "expected_shortfall", "component_var",
                "component_var_share", "component_es", "standalone_var", "incremental_var", "returns", "price_kind", "window", "horizon", "sign",
                "status", "reason")
            : context.AllRows(parsed, s_columns);
        foreach (var row in rows)
        {
            var kind = row.Kind switch { PortfolioRowKind.Total => "total", PortfolioRowKind.Position => "position", _ => "node" };
            var isParametric = row.Method == "parametric";
            writer.Write(isTable
                ?
                [
                    row.Method, row.Confidence.Level, kind, row.Name ?? string.Empty, row.Weight, row.ValueAtRisk, row.Shortfall,
                    row.ComponentValueAtRisk, row.ValueAtRiskShare, row.ComponentShortfall, row.StandaloneValueAtRisk,
                    row.IncrementalValueAtRisk, returns, table.PriceKind, table.Count, 1, Sign.LossPositive.Code(), row.Status.Code(),
                    row.Reason ?? string.Empty,
                ]
                :
                [
                    row.Method, row.Confidence.Level, kind, row.Name, row.Weight, row.ValueAtRisk, row.Shortfall, row.Mean, row.StandardDeviation,
                    row.MarginalValueAtRisk, row.ComponentValueAtRisk, row.ValueAtRiskShare, row.KernelComponentValueAtRisk,
                    row.MarginalShortfall, row.ComponentShortfall, row.ShortfallShare,
                    row.StandaloneValueAtRisk, row.IncrementalValueAtRisk, row.UndiversifiedValueAtRisk, row.DiversificationBenefit,
                    row.KernelBandwidth, isParametric ? settings.Covariance.Method.Code() : null, row.Shrinkage,
                    isParametric ? settings.Mean.Code() : null, isParametric ? null : (int)settings.QuantileType, returns, table.PriceKind,
                    table.Count, 1, Sign.LossPositive.Code(), row.Observations, table.Rule.Code(), table.LeftOut.Count, row.Status.Code(), row.Reason,
                ]);
        }

        writer.Finish();
    }
}
