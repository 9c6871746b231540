using System.CommandLine;
using RiskLake.Cli.Output;
using RiskLake.History;
using RiskLake.Risk;
using RiskLake.Risk.Measures;
using RiskLake.RiskRuns;
using RiskLake.UserFiles;

namespace RiskLake.Cli.Commands.Risk;

/// <summary>
/// <c>risklake risk backtest</c>: every test of VaR forecasts, and of ES where there are any: of columns of a file, or of forecasts made
/// day by day from the lake's prices of a symbol.
/// </summary>
internal static class BacktestCommand
{
    private const int EverySession = 1_000_000;
    private static readonly string[] s_negative = ["negative", "natural"];
    private static readonly string[] s_signs = ["positive", "loss_positive", .. s_negative];

    public static Command Build(CommandContext context)
    {
        var source = new TableOptions(context);
        var dates = SeriesOptions.DateColumnOption();
        var pnl = ColumnOption("--pnl", "Column of profits and losses, or returns; losses negative.");
        var var = ColumnOption("--var", "Column of VaR forecasts made before each day.");
        var es = ColumnOption("--es", "Column of ES forecasts.");
        var sign = new Option<string?>("--var-sign")
        {
            Description = "How VaR and ES are written: positive, as losses, or negative, as returns. Default: positive; mostly negative ones are refused.",
        }.AcceptOnlyFromAmong([.. s_signs]);
        var sigma = ColumnOption("--sigma", "Column of volatility forecasts, by which McNeil-Frey residuals are divided.");
        var confidence = new Option<string>("--confidence")
        {
            Description = "Confidence of the forecasts, an exact decimal or fraction.",
            HelpName = "level",
            DefaultValueFactory = _ => "0.99",
        };
        var method = new Option<string>("--method")
        {
            Description = "With --symbol: how each day is forecast from the days before.",
            DefaultValueFactory = _ => TailMethods.Historical.Code,
        }.AcceptOnlyFromAmong([.. TailMethods.WithForecasts.Select(one => one.Code)]);
        var window = NumberOptions.Whole("--forecast-window", "With --symbol: simple returns each forecast rests on.", 250);
        var missing = SeriesOptions.MissingOption("refuse", "count", "leave_out");
        var kind = new Option<string?>("--return-kind")
        {
            Description = "Of a file: what its outcomes are. Default: as the column is called.",
        }.AcceptOnlyFromAmong("simple", "log", "absolute", "profit_and_loss");
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
        var probability = ColumnOption(
            "--probability", "Column of the probability each forecast gave to no more than what came. Default: of --sigma, normal or --model-df.");
        var distributionLags = NumberOptions.Whole("--distribution-lags", "Lags of Du and Escanciano's conditional test.", 5);
        var command = SeriesOptions.With(
            new Command("backtest", "Judge VaR and ES forecasts: coverage, independence, size of losses, and an alarm for every day."),
            [
                .. source.All, dates, pnl, var, es, sign, sigma, confidence, method, window, missing, size, days, lags, betting, paths, seed, degrees,
                probability, distributionLags, kind,
            ]);
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
            if (source.OneOfLake(parsed) is { } found)
            {
                var (tested, forecasts) = OfLake(
                    found.Prices, found.Through, parsed.Between(window, 2, 100_000), parsed.GetValue(method)!, settings.Confidence);
                Write(
                    context, parsed, SeriesBacktest.Compute(tested, forecasts.ValueAtRisk, forecasts.Shortfall, forecasts.Sigma, settings), settings,
                    new Named(ReturnKind.Simple.Code(), found.Prices.Key.PriceKind, parsed.GetValue(window), parsed.GetValue(method)));
                return ExitCode.Done;
            }

            var table = source.Open(parsed);
            Require(parsed, pnl);
            Require(parsed, var);
            if (RowDates.Find(table, parsed.GetValue(dates)) is { } dateColumn)
            {
                RowDates.Read(table, dateColumn);
            }

            var (outcomes, deviations) = (Read(pnl), Read(sigma));
            var probabilities = parsed.GetValue(probability) is not null ? Read(probability)
                : deviations.Length > 0 ? DistributionTests.Probabilities(outcomes, deviations, settings.DegreesOfFreedom) : [];
            var lag = parsed.Between(distributionLags, 1, 1000);
            Write(
                context, parsed,
                [
                    .. SeriesBacktest.Compute(outcomes, Signed(var), Signed(es), deviations, settings),
                    .. probabilities.Length > 0 ? DistributionTests.Compute(probabilities, lag, settings) : [],
                ],
                settings, OfFile(table.Names[table.Get(pnl.Name, parsed.GetValue(pnl)!)], parsed.GetValue(kind)));
            return ExitCode.Done;

            double[] Signed(Option<string?> option) =>
                ForecastSign.Settle(context, option.Name, sign.Name, Read(option), parsed.GetValue(sign) is { } said ? s_negative.Contains(said) : null);

            double[] Read(Option<string?> option) => parsed.GetValue(option) is { } name
                ? table.Numbers(
                    table.Get(option.Name, name), settings.Missing == MissingRule.Refuse ? EmptyCell.Refuse : EmptyCell.Absent)
                : [];
        });
        return command;
    }

    /// <summary>What the forecasts are about: of a file what its outcomes are, and that its forecasts are given, with whatever window.</summary>
    private sealed record Named(string Returns, string PriceKind, object? Window, string? Method);

    private static Named OfFile(string column, string? kind) =>
        new(kind ?? (ReturnSeries.NamedKind(column) is var said && said != ReturnKind.Unstated ? said.Code() : column),
            SeriesOptions.GivenReturns, "given", "given");

    private static Option<string?> ColumnOption(string name, string description) => new(name) { Description = description, HelpName = "column" };

    private static void Require(ParseResult parsed, Option<string?> column)
    {
        if (parsed.GetValue(column) is null)
        {
            throw NumberOptions.Invalid(column.Name, "no column", "a column of the file");
        }
    }

    /// <summary>The returns of the sessions that have a forecast, and the forecasts.</summary>
    private static (double[] Returns, DailyForecasts Forecasts) OfLake(
        PriceSeries prices, DateOnly through, int window, string method, Confidence confidence)
    {
        var rolling = TailMethods.Named(method).Rolling!;
        if (!rolling.Reaches(confidence, window))
        {
            throw NumberOptions.Invalid(
                "--forecast-window", FormattableString.Invariant($"{window} for {method} at {confidence}"), "a window with at least one return in the tail");
        }

        var returns = SessionReturns.Of(prices, through, EverySession, ReturnKind.Simple).Values;
        return returns.Length <= window
            ? ([], new DailyForecasts([], [], []))
            : (returns[window..], rolling.Make(new RollingWork(returns, window, window, confidence, new MeasureSettings())));
    }

    private static void Write(
        CommandContext context, ParseResult parsed, IReadOnlyList<BacktestRow> rows, BacktestSettings settings, Named named)
    {
        var isTable = context.Format(parsed) == OutputFormat.Table;
        var writer = isTable
            ? context.AllRows(parsed, "test", "subject", "statistic", "p_value", "decision", "confidence", "returns", "price_kind", "window", "horizon",
                "sign", "status", "reason")
            : context.AllRows(
                parsed, "test", "subject", "statistic", "p_value", "distribution", "degrees_of_freedom", "decision", "size", "status", "reason",
                "observations", "confidence", "returns", "price_kind", "window", "method", "horizon", "sign", "parameters");
        foreach (var row in rows)
        {
            writer.Write(isTable
                ?
                [
                    row.Test, row.Subject, row.Statistic, row.PValue, row.Decision, settings.Confidence.Level, named.Returns, named.PriceKind,
                    named.Window, 1,
                    Sign.LossPositive.Code(), row.Status.Code(), row.Reason ?? string.Empty,
                ]
                :
                [
                    row.Test, row.Subject, row.Statistic, row.PValue, row.Distribution, row.DegreesOfFreedom, row.Decision, row.Size,
                    row.Status.Code(), row.Reason, row.Observations, settings.Confidence.Level, named.Returns, named.PriceKind,
                    named.Window, named.Method, 1, Sign.LossPositive.Code(),
                    MeasureRows.Map(row.Parameters),
                ]);
        }

        writer.Finish();
    }
}
