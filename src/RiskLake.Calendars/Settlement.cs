using System.Collections.Immutable;
using RiskLake.Calendars.Rules;
using static System.FormattableString;

namespace RiskLake.Calendars;

/// <summary>When trades of a market settle: the lag of the trade date, counted on settlement days.</summary>
/// <remarks>
/// Settlement days are the market's sessions on which all payment systems are open, unless the market's rules say otherwise
/// (<see cref="CalendarRules.SettlementCalendar"/>). A day on which a payment system is shut never settles.
/// </remarks>
public sealed class Settlement
{
    private readonly SettlementDays _days;

    /// <summary>Settlement of a market through payment systems.</summary>
    /// <param name="exchange">The market; its rules give the lag and what its settlement days are.</param>
    /// <param name="payment">The bank calendars of the payment systems.</param>
    /// <exception cref="CalendarException">The market settles on the days of its payment systems and none is given.</exception>
    public Settlement(ExchangeCalendar exchange, params ReadOnlySpan<SessionCalendar> payment)
    {
        Exchange = exchange;
        Payment = ImmutableArray.Create(payment);
        _days = SettlementDays.Of(exchange, Payment);
    }

    /// <summary>The market.</summary>
    public ExchangeCalendar Exchange { get; }

    /// <summary>The bank calendars of the payment systems.</summary>
    public ImmutableArray<SessionCalendar> Payment { get; }

    /// <summary>Whether trades can settle on a date.</summary>
    public bool IsSettlementDay(DateOnly date) => _days.Contains(date);

    /// <summary>The settlement days from trade to settlement.</summary>
    /// <exception cref="CalendarException">The market's rules give none for that date.</exception>
    public int Lag(DateOnly tradeDate)
    {
        var rules = Exchange.Rules.Settlement;
        for (var i = rules.Count - 1; i >= 0; i--)
        {
            if (rules[i].From is not { } from || from <= tradeDate)
            {
                return rules[i].Lag;
            }
        }

        throw new CalendarException(
            CalendarFault.NoRule, Invariant($"calendar {Exchange.Id} has no settlement lag for trades of {tradeDate:yyyy-MM-dd}"));
    }

    /// <summary>The settlement date of a trade; without a lag it is the trade date or, if that does not settle, the next day that does.</summary>
    /// <param name="tradeDate">A session of the market; it need not be a settlement day.</param>
    /// <param name="lag">A lag other than the rules' one, such as 1 for spot USDCAD.</param>
    public DateOnly Date(DateOnly tradeDate, int? lag = null)
    {
        if (lag is < 0)
        {
            throw new ArgumentOutOfRangeException(nameof(lag), lag, "a settlement lag is not negative");
        }

        Exchange.ToSession(tradeDate, SessionDirection.Exact);
        return _days.After(tradeDate, lag ?? Lag(tradeDate));
    }
}
