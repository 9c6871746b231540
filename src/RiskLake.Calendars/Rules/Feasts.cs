using System.Globalization;

namespace RiskLake.Calendars.Rules;

/// <summary>Days that follow the sun or the moon.</summary>
internal static class Feasts
{
    // The framework's tables of new moons and leap months, computed for the meridian of 120 degrees east.
    private static readonly ChineseLunisolarCalendar s_lunisolar = new();

    public static YearSpan LunarYears => new(1902, 2100);

    public static YearSpan EquinoxYears => new(1980, 2099);

    public static YearSpan QingmingYears => new(1960, 2060);

    /// <summary>Western Easter, by the Gregorian computus of Meeus, Jones and Butcher.</summary>
    public static DateOnly EasterSunday(int year)
    {
        var golden = year % 19;
        var (century, yearOfCentury) = (year / 100, year % 100);
        var correction = (century + 8) / 25;
        var epact = ((19 * golden) + century - (century / 4) - ((century - correction + 1) / 3) + 15) % 30;
        var weekday = (32 + (2 * (century % 4)) + (2 * (yearOfCentury / 4)) - epact - (yearOfCentury % 4)) % 7;
        var late = (golden + (11 * epact) + (22 * weekday)) / 451;
        var march = epact + weekday - (7 * late) + 114;
        return new DateOnly(year, march / 31, (march % 31) + 1);
    }

    /// <summary>The Gregorian date of a lunisolar month and day, or null if that month is too short in that year.</summary>
    public static DateOnly? Lunar(int lunarYear, int month, int day)
    {
        if (lunarYear is < 1901 or > 2100)
        {
            return null;
        }

        // GetLeapMonth gives the position of the leap month: every ordinary month from there on stands one further.
        var leap = s_lunisolar.GetLeapMonth(lunarYear);
        var position = leap > 0 && month >= leap ? month + 1 : month;
        return day > s_lunisolar.GetDaysInMonth(lunarYear, position)
            ? null
            : DateOnly.FromDateTime(s_lunisolar.ToDateTime(lunarYear, position, day, 0, 0, 0, 0));
    }

    /// <summary>Qingming, when the sun's longitude reaches 15 degrees.</summary>
    public static DateOnly Qingming(int year)
    {
        var yearOfCentury = year % 100;
        var day = (int)((yearOfCentury * 0.2422) + (year < 2000 ? 5.59 : 4.81)) - (yearOfCentury / 4);
        return new DateOnly(year, 4, day);
    }

    /// <summary>The equinox as a date in Japan.</summary>
    public static DateOnly Equinox(int year, bool vernal)
    {
        var years = year - 1980;
        var day = (int)((vernal ? 20.8431 : 23.2488) + (0.242194 * years)) - (years / 4);
        return new DateOnly(year, vernal ? 3 : 9, day);
    }
}
