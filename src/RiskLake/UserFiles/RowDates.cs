using System.Globalization;
using System.Text.RegularExpressions;
using RiskLake.Lake.Errors;

namespace RiskLake.UserFiles;

/// <summary>When a row is: as written, as a number that grows with time, and as clocks showed it there.</summary>
/// <param name="Text">As written.</param>
/// <param name="At">Ticks of the instant, or of the local time where no offset is given; or the number that stands there.</param>
/// <param name="Local">The time on the clocks of the place, as written; null for a number.</param>
/// <param name="HasOffset">Whether the text says how far from Greenwich that is.</param>
internal readonly record struct RowTime(string Text, decimal At, DateTime? Local, bool HasOffset)
{
    /// <summary>Whether it is a day: midnight on the clocks of the place, whatever their offset.</summary>
    public bool IsDay => Local is { } local && local.TimeOfDay == TimeSpan.Zero;
}

/// <summary>The column that says when: it must rise from row to row.</summary>
internal static partial class RowDates
{
    private static readonly string[] s_known = ["date", "datetime", "timestamp", "time", "day"];

    private static readonly string[] s_forms =
    [
        "yyyy-MM-dd", "yyyyMMdd", "yyyy-MM-dd HH:mm", "yyyy-MM-dd HH:mm:ss.FFFFFFF", "yyyy-MM-dd'T'HH:mm", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFF",
    ];

    private static readonly string[] s_zoned = ["yyyy-MM-dd HH:mm:ss.FFFFFFFzzz", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFzzz", "yyyy-MM-dd'T'HH:mmzzz"];

    /// <summary>
    /// The column named, or the one with a usual name, or the one whose cells are dates whatever it is called; null for none. Order is
    /// looked at wherever there are dates: rows that run backwards would give numbers of time reversed.
    /// </summary>
    public static int? Find(TableFile table, string? named)
    {
        if (named is not null)
        {
            return named == "none" ? null : table.Get("--date-column", named);
        }

        if (s_known.Select(table.Find).FirstOrDefault(column => column is not null) is { } usual)
        {
            return usual;
        }

        int[] dated = [.. Enumerable.Range(0, table.Names.Count).Where(column => HoldsDates(table, column))];
        return dated.Length switch
        {
            0 => null,
            1 => dated[0],
            _ => throw new RiskLakeException(
                ErrorCode.ColumnUnknown, "--date-column", $"{dated.Length} columns of dates: {string.Join(", ", dated.Select(table.NameOf))}",
                "one that says when a row is", "name it with --date-column, or say --date-column none"),
        };
    }

    /// <summary>The texts of the column, after seeing that each is later than the one before.</summary>
    public static IReadOnlyList<string> Read(TableFile table, int column) =>
        [.. Read(table, column, [.. Enumerable.Range(0, table.Rows)]).Select(time => time.Text)];

    /// <summary>The times of some rows, after seeing that each is later than the one before.</summary>
    public static IReadOnlyList<RowTime> Read(TableFile table, int column, IReadOnlyList<int> rows)
    {
        var texts = table.Texts(column);
        var areTimes = rows.Count > 0 && TryTime(texts[rows[0]], out _);
        List<RowTime> times = new(rows.Count);
        foreach (var row in rows)
        {
            if (!(areTimes ? TryTime(texts[row], out var time) : TryNumber(texts[row], out time)))
            {
                throw Refused(
                    row, texts[row].Length == 0 ? "an empty cell" : $"'{texts[row]}'", "a date such as 2024-12-24, an ISO 8601 time, or a number",
                    "write dates like that, name the column with --date-column, or use --date-column none");
            }

            if (times.Count > 0 && time.At <= times[^1].At)
            {
                var found = time.At == times[^1].At ? $"{texts[row]} twice" : $"{texts[row]} after {times[^1].Text}";
                throw Refused(
                    row, found, "rows in time order, oldest first, each time once", "sort the file and decide which of two equal times is right");
            }

            times.Add(time);
        }

        return times;

        RiskLakeException Refused(int row, string found, string expected, string next) =>
            new(ErrorCode.DatesUnordered, table.PlaceOf(row, column), found, expected, next);
    }

    /// <summary>Reads one date, time or number as the columns are read.</summary>
    public static bool TryParse(string text, out RowTime time) => TryTime(text, out time) || TryNumber(text, out time);

    /// <summary>Reads a date or a time.</summary>
    public static bool TryTime(string text, out RowTime time)
    {
        if (DateTime.TryParseExact(text, s_forms, CultureInfo.InvariantCulture, DateTimeStyles.None, out var plain))
        {
            time = new RowTime(text, plain.Ticks, plain, HasOffset: false);
            return true;
        }

        var zoned = text.EndsWith('Z') ? text[..^1] + "+00:00" : text.Length > 3 && text[^3] is '+' or '-' ? text + ":00" : text;
        var isTime = DateTimeOffset.TryParseExact(zoned, s_zoned, CultureInfo.InvariantCulture, DateTimeStyles.None, out var instant);
        time = isTime ? new RowTime(text, instant.UtcTicks, instant.DateTime, HasOffset: true) : default;
        return isTime;
    }

    /// <summary>A column none of whose cells is a number, and which begins with a date in whatever form; or one of time stamps by its name.</summary>
    private static bool HoldsDates(TableFile table, int column)
    {
        if (table.Rows == 0)
        {
            return false;
        }

        var texts = table.Texts(column);
        return TryTime(texts[0], out var first)
            ? first.Text.Length != 8 || texts.All(text => TryTime(text, out _))
            : LooksLikeDate().IsMatch(texts[0]) || (NamesTime().IsMatch(table.Names[column]) && table.IsNumeric(column));
    }

    private static bool TryNumber(string text, out RowTime time)
    {
        var isNumber = decimal.TryParse(
            text, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent, CultureInfo.InvariantCulture, out var at);
        time = new RowTime(text, at, null, HasOffset: false);
        return isNumber;
    }

    // Day, month and year between strokes, points or dashes, or a month by name: forms that are not read, but are not overlooked either.
    [GeneratedRegex(
        @"^(\d{1,4}[/.\-]\d{1,2}[/.\-]\d{1,4}|\d{1,2}[ \-]?\p{L}{3,}\.?[ \-,]*\d{2,4}|\p{L}{3,}\.? \d{1,2},? \d{2,4}|\p{L}{3,4}[ \-]\d{2,4})([ T,].*)?$",
        RegexOptions.CultureInvariant, 60_000)]
    private static partial Regex LooksLikeDate();

    // A whole word of a name: open_time and TradeDate, not candidate.
    [GeneratedRegex(
        "(?<![A-Za-z])(?i:date|time|datetime|timestamp|stamp|epoch|ts)(?![a-z])|(?<=[a-z])(Date|Time|Timestamp|Stamp)(?![a-z])",
        RegexOptions.CultureInvariant, 60_000)]
    private static partial Regex NamesTime();
}
