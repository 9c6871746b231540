using System.Diagnostics;
using RiskLake.Calendars;

namespace RiskLake.Tests.Calendars;

public sealed class CalendarCostTests
{
    private static readonly ExchangeCalendar s_hongKong = CalendarLibrary.BuiltIn.Get("XHKG");
    private static readonly Settlement s_settlement = CalendarLibrary.BuiltIn.Settlement("XNYS");

    [Fact]
    public void Look_ups_allocate_nothing()
    {
        AskEverything();
        var before = GC.GetAllocatedBytesForCurrentThread();
        AskEverything();
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Theory]
    [InlineData("XNYS")]
    [InlineData("XTKS")]
    [InlineData("XHKG")]
    public void Forty_years_are_built_in_less_than_50_milliseconds(string id)
    {
        var calendar = CalendarLibrary.BuiltIn.Get(id);
        var from = calendar.KnownFrom;
        var best = TimeSpan.MaxValue;
        for (var i = 0; i < 5; i++)
        {
            var start = Stopwatch.GetTimestamp();
            Assert.True(calendar.Over(from, from.AddYears(40)).KnownThrough > from);
            var elapsed = Stopwatch.GetElapsedTime(start);
            best = elapsed < best ? elapsed : best;
        }

        Assert.True(best < TimeSpan.FromMilliseconds(50), best.ToString());
    }

    private static void AskEverything()
    {
        DateOnly session = new(2024, 6, 11);
        var at = new DateTimeOffset(2024, 6, 11, 4, 30, 12, TimeSpan.Zero);
        s_hongKong.IsSession(session);
        s_hongKong.NextSession(session);
        s_hongKong.PreviousSession(session);
        s_hongKong.Offset(session, 100);
        s_hongKong.Distance(session, s_hongKong.Offset(session, -300));
        s_hongKong.ToSession(session.AddDays(5), SessionDirection.ModifiedNext);
        s_hongKong.CountSessions(session.AddDays(-400), session);
        s_hongKong.IsOpenAt(at);
        s_hongKong.SessionAt(at);
        s_hongKong.SessionAt(at, SessionDirection.Next);
        s_hongKong.LocalDateAt(at);
        s_hongKong.Schedule(session);
        s_hongKong.Open(session);
        s_hongKong.Close(session);
        s_hongKong.NextOpen(at);
        s_hongKong.PreviousOpen(at);
        s_hongKong.NextClose(at);
        s_hongKong.PreviousClose(at);
        s_hongKong.CountMinutes(session);
        s_hongKong.CountMinutes(at.AddDays(-30), at);
        s_hongKong.OffsetMinutes(at, 1000, SessionDirection.Next);
        s_settlement.Date(session);
    }
}
