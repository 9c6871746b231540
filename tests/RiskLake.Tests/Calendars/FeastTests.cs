using System.Globalization;
using RiskLake.Calendars.Rules;

namespace RiskLake.Tests.Calendars;

public sealed class FeastTests
{
    [Fact]
    public void Lunar_dates_and_Qingming_equal_the_table_of_1980_to_2060()
    {
        var rows = File.ReadLines(Reference.LunarTable()).Skip(1).Select(line => line.Split(',')).ToList();
        Assert.Equal(81, rows.Count);
        foreach (var row in rows)
        {
            var year = int.Parse(row[0]);
            (int Month, int Day)[] feasts = [(1, 1), (4, 8), (5, 5), (8, 15), (9, 9)];
            var computed = feasts.Select(f => Text(Feasts.Lunar(year, f.Month, f.Day)!.Value)).Append(Text(Feasts.Qingming(year)));
            Assert.Equal(string.Join(',', row[1..]), string.Join(',', computed));
        }
    }

    // The year 2033 has its leap month after the eleventh, which simpler rules put after the seventh.
    [Theory]
    [InlineData(2033, 8, 15, "2033-09-08")]
    [InlineData(2034, 1, 1, "2034-02-19")]
    [InlineData(2023, 2, 1, "2023-02-20")] // the second month, not the leap second month of 22 March
    [InlineData(2023, 3, 1, "2023-04-20")]
    public void A_leap_month_is_never_meant(int year, int month, int day, string date) =>
        Assert.Equal(date, Text(Feasts.Lunar(year, month, day)!.Value));

    [Theory]
    [InlineData("1961-04-02")]
    [InlineData("1981-04-19")]
    [InlineData("1954-04-18")] // one of the computus' exceptions
    [InlineData("2000-04-23")]
    [InlineData("2008-03-23")]
    [InlineData("2011-04-24")]
    [InlineData("2026-04-05")]
    [InlineData("2038-04-25")] // the latest date possible
    public void Easter_falls_on(string date) => Assert.Equal(date, Text(Feasts.EasterSunday(int.Parse(date[..4]))));

    [Theory]
    [InlineData("2023-03-21", "2023-09-23")]
    [InlineData("2024-03-20", "2024-09-22")]
    [InlineData("2026-03-20", "2026-09-23")]
    [InlineData("1999-03-21", "1999-09-23")]
    [InlineData("2099-03-20", "2099-09-23")]
    public void Equinoxes_fall_on(string vernal, string autumnal)
    {
        var year = int.Parse(vernal[..4]);
        Assert.Equal((vernal, autumnal), (Text(Feasts.Equinox(year, vernal: true)), Text(Feasts.Equinox(year, vernal: false))));
    }

    [Fact]
    public void A_day_that_a_lunar_month_lacks_does_not_exist()
    {
        // Every year some month has 29 days; of such a month day 30 is null, of a long one day 30 is the eve of the next.
        var found = Enumerable.Range(1, 11).ToLookup(month => Feasts.Lunar(2025, month, 30) is null);
        Assert.NotEmpty(found[true]);
        Assert.NotEmpty(found[false]);
        Assert.All(found[false], m => Assert.Equal(Feasts.Lunar(2025, m, 29)!.Value.AddDays(1), Feasts.Lunar(2025, m, 30)));
    }

    private static string Text(DateOnly date) => date.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
}
