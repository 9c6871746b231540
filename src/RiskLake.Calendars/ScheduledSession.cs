namespace RiskLake.Calendars;

/// <summary>One session with its times, all UTC.</summary>
/// <param name="Session">The session's date.</param>
/// <param name="Open">The first instant of trading.</param>
/// <param name="Close">The first instant after trading.</param>
/// <param name="BreakStart">The first instant of the break, if there is one.</param>
/// <param name="BreakEnd">The first instant of trading after the break, if there is one.</param>
/// <param name="LateOpen">Why the session does not open at the regular time, if so.</param>
/// <param name="EarlyClose">Why the session does not close at the regular time, if so.</param>
/// <remarks>Equality compares all members. The default value is an empty session of 0001-01-01.</remarks>
public readonly record struct ScheduledSession(
    DateOnly Session,
    DateTimeOffset Open,
    DateTimeOffset Close,
    DateTimeOffset? BreakStart,
    DateTimeOffset? BreakEnd,
    string? LateOpen,
    string? EarlyClose)
{
    /// <summary>The number of trading minutes.</summary>
    public int Minutes => (int)((Close - Open - ((BreakEnd - BreakStart) ?? TimeSpan.Zero)).Ticks / TimeSpan.TicksPerMinute);
}

/// <summary>What a calendar takes into account.</summary>
/// <param name="BelievedOn">Leaves out what nobody knew on that day; null for everything known now.</param>
/// <param name="Disrupted">Whether unannounced late opens and early closes change the hours.</param>
internal sealed record CalendarView(DateOnly? BelievedOn, bool Disrupted)
{
    public static CalendarView Default { get; } = new(BelievedOn: null, Disrupted: false);
}

/// <summary>The dates that a calendar or an answer can be about; all their instants fit into <see cref="EpochMinutes"/>.</summary>
internal static class DateRange
{
    public static DateOnly First { get; } = new(1800, 1, 1);

    public static DateOnly Last { get; } = new(2199, 12, 31);

    public static bool Contains(DateOnly date) => date >= First && date <= Last;
}

/// <summary>Instants as whole minutes since the Unix epoch.</summary>
internal static class EpochMinutes
{
    private const long EpochTicks = 621_355_968_000_000_000;

    /// <summary>The minute that contains an instant; instants too far away for an integer become the farthest minute.</summary>
    public static int Floor(DateTimeOffset at) =>
        (int)Math.Min(int.MaxValue - 1, (at.UtcTicks / TimeSpan.TicksPerMinute) - (EpochTicks / TimeSpan.TicksPerMinute));

    /// <summary>The first minute that begins at or after an instant.</summary>
    public static int Ceiling(DateTimeOffset at) => Floor(at) + (at.UtcTicks % TimeSpan.TicksPerMinute == 0 ? 0 : 1);

    public static DateTimeOffset ToInstant(int minute) => new(EpochTicks + (minute * TimeSpan.TicksPerMinute), TimeSpan.Zero);
}
