using RiskLake.Calendars;

namespace RiskLake.History;

/// <summary>
/// How many sessions a market has in a year: 252 of New York, 365 of one that trades every day. The mean over fixed years, rounded, so
/// that neither the date of a valuation nor a later holiday moves an annual number.
/// </summary>
internal static class SessionsPerYear
{
    private const int FirstYear = 2000;
    private const int LastYear = 2019;

    /// <summary>Whole sessions of a year; of a calendar that knows none of those years, the mean over the whole years it knows.</summary>
    /// <returns>Null for a calendar that knows no whole year.</returns>
    public static int? Of(ExchangeCalendar calendar)
    {
        var (first, last) = (calendar.KnownFrom.DayOfYear == 1 ? calendar.KnownFrom.Year : calendar.KnownFrom.Year + 1, calendar.KnownThrough.Year);
        last -= calendar.KnownThrough == new DateOnly(last, 12, 31) ? 0 : 1;
        var (from, through) = (Math.Max(first, FirstYear), Math.Min(last, LastYear));
        if (from > through)
        {
            (from, through) = (first, last);
        }

        if (from > through)
        {
            return null;
        }

        var sessions = calendar.CountSessions(new DateOnly(from, 1, 1), new DateOnly(through, 12, 31));
        return (int)Math.Round((double)sessions / (through - from + 1), MidpointRounding.AwayFromZero);
    }
}
