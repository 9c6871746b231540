using RiskLake.Calendars;
using RiskLake.History;
using RiskLake.Measures;
using RiskLake.Quality;
using RiskLake.Risk;

namespace RiskLake.RiskRuns;

/// <summary>A status that stands over those of the single numbers: there is no number, whatever the method.</summary>
internal sealed record SeriesRefusal(string Status, string Reason);

/// <summary>One test of the forecasts of one method.</summary>
internal sealed record SeriesTest(TailMethod Method, BacktestSettings Settings, BacktestRow Row, int? Exceedances);

/// <summary>Everything a run of risk says of one series.</summary>
internal sealed record SeriesRisk
{
    public required PriceSeries Series { get; init; }

    /// <summary>Close of the valuation session, in microseconds; null when the calendar does not know it.</summary>
    public required long? ValuationTime { get; init; }

    /// <summary>Why there are no numbers; null when each has a status of its own.</summary>
    public required SeriesRefusal? Refusal { get; init; }

    /// <summary>Returns of the window of the measures.</summary>
    public required SessionReturns? Returns { get; init; }

    public required IReadOnlyList<MeasureRow> Measures { get; init; }

    public required SessionReturns? VolatilityPrices { get; init; }

    public required IReadOnlyList<VolatilityRow> Volatility { get; init; }

    public required SessionReturns? BacktestReturns { get; init; }

    public required IReadOnlyList<SeriesTest> Tests { get; init; }

    /// <summary>Computes the numbers of a series on a date.</summary>
    public static SeriesRisk Of(PriceSeries series, DateOnly date, RiskSettings settings, ShortfallLaws laws)
    {
        SessionReturns returns;
        try
        {
            returns = SessionReturns.Of(series, date, settings.Window, settings.Measures.Kind);
        }
        catch (CalendarException error)
        {
            return Refused(series, null, new SeriesRefusal("outside_calendar", error.Message), settings, laws);
        }

        var refusal = RefusalOf(returns, settings);
        var time = SessionClock.Micros(series.Calendar.Close(returns.Valuation));
        if (refusal is not null)
        {
            return Refused(series, time, refusal, settings, laws) with { Returns = returns };
        }

        var bars = SessionReturns.Of(series, date, settings.Volatility.Window, settings.Measures.Kind);
        var tested = SessionReturns.Of(series, date, settings.ForecastWindow + settings.BacktestDays, settings.Measures.Kind);
        return new SeriesRisk
        {
            Series = series,
            ValuationTime = time,
            Refusal = null,
            Returns = returns,
            Measures = Measure(returns.Values, settings),
            VolatilityPrices = bars,
            Volatility = Estimate(series, bars, settings),
            BacktestReturns = tested,
            Tests = SeriesForecasts.Test(tested.Values, settings, laws),
        };
    }

    private static SeriesRisk Refused(PriceSeries series, long? time, SeriesRefusal refusal, RiskSettings settings, ShortfallLaws laws) => new()
    {
        Series = series,
        ValuationTime = time,
        Refusal = refusal,
        Returns = null,
        Measures = Measure([], settings),
        VolatilityPrices = null,
        Volatility = Estimate(series, null, settings),
        BacktestReturns = null,
        Tests = SeriesForecasts.Test([], settings, laws),
    };

    private static SeriesRefusal? RefusalOf(SessionReturns returns, RiskSettings settings)
    {
        if (returns.Prices.Count > 0 && returns.StaleSessions > settings.MaxStaleSessions)
        {
            var last = DateOnly.FromDayNumber(returns.Prices[^1].Session);
            return new SeriesRefusal("stale", FormattableString.Invariant(
                $"The last price is of {last:yyyy-MM-dd}, {returns.StaleSessions} sessions before the valuation session {returns.Valuation:yyyy-MM-dd}."));
        }

        return returns.Values.Length < settings.Minimum
            ? new SeriesRefusal(
                Status.InsufficientHistory.Code(), FormattableString.Invariant($"Needs {settings.Minimum} returns, found {returns.Values.Length}."))
            : null;
    }

    private static IReadOnlyList<MeasureRow> Measure(double[] values, RiskSettings settings)
    {
        var rows = new List<MeasureRow>(SeriesMeasures.Compute(values, settings.Measures));
        foreach (var horizon in settings.Horizons)
        {
            rows.AddRange(SeriesMeasures.Compute(values, settings.Measures with { Horizon = horizon.Sessions, HorizonRule = horizon.Rule, Summary = false }));
        }

        return rows;
    }

    /// <summary>A gap in the window leaves estimators without a number: the sessions on both sides are not neighbours.</summary>
    private static IReadOnlyList<VolatilityRow> Estimate(PriceSeries series, SessionReturns? window, RiskSettings settings)
    {
        if (window is null or { MissingSessions: > 0 })
        {
            return SeriesVolatility.Compute(ReadOnlySpan<double>.Empty, settings.Volatility);
        }

        return series.Key.PriceKind == SeriesKey.Close && window.Prices.All(IsBar)
            ? SeriesVolatility.Compute([.. window.Prices.Select(price => new Bar(price.Open, price.High, price.Low, price.Price))], settings.Volatility)
            : SeriesVolatility.Compute([.. window.Prices.Select(price => price.Price)], settings.Volatility);

        static bool IsBar(SessionPrice price) => !double.IsNaN(price.Open) && !double.IsNaN(price.High) && !double.IsNaN(price.Low);
    }
}
