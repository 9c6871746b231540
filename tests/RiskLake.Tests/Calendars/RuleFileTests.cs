using System.Text;
using RiskLake.Calendars;

namespace RiskLake.Tests.Calendars;

/// <summary>A rule file is either understood whole or refused with its place.</summary>
public sealed class RuleFileTests : IDisposable
{
    private const string Head = """
        schema: exchange-calendar/1
        id: TEST
        name: A test
        zone: Europe/London
        week: [mon, tue, wed, thu, fri]
        known: {from: 2000-01-01, through: 2029-12-31}
        hours:
          - {open: "08:00", close: "16:30"}

        """;

    private readonly RuleFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("colour: red", 9, "unknown key `colour`")]
    [InlineData("name: Again", 9, "key `name` stands twice")]
    [InlineData("holidays:\n  - {id: a, day: {fixed: \"01-01\"}, id: b}", 10, "key `id` stands twice")]
    [InlineData("holidays:\n  - {id: a, day: {fixed: \"13-01\"}}", 10, "`13-01` is not a month and day")]
    [InlineData("holidays:\n  - {id: a, day: {fixed: \"02-30\"}}", 10, "`02-30` is not a month and day")]
    [InlineData("weeks: [{days: [mon]}]", 5, "either `week` or `weeks`")]
    [InlineData("sessions:\n  - {date: 2001-06-09}", 10, "key `why` is missing")]
    [InlineData("sessions:\n  - {date: 2001-06-09, why: a}\n  - {date: 2001-06-09, why: b}", 11, "session 2001-06-09 stands twice")]
    [InlineData("sessions:\n  - {date: 2001-06-09, open: \"10:00\", close: \"10:00\", why: a}", 10, "closes at or before it opens")]
    [InlineData("sessions:\n  - {date: 2001-06-09, break: [\"12:00\"], why: a}", 10, "`break` is [start, end]")]
    [InlineData("sessions:\n  - {date: 2001-06-09, open: \"12:00\", break: [\"12:00\", \"13:00\"], why: a}", 10, "`break` is [start, end]")]
    [InlineData("sessions:\n  - {date: 2001-06-09, why: a}\nclosures:\n  - {date: 2001-06-09, why: Flood}", 10, "both a session and a closure (Flood)")]
    [InlineData("settlement_calendar: {base: payment}", 9, "needs the bank calendars of `payment`")]
    [InlineData("settlement_calendar: {base: banks}", 9, "`banks` is not one of sessions, payment")]
    [InlineData("settlement_calendar:\n  open_on: [{date: 2001-06-09}]", 10, "key `why` is missing")]
    [InlineData("settlement_calendar:\n  closed_on: [{date: 2001-06-09, why: a, roll: nearest}]", 10, "unknown key `roll`")]
    [InlineData("holidays:\n  - {id: a, day: {}}", 10, "`day` needs one of")]
    [InlineData("holidays:\n  - {id: a, day: {fixed: \"01-01\", easter: 1}}", 10, "`day` has fixed and easter")]
    [InlineData("holidays:\n  - {id: a, day: {fixed: \"01-01\", weekday: mon}}", 10, "unknown key `weekday`")]
    [InlineData("holidays:\n  - {id: a, day: {nth: 0, weekday: mon, month: 1}}", 10, "`nth` is 1 to 5")]
    [InlineData("holidays:\n  - {id: a, day: {nth: 6, weekday: mon, month: 1}}", 10, "`6` is not a whole number from -5 to 5")]
    [InlineData("holidays:\n  - {id: a, day: {nth: 1, weekday: monday, month: 1}}", 10, "`monday` is not one of sun, mon")]
    [InlineData("holidays:\n  - {id: a, day: {nth: 1, weekday: mon}}", 10, "key `month` is missing")]
    [InlineData("holidays:\n  - {id: a, day: {lunar: \"01-31\"}}", 10, "`01-31` is not a lunisolar month and day")]
    [InlineData("holidays:\n  - {id: a, day: {solar_term: winter}}", 10, "`winter` is not one of qingming")]
    [InlineData("holidays:\n  - {id: a, day: {equinox: summer}}", 10, "`summer` is not one of vernal, autumnal")]
    [InlineData("holidays:\n  - {id: a, day: {span: [2001-01-02, 2001-01-01]}}", 10, "`span` is [first day, last day]")]
    [InlineData("holidays:\n  - {id: a, day: {dates: [2001-02-29]}}", 10, "`2001-02-29` is not a date")]
    [InlineData("holidays:\n  - {id: a, day: {session_of_year: first}}", 10, "`session_of_year` names a session")]
    [InlineData("holidays:\n  - {id: a, day: {easter: 1}}\n  - {id: a, day: {easter: 2}}", 11, "id `a` stands twice")]
    [InlineData("holidays:\n  - {id: a, day: {easter: 1}, roll: monday}", 10, "`monday` is not one of sun-mon")]
    [InlineData("holidays:\n  - {id: a, day: {easter: 1}, years: \"2010..2001\"}", 10, "`2010..2001` is not a run of years")]
    [InlineData("holidays:\n  - {id: a, day: {easter: 1}, years: \"..\"}", 10, "`..` is not a run of years")]
    [InlineData("holidays:\n  - {id: a, day: {easter: 1}, years: [2001, 20x2]}", 10, "`20x2` is not a year of four digits")]
    [InlineData("holidays:\n  - {id: a, day: {easter: 1}, weekdays: []}", 10, "the list of weekdays is empty")]
    [InlineData("holidays:\n  - {id: a, day: {easter: 1}, weekdays: [mon, mon]}", 10, "a weekday stands twice")]
    [InlineData("holidays:\n  - {id: a, day: {easter: 1}, group: g}", 10, "group `g` is not defined")]
    [InlineData("holidays:\n  - {id: a, day: {easter: 1}, at: \"10:00\"}", 10, "unknown key `at`")]
    [InlineData("holidays: {id: a}", 9, "expected a list")]
    [InlineData("holidays:\n  - a", 10, "expected a map")]
    [InlineData("groups:\n  g: {substitute: monday}", 10, "`monday` is not one of sun-next-free")]
    [InlineData("early_closes:\n  - {id: a, day: {easter: 1}}", 10, "key `at` is missing")]
    [InlineData("early_closes:\n  - {at: \"9:00\", id: a, day: {easter: 1}}", 10, "`9:00` is not a clock time")]
    [InlineData("early_closes:\n  - {at: \"24:00\", id: a, day: {easter: 1}}", 10, "`24:00` is not a clock time")]
    [InlineData("closures:\n  - {date: 2001-01-01}", 10, "key `why` is missing")]
    [InlineData("closures:\n  - {date: 2001-01-01, from: 2001-01-01, why: x}", 10, "either `date` or `from`")]
    [InlineData("closures:\n  - {from: 2001-01-02, through: 2001-01-01, why: x}", 10, "`through` lies before `from`")]
    [InlineData("closures:\n  - {from: 1990-01-02, through: 2001-01-01, why: x}", 10, "at most ten years")]
    [InlineData("closures:\n  - {date: 9999-01-01, why: x}", 10, "`9999-01-01` lies outside 1800-01-01 through 2199-12-31")]
    [InlineData("closures:\n  - {date: 2001-01-01, why: x, scheduled: no}", 10, "`no` is not one of true, false")]
    [InlineData("closures:\n  - {date: 2001-01-01, why: Gulf, War}", 10, "unknown key `War`")]
    [InlineData("closures:\n  - {date: 2001-01-01, why: \"\"}", 10, "the value is empty")]
    [InlineData("disruptions:\n  - {date: 2001-01-01, why: x}", 10, "changes `open`, `close` or both")]
    [InlineData("disruptions:\n  - &a {date: 2001-01-03, open: \"09:00\", why: x}", 10, "an anchor")]
    [InlineData(
        "disruptions:\n  - {date: 2001-01-03, open: \"09:00\", why: x}\n  - {date: 2001-01-03, close: \"15:00\", why: x}",
        11,
        "a second disruption of 2001-01-03")]
    [InlineData("breaks:\n  - {start: \"12:00\", end: \"12:00\"}", 10, "the break ends at or before it starts")]
    [InlineData("breaks:\n  - {start: \"12:00\", end: \"13:00\"}\n  - {start: \"12:00\", end: \"13:00\"}", 11, "need a `from` later")]
    [InlineData("breaks:\n  - {from: 2001-01-02, until: 2001-01-01, start: \"12:00\", end: \"13:00\"}", 10, "`until` lies before `from`")]
    [InlineData("settlement:\n  - {lag: -1}", 10, "`-1` is not a whole number from 0 to 30")]
    [InlineData("settlement:\n  - {lag: 2}\n  - {from: 2010-01-01, lag: 1}\n  - {from: 2009-01-01, lag: 1}", 12, "need a `from` later")]
    [InlineData("aliases: [a, A]", 9, "`A` stands twice")]
    [InlineData("aliases: &a [x]\npayment: *a", 9, "an anchor")]
    [InlineData("payment: *a", 9, "an alias")]
    [InlineData("payment: !!str x", 9, "a tag")]
    [InlineData("payment: [[[[[[[[[[[[[x]]]]]]]]]]]]]", 9, "levels deep")]
    [InlineData("---\nid: B", 9, "a second document")]
    [InlineData("name: 'unclosed", 9, "not YAML")]
    [InlineData("inherits: NONE", 9, "there is no calendar `NONE` to inherit")]
    [InlineData("inherits: TEST", 9, "inheritance goes in a circle")]
    public void A_mistake_is_refused_with_its_place(string lines, int line, string message)
    {
        _folder.Write("TEST", Head + lines + "\n");
        var error = Assert.Throws<CalendarException>(() => _folder.Library().Get("TEST"));
        Assert.Contains(message, error.Detail, StringComparison.Ordinal);
        Assert.Equal((CalendarFault.RuleFile, _folder.PathOf("TEST"), line), (error.Fault, error.File, error.Line!.Value));
        Assert.Equal(FormattableString.Invariant($"{error.File}:{line}: {error.Detail}"), error.Message);
    }

    [Theory]
    [InlineData("exchange-calendar/1", "exchange-calendar/2", "schema is `exchange-calendar/2`")]
    [InlineData("Europe/London", "Europe/Londn", "zone `Europe/Londn` is not in the IANA")]
    [InlineData("id: TEST", "id: OTHER", "id `OTHER` differs from the file's name")]
    [InlineData("close: \"16:30\"", "close: \"08:00\"", "closes at or before it opens")]
    [InlineData("{open: \"08:00\"", "{from: 2001-01-01, open: \"08:00\"", "no hours are given for sessions before 2001-01-01")]
    [InlineData("from: 2000-01-01", "from: 2030-01-01", "`through` lies before `from`")]
    [InlineData("week: [mon, tue, wed, thu, fri]\n", "", "key `week` is missing")]
    [InlineData("hours:\n  - {open: \"08:00\", close: \"16:30\"}\n", "hours: []\n", "`hours` has no entry")]
    public void A_mistake_in_the_head_is_refused(string text, string replacement, string message)
    {
        _folder.Write("TEST", Head.Replace(text, replacement, StringComparison.Ordinal));
        var error = Assert.Throws<CalendarException>(() => _folder.Library().Get("TEST"));
        Assert.Contains(message, error.Detail, StringComparison.Ordinal);
        Assert.NotNull(error.Line);
    }

    [Theory]
    [InlineData("1970-01-01", "holidays:\n  - {id: e, day: {equinox: vernal}}", "cannot be computed for 1970")]
    [InlineData("2000-01-01", "hours:\n  - {open: \"01:30\", close: \"16:30\"}", "2000-03-26 01:30 does not exist in Europe/London")]
    [InlineData("2000-06-01", "hours:\n  - {open: \"01:30\", close: \"16:30\"}", "2000-10-29 01:30 happens twice in Europe/London")]
    [InlineData("2000-01-01", "late_opens:\n  - {at: \"16:30\", id: a, day: {dates: [2000-01-05]}}", "2000-01-05 of TEST closes at")]
    [InlineData("2000-01-01", "hours:\n  - {open: \"08:00\", close: \"09:00\", close_day: 1}", "opens before the session before it")]
    [InlineData(
        "2000-01-01",
        "breaks:\n  - {start: \"12:00\", end: \"13:00\"}\nlate_opens:\n  - {at: \"12:30\", id: a, day: {dates: [2000-01-05]}}",
        "opens inside its break")]
    public void Rules_that_cannot_be_carried_out_are_refused(string from, string lines, string message)
    {
        var head = lines.StartsWith("hours", StringComparison.Ordinal) ? Head[..Head.IndexOf("hours", StringComparison.Ordinal)] : Head;
        head = head.Replace("2000-01-01", from, StringComparison.Ordinal).Replace("[mon, ", "[sun, mon, ", StringComparison.Ordinal);
        _folder.Write("TEST", head + lines + "\n");
        var error = Assert.Throws<CalendarException>(() => _folder.Library().Get("TEST"));
        Assert.Contains(message, error.Detail, StringComparison.Ordinal);
        Assert.Equal(_folder.PathOf("TEST"), error.File);
    }

    [Fact]
    public void A_file_that_is_too_large_or_not_text_is_refused()
    {
        _folder.Write("TEST", Head + "#" + new string('x', 1 << 20));
        Refused("bytes; a calendar file has at most");

        File.WriteAllBytes(_folder.PathOf("TEST"), [0x69, 0x64, 0x3A, 0xFF, 0xFE]);
        Refused("not UTF-8");

        File.WriteAllBytes(_folder.PathOf("TEST"), []);
        Refused("the file is empty");

        void Refused(string message) => Assert.Contains(
            message, Assert.Throws<CalendarException>(() => _folder.Library().Get("TEST")).Detail, StringComparison.Ordinal);
    }

    [Fact]
    public void Damaged_files_never_end_in_another_exception()
    {
        var original = Encoding.UTF8.GetBytes(File.ReadAllText(Path.Combine(Reference.Config(), "XTKS.yaml")));
        var random = CsCheck.Gen.Select(CsCheck.Gen.Int[0, original.Length - 1], CsCheck.Gen.Byte, CsCheck.Gen.Int[0, 40]);
        CsCheck.Check.Sample(
            random,
            (at, value, cut) =>
            {
                var bytes = original.ToList();
                bytes[at] = value;
                bytes.RemoveRange(at, Math.Min(cut, bytes.Count - at));
                using var folder = new RuleFolder();
                File.WriteAllBytes(folder.PathOf("XTKS"), [.. bytes]);
                try
                {
                    folder.Library().Get("XTKS");
                }
                catch (CalendarException e)
                {
                    Assert.Equal(folder.PathOf("XTKS"), e.File);
                }
            },
            iter: 200);
    }

    [Fact]
    public void Listed_days_win_over_patterns_and_then_the_first_in_the_file_wins()
    {
        _folder.Write("TEST", Head + """
            early_closes:
              - {at: "12:00", id: pattern, day: {fixed: "06-05"}}
              - {at: "13:00", id: second, day: {fixed: "06-05"}}
              - {at: "14:00", id: listed, day: {dates: [2002-06-05, 2002-06-08]}}
              - {at: "15:00", id: span, day: {span: [2002-06-05, 2002-06-06]}}
            """);
        var calendar = _folder.Library().Get("TEST");
        Assert.Equal("pattern", calendar.Schedule(new(2001, 6, 5)).EarlyClose);
        Assert.Equal("listed", calendar.Schedule(new(2002, 6, 5)).EarlyClose);
        Assert.Equal("span", calendar.Schedule(new(2002, 6, 6)).EarlyClose);
        Assert.False(calendar.IsSession(new(2002, 6, 8)));
    }

    [Fact]
    public void A_single_session_needs_neither_its_weekday_nor_a_day_without_a_holiday()
    {
        _folder.Write("TEST", Head + """
            breaks:
              - {start: "12:00", end: "13:00"}
            holidays:
              - {id: a, name: Feast, day: {dates: [2001-06-07, 2001-06-08]}}
            sessions:
              - {date: 2001-06-07, open: "18:00", close: "19:00", why: Evening}
              - {date: 2001-06-09, why: Saturday}
              - {date: 2001-06-10, close: "14:00", break: ["10:00", "10:30"], why: In two parts}
            early_closes:
              - {at: "15:00", id: b, day: {dates: [2001-06-09, 2001-06-10]}}
            """);
        var calendar = _folder.Library().Get("TEST");
        Assert.Equal([7, 9, 10], calendar.Sessions(new(2001, 6, 7), new(2001, 6, 10)).Select(d => d.Day));
        var week = calendar.Schedule(new(2001, 6, 7), new(2001, 6, 10));
        Assert.Equal([(60, false), (360, true), (330, true)], week.Select(s => (s.Minutes, s.BreakStart is not null)));
        Assert.Equal([("Evening", "Evening"), (null, "b"), (null, "In two parts")], week.Select(s => (s.LateOpen, s.EarlyClose)));
    }

    [Fact]
    public void A_week_holds_until_the_next_one_begins()
    {
        _folder.Write("TEST", Head.Replace("week: [mon, tue, wed, thu, fri]", "weeks: [{days: [sun, mon]}, {from: 2001-06-05, days: [tue, sun]}]",
            StringComparison.Ordinal));
        Assert.Equal([27, 28, 3, 4, 5, 10, 12], _folder.Library().Get("TEST").Sessions(new(2001, 5, 27), new(2001, 6, 12)).Select(d => d.Day));
    }

    [Theory]
    [InlineData("[]", "`weeks` has no entry")]
    [InlineData("[{from: 2001-01-01, days: [mon]}]", "no weeks are given for sessions before 2001-01-01")]
    [InlineData("[{days: [mon]}, {days: [tue]}]", "entries after the first need a `from`")]
    [InlineData("[{days: []}]", "the list of weekdays is empty")]
    public void Weeks_that_leave_days_open_are_refused(string weeks, string message)
    {
        _folder.Write("TEST", Head.Replace("week: [mon, tue, wed, thu, fri]", "weeks: " + weeks, StringComparison.Ordinal));
        var error = Assert.Throws<CalendarException>(() => _folder.Library().Get("TEST"));
        Assert.Contains(message, error.Detail, StringComparison.Ordinal);
        Assert.Equal(5, error.Line);
    }

    [Fact]
    public void A_holiday_rolled_over_a_new_year_belongs_to_the_year_before_rolling()
    {
        _folder.Write("TEST", Head + """
            holidays:
              - {id: eve, day: {fixed: "12-31"}, roll: weekend-mon, years: "2005..2006"}
              - {id: day, day: {fixed: "01-01"}, roll: weekend-fri, years: 2011}
            """);
        var calendar = _folder.Library().Get("TEST");
        Assert.Equal("day", calendar.WhyClosed(new(2010, 12, 31)));
        Assert.Equal("eve", calendar.WhyClosed(new(2006, 1, 2))); // 2005-12-31 is a Saturday
        Assert.Equal("eve", calendar.WhyClosed(new(2007, 1, 1)));
        Assert.True(calendar.IsSession(new(2012, 1, 2)));

        // Also where the calendar begins or ends at that new year.
        Assert.Equal("eve", calendar.Over(new(2006, 1, 1), new(2006, 12, 31)).WhyClosed(new(2006, 1, 2)));
        Assert.Equal("day", calendar.Over(new(2010, 1, 1), new(2010, 12, 31)).WhyClosed(new(2010, 12, 31)));
    }

    [Theory]
    [InlineData("sun-mon", "2001-09-02", "2001-09-03")]
    [InlineData("sun-mon", "2001-09-01", "2001-09-01")]
    [InlineData("weekend-mon", "2001-09-01", "2001-09-03")]
    [InlineData("weekend-mon", "2001-09-02", "2001-09-03")]
    [InlineData("weekend-fri", "2001-09-01", "2001-08-31")]
    [InlineData("weekend-fri", "2001-09-02", "2001-08-31")]
    [InlineData("nearest", "2001-09-01", "2001-08-31")]
    [InlineData("nearest", "2001-09-02", "2001-09-03")]
    [InlineData("nearest", "2001-09-05", "2001-09-05")]
    public void A_weekend_is_rolled(string roll, string date, string rolled)
    {
        _folder.Write("TEST", Head + $$"""
            holidays:
              - {id: a, name: Rolled, day: {dates: [{{date}}]}, roll: {{roll}}}
            """);
        var calendar = _folder.Library().Get("TEST");
        var closed = Enumerable.Range(0, 10).Select(new DateOnly(2001, 8, 29).AddDays).Where(d => calendar.WhyClosed(d) == "Rolled");
        Assert.Equal([DateOnly.Parse(rolled)], closed);
    }

    [Fact]
    public void Days_are_added_before_a_weekend_is_rolled_and_weekdays_are_kept_after_it()
    {
        _folder.Write("TEST", Head + """
            holidays:
              - {id: a, name: Added, day: {dates: [2001-09-01], plus: 1}, roll: sun-mon}
              - {id: b, name: Kept, day: {dates: [2001-09-08, 2001-09-16, 2001-09-24]}, roll: nearest, weekdays: [fri, mon]}
              - {id: c, name: Dropped, day: {dates: [2001-10-06]}, roll: nearest, weekdays: [sat]}
            """);
        var calendar = _folder.Library().Get("TEST");
        var days = Enumerable.Range(0, 60).Select(new DateOnly(2001, 8, 29).AddDays);
        var closed = days.Where(d => calendar.WhyClosed(d) is "Added" or "Kept" or "Dropped");
        Assert.Equal([new DateOnly(2001, 9, 3), new(2001, 9, 7), new(2001, 9, 17), new(2001, 9, 24)], closed);
    }

    [Fact]
    public void An_announced_closure_is_believed_from_its_announcement()
    {
        _folder.Write("TEST", Head + """
            closures:
              - {date: 2001-06-05, why: Funeral, announced: 2001-06-01}
            """);
        var calendar = _folder.Library().Get("TEST");
        Assert.True(calendar.AsBelievedOn(new(2001, 5, 31)).IsSession(new(2001, 6, 5)));
        Assert.False(calendar.AsBelievedOn(new(2001, 6, 1)).IsSession(new(2001, 6, 5)));
    }

    [Fact]
    public void Early_close_inside_or_at_the_end_of_the_break_drops_it()
    {
        _folder.Write("TEST", Head + """
            breaks:
              - {start: "12:00", end: "13:00"}
            early_closes:
              - {at: "12:30", id: inside, day: {dates: [2001-06-05]}}
              - {at: "13:00", id: at-end, day: {dates: [2001-06-06]}}
              - {at: "13:01", id: after, day: {dates: [2001-06-07]}}
            late_opens:
              - {at: "13:00", id: late, day: {dates: [2001-06-08]}}
            """);
        var sessions = _folder.Library().Get("TEST").Schedule(new(2001, 6, 5), new(2001, 6, 8));
        Assert.Equal([false, false, true, false], sessions.Select(s => s.BreakStart.HasValue));
        Assert.Equal([270, 300, 241, 210], sessions.Select(s => s.Minutes));
    }
}
