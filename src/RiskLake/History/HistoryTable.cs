using System.Globalization;
using RiskLake.Calendars;
using RiskLake.UserFiles;

namespace RiskLake.History;

/// <summary>
/// The history of one symbol, or of several beside each other, as a table: what is read of a file can be read of the lake. A session
/// without a price is a row with an empty cell, never absent and never filled. Of a market nobody knows the days are those with a price.
/// </summary>
internal sealed class HistoryTable : TableFile
{
    private readonly IReadOnlyList<string>[] _columns;

    private HistoryTable(string path, IReadOnlyList<string> names, IReadOnlyList<string>[] columns)
        : base(path, names) => _columns = columns;

    public override string? PriceKind => Kind;

    private string? Kind { get; init; }

    public override int Rows => _columns[0].Count;

    public override IReadOnlyList<string> Texts(int column) => _columns[column];

    /// <summary>Columns date, open, high, low and close of one series; of events, which have no bars, date and close.</summary>
    public static HistoryTable Of(PriceSeries series, DateOnly through)
    {
        var prices = series.Through(through).ToArray().ToDictionary(price => price.Session);
        DateOnly[] days = prices.Count == 0 ? []
            : !series.IsMarketKnown ? [.. prices.Keys.Order().Select(DateOnly.FromDayNumber)]
            : [.. series.Calendar.Sessions(DateOnly.FromDayNumber(prices.Keys.Min()), LastOf(series, through, prices.Keys.Max()))];
        var dates = days.Select(Text).ToArray();
        var isBars = series.Key.PriceKind == SeriesKey.Close;
        return new HistoryTable(
            series.Key.Symbol,
            isBars ? ["date", "open", "high", "low", "close"] : ["date", "close"],
            isBars
                ? [dates, Column(price => price.Open), Column(price => price.High), Column(price => price.Low), Column(price => price.Price)]
                : [dates, Column(price => price.Price)])
        {
            Kind = series.Key.PriceKind,
        };

        string[] Column(Func<SessionPrice, double> value) =>
            [.. days.Select(day => prices.TryGetValue(day.DayNumber, out var price) ? Text(value(price)) : "")];
    }

    /// <summary>
    /// A column of prices for each series, over the sessions that all their markets have in common, from the first on which the youngest
    /// series has a price.
    /// </summary>
    public static HistoryTable Of(IReadOnlyList<PriceSeries> series, DateOnly through)
    {
        var prices = series.Select(one => one.Through(through).ToArray().ToDictionary(price => price.Session)).ToArray();
        var first = DateOnly.FromDayNumber(prices.Max(one => one.Keys.Min()));
        var last = series.Select((one, i) => LastOf(one, through, prices[i].Keys.Max())).Max();
        DateOnly[] days = last < first ? [] : [.. series.Select((one, i) => one.IsMarketKnown
                ? (IEnumerable<DateOnly>)one.Calendar.Sessions(first, last)
                : prices[i].Keys.Select(DateOnly.FromDayNumber).Where(day => day >= first && day <= last))
            .Aggregate((one, other) => one.Intersect(other)).Order()];
        return new HistoryTable(
            string.Join(',', series.Select(one => one.Key.Symbol)),
            ["date", .. series.Select(one => one.Key.Symbol)],
            [
                [.. days.Select(Text)],
                .. prices.Select(one => (IReadOnlyList<string>)[.. days.Select(day => one.TryGetValue(day.DayNumber, out var price) ? Text(price.Price) : "")]),
            ])
        {
            Kind = string.Join(' ', series.Select(one => one.Key.PriceKind).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)),
        };
    }

    /// <summary>The session asked for, where a date was: a window ends with it, price or none. Else the last with a price.</summary>
    private static DateOnly LastOf(PriceSeries series, DateOnly through, int last) =>
        series.IsMarketKnown && series.Calendar.Knows(through) && series.Calendar.ToSession(through, SessionDirection.Previous) is var session
            && session.DayNumber > last
            ? session
            : DateOnly.FromDayNumber(last);

    protected override long LineOf(int row) => row + 1;

    private static string Text(DateOnly day) => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    private static string Text(double value) => double.IsNaN(value) ? "" : value.ToString("R", CultureInfo.InvariantCulture);
}
