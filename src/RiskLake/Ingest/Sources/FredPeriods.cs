using System.Globalization;

namespace RiskLake.Ingest.Sources;

/// <summary>Which dates a series can have periods on, by the words of its frequency.</summary>
internal static class FredPeriods
{
    /// <summary>Whether a date can be a period; one that is no date can, so that the contract gets to see it.</summary>
    public static bool MayBe(string date, string frequency)
    {
        if (!DateOnly.TryParseExact(date, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day))
        {
            return true;
        }

        return frequency.Split(' ', ',')[0] switch
        {
            "Daily" => frequency.Contains("7-Day", StringComparison.Ordinal) || day.DayOfWeek is not (DayOfWeek.Saturday or DayOfWeek.Sunday),
            "Weekly" => Enum.GetValues<DayOfWeek>().Where(name => frequency.Contains(name.ToString(), StringComparison.Ordinal)) is var named
                && named.Any() && named.Contains(day.DayOfWeek),
            "Monthly" => day.Day == 1,
            "Quarterly" => day is { Day: 1, Month: 1 or 4 or 7 or 10 },
            "Semiannual" => day is { Day: 1, Month: 1 or 7 },
            "Annual" => day is { Day: 1, Month: 1 },
            _ => true,
        };
    }
}
