using System.CommandLine;
using RiskLake.Cli.Output;
using RiskLake.Risk;

namespace RiskLake.Cli.Commands.Risk;

/// <summary><c>risklake risk rolling</c>: moments, VaR and ES over a moving window, a row per return.</summary>
internal static class RollingCommand
{
    public static Command Build(CommandContext context)
    {
        var series = new SeriesOptions(context);
        var window = NumberOptions.Whole("--window", "Returns in the window; the first row is that of the first full window.", 250);
        var confidence = new Option<string>("--confidence")
        {
            Description = "Confidence of VaR and ES, an exact decimal or fraction.",
            HelpName = "level",
            DefaultValueFactory = _ => "0.99",
        };
        var command = SeriesOptions.With(
            new Command("rolling", "Mean, standard deviation, historical VaR and ES over a moving window; a row's numbers know the returns up to it."),
            series.All, [window, confidence]);
        command.SetAction(parsed =>
        {
            var length = parsed.Between(window, 2, 1_000_000);
            var level = NumberOptions.Level(confidence.Name, parsed.GetValue(confidence)!);
            if (length * level.TailNumerator < level.Denominator)
            {
                throw NumberOptions.Invalid(
                    window.Name, FormattableString.Invariant($"{length} at {level}"), "a window with at least one return in the tail");
            }

            var read = series.Read(context, parsed);
            var returns = read.Returns;
            var (means, deviations) = (RollingMoments.Mean(returns, length), RollingMoments.StandardDeviation(returns, length));
            var (var, es) = (new double[returns.Length], new double[returns.Length]);
            RollingTail.ValueAtRiskAndShortfall(returns, length, level, var, es);
            var basis = series.BasisOf(parsed, read);
            var rows = context.Format(parsed) == OutputFormat.Table
                ? context.Rows(
                    parsed, "date", "mean", "standard_deviation", "value_at_risk", "expected_shortfall", "confidence", "returns", "price_kind", "window",
                    "horizon", "sign")
                : context.AllRows(
                    parsed, "index", "date", "mean", "standard_deviation", "value_at_risk", "expected_shortfall", "confidence", "returns", "price_kind",
                    "window", "horizon", "sign", "status");
            for (var i = length - 1; i < returns.Length; i++)
            {
                object?[] numbers = [Number(means[i]), Number(deviations[i]), Number(var[i]), Number(es[i]), level.Level, basis.Returns];
                var status = (double.IsFinite(var[i]) ? Status.Ready : Status.InvalidInput).Code();
                var sign = Sign.LossPositive.Code();
                rows.Write(context.Format(parsed) == OutputFormat.Table
                    ? [read.DateOf(i) ?? FormattableString.Invariant($"no. {i + 1}"), .. numbers, basis.PriceKind, length, 1, sign]
                    : [i, read.DateOf(i), .. numbers, basis.PriceKind, length, 1, sign, status]);
            }

            rows.Finish();
            return ExitCode.Done;
        });
        return command;
    }

    private static double? Number(double value) => double.IsFinite(value) ? value : null;
}
