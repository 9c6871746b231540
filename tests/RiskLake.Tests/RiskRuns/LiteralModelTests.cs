using System.Globalization;
using RiskLake.Calendars;
using RiskLake.Lake;
using RiskLake.Tests.History;
using RiskLake.Tests.Runs;

namespace RiskLake.Tests.RiskRuns;

/// <summary>
/// Runs of risk over random histories against a model that follows the design to the letter: returns of the adjusted series from each
/// session to the very next one, quantities at the traded price, sessions of the series' own market, its sessions of a year. Markets of five
/// zones, one of them open every day; splits, dividends, missing sessions, rows on days without one; bars, or events within the day.
/// <c>RISKLAKE_MODEL_RUNS</c> says how many.
/// </summary>
public sealed class LiteralModelTests
{
    private const int Window = 30;
    private const int VolatilityWindow = 21;
    private const double Quantity = 100;

    private static readonly (string Market, int PerYear)[] Markets =
        [("XNYS", 252), ("XLON", 253), ("XTKS", 245), ("XASX", 253), ("24-7", 365)];

    private static readonly DateTime Landed = new(2025, 1, 2, 12, 0, 0, DateTimeKind.Utc);

    [Fact]
    public void A_run_of_risk_says_what_the_model_says()
    {
        var count = Environment.GetEnvironmentVariable("RISKLAKE_MODEL_RUNS") is { Length: > 0 } text ? int.Parse(text, CultureInfo.InvariantCulture) : 15;
        for (var seed = 0; seed < count; seed++)
        {
            Check(new World(seed));
        }
    }

    private static void Check(World world)
    {
        using var desk = new HistoryDesk();
        world.Publish(desk);
        var request = desk.Request with
        {
            Date = world.Valuation,
            FallbackMarket = null,
            SymbolsPath = desk.Desk.Write("own/symbols.yaml", $$"""
                symbols:
                  - symbol: TST
                    market: {{world.Market}}
                    currency: USD
                    tick: 0.01
                    sources: [stooq, test]
                    start_price: 1
                    annual_volatility: 0.1
                """),
            PortfoliosPath = desk.Desk.Write("own/portfolios.yaml", $$"""
                defaults: {base_currency: USD}
                portfolios:
                  - {id: units, holdings: [{from: 2020-01-01, quantities: {TST: {{Quantity}} } }]}
                  - {id: shares, holdings: [{from: 2020-01-01, weights: {TST: 1.0} }]}
                """),
            SettingsPath = desk.Desk.Write("own/risk.yaml", $$"""
                window: {{Window}}
                minimum: 2
                confidences: [0.9]
                methods: [historical]
                volatility: {window: {{VolatilityWindow}}, periods_per_year: market}
                backtests: {forecast_window: 20, days: 5, confidences: [0.9], methods: [historical]}
                """),
        };
        desk.Risk(request);
        var measures = desk.Desk.Rows(Layer.Gold, "risk_measures");
        string? Of(string measure, string column) => measures.First(row => row["measure"] == measure && row["horizon"] == "1")[column];

        var (returns, missing) = world.Returns();
        var isStale = !world.Has[world.At];
        Assert.Equal(world.Market, Of("mean", "market"));
        Assert.Equal(world.IsAdjustedPublished ? "all" : world.IsRawPublished ? "raw" : "undeclared", Of("mean", "adjustment"));
        if (isStale)
        {
            Assert.Equal("stale", Of("mean", "status"));
            Assert.All(measures, row => Assert.Null(row["value"]));
        }
        else if (returns.Length >= 2)
        {
            Assert.Equal(returns.Length.ToString(CultureInfo.InvariantCulture), Of("mean", "observations"));
            Assert.Equal(missing.ToString(CultureInfo.InvariantCulture), Of("mean", "missing_sessions"));
            Assert.Equal(world.OffSessionPrices.ToString(CultureInfo.InvariantCulture), Of("mean", "off_session_prices"));
            Near(returns.Average(), Of("mean", "value"), world);
            Near(Deviation(returns), Of("standard_deviation", "value"), world);
            Near(returns.Length >= 10 ? -Quantile(returns, 0.1) : null, Of("value_at_risk", "value"), world);
            Assert.Equal(("9/10", "0.9", "simple", "loss_positive"), (
                Of("value_at_risk", "confidence"), Of("value_at_risk", "confidence_level"), Of("value_at_risk", "returns"), Of("value_at_risk", "sign")));
        }

        var annual = desk.Desk.Rows(Layer.Gold, "volatility").Single(row => row["method"] == "close_to_close");
        Assert.Equal(world.PerYear.ToString(CultureInfo.InvariantCulture), annual["periods_per_year"]);
        Near(isStale || returns.Length < 2 ? null : world.AnnualVolatility(), annual["value"], world);

        var portfolios = desk.Desk.Rows(Layer.Gold, "portfolio_risk").Where(row => row["level"] == "portfolio" && row["method"] == "historical").ToArray();
        var units = portfolios.Single(row => row["portfolio"] == "units");
        Near(isStale || !world.IsTradedPublished ? null : Quantity * world.Traded[world.At], units["net_exposure"], world);
        if (!isStale)
        {
            Assert.Equal(world.IsTradedPublished, units["status"] != "no_traded_price");

            // Exposures of today and no return to today: of positions the last one must be there.
            Near(
                world.IsTradedPublished && returns.Length >= 10 && world.Has[world.At - 1] ? -Quantile(returns, 0.1) * Quantity * world.Traded[world.At] : null,
                units["value_at_risk"], world);
            Near(1.0, portfolios.Single(row => row["portfolio"] == "shares")["net_exposure"], world);
        }
    }

