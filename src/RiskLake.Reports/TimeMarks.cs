using System.Globalization;

namespace RiskLake.Reports;

/// <summary>Where the calendar turns between two instants: the coarsest marks that are not too many.</summary>
internal static class TimeMarks
{
    private static readonly int[] Years = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000];
    private static readonly int[] Months = [1, 3, 6];
    private static readonly int[] Days = [1, 2, 7];
    private static readonly int[] Minutes = [1, 5, 15, 30, 60, 180, 360, 720];

    public static IReadOnlyList<Tick> Between(DateTime first, DateTime last, int most)
    {
        foreach (var step in Minutes)
        {
            if ((last - first).TotalMinutes / step <= most)
            {
                return Run(Ceiling(first, TimeSpan.FromMinutes(step)), last, time => time.AddMinutes(step), "HH:mm");
            }
        }

        foreach (var step in Days)
        {
            if ((last - first).TotalDays / step <= most)
            {
                return Run(Ceiling(first, TimeSpan.FromDays(step)), last, time => time.AddDays(step), "d MMM");
            }
        }

        var months = ((last.Year - first.Year) * 12) + last.Month - first.Month;
        foreach (var step in Months)
        {
            if (months / step <= most)
            {
                var start = new DateTime(first.Year, ((first.Month - 1) / step * step) + 1, 1, 0, 0, 0, DateTimeKind.Utc);
                return Run(start < first ? start.AddMonths(step) : start, last, time => time.AddMonths(step), "MMM yyyy");
            }
        }

        foreach (var step in Years)
        {
            var year = (first.Year + step - 1) / step * step;
            if ((last.Year - year) / step < most)
            {
                return YearRun(first, last, Math.Max(year, step), step);
            }
        }

        return [];
    }

    private static List<Tick> YearRun(DateTime first, DateTime last, int from, int step)
    {
        List<Tick> marks = [];
        for (var year = from; year <= last.Year; year += step)
        {
            var time = new DateTime(year, 1, 1, 0, 0, 0, DateTimeKind.Utc);
            if (time >= first)
            {
                marks.Add(new Tick(Axis.Days(time), year.ToString("0000", CultureInfo.InvariantCulture)));
            }
        }

        return marks;
    }

    private static List<Tick> Run(DateTime from, DateTime last, Func<DateTime, DateTime> next, string format)
    {
        List<Tick> marks = [];
        for (var time = from; time <= last && DateTime.MaxValue.Year > time.Year; time = next(time))
        {
            marks.Add(new Tick(Axis.Days(time), time.ToString(format, CultureInfo.InvariantCulture)));
        }

        return marks;
    }

    private static DateTime Ceiling(DateTime time, TimeSpan step)
    {
        var ticks = (time.Ticks + step.Ticks - 1) / step.Ticks * step.Ticks;
        return ticks > DateTime.MaxValue.Ticks ? time : new DateTime(ticks, DateTimeKind.Utc);
    }
}
