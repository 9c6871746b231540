using System.CommandLine;
using System.Globalization;
using RiskLake.Lake.Errors;
using RiskLake.Risk;
using RiskLake.UserFiles;

namespace RiskLake.Cli.Commands.Risk;

/// <summary><c>risklake risk pla</c> and <c>risk rfet</c>: FRTB's tests of a desk's profits and losses and of its risk factors.</summary>
internal static class RegulatoryCommands
{
    public static Command BuildAttribution(CommandContext context)
    {
        var source = new TableOptions(context);
        var dates = SeriesOptions.DateColumnOption();
        var hypothetical = Column("--hpl", "Column of hypothetical profits and losses.", "hpl");
        var theoretical = Column("--rtpl", "Column of risk-theoretical profits and losses of the same days.", "rtpl");
        var window = new Option<int?>("--window") { Description = "The last so many days; the rule asks for 250. Default: all.", HelpName = "n" };
        var command = SeriesOptions.With(
            new Command("pla", "Profit and loss attribution test: how well the risk model's P and L follows the front office's."),
            source.All.Where(option => option.Name == "--input"), [dates, hypothetical, theoretical, window]);
        command.SetAction(parsed =>
        {
            var table = source.Open(parsed);
            if (RowDates.Find(table, parsed.GetValue(dates)) is { } dateColumn)
            {
                RowDates.Read(table, dateColumn);
            }

            var (hpl, rtpl) = (Read(hypothetical), Read(theoretical));
            var last = Math.Min(parsed.AtLeast(window, 2) ?? hpl.Length, hpl.Length);
            var result = ProfitAndLossAttribution.Of(hpl.AsSpan(hpl.Length - last), rtpl.AsSpan(rtpl.Length - last));
            var rows = context.Rows(
                parsed, "spearman", "kolmogorov_smirnov", "zone", "mean_unexplained", "variance_unexplained", "observations", "returns", "price_kind",
                "window", "horizon", "sign", "status");
            rows.Write(
            [
                result.Spearman, result.KolmogorovSmirnov, Colour(result.Zone), result.MeanUnexplained, result.VarianceUnexplained,
                result.Observations, "profit_and_loss", SeriesOptions.GivenReturns, last, 1, Sign.Natural.Code(), result.Status.Code(),
            ]);
            rows.Finish();
            return ExitCode.Done;

            double[] Read(Option<string> option) => table.Numbers(table.Get(option.Name, parsed.GetValue(option)!), EmptyCell.Refuse);
        });
        return command;
    }

    public static Command BuildEligibility(CommandContext context)
    {
        var source = new TableOptions(context);
        var date = new Option<string?>("--date-column")
        {
            Description = "Column of the days with a real price, in any order; a day counts once. Default: date, day, datetime, timestamp or time.",
            HelpName = "column",
        };
        var factor = new Option<string?>("--factor-column")
        {
            Description = "Column that names the risk factor. Default: the file is about one.",
            HelpName = "column",
        };
        var from = new Option<string?>("--from") { Description = "First day of the twelve months. Default: a year before --to.", HelpName = "date" };
        var to = new Option<string?>("--to") { Description = "Last day, included. Default: the last day of the file.", HelpName = "date" };
        var command = SeriesOptions.With(
            new Command("rfet", "Risk factor eligibility test: whether factors are observed often enough to be modelled."),
            source.All.Where(option => option.Name == "--input"), [date, factor, from, to]);
        command.SetAction(parsed =>
        {
            var table = source.Open(parsed);
            var column = parsed.GetValue(date) is { } named ? table.Get(date.Name, named)
                : RowDates.Find(table, null) ?? (table.Names.Count == 1 ? 0 : throw new RiskLakeException(
                    ErrorCode.ColumnUnknown, date.Name, "no column of dates", $"one of {string.Join(", ", table.Names)}", "name it with --date-column"));
            var names = parsed.GetValue(factor) is { } by ? table.Texts(table.Get(factor.Name, by)) : null;
            var days = Days(table, column);
            if (days.Length == 0)
            {
                throw NumberOptions.Invalid(date.Name, "no day", "one row or more");
            }

            var last = parsed.GetValue(to) is { } end ? Dates.Parse(to.Name, end) : days.Max();
            var first = parsed.GetValue(from) is { } begin ? Dates.Parse(from.Name, begin) : last.AddYears(-1).AddDays(1);
            if (last < first)
            {
                throw NumberOptions.Invalid(to.Name, $"{Text(last)}, before {Text(first)}", "a day on or after --from");
            }

            var rows = context.AllRows(
                parsed, "factor", "modellable", "passes_by_number", "passes_by_continuity", "days", "from", "to", "thin_from", "thin_to", "thin_days",
                "next_observation_due");
            var factors = Enumerable.Range(0, days.Length).GroupBy(row => names?[row] ?? "", StringComparer.Ordinal);
            foreach (var group in factors.OrderBy(group => group.Key, StringComparer.Ordinal))
            {
                var result = Modellability.Of(group.Select(row => days[row]), first, last);
                var thin = result.FirstThinWindow;
                rows.Write(
                [
                    names is null ? null : group.Key, result.IsModellable, result.PassesByNumber, result.PassesByContinuity, result.Days, first, last,
                    thin?.First, thin?.Last, thin?.Observations, result.NextObservationDue,
                ]);
            }

            rows.Finish();
            return ExitCode.Done;
        });
        return command;
    }

    private static DateOnly[] Days(TableFile table, int column)
    {
        var texts = table.Texts(column);
        var days = new DateOnly[texts.Count];
        for (var row = 0; row < days.Length; row++)
        {
            // A time belongs to the day it is written with.
            var day = texts[row].Length > 10 ? texts[row][..10] : texts[row];
            if (!DateOnly.TryParseExact(day, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out days[row]))
            {
                throw new RiskLakeException(
                    ErrorCode.CellInvalid, table.PlaceOf(row, column), texts[row].Length == 0 ? "an empty cell" : $"'{texts[row]}'",
                    "a date such as 2024-12-24", "correct the file, or name another column");
            }
        }

        return days;
    }

    private static Option<string> Column(string name, string description, string usual) =>
        new(name) { Description = description, HelpName = "column", DefaultValueFactory = _ => usual };

    // The rule calls its yellow amber.
    private static string? Colour(Zone? zone) => zone switch { null => null, Zone.Green => "green", Zone.Yellow => "amber", _ => "red" };

    private static string Text(DateOnly day) => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
}
