using System.Globalization;
using System.Text;
using NodaTime;
using RiskLake.Calendars;
using RiskLake.Desk.Portfolios;
using RiskLake.Lake.Errors;
using RiskLake.Risk.Measures;
using RiskLake.UserFiles;

namespace RiskLake.Tests.Tables;

/// <summary>Files of markets in five zones, in every way that days are written: a day is the session or local date of the market.</summary>
public sealed class LocalDayTests
{
    private static readonly (string Market, string Zone)[] Markets =
    [
        ("XNYS", "America/New_York"), ("XLON", "Europe/London"), ("XTKS", "Asia/Tokyo"), ("XASX", "Australia/Sydney"), ("24-7", "UTC"),
    ];

    private static readonly string[] Headings = ["date", "Trade Date", "Datum", "Data", "observation_date", "index", "", "Unnamed: 0", "ts"];

    [Fact]
    public void Days_and_sessions_are_those_of_the_market_however_they_are_written()
    {
        for (var seed = 0; seed < 400; seed++)
        {
            var random = new Random(seed);
            var (market, zone) = Markets[random.Next(Markets.Length)];
            var calendar = CalendarLibrary.BuiltIn.Get(market);
            var sessions = calendar.Sessions(new DateOnly(2024, 1, 1).AddDays(random.Next(300)), new DateOnly(2024, 12, 31)).Take(40).ToArray();
            var missing = sessions.Skip(1).SkipLast(1).Where(_ => random.Next(15) == 0).ToHashSet();
            var closed = Enumerable.Range(1, 50).Select(i => sessions[0].AddDays(i))
                .Where(day => day < sessions[^1] && !calendar.IsSession(day) && random.Next(6) == 0).ToArray();
            DateOnly[] days = [.. sessions.Where(day => !missing.Contains(day)).Concat(closed).Order()];
            var form = random.Next(5);
            var table = Table(Headings[random.Next(Headings.Length)], days.Select(day => Written(day, zone, form, calendar)));
            var read = ReturnSeries.Read(table, new ReturnRequest { Kind = ReturnKind.Simple });
            var (times, found) = LocalDays.Of(read.Dates, calendar);
            Assert.True(days.SequenceEqual(found!), $"seed {seed}, {market}, form {form}: {string.Join(' ', found!)}");
            if (form < 4)
            {
                Assert.Equal(days, times!.Select(DateOnly.FromDateTime));
                Assert.All(times!, time => Assert.Equal(TimeSpan.Zero, time.TimeOfDay));
            }
        }
    }

    [Fact]
    public void Rows_that_do_not_run_forward_are_refused_whatever_their_column_is_called()
    {
        for (var seed = 0; seed < 300; seed++)
        {
            var random = new Random(seed);
            var (market, zone) = Markets[random.Next(Markets.Length)];
            var calendar = CalendarLibrary.BuiltIn.Get(market);
            var sessions = calendar.Sessions(new DateOnly(2024, 2, 1), new DateOnly(2024, 12, 31)).Take(12).ToArray();
            DateOnly[] backward = random.Next(3) switch
            {
                0 => [.. sessions.Reverse()],
                1 => [.. sessions[..6], sessions[4], .. sessions[6..]],
                _ => [sessions[1], sessions[0], .. sessions[2..]],
            };
            var form = random.Next(5);
            var table = Table(Headings[random.Next(Headings.Length)], backward.Select(day => Written(day, zone, form, calendar)));
            var refused = Assert.Throws<RiskLakeException>(() => ReturnSeries.Read(table, new ReturnRequest { Kind = ReturnKind.Log }));
            Assert.Equal(ErrorCode.DatesUnordered, refused.Code);
            var said = ReturnSeries.Read(table, new ReturnRequest { Kind = ReturnKind.Log, DateColumn = "none", Column = "close" });
            Assert.Equal(backward.Length, said.Values.Length);
        }
    }

