using System.CommandLine;
using RiskLake.Risk;
using RiskLake.Risk.Measures;
using RiskLake.UserFiles;

namespace RiskLake.Cli.Commands.Risk;

/// <summary><c>risklake risk realised</c>: the variation of a period from its intraday returns.</summary>
internal static class RealisedCommand
{
    public static Command Build(CommandContext context)
    {
        var series = new SeriesOptions(context, ReturnKind.Log);
        var period = new Option<string?>("--period-column")
        {
            Description = "Column that says to which period a row belongs, such as the day; rows of a period stand together. Default: the file is one.",
            HelpName = "column",
        };
        var command = SeriesOptions.With(
            new Command("realised", "Realised variance and volatility of a period from its intraday returns, with what is robust to jumps."),
            series.All.Where(option => option.Name != "--missing"), [period]);
        command.SetAction(parsed =>
        {
            var table = series.Source.OpenOne(parsed);
            int? named = parsed.GetValue(period) is { } column ? table.Get(period.Name, column) : null;
            var request = series.Request(parsed);
            if (named is not null && request.DateColumn is null && RowDates.Find(table, null) == named)
            {
                // The days that part the rows are the same from row to row: they do not say in which order the rows are.
                request = request with { DateColumn = "none" };
            }

            var read = ReturnSeries.Read(table, request);
            var periods = named is { } at ? table.Texts(at) : null;
            var basis = series.BasisOf(parsed, read);
            var rows = context.AllRows(
                parsed, "period", "measure", "value", "status", "reason", "unit", "observations", "returns", "price_kind", "window", "horizon", "sign");
            foreach (var (name, first, end) in Periods(periods, read.Values.Length))
            {
                // Of prices, the return from one period to the next belongs to neither.
                var shift = read.Values.Length - read.Returns.Length;
                foreach (var row in RealisedMeasures.Compute(read.Returns.AsSpan(first, Math.Max(0, end - first - shift))))
                {
                    var measure = row.Measure;
                    rows.Write(
                    [
                        name, measure.Name, measure.Value, measure.Status.Code(), measure.Reason, row.Unit, measure.Observations, basis.Returns,
                        basis.PriceKind, measure.Convention.Window, measure.Convention.Horizon, measure.Convention.Sign.Code(),
                    ]);
                }
            }

            rows.Finish();
            return ExitCode.Done;
        });
        return command;
    }

    private static IEnumerable<(string? Name, int First, int End)> Periods(IReadOnlyList<string>? names, int rows)
    {
        if (names is null)
        {
            yield return (null, 0, rows);
            yield break;
        }

        HashSet<string> seen = new(StringComparer.Ordinal);
        for (var first = 0; first < rows;)
        {
            var end = first + 1;
            while (end < rows && names[end] == names[first])
            {
                end++;
            }

            yield return seen.Add(names[first])
                ? (names[first], first, end)
                : throw NumberOptions.Invalid("--period-column", $"'{names[first]}' again after another period", "rows of a period one after another");
            first = end;
        }
    }
}
