using System.Globalization;
using CsCheck;
using RiskLake.Reports;

namespace RiskLake.Tests.Reports;

public sealed class AxisTests
{
    [Theory]
    [InlineData(-0.0312, 0.0278, "-0.04 -0.02 0 0.02 0.04")]
    [InlineData(0.0, 0.0213, "0 0.005 0.01 0.015 0.02 0.025")]
    [InlineData(0.0, 97.0, "0 20 40 60 80 100")]
    [InlineData(-3e-12, 4e-12, "-4E-12 -2E-12 0 2E-12 4E-12")]
    [InlineData(5.0, 5.0, "2 3 4 5 6 7 8")]
    [InlineData(0.0, 0.0, "-1 -0.5 0 0.5 1")]
    [InlineData(double.NaN, double.PositiveInfinity, "-1 -0.5 0 0.5 1")]
    public void Linear_ticks_are_round_and_enclose_the_data(double low, double high, string expected)
    {
        var axis = Axis.Linear(low, high, 100, 0, 5, (value, _) => Text(value));
        Assert.Equal(expected, string.Join(' ', axis.Ticks.Select(tick => tick.Label)));
        Assert.Equal(100.0, axis.Place(axis.Low));
        Assert.Equal(0.0, axis.Place(axis.High));
    }

    [Theory]
    [InlineData(0.001, 1.0, "0.001 0.01 0.1 1")]
    [InlineData(0.8, 12.0, "1 2 5 10")]
    [InlineData(0.021, 0.078, "0.05")]
    public void Logarithmic_ticks_are_one_two_and_five(double low, double high, string expected)
    {
        var axis = Axis.Logarithmic(low, high, 0, 100, Text);
        Assert.Equal(expected, string.Join(' ', axis.Ticks.Select(tick => tick.Label)));
        Assert.Equal(0.0, axis.Place(low), 1e-9);
        Assert.Equal(100.0, axis.Place(high), 1e-9);
        Assert.Equal(50.0, axis.Place(Math.Sqrt(low * high)), 1e-9);
    }

    [Theory]
    [InlineData("2015-01-05", "2024-03-01", "2016 2017 2018 2019 2020 2021 2022 2023 2024")]
    [InlineData("1901-01-05", "2024-03-01", "1920 1940 1960 1980 2000 2020")]
    [InlineData("2024-01-05", "2024-03-01", "8 Jan|15 Jan|22 Jan|29 Jan|5 Feb|12 Feb|19 Feb|26 Feb")]
    [InlineData("2023-02-10", "2025-03-01", "Apr 2023|Jul 2023|Oct 2023|Jan 2024|Apr 2024|Jul 2024|Oct 2024|Jan 2025")]
    public void Time_ticks_are_where_the_calendar_turns(string first, string last, string expected)
    {
        var axis = Axis.Time(Date(first), Date(last), 0, 100, 10);
        Assert.Equal(expected, string.Join(expected.Contains('|') ? '|' : ' ', axis.Ticks.Select(tick => tick.Label)));
    }

    [Fact]
    public void Intraday_ticks_are_hours()
    {
        var axis = Axis.Time(Date("2024-01-05").AddHours(9.5), Date("2024-01-05").AddHours(16), 0, 100, 8);
        Assert.Equal("10:00 11:00 12:00 13:00 14:00 15:00 16:00", string.Join(' ', axis.Ticks.Select(tick => tick.Label)));
    }

    [Fact]
    public void Any_ends_give_an_axis_that_places_its_values_inside() => Gen.Double.Select(Gen.Double).Sample((low, high) =>
    {
        var axis = Axis.Linear(low, high, 10, 90, 5, (value, _) => Text(value));
        Assert.True(axis.Low < axis.High && axis.Ticks.Count is >= 2 and <= 14);
        Assert.InRange(axis.Place(low), 10.0, 90.0);
        Assert.InRange(axis.Place(high), 10.0, 90.0);
    });

    [Theory]
    [InlineData(0.015778844797, "1.578%")]
    [InlineData(-0.2262225974, "\u221222.62%")]
    [InlineData(0.0, "0%")]
    [InlineData(-1e-18, "\u22121e-16%")]
    [InlineData(1e8, "1e10%")]
    [InlineData(12.5, "1,250.0%")]
    public void Percentages_read_well_at_any_size(double fraction, string expected) => Assert.Equal(expected, Figures.Percent(fraction));

    [Theory]
    [InlineData(-0.00001, 2, "0.00")]
    [InlineData(-0.5, 1, "\u22120.5")]
    public void A_rounded_nothing_has_no_sign(double value, int decimals, string expected) => Assert.Equal(expected, Figures.Fixed(value, decimals));

    private static DateTime Date(string text) =>
        DateTime.SpecifyKind(DateTime.ParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture), DateTimeKind.Utc);

    private static string Text(double value) => Math.Round(value, 15).ToString("G12", CultureInfo.InvariantCulture);
}