    [Theory]
    [InlineData("01/12/2024")]
    [InlineData("12.01.2024")]
    [InlineData("Jan 12, 2024")]
    [InlineData("12-Jan-2024")]
    public void Dates_in_a_form_that_is_not_read_are_not_overlooked(string text)
    {
        var table = CsvTable.Parse("x.csv", Encoding.UTF8.GetBytes($"When,close\n\"{text}\",1\n\"{text}\",2\n"));
        var refused = Assert.Throws<RiskLakeException>(() => ReturnSeries.Read(table, new ReturnRequest { Kind = ReturnKind.Log }));
        Assert.Equal((ErrorCode.DatesUnordered, $"'{text}'"), (refused.Code, refused.Found));
    }

    [Theory]
    [InlineData("candidate,close\n5,1\n4,2\n3,3\n")]
    [InlineData("volume,close\n20240105,1\n9,2\n20240103,3\n")]
    public void Numbers_that_are_no_times_are_no_dates(string text)
    {
        var table = CsvTable.Parse("x.csv", Encoding.UTF8.GetBytes(text));
        Assert.Null(RowDates.Find(table, null));
    }

    [Fact]
    public void Symbols_of_two_zones_meet_on_their_common_days()
    {
        for (var seed = 0; seed < 100; seed++)
        {
            var random = new Random(seed);
            var (first, second) = (Markets[random.Next(Markets.Length)], Markets[random.Next(Markets.Length)]);
            var lines = new StringBuilder("date,symbol,close\n");
            List<HashSet<DateOnly>> days = [];
            foreach (var (name, (market, zone)) in new[] { ("A", first), ("B", second) })
            {
                var calendar = CalendarLibrary.BuiltIn.Get(market);
                DateOnly[] own = [.. calendar.Sessions(new DateOnly(2024, 3, 1), new DateOnly(2024, 4, 30)).Where(_ => random.Next(10) > 0)];
                days.Add([.. own]);
                foreach (var day in own)
                {
                    lines.Append(CultureInfo.InvariantCulture, $"{Written(day, zone, 1, calendar)},{name},{100 + (day.DayNumber % 7)}\n");
                }
            }

            var table = ReturnTableReader.Read(
                CsvTable.Parse("x.csv", Encoding.UTF8.GetBytes(lines.ToString())), new ReturnTableRequest { Names = ["A", "B"], SymbolColumn = "symbol" });
            Assert.Equal(
                days[0].Intersect(days[1]).Order().Select(day => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)),
                table.Dates!.Select(text => text[..10]));
        }
    }

    private static CsvTable Table(string heading, IEnumerable<string> dates) => CsvTable.Parse("x.csv", Encoding.UTF8.GetBytes(
        $"{heading},close\n" + string.Concat(dates.Select((date, i) => FormattableString.Invariant($"{date},{100 + (i % 5)}\n")))));

    /// <summary>A day: plain, midnight with its offset in two spellings, midnight as an instant of UTC, or an hour of its session.</summary>
    private static string Written(DateOnly day, string zone, int form, ExchangeCalendar calendar)
    {
        var local = new LocalDate(day.Year, day.Month, day.Day).AtMidnight();
        var midnight = DateTimeZoneProviders.Tzdb[zone].AtStrictly(local).ToDateTimeOffset();
        var hour = (calendar.IsSession(day) ? calendar.Open(day).AddMinutes(5) : midnight.AddHours(12)).ToOffset(midnight.Offset);
        return form switch
        {
            0 => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
            1 => midnight.ToString("yyyy-MM-dd HH:mm:sszzz", CultureInfo.InvariantCulture),
            2 => midnight.ToString("yyyy-MM-dd'T'HH:mm:ss.fffzzz", CultureInfo.InvariantCulture),
            3 => midnight.ToUniversalTime().ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture),
            _ => hour.ToString("yyyy-MM-dd HH:mm:sszzz", CultureInfo.InvariantCulture),
        };
    }
}
