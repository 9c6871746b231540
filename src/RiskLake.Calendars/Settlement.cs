using System.Collections.Immutable;
using static System.FormattableString;

namespace RiskLake.Calendars;

/// <summary>
/// When trades of a market settle: the lag of the trade date, counted on days on which the market and the payment systems are open.
/// </summary>
public sealed class Settlement
{
    private readonly JointCalendar _days;

    /// <summary>Settlement of a market through payment systems.</summary>
    /// <param name="exchange">The market; its rules give the lag.</param>
    /// <param name="payment">The bank calendars of the payment systems; none counts the market's own sessions.</param>
    public Settlement(ExchangeCalendar exchange, params ReadOnlySpan<SessionCalendar> payment)
    {
        Exchange = exchange;
        Payment = ImmutableArray.Create(payment);
        _days = JointCalendar.Intersection([exchange, .. payment]);
    }

    /// <summary>The market.</summary>
    public ExchangeCalendar Exchange { get; }

    /// <summary>The bank calendars of the payment systems.</summary>
    public ImmutableArray<SessionCalendar> Payment { get; }

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

    /// <summary>The settlement date of a trade.</summary>
    /// <param name="tradeDate">A session of the market; it need not be a day of the payment systems.</param>
    /// <param name="lag">A lag other than the rules' one, such as 1 for spot USDCAD.</param>
    public DateOnly Date(DateOnly tradeDate, int? lag = null)
    {
        if (lag is < 0)
        {
            throw new ArgumentOutOfRangeException(nameof(lag), lag, "a settlement lag is not negative");
        }

        Exchange.ToSession(tradeDate, SessionDirection.Exact);
        var days = lag ?? Lag(tradeDate);
        return days == 0
            ? _days.ToSession(tradeDate, SessionDirection.Next)
            : _days.Offset(_days.NextSession(tradeDate), days - 1);
    }
}
