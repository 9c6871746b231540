using RiskLake.Contracts.Configuration;
using RiskLake.Desk.Limits;
using RiskLake.Desk.Portfolios;
using RiskLake.History;
using RiskLake.Lake.Errors;
using RiskLake.Risk;

namespace RiskLake.RiskRuns;

/// <summary>Explains the VaR, ES or volatility of a portfolio or node.</summary>
internal sealed class PortfolioExplanation(ExplanationRequest request, PortfolioBook book)
{
    /// <param name="earlier">Series as known on the old side, its date, and how was measured.</param>
    /// <param name="later">The same of the new side.</param>
    /// <param name="traded">Prices as they were traded, as known on either side.</param>
    /// <param name="earlierFirst">Earlier prices are not looked at on the old side.</param>
    /// <param name="laterFirst">Nor on the new side, which reaches back to the old window.</param>
    public ExplainedChange Explain(
        (IReadOnlyList<PriceSeries> Series, DateOnly Date, ExplanationParameters Parameters) earlier,
        (IReadOnlyList<PriceSeries> Series, DateOnly Date, ExplanationParameters Parameters) later,
        (IReadOnlyList<PriceSeries> Earlier, IReadOnlyList<PriceSeries> Later) traded, DateOnly earlierFirst, DateOnly laterFirst)
    {
        Require("--measure", request.Measure, [LimitedMeasure.ValueAtRisk, LimitedMeasure.ExpectedShortfall, LimitedMeasure.Volatility]);
        Require("--method", earlier.Parameters.Method, PortfolioMethod.Names);
        Require("--method", later.Parameters.Method, PortfolioMethod.Names);
        var was = DeskPanel.Of(earlier.Series, traded.Earlier, earlierFirst, earlier.Date);
        var now = DeskPanel.Of(later.Series, traded.Later, laterFirst, later.Date);
        var (before, after) = (Aggregate(was, earlier.Date), Aggregate(now, later.Date));
        if ((before.Refusal ?? after.Refusal) is { } refusal)
        {
            return Refused(after.Unit, refusal.Reason);
        }

        if (before.Unit != after.Unit)
        {
            return Refused(after.Unit, $"The numbers are in {before.Unit}, then in {after.Unit}.");
        }

        string[] symbols =
        [
            .. before.Exposures.Concat(after.Exposures).Select(item => item.Symbol).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal),
        ];
        if (symbols.FirstOrDefault(symbol => was.Of(symbol) is null || now.Of(symbol) is null) is { } missing)
        {
            return Refused(after.Unit, $"{missing}, held on one of the dates, has no series on the other.");
        }

        var from = State(was, symbols, before, earlier.Parameters, earlier.Parameters.Settings.Window);
        var to = State(now, symbols, after, later.Parameters, int.MaxValue);
        var common = now.CommonSessions(symbols);
        var attribution = ChangeAttribution.Explain(from, to, Measure, (history, parameters) => WindowOf(common, history, parameters.Settings.Window));
        return new(after.Unit, attribution, [.. symbols.Select((symbol, i) => (symbol, from.Weights[i], to.Weights[i]))]);
    }

    private static ExplainedChange Refused(string unit, string reason) => new(unit, new Attribution { Start = null, End = null, Reason = reason }, []);

    private PortfolioAggregate Aggregate(ReturnPanel panel, DateOnly date)
    {
        var held = book.On(date);
        var name = request.Subject.Name;
        if (request.Subject.Kind == LimitScope.Portfolio)
        {
            Require("--portfolio", name, [.. held.Select(one => one.Portfolio.Id)]);
            return PortfolioAggregate.Of(held.First(one => one.Portfolio.Id == name), panel);
        }

        var below = held.Where(one => one.Portfolio.Ancestors.Contains(name, StringComparer.Ordinal)).ToArray();
        if (below.Length == 0)
        {
            Require("--node", name, [.. held.SelectMany(one => one.Portfolio.Ancestors).Distinct(StringComparer.Ordinal)]);
        }

        return PortfolioAggregate.Of(name, [.. below.Select(one => PortfolioAggregate.Of(one, panel)).OrderBy(one => one.Path, StringComparer.Ordinal)]);
    }

    private static void Require(string option, string found, IReadOnlyList<string> known)
    {
        if (!known.Contains(found, StringComparer.Ordinal))
        {
            throw new RiskLakeException(
                ErrorCode.MeasureUnknown, option, $"'{found}'", known.Count > 0 ? $"one of {string.Join(", ", known)}" : "one of the configuration",
                Spelling.Suggest(found, known));
        }
    }

    private static AttributionState<ExplanationParameters> State(
        ReturnPanel panel, string[] symbols, PortfolioAggregate aggregate, ExplanationParameters parameters, int most)
    {
        var sample = panel.Latest(symbols, most);
        var window = WindowOf(panel.CommonSessions(symbols), new DatedReturns(sample.Sessions, sample.Columns), parameters.Settings.Window);
        var exposures = aggregate.Exposures.ToDictionary(item => item.Symbol, item => item.Exposure, StringComparer.Ordinal);
        return new(
            new DatedReturns(sample.Sessions, sample.Columns), window,
            [.. symbols.Select(symbol => exposures.GetValueOrDefault(symbol))], parameters);
    }

    /// <summary>Returns among the last common sessions of the window: gaps make them fewer.</summary>
    private static int WindowOf(DateOnly[] common, DatedReturns history, int window)
    {
        if (history.Dates.Count == 0)
        {
            return 0;
        }

        var last = Array.BinarySearch(common, history.Dates[^1]);
        return last < window ? history.Dates.Count : history.Dates.Count(date => date > common[last - window]);
    }

    private AttributedValue Measure(AttributionState<ExplanationParameters> state)
    {
        var (settings, method, confidence) = state.Parameters;
        int[] held = [.. Enumerable.Range(0, state.Weights.Count).Where(i => state.Weights[i] != 0.0)];
        double[][] columns = [.. held.Select(i => state.History.Columns[i][state.Start..])];
        var count = state.History.Dates.Count - state.Start;
        if (held.Length == 0 || count < Math.Max(2, settings.Minimum))
        {
            return new(null, FormattableString.Invariant($"Needs {settings.Minimum} returns, found {count}."), []);
        }

        double[] weights = [.. held.Select(i => state.Weights[i])];
        var sample = new PanelSample([.. state.History.Dates.Skip(state.Start)], columns, 0, true);
        var risk = method == PortfolioMethod.Historical
            ? HistoricalPortfolio.Decompose(weights, columns, confidence, settings.Measures.QuantileType)
            : ParametricPortfolio.Decompose(weights, sample.Means, sample.Covariance, confidence);
        var value = risk.Status != Status.Ready ? null
            : request.Measure == LimitedMeasure.ValueAtRisk ? risk.Total.ValueAtRisk.Value
            : request.Measure == LimitedMeasure.ExpectedShortfall ? risk.Total.ExpectedShortfall.Value
            : risk.StandardDeviation;
        return new(value, risk.Reason, [.. risk.Total.Tail.Select(item => item.Index + state.Start)]);
    }
}
