using RiskLake.Calendars;

namespace RiskLake.Tests.Calendars;

/// <summary>Facts of history, each of which a plausible but wrong rule would miss.</summary>
public sealed class KnownDateTests
{
    [Theory]
    [InlineData("XNYS", "2010-12-31")] // New Year's Day 2011 is a Saturday: not observed on Friday
    [InlineData("XNYS", "2021-12-31")]
    [InlineData("XNYS", "2021-06-18")] // Juneteenth only from 2022
    [InlineData("XNYS", "2001-09-10")]
    [InlineData("XNYS", "2001-09-17")]
    [InlineData("XLON", "2020-05-04")] // early May bank holiday moved to 8 May
    [InlineData("XLON", "2022-05-30")] // spring bank holiday moved to 2 June
    [InlineData("XETR", "2022-06-06")] // Whit Monday open since 2022
    [InlineData("XETR", "2022-10-03")]
    [InlineData("XTKS", "2019-04-26")]
    [InlineData("XTKS", "2019-05-07")]
    [InlineData("XTKS", "2021-10-11")] // Sports Day moved to July for the Games
    [InlineData("CMES", "2025-07-04")] // a session, shortened
    [InlineData("CMEEQ", "2021-04-02")] // Good Friday with the jobs report
    [InlineData("CMEEQ", "2023-04-07")]
    [InlineData("CMEEQ", "2026-04-03")]
    [InlineData("XASX", "2021-04-26")] // Anzac Day 2021 is a Sunday and not moved
    [InlineData("XSWX", "2025-06-19")] // Corpus Christi is not a Zurich holiday
    [InlineData("USFED", "2021-06-18")]
    [InlineData("USFED", "2021-12-31")] // a Saturday holiday is not moved to Friday
    [InlineData("T2", "2025-06-09")] // Whit Monday
    [InlineData("FX", "2025-12-25")]
    [InlineData("24-7", "2026-11-22")]
    [InlineData("XASX", "2026-04-27")] // Anzac Day 2026 is a Saturday; New South Wales keeps the Monday, the market does not
    [InlineData("CMEEN", "2018-12-05")] // open on the days of mourning
    [InlineData("CMEEN", "2012-10-29")] // only the floor was shut
    [InlineData("CMEEN", "2024-07-04")] // a session, shortened
    [InlineData("XPAR", "2025-06-09")] // Whit Monday
    [InlineData("XPAR", "2025-07-14")]
    [InlineData("XMIL", "2025-04-25")] // Liberation Day
    [InlineData("XMIL", "2025-06-02")]
    [InlineData("XMAD", "2025-12-24")]
    [InlineData("XLIS", "2025-06-10")] // Portugal Day
    [InlineData("XDUB", "2025-08-04")]
    [InlineData("XWBO", "2023-05-29")] // Whit Monday open since 2023
    [InlineData("XCSE", "2024-04-26")] // Great Prayer Day ended with 2023
    [InlineData("XTSE", "2025-11-11")] // Remembrance Day
    [InlineData("XTSE", "2024-09-30")]
    [InlineData("BVMF", "2022-01-25")] // the day of Sao Paulo closes the market no longer
    [InlineData("XNSE", "2024-01-20")] // a Saturday in place of the Monday after it
    [InlineData("XBOM", "2025-02-01")] // Union budget on a Saturday
    [InlineData("XNSE", "2023-11-12")] // Muhurat trading on a Sunday
    [InlineData("XTAI", "2018-12-22")] // a working Saturday
    [InlineData("XTAE", "2026-01-04")] // the last Sunday ...
    [InlineData("XTAE", "2026-01-09")] // ... and the first Friday
    [InlineData("XSAU", "2024-06-13")]
    public void Is_a_session(string id, string date) => Assert.Null(Get(id).WhyClosed(DateOnly.Parse(date)));

