using System.CommandLine;
using RiskLake.Cli.Output;
using RiskLake.Measures;
using RiskLake.Risk;
using RiskLake.Tables;

namespace RiskLake.Cli.Commands.Risk;

/// <summary><c>risklake risk backtest</c>: every test of a column of VaR forecasts, and of ES where there is one.</summary>
internal static class BacktestCommand
{
    public static Command Build(CommandContext context)
    {
        var input = SeriesOptions.InputOption();
        var dates = SeriesOptions.DateColumnOption();
        var pnl = ColumnOption("--pnl", "Column of profits and losses, or returns; losses negative.", required: true);
        var var = ColumnOption("--var", "Column of VaR forecasts made before each day; positive.", required: true);
        var es = ColumnOption("--es", "Column of ES forecasts; positive.");
        var sigma = ColumnOption("--sigma", "Column of volatility forecasts, by which McNeil-Frey residuals are divided.");
        var confidence = new Option<string>("--confidence")
        {
            Description = "Confidence of the forecasts, an exact decimal or fraction.",
            HelpName = "level",
            DefaultValueFactory = _ => "0.99",
        };
        var missing = SeriesOptions.MissingOption("refuse", "count", "leave_out");
        var size = NumberOptions.Real("--size", "A test rejects at a p-value of at most this.", 0.05);
        var days = NumberOptions.Whole("--light-days", "Days of the traffic light.", 250);
        var lags = NumberOptions.Whole("--lags", "Lags of the dynamic quantile test.", 4);
        var betting = NumberOptions.Real("--betting-fraction", "Of the e-processes.", 0.025);
        var paths = NumberOptions.Whole("--paths", "Paths behind the p-values of Z1, Z2 and the bootstrap; 0 for none.", 10_000);
        var seed = new Option<ulong>("--seed") { Description = "Of the paths.", HelpName = "n", DefaultValueFactory = _ => 42 };
        var degrees = new Option<double?>("--model-df")
        {
            Description = "Judge Z1 and Z2 under Student t with so many degrees of freedom. Default: normal.",
            HelpName = "x",
        };
        var command = SeriesOptions.With(
            new Command("backtest", "Judge VaR and ES forecasts: coverage, independence, size of losses, and an alarm for every day."),
            [input, dates, pnl, var, es, sigma, confidence, missing, size, days, lags, betting, paths, seed, degrees]);
        command.SetAction(parsed =>
        {
            var settings = new BacktestSettings
            {
                Confidence = NumberOptions.Level(confidence.Name, parsed.GetValue(confidence)!),
                Missing = Enum.GetValues<MissingRule>().Single(rule => rule.Code() == parsed.GetValue(missing)),
                Size = parsed.Fraction(size),
                TrafficLightDays = parsed.Between(days, 1, int.MaxValue),
                Lags = parsed.Between(lags, 1, 1000),
                BettingFraction = parsed.Fraction(betting),
                Paths = parsed.Between(paths, 0, 10_000_000),
                Seed = parsed.GetValue(seed),
                DegreesOfFreedom = parsed.GetValue(degrees) is not { } free ? null : free > 1.0 && double.IsFinite(free) ? free
                    : throw NumberOptions.Invalid(degrees.Name, ValueText.Plain(free)!, "a number above 1"),
            };
            var table = TableFile.Open(parsed.GetValue(input)!, Console.OpenStandardInput);
            if (RowDates.Find(table, parsed.GetValue(dates)) is { } dateColumn)
            {
                RowDates.Read(table, dateColumn);
            }

            Write(context, parsed, SeriesBacktest.Compute(Read(pnl), Read(var), Read(es), Read(sigma), settings));
            return ExitCode.Done;

            double[] Read(Option<string?> option) => parsed.GetValue(option) is { } name
                ? table.Numbers(
                    table.Get(option.Name, name), settings.Missing == MissingRule.Refuse ? EmptyCell.Refuse : EmptyCell.Absent)
                : [];
        });
        return command;
    }

    private static Option<string?> ColumnOption(string name, string description, bool required = false) =>
        new(name) { Description = description, HelpName = "column", Required = required };

    private static void Write(CommandContext context, ParseResult parsed, IReadOnlyList<BacktestRow> rows)
    {
        var isTable = context.Format(parsed) == OutputFormat.Table;
        var writer = isTable
            ? context.AllRows(parsed, "test", "subject", "statistic", "p_value", "decision", "status", "reason")
            : context.AllRows(
                parsed, "test", "subject", "statistic", "p_value", "distribution", "degrees_of_freedom", "decision", "size", "status", "reason",
                "observations", "parameters");
        foreach (var row in rows)
        {
            writer.Write(isTable
                ? [row.Test, row.Subject, row.Statistic, row.PValue, row.Decision, row.Status.Code(), row.Reason ?? string.Empty]
                :
                [
                    row.Test, row.Subject, row.Statistic, row.PValue, row.Distribution, row.DegreesOfFreedom, row.Decision, row.Size,
                    row.Status.Code(), row.Reason, row.Observations, MeasureRows.Map(row.Parameters),
                ]);
        }

        writer.Finish();
    }
}
