using NodaTime;

namespace RiskLake.Calendars.Rules;

/// <summary>One rule file, read and checked: everything a calendar is built from.</summary>
/// <remarks>Equality is by reference. Lists keep file order.</remarks>
public sealed class CalendarRules
{
    internal CalendarRules(DateTimeZone zone, IReadOnlyList<HolidayGroup> groups)
    {
        Zone = zone;
        Groups = groups;
    }

    /// <summary>The calendar's id, such as <c>XNYS</c>.</summary>
    public required string Id { get; init; }

    /// <summary>The market's name.</summary>
    public required string Name { get; init; }

    /// <summary>Other names under which the calendar is found.</summary>
    public required IReadOnlyList<string> Aliases { get; init; }

    /// <summary>The IANA id of the zone in which the clock times of the rules are read.</summary>
    public string ZoneId => Zone.Id;

    /// <summary>The days of the week on which a session is possible, ascending by the first date they hold for.</summary>
    public required IReadOnlyList<WeekRule> Weeks { get; init; }

    /// <summary>First date for which the facts are believed complete; null when there is no such bound.</summary>
    public DateOnly? KnownFrom { get; init; }

    /// <summary>Last date for which the facts are believed complete; null when there is no such bound.</summary>
    public DateOnly? KnownThrough { get; init; }

    /// <summary>Regular hours, ascending by the first session they hold for.</summary>
    public required IReadOnlyList<HoursRule> Hours { get; init; }

    /// <summary>Regular breaks, ascending by the first session they hold for.</summary>
    public required IReadOnlyList<BreakRule> Breaks { get; init; }

    /// <summary>Holidays.</summary>
    public required IReadOnlyList<DatedRule> Holidays { get; init; }

    /// <summary>Closed days that follow no rule.</summary>
    public required IReadOnlyList<Closure> Closures { get; init; }

    /// <summary>Single sessions on days that the week or a holiday would close, or with hours of their own.</summary>
    public required IReadOnlyList<SingleSession> Sessions { get; init; }

    /// <summary>Sessions that close at another time than the regular one.</summary>
    public required IReadOnlyList<DatedRule> EarlyCloses { get; init; }

    /// <summary>Sessions that open at another time than the regular one.</summary>
    public required IReadOnlyList<DatedRule> LateOpens { get; init; }

    /// <summary>Sessions cut short by events that nobody announced.</summary>
    public required IReadOnlyList<Disruption> Disruptions { get; init; }

    /// <summary>Settlement lags, ascending by the first trade date they hold for.</summary>
    public required IReadOnlyList<SettlementRule> Settlement { get; init; }

    /// <summary>The days that count towards settlement where they are not those of sessions and payment; null where they are.</summary>
    public SettlementCalendarRule? SettlementCalendar { get; init; }

    /// <summary>Ids of the bank calendars that must be open too for a day to count towards settlement.</summary>
    public required IReadOnlyList<string> Payment { get; init; }

    /// <summary>Sessions with little liquidity: worth a remark, not closed.</summary>
    public required IReadOnlyList<DatedRule> Thin { get; init; }

    /// <summary>Hours of the trading before and after the session; not part of it.</summary>
    public ClockHours? Extended { get; init; }

    /// <summary>Hours of the real market where the calendar deliberately models others.</summary>
    public ClockHours? ActualHours { get; init; }

    /// <summary>The files the rules were read from: the calendar's own first, then what it inherits.</summary>
    public required IReadOnlyList<string> Files { get; init; }

    /// <summary>SHA-256 over the bytes of <see cref="Files"/> in that order, in lower-case hex.</summary>
    public required string Sha256 { get; init; }

    internal DateTimeZone Zone { get; }

    internal IReadOnlyList<HolidayGroup> Groups { get; }
}

/// <summary>Hours of one day by the clock.</summary>
/// <param name="Start">When they begin.</param>
/// <param name="End">When they end.</param>
public sealed record ClockHours(TimeOnly Start, TimeOnly End);

/// <summary>The days of the week on which a session is possible, from a date on.</summary>
/// <param name="From">First date they hold for; null for the first rule.</param>
/// <param name="Days">The days.</param>
public sealed record WeekRule(DateOnly? From, IReadOnlyList<DayOfWeek> Days);

/// <summary>Regular hours, from a session on.</summary>
/// <param name="From">First session they hold for; null for the first rule.</param>
/// <param name="Open">Clock time of the open.</param>
/// <param name="OpenDay">Days from the session's date to the date of the open, such as -1 for the evening before.</param>
/// <param name="Close">Clock time of the close.</param>
/// <param name="CloseDay">Days from the session's date to the date of the close.</param>
public sealed record HoursRule(DateOnly? From, TimeOnly Open, int OpenDay, TimeOnly Close, int CloseDay);

