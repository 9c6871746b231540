using System.Collections.Immutable;

namespace RiskLake.Calendars;

/// <summary>In what a session differs between two schedules.</summary>
public enum DifferenceField
{
    /// <summary>The expected schedule has the session, the actual one does not.</summary>
    Missing,

    /// <summary>The actual schedule has the session, the expected one does not.</summary>
    Extra,

    /// <summary>The opens differ.</summary>
    Open,

    /// <summary>The closes differ.</summary>
    Close,

    /// <summary>The starts of the break differ, or only one schedule has a break.</summary>
    BreakStart,

    /// <summary>The ends of the break differ, or only one schedule has a break.</summary>
    BreakEnd,
}

/// <summary>One difference between two schedules.</summary>
/// <param name="Session">The session's date.</param>
/// <param name="Field">What differs.</param>
/// <param name="Expected">The instant in the expected schedule, for a missing session its open; null if it has none.</param>
/// <param name="Actual">The instant in the actual schedule, for an extra session its open; null if it has none.</param>
/// <param name="Reason">The holiday or special time that the calendar gives for its side, if it has one.</param>
/// <param name="IsKnown">False when the date lies outside the range in which the calendar's facts are known.</param>
/// <param name="Explanation">Why the calendar differs on purpose; null if nobody has explained it.</param>
public sealed record SessionDifference(
    DateOnly Session,
    DifferenceField Field,
    DateTimeOffset? Expected,
    DateTimeOffset? Actual,
    string? Reason,
    bool IsKnown = true,
    string? Explanation = null)
{
    /// <summary>Every difference between two calendars from one date through another, by session and field.</summary>
    /// <param name="expected">The calendar to compare with, such as an older version.</param>
    /// <param name="actual">The calendar to be judged.</param>
    /// <param name="from">First date.</param>
    /// <param name="through">Last date.</param>
    /// <exception cref="CalendarException">Part of the range is unknown to one of the calendars.</exception>
    public static ImmutableArray<SessionDifference> Between(
        ExchangeCalendar expected, ExchangeCalendar actual, DateOnly from, DateOnly through) =>
        Between(expected.Schedule(from, through).AsSpan(), actual.Schedule(from, through).AsSpan(), expected.WhyClosed, actual.WhyClosed);

    internal static ImmutableArray<SessionDifference> Between(
        ReadOnlySpan<ScheduledSession> expected,
        ReadOnlySpan<ScheduledSession> actual,
        Func<DateOnly, string?> whyNotExpected,
        Func<DateOnly, string?> whyNotActual)
    {
        var differences = ImmutableArray.CreateBuilder<SessionDifference>();
        var (e, a) = (0, 0);
        while (e < expected.Length || a < actual.Length)
        {
            if (a == actual.Length || (e < expected.Length && expected[e].Session < actual[a].Session))
            {
                var (session, open) = (expected[e].Session, expected[e].Open);
                differences.Add(new SessionDifference(session, DifferenceField.Missing, open, Actual: null, whyNotActual(session)));
                e++;
            }
            else if (e == expected.Length || actual[a].Session < expected[e].Session)
            {
                var (session, open) = (actual[a].Session, actual[a].Open);
                differences.Add(new SessionDifference(session, DifferenceField.Extra, Expected: null, open, whyNotExpected(session)));
                a++;
            }
            else
            {
                var (left, right) = (expected[e++], actual[a++]);
                var lateOpen = right.LateOpen ?? left.LateOpen;
                var earlyClose = right.EarlyClose ?? left.EarlyClose;
                Add(left.Session, DifferenceField.Open, left.Open, right.Open, lateOpen);
                Add(left.Session, DifferenceField.Close, left.Close, right.Close, earlyClose);
                Add(left.Session, DifferenceField.BreakStart, left.BreakStart, right.BreakStart, earlyClose ?? lateOpen);
                Add(left.Session, DifferenceField.BreakEnd, left.BreakEnd, right.BreakEnd, earlyClose ?? lateOpen);
            }
        }

        return differences.ToImmutable();

        void Add(DateOnly session, DifferenceField field, DateTimeOffset? left, DateTimeOffset? right, string? reason)
        {
            if (left != right)
            {
                differences.Add(new SessionDifference(session, field, left, right, reason));
            }
        }
    }
}
