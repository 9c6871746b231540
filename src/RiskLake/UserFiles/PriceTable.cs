using RiskLake.Lake.Errors;
using RiskLake.Risk;
using RiskLake.Risk.Measures;

namespace RiskLake.UserFiles;

/// <summary>Bars, or closes alone, out of a file.</summary>
internal sealed class PriceTable
{
    private readonly Bar[]? _bars;
    private readonly double[] _closes;

    private PriceTable(Bar[]? bars, ReturnSeries closes) => (_bars, _closes, Dates, Notes, PriceKind) =
        (bars, closes.Values, closes.Dates, closes.Notes, closes.PriceKind!);

    /// <summary>What the closes are: the kind of price of the lake, else the name of their column.</summary>
    public string PriceKind { get; }

    /// <summary>The dates as written; null without a date column.</summary>
    public IReadOnlyList<string>? Dates { get; }

    /// <summary>What a reader should know of how the file was read.</summary>
    public IReadOnlyList<string> Notes { get; }

    /// <summary>Reads open, high, low and close by the names given, else by their own; without any of the first three, closes alone.</summary>
    public static PriceTable Read(TableFile table, IReadOnlyList<string?> named, string? dateColumn)
    {
        var at = RowDates.Find(table, dateColumn);
        int?[] found = [Column(0, "open"), Column(1, "high"), Column(2, "low")];
        var closes = ReturnSeries.Read(table, new ReturnRequest
        {
            Column = named[3], DateColumn = dateColumn, Kind = ReturnKind.Absolute, PrefersAdjusted = false,
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

        double[][] prices = [.. found.Select(column => table.Numbers(column!.Value, EmptyCell.Refuse))];
        var bars = new Bar[closes.Values.Length];
        for (var i = 0; i < bars.Length; i++)
        {
            bars[i] = new Bar(prices[0][i], prices[1][i], prices[2][i], closes.Values[i]);
        }

        return new PriceTable(bars, closes);

        int? Column(int option, string usual) =>
            named[option] is { } name ? table.Get($"--{usual}", name) : table.Find(usual) is { } column && column != at ? column : null;
    }

    private static readonly string[] s_names = ["open", "high", "low"];

    /// <summary>The estimates as of the last bar.</summary>
    public IReadOnlyList<VolatilityRow> Latest(VolatilitySettings settings) =>
        _bars is null ? SeriesVolatility.Compute(_closes, settings) : SeriesVolatility.Compute(_bars, settings);

    /// <summary>The estimates as of every bar.</summary>
    public IReadOnlyList<VolatilityRow> Rolling(VolatilitySettings settings) =>
        _bars is null ? SeriesVolatility.Rolling(_closes, settings) : SeriesVolatility.Rolling(_bars, settings);
}
