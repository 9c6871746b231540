using System.Collections.Immutable;
using NodaTime;
using RiskLake.Calendars.Rules;
using static System.FormattableString;

namespace RiskLake.Calendars;

/// <summary>The sessions of one market with their times.</summary>
/// <remarks>
/// Regular and announced facts, and closures nobody announced, are always part of the calendar; unannounced late opens and
/// early closes only after <see cref="WithDisruptions"/>. <see cref="AsBelievedOn"/> takes away what was not yet known on a day.
/// </remarks>
public sealed partial class ExchangeCalendar : SessionCalendar
{
    // A calendar without a known range follows rules that need no facts; it still ends somewhere.
    private static readonly DateOnly s_unboundedFrom = new(1900, 1, 1);
    private static readonly DateOnly s_unboundedThrough = new(2099, 12, 31);

    private readonly CalendarView _view;
    private readonly SessionTable _table;
    private readonly ClosedDays _closed;
    private readonly int _coveredFrom;
    private readonly int _coveredTo;

    private ExchangeCalendar(
        CalendarRules rules, CalendarView view, SessionTableBuilder builder, SessionTable table, DateOnly from, DateOnly through)
        : base(rules.Id, table.Days, from, through)
    {
        (Rules, _view, _table, _closed) = (rules, view, table, builder.Closed);
        (_coveredFrom, _coveredTo) = builder.Covered(from, through);
    }

    /// <summary>The rules the calendar was built from.</summary>
    public CalendarRules Rules { get; }

    /// <summary>The day whose knowledge the calendar is limited to; null for everything known now.</summary>
    public DateOnly? BelievedOn => _view.BelievedOn;

    /// <summary>The version of the IANA time zone database in use, such as <c>TZDB: 2026f</c>.</summary>
    public static string TimeZoneVersion => DateTimeZoneProviders.Tzdb.VersionId;

    internal static ExchangeCalendar Build(CalendarRules rules, CalendarView view) =>
        Build(rules, view, rules.KnownFrom ?? s_unboundedFrom, rules.KnownThrough ?? s_unboundedThrough);

    internal static ExchangeCalendar Build(CalendarRules rules, CalendarView view, DateOnly from, DateOnly through)
    {
        var builder = new SessionTableBuilder(rules, from, through, view);
        return new ExchangeCalendar(rules, view, builder, builder.Build(from, through), from, through);
    }

    /// <summary>This calendar as it looked on a day: closures and disruptions that came unannounced later are not in it.</summary>
    public ExchangeCalendar AsBelievedOn(DateOnly date) => Build(Rules, _view with { BelievedOn = date }, KnownFrom, KnownThrough);

    /// <summary>This calendar with the hours changed by unannounced late opens and early closes.</summary>
    public ExchangeCalendar WithDisruptions() => Build(Rules, _view with { Disrupted = true }, KnownFrom, KnownThrough);

    /// <summary>The same rules evaluated over another range, known or not.</summary>
    internal ExchangeCalendar Over(DateOnly from, DateOnly through) => Build(Rules, _view, from, through);

    /// <summary>The times of a session.</summary>
    public ScheduledSession Schedule(DateOnly session) => Scheduled(Index(session));

    /// <summary>The times of the sessions from one date through another, both included.</summary>
    public ImmutableArray<ScheduledSession> Schedule(DateOnly from, DateOnly through)
    {
        var (start, end) = Range(from, through);
        var schedule = ImmutableArray.CreateBuilder<ScheduledSession>(end - start);
        for (var i = start; i < end; i++)
        {
            schedule.Add(Scheduled(i));
        }

        return schedule.MoveToImmutable();
    }

    /// <summary>The sessions from one date through another that close before the regular time.</summary>
    public ImmutableArray<ScheduledSession> EarlyCloses(DateOnly from, DateOnly through) =>
        [.. Schedule(from, through).Where(s => s.EarlyClose is not null)];

    /// <summary>The sessions from one date through another that open after the regular time.</summary>
    public ImmutableArray<ScheduledSession> LateOpens(DateOnly from, DateOnly through) =>
        [.. Schedule(from, through).Where(s => s.LateOpen is not null)];

    /// <summary>Why a date is not a session: the holiday, the reason of the closure, or the weekday; null if it is a session.</summary>
    public string? WhyClosed(DateOnly date) =>
        IsSession(date) ? null : _closed.Reason(date.DayNumber) ?? date.DayOfWeek.ToString();

    /// <summary>The name of a thin day, on which the market is open but hardly trades; null for any other date.</summary>
    public string? WhyThin(DateOnly date)
    {
        if (!IsSession(date))
        {
            return null;
        }

        var days = new List<int>();
        foreach (var rule in Rules.Thin)
        {
            ClosedDays.Collect(rule, date.Year, date.Year, days);
            if (days.Contains(date.DayNumber))
            {
                return rule.Name;
            }
        }

        return null;
    }

    /// <summary>The first instant of a session.</summary>
    public DateTimeOffset Open(DateOnly session) => EpochMinutes.ToInstant(_table[Index(session)].Open);

    /// <summary>The first instant after a session.</summary>
    public DateTimeOffset Close(DateOnly session) => EpochMinutes.ToInstant(_table[Index(session)].Close);

