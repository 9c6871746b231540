using RiskLake.Calendars;

namespace RiskLake.Tests.Calendars;

/// <summary>Outside what is known the answer is an error, never a guess.</summary>
public sealed class KnownRangeTests
{
    private static readonly ExchangeCalendar s_newYork = CalendarLibrary.BuiltIn.Get("XNYS");
    private static readonly DateOnly s_before = new(1970, 12, 31);
    private static readonly DateOnly s_first = new(1971, 1, 4);
    private static readonly DateOnly s_last = new(2028, 12, 29);
    private static readonly DateOnly s_after = new(2029, 1, 1);

    public static TheoryData<string, Action> Questions => new()
    {
        { "is session before", () => s_newYork.IsSession(s_before) },
        { "is session after", () => s_newYork.IsSession(s_after) },
        { "sessions before", () => s_newYork.Sessions(s_before, s_last) },
        { "sessions after", () => s_newYork.Sessions(s_first, s_after) },
        { "schedule", () => s_newYork.Schedule(s_last, s_after) },
        { "count", () => s_newYork.CountSessions(s_before, s_after) },
        { "next beyond", () => s_newYork.NextSession(s_last) },
        { "next from before", () => s_newYork.NextSession(s_before) },
        { "previous beyond", () => s_newYork.PreviousSession(s_first) },
        { "previous from after", () => s_newYork.PreviousSession(s_after) },
        { "offset beyond", () => s_newYork.Offset(s_last, 1) },
        { "offset before", () => s_newYork.Offset(s_first, -1) },
        { "offset far", () => s_newYork.Offset(s_last, int.MaxValue) },
        { "distance", () => s_newYork.Distance(s_first, s_after) },
        { "why closed", () => s_newYork.WhyClosed(s_after) },
        { "why thin", () => s_newYork.WhyThin(s_after) },
        { "to session", () => s_newYork.ToSession(new(2028, 12, 31), SessionDirection.Next) },
        { "open at before", () => s_newYork.IsOpenAt(At("1970-12-31T20:00Z")) },
        { "open at midnight before", () => s_newYork.IsOpenAt(At("1971-01-01T04:59:59.9999999Z")) },
        { "open at after", () => s_newYork.IsOpenAt(At("2029-01-01T05:00Z")) },
        { "open at the end of time", () => s_newYork.IsOpenAt(DateTimeOffset.MaxValue) },
        { "open at the beginning of time", () => s_newYork.IsOpenAt(DateTimeOffset.MinValue) },
        { "session at", () => s_newYork.SessionAt(At("2029-01-01T05:00Z")) },
        { "session after the last", () => s_newYork.SessionAt(At("2028-12-29T21:00Z"), SessionDirection.Next) },
        { "session before the first", () => s_newYork.SessionAt(At("1971-01-04T14:59Z"), SessionDirection.Previous) },
        { "next open", () => s_newYork.NextOpen(At("2028-12-29T14:30Z")) },
        { "previous open", () => s_newYork.PreviousOpen(At("1971-01-04T15:00Z")) },
        { "next close", () => s_newYork.NextClose(At("2028-12-29T21:00Z")) },
        { "previous close", () => s_newYork.PreviousClose(At("1971-01-04T20:30Z")) },
        { "minutes", () => s_newYork.CountMinutes(At("2028-12-29T21:00Z"), At("2029-01-01T05:00:01Z")) },
        { "minute offset", () => s_newYork.OffsetMinutes(At("2028-12-29T20:59Z"), 1) },
        { "minute offset far", () => s_newYork.OffsetMinutes(At("2028-12-29T20:59Z"), int.MinValue) },
        { "settlement", () => CalendarLibrary.BuiltIn.Settlement("XNYS").Date(s_last) },
        { "settlement before the banks are known", () => CalendarLibrary.BuiltIn.Settlement("XNYS").Date(new(1985, 12, 2)) },
        { "diff", () => SessionDifference.Between(s_newYork, CalendarLibrary.BuiltIn.Get("XASX"), new(2027, 1, 1), new(2028, 1, 3)) },
        { "joint", () => CalendarLibrary.BuiltIn.Join(JointKind.Union, ["XNYS", "XASX"]).IsSession(new(2028, 1, 5)) },
    };