    [Theory]
    [InlineData("XNYS", "2025-01-09", "Day of mourning for Jimmy Carter")]
    [InlineData("XNYS", "2015-07-03", "Independence Day")]
    [InlineData("XNYS", "2001-09-11", "Attacks of 11 September 2001")]
    [InlineData("XNYS", "2001-09-14", "Attacks of 11 September 2001")]
    [InlineData("XNYS", "2012-10-29", "Hurricane Sandy")]
    [InlineData("XNYS", "2012-10-30", "Hurricane Sandy")]
    [InlineData("XNYS", "2022-06-20", "Juneteenth")]
    [InlineData("XNYS", "2012-01-02", "New Year's Day")]
    [InlineData("XNYS", "1980-11-04", "Presidential Election Day")]
    [InlineData("XLON", "2020-05-08", "Early May bank holiday moved: VE Day 75th anniversary")]
    [InlineData("XLON", "2022-06-02", "Spring bank holiday moved: Platinum Jubilee")]
    [InlineData("XLON", "2022-06-03", "Platinum Jubilee bank holiday")]
    [InlineData("XLON", "2022-09-19", "State funeral of Queen Elizabeth II")]
    [InlineData("XLON", "2023-05-08", "Coronation of King Charles III")]
    [InlineData("XLON", "2021-12-28", "Boxing Day (substitute)")]
    [InlineData("XETR", "2017-10-31", "500th anniversary of the Reformation")]
    [InlineData("XETR", "2021-05-24", "Whit Monday")]
    [InlineData("XFRA", "2021-05-24", "Whit Monday")]
    [InlineData("XTKS", "2019-04-29", "Greenery Day (to 2006) / Showa Day")]
    [InlineData("XTKS", "2019-04-30", "Between two holidays")]
    [InlineData("XTKS", "2019-05-01", "Imperial ceremonies")]
    [InlineData("XTKS", "2019-05-02", "Between two holidays")]
    [InlineData("XTKS", "2019-05-06", "Children's Day (substitute)")]
    [InlineData("XTKS", "2020-10-01", "Trading system failure")]
    [InlineData("XTKS", "2026-09-22", "Between two holidays")]
    [InlineData("XTKS", "2015-05-06", "Constitution Memorial Day (substitute)")] // three holidays on, past Greenery and Children's Day
    [InlineData("XTKS", "2003-05-04", "Sunday")] // a Sunday between two holidays does not become one
    [InlineData("XHKG", "2023-09-01", "Typhoon Saola")]
    [InlineData("XHKG", "2023-09-08", "Black rainstorm")]
    [InlineData("XHKG", "2025-01-29", "Lunar New Year")]
    [InlineData("XHKG", "2025-10-07", "Day after Mid-Autumn Festival")]
    [InlineData("XHKG", "2023-10-07", "Saturday")]
    [InlineData("XASX", "2010-12-28", "Boxing Day (substitute)")]
    [InlineData("XASX", "2022-09-22", "National day of mourning for Queen Elizabeth II")]
    [InlineData("XSWX", "2025-05-29", "Ascension Day")]
    [InlineData("CMES", "2025-04-18", "Good Friday")]
    [InlineData("USFED", "2025-10-13", "Columbus Day")]
    [InlineData("T2", "2025-05-01", "Labour Day")]
    [InlineData("24-5", "2026-11-22", "Sunday")]
    [InlineData("CMEEN", "2025-04-18", "Good Friday")]
    [InlineData("XPAR", "2025-05-01", "Labour Day")]
    [InlineData("XBRU", "2024-12-26", "26 December")]
    [InlineData("XMIL", "2024-08-15", "Assumption Day (Ferragosto)")]
    [InlineData("XMAD", "2022-12-26", "26 December")]
    [InlineData("XSTO", "2025-06-20", "Midsummer Eve")]
    [InlineData("XSTO", "2025-06-06", "National Day")]
    [InlineData("XHEL", "2024-12-06", "Independence Day")]
    [InlineData("XOSL", "2024-05-17", "Constitution Day")]
    [InlineData("XCSE", "2023-05-05", "Great Prayer Day")]
    [InlineData("XDUB", "2018-03-02", "Snow (storm Emma)")]
    [InlineData("XWAR", "2024-11-11", "Independence Day")]
    [InlineData("XTSE", "2025-10-13", "Thanksgiving Day")]
    [InlineData("BVMF", "2024-11-20", "Black Awareness Day")]
    [InlineData("XMEX", "2025-11-17", "Revolution Day")]
    [InlineData("XKRX", "2024-10-01", "Temporary public holiday")]
    [InlineData("XTAI", "2025-01-23", "Lunar New Year")]
    [InlineData("XSHG", "2024-10-07", "National Day")]
    [InlineData("XSHE", "2020-01-31", "Spring Festival")]
    [InlineData("XNSE", "2024-01-22", "Ram temple of Ayodhya (special holiday)")]
    [InlineData("XNSE", "2024-01-27", "Saturday")]
    [InlineData("XBKK", "2024-04-15", "Songkran")]
    [InlineData("XNZE", "2024-06-28", "Matariki")]
    [InlineData("XJSE", "2024-05-29", "Election day")]
    [InlineData("XIST", "2025-10-29", "Republic Day")]
    [InlineData("XTAE", "2026-01-11", "Sunday")]
    [InlineData("XTAE", "2026-01-02", "Friday")]
    [InlineData("XSAU", "2025-09-23", "National Day")]
    public void Is_closed(string id, string date, string why) => Assert.Equal(why, Get(id).WhyClosed(DateOnly.Parse(date)));

