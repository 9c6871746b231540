using System.Text.Json.Nodes;
using RiskLake.Calendars;
using RiskLake.Contracts;
using RiskLake.Desk.Limits;
using RiskLake.Desk.Portfolios;
using RiskLake.Gold;
using RiskLake.History;
using RiskLake.Lake;
using RiskLake.Lake.Columns;
using RiskLake.Risk;
using RiskLake.Risk.Measures;

namespace RiskLake.RiskRuns;

/// <summary>The portfolios and limits of a desk, as its configuration has them.</summary>
/// <param name="Portfolios">Portfolios; none without a file of them.</param>
/// <param name="Limits">Limits; none without a file of them, but those of mandates.</param>
internal sealed record DeskBooks(PortfolioBook Portfolios, LimitBook Limits)
{
    /// <summary>
    /// Reads the two files, by default those beside the list of symbols; limits beside portfolios that are named. A desk that has none of
    /// its own measures no portfolio and holds nothing against a limit: what another desk's files say would be an error about its symbols.
    /// </summary>
    public static DeskBooks Load(RiskRunRequest request, SymbolList symbols, ConfigurationFiles files)
    {
        var beside = request.Recorded is null && request.HasOwnDesk ? request.SymbolsPath : null;
        var held = files.Open(ConfigurationFiles.Portfolios, request.PortfoliosPath ?? Beside(beside, "portfolios.yaml"));
        var portfolios = held is null ? new PortfolioBook { Portfolios = [], Sha256 = "" } : PortfolioBook.Load(held, symbols);
        var limited = files.Open(
            ConfigurationFiles.Limits, request.LimitsPath ?? Beside(request.PortfoliosPath ?? beside, "risk_limits.yaml"));
        return new(portfolios, limited is null ? LimitBook.OfMandates(portfolios) : LimitBook.Load(limited, symbols, portfolios));
    }

    private static string? Beside(string? other, string name)
    {
        if (string.IsNullOrEmpty(other))
        {
            return null;
        }

        var path = Path.Combine(Path.GetDirectoryName(Path.GetFullPath(other)) ?? "", name);
        return File.Exists(path) ? path : null;
    }

    /// <summary>Adds the prices that quantities in force on a date are valued at, where other series than those of the returns have them.</summary>
    public void AddTraded(CanonicalText text, IReadOnlyList<PriceSeries> series, IReadOnlyList<PriceSeries> traded, DateOnly date)
    {
        var held = Portfolios.On(date).Where(one => one.Holdings.AreQuantities).SelectMany(one => one.Holdings.Positions)
            .Select(position => position.Symbol).ToHashSet(StringComparer.Ordinal);
        foreach (var one in series.Where(one => held.Contains(one.Key.Symbol) && one.Calendar.Knows(date)))
        {
            var session = one.Calendar.ToSession(date, SessionDirection.Previous);
            if (DeskPanel.TradedOf(one.Key.Symbol, traded, session) is var (_, other) && other.Key != one.Key)
            {
                text.Add("traded", one.Key.Symbol).Add("source", other.Key.Source).Add("kind", other.Key.PriceKind)
                    .Add("adjustment", other.Key.Adjustment).Add("price", SessionReturns.Digest(other.Between(session, session)));
            }
        }
    }

    /// <summary>Digest of everything in force on a date; null when nothing is.</summary>
    public string? DigestOn(DateOnly date) => Portfolios.Portfolios.Count == 0 && Limits.Limits.Count == 0
        ? null
        : $"{Portfolios.DigestOn(date)} {Limits.DigestOn(date)}";
}

/// <summary>Portfolios and limits of a run of risk: measured after its series, on the same prices.</summary>
/// <param name="books">Portfolios and limits.</param>
/// <param name="settings">How is measured.</param>
/// <param name="from">Earlier prices are not looked at.</param>
/// <param name="date">Valuation date.</param>
internal sealed class DeskRisk(DeskBooks books, RiskSettings settings, DateOnly from, DateOnly date)
{
    private string _input = "";

    public IReadOnlyList<PortfolioRiskRow> Rows { get; private set; } = [];

    public IReadOnlyList<LimitVerdict> Verdicts { get; private set; } = [];

    /// <summary>Scopes of limits in force that have no verdict, because the date is no session of a market they rest on.</summary>
    public IReadOnlyList<string> NotJudged { get; private set; } = [];

