using CsCheck;
using RiskLake.Calendars;

namespace RiskLake.Tests.Calendars;

/// <summary>Laws that hold for every calendar, checked against plain lists and sets.</summary>
public sealed class CalendarPropertyTests
{
    private static readonly Gen<ExchangeCalendar> s_calendar =
        Gen.Int[0, CalendarLibrary.BuiltIn.Ids.Length - 1].Select(i => CalendarLibrary.BuiltIn.Ids[i]).Select(CalendarLibrary.BuiltIn.Get);

    // A calendar with a span of at most two years inside what it knows, and margins on both sides.
    private static readonly Gen<(ExchangeCalendar Calendar, DateOnly From, DateOnly Through)> s_span =
        from calendar in s_calendar
        from start in Gen.Int[60, calendar.KnownThrough.DayNumber - calendar.KnownFrom.DayNumber - 900]
        from length in Gen.Int[0, 730]
        let origin = calendar.KnownFrom.AddDays(start)
        select (calendar, origin, origin.AddDays(length));

    private static readonly Gen<(ExchangeCalendar Calendar, DateOnly Session)> s_session =
        s_span.Select(s => (s.Calendar, s.Calendar.ToSession(s.From, SessionDirection.Next)));

    private static readonly Gen<(ExchangeCalendar Calendar, DateTimeOffset At)> s_instant =
        from span in s_span
        from seconds in Gen.Int[0, 86_399]
        select (span.Calendar, Midnight(span.From).AddSeconds(seconds));

    [Fact]
    public void Next_and_previous_session_are_inverse() => s_session.Sample(x =>
        x.Calendar.PreviousSession(x.Calendar.NextSession(x.Session)) == x.Session
        && x.Calendar.NextSession(x.Calendar.PreviousSession(x.Session)) == x.Session);

    [Fact]
    public void Sessions_are_the_dates_that_are_sessions() => s_span.Sample(x =>
    {
        var all = Dates(x.From, x.Through).Where(x.Calendar.IsSession).ToList();
        Assert.Equal(all, x.Calendar.Sessions(x.From, x.Through));
        Assert.Equal(all.Count, x.Calendar.CountSessions(x.From, x.Through));
        Assert.Equal(all, x.Calendar.Schedule(x.From, x.Through).Select(s => s.Session));
    });

    [Fact]
    public void Next_and_previous_session_agree_with_a_walk_over_the_dates() => s_span.Sample(x =>
    {
        Assert.Equal(Dates(x.From.AddDays(1), x.From.AddDays(60)).First(x.Calendar.IsSession), x.Calendar.NextSession(x.From));
        Assert.Equal(Dates(x.From.AddDays(-60), x.From.AddDays(-1)).Last(x.Calendar.IsSession), x.Calendar.PreviousSession(x.From));
    });

    [Fact]
    public void Offsets_add_up_and_distance_measures_them() => Gen.Select(s_session, Gen.Int[-20, 20], Gen.Int[-20, 20]).Sample((x, a, b) =>
    {
        var there = x.Calendar.Offset(x.Session, a);
        Assert.Equal(x.Calendar.Offset(x.Session, a + b), x.Calendar.Offset(there, b));
        Assert.Equal(a, x.Calendar.Distance(x.Session, there));
        Assert.Equal(x.Session, x.Calendar.Offset(there, -a));
    });

    [Fact]
    public void A_session_stands_for_itself_and_any_other_date_for_a_neighbour() => s_span.Sample(x =>
    {
        var date = x.From;
        var (next, previous) = (x.Calendar.ToSession(date, SessionDirection.Next), x.Calendar.ToSession(date, SessionDirection.Previous));
        Assert.True(previous <= date && date <= next);
        Assert.Equal(x.Calendar.IsSession(date), next == previous);
        var modified = x.Calendar.ToSession(date, SessionDirection.ModifiedNext);
        Assert.Equal(next.Month == date.Month ? next : previous, modified);
    });

    [Fact]
    public void Minutes_of_a_session_are_those_at_which_it_is_open() => s_session.Sample(x =>
    {
        var session = x.Calendar.Schedule(x.Session);
        var span = (int)(session.Close - session.Open).TotalMinutes;
        var open = Enumerable.Range(0, span).Select(m => session.Open.AddMinutes(m)).Where(x.Calendar.IsOpenAt).ToList();
        Assert.Equal(open, x.Calendar.Minutes(x.Session));
        Assert.Equal(open.Count, x.Calendar.CountMinutes(x.Session));
        Assert.Equal(open.Count, session.Minutes);
        Assert.Equal(open.Count, x.Calendar.TradingIntervals(x.Session).Sum(i => (int)(i.End - i.Start).TotalMinutes));
    }, iter: 300);

