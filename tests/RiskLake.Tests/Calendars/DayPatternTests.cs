using CsCheck;
using NodaTime;
using RiskLake.Calendars;
using RiskLake.Calendars.Rules;

namespace RiskLake.Tests.Calendars;

/// <summary>Patterns and clock times, against the plainest computation there is.</summary>
public sealed class DayPatternTests
{
    [Fact]
    public void The_nth_weekday_of_a_month_is_found_by_listing_them() =>
        Gen.Select(Gen.Int[1900, 2100], Gen.Int[1, 12], Gen.Int[0, 6], Gen.Int[1, 5]).Sample((year, month, weekday, number) =>
        {
            var days = Days(year).Where(d => d.Month == month && (int)d.DayOfWeek == weekday).ToList();
            var forward = new DayPattern.Nth(number, (DayOfWeek)weekday, month);
            var backward = new DayPattern.Nth(-number, (DayOfWeek)weekday, month);
            Assert.Equal(days.Skip(number - 1).Take(1), Collect(forward, year));
            Assert.Equal(days.AsEnumerable().Reverse().Skip(number - 1).Take(1), Collect(backward, year));
        });

    [Fact]
    public void The_first_weekday_from_a_date_is_found_by_walking() =>
        Gen.Select(Gen.Int[1900, 2100], Gen.Int[1, 12], Gen.Int[1, 28], Gen.Int[0, 6]).Sample((year, month, day, weekday) =>
        {
            var from = new DateOnly(year, month, day);
            var found = Enumerable.Range(0, 7).Select(from.AddDays).Single(d => (int)d.DayOfWeek == weekday);
            Assert.Equal([found], Collect(new DayPattern.FirstFrom((DayOfWeek)weekday, month, day), year));
        });

    [Fact]
    public void The_last_of_February_exists_in_leap_years_only()
    {
        Assert.Equal([new DateOnly(2024, 2, 29)], Collect(new DayPattern.Fixed(2, 29), 2024));
        Assert.Empty(Collect(new DayPattern.Fixed(2, 29), 2025));
    }

    [Fact]
    public void A_late_lunar_month_belongs_to_the_year_it_falls_into()
    {
        Assert.Equal([new DateOnly(2024, 1, 18)], Collect(new DayPattern.Lunar(12, 8), 2024));
        Assert.Equal([new DateOnly(2025, 1, 7)], Collect(new DayPattern.Lunar(12, 8), 2025));
    }

    [Fact]
    public void Clock_times_become_the_instants_that_the_time_zone_database_gives()
    {
        var minutes = CalendarLibrary.BuiltIn.List().Select(rules => (Rules: rules, Minutes: new ZoneMinutes(rules))).ToList();
        var days = Gen.Int[new DateOnly(1950, 1, 1).DayNumber, new DateOnly(2050, 1, 1).DayNumber];

        // Pairs of near days in any order, so that the offset found for one is tried on the other.
        Gen.Select(Gen.Int[0, minutes.Count - 1], days, Gen.Int[-3, 3], Gen.Int[0, 1439]).Sample(
            (which, day, step, time) =>
            {
                var (rules, zone) = minutes[which];
                foreach (var date in new[] { day, day + step })
                {
                    var clock = TimeOnly.MinValue.AddMinutes(time);
                    var local = LocalDate.FromDateOnly(DateOnly.FromDayNumber(date)).At(LocalTime.FromTimeOnly(clock));
                    var mapping = rules.Zone.MapLocal(local);
                    if (mapping.Count == 1)
                    {
                        Assert.Equal(mapping.Single().ToDateTimeOffset(), EpochMinutes.ToInstant(zone.At(date, clock)));
                    }
                    else
                    {
                        Assert.Throws<CalendarException>(() => zone.At(date, clock));
                    }
                }
            },
            iter: 20_000,
            threads: 1);
    }

    private static IEnumerable<DateOnly> Days(int year) =>
        Enumerable.Range(0, DateTime.IsLeapYear(year) ? 366 : 365).Select(d => new DateOnly(year, 1, 1).AddDays(d));

    private static IEnumerable<DateOnly> Collect(DayPattern pattern, int year)
    {
        var days = new List<int>();
        pattern.Collect(year, days);
        return days.Select(DateOnly.FromDayNumber);
    }
}
