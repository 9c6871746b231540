using System.CommandLine;
using RiskLake.Risk.Measures;

namespace RiskLake.Cli.Commands.Risk;

/// <summary><c>risklake risk measure</c>: moments, drawdowns, VaR and ES of one series.</summary>
internal static class MeasureCommand
{
    public static Command Build(CommandContext context)
    {
        var series = new SeriesOptions(context);
        var tails = new TailOptions();
        var command = SeriesOptions.With(
            new Command("measure", "Moments, drawdowns, value at risk and expected shortfall of one series, by every method."), series.All, tails.All);
        command.SetAction(parsed =>
        {
            var read = series.Read(context, parsed);
            var window = parsed.WindowOf(tails.Window, read.Sessions);
            var settings = tails.SettingsOf(parsed, read.Kind, series.IsPercent(parsed), read.Returns, read.Within(window));
            context.SayShort(tails.Window, parsed, read.Sessions);
            MeasureRows.Write(context, parsed, SeriesMeasures.Compute(read.Returns, settings), series.BasisOf(parsed, read, window), read.DateOf);
            return ExitCode.Done;
        });
        return command;
    }
}