    [Fact]
    public void Minutes_between_instants_are_additive_and_count_open_minutes() =>
        Gen.Select(s_instant, Gen.Int[-5000, 5000], Gen.Int[-300_000, 300_000]).Sample((x, a, b) =>
        {
            var (calendar, from) = x;
            var (middle, to) = (from.AddMinutes(a), from.AddSeconds(b));
            Assert.Equal(calendar.CountMinutes(from, to), calendar.CountMinutes(from, middle) + calendar.CountMinutes(middle, to));
            var first = new DateTimeOffset(from.Ticks - (from.Ticks % TimeSpan.TicksPerMinute), TimeSpan.Zero);
            var dayAfter = from.AddDays(1);
            var minutes = Enumerable.Range(0, 1600).Select(m => first.AddMinutes(m)).Where(m => m >= from && m < dayAfter);
            var walked = minutes.Count(calendar.IsOpenAt);
            Assert.Equal(walked, calendar.CountMinutes(from, dayAfter));
        }, iter: 300);

    [Fact]
    public void Minute_offsets_add_up_and_counting_measures_them() =>
        Gen.Select(s_instant, Gen.Int[-4000, 4000], Gen.Int[-4000, 4000]).Sample((x, a, b) =>
        {
            var (calendar, at) = x;
            var start = calendar.OffsetMinutes(at, 0, SessionDirection.Next);
            var there = calendar.OffsetMinutes(start, a);
            Assert.True(calendar.IsOpenAt(there));
            Assert.Equal(calendar.OffsetMinutes(start, a + b), calendar.OffsetMinutes(there, b));
            Assert.Equal(a, calendar.CountMinutes(start, there));
            Assert.Equal(calendar.IsOpenAt(at), calendar.OffsetMinutes(at, 0, SessionDirection.Previous) == start);
            Assert.True(start >= at || calendar.IsOpenAt(at));
        });

    [Fact]
    public void Opens_and_closes_enclose_the_instant() => s_instant.Sample(x =>
    {
        var (calendar, at) = x;
        var (opens, closes) = (new List<DateTimeOffset>(), new List<DateTimeOffset>());
        var day = DateOnly.FromDateTime(at.UtcDateTime);
        foreach (var s in calendar.Schedule(day.AddDays(-30), day.AddDays(30)))
        {
            opens.Add(s.Open);
            closes.Add(s.Close);
        }

        Assert.Equal(opens.First(o => o > at), calendar.NextOpen(at));
        Assert.Equal(opens.Last(o => o < at), calendar.PreviousOpen(at));
        Assert.Equal(closes.First(c => c > at), calendar.NextClose(at));
        Assert.Equal(closes.Last(c => c < at), calendar.PreviousClose(at));
        foreach (var edge in opens.Concat(closes).Where(e => e > at.AddDays(-20) && e < at.AddDays(20)))
        {
            Assert.True(calendar.PreviousOpen(edge) < edge && calendar.NextOpen(edge) > edge);
            Assert.True(calendar.PreviousClose(edge) < edge && calendar.NextClose(edge) > edge);

            var after = edge.AddTicks(1);
            Assert.Equal(edge, opens.Contains(edge) ? calendar.PreviousOpen(after) : calendar.PreviousClose(after));
        }
    }, iter: 300);

    [Fact]
    public void The_session_of_an_instant_contains_it() => s_instant.Sample(x =>
    {
        var (calendar, at) = x;
        var (next, previous) = (calendar.SessionAt(at, SessionDirection.Next), calendar.SessionAt(at, SessionDirection.Previous));
        if (calendar.SessionAt(at) is { } session)
        {
            Assert.True(calendar.Open(session) <= at && at < calendar.Close(session));
            Assert.Equal((session, session), (next, previous));
        }
        else
        {
            Assert.False(calendar.IsOpenAt(at));
            Assert.True(calendar.Close(previous) <= at && at < calendar.Open(next));
            Assert.Equal(next, calendar.NextSession(previous));
        }
    });

