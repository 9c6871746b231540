using System.Globalization;
using RiskLake.Errors;

namespace RiskLake.Tables;

/// <summary>The column that says when: it must rise from row to row.</summary>
internal static class RowDates
{
    private static readonly string[] s_known = ["date", "datetime", "timestamp", "time", "day"];

    private static readonly string[] s_forms =
    [
        "yyyy-MM-dd", "yyyyMMdd", "yyyy-MM-dd HH:mm", "yyyy-MM-dd HH:mm:ss.FFFFFFF", "yyyy-MM-dd'T'HH:mm", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFF",
    ];

    private static readonly string[] s_zoned = ["yyyy-MM-dd HH:mm:ss.FFFFFFFzzz", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFzzz", "yyyy-MM-dd'T'HH:mmzzz"];

    /// <summary>The column named, or the one with a usual name; null for none.</summary>
    public static int? Find(TableFile table, string? named)
    {
        if (named is not null)
        {
            return named == "none" ? null : table.Get("--date-column", named);
        }

        return s_known.Select(table.Find).FirstOrDefault(column => column is not null);
    }

    /// <summary>The texts of the column, after seeing that each is later than the one before.</summary>
    public static IReadOnlyList<string> Read(TableFile table, int column) =>
        [.. Read(table, column, [.. Enumerable.Range(0, table.Rows)]).Select(date => date.Text)];

    /// <summary>The dates of some rows, as written and as a number that grows with time, after seeing that each is later than the one before.</summary>
    public static IReadOnlyList<(string Text, decimal At)> Read(TableFile table, int column, IReadOnlyList<int> rows)
    {
        var texts = table.Texts(column);
        var areTimes = rows.Count > 0 && TryTime(texts[rows[0]], out _);
        List<(string Text, decimal At)> dates = new(rows.Count);
        foreach (var row in rows)
        {
            if (!(areTimes ? TryTime(texts[row], out var at) : TryNumber(texts[row], out at)))
            {
                throw Refused(
                    row, texts[row].Length == 0 ? "an empty cell" : $"'{texts[row]}'", "a date such as 2024-12-24, an ISO 8601 time, or a number",
                    "write dates like that, name the column with --date-column, or use --date-column none");
            }

            if (dates.Count > 0 && at <= dates[^1].At)
            {
                var found = at == dates[^1].At ? $"{texts[row]} twice" : $"{texts[row]} after {dates[^1].Text}";
                throw Refused(row, found, "rows in time order, each time once", "sort the file and decide which of two equal times is right");
            }

            dates.Add((texts[row], at));
        }

        return dates;

        RiskLakeException Refused(int row, string found, string expected, string next) =>
            new(ErrorCode.DatesUnordered, table.PlaceOf(row, column), found, expected, next);
    }

    /// <summary>Reads one date, time or number as the columns are read.</summary>
    public static bool TryParse(string text, out decimal at) => TryTime(text, out at) || TryNumber(text, out at);

    /// <summary>Reads a date or a time: ticks of its instant in UTC, or of its local date.</summary>
    public static bool TryTime(string text, out decimal at)
    {
        const DateTimeStyles Styles = DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal;
        if (DateTime.TryParseExact(text, s_forms, CultureInfo.InvariantCulture, Styles, out var plain))
        {
            at = plain.Ticks;
            return true;
        }

        var zoned = text.EndsWith('Z') ? text[..^1] + "+00:00" : text.Length > 3 && text[^3] is '+' or '-' ? text + ":00" : text;
        var isTime = DateTimeOffset.TryParseExact(zoned, s_zoned, CultureInfo.InvariantCulture, DateTimeStyles.None, out var instant);
        at = isTime ? instant.UtcTicks : 0m;
        return isTime;
    }

    private static bool TryNumber(string text, out decimal at) => decimal.TryParse(
        text, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent, CultureInfo.InvariantCulture, out at);
}
