using System.Globalization;
using System.Security.Cryptography;
using NodaTime;
using static System.FormattableString;

namespace RiskLake.Calendars.Rules;

/// <summary>From the tree of a rule file to <see cref="CalendarRules"/>; whatever the language does not say is an error.</summary>
internal static class RuleReader
{
    public const string Language = "exchange-calendar/1";

    private const int MaxSpanDays = 3652;

    private static readonly string[] s_days = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];

    /// <param name="root">The calendar's own keys over the inherited ones.</param>
    /// <param name="files">The files read, with their bytes; the calendar's own first.</param>
    public static CalendarRules Read(RuleNode root, IReadOnlyList<(string File, byte[] Bytes)> files)
    {
        root.Only(
            "schema", "id", "name", "aliases", "zone", "week", "known", "hours", "breaks", "groups", "holidays", "closures", "early_closes",
            "late_opens", "disruptions", "settlement", "payment", "thin", "extended", "hours_actual", "inherits");
        var schema = root.Need("schema");
        if (schema.String() != Language)
        {
            throw schema.Error($"schema is `{schema.Text}`; this reader knows `{Language}`");
        }

        var week = Weekdays(root.Need("week"));
        var known = root.Get("known")?.Only("from", "through");
        var (knownFrom, knownThrough) = known is null ? default : Ordered(known, "from", "through");
        var groups = root.Get("groups") is { } map ? ReadGroups(map) : [];
        return new CalendarRules(ReadZone(root.Need("zone")), groups)
        {
            Id = root.Need("id").String(),
            Name = root.Need("name").String(),
            Aliases = Unique(root.Get("aliases")),
            Week = week,
            KnownFrom = knownFrom,
            KnownThrough = knownThrough,
            Hours = ReadHours(root.Need("hours"), knownFrom),
            Breaks = ReadBreaks(root.Get("breaks")),
            Holidays = ReadDated(root.Get("holidays"), groups, DatedKind.Day),
            Closures = root.Get("closures")?.List(ReadClosure) ?? [],
            EarlyCloses = ReadDated(root.Get("early_closes"), [], DatedKind.Time),
            LateOpens = ReadDated(root.Get("late_opens"), [], DatedKind.Time),
            Disruptions = ReadDisruptions(root.Get("disruptions")),
            Settlement = ReadSettlement(root.Get("settlement")),
            Payment = Unique(root.Get("payment")),
            Thin = ReadDated(root.Get("thin"), [], DatedKind.Day),
            Extended = ReadClockHours(root.Get("extended"), "pre", "post"),
            ActualHours = ReadClockHours(root.Get("hours_actual"), "open", "close"),
            Files = [.. files.Select(f => f.File)],
            Sha256 = Hash(files),
        };
    }

    private static string Hash(IReadOnlyList<(string File, byte[] Bytes)> files)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var (_, bytes) in files)
        {
            hash.AppendData(bytes);
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private static DateTimeZone ReadZone(RuleNode node) =>
        DateTimeZoneProviders.Tzdb.GetZoneOrNull(node.String())
        ?? throw node.Error($"zone `{node.Text}` is not in the IANA time zone database {DateTimeZoneProviders.Tzdb.VersionId}");

    private static List<HoursRule> ReadHours(RuleNode node, DateOnly? knownFrom)
    {
        var hours = Ascending(node, r => r.From, item =>
        {
            item.Only("from", "open", "open_day", "close", "close_day");
            var rule = new HoursRule(
                item.Get("from")?.Date(),
                item.Need("open").Time(),
                item.Shift("open_day"),
                item.Need("close").Time(),
                item.Shift("close_day"));
            return Minutes(rule.OpenDay, rule.Open) < Minutes(rule.CloseDay, rule.Close)
                ? rule
                : throw item.Error("the session closes at or before it opens; shift one of them with `open_day` or `close_day`");
        });
        if (hours.Count == 0)
        {
            throw node.Error("`hours` has no entry");
        }

        return hours[0].From is { } from && (knownFrom is null || from > knownFrom)
            ? throw node.Error(Invariant($"no hours are given for sessions before {from:yyyy-MM-dd}; the first entry has no `from`"))
            : hours;
    }

    private static List<BreakRule> ReadBreaks(RuleNode? node) => Ascending(node, r => r.From, item =>
    {
        item.Only("from", "until", "start", "end");
        var (start, end) = (item.Need("start").Time(), item.Need("end").Time());
        if (start >= end)
        {
            throw item.Error("the break ends at or before it starts");
        }

        var (from, until) = Ordered(item, "from", "until");
        return new BreakRule(from, until, start, end);
    });

    private static List<SettlementRule> ReadSettlement(RuleNode? node) => Ascending(node, r => r.From, item =>
    {
        item.Only("from", "lag");
        return new SettlementRule(item.Get("from")?.Date(), item.Need("lag").Integer(0, 30));
    });

    private static List<HolidayGroup> ReadGroups(RuleNode node)
    {
        var groups = new List<HolidayGroup>();
        foreach (var (name, value) in node.Map())
        {
            value.Only("substitute", "bridge");
            var substitute = value.Get("substitute") is { } s && s.OneOf("sun-next-free") == 0;
            groups.Add(new HolidayGroup(name, substitute, value.Get("bridge")?.Boolean() ?? false));
        }

        return groups;
    }

    private static Closure ReadClosure(RuleNode node)
    {
        node.Only("date", "from", "through", "why", "scheduled", "announced");
        DateOnly from;
        DateOnly through;
        if (node.Get("date") is { } date)
        {
            if (node.Get("from") is not null || node.Get("through") is not null)
            {
                throw node.Error("a closure has either `date` or `from` and `through`");
            }

            from = through = date.Date();
        }
        else
        {
            from = node.Need("from").Date();
            through = node.Need("through").Date();
            if (through < from || through.DayNumber - from.DayNumber > MaxSpanDays)
            {
                throw node.Error(through < from ? "`through` lies before `from`" : "a closure lasts at most ten years");
            }
        }

        return new Closure(
            from, through, node.Need("why").String(), node.Get("scheduled")?.Boolean() ?? true, node.Get("announced")?.Date());
    }

    private static List<Disruption> ReadDisruptions(RuleNode? node)
    {
        var seen = new HashSet<DateOnly>();
        return node?.List(item =>
        {
            item.Only("date", "open", "close", "why");
            var disruption = new Disruption(
                item.Need("date").Date(), item.Get("open")?.Time(), item.Get("close")?.Time(), item.Need("why").String());
            if (disruption is { Open: null, Close: null })
            {
                throw item.Error("a disruption changes `open`, `close` or both");
            }

            return seen.Add(disruption.Session)
                ? disruption
                : throw item.Error(Invariant($"a second disruption of {disruption.Session:yyyy-MM-dd}; put both times into one entry"));
        }) ?? [];
    }

    private enum DatedKind
    {
        Day,
        Time,
    }

    private static List<DatedRule> ReadDated(RuleNode? node, List<HolidayGroup> groups, DatedKind kind)
    {
        var ids = new HashSet<string>(StringComparer.Ordinal);
        return node?.List(item =>
        {
            item.Only(kind is DatedKind.Time
                ? ["at", "id", "name", "day", "years", "roll", "weekdays"]
                : ["id", "name", "group", "day", "years", "roll", "weekdays"]);
            var id = item.Need("id").String();
            if (!ids.Add(id))
            {
                throw item.Error($"id `{id}` stands twice in this section");
            }

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
        }) ?? [];
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

    private static DayOfWeek Weekday(RuleNode node) => (DayOfWeek)node.OneOf(s_days);

    private static List<DayOfWeek> Weekdays(RuleNode node)
    {
        var days = node.List(Weekday);
        return days.Count == 0 ? throw node.Error("the list of weekdays is empty")
            : days.Distinct().Count() < days.Count ? throw node.Error("a weekday stands twice")
            : days;
    }

    private static List<string> Unique(RuleNode? node)
    {
        var names = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        return node?.List(n => names.Add(n.String()) ? n.String() : throw n.Error($"`{n.Text}` stands twice")) ?? [];
    }

    private static (DateOnly? First, DateOnly? Last) Ordered(RuleNode node, string first, string last)
    {
        var (a, b) = (node.Get(first)?.Date(), node.Get(last)?.Date());
        return b < a ? throw node.Error($"`{last}` lies before `{first}`") : (a, b);
    }

    // A later entry replaces an earlier one from its date on, so an entry out of order would silently never hold.
    private static List<T> Ascending<T>(RuleNode? node, Func<T, DateOnly?> from, Func<RuleNode, T> read)
    {
        var previous = DateOnly.MinValue;
        var first = true;
        return node?.List(item =>
        {
            var rule = read(item);
            if (!first && (from(rule) is not { } date || date <= previous))
            {
                throw item.Error("entries after the first need a `from` later than the one before");
            }

            first = false;
            previous = from(rule) ?? DateOnly.MinValue;
            return rule;
        }) ?? [];
    }

    private static int Minutes(int day, TimeOnly time) => (day * 1440) + (time.Hour * 60) + time.Minute;

    private static ClockHours? ReadClockHours(RuleNode? node, string start, string end) =>
        node?.Only(start, end) is { } hours ? new ClockHours(hours.Need(start).Time(), hours.Need(end).Time()) : null;

    // The day stands for itself; every other key is named.
    private static string Describe(KeyValuePair<string, RuleNode> entry) =>
        entry.Key == "day" ? Describe(entry.Value) : $"{entry.Key}: {Describe(entry.Value)}";

    private static string Describe(RuleNode node) =>
        node.Text
        ?? (node.Items is { } items ? $"[{string.Join(", ", items.Select(Describe))}]" : null)
        ?? string.Join(", ", node.Entries!.Select(e => $"{e.Key}: {Describe(e.Value)}"));
}
