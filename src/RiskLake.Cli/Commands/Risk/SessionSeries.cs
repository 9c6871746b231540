using System.Globalization;
using RiskLake.Calendars;
using RiskLake.History;
using RiskLake.Reports;
using RiskLake.Risk.Measures;

namespace RiskLake.Cli.Commands.Risk;

/// <summary>The series of a report from session prices of the lake, with the findings of silver and the sessions without a price.</summary>
internal static class SessionSeries
{
    // More sessions than any market has had.
    private const int AllSessions = 200_000;

    /// <summary>Returns of all sessions through a date.</summary>
    public static ReportSeries Of(PriceSeries prices, DateOnly date, ReturnKind kind)
    {
        var returns = SessionReturns.Of(prices, date, AllSessions, kind);
        var place = returns.Prices.Select((price, i) => (price.Session, i)).ToDictionary(pair => pair.Session, pair => pair.i);
        int[] ends = [.. returns.Sessions.Select(session => place[session.DayNumber])];
        var key = prices.Key;
        return new ReportSeries
        {
            Name = key.Symbol,
            Kind = kind,
            Returns = returns.Values,
            Times = [.. returns.Sessions.Select(Midnight)],
            Start = ends.Length > 0 ? Midnight(DateOnly.FromDayNumber(returns.Prices[ends[0] - 1].Session)) : null,
            Prices = [.. ends.Select(end => returns.Prices[end].Price)],
            FirstPrice = ends.Length > 0 ? returns.Prices[ends[0] - 1].Price : null,
            Flags = Enumerable.Range(0, ends.Length).Where(i => returns.Flags[i] != 0)
                .ToDictionary(i => i, i => string.Join(", ", QualityFlagNames.Of(returns.Flags[i]))),
            MissingSessions = prices.IsMarketKnown ? Missing(prices.Calendar, returns) : null,
            OffSession = prices.IsMarketKnown ? OffSession(prices, returns) : null,
            Findings =
            [
                new Fact("Session prices", Figures.Count(returns.Prices.Count)),
                new Fact("Sessions from the last price to the valuation session", Figures.Count(returns.StaleSessions)),
            ],
            Provenance =
            [
                new("Symbol", key.Symbol),
                new("Source", key.Source.Length > 0 ? key.Source : "not stated"),
                new("Price", key.PriceKind == SeriesKey.Close ? "close of the daily bar" : "last event of the session"),
                new("Adjustment", key.Adjustment),
                new("Currency", key.Currency ?? "not stated"),
                new("Calendar", prices.IsMarketKnown ? prices.Calendar.Id : "no market is known: each price follows the one before it"),
                new("Valuation session", returns.Valuation.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)),
                new("SHA-256 of prices", returns.InputSha256()[..16] + "…"),
            ],
        };
    }

    private static List<DateOnly> Missing(ExchangeCalendar calendar, SessionReturns returns)
    {
        if (returns.Prices.Count == 0)
        {
            return [];
        }

        var known = returns.Prices.Select(price => price.Session).ToHashSet();
        var first = DateOnly.FromDayNumber(returns.Prices[0].Session);
        return [.. calendar.Sessions(first, returns.Valuation).Where(session => !known.Contains(session.DayNumber))];
    }

    private static List<DateOnly> OffSession(PriceSeries prices, SessionReturns returns) => returns.Prices.Count == 0
        ? []
        : [.. prices.OffSession.Where(day => day >= returns.Prices[0].Session && day <= returns.Valuation.DayNumber).Select(DateOnly.FromDayNumber)];

    private static DateTime Midnight(DateOnly date) => date.ToDateTime(TimeOnly.MinValue, DateTimeKind.Utc);
}
