using System.Globalization;

namespace RiskLake.Calendars.Rules;

/// <content>Rules that name days.</content>
internal static partial class RuleReader
{
    private enum DatedKind
    {
        Day,
        Time,
    }

    // A settlement day named in the short form, {date, why}, is a dated rule of that one day.
    private static SettlementCalendarRule? ReadSettlementCalendar(RuleNode? node, List<string> payment)
    {
        if (node is null)
        {
            return null;
        }

        node.Only("base", "open_on", "closed_on");
        var ofPayment = node.Get("base") is { } b && b.OneOf("sessions", "payment") == 1;
        return ofPayment && payment.Count == 0
            ? throw node.Error("`base: payment` needs the bank calendars of `payment`")
            : new SettlementCalendarRule(
                ofPayment ? SettlementBase.Payment : SettlementBase.Sessions, ReadDays(node.Get("open_on")), ReadDays(node.Get("closed_on")));
    }

    private static List<DatedRule> ReadDays(RuleNode? node)
    {
        var rules = new List<DatedRule>();
        foreach (var item in node?.List(i => i) ?? [])
        {
            if (item.Get("date") is { } date)
            {
                item.Only("date", "why");
                var why = item.Need("why").String();
                rules.Add(new DatedRule(new DayPattern.Listed([date.Date().DayNumber]), item) { Id = why, Name = why, When = date.String() });
            }
            else
            {
                rules.Add(ReadRule(item, [], DatedKind.Day));
            }
        }

        return rules;
    }

    private static List<DatedRule> ReadDated(RuleNode? node, List<HolidayGroup> groups, DatedKind kind)
    {
        var ids = new HashSet<string>(StringComparer.Ordinal);
        return node?.List(item =>
        {
            var rule = ReadRule(item, groups, kind);
            return ids.Add(rule.Id) ? rule : throw item.Need("id").Error($"id `{rule.Id}` stands twice in this section");
        }) ?? [];
    }

    private static DatedRule ReadRule(RuleNode item, List<HolidayGroup> groups, DatedKind kind)
    {
        item.Only(kind is DatedKind.Time
            ? ["at", "id", "name", "day", "years", "roll", "weekdays"]
            : ["id", "name", "group", "day", "years", "roll", "weekdays"]);
        var id = item.Need("id").String();
        var day = item.Need("day");
        var pattern = ReadPattern(day);
        if (pattern is DayPattern.SessionOfYear && kind is DatedKind.Day)
        {
            throw day.Error("`session_of_year` names a session; it cannot say which days have none");
        }

        var group = item.Get("group");
        return new DatedRule(pattern, item)
        {
            Id = id,
            Name = item.Get("name")?.String() ?? id,
            When = string.Join("; ", item.Map().Where(e => e.Key is not ("id" or "name" or "at")).Select(Describe)),
            At = kind is DatedKind.Time ? item.Need("at").Time() : null,
            Plus = day.Get("plus")?.Integer(-400, 400) ?? 0,
            Roll = ReadRoll(item.Get("roll")),
            Weekdays = item.Get("weekdays") is { } w ? new WeekdaySet(Weekdays(w)) : WeekdaySet.All,
            Years = item.Get("years") is { } years ? ReadYears(years) : [],
            Group = group is null
                ? null
                : groups.Find(g => g.Name == group.String())
                    ?? throw group.Error($"group `{group.Text}` is not defined under `groups`"),
        };
    }

    private static DayPattern ReadPattern(RuleNode node)
    {
        string[] patterns = ["fixed", "nth", "first", "easter", "lunar", "solar_term", "equinox", "dates", "span", "session_of_year"];
        var named = patterns.Where(p => node.Get(p) is not null).ToArray();
        if (named.Length != 1)
        {
            throw node.Error(named.Length == 0
                ? $"`day` needs one of {string.Join(", ", patterns)}"
                : $"`day` has {string.Join(" and ", named)}; it takes one");
        }

        var value = node.Get(named[0])!;
        node.Only(named[0] switch
        {
            "nth" => ["nth", "weekday", "month", "plus"],
            "first" => ["first", "from", "plus"],
            "session_of_year" => ["session_of_year"],
            var other => [other, "plus"],
        });
        switch (named[0])
        {
            case "fixed":
                var (month, day) = value.MonthDay(2024);
                return new DayPattern.Fixed(month, day);
            case "nth":
                var number = value.Integer(-5, 5);
                return number == 0
                    ? throw value.Error("`nth` is 1 to 5, or -1 to -5 from the end")
                    : new DayPattern.Nth(number, Weekday(node.Need("weekday")), node.Need("month").Integer(1, 12));
            case "first":
                var (fromMonth, fromDay) = node.Need("from").MonthDay(2023);
                return new DayPattern.FirstFrom(Weekday(value), fromMonth, fromDay);
            case "easter":
                return new DayPattern.Easter(value.Integer(-100, 250));
            case "lunar":
                var (lunarMonth, lunarDay) = value.LunarMonthDay();
                return new DayPattern.Lunar(lunarMonth, lunarDay);
            case "solar_term":
                value.OneOf("qingming");
                return new DayPattern.Qingming();
            case "equinox":
                return new DayPattern.Equinox(value.OneOf("vernal", "autumnal") == 0);
            case "dates":
                return new DayPattern.Listed([.. value.List(d => d.Date().DayNumber)]);
            case "span":
                var ends = value.List(d => d.Date().DayNumber);
                return ends is [var first, var last] && first <= last && last - first <= MaxSpanDays
                    ? new DayPattern.Listed([.. Enumerable.Range(first, last - first + 1)])
                    : throw value.Error("`span` is [first day, last day], at most ten years");
            default:
                return new DayPattern.SessionOfYear(value.OneOf("first", "last") == 0);
        }
    }

    private static Roll ReadRoll(RuleNode? node) =>
        node is null ? Roll.None : (Roll)(1 + node.OneOf("sun-mon", "weekend-mon", "weekend-fri", "nearest"));

    private static YearSpan[] ReadYears(RuleNode node) =>
        node.Items is null ? [ReadYearSpan(node)] : [.. node.List(ReadYearSpan)];

    private static YearSpan ReadYearSpan(RuleNode node)
    {
        var text = node.String();
        var dots = text.IndexOf("..", StringComparison.Ordinal);
        var (low, high) = dots < 0 ? (text, text) : (text[..dots], text[(dots + 2)..]);
        var (from, through) = (Year(low, 1), Year(high, 9999));
        return (low.Length > 0 || high.Length > 0) && from <= through
            ? new YearSpan(from, through)
            : throw node.Error($"`{text}` is not a run of years such as \"1998..\", \"..1994\", \"1996..2019\" or 2001");

        int Year(string part, int open) =>
            part.Length == 0 ? open
            : part.Length == 4 && int.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out var year) && year > 0 ? year
            : throw node.Error($"`{text}` is not a run of years: `{part}` is not a year of four digits");
    }

    // The day stands for itself; every other key is named.
    private static string Describe(KeyValuePair<string, RuleNode> entry) =>
        entry.Key == "day" ? Describe(entry.Value) : $"{entry.Key}: {Describe(entry.Value)}";

    private static string Describe(RuleNode node) =>
        node.Text
        ?? (node.Items is { } items ? $"[{string.Join(", ", items.Select(Describe))}]" : null)
        ?? string.Join(", ", node.Entries!.Select(e => $"{e.Key}: {Describe(e.Value)}"));
}
