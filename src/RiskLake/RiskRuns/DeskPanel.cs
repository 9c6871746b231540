using RiskLake.Calendars;
using RiskLake.Desk.Portfolios;
using RiskLake.History;

namespace RiskLake.RiskRuns;

/// <summary>Prices of series on the sessions of their markets.</summary>
internal static class DeskPanel
{
    /// <param name="series">The series that returns are made of.</param>
    /// <param name="traded">Series of prices as they were traded, which quantities are valued at; of a symbol the preferred one first.</param>
    /// <param name="from">Earlier prices are not looked at.</param>
    /// <param name="date">Valuation date; of each market, its last session through it.</param>
    public static ReturnPanel Of(IReadOnlyList<PriceSeries> series, IReadOnlyList<PriceSeries> traded, DateOnly from, DateOnly date)
    {
        var panel = new Dictionary<string, PanelSeries>(StringComparer.Ordinal);
        foreach (var one in series.Where(one => one.Calendar.Knows(date)))
        {
            var aligned = Aligned(one, from, date);
            panel[one.Key.Symbol] = aligned with
            {
                PriceKind = one.Key.PriceKind,
                Adjustment = one.Key.Adjustment,
                Traded = aligned.Sessions.Count == 0 ? null : TradedOf(one.Key.Symbol, traded, aligned.Sessions[^1])?.Price,
                Refusal = one.IsMarketKnown
                    ? null
                    : new PortfolioRefusal(PortfolioStatus.UnknownMarket, SeriesRisk.UnknownMarketReason(one.Key.Symbol)),
            };
        }

        return new ReturnPanel(panel);
    }

    /// <summary>The price of a session as it was traded, and the series it is of; null without one.</summary>
    public static (TradedPrice Price, PriceSeries Series)? TradedOf(string symbol, IReadOnlyList<PriceSeries> traded, DateOnly session)
    {
        foreach (var one in traded.Where(one => one.Key.Symbol == symbol))
        {
            if (one.Through(session) is [.., var last] && last.Session == session.DayNumber && double.IsFinite(last.Price))
            {
                return (new TradedPrice(last.Price, one.Key.PriceKind, one.Key.Adjustment), one);
            }
        }

        return null;
    }

    private static PanelSeries Aligned(PriceSeries one, DateOnly from, DateOnly date)
    {
        var valuation = one.Calendar.ToSession(date, SessionDirection.Previous);
        var known = one.Between(from, valuation);
        var first = known.Length > 0 ? DateOnly.FromDayNumber(known[0].Session) : valuation;
        DateOnly[] sessions = [.. one.Calendar.Sessions(first, valuation)];
        var prices = new double[sessions.Length];
        for (int i = 0, at = 0; i < prices.Length; i++)
        {
            while (at < known.Length && known[at].Session < sessions[i].DayNumber)
            {
                at++;
            }

            prices[i] = at < known.Length && known[at].Session == sessions[i].DayNumber ? known[at].Price : double.NaN;
        }

        return new PanelSeries(one.Key.Currency, sessions, prices);
    }
}
