using RiskLake.Risk;

namespace RiskLake.Reports;

/// <summary>A run of returns that are exactly zero: a price that may not have been updated.</summary>
/// <param name="First">Index of its first return.</param>
/// <param name="Length">Number of returns.</param>
internal readonly record struct StaleRun(int First, int Length);

/// <summary>A stretch without observations.</summary>
/// <param name="Before">Index of the return whose period it lies in.</param>
/// <param name="Days">Calendar days from the observation before to that one.</param>
internal readonly record struct DateGap(int Before, int Days);

/// <summary>What the data behind the numbers look like. Nothing here changes a number: it is shown beside it.</summary>
internal sealed record SeriesQuality
{
    /// <summary>Zeros in a row that are called stale.</summary>
    public const int StaleLength = 3;

    /// <summary>Robust deviations from the median beyond which a move is called extreme.</summary>
    public const double ExtremeDeviations = 10.0;

    private const int GapDays = 5;

    // Median absolute deviation of a normal distribution, in standard deviations.
    private const double NormalMad = 0.6744897501960817;

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
        var stale = StaleRunsOf(returns);
        var extremes = ExtremesOf(returns);
        var gaps = IsDaily(series) ? GapsOf(series) : [];
        var flags = new SortedDictionary<int, List<string>>();
        foreach (var (index, text) in series.Flags)
        {
            Flag(index, text);
        }

        notFinite.ForEach(index => Flag(index, "not_finite"));
        extremes.ForEach(index => Flag(index, "extreme_move"));
        stale.ForEach(run => Enumerable.Range(run.First, run.Length).ToList().ForEach(index => Flag(index, "stale_price")));
        gaps.ForEach(gap => Flag(gap.Before, "after_gap"));
        return new SeriesQuality
        {
            StaleRuns = stale,
            Zeros = returns.Count(value => value == 0.0),
            NotFinite = notFinite,
            BadPrices = BadPricesOf(series),
            Extremes = extremes,
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

    private static List<StaleRun> StaleRunsOf(double[] returns)
    {
        List<StaleRun> runs = [];
        for (var i = 0; i < returns.Length; i++)
        {
            var first = i;
            while (i < returns.Length && returns[i] == 0.0)
            {
                i++;
            }

            if (i - first >= StaleLength)
            {
                runs.Add(new StaleRun(first, i - first));
            }
        }

        return runs;
    }

    private static List<int> ExtremesOf(double[] returns)
    {
        double[] sorted = [.. returns.Where(double.IsFinite).Order()];
        if (sorted.Length < 20)
        {
            return [];
        }

        var median = Quantile.Type7(sorted, 0.5);
        double[] distances = [.. sorted.Select(value => Math.Abs(value - median)).Order()];
        var deviation = Quantile.Type7(distances, 0.5) / NormalMad;
        return deviation > 0.0 ? Where(returns, value => Math.Abs(value - median) > ExtremeDeviations * deviation) : [];
    }

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
