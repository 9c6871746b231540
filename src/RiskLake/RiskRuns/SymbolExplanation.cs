using RiskLake.Calendars;
using RiskLake.Contracts.Configuration;
using RiskLake.Desk.Limits;
using RiskLake.History;
using RiskLake.Lake.Errors;
using RiskLake.Risk;
using RiskLake.Risk.Measures;

namespace RiskLake.RiskRuns;

/// <summary>Parts of a change, before it is known what was published.</summary>
internal sealed record ExplainedChange(string Unit, Attribution Attribution, IReadOnlyList<(string Symbol, double Before, double After)> Weights);

/// <summary>Explains the VaR or ES of one series.</summary>
internal sealed class SymbolExplanation(ExplanationRequest request)
{
    /// <param name="earlier">Series as known on the old side, its date, and how was measured.</param>
    /// <param name="later">The same of the new side; its prices reach back to the old window.</param>
    public ExplainedChange Explain(
        (IReadOnlyList<PriceSeries> Series, DateOnly Date, ExplanationParameters Parameters) earlier,
        (IReadOnlyList<PriceSeries> Series, DateOnly Date, ExplanationParameters Parameters) later)
    {
        if (!LimitedMeasure.HasConfidence(request.Measure))
        {
            throw Unknown("--measure", request.Measure, [LimitedMeasure.ValueAtRisk, LimitedMeasure.ExpectedShortfall]);
        }

        RequireMethod(earlier.Parameters.Method);
        RequireMethod(later.Parameters.Method);
        var (was, now) = (Find(earlier.Series), Find(later.Series));
        var unit = SeriesMeasures.UnitOf(later.Parameters.Settings.Measures);
        if (was.Key != now.Key)
        {
            return new(unit, Refused($"The numbers are of different series: {was.Key}, then {now.Key}."), []);
        }

        if (!now.IsMarketKnown)
        {
            return new(unit, Refused(SeriesRisk.UnknownMarketReason(now.Key.Symbol)), []);
        }

        var from = State(was, earlier.Date, earlier.Parameters);
        var to = State(now, later.Date, later.Parameters);
        if ((from.Refusal ?? to.Refusal) is { } refusal)
        {
            return new(unit, Refused(refusal), []);
        }

        var attribution = ChangeAttribution.Explain(from.State!, to.State!, Measure, (history, parameters) => WindowOf(now.Calendar, history, parameters));
        return new(unit, attribution, [(request.Subject.Name, 1.0, 1.0)]);
    }

    private static Attribution Refused(string reason) => new() { Start = null, End = null, Reason = reason };

    private PriceSeries Find(IReadOnlyList<PriceSeries> series) =>
        series.FirstOrDefault(one => one.Key.Symbol == request.Subject.Name)
        ?? throw Unknown("--symbol", request.Subject.Name, series.Select(one => one.Key.Symbol));

    private static void RequireMethod(string method)
    {
        if (TailMethods.Find(method) is null)
        {
            throw Unknown("--method", method, TailMethods.All.Select(one => one.Code));
        }
    }

    private static RiskLakeException Unknown(string option, string found, IEnumerable<string> known) => new(
        ErrorCode.MeasureUnknown, option, $"'{found}'", $"one of {string.Join(", ", known)}", Spelling.Suggest(found, known));

    private static (AttributionState<ExplanationParameters>? State, string? Refusal) State(
        PriceSeries series, DateOnly date, ExplanationParameters parameters)
    {
        var settings = parameters.Settings;
        var returns = SessionReturns.Of(series, date, SeriesRisk.EverySession, settings.Measures.Kind);
        if (returns.StaleSessions > settings.MaxStaleSessions)
        {
            return (null, FormattableString.Invariant($"There is no price of {returns.Valuation:yyyy-MM-dd}."));
        }

        var history = new DatedReturns(returns.Sessions, [returns.Values]);
        return (new(history, WindowOf(series.Calendar, history, parameters), [1.0], parameters), null);
    }

    /// <summary>Returns of the last sessions of the window: gaps make them fewer.</summary>
    private static int WindowOf(ExchangeCalendar calendar, DatedReturns history, ExplanationParameters parameters)
    {
        if (history.Dates.Count == 0)
        {
            return 0;
        }

        var last = history.Dates[^1];
        var window = parameters.Settings.Window;
        if (calendar.CountSessions(calendar.KnownFrom, last) <= window)
        {
            return history.Dates.Count;
        }

        var before = calendar.Offset(last, -window);
        return history.Dates.Count(date => date > before);
    }

    private AttributedValue Measure(AttributionState<ExplanationParameters> state)
    {
        var (settings, method, confidence) = state.Parameters;
        var returns = state.WindowReturns();
        if (returns.Length < settings.Minimum)
        {
            return new(null, FormattableString.Invariant($"Needs {settings.Minimum} returns, found {returns.Length}."), []);
        }

        var known = state.History.Columns[0];
        var rows = SeriesRisk.Windowed(known, returns.Length, settings.Measures with
        {
            Methods = [TailMethods.Named(method)],
            Confidences = [confidence],
            Summary = false,
            IntervalCoverage = null,
        });
        var row = rows.First(row => row.Measure.Name == request.Measure);
        return new(row.Measure.Value, row.Measure.Reason, [.. row.Tail.Select(item => item.Index + state.Start)]);
    }
}