    [Fact]
    public void A_joint_calendar_is_the_union_or_intersection_of_its_members() =>
        Gen.Select(s_span, s_calendar, s_calendar).Sample((x, second, third) =>
        {
            SessionCalendar[] members = [x.Calendar, second, third];
            var (union, intersection) = (JointCalendar.Union(members), JointCalendar.Intersection(members));
            var from = Max(union.KnownFrom, x.From);
            var through = Min(union.KnownThrough, Max(from, x.Through));
            if (from > through)
            {
                return;
            }

            var sets = members.Select(m => m.Sessions(from, through).ToHashSet()).ToList();
            Assert.Equal(sets.Aggregate((a, b) => [.. a.Union(b)]).Order(), union.Sessions(from, through));
            Assert.Equal(sets.Aggregate((a, b) => [.. a.Intersect(b)]).Order(), intersection.Sessions(from, through));
        });

    [Fact]
    public void A_joint_calendar_is_open_while_any_or_all_of_its_members_are() =>
        Gen.Select(s_instant, s_calendar).Sample((x, second) =>
        {
            var date = DateOnly.FromDateTime(x.At.UtcDateTime);
            if (second.Knows(date.AddDays(-1)) && second.Knows(date.AddDays(1)))
            {
                var (a, b) = (x.Calendar.IsOpenAt(x.At), second.IsOpenAt(x.At));
                Assert.Equal(a || b, JointCalendar.Union(x.Calendar, second).IsOpenAt(x.At));
                Assert.Equal(a && b, JointCalendar.Intersection(x.Calendar, second).IsOpenAt(x.At));
            }
        });

    [Fact]
    public void Joint_trading_intervals_hold_the_minutes_that_members_trade()
    {
        var session = from span in s_span from second in s_calendar from pick in Gen.Int[0, 700] select (span, second, pick);
        session.Sample(x =>
        {
            SessionCalendar[] members = [x.span.Calendar, x.second];
            foreach (var kind in new[] { JointKind.Union, JointKind.Intersection })
            {
                var joint = JointCalendar.Join(kind, members);
                if (!joint.Knows(x.span.From) || !joint.IsSession(x.span.From))
                {
                    continue;
                }

                var minutes = members.Where(m => m.IsSession(x.span.From))
                    .Select(m => m.TradingIntervals(x.span.From).SelectMany(MinutesOf).ToHashSet()).ToList();
                var expected = minutes.Aggregate((a, b) => kind is JointKind.Union ? [.. a.Union(b)] : [.. a.Intersect(b)]);
                var intervals = joint.TradingIntervals(x.span.From);
                Assert.Equal(expected.Order(), intervals.SelectMany(MinutesOf));
                Assert.All(intervals.Zip(intervals.Skip(1)), pair => Assert.True(pair.First.End < pair.Second.Start));
            }
        }, iter: 200);
    }

    [Fact]
    public void Every_open_and_close_shows_the_clock_time_of_the_rules() => s_session.Sample(x =>
    {
        var session = x.Calendar.Schedule(x.Session);
        var hours = x.Calendar.Rules.Hours.Last(h => h.From is null || h.From <= x.Session);
        if (session.LateOpen is null)
        {
            Assert.Equal((hours.Open, hours.OpenDay), Local(session.Open));
        }

        if (session.EarlyClose is null)
        {
            Assert.Equal((hours.Close, hours.CloseDay), Local(session.Close));
        }

        (TimeOnly, int) Local(DateTimeOffset at)
        {
            var local = TimeZoneInfo.ConvertTime(at, TimeZoneInfo.FindSystemTimeZoneById(x.Calendar.Rules.ZoneId));
            return (TimeOnly.FromDateTime(local.DateTime), DateOnly.FromDateTime(local.DateTime).DayNumber - x.Session.DayNumber);
        }
    });

    private static IEnumerable<DateTimeOffset> MinutesOf(TradingInterval interval) =>
        Enumerable.Range(0, (int)(interval.End - interval.Start).TotalMinutes).Select(m => interval.Start.AddMinutes(m));

    private static IEnumerable<DateOnly> Dates(DateOnly from, DateOnly through) =>
        Enumerable.Range(from.DayNumber, through.DayNumber - from.DayNumber + 1).Select(DateOnly.FromDayNumber);

    private static DateTimeOffset Midnight(DateOnly date) => new(date, TimeOnly.MinValue, TimeSpan.Zero);

    private static DateOnly Max(DateOnly a, DateOnly b) => a > b ? a : b;

    private static DateOnly Min(DateOnly a, DateOnly b) => a < b ? a : b;
}
