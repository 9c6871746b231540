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
    public static IReadOnlyList<string> Read(TableFile table, int column)
    {
        var texts = table.Texts(column);
        var areTimes = texts.Count > 0 && TryTime(texts[0], out _);
        decimal? before = null;
        for (var row = 0; row < texts.Count; row++)
        {
            if (!(areTimes ? TryTime(texts[row], out var at) : TryNumber(texts[row], out at)))
            {
                throw Refused(
                    row, texts[row].Length == 0 ? "an empty cell" : $"'{texts[row]}'", "a date such as 2024-12-24, an ISO 8601 time, or a number",
                    "write dates like that, name the column with --date-column, or use --date-column none");
            }

            if (at <= before)
            {
                var found = at == before ? $"{texts[row]} twice" : $"{texts[row]} after {texts[row - 1]}";
                throw Refused(row, found, "rows in time order, each time once", "sort the file and decide which of two equal times is right");
            }

            before = at;
        }

        return texts;

        RiskLakeException Refused(int row, string found, string expected, string next) =>
            new(ErrorCode.DatesUnordered, table.PlaceOf(row, column), found, expected, next);
    }

    private static bool TryTime(string text, out decimal at)
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
