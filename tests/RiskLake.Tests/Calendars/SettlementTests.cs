using CsCheck;
using RiskLake.Calendars;
using RiskLake.Calendars.Rules;

namespace RiskLake.Tests.Calendars;

public sealed class SettlementTests
{
    [Theory]
    [InlineData("XNYS", "2024-05-24", "2024-05-29")] // the last T+2 trades ...
    [InlineData("XNYS", "2024-05-28", "2024-05-29")] // ... and the first T+1 trades settle together
    [InlineData("XNYS", "2025-10-10", "2025-10-14")] // Columbus Day trades and does not settle
    [InlineData("XNYS", "2025-10-13", "2025-10-14")]
    [InlineData("XNYS", "2017-09-01", "2017-09-07")] // T+3 over Labor Day
    [InlineData("XNYS", "2017-09-05", "2017-09-07")]
    [InlineData("XNYS", "1995-06-06", "1995-06-13")]
    [InlineData("XNYS", "1995-06-07", "1995-06-12")]
    [InlineData("XETR", "2025-04-30", "2025-05-05")] // 1 May closes both market and T2
    [InlineData("XNYS", "2018-12-03", "2018-12-05")] // a day of mourning: no session, and yet it settles
    [InlineData("XNYS", "2018-12-04", "2018-12-06")]
    [InlineData("XNYS", "2006-12-28", "2007-01-03")]
    [InlineData("XNYS", "2025-01-08", "2025-01-09")]
    [InlineData("XNYS", "2004-06-08", "2004-06-11")]
    [InlineData("XNYS", "2025-04-16", "2025-04-17")] // Good Friday does not settle
    [InlineData("XNYS", "2025-04-17", "2025-04-21")]
    [InlineData("XETR", "2025-12-22", "2025-12-24")] // shut on 24 and 31 December, on which T2 settles
    [InlineData("XETR", "2025-12-29", "2025-12-31")]
    [InlineData("XETR", "2018-09-28", "2018-10-02")]
    [InlineData("XETR", "2018-10-01", "2018-10-03")] // German Unity: shut and settling
    [InlineData("XETR", "2025-04-16", "2025-04-22")] // Good Friday and Easter Monday: neither
    [InlineData("XFRA", "2025-12-23", "2025-12-29")]
    [InlineData("XMIL", "2025-08-13", "2025-08-15")]
    [InlineData("XMAD", "2022-12-22", "2022-12-27")] // 24 and 25 on the weekend, 26 a T2 holiday
    [InlineData("XMAD", "2021-12-22", "2021-12-24")]
    [InlineData("XWBO", "2022-10-24", "2022-10-26")]
    [InlineData("XPAR", "2025-04-30", "2025-05-05")]
    [InlineData("XLIS", "2025-12-23", "2025-12-29")]
    [InlineData("XDUB", "2018-04-30", "2018-05-03")] // 1 May traded and did not settle
    [InlineData("XTSE", "2024-05-24", "2024-05-28")]
    [InlineData("XTSE", "2024-05-27", "2024-05-28")] // a day before the United States
    [InlineData("XNSE", "2025-01-31", "2025-02-03")] // the Saturday session does not settle
    [InlineData("XNSE", "2025-02-01", "2025-02-03")]
    [InlineData("XLON", "2014-10-03", "2014-10-08")]
    [InlineData("XLON", "2014-10-06", "2014-10-08")]
    [InlineData("XTKS", "2019-07-12", "2019-07-18")]
    [InlineData("XTKS", "2019-07-16", "2019-07-18")]
    [InlineData("XASX", "2016-03-04", "2016-03-09")]
    [InlineData("XASX", "2016-03-07", "2016-03-09")]
    [InlineData("24-7", "2026-11-22", "2026-11-22")]
    public void A_trade_settles_on(string id, string tradeDate, string settlementDate) =>
        Assert.Equal(DateOnly.Parse(settlementDate), CalendarLibrary.BuiltIn.Settlement(id).Date(DateOnly.Parse(tradeDate)));

    [Fact]
    public void Spot_exchange_counts_days_when_both_currencies_settle()
    {
        var euroDollar = CalendarLibrary.BuiltIn.Settlement("FX", ["EUR", "USD"]);
        Assert.Equal(new DateOnly(2025, 5, 5), euroDollar.Date(new(2025, 4, 30))); // Labour Day
        Assert.Equal(new DateOnly(2025, 10, 15), euroDollar.Date(new(2025, 10, 10))); // Columbus Day
        Assert.Equal(new DateOnly(2025, 10, 14), CalendarLibrary.BuiltIn.Settlement("FX", ["USD"]).Date(new(2025, 10, 10), lag: 1));
    }

    [Fact]
    public void Banks_can_be_left_out() =>
        Assert.Equal(new DateOnly(2025, 10, 13), CalendarLibrary.BuiltIn.Settlement("XNYS", []).Date(new(2025, 10, 10)));

