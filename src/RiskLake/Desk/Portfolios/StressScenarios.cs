using RiskLake.Risk;

namespace RiskLake.Desk.Portfolios;

/// <summary>One scenario and what it does to the portfolio.</summary>
/// <param name="Rule">How it was made: <c>hypothetical</c>, <c>predictive</c>, <c>reverse</c>, <c>worst_window</c>, <c>replay</c>.</param>
/// <param name="Name">What was asked for, in the words of the command.</param>
/// <param name="Scenario">Shocks and contributions, with plausibility where there is a covariance.</param>
/// <param name="Start">Position of the price before a window; null for scenarios that are no history.</param>
/// <param name="End">Position of its last price.</param>
/// <param name="Reason">Why there is none.</param>
internal sealed record StressResult(string Rule, string Name, StressScenario Scenario, int? Start, int? End, string? Reason);

/// <summary>The portfolio's risk with other correlations.</summary>
/// <param name="Rho">The correlation every pair is moved to.</param>
/// <param name="Share">How far: 1 all the way.</param>
/// <param name="Base">Risk as estimated.</param>
/// <param name="Stressed">Risk with the moved correlations.</param>
internal sealed record CorrelationResult(double Rho, double Share, PortfolioRisk Base, PortfolioRisk Stressed);

/// <summary>Stress tests of a portfolio over a table of returns.</summary>
internal static class StressScenarios
{
    private const string NoPrices =
        "A window of history needs prices, or returns that compound to some: say whether they are simple or log with --return-kind.";

    /// <summary>Shocks by name; a series that is not named is not moved.</summary>
    public static StressResult Hypothetical(
        string name, ReturnTable table, double[] weights, IReadOnlyDictionary<string, double> shocks, CovarianceMatrix covariance)
    {
        double[] moves = [.. table.Names.Select(series => shocks.TryGetValue(series, out var shock) ? shock : 0.0)];
        return Result("hypothetical", name, StressTest.Hypothetical(weights, moves, covariance.Status == Status.Ready ? covariance : null), covariance);
    }

    /// <summary>One series moves by a shock, the others by what is expected of them then.</summary>
    public static StressResult Predictive(
        string name, ReturnTable table, double[] weights, string series, double shock, CovarianceMatrix covariance) => Result(
        "predictive", name, StressTest.Predictive(weights, covariance, table.Names.ToList().IndexOf(series), shock), covariance);

    /// <summary>The most likely way to a loss.</summary>
    public static StressResult Reverse(string name, double[] weights, double loss, CovarianceMatrix covariance) =>
        Result("reverse", name, StressTest.Reverse(weights, covariance, loss), covariance);

    /// <summary>The worst stretch of history of so many periods for a portfolio bought at its start and held.</summary>
    public static StressResult WorstWindow(string name, ReturnTable table, double[] weights, int horizon)
    {
        if (table.Prices is not { } prices)
        {
            return None("worst_window", name, Status.OutsideDomain, NoPrices);
        }

        if (BadPrice(table) is { } bad)
        {
            return None("worst_window", name, Status.InvalidInput, bad);
        }

        return StressTest.WorstWindow(weights, prices, horizon) is { } window
            ? new StressResult("worst_window", name, window.Scenario, window.Start, window.End, null)
            : None(
                "worst_window",
                name,
                Status.InsufficientHistory,
                FormattableString.Invariant($"Needs {horizon + 1} prices, found {(prices.Count == 0 ? 0 : prices[0].Length)}."));
    }

    /// <summary>A stretch of history, from the price at one position to that at another.</summary>
    public static StressResult Replay(string name, ReturnTable table, double[] weights, int start, int end)
    {
        if (table.Prices is not { } prices)
        {
            return None("replay", name, Status.OutsideDomain, NoPrices);
        }

        if (BadPrice(table) is { } bad)
        {
            return None("replay", name, Status.InvalidInput, bad);
        }

        var window = StressTest.Replay(weights, prices, start, end);
        return new StressResult("replay", name, window.Scenario, window.Start, window.End, null);
    }

    /// <summary>All correlations moved to one number.</summary>
    public static CorrelationResult Correlation(
        double[] weights, double[] means, CovarianceMatrix covariance, double rho, double share, Confidence level) => new(
        rho,
        share,
        ParametricPortfolio.Decompose(weights, means, covariance, level),
        ParametricPortfolio.Decompose(weights, means, StressTest.CorrelationStress(covariance, rho, share), level));

    private static string? BadPrice(ReturnTable table)
    {
        for (var i = 0; i < table.Names.Count; i++)
        {
            if (Returns.Defects(table.Prices![i]) is [var first, ..])
            {
                return FormattableString.Invariant($"Price {first + 1} of {table.Names[i]} is zero, negative or not finite.");
            }
        }

        return null;
    }

    private static StressResult Result(string rule, string name, StressScenario scenario, CovarianceMatrix covariance) => new(
        rule,
        name,
        scenario,
        null,
        null,
        scenario.Status == Status.Ready ? null : covariance.Reason ?? "The series or the portfolio has no variance, or one beyond the range of numbers.");

    private static StressResult None(string rule, string name, Status status, string reason) =>
        new(rule, name, new StressScenario(status, rule, [], [], null, null, null), null, null, reason);
}
