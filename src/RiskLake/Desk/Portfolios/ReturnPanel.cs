using RiskLake.Risk;
using RiskLake.Risk.Numerics;

namespace RiskLake.Desk.Portfolios;

/// <summary>What was paid for a symbol on the valuation session, corrected for nothing.</summary>
/// <param name="Price">The price.</param>
/// <param name="PriceKind">Of which kind, such as <c>close</c>.</param>
/// <param name="Adjustment">As its series declares it.</param>
internal sealed record TradedPrice(double Price, string PriceKind, string Adjustment);

/// <summary>Prices of one symbol on the sessions of its market: returns are made of them.</summary>
/// <param name="Currency">ISO 4217; null for a symbol that is not listed.</param>
/// <param name="Sessions">Sessions of the market through the valuation date, ascending.</param>
/// <param name="Prices">One per session; NaN where the session has none.</param>
internal sealed record PanelSeries(string? Currency, IReadOnlyList<DateOnly> Sessions, double[] Prices)
{
    /// <summary>Price of the market's last session; null without one.</summary>
    public double? LastPrice => Prices.Length > 0 && double.IsFinite(Prices[^1]) ? Prices[^1] : null;

    /// <summary>What quantities are valued at; null when only corrected prices of the valuation session are known.</summary>
    public TradedPrice? Traded { get; init; }

    /// <summary>Of which kind the prices are.</summary>
    public string? PriceKind { get; init; }

    /// <summary>What the prices are corrected for.</summary>
    public string? Adjustment { get; init; }

    /// <summary>Why the series cannot be used; null when it can.</summary>
    public PortfolioRefusal? Refusal { get; init; }
}

/// <summary>Returns without gaps.</summary>
/// <param name="Sessions">The session each return ends at, ascending.</param>
/// <param name="Columns">columns[i][t], one array per symbol asked for.</param>
/// <param name="Excluded">Common sessions within the window that have no return of every symbol.</param>
/// <param name="IsCurrent">Whether the last return ends at the last common session.</param>
internal sealed record PanelSample(IReadOnlyList<DateOnly> Sessions, IReadOnlyList<double[]> Columns, int Excluded, bool IsCurrent)
{
    private readonly Lazy<(double[] Means, CovarianceMatrix Covariance)> _moments = new(
        () => ([.. Columns.Select(column => OrderedSum.Of(column) / column.Length)], CovarianceEstimator.Sample(Columns)));

    /// <summary>Sample means, one per column.</summary>
    public double[] Means => _moments.Value.Means;

    /// <summary>Sample covariance, divisor n - 1.</summary>
    public CovarianceMatrix Covariance => _moments.Value.Covariance;
}

/// <summary>
/// Prices of many symbols as known at one time. Simple returns of some of them are taken from each session their markets have in common
/// to the very next one; where a price is missing there is no return, and nothing is filled.
/// </summary>
internal sealed class ReturnPanel(IReadOnlyDictionary<string, PanelSeries> series)
{
    private readonly Dictionary<string, PanelSample> _samples = new(StringComparer.Ordinal);

    public PanelSeries? Of(string symbol) => series.GetValueOrDefault(symbol);

    /// <summary>Of the latest common sessions of some symbols, at most so many, those on which every one has a return.</summary>
    public PanelSample Latest(IReadOnlyList<string> symbols, int most)
    {
        var key = FormattableString.Invariant($"{most} {string.Join(' ', symbols)}");
        return _samples.TryGetValue(key, out var sample) ? sample : _samples[key] = Collect(symbols, most);
    }

    private PanelSample Collect(IReadOnlyList<string> symbols, int most)
    {
        var common = CommonSessions(symbols);
        var prices = symbols.Select(symbol => Aligned(series[symbol], common)).ToArray();
        List<int> complete = [];
        var excluded = 0;
        for (var t = common.Length - 1; t > 0 && common.Length - t <= most; t--)
        {
            if (Array.TrueForAll(prices, column => IsReturn(column[t - 1], column[t])))
            {
                complete.Add(t);
            }
            else
            {
                excluded++;
            }
        }

        complete.Reverse();
        return new PanelSample(
            [.. complete.Select(t => common[t])],
            [.. prices.Select(column => complete.Select(t => Return(column[t - 1], column[t])).ToArray())],
            excluded,
            complete.Count > 0 && complete[^1] == common.Length - 1);
    }

    /// <summary>The sessions that the markets of some symbols have in common, ascending.</summary>
    public DateOnly[] CommonSessions(IReadOnlyList<string> symbols) => Common([.. symbols.Select(symbol => series[symbol].Sessions).Distinct()]);

    private static bool IsReturn(double before, double after) => double.IsFinite(before) && double.IsFinite(after);

    // No simple return leads to or from a price that is not positive; the day is there all the same, and refuses what it is part of.
    private static double Return(double before, double after) => before > 0.0 && after > 0.0 ? Returns.Simple([before, after])[0] : double.NaN;

    private static DateOnly[] Common(IReadOnlyList<IReadOnlyList<DateOnly>> markets)
    {
        var common = markets[0].ToHashSet();
        foreach (var market in markets.Skip(1))
        {
            common.IntersectWith(market);
        }

        return [.. markets[0].Where(common.Contains)];
    }

    private static double[] Aligned(PanelSeries one, DateOnly[] sessions)
    {
        var aligned = new double[sessions.Length];
        for (int i = 0, at = 0; i < aligned.Length; i++)
        {
            while (one.Sessions[at] < sessions[i])
            {
                at++;
            }

            aligned[i] = one.Prices[at];
        }

        return aligned;
    }
}
