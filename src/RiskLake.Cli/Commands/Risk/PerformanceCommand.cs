using System.CommandLine;
using RiskLake.Risk;
using RiskLake.Risk.Measures;
using RiskLake.UserFiles;

namespace RiskLake.Cli.Commands.Risk;

/// <summary><c>risklake risk performance</c> and <c>risk drawdowns</c>: what a series earned, and how far it fell.</summary>
internal static class PerformanceCommand
{
    public static Command Build(CommandContext context)
    {
        var series = new SeriesOptions(context, gaps: GapRule.Join);
        var periods = NumberOptions.Whole("--periods-per-year", "Periods of a year, by which returns and ratios are annualised.", 252);
        var riskFree = NumberOptions.Real("--risk-free", "Risk-free rate of one period, of the Sharpe ratios.", 0.0);
        var minimum = NumberOptions.Real("--minimum-acceptable", "Return of one period below which downside deviation and Sortino ratio count.", 0.0);
        var threshold = NumberOptions.Real("--threshold", "Return of one period that Omega divides gains from losses at.", 0.0);
        var confidence = Levels("Of the conditional drawdown at risk: confidences between commas, each an exact decimal or fraction.");
        var benchmark = new Option<string?>("--benchmark")
        {
            Description = "Another column of the file, read like the first: beta, alpha, correlation, tracking error, information ratio.",
            HelpName = "column",
        };
        var window = Window();
        var command = SeriesOptions.With(
            new Command("performance", "Return, ratios and drawdowns of one series, and how it moved with a benchmark."),
            series.All, [periods, riskFree, minimum, threshold, confidence, benchmark, window]);
        command.SetAction(parsed =>
        {
            var settings = new PerformanceSettings
            {
                PeriodsPerYear = parsed.Between(periods, 1, 1_000_000),
                RiskFree = Finite(parsed, riskFree),
                MinimumAcceptable = Finite(parsed, minimum),
                Threshold = Finite(parsed, threshold),
                Confidences = [.. NumberOptions.Levels(confidence.Name, parsed.GetValue(confidence)!).Distinct()],
            };
            var read = series.Read(context, parsed);
            var last = parsed.WindowOf(window, read.Sessions, int.MaxValue);
            var own = Compounding(series, parsed, read, last);
            List<MeasureRow> rows = [.. PerformanceMeasures.Compute(own, settings)];
            if (parsed.GetValue(benchmark) is { } column)
            {
                var other = series.ReadBeside(context, parsed, column);
                if (other.Returns.Length != read.Returns.Length)
                {
                    throw NumberOptions.Invalid(
                        benchmark.Name, FormattableString.Invariant($"{other.Returns.Length} returns beside {read.Returns.Length}"),
                        "a column with a value wherever the series has one");
                }

                rows.AddRange(PerformanceMeasures.Beside(own, Compounding(series, parsed, other, last), settings));
            }

            MeasureRows.Write(context, parsed, rows, series.BasisOf(parsed, read, last) with { Returns = ReturnKind.Simple.Code() }, read.DateOf);
            return ExitCode.Done;
        });
        return command;
    }

    public static Command BuildDrawdowns(CommandContext context)
    {
        var series = new SeriesOptions(context, gaps: GapRule.Join);
        var top = new Option<int?>("--top") { Description = "The deepest so many. Default: all.", HelpName = "n" };
        var window = Window();
        var command = SeriesOptions.With(
            new Command("drawdowns", "Every fall of wealth below its maximum, deepest first, with its peak, trough and recovery."), series.All, [top, window]);
        command.SetAction(parsed =>
        {
            var read = series.Read(context, parsed);
            var last = parsed.WindowOf(window, read.Sessions, int.MaxValue);
            var returns = Compounding(series, parsed, read, last);
            var drawdowns = Drawdowns.Of(returns);
            var first = read.Returns.Length - returns.Length;
            var rows = context.AllRows(
                parsed, "rank", "depth", "peak_index", "peak_date", "trough_index", "trough_date", "recovery_index", "recovery_date", "length",
                "episodes", "returns", "price_kind", "window", "horizon", "sign", "missing", "missing_sessions", "status", "reason");
            var basis = series.BasisOf(parsed, read, last);
            if (drawdowns.Status != Status.Ready)
            {
                object?[] none = [.. Enumerable.Repeat<object?>(null, 10)];
                rows.Write(
                [
                    .. none, "simple", basis.PriceKind, returns.Length, 1, "natural", basis.Missing, basis.MissingSessions,
                    drawdowns.Status.Code(), drawdowns.Maximum.Reason,
                ]);
            }

            foreach (var (rank, episode) in drawdowns.Episodes.Take(parsed.AtLeast(top, 1) ?? int.MaxValue).Index())
            {
                rows.Write(
                [
                    rank + 1, episode.Depth, episode.PeakIndex, DateOf(episode.PeakIndex), episode.TroughIndex, DateOf(episode.TroughIndex),
                    episode.RecoveryIndex, episode.RecoveryIndex is { } at ? DateOf(at) : null, episode.Length, drawdowns.Episodes.Count, "simple",
                    basis.PriceKind, returns.Length, 1, "natural", basis.Missing, basis.MissingSessions, Status.Ready.Code(), null,
                ]);
            }

            rows.Finish();
            return ExitCode.Done;

            // Wealth 0 stands before the first return, where the price before it is, if there is one.
            string? DateOf(int index) => read.DateOf(first + index - 1);
        });
        return command;
    }

    /// <summary>The returns as fractions that compound, the last of them if a window is given.</summary>
    private static double[] Compounding(SeriesOptions options, ParseResult parsed, ReturnSeries series, int? last)
    {
        var kind = series.Kind;
        if (kind is not (ReturnKind.Simple or ReturnKind.Log))
        {
            throw NumberOptions.Invalid(
                "--returns", kind == ReturnKind.Unstated ? "returns that do not say of which kind" : "absolute changes",
                "returns that compound: --returns simple makes them from prices, --returns none --return-kind simple or log takes them as given");
        }

        var window = series.Within(last) is { } asked && asked < series.Returns.Length ? series.Returns[^asked..] : series.Returns;
        return SummaryMeasures.SimpleReturns(window, kind, options.IsPercent(parsed));
    }

    // What a series earned it earned over all of its life.
    private static Option<string?> Window() => new("--window") { Description = "The last so many returns, or all. Default: all.", HelpName = "n|all" };

    private static Option<string> Levels(string description) =>
        new("--confidence") { Description = description, HelpName = "levels", DefaultValueFactory = _ => "0.95" };

    private static double Finite(ParseResult parsed, Option<double> option) => parsed.GetValue(option) is var value && double.IsFinite(value)
        ? value
        : throw NumberOptions.Invalid(option.Name, "no finite number", "a number");
}
