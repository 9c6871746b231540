using System.CommandLine;
using RiskLake.Cli.Output;
using RiskLake.Desk.Portfolios;
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
            series.All.Where(option => option.Name is not "--column"),
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

            // A session without a value of one series is left out of all: one sample for all pairs.
            var kind = series.KindOf(parsed);
            var request = series.Request(parsed, names[0]);
            foreach (var note in names.SelectMany(name => ReturnSeries.Read(table, request with { Column = name }).Notes).Distinct(StringComparer.Ordinal))
            {
                context.Terminal.Say(note);
            }

            var read = ReturnTableReader.Read(table, new ReturnTableRequest
            {
                Names = names, DateColumn = request.DateColumn, Kind = kind, HoldsReturns = request.HoldsReturns, Missing = request.Missing,
            });
            if (read.LeftOut.Count > 0)
            {
                context.Terminal.Say(FormattableString.Invariant(
                    $"sessions without a value of every series: {read.LeftOut.Count} ({request.Missing.Code()})"));
            }

            context.SayShort(window, parsed, read.Sessions, StandardWindow);
            var sample = parsed.WindowOf(window, read.Sessions, StandardWindow) is { } asked && asked < read.Sessions ? read.Last(asked) : read;
            var scale = request.Percent && !request.HoldsReturns ? 100.0 : 1.0;
            var rows = SeriesCorrelations.Compute(
                [.. sample.Columns.Select(column => scale == 1.0 ? column : [.. column.Select(value => value * scale)])],
                sample.Names,
                NumberOptions.Named(methods.Name, parsed.GetValue(methods)!, SeriesCorrelations.All, SeriesCorrelations.Code),
                parsed.Fraction(lambda));
            Write(context, parsed, rows, kind.Code(), sample.PriceKind, sample.Count, request.Missing, sample.LeftOut.Count);
            return ExitCode.Done;
        });
        return command;
    }

    private static void Write(CommandContext context, ParseResult parsed, IReadOnlyList<CorrelationRow> rows, string returns, string? kind, int window,
        GapRule rule, int missing)
    {
        var writer = context.AllRows(
            parsed, "first", "second", "method", "correlation", "covariance", "observations", "returns", "price_kind", "window", "horizon", "sign",
            "missing", "missing_sessions", "status",
            "reason", "parameters");
        foreach (var row in rows)
        {
            var measure = row.Correlation;
            writer.Write(
            [
                row.First, row.Second, measure.Method, measure.Value, row.Covariance, measure.Observations, returns, kind, window, 1,
                Sign.Natural.Code(), rule.Code(), missing,
                measure.Status.Code(),
                context.Format(parsed) == OutputFormat.Table ? measure.Reason ?? string.Empty : measure.Reason,
                MeasureRows.Map(measure.Convention.Parameters),
            ]);
        }

        writer.Finish();
    }
}
