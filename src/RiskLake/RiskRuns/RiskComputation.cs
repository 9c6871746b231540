using System.Text.Json.Nodes;
using RiskLake.Contracts;
using RiskLake.Desk.Limits;
using RiskLake.Gold;
using RiskLake.History;
using RiskLake.Lake;
using RiskLake.Lake.Columns;
using RiskLake.Quality;
using RiskLake.Risk;
using RiskLake.Risk.Measures;

namespace RiskLake.RiskRuns;

/// <summary>Computes the tables of a run of risk: series by series on all threads, written in the order of the series.</summary>
internal sealed class RiskComputation
{
    private readonly RiskSettings _settings;
    private readonly IReadOnlyList<PriceSeries> _series;
    private readonly IReadOnlyList<PriceSeries> _traded;
    private readonly DateOnly _date;
    private readonly int _threads;
    private IReadOnlyList<SeriesRisk> _risks = [];
    private readonly SortedDictionary<string, long> _statuses = new(StringComparer.Ordinal);

    public RiskComputation(
        RiskSettings settings, DeskBooks books, IReadOnlyList<PriceSeries> series, IReadOnlyList<PriceSeries> traded, DateOnly date, DateOnly from,
        long? asOf, int threads)
    {
        Desk = new DeskRisk(books, settings, from, date);
        _settings = settings;
        _series = series;
        _traded = traded;
        _date = date;
        _threads = threads;
        AsOf = asOf;
        foreach (var one in series)
        {
            foreach (var price in one.Between(RiskRun.Beginning, date))
            {
                AsOf = asOf ?? Math.Max(AsOf ?? long.MinValue, price.IngestTime);
            }

            if (one.IsMarketKnown && one.Calendar.Knows(date))
            {
                var session = one.Calendar.ToSession(date, Calendars.SessionDirection.Previous);
                ValuationTime = Math.Max(ValuationTime ?? long.MinValue, SessionClock.Micros(one.Calendar.Close(session)));
            }
        }
    }

    public IReadOnlyList<PriceSeries> Series => _series;

    /// <summary>What was known: as asked for, else the greatest ingest time of the prices; null without prices.</summary>
    public long? AsOf { get; }

    /// <summary>The latest close among the valuation sessions of the series; null without any.</summary>
    public long? ValuationTime { get; }

    /// <summary>Measures by status, once written.</summary>
    public IReadOnlyDictionary<string, long> Statuses => _statuses;

    /// <summary>Portfolios and limits, once written.</summary>
    public DeskRisk Desk { get; }

    /// <summary>Series without correlations, once written.</summary>
    public IReadOnlyList<LeftOut> LeftOut { get; private set; } = [];

    public IReadOnlyList<StagedFile> Write(StagingContext staging, CancellationToken ct)
    {
        var risks = Measure(ct);
        var rows = new RiskRows(_date, AsOf, staging.RunId, _settings);
        using var measures = new RecordBatch(RiskTables.Measures.Schema);
        using var volatility = new RecordBatch(RiskTables.Volatility.Schema);
        using var tests = new RecordBatch(RiskTables.Backtests.Schema);
        using var correlations = new RecordBatch(RiskTables.Correlations.Schema);
        foreach (var risk in risks)
        {
            rows.AddMeasures(measures, risk);
            rows.AddVolatility(volatility, risk);
            rows.AddTests(tests, risk);
        }

        Correlate(rows, correlations);
        CountStatuses(measures);
        return
        [
            .. GoldRows.Write(staging, RiskTables.Measures, measures, AsOf),
            .. GoldRows.Write(staging, RiskTables.Volatility, volatility, AsOf),
            .. GoldRows.Write(staging, RiskTables.Backtests, tests, AsOf),
            .. GoldRows.Write(staging, RiskTables.Correlations, correlations, AsOf),
            .. Desk.Write(staging, RiskRows.Code, AsOf, ValuationTime),
        ];
    }

