using System.Collections.Immutable;
using RiskLake.Calendars.Rules;
using static System.FormattableString;

namespace RiskLake.Calendars;

/// <summary>The days on which trades of a market can settle, ascending, inside the range that the market and its banks know.</summary>
internal sealed class SettlementDays
{
    private readonly string _id;
    private readonly int[] _days;
    private readonly DateOnly _from;
    private readonly DateOnly _through;

    private SettlementDays(string id, int[] days, DateOnly from, DateOnly through) =>
        (_id, _days, _from, _through) = (id, days, from, through);

    public static SettlementDays Of(ExchangeCalendar exchange, ImmutableArray<SessionCalendar> payment)
    {
        var rule = exchange.Rules.SettlementCalendar;
        if (rule is { Base: SettlementBase.Payment } && payment.IsEmpty)
        {
            throw new CalendarException(
                CalendarFault.NoRule, $"{exchange.Id} settles on the days of its payment systems, and no bank calendar is named");
        }

        var common = JointCalendar.Intersection([exchange, .. payment]);
        if (rule is null)
        {
            return new SettlementDays(common.Id, common.DayNumbers, common.KnownFrom, common.KnownThrough);
        }

        var (from, through) = (common.KnownFrom, common.KnownThrough);
        var open = payment.IsEmpty ? null : JointCalendar.Intersection(payment.AsSpan());
        var days = new SortedSet<int>(rule.Base is SettlementBase.Payment ? open!.DayNumbers : common.DayNumbers);
        foreach (var day in Named(rule.OpenOn, from, through))
        {
            if (open is null || open.IsSession(DateOnly.FromDayNumber(day)))
            {
                days.Add(day);
            }
        }

        days.ExceptWith(Named(rule.ClosedOn, from, through));
        return new SettlementDays(common.Id, [.. days.GetViewBetween(from.DayNumber, through.DayNumber)], from, through);
    }

    public bool Contains(DateOnly date) => Find(date) >= 0;

    /// <summary>The settlement day so many after a date; with none, the date itself or the next one.</summary>
    public DateOnly After(DateOnly date, int lag)
    {
        var at = Find(date);
        var settled = (long)(at >= 0 ? at : ~at - (lag == 0 ? 0 : 1)) + lag;
        return settled < _days.Length
            ? DateOnly.FromDayNumber(_days[settled])
            : throw Unknown(Invariant($"settlement day {lag} after {date:yyyy-MM-dd}"));
    }

    private static List<int> Named(IReadOnlyList<DatedRule> rules, DateOnly from, DateOnly through)
    {
        var days = new List<int>();
        foreach (var rule in rules)
        {
            ClosedDays.Collect(rule, from.Year, through.Year, days);
        }

        days.RemoveAll(day => day < from.DayNumber || day > through.DayNumber);
        return days;
    }

    private int Find(DateOnly date) =>
        date >= _from && date <= _through ? _days.AsSpan().BinarySearch(date.DayNumber) : throw Unknown(Invariant($"{date:yyyy-MM-dd}"));

    private CalendarException Unknown(string what) => new(
        CalendarFault.OutsideKnown,
        Invariant($"settlement days of {_id} are known from {_from:yyyy-MM-dd} through {_through:yyyy-MM-dd}; {what} lies outside"));
}
