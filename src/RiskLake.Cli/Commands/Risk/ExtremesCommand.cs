using System.CommandLine;
using System.Globalization;
using RiskLake.Risk;
using RiskLake.Risk.Measures;

namespace RiskLake.Cli.Commands.Risk;

/// <summary><c>risklake risk evt</c>: the tail beyond a threshold by extreme value theory.</summary>
internal static class ExtremesCommand
{
    public static Command Build(CommandContext context)
    {
        var series = new SeriesOptions(context);
        var threshold = new Option<double?>("--threshold")
        {
            Description = "Fit above this loss, in the unit of the returns. Default: above the quantile --threshold-level of the losses.",
            HelpName = "loss",
        };
        var level = new Option<string>("--threshold-level")
        {
            Description = "Quantile of the losses above which the Pareto law is fitted.",
            HelpName = "level",
            DefaultValueFactory = _ => "0.95",
        };
        var confidence = new Option<string>("--confidence")
        {
            Description = "Confidences between commas, each an exact decimal or fraction.",
            HelpName = "levels",
            DefaultValueFactory = _ => "0.975,0.99,0.999",
        };
        var coverage = new Option<string>("--interval")
        {
            Description = "Coverage of profile likelihood intervals; none for none.",
            HelpName = "level",
            DefaultValueFactory = _ => "0.95",
        };
        var hill = new Option<string?>("--hill")
        {
            Description = "Hill's shape, and Weissman's VaR on it, from so many of the greatest losses; several between commas.",
            HelpName = "counts",
        };
        var window = NumberOptions.SampleWindow();
        var command = SeriesOptions.With(
            new Command("evt", "The tail of losses beyond a threshold: Pareto fit with errors, VaR and ES with intervals, Hill and Weissman."),
            series.All, [threshold, level, confidence, coverage, hill, window]);
        command.SetAction(parsed =>
        {
            if (parsed.GetValue(threshold) is { } given && (!double.IsFinite(given) || parsed.GetResult(level) is { Implicit: false }))
            {
                throw NumberOptions.Invalid(threshold.Name, "no finite number, or a level beside it", "a loss, or --threshold-level");
            }

            var read = series.Read(context, parsed);
            var sessions = parsed.WindowOf(window, read.Sessions);
            var returns = read.Within(sessions) is { } asked && asked < read.Returns.Length ? read.Returns[^asked..] : read.Returns;
            var settings = new ExtremeSettings
            {
                Threshold = parsed.GetValue(threshold),
                ThresholdLevel = NumberOptions.Level(level.Name, parsed.GetValue(level)!),
                Confidences = [.. NumberOptions.Levels(confidence.Name, parsed.GetValue(confidence)!).Distinct()],
                Coverage = parsed.GetValue(coverage) is var text && text == "none" ? null : NumberOptions.Level(coverage.Name, text!),
                HillCounts = Counts(hill, parsed.GetValue(hill)),
                Unit = SeriesMeasures.UnitOf(new MeasureSettings { Kind = read.Kind, Percent = series.IsPercent(parsed) }),
            };
            context.SayShort(window, parsed, read.Sessions);
            MeasureRows.Write(context, parsed, ExtremeMeasures.Compute(returns, settings), series.BasisOf(parsed, read, sessions), read.DateOf);
            return ExitCode.Done;
        });
        return command;
    }

    private static int[] Counts(Option<string?> option, string? text) => text is null
        ? []
        :
        [
            .. text.Split(',', StringSplitOptions.TrimEntries).Select(part =>
                int.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out var count) && count >= 1
                    ? count
                    : throw NumberOptions.Invalid(option.Name, $"'{part}'", "numbers of losses, 1 or more, between commas")),
        ];
}
