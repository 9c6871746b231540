using System.CommandLine;
using RiskLake.Cli.Output;
using RiskLake.Risk;
using RiskLake.Risk.Measures;
using RiskLake.UserFiles;

namespace RiskLake.Cli.Commands.Risk;

/// <summary><c>risklake risk correlation</c>: pairs of columns of one file.</summary>
internal static class CorrelationCommand
{
    /// <summary>Returns that correlations rest on unless told otherwise.</summary>
    private const int StandardWindow = 250;

    public static Command Build(CommandContext context)
    {
        var series = new SeriesOptions(context);
        var columns = new Option<string?>("--columns")
        {
            Description = "Two or more columns between commas. Default: all but the dates.",
            HelpName = "columns",
        };
        var methods = new Option<string>("--method")
        {
            Description = $"all, or some between commas of {string.Join(", ", SeriesCorrelations.All.Select(SeriesCorrelations.Code))}.",
            HelpName = "methods",
            DefaultValueFactory = _ => "all",
        };
        var window = NumberOptions.SampleWindow(StandardWindow);
        var lambda = NumberOptions.Real("--lambda", "Decay of ewma.", 0.94);
        var command = SeriesOptions.With(
            new Command("correlation", "Correlations between columns of one file, by every method."),
            series.All.Where(option => option.Name is not ("--column" or "--missing")),
            [columns, methods, window, lambda]);
        command.SetAction(parsed =>
        {
            var table = series.Open(parsed);
            var names = parsed.GetValue(columns)?.Split(',', StringSplitOptions.TrimEntries)
                ?? [.. table.Names.Where((_, column) => column != RowDates.Find(table, parsed.GetValue(series.DateColumn)))];
            if (names.Length < 2 || names.Distinct(StringComparer.Ordinal).Count() < names.Length)
            {
                throw NumberOptions.Invalid(columns.Name, $"'{parsed.GetValue(columns)}'", "two or more columns, each once, between commas");
            }

            List<ReturnSeries> read = [.. names.Select(name => ReturnSeries.Read(table, series.Request(parsed, name)))];
            foreach (var note in read.SelectMany(item => item.Notes).Distinct(StringComparer.Ordinal))
            {
                context.Terminal.Say(note);
            }

            var count = read[0].Returns.Length;
            var last = Math.Min(parsed.WindowOf(window, count, StandardWindow) ?? count, count);
            context.SayShort(window, parsed, count, StandardWindow);
            var rows = SeriesCorrelations.Compute(
                [.. read.Select(item => item.Returns[^last..])],
                [.. read.Select(item => item.Column)],
                NumberOptions.Named(methods.Name, parsed.GetValue(methods)!, SeriesCorrelations.All, SeriesCorrelations.Code),
                parsed.Fraction(lambda));
            Write(context, parsed, rows, read[0].Kind.Code(), table.PriceKind, last);
            return ExitCode.Done;
        });
        return command;
    }

    private static void Write(CommandContext context, ParseResult parsed, IReadOnlyList<CorrelationRow> rows, string returns, string? kind, int window)
    {
        var writer = context.AllRows(
            parsed, "first", "second", "method", "correlation", "covariance", "observations", "returns", "price_kind", "window", "horizon",
            "status",
            "reason", "parameters");
        foreach (var row in rows)
        {
            var measure = row.Correlation;
            writer.Write(
            [
                row.First, row.Second, measure.Method, measure.Value, row.Covariance, measure.Observations, returns, kind, window, 1,
                measure.Status.Code(),
                context.Format(parsed) == OutputFormat.Table ? measure.Reason ?? string.Empty : measure.Reason,
                MeasureRows.Map(measure.Convention.Parameters),
            ]);
        }

        writer.Finish();
    }
}