    [Fact]
    public void Tokyo_is_closed_for_ten_days_at_the_enthronement()
    {
        var tokyo = Get("XTKS");
        Assert.Equal(0, tokyo.CountSessions(new(2019, 4, 27), new(2019, 5, 6)));
        Assert.Equal(new DateOnly(2019, 5, 7), tokyo.NextSession(new(2019, 4, 26)));
    }

    [Theory]
    [InlineData("XNYS", "2023-07-03", "13:30", "17:00")] // early close 13:00
    [InlineData("XNYS", "2012-07-03", "13:30", "17:00")]
    [InlineData("XNYS", "2013-07-03", "13:30", "17:00")]
    [InlineData("XNYS", "2024-11-29", "14:30", "18:00")]
    [InlineData("XNYS", "2024-12-24", "14:30", "18:00")]
    [InlineData("XNYS", "2002-09-11", "16:00", "20:00")] // noon open
    [InlineData("XNYS", "1974-09-30", "14:00", "19:30")]
    [InlineData("XNYS", "1985-09-26", "14:00", "20:00")]
    [InlineData("XNYS", "1985-09-30", "13:30", "20:00")]
    [InlineData("XNYS", "2003-12-26", "14:30", "18:00")]
    [InlineData("XNYS", "2026-03-06", "14:30", "21:00")]
    [InlineData("XNYS", "2026-03-09", "13:30", "20:00")] // New York changes its clocks three weeks before Europe
    [InlineData("XLON", "2026-03-27", "08:00", "16:30")]
    [InlineData("XLON", "2026-03-30", "07:00", "15:30")]
    [InlineData("XLON", "2024-12-24", "08:00", "12:30")]
    [InlineData("XLON", "2022-12-30", "08:00", "12:30")]
    [InlineData("XETR", "2024-12-30", "08:00", "13:00")]
    [InlineData("XASX", "2024-04-05", "23:00-1", "05:00")] // Sydney's summer ends in April
    [InlineData("XASX", "2024-04-08", "00:00", "06:00")]
    [InlineData("XTKS", "2024-11-01", "00:00", "06:00")]
    [InlineData("XTKS", "2024-11-05", "00:00", "06:30")]
    [InlineData("XTKS", "2009-01-05", "00:00", "02:00")] // last morning-only first session
    [InlineData("XTKS", "2009-12-30", "00:00", "06:00")]
    [InlineData("XHKG", "2024-12-24", "01:30", "04:00")]
    [InlineData("XHKG", "2020-08-19", "01:30", "08:00")]
    [InlineData("CMEEQ", "2026-04-03", "22:00-1", "13:15")]
    [InlineData("CMEEQ", "2021-04-02", "22:00-1", "13:15")]
    [InlineData("CMEEQ", "2023-04-07", "22:00-1", "13:15")]
    [InlineData("CMEEQ", "2018-12-05", "23:00-1", "14:30")] // days of mourning
    [InlineData("CMEEQ", "2025-01-09", "23:00-1", "14:30")]
    [InlineData("CMEEQ", "2026-11-23", "23:00-1", "22:00")] // Monday opens on Sunday evening
    [InlineData("FX", "2026-11-23", "22:00-1", "22:00")]
    [InlineData("24-5", "2026-11-23", "00:00", "00:00+1")]
    [InlineData("CMEEN", "2024-07-04", "22:00-1", "18:30")]
    [InlineData("CMEEN", "2024-07-05", "22:00-1", "21:00")]
    [InlineData("CMEEN", "2014-07-07", "22:00-1", "21:15")]
    [InlineData("XPAR", "2024-12-24", "08:00", "13:05")]
    [InlineData("XMIL", "2015-11-20", "08:00", "16:25")]
    [InlineData("XMIL", "2015-11-23", "08:00", "16:30")]
    [InlineData("XTSE", "2024-12-24", "14:30", "18:00")]
    [InlineData("XASX", "2022-12-23", "23:00-1", "05:00")] // no early close when Christmas Eve is a Saturday
    [InlineData("XNSE", "2024-11-01", "12:30", "13:30")] // Muhurat trading
    [InlineData("XNSE", "2024-01-20", "03:45", "10:00")]
    [InlineData("XNSE", "2024-03-02", "03:45", "07:00")]
    [InlineData("XKRX", "2024-11-14", "01:00", "07:30")] // day of the university entrance examination
    [InlineData("XTAE", "2025-07-06", "06:59", "12:40")]
    [InlineData("BVMF", "2024-07-01", "13:00", "20:00")] // summer of the United States
    [InlineData("XMEX", "2024-07-01", "13:30", "20:00")] // New York's hours
    public void Has_these_hours_in_UTC(string id, string date, string open, string close)
    {
        var session = Get(id).Schedule(DateOnly.Parse(date));
        Assert.Equal((Utc(date, open), Utc(date, close)), (session.Open, session.Close));
    }

