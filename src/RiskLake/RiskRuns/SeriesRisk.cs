using RiskLake.Calendars;
using RiskLake.History;
using RiskLake.Quality;
using RiskLake.Risk;
using RiskLake.Risk.Measures;

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

    /// <summary>All returns known so far: what comes before the window feeds recursions.</summary>
    public SessionReturns? Known { get; init; }

    /// <summary>Returns of the window of the measures: the last of those known.</summary>
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

    /// <summary>More sessions than a market has.</summary>
    public const int EverySession = 1_000_000;

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

        var known = SessionReturns.Of(series, date, EverySession, settings.Measures.Kind);
        var bars = SessionReturns.Of(series, date, settings.Volatility.Window, settings.Measures.Kind);
        var findings = FindingsOf(returns, settings);
        return new SeriesRisk
        {
            Series = series,
            ValuationTime = time,
            Refusal = null,
            Known = known,
            Returns = returns,
            Measures = Measure(known.Values, returns.Values.Length, settings),
            Findings = findings,
            WithoutFlagged = findings.Count == 0 ? [] : Without(known.Values, returns.Values.Length, findings.Keys, settings),
            VolatilityPrices = bars,
            Volatility = Estimate(series, bars, date, settings),
            BacktestReturns = known,
            Tests = SeriesForecasts.Test(known.Values, settings, laws),
        };
    }

    private static SeriesRisk Refused(PriceSeries series, long? time, SeriesRefusal refusal, RiskSettings settings, ShortfallLaws laws) => new()
    {
        Series = series,
        ValuationTime = time,
        Refusal = refusal,
        Returns = null,
        Measures = Measure([], 0, settings),
        VolatilityPrices = null,
        Volatility = Estimate(series, null, default, settings),
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

    /// <summary>The measures of the last of some returns; the tail's positions are those within the window.</summary>
    public static IReadOnlyList<MeasureRow> Windowed(double[] known, int window, MeasureSettings measures)
    {
        if (window == known.Length || window < 2)
        {
            return SeriesMeasures.Compute(known.AsSpan(known.Length - window), measures);
        }

        var before = known.Length - window;
        return
        [
            .. SeriesMeasures.Compute(known, measures with { Window = window })
                .Select(row => row with { Tail = [.. row.Tail.Select(item => item with { Index = item.Index - before })] }),
        ];
    }

    /// <summary>The returns known without some of the window, by their positions in it.</summary>
    public static double[] Remaining(double[] known, int window, IEnumerable<int> left)
    {
        var positions = left.Select(index => known.Length - window + index).ToHashSet();
        return [.. known.Where((_, i) => !positions.Contains(i))];
    }

    private static IReadOnlyList<MeasureRow> Without(double[] known, int window, ICollection<int> left, RiskSettings settings) =>
        Measure(Remaining(known, window, left), window - left.Count, settings);

    private static IReadOnlyList<MeasureRow> Measure(double[] known, int window, RiskSettings settings)
    {
        var rows = new List<MeasureRow>(Windowed(known, window, settings.Measures));
        foreach (var horizon in settings.Horizons)
        {
            var measures = settings.Measures with { Horizon = horizon.Sessions, HorizonRule = horizon.Rule, Summary = false };
            rows.AddRange(Windowed(known, window, measures));
        }

        return rows;
    }

    /// <summary>
    /// A gap in the window leaves its estimators without a number: the sessions on both sides are not neighbours. Those without a window
    /// rest on all returns known, each from one session to the very next.
    /// </summary>
    private static IReadOnlyList<VolatilityRow> Estimate(PriceSeries series, SessionReturns? window, DateOnly date, RiskSettings settings)
    {
        var volatility = settings.Volatility with { PeriodsPerYear = settings.Annualising.PeriodsOf(series) };
        var rows = Windowed(series, window, volatility);
        if (window is null || !rows.Any(row => SeriesVolatility.IsRecursive(row.Measure.Method)))
        {
            return rows;
        }

        var returns = SessionReturns.Of(series, date, EverySession, ReturnKind.Log).Values;
        return
        [
            .. rows.Select(row => SeriesVolatility.IsRecursive(row.Measure.Method)
                ? row with { Measure = SeriesVolatility.Recursive(returns, row.Measure.Method, volatility) }
                : row),
        ];
    }

    private static IReadOnlyList<VolatilityRow> Windowed(PriceSeries series, SessionReturns? window, VolatilitySettings volatility)
    {
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
