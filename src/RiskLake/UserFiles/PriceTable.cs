using RiskLake.Lake.Errors;
using RiskLake.Risk;
using RiskLake.Risk.Measures;

namespace RiskLake.UserFiles;

/// <summary>Bars, or closes alone, out of a file.</summary>
internal sealed class PriceTable
{
    private readonly Bar[]? _bars;
    private readonly double[] _closes;

    private readonly ReturnSeries _read;

    private PriceTable(Bar[]? bars, ReturnSeries closes) => (_bars, _closes, Dates, Notes, PriceKind, _read) =
        (bars, closes.Values, closes.Dates, closes.Notes, closes.PriceKind!, closes);

    /// <summary>Rows without a close between the first with one and the last.</summary>
    public int Missing => _read.LeftOut;

    /// <summary>What the closes are: the kind of price of the lake, else the name of their column.</summary>
    public string PriceKind { get; }

    /// <summary>The dates as written; null without a date column.</summary>
    public IReadOnlyList<string>? Dates { get; }

    /// <summary>What a reader should know of how the file was read.</summary>
    public IReadOnlyList<string> Notes { get; }

    /// <summary>Reads open, high, low and close by the names given, else by their own; without any of the first three, closes alone.</summary>
    public static PriceTable Read(TableFile table, IReadOnlyList<string?> named, string? dateColumn, GapRule missing = GapRule.Refuse)
    {
        var at = RowDates.Find(table, dateColumn);
        int?[] found = [Column(0, "open"), Column(1, "high"), Column(2, "low")];
        var closes = ReturnSeries.Read(table, new ReturnRequest
        {
            Column = named[3], DateColumn = dateColumn, Kind = ReturnKind.Absolute, PrefersAdjusted = false,
            Missing = missing,
        });
        if (Array.TrueForAll(found, column => column is null))
        {
            return new PriceTable(null, closes);
        }

        if (Array.FindIndex(found, column => column is null) is >= 0 and var absent)
        {
            throw new RiskLakeException(
                ErrorCode.ColumnUnknown, $"--{s_names[absent]}", $"no column {s_names[absent]} beside the others",
                $"open, high and low, or none of them, in {table.Path}: {string.Join(", ", table.Names)}", "name it with the option");
        }

        double[][] prices = [.. found.Select(column => table.Numbers(column!.Value, missing == GapRule.Refuse ? EmptyCell.Refuse : EmptyCell.Absent))];
        var rows = closes.Rows;
        var bars = new Bar[closes.Values.Length];
        for (var i = 0; i < bars.Length; i++)
        {
            bars[i] = new Bar(prices[0][rows[i]], prices[1][rows[i]], prices[2][rows[i]], closes.Values[i]);
        }

        return new PriceTable(bars, closes);

        int? Column(int option, string usual) =>
            named[option] is { } name ? table.Get($"--{usual}", name) : table.Find(usual) is { } column && column != at ? column : null;
    }

    private static readonly string[] s_names = ["open", "high", "low"];

    /// <summary>The estimates as of the last bar.</summary>
    public IReadOnlyList<VolatilityRow> Latest(VolatilitySettings settings) =>
        Missing == 0 || _read.Rule == GapRule.Join
            ? _bars is null ? SeriesVolatility.Compute(_closes, settings) : SeriesVolatility.Compute(_bars, settings)
            : AcrossGaps(settings, _closes.Length, _read.Gaps.Span);

    /// <summary>
    /// A gap in the window leaves its estimators without a number: the prices on both sides are not neighbours. Those without a window rest
    /// on all returns known, each from one session to the very next.
    /// </summary>
    private IReadOnlyList<VolatilityRow> AcrossGaps(VolatilitySettings settings, int count, int place)
    {
        var missing = _read.Gaps.Missing.Count(gap => gap > place - settings.Window && gap < place);
        var first = Math.Max(count - settings.Window - 1, 0);
        var rows = missing > 0 ? SeriesVolatility.Compute(ReadOnlySpan<double>.Empty, settings)
            : _bars is null ? SeriesVolatility.Compute(_closes.AsSpan(first..count), settings)
            : SeriesVolatility.Compute(_bars.AsSpan(first..count), settings);
        var spanning = Risk.Returns.Log(_closes);
        double[] returns = [.. _read.Gaps.Ends.TakeWhile(end => end < count).Select(end => spanning[end - 1])];
        return
        [
            .. rows.Select(row => new VolatilityRow(
                count - 1,
                SeriesVolatility.IsRecursive(row.Measure.Method) ? SeriesVolatility.Recursive(returns, row.Measure.Method, settings)
                    : missing == 0 ? row.Measure
                    : Measure.None(
                        row.Measure.Name, row.Measure.Method, Status.InsufficientHistory,
                        FormattableString.Invariant($"{missing} sessions of the window have no price."), row.Measure.Observations, row.Measure.Convention))),
        ];
    }

    /// <summary>The estimates as of every bar.</summary>
    public IReadOnlyList<VolatilityRow> Rolling(VolatilitySettings settings) =>
        Missing > 0 && _read.Rule != GapRule.Join
            ? [.. Enumerable.Range(1, _closes.Length).Where(count => count > settings.Window || count == _closes.Length)
                .SelectMany(count => AcrossGaps(settings, count, _read.Rows[count - 1]))]
            : _bars is null ? SeriesVolatility.Rolling(_closes, settings) : SeriesVolatility.Rolling(_bars, settings);
}
