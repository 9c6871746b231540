using System.Globalization;
using System.Security.Cryptography;
using NodaTime;
using static System.FormattableString;

namespace RiskLake.Calendars.Rules;

/// <summary>From the tree of a rule file to <see cref="CalendarRules"/>; whatever the language does not say is an error.</summary>
internal static partial class RuleReader
{
    public const string Language = "exchange-calendar/1";

    private const int MaxSpanDays = 3652;

    private static readonly string[] s_days = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];

    /// <param name="root">The calendar's own keys over the inherited ones.</param>
    /// <param name="files">The files read, with their bytes; the calendar's own first.</param>
    public static CalendarRules Read(RuleNode root, IReadOnlyList<(string File, byte[] Bytes)> files)
    {
        root.Only(
            "schema", "id", "name", "aliases", "zone", "week", "weeks", "known", "hours", "breaks", "groups", "holidays", "closures",
            "sessions", "early_closes", "late_opens", "disruptions", "settlement", "settlement_calendar", "payment", "thin", "extended",
            "hours_actual", "inherits");
        var schema = root.Need("schema");
        if (schema.String() != Language)
        {
            throw schema.Error($"schema is `{schema.Text}`; this reader knows `{Language}`");
        }

        var known = root.Get("known")?.Only("from", "through");
        var (knownFrom, knownThrough) = known is null ? default : Ordered(known, "from", "through");
        var groups = root.Get("groups") is { } map ? ReadGroups(map) : [];
        var closures = root.Get("closures")?.List(ReadClosure) ?? [];
        var payment = Unique(root.Get("payment"));
        return new CalendarRules(ReadZone(root.Need("zone")), groups)
        {
            Id = root.Need("id").String(),
            Name = root.Need("name").String(),
            Aliases = ReadAliases(root.Get("aliases")),
            Weeks = ReadWeeks(root, knownFrom),
            KnownFrom = knownFrom,
            KnownThrough = knownThrough,
            Hours = ReadHours(root.Need("hours"), knownFrom),
            Breaks = ReadBreaks(root.Get("breaks")),
            Holidays = ReadDated(root.Get("holidays"), groups, DatedKind.Day),
            Closures = closures,
            Sessions = ReadSessions(root.Get("sessions"), closures),
            EarlyCloses = ReadDated(root.Get("early_closes"), [], DatedKind.Time),
            LateOpens = ReadDated(root.Get("late_opens"), [], DatedKind.Time),
            Disruptions = ReadDisruptions(root.Get("disruptions")),
            Settlement = ReadSettlement(root.Get("settlement")),
            SettlementCalendar = ReadSettlementCalendar(root.Get("settlement_calendar"), payment),
            Payment = payment,
            Thin = ReadDated(root.Get("thin"), [], DatedKind.Day),
            Extended = ReadClockHours(root.Get("extended"), "pre", "post"),
            ActualHours = ReadClockHours(root.Get("hours_actual"), "open", "close"),
            Files = [.. files.Select(f => f.File)],
            Sha256 = Hash(files),
        };
    }

    /// <summary>The other names of a calendar, from the value of its key <c>aliases</c>.</summary>
    public static List<string> ReadAliases(RuleNode? aliases) => Unique(aliases);

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
        return FromTheStart(node, "hours", hours, r => r.From, knownFrom);
    }

    private static List<WeekRule> ReadWeeks(RuleNode root, DateOnly? knownFrom)
    {
        if (root.Get("weeks") is not { } weeks)
        {
            return [new WeekRule(From: null, Weekdays(root.Need("week")))];
        }

        if (root.Get("week") is { } week)
        {
            throw week.Error("a calendar has either `week` or `weeks`");
        }

        var rules = Ascending(weeks, r => r.From, item =>
        {
            item.Only("from", "days");
            return new WeekRule(item.Get("from")?.Date(), Weekdays(item.Need("days")));
        });
        return FromTheStart(weeks, "weeks", rules, r => r.From, knownFrom);
    }

    // Rules that replace one another must hold from the first known day on.
    private static List<T> FromTheStart<T>(RuleNode node, string key, List<T> rules, Func<T, DateOnly?> from, DateOnly? knownFrom)
    {
        if (rules.Count == 0)
        {
            throw node.Error($"`{key}` has no entry");
        }

        return from(rules[0]) is { } first && (knownFrom is null || first > knownFrom)
            ? throw node.Error(Invariant($"no {key} are given for sessions before {first:yyyy-MM-dd}; the first entry has no `from`"))
            : rules;
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

    private static List<SingleSession> ReadSessions(RuleNode? node, List<Closure> closures)
    {
        var seen = new HashSet<DateOnly>();
        return node?.List(item =>
        {
            item.Only("date", "open", "close", "break", "why");
            var (open, close) = (item.Get("open")?.Time(), item.Get("close")?.Time());
            ClockHours? pause = null;
            if (item.Get("break") is { } ends)
            {
                var times = ends.List(t => t.Time());
                pause = times is [var start, var end] && start < end && !(open >= start) && !(close <= end)
                    ? new ClockHours(start, end)
                    : throw ends.Error("`break` is [start, end], in this order and inside the session");
            }

            var session = new SingleSession(item.Need("date").Date(), open, close, pause, item.Need("why").String());
            return close <= open ? throw item.Error("the session closes at or before it opens")
                : closures.Find(c => session.Date >= c.From && session.Date <= c.Through) is { } closure
                    ? throw item.Error(Invariant($"{session.Date:yyyy-MM-dd} is both a session and a closure ({closure.Why})"))
                : seen.Add(session.Date) ? session
                : throw item.Error(Invariant($"session {session.Date:yyyy-MM-dd} stands twice"));
        }) ?? [];
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
}
