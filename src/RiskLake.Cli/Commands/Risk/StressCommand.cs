using System.CommandLine;
using System.Globalization;
using RiskLake.Cli.Output;
using RiskLake.Desk.Portfolios;
using RiskLake.Risk;

namespace RiskLake.Cli.Commands.Risk;

/// <summary><c>risklake risk stress</c>: what scenarios and stretches of history do to weighted series.</summary>
internal sealed class StressCommand
{
    private readonly PortfolioOptions _portfolio;

    private readonly Option<string[]> _scenario = Repeated(
        "--scenario", "Moves of series, A=-10%,B=+5%; a series that is not named does not move.", "name=move,...");

    private readonly Option<string[]> _predict = Repeated(
        "--predict", "A move of one series, A=-10%; the others move as is expected of them then.", "name=move");

    private readonly Option<string[]> _reverse = Repeated("--reverse", "A loss, 5% or 0.05: the most likely moves that lead to it.", "loss");
    private readonly Option<string[]> _worst = Repeated("--worst-window", "Periods: the worst stretch of history as long, bought at its start and held.", "n");
    private readonly Option<string[]> _replay = Repeated(
        "--replay", "A stretch of history, FROM..TO: two dates, or two 1-based numbers of observations where there are no dates.", "from..to");

    private readonly Option<string[]> _correlation = Repeated("--correlation", "A number in [-1, 1] that all correlations are moved to.", "rho");
    private readonly Option<double> _share = NumberOptions.Real("--correlation-share", "How far they are moved: 1 all the way.", 1.0);

    private StressCommand(CommandContext context) => _portfolio = new PortfolioOptions(context);

    public static Command Build(CommandContext context)
    {
        var own = new StressCommand(context);
        var command = SeriesOptions.With(
            new Command("stress", "What scenarios do to weighted series. Options may be repeated; without any, the worst 1, 5, 10 and 20 periods."),
            own._portfolio.All,
            [own._scenario, own._predict, own._reverse, own._worst, own._replay, own._correlation, own._share]);
        command.SetAction(parsed => own.Run(context, parsed));
        return command;
    }

    private static Option<string[]> Repeated(string name, string description, string value) =>
        new(name) { Description = description, HelpName = value, AllowMultipleArgumentsPerToken = false };

    private int Run(CommandContext context, ParseResult parsed)
    {
        var (table, weights) = _portfolio.ReadWeighted(context, parsed);
        var settings = _portfolio.CovarianceOf(parsed);
        var sample = _portfolio.Sample(context, parsed, table);
        var covariance = settings.Of(sample.Columns);
        var rows = new StressRows(context, parsed, table, weights, covariance, settings.Method.Code(), _portfolio.ReturnsOf(parsed));
        foreach (var text in Asked(parsed, _scenario))
        {
            var moves = NamedNumbers.Read(_scenario.Name, [text]);
            var shocks = moves.ToDictionary(move => NamedNumbers.Known(_scenario.Name, move.Name, table.Names), move => move.Value);
            rows.Write(StressScenarios.Hypothetical(text, table, weights, shocks, covariance));
        }

        foreach (var text in Asked(parsed, _predict))
        {
            if (NamedNumbers.Read(_predict.Name, [text]) is not [var (name, shock)])
            {
                throw NumberOptions.Invalid(_predict.Name, $"'{text}'", "one series and its move, A=-10%");
            }

            rows.Write(StressScenarios.Predictive(
                text, table, weights, NamedNumbers.Known(_predict.Name, name, table.Names), shock, covariance));
        }

        foreach (var text in Asked(parsed, _reverse))
        {
            var loss = NamedNumbers.Number(_reverse.Name, text);
            rows.Write(loss > 0.0
                ? StressScenarios.Reverse(text, weights, loss, covariance)
                : throw NumberOptions.Invalid(_reverse.Name, $"'{text}'", "a loss above zero"));
        }

        foreach (var horizon in Horizons(parsed))
        {
            rows.Write(StressScenarios.WorstWindow(horizon.ToString(CultureInfo.InvariantCulture), table, weights, horizon));
        }

        foreach (var text in Asked(parsed, _replay))
        {
            var (start, end) = ReplayRange.Of(_replay.Name, text, table);
            rows.Write(StressScenarios.Replay(text, table, weights, start, end));
        }

        Correlations(parsed, sample, weights, covariance, rows);
        rows.Finish();
        return ExitCode.Done;
    }

    private void Correlations(ParseResult parsed, ReturnTable table, double[] weights, CovarianceMatrix covariance, StressRows rows)
    {
        var means = _portfolio.MeanOf(parsed) == MeanRule.Sample ? PortfolioDecomposition.Means(table) : [];
        var share = parsed.GetValue(_share);
        if (!(share >= 0.0 && share <= 1.0))
        {
            throw NumberOptions.Invalid(_share.Name, share.ToString("R", CultureInfo.InvariantCulture), "a number from 0 to 1");
        }

        foreach (var text in Asked(parsed, _correlation))
        {
            var rho = NamedNumbers.Number(_correlation.Name, text);
            if (!(rho >= -1.0 && rho <= 1.0))
            {
                throw NumberOptions.Invalid(_correlation.Name, $"'{text}'", "a correlation from -1 to 1");
            }

            foreach (var level in _portfolio.ConfidencesOf(parsed).Distinct().Order())
            {
                rows.Write(text, level, StressScenarios.Correlation(weights, means, covariance, rho, share, level));
            }
        }
    }

    private IEnumerable<int> Horizons(ParseResult parsed)
    {
        Option<string[]>[] others = [_scenario, _predict, _reverse, _replay, _correlation];
        var texts = Asked(parsed, _worst).SelectMany(text => text.Split(',', StringSplitOptions.TrimEntries)).ToList();
        if (texts.Count == 0 && others.All(option => !Asked(parsed, option).Any()))
        {
            return [1, 5, 10, 20];
        }

        return texts.Select(text => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var horizon) && horizon >= 1
            ? horizon
            : throw NumberOptions.Invalid(_worst.Name, $"'{text}'", "a number of periods, 1 or more"));
    }

    private static IEnumerable<string> Asked(ParseResult parsed, Option<string[]> option) => parsed.GetValue(option) ?? [];
}