    [Theory]
    [InlineData("XHKG", "2020-08-19", "05:30", "08:00")]
    [InlineData("XHKG", "2022-08-25", "05:00", "08:00")] // typhoon signal lifted in the morning
    [InlineData("XHKG", "2021-06-28", "05:30", "08:00")]
    [InlineData("XHKG", "2023-10-09", "06:00", "08:00")]
    [InlineData("XNYS", "1996-01-08", "16:00", "19:00")]
    [InlineData("XNYS", "1997-10-27", "14:30", "20:30")]
    public void Has_these_hours_once_disruptions_count(string id, string date, string open, string close)
    {
        var session = Get(id).WithDisruptions().Schedule(DateOnly.Parse(date));
        Assert.Equal((Utc(date, open), Utc(date, close)), (session.Open, session.Close));
        Assert.Null(session.BreakStart);
    }

    [Theory]
    [InlineData("XTKS", "2011-11-18", "02:00", "03:30")]
    [InlineData("XTKS", "2011-11-21", "02:30", "03:30")]
    [InlineData("XTKS", "1991-04-26", "02:00", "04:00")]
    [InlineData("XHKG", "2011-03-04", "04:30", "06:30")]
    [InlineData("XHKG", "2011-03-07", "04:00", "05:30")]
    [InlineData("XHKG", "2012-03-05", "04:00", "05:00")]
    [InlineData("CMEEQ", "2021-06-25", "20:15", "20:30")]
    [InlineData("XNSE", "2024-05-18", "04:30", "06:00")] // two parts of a rehearsal
    [InlineData("XSHG", "2024-11-01", "03:30", "05:00")]
    [InlineData("XSES", "2024-11-01", "04:00", "05:00")]
    public void Breaks_at_these_times(string id, string date, string start, string end)
    {
        var session = Get(id).Schedule(DateOnly.Parse(date));
        Assert.Equal((Utc(date, start), Utc(date, end)), (session.BreakStart!.Value, session.BreakEnd!.Value));
    }

    [Theory]
    [InlineData("CMEEQ", "2021-06-28")] // the daily halt ended
    [InlineData("XHKG", "2024-12-24")] // closes when the break would begin
    [InlineData("XTKS", "2008-12-30")]
    [InlineData("XNYS", "2026-11-23")]
    public void Has_no_break(string id, string date) => Assert.Null(Get(id).Schedule(DateOnly.Parse(date)).BreakStart);

