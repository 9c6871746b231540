using System.CommandLine;
using RiskLake.Cli.Output;
using RiskLake.Risk;
using RiskLake.Risk.Measures;
using RiskLake.UserFiles;

namespace RiskLake.Cli.Commands.Risk;

/// <summary><c>risklake risk volatility</c>: every estimator over bars, or over closes alone.</summary>
internal static class VolatilityCommand
{
    private static readonly string[] s_prices = ["open", "high", "low", "close"];

    public static Command Build(CommandContext context)
    {
        var source = new TableOptions(context);
        var dates = SeriesOptions.DateColumnOption();
        Option<string?>[] columns = [.. s_prices.Select(name => new Option<string?>($"--{name}")
        {
            Description = $"Column of the {name}. Default: {name}" + (name == "close" ? ", price or adj_close, else the only one with numbers." : "."),
            HelpName = "column",
        })];
        var estimators = new Option<string>("--estimator")
        {
            Description = $"all, or some between commas of {string.Join(", ", Enum.GetValues<VolatilityEstimator>().Select(SeriesVolatility.Code))}.",
            HelpName = "names",
            DefaultValueFactory = _ => "all",
        };
        var window = NumberOptions.Whole("--window", "Bars an estimate rests on; ewma and riskmetrics_2006 use all so far.", 21);
        var periods = new Option<int?>("--periods-per-year") { Description = "Annualise by the square root of this. Default: not.", HelpName = "n" };
        var rolling = new Option<bool>("--rolling") { Description = "Every bar from the first with a full window, not only the last." };
        var lambda = NumberOptions.Real("--lambda", "Decay of EWMA.", 0.94);
        var start = TailOptions.EwmaStartOption();
        var gaps = SeriesOptions.GapOption();
        var ddof = NumberOptions.Whole("--ddof", "Of close_to_close: divisor n - ddof.", 1);
        var mean = new Option<string>("--mean") { Description = "Of close_to_close: sample or zero.", DefaultValueFactory = _ => "sample" }
            .AcceptOnlyFromAmong("sample", "zero");
        var command = SeriesOptions.With(
            new Command("volatility", "Volatility from bars or closes, by every estimator, now or day by day."),
            [.. source.All, dates, .. columns, estimators, window, periods, rolling, lambda, start, ddof, mean, gaps]);
        command.SetAction(parsed =>
        {
            var settings = new VolatilitySettings
            {
                Estimators = NumberOptions.Named(
                    estimators.Name, parsed.GetValue(estimators)!, Enum.GetValues<VolatilityEstimator>(), SeriesVolatility.Code),
                Window = parsed.Between(window, 2, int.MaxValue),
                PeriodsPerYear = parsed.AtLeast(periods, 1),
                EwmaLambda = parsed.Fraction(lambda),
                EwmaStart = TailOptions.StartOf(parsed, start),
                Ddof = parsed.Between(ddof, 0, 1),
                Mean = parsed.GetValue(mean) == "zero" ? MeanRule.Zero : MeanRule.Sample,
            };
            var table = source.OpenOne(parsed);
            var rule = GapRules.Of(parsed.GetValue(gaps)!);
            var prices = PriceTable.Read(table, [.. columns.Select(column => parsed.GetValue(column))], parsed.GetValue(dates), rule);
            if (prices.Missing > 0 && rule == GapRule.LeaveOut)
            {
                context.Terminal.Say(FormattableString.Invariant(
                    $"sessions without a value: {prices.Missing}; windows that hold one have no estimate, and the returns beside it are left out (--missing)"));
            }

            foreach (var note in prices.Notes)
            {
                context.Terminal.Say(note);
            }

            Write(context, parsed, parsed.GetValue(rolling) ? prices.Rolling(settings) : prices.Latest(settings), settings, prices.Dates, prices.PriceKind,
                rule, prices.Missing);
            return ExitCode.Done;
        });
        return command;
    }

    private static void Write(
        CommandContext context, ParseResult parsed, IReadOnlyList<VolatilityRow> rows, VolatilitySettings settings, IReadOnlyList<string>? dates,
        string? kind, GapRule rule, int missing)
    {
        var writer = context.Format(parsed) == OutputFormat.Table
            ? context.AllRows(parsed, "date", "estimator", "value", "returns", "price_kind", "window", "horizon", "sign", "status", "reason")
            : context.AllRows(
                parsed, "index", "date", "estimator", "value", "status", "reason", "observations", "returns", "price_kind", "window",
                "horizon", "sign", "periods_per_year", "ddof", "mean", "parameters", "missing", "missing_sessions");
        foreach (var (index, measure) in rows)
        {
            var date = dates is not null && index < dates.Count ? dates[index] : null;
            var convention = measure.Convention;
            writer.Write(context.Format(parsed) == OutputFormat.Table
                ?
                [
                    date ?? FormattableString.Invariant($"bar {index}"), measure.Method, measure.Value, ReturnKind.Log.Code(), kind,
                    convention.Window ?? measure.Observations, convention.Horizon, convention.Sign.Code(), measure.Status.Code(),
                    measure.Reason ?? string.Empty,
                ]
                :
                [
                    index, date, measure.Method, measure.Value, measure.Status.Code(), measure.Reason, measure.Observations,
                    ReturnKind.Log.Code(), kind, convention.Window ?? measure.Observations, convention.Horizon, convention.Sign.Code(), settings.PeriodsPerYear,
                    convention.Ddof, convention.Mean?.Code(), MeasureRows.Map(convention.Parameters), rule.Code(), missing,
                ]);
        }

        writer.Finish();
    }
}
