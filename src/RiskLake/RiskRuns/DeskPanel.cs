using RiskLake.Calendars;
using RiskLake.History;
using RiskLake.Portfolios;

namespace RiskLake.RiskRuns;

/// <summary>Prices of series on the sessions of their markets.</summary>
internal static class DeskPanel
{
    /// <param name="series">The series.</param>
    /// <param name="from">Earlier prices are not looked at.</param>
    /// <param name="date">Valuation date; of each market, its last session through it.</param>
    public static ReturnPanel Of(IReadOnlyList<PriceSeries> series, DateOnly from, DateOnly date)
    {
        var panel = new Dictionary<string, PanelSeries>(StringComparer.Ordinal);
        foreach (var one in series.Where(one => one.Calendar.Knows(date)))
        {
            panel[one.Key.Symbol] = Aligned(one, from, date);
        }

        return new ReturnPanel(panel);
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
