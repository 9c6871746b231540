using System.Globalization;
using static System.FormattableString;

namespace RiskLake.Calendars.Rules;

/// <summary>Typed access to the nodes of a rule file; each method throws with the node's place.</summary>
internal static class RuleNodeValues
{
    private const int MaxTextLength = 500;

    extension(RuleNode node)
    {
        public Dictionary<string, RuleNode> Map() => node.Entries ?? throw node.Error("expected a map of keys");

        /// <summary>Refuses keys that are not among those allowed here.</summary>
        public RuleNode Only(params ReadOnlySpan<string> allowed)
        {
            foreach (var (key, value) in node.Map())
            {
                if (!allowed.Contains(key))
                {
                    throw value.Error($"unknown key `{key}`; allowed here: {string.Join(", ", allowed)}");
                }
            }

            return node;
        }

        public RuleNode? Get(string key) => node.Map().GetValueOrDefault(key);

        public RuleNode Need(string key) => node.Get(key) ?? throw node.Error($"key `{key}` is missing");

        public List<T> List<T>(Func<RuleNode, T> read)
        {
            var items = node.Items ?? throw node.Error("expected a list");
            var values = new List<T>(items.Count);
            foreach (var item in items)
            {
                values.Add(read(item));
            }

            return values;
        }

        public string String() =>
            node.Text is not { } text ? throw node.Error("expected one value")
            : text.Length == 0 ? throw node.Error("the value is empty")
            : text.Length > MaxTextLength ? throw node.Error($"the value has {text.Length} characters; at most {MaxTextLength}")
            : text;

        public DateOnly Date() =>
            !DateOnly.TryParseExact(node.String(), "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var date)
                ? throw node.Error($"`{node.Text}` is not a date (YYYY-MM-DD)")
            : DateRange.Contains(date) ? date
            : throw node.Error(Invariant($"`{node.Text}` lies outside {DateRange.First:yyyy-MM-dd} through {DateRange.Last:yyyy-MM-dd}"));

        public TimeOnly Time() =>
            TimeOnly.TryParseExact(node.String(), "HH:mm", CultureInfo.InvariantCulture, DateTimeStyles.None, out var time)
                ? time
                : throw node.Error($"`{node.Text}` is not a clock time (\"HH:MM\")");

        public int Integer(int minimum, int maximum) =>
            int.TryParse(node.String(), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
            && number >= minimum && number <= maximum
                ? number
                : throw node.Error(Invariant($"`{node.Text}` is not a whole number from {minimum} to {maximum}"));

        public bool Boolean() => node.OneOf("true", "false") == 0;

        /// <summary>Days from the session's date to the date of its open or close.</summary>
        public int Shift(string key) => node.Get(key)?.Integer(-1, 1) ?? 0;

        /// <summary>The position of the value among the allowed ones.</summary>
        public int OneOf(params ReadOnlySpan<string> allowed)
        {
            var at = allowed.IndexOf(node.String());
            return at >= 0 ? at : throw node.Error($"`{node.Text}` is not one of {string.Join(", ", allowed)}");
        }

        /// <summary>A month and a day, written <c>MM-DD</c>, that exists in the given year.</summary>
        public (int Month, int Day) MonthDay(int year) =>
            DateOnly.TryParseExact(
                $"{year.ToString(CultureInfo.InvariantCulture)}-{node.String()}",
                "yyyy-MM-dd",
                CultureInfo.InvariantCulture,
                DateTimeStyles.None,
                out var date)
                ? (date.Month, date.Day)
                : throw node.Error($"`{node.Text}` is not a month and day (\"MM-DD\") of every year");

        /// <summary>A lunisolar month and day, written <c>MM-DD</c>: months 1 to 12, days 1 to 30.</summary>
        public (int Month, int Day) LunarMonthDay() =>
            node.String() is [var a, var b, '-', var c, var d] && char.IsAsciiDigit(a) && char.IsAsciiDigit(b) && char.IsAsciiDigit(c)
            && char.IsAsciiDigit(d) && ((a - '0') * 10) + b - '0' is >= 1 and <= 12 and var month
            && ((c - '0') * 10) + d - '0' is >= 1 and <= 30 and var day
                ? (month, day)
                : throw node.Error($"`{node.Text}` is not a lunisolar month and day (\"MM-DD\")");
    }
}
