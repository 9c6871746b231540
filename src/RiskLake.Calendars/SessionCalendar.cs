using System.Collections.Immutable;
using static System.FormattableString;

namespace RiskLake.Calendars;

/// <summary>Which session a date or an instant without one stands for.</summary>
public enum SessionDirection
{
    /// <summary>None: the question is an error.</summary>
    Exact,

    /// <summary>The next session.</summary>
    Next,

    /// <summary>The session before.</summary>
    Previous,

    /// <summary>The next session unless it lies in another month; then the session before.</summary>
    ModifiedNext,
}

/// <summary>A stretch of trading without a break.</summary>
/// <param name="Start">The first instant, UTC.</param>
/// <param name="End">The first instant after it, UTC.</param>
public readonly record struct TradingInterval(DateTimeOffset Start, DateTimeOffset End);

/// <summary>The days on which one market, or several taken together, have a session.</summary>
/// <remarks>
/// A session is named by its date. Every answer lies inside the range in which the facts are known, <see cref="KnownFrom"/>
/// through <see cref="KnownThrough"/>; a question that leads outside throws <see cref="CalendarException"/> with
/// <see cref="CalendarFault.OutsideKnown"/>. Instances do not change and may be shared between threads. Look-ups are binary
/// searches and allocate nothing.
/// </remarks>
public abstract class SessionCalendar
{
    private readonly int[] _days;
    private readonly int _first;
    private readonly int _last;

    private protected SessionCalendar(string id, int[] days, DateOnly knownFrom, DateOnly knownThrough)
    {
        Id = id;
        _days = days;
        (_first, _last) = (knownFrom.DayNumber, knownThrough.DayNumber);
    }

    /// <summary>The calendar's id; for a joint calendar, its members' ids.</summary>
    public string Id { get; }

    /// <summary>The first date about which the calendar answers.</summary>
    public DateOnly KnownFrom => DateOnly.FromDayNumber(_first);

    /// <summary>The last date about which the calendar answers.</summary>
    public DateOnly KnownThrough => DateOnly.FromDayNumber(_last);

    internal int[] DayNumbers => _days;

    /// <summary>Whether the calendar answers questions about a date.</summary>
    public bool Knows(DateOnly date) => date.DayNumber >= _first && date.DayNumber <= _last;

    /// <summary>Whether the calendar answers questions about an instant: no session outside the known range can be open at it.</summary>
    public abstract bool Knows(DateTimeOffset at);

    /// <summary>Whether a date is a session.</summary>
    public bool IsSession(DateOnly date) => Find(date) >= 0;

    /// <summary>The sessions from one date through another, both included.</summary>
    public ImmutableArray<DateOnly> Sessions(DateOnly from, DateOnly through)
    {
        var (start, end) = Range(from, through);
        var sessions = ImmutableArray.CreateBuilder<DateOnly>(end - start);
        for (var i = start; i < end; i++)
        {
            sessions.Add(DateOnly.FromDayNumber(_days[i]));
        }

        return sessions.MoveToImmutable();
    }

    /// <summary>How many sessions there are from one date through another, both included.</summary>
    public int CountSessions(DateOnly from, DateOnly through)
    {
        var (start, end) = Range(from, through);
        return end - start;
    }

    /// <summary>The first session after a date, which need not be a session.</summary>
    public DateOnly NextSession(DateOnly date)
    {
        var at = Find(date);
        return Session(at >= 0 ? at + 1 : ~at, "the session after", date);
    }

    /// <summary>The last session before a date, which need not be a session.</summary>
    public DateOnly PreviousSession(DateOnly date)
    {
        var at = Find(date);
        return Session((at >= 0 ? at : ~at) - 1, "the session before", date);
    }

    /// <summary>The session that a date stands for: itself if it is one, else the one in the direction given.</summary>
    public DateOnly ToSession(DateOnly date, SessionDirection direction)
    {
        if (Find(date) >= 0)
        {
            return date;
        }

        switch (direction)
        {
            case SessionDirection.Next:
                return NextSession(date);
            case SessionDirection.Previous:
                return PreviousSession(date);
            case SessionDirection.ModifiedNext:
                // The end of a month can be the end of what is known; then the next session certainly lies in another month.
                var at = ~Find(date);
                return at < _days.Length && DateOnly.FromDayNumber(_days[at]).Month == date.Month ? NextSession(date)
                    : at == _days.Length && KnownThrough < LastOfMonth(date) ? NextSession(date)
                    : PreviousSession(date);
            default:
                throw NoSession(date);
        }
    }

    /// <summary>The session so many sessions after one, or before it when the number is negative.</summary>
    /// <exception cref="CalendarException">The date is not a session, or the answer lies outside what is known.</exception>
    public DateOnly Offset(DateOnly session, int sessions)
    {
        var at = Index(session) + (long)sessions;
        return at >= 0 && at < _days.Length
            ? DateOnly.FromDayNumber(_days[at])
            : throw Unknown(Invariant($"the session {sessions} from {session:yyyy-MM-dd}"));
    }

    /// <summary>The number of sessions from one session to another: <c>Offset(from, Distance(from, to)) == to</c>.</summary>
    public int Distance(DateOnly from, DateOnly to) => Index(to) - Index(from);

    /// <summary>Whether trading is possible at an instant.</summary>
    public abstract bool IsOpenAt(DateTimeOffset at);

    /// <summary>The stretches of trading in a session, ascending; empty if the members of a joint calendar never trade together.</summary>
    public abstract ImmutableArray<TradingInterval> TradingIntervals(DateOnly session);

    /// <summary>The calendar's id.</summary>
    public override string ToString() => Id;

    /// <summary>The position of a session among all.</summary>
    private protected int Index(DateOnly session)
    {
        var at = Find(session);
        return at >= 0 ? at : throw NoSession(session);
    }

    /// <summary>The positions <c>[start, end)</c> of the sessions from one date through another.</summary>
    private protected (int Start, int End) Range(DateOnly from, DateOnly through)
    {
        if (through < from)
        {
            throw new ArgumentException(Invariant($"{through:yyyy-MM-dd} lies before {from:yyyy-MM-dd}"), nameof(through));
        }

        var start = Find(from);
        var end = Find(through);
        return (start >= 0 ? start : ~start, end >= 0 ? end + 1 : ~end);
    }

    private protected CalendarException Unknown(string what) => new(
        CalendarFault.OutsideKnown,
        Invariant($"calendar {Id} is known from {KnownFrom:yyyy-MM-dd} through {KnownThrough:yyyy-MM-dd}; {what} lies outside"));

    private CalendarException NoSession(DateOnly date) =>
        new(CalendarFault.NotASession, Invariant($"{date:yyyy-MM-dd} is not a session of {Id}"));

    private DateOnly Session(int index, string what, DateOnly date) =>
        index >= 0 && index < _days.Length
            ? DateOnly.FromDayNumber(_days[index])
            : throw Unknown(Invariant($"{what} {date:yyyy-MM-dd}"));

    private int Find(DateOnly date) =>
        Knows(date) ? _days.AsSpan().BinarySearch(date.DayNumber) : throw Unknown(Invariant($"{date:yyyy-MM-dd}"));

    private static DateOnly LastOfMonth(DateOnly date) => new(date.Year, date.Month, DateTime.DaysInMonth(date.Year, date.Month));
}
