using RiskLake.Calendars;

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
    [InlineData("XFRA", "2025-12-23", "2025-12-30")]
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
    public void A_market_without_a_lag_needs_one()
    {
        var futures = CalendarLibrary.BuiltIn.Settlement("CMES");
        Assert.Equal(CalendarFault.NoRule, Assert.Throws<CalendarException>(() => futures.Date(new(2026, 11, 23))).Fault);
        Assert.Equal(new DateOnly(2026, 11, 24), futures.Date(new(2026, 11, 23), lag: 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => futures.Date(new(2026, 11, 23), lag: -1));
    }
}