    [Theory]
    [InlineData("XTKS", "2020-10-01", "2020-09-30")]
    [InlineData("XNYS", "2001-09-11", "2001-09-10")]
    [InlineData("XNYS", "2001-09-12", "2001-09-11")]
    [InlineData("XHKG", "2023-09-01", "2023-08-31")]
    public void An_unannounced_closure_is_not_believed_the_day_before(string id, string date, string dayBefore)
    {
        var closed = DateOnly.Parse(date);
        Assert.True(Get(id).AsBelievedOn(DateOnly.Parse(dayBefore)).IsSession(closed));
        Assert.False(Get(id).AsBelievedOn(closed).IsSession(closed));
        Assert.False(Get(id).IsSession(closed));
    }

    [Fact]
    public void A_day_of_mourning_is_believed_from_its_announcement()
    {
        DateOnly date = new(2025, 1, 9);
        Assert.True(Get("XNYS").AsBelievedOn(new(2024, 12, 29)).IsSession(date));
        Assert.False(Get("XNYS").AsBelievedOn(new(2024, 12, 30)).IsSession(date));
    }

    [Fact]
    public void A_disruption_is_not_believed_the_day_before()
    {
        var date = new DateOnly(2020, 8, 19);
        var hongKong = Get("XHKG").WithDisruptions();
        Assert.Equal(Utc("2020-08-19", "01:30"), hongKong.AsBelievedOn(date.AddDays(-1)).Open(date));
        Assert.Equal(Utc("2020-08-19", "05:30"), hongKong.AsBelievedOn(date).Open(date));
        Assert.Equal(Utc("2020-08-19", "01:30"), Get("XHKG").AsBelievedOn(date.AddDays(-1)).WithDisruptions().Open(date));
    }

    [Theory]
    [InlineData("NYSE", "XNYS")]
    [InlineData("nasdaq", "XNYS")]
    [InlineData("LSE", "XLON")]
    [InlineData("JPX", "XTKS")]
    [InlineData("HKEX", "XHKG")]
    [InlineData("COMEX", "CMEEN")]
    [InlineData("NYMEX", "CMEEN")]
    [InlineData("CME", "CMES")]
    [InlineData("TSX", "XTSE")]
    [InlineData("EURONEXT", "XPAR")]
    [InlineData("KOSPI", "XKRX")]
    [InlineData("ES", "CMEEQ")]
    [InlineData("TARGET2", "T2")]
    [InlineData("CRYPTO", "24-7")]
    [InlineData("XETRA", "XETR")]
    [InlineData("FWB", "XFRA")]
    [InlineData("xnys", "XNYS")]
    public void Is_found_by_alias(string alias, string id) => Assert.Equal(id, Get(alias).Id);

    [Fact]
    public void Thin_days_are_named_and_open()
    {
        Assert.Equal("Christmas Day", Get("FX").WhyThin(new(2025, 12, 25)));
        Assert.Null(Get("FX").WhyThin(new(2025, 12, 24)));
    }

    [Fact]
    public void Early_closes_and_late_opens_are_listed_with_their_names()
    {
        var year2024 = Get("XNYS").EarlyCloses(new(2024, 1, 1), new(2024, 12, 31));
        Assert.Equal(
            [
                (new DateOnly(2024, 7, 3), "Day before Independence Day (Wednesday)"),
                (new(2024, 11, 29), "Day after Thanksgiving"),
                (new(2024, 12, 24), "Christmas Eve"),
            ],
            year2024.Select(s => (s.Session, s.EarlyClose!)));
        Assert.Equal(new DateOnly(2002, 9, 11), Assert.Single(Get("XNYS").LateOpens(new(1990, 1, 1), new(2023, 12, 31))).Session);
    }

    private static ExchangeCalendar Get(string id) => CalendarLibrary.BuiltIn.Get(id);

    // "22:00-1" is 22:00 of the day before.
    private static DateTimeOffset Utc(string date, string time) =>
        new DateTimeOffset(DateOnly.Parse(date), TimeOnly.Parse(time[..5]), TimeSpan.Zero)
            .AddDays(time.Length > 5 ? int.Parse(time[5..]) : 0);
}