    private static void Near(double? expected, string? found, World world)
    {
        var number = found is null ? (double?)null : double.Parse(found, CultureInfo.InvariantCulture);
        Assert.True(
            expected is null == number is null
            && (expected is null || Math.Abs(expected.Value - number!.Value) <= 1e-9 * Math.Max(Math.Abs(expected.Value), 1e-3)),
            $"{world}: expected {expected}, found {found}");
    }

    private static double Deviation(IReadOnlyList<double> values)
    {
        var mean = values.Average();
        return Math.Sqrt(values.Sum(value => (value - mean) * (value - mean)) / (values.Count - 1));
    }

    private static double Quantile(IReadOnlyList<double> values, double level)
    {
        var sorted = values.Order().ToArray();
        var place = (sorted.Length - 1) * level;
        var below = (int)Math.Floor(place);
        return sorted[below] + ((place - below) * (sorted[Math.Min(below + 1, sorted.Length - 1)] - sorted[below]));
    }

    /// <summary>One market and instrument with all that happened to it, and what of it was delivered.</summary>
    private sealed class World
    {
        private readonly int _seed;
        private readonly ExchangeCalendar _calendar;
        private readonly double[] _adjusted;
        private readonly DateOnly[] _closedDays;
        private readonly bool _areEvents;
        private readonly Random _random;

        public World(int seed)
        {
            (_seed, _random) = (seed, new Random(seed));
            (Market, PerYear) = Markets[seed % Markets.Length];
            _calendar = CalendarLibrary.BuiltIn.Get(Market);
            var first = new DateOnly(2023, 11, 1).AddDays(_random.Next(200));
            Sessions = [.. _calendar.Sessions(first, first.AddDays(120)).Take(50)];
            (Traded, _adjusted) = Prices(Sessions.Length);
            Has = [.. Sessions.Select(_ => _random.Next(_seed % 3 == 0 ? 12 : 1000) > 0)];
            At = Sessions.Length - 1 - _random.Next(6);
            Has[At] = _random.Next(8) > 0;
            var delivered = _random.Next(5);
            (IsRawPublished, IsAdjustedPublished, _areEvents) = delivered switch
            {
                0 => (true, false, false),
                1 => (false, true, false),
                2 => (true, true, false),
                3 => (false, true, true),
                _ => (false, false, true),
            };

            // An event on a day without a session is nobody's price; neither is a bar.
            _closedDays = [.. Enumerable.Range(0, 60).Select(i => Sessions[0].AddDays(i)).Where(day => !_calendar.IsSession(day) && _random.Next(4) == 0)];
        }

        public string Market { get; }

        public int PerYear { get; }

        public DateOnly[] Sessions { get; }

        /// <summary>What was paid.</summary>
        public double[] Traded { get; }

        public bool[] Has { get; }

        /// <summary>The valuation session.</summary>
        public int At { get; }

        public DateOnly Valuation => Sessions[At];

        public bool IsRawPublished { get; }

        public bool IsAdjustedPublished { get; }

        public bool IsTradedPublished => IsRawPublished || _areEvents;

        /// <summary>First session that the window reaches and that has a price.</summary>
        private int Start => Enumerable.Range(Math.Max(At - Window, 0), At + 1 - Math.Max(At - Window, 0)).First(i => Has[i]);

        public int OffSessionPrices => _closedDays.Count(day => day >= Sessions[Start] && day <= Valuation);

