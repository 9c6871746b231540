using static System.FormattableString;

namespace RiskLake.Calendars.Rules;

/// <summary>The days on which a calendar has no session although its week would allow one, each with its reason.</summary>
internal sealed class ClosedDays
{
    private readonly Dictionary<int, string> _reasons = [];

    private ClosedDays()
    {
    }

    public bool Contains(int dayNumber) => _reasons.ContainsKey(dayNumber);

    public string? Reason(int dayNumber) => _reasons.GetValueOrDefault(dayNumber);

    /// <summary>The closed days of whole years.</summary>
    /// <param name="rules">The calendar's rules.</param>
    /// <param name="firstYear">First year that must be right.</param>
    /// <param name="lastYear">Last year that must be right.</param>
    /// <param name="believedOn">Leaves out what was not known on that day; null for everything known now.</param>
    public static ClosedDays Of(CalendarRules rules, int firstYear, int lastYear, DateOnly? believedOn)
    {
        var closed = new ClosedDays();
        foreach (var closure in rules.Closures)
        {
            for (var day = closure.From.DayNumber; day <= closure.Through.DayNumber; day++)
            {
                if (IsBelieved(closure, day, believedOn))
                {
                    closed._reasons.TryAdd(day, closure.Why);
                }
            }
        }

        var groups = rules.Groups.ToDictionary(g => g, _ => new SortedDictionary<int, string>());
        var days = new List<int>();
        foreach (var holiday in rules.Holidays)
        {
            days.Clear();
            Collect(holiday, firstYear, lastYear, days);
            foreach (var day in days)
            {
                closed._reasons.TryAdd(day, holiday.Name);
                if (holiday.Group is { } group)
                {
                    groups[group].TryAdd(day, holiday.Name);
                }
            }
        }

        foreach (var (group, members) in groups)
        {
            closed.MoveAndBridge(group, members);
        }

        return closed;
    }

    /// <summary>Adds the days of a rule for the years given and, for days moved across a new year, one year around them.</summary>
    public static void Collect(DatedRule rule, int firstYear, int lastYear, List<int> into)
    {
        var days = new List<int>(2);
        var domain = rule.Pattern.Domain;
        for (var year = Math.Max(1, firstYear - 1); year <= Math.Min(9998, lastYear + 1); year++)
        {
            if (rule.Years.Length > 0 && !Array.Exists(rule.Years, y => y.Contains(year)))
            {
                continue;
            }

            if (!domain.Contains(year))
            {
                if (year < firstYear || year > lastYear)
                {
                    continue;
                }

                throw rule.Node.Error(Invariant(
                    $"`{rule.Id}` cannot be computed for {year}; its pattern holds for {domain.From} to {domain.Through}"));
            }

            days.Clear();
            rule.Pattern.Collect(year, days);
            foreach (var day in days)
            {
                var moved = Move(day + rule.Plus, rule.Roll);
                if (rule.Weekdays.Contains(moved))
                {
                    into.Add(moved);
                }
            }
        }
    }

    private static bool IsBelieved(Closure closure, int day, DateOnly? believedOn) =>
        believedOn is not { } date
        || (closure.Announced is { } announced ? announced <= date : closure.Scheduled || day <= date.DayNumber);

    private static int Move(int day, Roll roll) => (roll, DayPattern.WeekdayOf(day)) switch
    {
        (Roll.SundayToMonday or Roll.WeekendToMonday or Roll.Nearest, DayOfWeek.Sunday) => day + 1,
        (Roll.WeekendToMonday, DayOfWeek.Saturday) => day + 2,
        (Roll.WeekendToFriday, DayOfWeek.Sunday) => day - 2,
        (Roll.WeekendToFriday or Roll.Nearest, DayOfWeek.Saturday) => day - 1,
        _ => day,
    };

    private void MoveAndBridge(HolidayGroup group, SortedDictionary<int, string> members)
    {
        foreach (var (day, name) in members)
        {
            if (group.SubstituteSundays && DayPattern.WeekdayOf(day) == DayOfWeek.Sunday)
            {
                var free = day + 1;
                while (members.ContainsKey(free))
                {
                    free++;
                }

                _reasons.TryAdd(free, name + " (substitute)");
            }

            var between = day + 1;
            if (group.Bridge && !members.ContainsKey(between) && members.ContainsKey(between + 1)
                && DayPattern.WeekdayOf(between) != DayOfWeek.Sunday)
            {
                _reasons.TryAdd(between, "Between two holidays");
            }
        }
    }
}
