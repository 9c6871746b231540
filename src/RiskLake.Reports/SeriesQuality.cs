using RiskLake.Risk.Measures;

namespace RiskLake.Reports;

/// <summary>A stretch without observations.</summary>
/// <param name="Before">Index of the return whose period it lies in.</param>
/// <param name="Days">Calendar days from the observation before to that one.</param>
internal readonly record struct DateGap(int Before, int Days);

/// <summary>What the data behind the numbers look like. Nothing here changes a number: it is shown beside it.</summary>
internal sealed record SeriesQuality
{
    private const int GapDays = 5;

    public required IReadOnlyList<StaleRun> StaleRuns { get; init; }

    public required int Zeros { get; init; }

    /// <summary>Returns that are not finite numbers.</summary>
    public required IReadOnlyList<int> NotFinite { get; init; }

    /// <summary>Indices of prices that are zero, negative or not finite; -1 is the price before the first return.</summary>
    public required IReadOnlyList<int> BadPrices { get; init; }

    public required IReadOnlyList<int> Extremes { get; init; }

    /// <summary>Longest stretches first; only for daily data.</summary>
    public required IReadOnlyList<DateGap> Gaps { get; init; }

    /// <summary>Weekdays between the first and the last observation that have none; null unless the data are daily.</summary>
    public int? WeekdaysWithout { get; init; }

    public required int RepeatedTimes { get; init; }

    public required int BackwardTimes { get; init; }

    /// <summary>All flags by index: those the series came with, and those found here.</summary>
    public required IReadOnlyDictionary<int, string> Flags { get; init; }

    public static SeriesQuality Of(ReportSeries series)
    {
        var returns = series.Returns;
        var notFinite = Where(returns, value => !double.IsFinite(value));
        var gaps = IsDaily(series) ? GapsOf(series) : [];
        var flags = new SortedDictionary<int, List<string>>();
        foreach (var (index, text) in series.Flags)
        {
            Flag(index, text);
        }

        foreach (var (index, names) in SeriesFindings.Of(returns, series.Kind))
        {
            Flag(index, string.Join(", ", names));
        }

        gaps.ForEach(gap => Flag(gap.Before, "after_gap"));
        return new SeriesQuality
        {
            StaleRuns = SeriesFindings.StaleRuns(returns),
            Zeros = returns.Count(value => value == 0.0),
            NotFinite = notFinite,
            BadPrices = BadPricesOf(series),
            Extremes = SeriesFindings.Extremes(returns, series.Kind),
            Gaps = [.. gaps.OrderByDescending(gap => gap.Days).ThenBy(gap => gap.Before)],
            WeekdaysWithout = IsDaily(series) ? Weekdays(series) : null,
            RepeatedTimes = Steps(series, static (before, after) => after == before),
            BackwardTimes = Steps(series, static (before, after) => after < before),
            Flags = flags.ToDictionary(entry => entry.Key, entry => string.Join(", ", entry.Value)),
        };

        void Flag(int index, string text)
        {
            if (index >= 0 && index < returns.Length)
            {
                (flags.TryGetValue(index, out var list) ? list : flags[index] = []).Add(text);
            }
        }
    }

    private static List<int> Where(double[] values, Func<double, bool> condition) =>
        [.. Enumerable.Range(0, values.Length).Where(i => condition(values[i]))];

    private static List<int> BadPricesOf(ReportSeries series)
    {
        List<int> bad = [];
        if (series.FirstPrice is { } first && !(first > 0.0 && double.IsFinite(first)))
        {
            bad.Add(-1);
        }

        for (var i = 0; series.Prices is { } prices && i < prices.Length; i++)
        {
            if (!(prices[i] > 0.0) || !double.IsFinite(prices[i]))
            {
                bad.Add(i);
            }
        }

        return bad;
    }

    // Daily data have dates without a time, most of them one to three days apart.
    private static bool IsDaily(ReportSeries series)
    {
        if (series.Times is not { Length: > 20 } times || !series.HasTimeAxis || times.Any(time => time.TimeOfDay != TimeSpan.Zero))
        {
            return false;
        }

        var near = Enumerable.Range(1, times.Length - 1).Count(i => (times[i] - times[i - 1]).Days is >= 1 and <= 3);
        return near > 0.9 * (times.Length - 1);
    }

    private static List<DateGap> GapsOf(ReportSeries series)
    {
        List<DateGap> gaps = [];
        for (var i = 0; i < series.Count; i++)
        {
            if (Before(series, i) is { } before && (series.Times![i] - before).Days is > GapDays and var days)
            {
                gaps.Add(new DateGap(i, days));
            }
        }

        return gaps;
    }

    private static DateTime? Before(ReportSeries series, int index) => index == 0 ? series.Start : series.Times![index - 1];

    private static int Weekdays(ReportSeries series)
    {
        var missing = 0;
        for (var i = 0; i < series.Count; i++)
        {
            for (var day = Before(series, i)?.AddDays(1); day < series.Times![i]; day = day?.AddDays(1))
            {
                missing += day.Value.DayOfWeek is DayOfWeek.Saturday or DayOfWeek.Sunday ? 0 : 1;
            }
        }

        return missing;
    }

    private static int Steps(ReportSeries series, Func<DateTime, DateTime, bool> condition) => series.Times is not { } times
        ? 0
        : Enumerable.Range(0, times.Length).Count(i => Before(series, i) is { } before && condition(before, times[i]));
}