        /// <summary>Returns of the window, and how many of its sessions have no price.</summary>
        public (double[] Returns, int Missing) Returns()
        {
            var prices = IsAdjustedPublished ? _adjusted : Traded;
            List<double> returns = [];
            var last = Enumerable.Range(0, At + 1).Last(i => i == 0 || Has[i]);
            for (var i = Start + 1; i <= At; i++)
            {
                if (Has[i] && Has[i - 1])
                {
                    returns.Add((prices[i] / prices[i - 1]) - 1);
                }
            }

            return ([.. returns], Enumerable.Range(Start, Math.Max(last - Start, 0)).Count(i => !Has[i]));
        }

        public double? AnnualVolatility()
        {
            var from = At - VolatilityWindow;
            if (from < 0 || Enumerable.Range(from, VolatilityWindow + 1).Any(i => !Has[i]))
            {
                return null;
            }

            var prices = IsAdjustedPublished ? _adjusted : Traded;
            return Deviation([.. Enumerable.Range(from + 1, VolatilityWindow).Select(i => Math.Log(prices[i] / prices[i - 1]))]) * Math.Sqrt(PerYear);
        }

        public void Publish(HistoryDesk desk)
        {
            var days = Sessions.Select((day, i) => (day, i)).Where(pair => Has[pair.i]).OrderBy(_ => _random.Next()).ToArray();
            List<TestBar> bars = [];
            foreach (var (adjustment, prices, isPublished) in new[] { ("raw", Traded, IsRawPublished), ("all", _adjusted, IsAdjustedPublished) })
            {
                bars.AddRange(isPublished ? days.Select(pair => Bar(pair.day, prices[pair.i], adjustment)) : []);
                bars.AddRange(isPublished ? _closedDays.Select(day => Bar(day, 12345, adjustment)) : []);
            }

            if (bars.Count > 0)
            {
                desk.PublishBars(bars);
            }

            if (_areEvents)
            {
                desk.PublishEvents(days.SelectMany(pair => Events(pair.day, Traded[pair.i])).Concat(_closedDays.Select(day => Event(
                    $"closed-{day:yyyyMMdd}", 54321, day.ToDateTime(new TimeOnly(12, 0), DateTimeKind.Utc)))));
            }
        }

        public override string ToString() => FormattableString.Invariant(
            $"seed {_seed}, {Market}, {Valuation:yyyy-MM-dd}, raw {IsRawPublished}, adjusted {IsAdjustedPublished}, events {_areEvents}");

        private TestBar Bar(DateOnly day, double price, string adjustment) => new("TST", day, price, Landed) { Adjustment = adjustment, Market = Market };

        /// <summary>A session of events: one at the open, the last one before the close, and where the market closes one after it.</summary>
        private IEnumerable<TestEvent> Events(DateOnly day, double price)
        {
            var (open, close) = (_calendar.Open(day).UtcDateTime, _calendar.Close(day).UtcDateTime);
            yield return Event($"open-{day:yyyyMMdd}", price * 1.5, open.AddMinutes(1));
            yield return Event($"last-{day:yyyyMMdd}", price, close.AddMinutes(-1));
            if (Market != "24-7")
            {
                yield return Event($"late-{day:yyyyMMdd}", price * 2, close.AddMinutes(30));
            }
        }

        private static TestEvent Event(string id, double price, DateTime at) => new(id, "TST", price, 1, at, TimeSpan.FromSeconds(1));

        /// <summary>Prices as they were paid, and the same without the jumps of splits and dividends, equal on the last day.</summary>
        private (double[] Traded, double[] Adjusted) Prices(int count)
        {
            var (traded, gross) = (new double[count], new double[count]);
            (traded[0], gross[0]) = (100 + _random.Next(200), 1);
            var (split, dividend) = (_random.Next(count), _random.Next(count));
            for (var i = 1; i < count; i++)
            {
                var grown = traded[i - 1] * (1 + (0.04 * (_random.NextDouble() - 0.5)));
                var paid = i == dividend ? 0.05 * grown : 0;
                var factor = i == split ? new[] { 2.0, 4.0, 10.0, 0.5 }[_random.Next(4)] : 1;
                traded[i] = (grown - paid) / factor;
                gross[i] = ((traded[i] * factor) + paid) / traded[i - 1];
            }

            var adjusted = new double[count];
            adjusted[^1] = traded[^1];
            for (var i = count - 1; i > 0; i--)
            {
                adjusted[i - 1] = adjusted[i] / gross[i];
            }

            return (traded, adjusted);
        }
    }
}