    [Fact]
    public void A_market_that_settles_on_the_days_of_its_banks_needs_them()
    {
        Assert.Equal(CalendarFault.NoRule, Assert.Throws<CalendarException>(() => CalendarLibrary.BuiltIn.Settlement("XETR", [])).Fault);
        Assert.Equal(new DateOnly(2025, 12, 24), CalendarLibrary.BuiltIn.Settlement("XETR", ["USFED"]).Date(new(2025, 12, 22)));
    }

    [Fact]
    public void Settlement_days_follow_base_open_and_closed_days_and_no_payment_system_is_passed_over()
    {
        using var folder = new RuleFolder();
        folder.Write("BANK", Rules("BANK", "holidays: [{id: h, day: {dates: [2024-01-03, 2024-01-11]}}]"));
        folder.Write("OWN", Rules("OWN", """
            holidays: [{id: h, day: {dates: [2024-01-02, 2024-01-03, 2024-01-04, 2024-01-10]}}]
            payment: [BANK]
            settlement: [{lag: 1}]
            settlement_calendar:
              base: sessions
              open_on: [{date: 2024-01-02, why: Open}, {date: 2024-01-03, why: Bank shut}, {id: a, day: {fixed: "01-04"}}]
              closed_on: [{id: b, day: {fixed: "01-04"}}, {date: 2024-01-05, why: Closed}]
            """));
        folder.Write("BANKED", "inherits: OWN\nid: BANKED\nsettlement_calendar: {base: payment}\n");
        DateOnly[] Days(string id)
        {
            var settlement = folder.Library().Settlement(id);
            return [.. Enumerable.Range(0, 14).Select(new DateOnly(2024, 1, 1).AddDays).Where(settlement.IsSettlementDay)];
        }

        Assert.Equal([1, 2, 8, 9, 12], Days("OWN").Select(d => d.Day));
        Assert.Equal([1, 2, 4, 5, 8, 9, 10, 12], Days("BANKED").Select(d => d.Day));
        var own = folder.Library().Settlement("OWN");
        Assert.Equal(new DateOnly(2024, 1, 8), own.Date(new(2024, 1, 5), lag: 0)); // a session that does not settle
        Assert.Equal(new DateOnly(2024, 1, 5), folder.Library().Settlement("BANKED").Date(new(2024, 1, 5), lag: 0));
    }

    [Fact]
    public void A_lag_counts_settlement_days_after_the_trade()
    {
        var markets = CalendarLibrary.BuiltIn.List().Where(r => r.Settlement.Count > 0).Select(r => CalendarLibrary.BuiltIn.Settlement(r.Id)).ToArray();
        var gen =
            from index in Gen.Int[0, markets.Length - 1]
            let market = markets[index]
            let first = market.Payment.Select(p => p.KnownFrom).Append(market.Exchange.KnownFrom).Max()
            let last = market.Payment.Select(p => p.KnownThrough).Append(market.Exchange.KnownThrough).Min()
            from day in Gen.Int[first.DayNumber, last.DayNumber - 60]
            from lag in Gen.Int[0, 6]
            select (market, market.Exchange.ToSession(DateOnly.FromDayNumber(day), SessionDirection.Next), lag);
        gen.Sample((market, trade, lag) =>
        {
            // The words of the rule file, evaluated day by day.
            bool Settles(DateOnly day)
            {
                var rule = market.Exchange.Rules.SettlementCalendar;
                var banks = market.Payment.All(p => p.IsSession(day));
                var isBase = banks && (rule?.Base == SettlementBase.Payment || market.Exchange.IsSession(day));
                return (isBase || (banks && Names(rule?.OpenOn, day))) && !Names(rule?.ClosedOn, day);
            }

            var settled = market.Date(trade, lag);
            Assert.True(Settles(settled));
            var between = Enumerable.Range(1, settled.DayNumber - trade.DayNumber).Select(trade.AddDays).Count(Settles);
            Assert.Equal(lag == 0 ? (Settles(trade) ? 0 : 1) : lag, between);
        });

        static bool Names(IReadOnlyList<DatedRule>? rules, DateOnly day)
        {
            var days = new List<int>();
            foreach (var rule in rules ?? [])
            {
                ClosedDays.Collect(rule, day.Year, day.Year, days);
            }

            return days.Contains(day.DayNumber);
        }
    }

    private static string Rules(string id, string lines) => $$"""
        schema: exchange-calendar/1
        id: {{id}}
        name: A test
        zone: Europe/London
        week: [mon, tue, wed, thu, fri]
        known: {from: 2023-01-01, through: 2025-12-31}
        hours:
          - {open: "08:00", close: "16:30"}
        {{lines}}
        """;

    [Fact]
    public void A_market_without_a_lag_needs_one()
    {
        var futures = CalendarLibrary.BuiltIn.Settlement("CMES");
        Assert.Equal(CalendarFault.NoRule, Assert.Throws<CalendarException>(() => futures.Date(new(2026, 11, 23))).Fault);
        Assert.Equal(new DateOnly(2026, 11, 24), futures.Date(new(2026, 11, 23), lag: 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => futures.Date(new(2026, 11, 23), lag: -1));
    }
}