/// <summary>A regular break, from a session on.</summary>
/// <param name="From">First session it holds for; null for the first rule.</param>
/// <param name="Until">Last session it holds for; null when only a later rule ends it.</param>
/// <param name="Start">Clock time at which trading stops.</param>
/// <param name="End">Clock time at which trading resumes.</param>
public sealed record BreakRule(DateOnly? From, DateOnly? Until, TimeOnly Start, TimeOnly End);

/// <summary>A closed day, or a run of them, that follows no rule.</summary>
/// <param name="From">First closed day.</param>
/// <param name="Through">Last closed day.</param>
/// <param name="Why">The reason.</param>
/// <param name="Scheduled">False when nobody knew beforehand.</param>
/// <param name="Announced">The day on which it became known, if that is recorded.</param>
public sealed record Closure(DateOnly From, DateOnly Through, string Why, bool Scheduled, DateOnly? Announced);

/// <summary>A session that stands for itself: neither the week nor a holiday closes it.</summary>
/// <param name="Date">The session.</param>
/// <param name="Open">Clock time of the open, if it is not the regular one.</param>
/// <param name="Close">Clock time of the close, if it is not the regular one.</param>
/// <param name="Break">Its break, if it is not the regular one.</param>
/// <param name="Why">The reason.</param>
public sealed record SingleSession(DateOnly Date, TimeOnly? Open, TimeOnly? Close, ClockHours? Break, string Why);

/// <summary>A session that opened late or closed early without announcement.</summary>
/// <param name="Session">The session.</param>
/// <param name="Open">Clock time of the open, if it was late.</param>
/// <param name="Close">Clock time of the close, if it was early.</param>
/// <param name="Why">The reason.</param>
public sealed record Disruption(DateOnly Session, TimeOnly? Open, TimeOnly? Close, string Why);

/// <summary>A settlement lag, from a trade date on.</summary>
/// <param name="From">First trade date it holds for; null for the first rule.</param>
/// <param name="Lag">Settlement days from trade to settlement.</param>
public sealed record SettlementRule(DateOnly? From, int Lag);

/// <summary>On which days settlement is counted.</summary>
public enum SettlementBase
{
    /// <summary>The market's sessions on which the payment systems are open.</summary>
    Sessions,

    /// <summary>The days of the payment systems, whatever the market does.</summary>
    Payment,
}

/// <summary>The days that count towards settlement, where sessions and payment days alone do not tell them.</summary>
/// <param name="Base">The days to begin with.</param>
/// <param name="OpenOn">Days that count in spite of the base; never one on which a payment system is shut.</param>
/// <param name="ClosedOn">Days that do not count although the base or <paramref name="OpenOn"/> has them.</param>
public sealed record SettlementCalendarRule(SettlementBase Base, IReadOnlyList<DatedRule> OpenOn, IReadOnlyList<DatedRule> ClosedOn);

/// <summary>A rule that names days year by year: a holiday, an early close, a late open.</summary>
public sealed class DatedRule
{
    internal DatedRule(DayPattern pattern, RuleNode node)
    {
        Pattern = pattern;
        Node = node;
    }

    /// <summary>The rule's id, unique within its section of the file.</summary>
    public required string Id { get; init; }

    /// <summary>The name of the day.</summary>
    public required string Name { get; init; }

    /// <summary>The rule as the file writes it, such as <c>nth: 4, weekday: thu, month: 11; years: 1998..</c>.</summary>
    public required string When { get; init; }

    /// <summary>The clock time of an early close or a late open; null for a holiday.</summary>
    public TimeOnly? At { get; init; }

    internal DayPattern Pattern { get; }

    internal int Plus { get; init; }

    internal Roll Roll { get; init; }

    internal WeekdaySet Weekdays { get; init; } = WeekdaySet.All;

    internal YearSpan[] Years { get; init; } = [];

    internal HolidayGroup? Group { get; init; }

    /// <summary>Where the rule stands, for errors that show only when it is evaluated.</summary>
    internal RuleNode Node { get; }
}

/// <summary>Where a day on the weekend is moved.</summary>
internal enum Roll
{
    None,
    SundayToMonday,
    WeekendToMonday,
    WeekendToFriday,
    Nearest,
}

/// <summary>A set of weekdays; bit n stands for <see cref="DayOfWeek"/> n.</summary>
internal readonly record struct WeekdaySet(int Mask)
{
    public WeekdaySet(IEnumerable<DayOfWeek> days)
        : this(days.Aggregate(0, (mask, day) => mask | (1 << (int)day)))
    {
    }

    public static WeekdaySet All => new(127);

    public bool Contains(int dayNumber) => (Mask & (1 << (int)DayPattern.WeekdayOf(dayNumber))) != 0;
}

/// <summary>Holidays that move and bridge as a body, as Japanese law has it.</summary>
internal sealed record HolidayGroup(string Name, bool SubstituteSundays, bool Bridge);

/// <summary>A run of years, both ends included.</summary>
internal readonly record struct YearSpan(int From, int Through)
{
    public bool Contains(int year) => year >= From && year <= Through;
}