    /// <summary>Measures, and holds the numbers against the limits in force; nothing is written.</summary>
    public IReadOnlyList<LimitVerdict> Judge(CancellationToken ct)
    {
        Measure(ct);
        return Desk.Verdicts;
    }

    private SeriesRisk[] Measure(CancellationToken ct)
    {
        var laws = new ShortfallLaws();
        var risks = new SeriesRisk[_series.Count];
        Parallel.For(
            0, risks.Length, new ParallelOptions { MaxDegreeOfParallelism = _threads, CancellationToken = ct },
            i => risks[i] = SeriesRisk.Of(_series[i], _date, _settings, laws));
        _risks = risks;
        Desk.Measure(_series, _traded, risks);
        return risks;
    }

    /// <summary>
    /// Of each symbol the VaR and ES of the first method at the highest confidence, and the first estimate of volatility: what a person
    /// looks at first. Once written.
    /// </summary>
    public JsonObject Headline()
    {
        var level = _settings.Measures.Levels()[^1];
        var headline = new JsonObject();
        foreach (var risk in _risks)
        {
            MeasureRow? Find(string name) => risk.Measures.FirstOrDefault(row => row.Measure.Name == name && row.Measure.Convention.Confidence == level);
            var (var, shortfall) = (Find("value_at_risk"), Find("expected_shortfall"));
            var volatility = risk.Volatility.Count > 0 ? risk.Volatility[0].Measure : null;
            var isOpen = risk.Refusal is null;
            headline[risk.Series.Key.Symbol] = new JsonObject
            {
                ["method"] = var?.Measure.Method,
                ["confidence"] = level.ToString(),
                ["value_at_risk"] = isOpen ? var?.Measure.Value : null,
                ["expected_shortfall"] = isOpen ? shortfall?.Measure.Value : null,
                ["volatility"] = isOpen ? volatility?.Value : null,
                ["observations"] = risk.Returns?.Values.Length ?? 0,
                ["returns"] = _settings.Measures.Kind.Code(),
                ["window"] = _settings.Window,
                ["price_kind"] = risk.Series.Key.PriceKind,
                ["status"] = risk.Refusal?.Status ?? var?.Measure.Status.Code(),
                ["reason"] = risk.Refusal?.Reason ?? var?.Measure.Reason,
            };
        }

        return headline;
    }

    private void Correlate(RiskRows rows, RecordBatch batch)
    {
        if (_series.Count > _settings.MostCorrelated)
        {
            var reason = FormattableString.Invariant($"{_series.Count} symbols are more than correlations.most_symbols, {_settings.MostCorrelated}.");
            LeftOut = [new LeftOut("*", Status.OutsideDomain, reason)];
            return;
        }

        var known = _series.Where(one => one.IsMarketKnown && one.Calendar.Knows(_date)).ToArray();
        var aligned = AlignedReturns.Of(known, _date, _settings.CorrelationWindow, _settings.Measures.Kind, _settings.Minimum);
        LeftOut =
        [
            .. aligned.LeftOut.Concat(_series.Where(one => !one.IsMarketKnown).Select(one => new LeftOut(
                one.Key.Symbol, Status.InvalidInput, SeriesRisk.UnknownMarketReason(one.Key.Symbol)))).OrderBy(one => one.Symbol, StringComparer.Ordinal),
        ];
        var symbols = aligned.Series.Select(one => one.Key.Symbol).ToArray();
        if (symbols.Length > 1)
        {
            var pairs = SeriesCorrelations.Compute(aligned.Columns, symbols, _settings.CorrelationMethods, _settings.Measures.EwmaLambda);
            rows.AddCorrelations(batch, aligned, pairs, ValuationTime);
        }
    }

    private void CountStatuses(RecordBatch measures)
    {
        var status = measures["status"];
        for (var row = 0; row < measures.RowCount; row++)
        {
            var text = status.Text(row);
            _statuses[text] = _statuses.GetValueOrDefault(text) + 1;
        }
    }
}
