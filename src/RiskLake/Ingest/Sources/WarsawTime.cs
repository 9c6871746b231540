using NodaTime;

namespace RiskLake.Ingest.Sources;

/// <summary>
/// Instants of bars that are labelled with wall time in Warsaw. A time that clocks skipped has none. A time that occurs twice has
/// one only where the file itself shows which is meant: all of that hour's labels twice, the first in order, then again.
/// </summary>
internal sealed class WarsawTime
{
    private static readonly DateTimeZone Zone = DateTimeZoneProviders.Tzdb["Europe/Warsaw"];

    private LocalDate _day;
    private bool _isPlain;
    private long _offset;

    /// <summary>Whether a local time occurs twice.</summary>
    public bool IsAmbiguous(LocalDateTime local) => !IsPlainDay(local.Date) && Zone.MapLocal(local).Count == 2;

    /// <summary>Microseconds since the epoch, or null when the local time does not occur exactly once.</summary>
    public long? Micros(LocalDateTime local)
    {
        if (IsPlainDay(local.Date))
        {
            return Naive(local) - _offset;
        }

        var map = Zone.MapLocal(local);
        return map.Count == 1 ? Micros(map.Single()) : null;
    }

    /// <summary>Microseconds since the epoch of the first or second time a local time occurs.</summary>
    public static long Micros(LocalDateTime local, bool second)
    {
        var map = Zone.MapLocal(local);
        return Micros(second ? map.Last() : map.First());
    }

    private static long Micros(ZonedDateTime time) => time.ToInstant().ToUnixTimeTicks() / 10;

    private static long Naive(LocalDateTime local) => local.InUtc().ToInstant().ToUnixTimeTicks() / 10;

    // Conversions cost hundreds of nanoseconds, days on which clocks change are two a year.
    private bool IsPlainDay(LocalDate day)
    {
        if (day != _day)
        {
            _day = day;
            var interval = Zone.GetZoneInterval(Zone.AtStartOfDay(day).ToInstant());
            _isPlain = !interval.HasEnd || interval.End >= Zone.AtStartOfDay(day.PlusDays(1)).ToInstant();
            _offset = interval.WallOffset.Ticks / 10;
        }

        return _isPlain;
    }
}
