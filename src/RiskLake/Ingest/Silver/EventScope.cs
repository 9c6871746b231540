using RiskLake.Contracts;

namespace RiskLake.Ingest.Silver;

/// <summary>
/// The scope of an event: with its key it says which event a record is about. Scopes of one kind that lie next to each other in time
/// have numbers next to each other; scopes of different kinds are never equal.
/// </summary>
internal sealed class EventScope(Contract contract)
{
    private const long MicrosPerDay = 86_400_000_000;
    private const int PerKind = 1 << 28;

    private long _from = long.MaxValue;
    private long _to = long.MinValue;
    private int _scope;

    /// <summary>The scope of an event time, in microseconds since the epoch.</summary>
    public int Of(long micros)
    {
        if (micros < _from || micros >= _to)
        {
            Find(micros);
        }

        return _scope;
    }

    /// <summary>Whether two scopes are one and the next of a kind.</summary>
    public static bool AreNeighbours(int a, int b) => Math.Abs((long)a - b) == 1;

    private void Find(long micros)
    {
        var day = (micros / MicrosPerDay) - (micros % MicrosPerDay < 0 ? 1 : 0);
        var date = DateTime.UnixEpoch.AddDays(day);
        var (number, first, next) = contract.Scope switch
        {
            KeyScope.Day => ((int)day, date, Next(date, at => at.AddDays(1))),
            KeyScope.Month => ((date.Year * 12) + date.Month, Month(date), Next(Month(date), at => at.AddMonths(1))),
            KeyScope.Year => (date.Year, Year(date), Next(Year(date), at => at.AddYears(1))),
            _ => (0, DateTime.MinValue, DateTime.MaxValue),
        };
        _scope = ((int)contract.Scope * PerKind) + number;
        _from = Micros(first);
        _to = Micros(next);
    }

    private static DateTime Month(DateTime date) => new(date.Year, date.Month, 1, 0, 0, 0, DateTimeKind.Utc);

    private static DateTime Year(DateTime date) => new(date.Year, 1, 1, 0, 0, 0, DateTimeKind.Utc);

    private static DateTime Next(DateTime date, Func<DateTime, DateTime> step) => date.Year == DateTime.MaxValue.Year ? DateTime.MaxValue : step(date);

    private static long Micros(DateTime date) => date == DateTime.MaxValue ? long.MaxValue : (date - DateTime.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;
}
