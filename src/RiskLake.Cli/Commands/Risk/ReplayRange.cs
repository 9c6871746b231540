using System.Globalization;
using RiskLake.Desk.Portfolios;
using RiskLake.UserFiles;

namespace RiskLake.Cli.Commands.Risk;

/// <summary>The stretch of history that <c>FROM..TO</c> means.</summary>
internal static class ReplayRange
{
    /// <summary>
    /// Positions of two prices. A date stands for the last observation on or before it; without dates, numbers count observations from 1.
    /// </summary>
    public static (int Start, int End) Of(string option, string text, ReturnTable table)
    {
        const string Form = "two dates, FROM..TO, or two numbers of observations where there are no dates";
        var dots = text.IndexOf("..", StringComparison.Ordinal);
        var count = (table.Prices is { Count: > 0 } prices ? prices[0].Length : table.Count + 1);
        if (dots < 1 || dots + 2 >= text.Length)
        {
            throw NumberOptions.Invalid(option, $"'{text}'", Form);
        }

        var (start, end) = table.Dates is { } dates
            ? (Dated(option, text[..dots], dates), Dated(option, text[(dots + 2)..], dates))
            : (Numbered(option, text[..dots], count), Numbered(option, text[(dots + 2)..], count));
        return start < end ? (start, end) : throw NumberOptions.Invalid(option, $"'{text}', which holds no period", "FROM before TO");
    }

    private static int Dated(string option, string text, IReadOnlyList<string> dates)
    {
        if (!RowDates.TryParse(text, out var asked))
        {
            throw NumberOptions.Invalid(option, $"'{text}'", "a date as the file writes them, such as 2024-12-24");
        }

        var found = -1;
        for (var i = 0; i < dates.Count; i++)
        {
            // Wealth before the first return has no date of its own; it stands before any.
            if (RowDates.TryParse(dates[i], out var here) ? !IsThrough(here, asked) : i > 0)
            {
                break;
            }

            found = i;
        }

        return found >= 0 ? found : throw NumberOptions.Invalid(option, $"'{text}', before the first observation", $"{dates[0]} or later");
    }

    /// <summary>A date is meant as the clocks of the place show it, a time as an instant.</summary>
    private static bool IsThrough(RowTime here, RowTime asked) => asked is { IsDay: true, HasOffset: false } && here.Local is { } local
        ? local.Date <= asked.Local!.Value
        : here.At <= asked.At;

    private static int Numbered(string option, string text, int count) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= 1 && number <= count
            ? number - 1
            : throw NumberOptions.Invalid(option, $"'{text}'", FormattableString.Invariant($"the number of an observation, 1 to {count}"));
}