    /// <summary>Measures the portfolios and holds every number against the limits in force.</summary>
    /// <param name="series">The series of the run.</param>
    /// <param name="traded">Series of prices as they were traded.</param>
    /// <param name="risks">What was measured of them.</param>
    public void Measure(IReadOnlyList<PriceSeries> series, IReadOnlyList<PriceSeries> traded, IReadOnlyList<SeriesRisk> risks)
    {
        var options = new PortfolioMeasurementOptions
        {
            Confidences = settings.Measures.Levels(),
            Window = settings.Window,
            MinimumObservations = settings.Minimum,
            QuantileType = settings.Measures.QuantileType,
        };
        _input = Digest(series, traded);
        Rows = new PortfolioMeasurement(DeskPanel.Of(series, traded, from, date), options).Measure(books.Portfolios.On(date));
        var closed = series.Where(one => one.IsMarketKnown && one.Calendar.Knows(date) && !one.Calendar.IsSession(date))
            .Select(one => one.Key.Symbol).ToHashSet(StringComparer.Ordinal);
        var notJudged = new SortedSet<string>(StringComparer.Ordinal);
        Verdicts = LimitEvaluator.Evaluate(books.Limits, date, risks.SelectMany(OfSeries).Concat(MeasuredValue.Of(Rows)), scope =>
        {
            if (SymbolsOf(scope).Any(closed.Contains))
            {
                notJudged.Add(scope.ToString());
                return false;
            }

            return true;
        });
        NotJudged = [.. notJudged];
    }

    /// <summary>What a scope rests on: its number is new only on a day that is a session for all of it.</summary>
    private IEnumerable<string> SymbolsOf(LimitScope scope) => scope.Kind == LimitScope.Symbol
        ? [scope.Name]
        : books.Portfolios.On(date)
            .Where(held => scope.Kind == LimitScope.Portfolio
                ? held.Portfolio.Id == scope.Name
                : held.Portfolio.Ancestors.Contains(scope.Name, StringComparer.Ordinal))
            .SelectMany(held => held.Holdings.Positions).Select(position => position.Symbol);

    /// <summary>Stages the two tables.</summary>
    public IReadOnlyList<StagedFile> Write(StagingContext staging, string code, long? asOf, long? valuationTime)
    {
        using var portfolios = new RecordBatch(PortfolioTables.Risk.Schema);
        var parameters = new CanonicalText("portfolio-risk/1")
            .Add("measures", settings.MeasuresSha256).Add("portfolios", books.Portfolios.DigestOn(date)).Sha256();
        var lines = new PortfolioRows(date, _input, parameters, code, staging.RunId, asOf, valuationTime);
        foreach (var row in Rows)
        {
            lines.Append(portfolios, row);
        }

        using var evaluations = new RecordBatch(LimitTables.Evaluations.Schema);
        var rows = new LimitRows(code, staging.RunId, asOf, valuationTime);
        var limits = books.Limits.DigestOn(date);
        foreach (var verdict in Verdicts)
        {
            rows.Append(evaluations, verdict, limits);
        }

        return [.. GoldRows.Write(staging, PortfolioTables.Risk, portfolios, asOf), .. GoldRows.Write(staging, LimitTables.Evaluations, evaluations, asOf)];
    }

    /// <summary>Verdicts by status, for the record; null without a limit.</summary>
    public JsonObject? Summary() => Verdicts.Count == 0
        ? null
        : new JsonObject(Verdicts.GroupBy(verdict => verdict.Status).OrderBy(group => group.Key, StringComparer.Ordinal)
            .Select(group => KeyValuePair.Create(group.Key, (JsonNode?)group.Count())));

    private string Digest(IReadOnlyList<PriceSeries> series, IReadOnlyList<PriceSeries> traded)
    {
        var text = new CanonicalText("portfolio-prices/1");
        foreach (var one in series)
        {
            text.Add(one.Key.Symbol, SessionReturns.Digest(one.Between(from, date)));
        }

        books.AddTraded(text, series, traded, date);
        return text.Sha256();
    }

    /// <summary>The numbers of a series that limits may be held against, with the refusal that stands over them.</summary>
    private IEnumerable<MeasuredValue> OfSeries(SeriesRisk risk)
    {
        var scope = new LimitScope(LimitScope.Symbol, risk.Series.Key.Symbol);
        var basis = new MeasureBasis
        {
            Returns = settings.Measures.Kind.Code(), PriceKind = risk.Series.Key.PriceKind, Adjustment = risk.Series.Key.Adjustment,
        };
        foreach (var row in risk.Measures.Where(row => LimitedMeasure.HasConfidence(row.Measure.Name)))
        {
            yield return Value(scope, row.Measure, row.Unit, risk.Refusal, basis);
        }

        foreach (var row in risk.Volatility)
        {
            var unit = row.Measure.Convention.PeriodsPerYear is null ? LimitedMeasure.Fraction : LimitedMeasure.AnnualFraction;
            yield return Value(scope, row.Measure, unit, risk.Refusal, basis with { Returns = ReturnKind.Log.Code() });
        }
    }

    private static MeasuredValue Value(LimitScope scope, Measure measure, string unit, SeriesRefusal? refusal, MeasureBasis basis) => new(
        scope,
        new LimitedMeasure(measure.Name, measure.Method, measure.Convention.Confidence, measure.Convention.Horizon, unit),
        refusal is null ? measure.Value : null,
        refusal?.Status ?? measure.Status.Code(),
        refusal?.Reason ?? measure.Reason)
    {
        Basis = basis with { Window = measure.Convention.Window, Sign = measure.Convention.Sign.Code() },
    };
}
