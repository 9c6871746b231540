using RiskLake.Calendars;

namespace RiskLake.Quality;

/// <summary>Where an event falls in its market's time.</summary>
internal enum EventPlace
{
    /// <summary>Outside the range in which the calendar's facts are known: nothing is said.</summary>
    NotKnown,

    /// <summary>In a trading minute.</summary>
    Trading,

    /// <summary>On a day with a session, but in its break or before or after it.</summary>
    OutOfSession,

    /// <summary>On a day without a session.</summary>
    NonTradingDay,
}

/// <summary>A stretch of time in one place.</summary>
/// <param name="Place">The place.</param>
/// <param name="Day">Day number of the session; outside sessions, of the date that the market's clocks show.</param>
/// <param name="Start">First microsecond since the epoch.</param>
/// <param name="End">First microsecond after the stretch.</param>
internal readonly record struct PlacedStretch(EventPlace Place, int Day, long Start, long End)
{
    public bool Contains(long micros) => micros >= Start && micros < End;
}

/// <summary>Tells microseconds by a market's calendar.</summary>
/// <remarks>
/// Hours that were cut short without announcement count as they were: an event expected in them would be missing in every run. The
/// unit is the minute, as all sessions begin and end with one.
/// </remarks>
internal sealed class SessionClock(ExchangeCalendar calendar)
{
    public const long MicrosPerMinute = 60_000_000;

    public const long MicrosPerDay = 1440 * MicrosPerMinute;

    public ExchangeCalendar Calendar { get; } = calendar.WithDisruptions();

    public static DateTimeOffset Instant(long micros) => DateTimeOffset.UnixEpoch.AddTicks(micros * TimeSpan.TicksPerMicrosecond);

    public static long Micros(DateTimeOffset instant) => (instant.UtcTicks - DateTime.UnixEpoch.Ticks) / TimeSpan.TicksPerMicrosecond;

    public static long Floor(long micros, long unit) => micros - (((micros % unit) + unit) % unit);

    /// <summary>The place of an instant, and for how long around it the answer is the same.</summary>
    public PlacedStretch Place(long micros)
    {
        var at = Instant(micros);
        var minute = Floor(micros, MicrosPerMinute);
        if (!Calendar.Knows(at))
        {
            return new PlacedStretch(EventPlace.NotKnown, 0, minute, minute + MicrosPerMinute);
        }

        if (Calendar.SessionAt(at) is { } session)
        {
            return InSession(Calendar.Schedule(session), at);
        }

        var date = Calendar.LocalDateAt(at);
        var place = !Calendar.Knows(date) ? EventPlace.NotKnown
            : Calendar.IsSession(date) ? EventPlace.OutOfSession
            : EventPlace.NonTradingDay;
        return new PlacedStretch(place, date.DayNumber, minute, minute + MicrosPerMinute);
    }

    private static PlacedStretch InSession(ScheduledSession session, DateTimeOffset at)
    {
        var (start, end) = (session.BreakStart ?? session.Close, session.BreakEnd ?? session.Close);
        var (place, from, to) = at < start ? (EventPlace.Trading, session.Open, start)
            : at < end ? (EventPlace.OutOfSession, start, end)
            : (EventPlace.Trading, end, session.Close);
        return new PlacedStretch(place, session.Session.DayNumber, Micros(from), Micros(to));
    }
}
