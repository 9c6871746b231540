using System.Buffers.Binary;
using System.Security.Cryptography;
using RiskLake.Calendars;
using RiskLake.Risk;
using RiskLake.Risk.Measures;

namespace RiskLake.History;

/// <summary>
/// Returns of the last sessions up to a valuation session, each from one session to the very next one. A session without a price
/// leaves two returns out; it is counted, and nothing is filled. Of a market nobody knows each price follows the one before it.
/// </summary>
internal sealed class SessionReturns
{
    private readonly SessionPrice[] _prices;

    private SessionReturns(DateOnly valuation, SessionPrice[] prices, int[] ends, double[] values, int missing, int stale)
    {
        Valuation = valuation;
        _prices = prices;
        Values = values;
        Sessions = Array.ConvertAll(ends, end => DateOnly.FromDayNumber(prices[end].Session));
        Flags = Array.ConvertAll(ends, end => prices[end].Flags | prices[end - 1].Flags);
        MissingSessions = missing;
        StaleSessions = stale;
    }

    /// <summary>The valuation session: the last session of the market through the date asked for.</summary>
    public DateOnly Valuation { get; }

    /// <summary>Prices of the window, ascending, the one before its first session included.</summary>
    public IReadOnlyList<SessionPrice> Prices => _prices;

    /// <summary>The session each return ends at, ascending.</summary>
    public IReadOnlyList<DateOnly> Sessions { get; }

    public double[] Values { get; }

    /// <summary>Findings about either price of each return.</summary>
    public IReadOnlyList<long> Flags { get; }

    /// <summary>Sessions between the first and the last price of the window that have none.</summary>
    public int MissingSessions { get; }

    /// <summary>Sessions from the last price to the valuation session; 0 when that has a price.</summary>
    public int StaleSessions { get; }

    /// <param name="series">The prices.</param>
    /// <param name="date">Valuation date; a date without a session stands for the session before it.</param>
    /// <param name="window">Most sessions, and so most returns.</param>
    /// <param name="kind">How returns are taken.</param>
    /// <exception cref="CalendarException">The calendar does not know the date.</exception>
    public static SessionReturns Of(PriceSeries series, DateOnly date, int window, ReturnKind kind)
    {
        if (!series.IsMarketKnown)
        {
            return OfUnknownMarket(series, date, window, kind);
        }

        var calendar = series.Calendar;
        var valuation = calendar.ToSession(date, SessionDirection.Previous);
        var prices = Window(series, valuation, window);
        if (prices.Length == 0)
        {
            return new SessionReturns(valuation, [], [], [], 0, 0);
        }

        var ends = new List<int>(prices.Length);
        var missing = 0;
        for (var i = 1; i < prices.Length; i++)
        {
            var skipped = calendar.Distance(Day(prices[i - 1]), Day(prices[i])) - 1;
            missing += skipped;
            if (skipped == 0)
            {
                ends.Add(i);
            }
        }

        var values = new double[ends.Count];
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = Return(prices[ends[i] - 1].Price, prices[ends[i]].Price, kind);
        }

        return new SessionReturns(valuation, prices, [.. ends], values, missing, calendar.Distance(Day(prices[^1]), valuation));
    }

    /// <summary>Nobody knows the sessions: each price follows the one before it, and what is missing cannot be told.</summary>
    private static SessionReturns OfUnknownMarket(PriceSeries series, DateOnly date, int window, ReturnKind kind)
    {
        var known = series.Through(date);
        var prices = known[Math.Max(known.Length - window - 1, 0)..].ToArray();
        int[] ends = [.. Enumerable.Range(1, Math.Max(prices.Length - 1, 0))];
        var valuation = prices.Length == 0 ? date : Day(prices[^1]);
        return new SessionReturns(
            valuation, prices, ends, Array.ConvertAll(ends, end => Return(prices[end - 1].Price, prices[end].Price, kind)), missing: 0, stale: 0);
    }

    /// <summary>Digest of everything the returns are made of, lower-case hex.</summary>
    public string InputSha256() => Digest(_prices);

    /// <summary>Digest of prices, lower-case hex.</summary>
    public static string Digest(ReadOnlySpan<SessionPrice> prices)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Span<byte> row = stackalloc byte[64];
        foreach (var price in prices)
        {
            BinaryPrimitives.WriteInt64LittleEndian(row, price.Session);
            BinaryPrimitives.WriteDoubleLittleEndian(row[8..], price.Open);
            BinaryPrimitives.WriteDoubleLittleEndian(row[16..], price.High);
            BinaryPrimitives.WriteDoubleLittleEndian(row[24..], price.Low);
            BinaryPrimitives.WriteDoubleLittleEndian(row[32..], price.Price);
            BinaryPrimitives.WriteInt64LittleEndian(row[40..], price.EventTime);
            BinaryPrimitives.WriteInt64LittleEndian(row[48..], price.IngestTime);
            BinaryPrimitives.WriteInt64LittleEndian(row[56..], price.Flags);
            hash.AppendData(row);
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private static SessionPrice[] Window(PriceSeries series, DateOnly valuation, int window)
    {
        var prices = series.Through(valuation);
        var sessions = series.Calendar.CountSessions(series.Calendar.KnownFrom, valuation);
        var first = sessions > window ? series.Calendar.Offset(valuation, -window) : series.Calendar.KnownFrom;
        var start = prices.Length;
        while (start > 0 && prices[start - 1].Session >= first.DayNumber)
        {
            start--;
        }

        return prices[start..].ToArray();
    }

    internal static double Return(double before, double after, ReturnKind kind)
    {
        ReadOnlySpan<double> pair = [before, after];
        return kind switch
        {
            // No simple return leads to or from a price that is not positive.
            ReturnKind.Simple => before > 0 && after > 0 ? Returns.Simple(pair)[0] : double.NaN,
            ReturnKind.Log => Returns.Log(pair)[0],
            _ => Returns.Absolute(pair)[0],
        };
    }

    private static DateOnly Day(SessionPrice price) => DateOnly.FromDayNumber(price.Session);
}
