using System.CommandLine;
using RiskLake.Risk;
using RiskLake.UserFiles;

namespace RiskLake.Cli.Commands.Risk;

/// <summary><c>risklake risk compare</c>: which of two forecasts of the same days loses less.</summary>
internal static class CompareCommand
{
    public static Command Build(CommandContext context)
    {
        var source = new TableOptions(context);
        var dates = SeriesOptions.DateColumnOption();
        var pnl = Column("--pnl", "Column of profits and losses, or returns; losses negative.", isRequired: true);
        var var = Column("--var", "Column of the first VaR forecast; positive.", isRequired: true);
        var other = Column("--other-var", "Column of the second.", isRequired: true);
        var es = Column("--es", "Column of the first ES forecast.", isRequired: false);
        var otherEs = Column("--other-es", "Column of the second.", isRequired: false);
        var confidence = new Option<string>("--confidence")
        {
            Description = "Confidence of the forecasts, an exact decimal or fraction.",
            HelpName = "level",
            DefaultValueFactory = _ => "0.99",
        };
        var lags = NumberOptions.Whole("--lags", "Lags of the long-run variance of the difference.", 0);
        var size = NumberOptions.Real("--size", "The test rejects equal accuracy at a p-value of at most this.", 0.05);
        var command = SeriesOptions.With(
            new Command("compare", "Mean losses of two forecasts of VaR, or of VaR and ES, and Diebold and Mariano's test of equal ones."),
            source.All.Where(option => option.Name == "--input"), [dates, pnl, var, other, es, otherEs, confidence, lags, size]);
        command.SetAction(parsed =>
        {
            var level = NumberOptions.Level(confidence.Name, parsed.GetValue(confidence)!);
            if (parsed.GetValue(es) is null != (parsed.GetValue(otherEs) is null))
            {
                throw NumberOptions.Invalid(es.Name, "ES of one forecast alone", "--es and --other-es, or neither");
            }

            var table = source.Open(parsed);
            if (RowDates.Find(table, parsed.GetValue(dates)) is { } dateColumn)
            {
                RowDates.Read(table, dateColumn);
            }

            var (x, first, second) = (Read(pnl), Read(var), Read(other));
            var named = table.Names[table.Get(pnl.Name, parsed.GetValue(pnl)!)];
            var rows = context.AllRows(
                parsed, "loss", "first_mean", "second_mean", "statistic", "p_value", "decision", "confidence", "returns", "price_kind", "window", "horizon",
                "sign", "observations", "status", "reason");
            Write("pinball_loss", ForecastLoss.Pinball(x, first, level), ForecastLoss.Pinball(x, second, level));
            if (parsed.GetValue(es) is not null)
            {
                Write(
                    "fissler_ziegel_loss", ForecastLoss.FisslerZiegel(x, first, Read(es), level), ForecastLoss.FisslerZiegel(x, second, Read(otherEs), level));
            }

            rows.Finish();
            return ExitCode.Done;

            double[] Read(Option<string?> option) => table.Numbers(table.Get(option.Name, parsed.GetValue(option)!), EmptyCell.Refuse);

            void Write(string name, double[] one, double[] two)
            {
                var test = ForecastLoss.DieboldMariano(one, two, parsed.Between(lags, 0, 100_000));
                rows.Write(
                [
                    name, ForecastLoss.Mean(name, one, level).Value, ForecastLoss.Mean(name, two, level).Value, test.Statistic, test.PValue,
                    test.PValue is { } p ? p <= parsed.Fraction(size) ? "reject" : "pass" : "none", level.Level, named, SeriesOptions.GivenReturns,
                    "given", 1, Sign.LossPositive.Code(), test.Observations,
                    test.Status.Code(), test.Reason,
                ]);
            }
        });
        return command;
    }

    private static Option<string?> Column(string name, string description, bool isRequired) =>
        new(name) { Description = description, HelpName = "column", Required = isRequired };
}