    /// <inheritdoc/>
    public override ImmutableArray<TradingInterval> TradingIntervals(DateOnly session)
    {
        var row = _table[Index(session)];
        var (open, close) = (EpochMinutes.ToInstant(row.Open), EpochMinutes.ToInstant(row.Close));
        return row.HasBreak
            ? [new(open, EpochMinutes.ToInstant(row.BreakStart)), new(EpochMinutes.ToInstant(row.BreakEnd), close)]
            : [new(open, close)];
    }

    /// <summary>Whether the market trades at an instant: the open and the end of the break belong to trading, the close does not.</summary>
    public override bool IsOpenAt(DateTimeOffset at) => _table.IsTrading(Minute(at));

    /// <summary>The session that an instant lies in, its break included; null when the market is closed.</summary>
    public DateOnly? SessionAt(DateTimeOffset at)
    {
        var minute = Minute(at);
        var i = _table.LastOpenedAt(minute);
        return i >= 0 && minute < _table.Closes[i] ? DateOnly.FromDayNumber(DayNumbers[i]) : null;
    }

    /// <summary>The session that an instant lies in, its break included, or else the one in the direction given.</summary>
    /// <exception cref="CalendarException">The market is closed and the direction is <see cref="SessionDirection.Exact"/>.</exception>
    public DateOnly SessionAt(DateTimeOffset at, SessionDirection direction)
    {
        var minute = Minute(at);
        var i = _table.LastOpenedAt(minute);
        if (i >= 0 && minute < _table.Closes[i])
        {
            return DateOnly.FromDayNumber(DayNumbers[i]);
        }

        return direction switch
        {
            SessionDirection.Next => At(DayNumbers, i + 1, "the session after", at),
            SessionDirection.Previous => At(DayNumbers, i, "the session before", at),
            SessionDirection.ModifiedNext => throw new ArgumentException("an instant has no month of its own", nameof(direction)),
            _ => throw new CalendarException(CalendarFault.NotASession, Invariant($"{Text(at)} is not in a session of {Id}")),
        };
    }

    /// <inheritdoc/>
    public override bool Knows(DateTimeOffset at) => EpochMinutes.Floor(at) is var minute && minute >= _coveredFrom && minute < _coveredTo;

    /// <summary>The date that the market's clocks show at an instant.</summary>
    public DateOnly LocalDateAt(DateTimeOffset at) =>
        DateOnly.FromDateTime(at.UtcDateTime + Rules.Zone.GetUtcOffset(Instant.FromDateTimeOffset(at)).ToTimeSpan());

    /// <summary>The first open after an instant.</summary>
    public DateTimeOffset NextOpen(DateTimeOffset at) => After(_table.Opens, at, "the next open after");

    /// <summary>The last open before an instant.</summary>
    public DateTimeOffset PreviousOpen(DateTimeOffset at) => Before(_table.Opens, at, "the open before");

    /// <summary>The first close after an instant.</summary>
    public DateTimeOffset NextClose(DateTimeOffset at) => After(_table.Closes, at, "the next close after");

    /// <summary>The last close before an instant.</summary>
    public DateTimeOffset PreviousClose(DateTimeOffset at) => Before(_table.Closes, at, "the close before");

    private DateTimeOffset After(ReadOnlySpan<int> times, DateTimeOffset at, string what)
    {
        var found = times.BinarySearch(Minute(at));
        return TimeAt(times, found >= 0 ? found + 1 : ~found, what, at);
    }

    private DateTimeOffset Before(ReadOnlySpan<int> times, DateTimeOffset at, string what)
    {
        Minute(at);
        var found = times.BinarySearch(EpochMinutes.Ceiling(at));
        return TimeAt(times, (found >= 0 ? found : ~found) - 1, what, at);
    }

    private DateTimeOffset TimeAt(ReadOnlySpan<int> times, int index, string what, DateTimeOffset at) =>
        index >= 0 && index < times.Length ? EpochMinutes.ToInstant(times[index]) : throw Unknown($"{what} {Text(at)}");

    private DateOnly At(int[] days, int index, string what, DateTimeOffset at) =>
        index >= 0 && index < days.Length ? DateOnly.FromDayNumber(days[index]) : throw Unknown($"{what} {Text(at)}");

    // The minute of an instant at which no session outside the known range can be open.
    private int Minute(DateTimeOffset at)
    {
        var minute = EpochMinutes.Floor(at);
        return minute >= _coveredFrom && minute < _coveredTo ? minute : throw Unknown(Text(at));
    }

    private ScheduledSession Scheduled(int index)
    {
        var row = _table[index];
        var (lateOpen, earlyClose) = _table.Special(index);
        return new ScheduledSession(
            DateOnly.FromDayNumber(row.Day),
            EpochMinutes.ToInstant(row.Open),
            EpochMinutes.ToInstant(row.Close),
            row.HasBreak ? EpochMinutes.ToInstant(row.BreakStart) : null,
            row.HasBreak ? EpochMinutes.ToInstant(row.BreakEnd) : null,
            lateOpen,
            earlyClose);
    }

    private static string Text(DateTimeOffset at) => Invariant($"{at.UtcDateTime:yyyy-MM-dd'T'HH:mm:ss.FFFFFFF}Z");
}
