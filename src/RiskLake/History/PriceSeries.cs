using RiskLake.Calendars;

namespace RiskLake.History;

/// <summary>What makes prices one series. Series that differ in any of these are never mixed.</summary>
/// <param name="Symbol">Instrument, as silver spells it.</param>
/// <param name="Source">Who delivered the prices; empty where the contract has no source.</param>
/// <param name="PriceKind"><c>close</c> of a daily bar, or <c>last</c>: the last event of the session.</param>
/// <param name="Adjustment">What the prices are corrected for, as bars declare it; <c>undeclared</c> for events.</param>
/// <param name="Currency">ISO 4217, of the symbol list; null for a symbol that is not listed.</param>
/// <param name="Frequency"><c>d</c>: one price for each session.</param>
internal sealed record SeriesKey(string Symbol, string Source, string PriceKind, string Adjustment, string? Currency, string Frequency)
{
    public const string Close = "close";
    public const string Last = "last";

    /// <summary>Adjustment of bars as they were traded.</summary>
    public const string Raw = "raw";

    /// <summary>Whether a price is what was paid on the day: of an event, or of a bar that is declared to be corrected for nothing.</summary>
    public bool IsTraded => PriceKind == Last || Adjustment == Raw;
}

/// <summary>The price of a session. What a bar does not have is NaN.</summary>
/// <param name="Session">Day number of the session.</param>
/// <param name="Open">First price; NaN for events.</param>
/// <param name="High">Greatest price; NaN for events.</param>
/// <param name="Low">Least price; NaN for events.</param>
/// <param name="Price">Close of the bar, or price of the last event.</param>
/// <param name="EventTime">Of the event; of a bar the close of the session. Microseconds.</param>
/// <param name="IngestTime">When this value was first known. Microseconds.</param>
/// <param name="Flags">Findings of silver about the row.</param>
internal readonly record struct SessionPrice(
    int Session, double Open, double High, double Low, double Price, long EventTime, long IngestTime, long Flags);

/// <summary>One price for each session of a market that has one, ascending. Sessions without a price are absent, never filled.</summary>
internal sealed class PriceSeries(SeriesKey key, ExchangeCalendar calendar, SessionPrice[] prices)
{
    public SeriesKey Key { get; } = key;

    /// <summary>The calendar by which sessions are counted; of an unknown market one in which every day is a session.</summary>
    public ExchangeCalendar Calendar { get; } = calendar;

    /// <summary>Whether somebody said of which market the sessions are: the symbol list, the rows, or the one who asked.</summary>
    public bool IsMarketKnown { get; init; } = true;

    /// <summary>Day numbers, ascending, of days without a session on which there is a price all the same; it has no say.</summary>
    public IReadOnlyList<int> OffSession { get; init; } = [];

    public ReadOnlySpan<SessionPrice> Prices => prices;

    /// <summary>The prices of the sessions from one date through another.</summary>
    public ReadOnlySpan<SessionPrice> Between(DateOnly from, DateOnly through)
    {
        var found = Through(through);
        var start = found.Length;
        while (start > 0 && found[start - 1].Session >= from.DayNumber)
        {
            start--;
        }

        return found[start..];
    }

    /// <summary>The prices of the sessions through a date.</summary>
    public ReadOnlySpan<SessionPrice> Through(DateOnly date)
    {
        var end = prices.Length;
        while (end > 0 && prices[end - 1].Session > date.DayNumber)
        {
            end--;
        }

        return prices.AsSpan(0, end);
    }
}
