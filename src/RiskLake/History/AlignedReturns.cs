using RiskLake.Calendars;
using RiskLake.Risk;
using RiskLake.Risk.Measures;
using static System.FormattableString;

namespace RiskLake.History;

/// <summary>A series that cannot take part, and why.</summary>
internal sealed record LeftOut(string Symbol, Status Status, string Reason);

/// <summary>
/// Returns of several series over the sessions that all their markets have in common: from one common session to the next. A series
/// without a price on one of them is left out and named; nothing is filled, and no day is deleted for a pair alone.
/// </summary>
internal sealed class AlignedReturns
{
    private AlignedReturns(
        DateOnly? first, IReadOnlyList<DateOnly> sessions, IReadOnlyList<PriceSeries> series, IReadOnlyList<double[]> columns,
        IReadOnlyList<LeftOut> leftOut)
    {
        First = first;
        Sessions = sessions;
        Series = series;
        Columns = columns;
        LeftOut = leftOut;
    }

    /// <summary>The common session the first return starts from; null without any.</summary>
    public DateOnly? First { get; }

    /// <summary>The common session each return ends at, ascending.</summary>
    public IReadOnlyList<DateOnly> Sessions { get; }

    /// <summary>The series that take part, in the order given.</summary>
    public IReadOnlyList<PriceSeries> Series { get; }

    /// <summary>Returns of each of <see cref="Series"/>, one for each session.</summary>
    public IReadOnlyList<double[]> Columns { get; }

    public IReadOnlyList<LeftOut> LeftOut { get; }

    /// <param name="series">Series of one frequency.</param>
    /// <param name="date">Valuation date.</param>
    /// <param name="window">Most common sessions, and so most returns.</param>
    /// <param name="kind">How returns are taken.</param>
    /// <param name="fewest">
    /// Fewest returns: a series that begins too late to have so many is left out; the window begins with the youngest of the others.
    /// </param>
    public static AlignedReturns Of(IReadOnlyList<PriceSeries> series, DateOnly date, int window, ReturnKind kind, int fewest = 2)
    {
        var calendars = series.Select(one => one.Calendar).DistinctBy(calendar => calendar.Id).ToArray();
        var common = Common(calendars, date, window);
        var leftOut = new List<LeftOut>();
        var taken = new List<(PriceSeries Series, Dictionary<int, double> Prices)>();
        foreach (var one in series)
        {
            var prices = new Dictionary<int, double>();
            foreach (var price in one.Through(date))
            {
                prices[price.Session] = price.Price;
            }

            if (Refuse(one, prices, common, fewest, kind) is { } refused)
            {
                leftOut.Add(refused);
            }
            else
            {
                taken.Add((one, prices));
            }
        }

        var start = taken.Count == 0 ? common.Length : taken.Max(one => Array.FindIndex(common, session => one.Prices.ContainsKey(session.DayNumber)));
        var used = common[Math.Min(start, common.Length)..];
        var columns = taken.Select(one => Returns(one.Prices, used, kind)).ToArray();
        return new AlignedReturns(used.Length > 0 ? used[0] : null, used.Length > 0 ? used[1..] : [], [.. taken.Select(one => one.Series)], columns, leftOut);
    }

    private static double[] Returns(Dictionary<int, double> prices, DateOnly[] sessions, ReturnKind kind)
    {
        var values = new double[Math.Max(sessions.Length - 1, 0)];
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = SessionReturns.Return(prices[sessions[i].DayNumber], prices[sessions[i + 1].DayNumber], kind);
        }

        return values;
    }

    private static LeftOut? Refuse(PriceSeries series, Dictionary<int, double> prices, DateOnly[] common, int fewest, ReturnKind kind)
    {
        var symbol = series.Key.Symbol;
        var first = Array.FindIndex(common, session => prices.ContainsKey(session.DayNumber));
        if (first < 0 || common.Length - first < fewest + 1)
        {
            var found = first < 0 ? 0 : common.Length - first;
            return new LeftOut(symbol, Status.InsufficientHistory, Invariant($"Needs prices of {fewest + 1} common sessions, found {found}."));
        }

        for (var i = first; i < common.Length; i++)
        {
            if (!prices.TryGetValue(common[i].DayNumber, out var price))
            {
                return new LeftOut(symbol, Status.InsufficientHistory, Invariant($"No price on {common[i]:yyyy-MM-dd}, a session all markets have in common."));
            }

            if (!double.IsFinite(price) || (price <= 0 && kind != ReturnKind.Absolute))
            {
                return new LeftOut(symbol, Status.InvalidInput, Invariant($"The price on {common[i]:yyyy-MM-dd} is not positive."));
            }
        }

        return null;
    }

    /// <summary>The last common sessions through a date, ascending: as many as the window needs prices of.</summary>
    private static DateOnly[] Common(ExchangeCalendar[] calendars, DateOnly date, int window)
    {
        if (calendars.Length == 0)
        {
            return [];
        }

        var first = calendars[0];
        var found = new List<DateOnly>(window + 1);
        var from = calendars.Max(calendar => calendar.KnownFrom);
        for (var session = first.ToSession(date, SessionDirection.Previous); ; session = first.PreviousSession(session))
        {
            if (calendars.All(calendar => calendar.Knows(session) && calendar.IsSession(session)))
            {
                found.Add(session);
            }

            if (found.Count > window || session <= from.AddDays(14))
            {
                break;
            }
        }

        found.Reverse();
        return [.. found];
    }
}
