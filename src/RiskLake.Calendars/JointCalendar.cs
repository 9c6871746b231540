using System.Collections.Immutable;

namespace RiskLake.Calendars;

/// <summary>How calendars are taken together.</summary>
public enum JointKind
{
    /// <summary>A session wherever at least one member has one.</summary>
    Union,

    /// <summary>A session only where every member has one.</summary>
    Intersection,
}

/// <summary>Several calendars taken together.</summary>
/// <remarks>It knows only what all members know. Sessions are joined by their dates; the hours of one date need not overlap.</remarks>
public sealed class JointCalendar : SessionCalendar
{
    private JointCalendar(JointKind kind, ImmutableArray<SessionCalendar> members, string id, int[] days, DateOnly from, DateOnly through)
        : base(id, days, from, through)
    {
        Kind = kind;
        Members = members;
    }

    /// <summary>How the members are taken together.</summary>
    public JointKind Kind { get; }

    /// <summary>The calendars taken together.</summary>
    public ImmutableArray<SessionCalendar> Members { get; }

    /// <summary>Sessions wherever at least one of the calendars has one.</summary>
    public static JointCalendar Union(params ReadOnlySpan<SessionCalendar> members) => Join(JointKind.Union, members);

    /// <summary>Sessions only where all of the calendars have one.</summary>
    public static JointCalendar Intersection(params ReadOnlySpan<SessionCalendar> members) => Join(JointKind.Intersection, members);

    /// <summary>Takes calendars together.</summary>
    /// <exception cref="ArgumentException">There is no member.</exception>
    /// <exception cref="CalendarException">No date is known to all members.</exception>
    public static JointCalendar Join(JointKind kind, params ReadOnlySpan<SessionCalendar> members)
    {
        if (members.IsEmpty)
        {
            throw new ArgumentException("a joint calendar needs at least one member", nameof(members));
        }

        var all = ImmutableArray.Create(members);
        var id = string.Join(kind is JointKind.Union ? '|' : '&', all.Select(m => m.Id));
        var (from, through) = (all.Max(m => m.KnownFrom), all.Min(m => m.KnownThrough));
        if (through < from)
        {
            throw new CalendarException(CalendarFault.OutsideKnown, $"no date is known to all members of {id}");
        }

        var counts = new int[through.DayNumber - from.DayNumber + 1];
        foreach (var member in all)
        {
            foreach (var day in member.DayNumbers)
            {
                if (day >= from.DayNumber && day <= through.DayNumber)
                {
                    counts[day - from.DayNumber]++;
                }
            }
        }

        var needed = kind is JointKind.Union ? 1 : all.Length;
        var days = Enumerable.Range(from.DayNumber, counts.Length).Where(day => counts[day - from.DayNumber] >= needed).ToArray();
        return new JointCalendar(kind, all, id, days, from, through);
    }

    /// <inheritdoc/>
    public override bool Knows(DateTimeOffset at)
    {
        foreach (var member in Members)
        {
            if (!member.Knows(at))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Whether any member (union) or every member (intersection) trades at an instant, whatever session it belongs to.</summary>
    public override bool IsOpenAt(DateTimeOffset at)
    {
        // Every member is asked, so that an instant outside one member's known range is an error in either case.
        var open = 0;
        foreach (var member in Members)
        {
            open += member.IsOpenAt(at) ? 1 : 0;
        }

        return Kind is JointKind.Union ? open > 0 : open == Members.Length;
    }

    /// <inheritdoc/>
    public override ImmutableArray<TradingInterval> TradingIntervals(DateOnly session)
    {
        Index(session);
        var present = Members.Where(m => m.IsSession(session)).Select(m => m.TradingIntervals(session)).ToList();
        var edges = present
            .SelectMany(intervals => intervals)
            .SelectMany(i => new[] { (At: i.Start, Step: 1), (At: i.End, Step: -1) })
            .OrderBy(edge => edge.At)
            .ThenByDescending(edge => edge.Step);
        var needed = Kind is JointKind.Union ? 1 : present.Count;
        var joined = ImmutableArray.CreateBuilder<TradingInterval>();
        var depth = 0;
        DateTimeOffset start = default;
        foreach (var (at, step) in edges)
        {
            // Ends come after starts of the same instant, so that intervals that touch become one.
            if (step > 0 && ++depth == needed)
            {
                start = at;
            }
            else if (step < 0 && depth-- == needed && start < at)
            {
                joined.Add(new TradingInterval(start, at));
            }
        }

        return joined.ToImmutable();
    }
}
