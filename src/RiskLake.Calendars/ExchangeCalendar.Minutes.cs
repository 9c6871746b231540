using static System.FormattableString;

namespace RiskLake.Calendars;

/// <summary>Trading minutes: a minute counts if trading is possible from its first instant.</summary>
/// <remarks>So the minute of the open counts and the minute of the close does not; minutes of a break do not count.</remarks>
public sealed partial class ExchangeCalendar
{
    /// <summary>The number of trading minutes of a session.</summary>
    public int CountMinutes(DateOnly session) => _table.Minutes(Index(session));

    /// <summary>The trading minutes of a session, ascending, each by its first instant.</summary>
    public IEnumerable<DateTimeOffset> Minutes(DateOnly session)
    {
        var row = _table[Index(session)];
        return Enumerable.Range(row.Open, row.BreakStart - row.Open)
            .Concat(Enumerable.Range(row.BreakEnd, row.Close - row.BreakEnd))
            .Select(EpochMinutes.ToInstant);
    }

    /// <summary>The trading minutes that begin in <c>[from, to)</c>; negative when the end lies before the start.</summary>
    /// <remarks>Additive: <c>CountMinutes(a, b) + CountMinutes(b, c) == CountMinutes(a, c)</c> for any order of the three.</remarks>
    public int CountMinutes(DateTimeOffset from, DateTimeOffset to) => MinutesBefore(to) - MinutesBefore(from);

    /// <summary>The trading minute so many trading minutes after the one an instant lies in, or before it when negative.</summary>
    /// <param name="at">An instant.</param>
    /// <param name="minutes">How many trading minutes to go.</param>
    /// <param name="direction">Where to start when the instant is not in a trading minute.</param>
    public DateTimeOffset OffsetMinutes(DateTimeOffset at, int minutes, SessionDirection direction = SessionDirection.Exact)
    {
        var minute = Minute(at);
        var position = (long)_table.MinutesBefore(minute);
        if (!_table.IsTrading(minute))
        {
            position += direction switch
            {
                SessionDirection.Next => 0,
                SessionDirection.Previous => -1,
                SessionDirection.ModifiedNext => throw new ArgumentException("an instant has no month of its own", nameof(direction)),
                _ => throw new CalendarException(CalendarFault.NotATradingMinute, $"{Text(at)} is not in a trading minute of {Id}"),
            };
        }

        position += minutes;
        return position is >= 0 and <= int.MaxValue && _table.MinuteAt((int)position) is { } found
            ? EpochMinutes.ToInstant(found)
            : throw Unknown(Invariant($"the trading minute {minutes} from {Text(at)}"));
    }

    private int MinutesBefore(DateTimeOffset at)
    {
        // The end of the covered range is a valid end of a half-open interval.
        var minute = EpochMinutes.Ceiling(at);
        return minute >= _coveredFrom && minute <= _coveredTo ? _table.MinutesBefore(minute) : throw Unknown(Text(at));
    }
}
