using RiskLake.Calendars;

namespace RiskLake.UserFiles;

/// <summary>On which day of its market a row of a file is.</summary>
internal static class LocalDays
{
    /// <summary>
    /// Times on the clocks of the place, and days: what is midnight there is that day, whatever its offset from Greenwich. An instant is
    /// placed in the market's session, or on the date its clocks show. Numbers that merely rise are no dates.
    /// </summary>
    public static (DateTime[]? Times, DateOnly[]? Days) Of(IReadOnlyList<string>? dates, ExchangeCalendar? calendar)
    {
        if (dates is null)
        {
            return (null, null);
        }

        var rows = new RowTime[dates.Count];
        for (var i = 0; i < rows.Length; i++)
        {
            if (!RowDates.TryTime(dates[i], out rows[i]))
            {
                return (null, null);
            }
        }

        DateTime[] written = [.. rows.Select(row => DateTime.SpecifyKind(row.Local!.Value, DateTimeKind.Utc))];
        if (calendar is null || rows.All(row => row.IsDay) || !rows.All(row => row.HasOffset && calendar.Knows(Instant(row))))
        {
            return (written, [.. written.Select(DateOnly.FromDateTime)]);
        }

        if (rows.All(row => calendar.LocalDateAt(Instant(row)) != calendar.LocalDateAt(Instant(row).AddTicks(-1))))
        {
            DateOnly[] local = [.. rows.Select(row => calendar.LocalDateAt(Instant(row)))];
            return ([.. local.Select(day => day.ToDateTime(TimeOnly.MinValue, DateTimeKind.Utc))], local);
        }

        return (written, [.. rows.Select(row => calendar.SessionAt(Instant(row)) ?? calendar.LocalDateAt(Instant(row)))]);

        static DateTimeOffset Instant(RowTime row) => new((long)row.At, TimeSpan.Zero);
    }
}
