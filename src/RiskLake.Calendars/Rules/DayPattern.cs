namespace RiskLake.Calendars.Rules;

/// <summary>A way to name days: given a year, the day numbers that the pattern has in it.</summary>
/// <remarks>Day numbers are those of <see cref="DateOnly.DayNumber"/>.</remarks>
internal abstract record DayPattern
{
    /// <summary>The years for which the pattern is known to be right.</summary>
    public virtual YearSpan Domain => new(1583, 9998);

    /// <summary>Adds the pattern's days of one year.</summary>
    public abstract void Collect(int year, List<int> days);

    /// <summary>A month and a day; 29 February exists in leap years only.</summary>
    public sealed record Fixed(int Month, int Day) : DayPattern
    {
        public override void Collect(int year, List<int> days)
        {
            if (Day <= DateTime.DaysInMonth(year, Month))
            {
                days.Add(new DateOnly(year, Month, Day).DayNumber);
            }
        }
    }

    /// <summary>The nth weekday of a month, counted from the end when negative.</summary>
    public sealed record Nth(int Number, DayOfWeek Weekday, int Month) : DayPattern
    {
        public override void Collect(int year, List<int> days)
        {
            var length = DateTime.DaysInMonth(year, Month);
            var first = OnOrAfter(new DateOnly(year, Month, 1).DayNumber, Weekday);
            var last = OnOrAfter(new DateOnly(year, Month, length).DayNumber - 6, Weekday);
            var day = Number > 0 ? first + (7 * (Number - 1)) : last + (7 * (Number + 1));
            if (day >= first && day <= last)
            {
                days.Add(day);
            }
        }
    }

    /// <summary>The first such weekday on or after a month and day.</summary>
    public sealed record FirstFrom(DayOfWeek Weekday, int Month, int Day) : DayPattern
    {
        public override void Collect(int year, List<int> days) =>
            days.Add(OnOrAfter(new DateOnly(year, Month, Day).DayNumber, Weekday));
    }

    /// <summary>Days from Western Easter Sunday.</summary>
    public sealed record Easter(int Offset) : DayPattern
    {
        public override void Collect(int year, List<int> days) => days.Add(Feasts.EasterSunday(year).DayNumber + Offset);
    }

    /// <summary>A month and a day of the Chinese lunisolar calendar, never of a leap month.</summary>
    public sealed record Lunar(int Month, int Day) : DayPattern
    {
        public override YearSpan Domain => Feasts.LunarYears;

        public override void Collect(int year, List<int> days)
        {
            // A month late in a lunar year falls into the next Gregorian one.
            for (var lunarYear = year - 1; lunarYear <= year; lunarYear++)
            {
                if (Feasts.Lunar(lunarYear, Month, Day) is { } date && date.Year == year)
                {
                    days.Add(date.DayNumber);
                }
            }
        }
    }

    /// <summary>The day of Qingming, the fifth solar term.</summary>
    public sealed record Qingming : DayPattern
    {
        public override YearSpan Domain => Feasts.QingmingYears;

        public override void Collect(int year, List<int> days) => days.Add(Feasts.Qingming(year).DayNumber);
    }

    /// <summary>An equinox by the Japanese calendar.</summary>
    public sealed record Equinox(bool Vernal) : DayPattern
    {
        public override YearSpan Domain => Feasts.EquinoxYears;

        public override void Collect(int year, List<int> days) => days.Add(Feasts.Equinox(year, Vernal).DayNumber);
    }

    /// <summary>Days that are listed one by one, or a span of them. They win over every other pattern.</summary>
    public sealed record Listed(int[] DayNumbers) : DayPattern
    {
        public override YearSpan Domain => new(1, 9999);

        public override void Collect(int year, List<int> days)
        {
            var first = new DateOnly(year, 1, 1).DayNumber;
            var last = new DateOnly(year, 12, 31).DayNumber;
            foreach (var day in DayNumbers)
            {
                if (day >= first && day <= last)
                {
                    days.Add(day);
                }
            }
        }
    }

    /// <summary>The first or the last session of a year: known only once the sessions are.</summary>
    public sealed record SessionOfYear(bool First) : DayPattern
    {
        public override void Collect(int year, List<int> days) =>
            throw new InvalidOperationException("the sessions of the year are not part of the pattern");
    }

    public static DayOfWeek WeekdayOf(int dayNumber) => (DayOfWeek)((dayNumber + 1) % 7);

    private static int OnOrAfter(int dayNumber, DayOfWeek weekday) =>
        dayNumber + ((((int)weekday - (int)WeekdayOf(dayNumber)) + 7) % 7);
}
