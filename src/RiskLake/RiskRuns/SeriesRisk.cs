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

    /// <summary>Findings about observations of the window, by index of the return.</summary>
    public IReadOnlyDictionary<int, IReadOnlyList<string>> Findings { get; init; } = new Dictionary<int, IReadOnlyList<string>>();

    /// <summary>The measures over the observations without a finding, in the order of <see cref="Measures"/>; empty where there is none.</summary>
    public IReadOnlyList<MeasureRow> WithoutFlagged { get; init; } = [];

    public required SessionReturns? VolatilityPrices { get; init; }

    public required IReadOnlyList<VolatilityRow> Volatility { get; init; }

    public required SessionReturns? BacktestReturns { get; init; }

    public required IReadOnlyList<SeriesTest> Tests { get; init; }

    /// <summary>Status of a series of which nobody says a market: its sessions, and so its returns, are not known.</summary>
    public const string UnknownMarket = "unknown_market";

    public static string UnknownMarketReason(string symbol) =>
        $"Nobody says in which market {symbol} trades: list it with its market in symbols.yaml, or name one for such symbols with --calendar.";

    /// <summary>Computes the numbers of a series on a date.</summary>
    public static SeriesRisk Of(PriceSeries series, DateOnly date, RiskSettings settings, ShortfallLaws laws)
    {
        if (!series.IsMarketKnown)
        {
            return Refused(series, null, new SeriesRefusal(UnknownMarket, UnknownMarketReason(series.Key.Symbol)), settings, laws);
        }

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
        var findings = FindingsOf(returns, settings);
        var tested = SessionReturns.Of(series, date, settings.ForecastWindow + settings.BacktestDays, settings.Measures.Kind);
        return new SeriesRisk
        {
            Series = series,
            ValuationTime = time,
            Refusal = null,
            Returns = returns,
            Measures = Measure(returns.Values, settings),
            Findings = findings,
            WithoutFlagged = findings.Count == 0 ? [] : Measure([.. returns.Values.Where((_, i) => !findings.ContainsKey(i))], settings),
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

    /// <summary>What silver found about either price of a return, and what the judge of series finds.</summary>
    private static Dictionary<int, IReadOnlyList<string>> FindingsOf(SessionReturns returns, RiskSettings settings)
    {
        var judged = SeriesFindings.Of(returns.Values, settings.Measures.Kind);
        var findings = new Dictionary<int, IReadOnlyList<string>>();
        for (var i = 0; i < returns.Values.Length; i++)
        {
            IReadOnlyList<string> names = [.. QualityFlagNames.Of(returns.Flags[i]), .. judged.TryGetValue(i, out var found) ? found : []];
            if (names.Count > 0)
            {
                findings.Add(i, names);
            }
        }

        return findings;
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
        var volatility = settings.Volatility with { PeriodsPerYear = settings.Annualising.PeriodsOf(series) };
        if (window is null or { MissingSessions: > 0 })
        {
            return SeriesVolatility.Compute(ReadOnlySpan<double>.Empty, volatility);
        }

        return series.Key.PriceKind == SeriesKey.Close && window.Prices.All(IsBar)
            ? SeriesVolatility.Compute([.. window.Prices.Select(price => new Bar(price.Open, price.High, price.Low, price.Price))], volatility)
            : SeriesVolatility.Compute([.. window.Prices.Select(price => price.Price)], volatility);

        static bool IsBar(SessionPrice price) => !double.IsNaN(price.Open) && !double.IsNaN(price.High) && !double.IsNaN(price.Low);
    }
}
