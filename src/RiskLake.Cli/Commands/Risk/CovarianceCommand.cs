using System.CommandLine;
using RiskLake.Cli.Output;
using RiskLake.Desk.Portfolios;
using RiskLake.Risk;
using RiskLake.UserFiles;

namespace RiskLake.Cli.Commands.Risk;

/// <summary><c>risklake risk covariance</c>: the matrix behind a portfolio's risk, by every estimate.</summary>
internal static class CovarianceCommand
{
    private static readonly string[] s_columns =
    [
        "method", "first", "second", "covariance", "correlation", "shrinkage", "least_eigenvalue", "condition_number", "parameters",
        "observations", "returns", "price_kind", "window", "horizon", "sign", "missing", "dates_left_out", "status", "reason",
    ];

    public static Command Build(CommandContext context)
    {
        var options = new PortfolioOptions(context);
        var method = new Option<string>("--method")
        {
            Description = $"all, or some between commas of {string.Join(", ", CovarianceNames.All.Select(CovarianceNames.Code))}.",
            HelpName = "methods",
            DefaultValueFactory = _ => "all",
        };
        var command = SeriesOptions.With(
            new Command("covariance", "Covariances of the series of one file, sample, exponentially weighted or shrunk; all columns unless some are named."),
            options.Table, options.Estimate.Where(option => option.Name != "--covariance"), [method]);
        command.SetAction(parsed =>
        {
            var methods = NumberOptions.Named(method.Name, parsed.GetValue(method)!, CovarianceNames.All, CovarianceNames.Code);
            var table = options.Sample(context, parsed, options.Read(context, parsed));
            if (table.Names.Count == 0)
            {
                throw NumberOptions.Invalid("--columns", "no column of numbers", "one series or more");
            }

            var writer = context.Format(parsed) == OutputFormat.Table
                ? context.AllRows(parsed, "method", "first", "second", "covariance", "correlation", "shrinkage", "returns", "price_kind", "window", "horizon",
                    "sign", "status", "reason")
                : context.AllRows(parsed, s_columns);
            foreach (var one in methods)
            {
                var matrix = (options.EstimateOf(parsed) with { Method = one }).Of(table.Columns);
                Write(context, parsed, writer, table, matrix, one.Code(), options.ReturnsOf(parsed));
            }

            writer.Finish();
            return ExitCode.Done;
        });
        return command;
    }

    // The upper triangle row by row; without a matrix, the pairs with the reason.
    private static void Write(CommandContext context, ParseResult parsed, RowWriter writer, ReturnTable table, CovarianceMatrix matrix, string method,
        string returns)
    {
        var isReady = matrix.Status == Status.Ready;
        double? least = isReady ? matrix.Eigenvalues()[0] : null;
        double? condition = isReady && double.IsFinite(matrix.ConditionNumber()) ? matrix.ConditionNumber() : null;
        for (var i = 0; i < table.Names.Count; i++)
        {
            for (var j = i; j < table.Names.Count; j++)
            {
                double? covariance = isReady ? matrix[i, j] : null;
                var correlation = isReady ? i == j && matrix[i, i] > 0.0 ? 1.0 : Ratio(matrix[i, j], Math.Sqrt(matrix[i, i]) * Math.Sqrt(matrix[j, j])) : null;
                writer.Write(context.Format(parsed) == OutputFormat.Table
                    ?
                    [
                        method, table.Names[i], table.Names[j], covariance, correlation, matrix.Shrinkage, returns, table.PriceKind, table.Count, 1,
                        Sign.Natural.Code(), matrix.Status.Code(), matrix.Reason ?? "",
                    ]
                    :
                    [
                        method, table.Names[i], table.Names[j], covariance, correlation, matrix.Shrinkage, least, condition,
                        MeasureRows.Map(matrix.Parameters), matrix.Observations, returns, table.PriceKind, table.Count, 1, Sign.Natural.Code(),
                        table.Rule.Code(), table.LeftOut.Count,
                        matrix.Status.Code(), matrix.Reason,
                    ]);
            }
        }
    }

    private static double? Ratio(double part, double whole) => whole > 0.0 ? Math.Clamp(part / whole, -1.0, 1.0) : null;
}