    [Theory]
    [MemberData(nameof(Questions), DisableDiscoveryEnumeration = true)]
    public void A_question_that_leads_outside_is_an_error(string question, Action ask)
    {
        Assert.NotEmpty(question);
        Assert.Equal(CalendarFault.OutsideKnown, Assert.Throws<CalendarException>(ask).Fault);
    }

    [Fact]
    public void The_edges_are_inside()
    {
        Assert.False(s_newYork.IsSession(new(1971, 1, 1)));
        Assert.False(s_newYork.IsSession(new(2028, 12, 31)));
        Assert.Equal((s_first, s_last), (s_newYork.NextSession(new(1971, 1, 1)), s_newYork.PreviousSession(new(2028, 12, 31))));
        Assert.True(s_newYork.Knows(s_first) && s_newYork.Knows(new DateOnly(2028, 12, 31)));
        Assert.False(s_newYork.Knows(s_before) || s_newYork.Knows(s_after));
        Assert.True(s_newYork.Knows(At("1971-01-01T05:00Z")) && s_newYork.Knows(At("2029-01-01T04:59:59Z")));
        Assert.False(s_newYork.Knows(At("1971-01-01T04:59:59Z")) || s_newYork.Knows(At("2029-01-01T05:00Z")));
        var joint = JointCalendar.Union(s_newYork, CalendarLibrary.BuiltIn.Get("XASX"));
        Assert.True(joint.Knows(At("2027-12-31T12:00Z")));
        Assert.False(joint.Knows(At("2027-12-31T13:00Z"))); // midnight in Sydney
        Assert.False(s_newYork.IsOpenAt(At("1971-01-01T05:00Z")));
        Assert.False(s_newYork.IsOpenAt(At("2029-01-01T04:59Z")));
        Assert.Equal(0, s_newYork.CountMinutes(At("2028-12-29T21:00Z"), At("2029-01-01T05:00Z")));
        Assert.Equal(s_last, s_newYork.ToSession(new(2028, 12, 31), SessionDirection.ModifiedNext));
    }

    [Fact]
    public void A_session_that_opens_the_evening_before_the_known_range_is_whole()
    {
        var futures = CalendarLibrary.BuiltIn.Get("CMEEQ"); // known from Monday 2015-09-21
        Assert.True(futures.IsOpenAt(At("2015-09-20T22:00Z")));
        Assert.Throws<CalendarException>(() => futures.IsOpenAt(At("2015-09-20T21:59Z")));

        // After 17:00 Chicago on the last known day an unknown session may have opened.
        Assert.Throws<CalendarException>(() => futures.IsOpenAt(At("2027-12-31T23:00Z")));
        Assert.False(futures.IsOpenAt(At("2027-12-31T22:59Z")));
    }

    [Fact]
    public void A_date_or_instant_without_a_session_is_an_error_where_one_is_needed()
    {
        Action[] dates =
        [
            () => s_newYork.Offset(new(2026, 11, 22), 1), () => s_newYork.Distance(new(2026, 11, 23), new(2026, 11, 22)),
            () => s_newYork.Schedule(new DateOnly(2026, 11, 26)),
            () => s_newYork.Open(new(2026, 11, 26)), () => s_newYork.Close(new(2026, 11, 26)),
            () => s_newYork.Minutes(new(2026, 11, 26)), () => s_newYork.CountMinutes(new DateOnly(2026, 11, 26)),
            () => s_newYork.TradingIntervals(new(2026, 11, 26)), () => s_newYork.ToSession(new(2026, 11, 26), SessionDirection.Exact),
            () => s_newYork.SessionAt(At("2026-11-23T21:00Z"), SessionDirection.Exact),
            () => CalendarLibrary.BuiltIn.Settlement("XNYS").Date(new(2026, 11, 26)),
            () => JointCalendar.Union(s_newYork).TradingIntervals(new(2026, 11, 26)),
        ];
        Assert.All(dates, ask => Assert.Equal(CalendarFault.NotASession, Assert.Throws<CalendarException>(ask).Fault));
        var minute = Assert.Throws<CalendarException>(() => s_newYork.OffsetMinutes(At("2026-11-23T21:00Z"), 0));
        Assert.Equal(CalendarFault.NotATradingMinute, minute.Fault);
    }

    private static DateTimeOffset At(string text) => DateTimeOffset.Parse(text);
}
