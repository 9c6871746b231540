namespace RiskLake.Ingest.Silver;

/// <summary>
/// A time at which it is asked what was known. A day of publication counts as over at 06:00 UTC of the next one: by then it is past in
/// New York and Chicago, summer and winter, and nothing that was published on it is still to come.
/// </summary>
internal readonly record struct KnowledgeTime
{
    private const long MicrosPerDay = 86_400_000_000;
    private const long OverAfterMidnight = 6 * 3_600_000_000L;

    private KnowledgeTime(long micros, long fullDays) => (Micros, FullDays) = (micros, fullDays);

    /// <summary>The instant, in microseconds since the epoch.</summary>
    public long Micros { get; }

    /// <summary>The last day, since the epoch, all of whose publications are known.</summary>
    public long FullDays { get; }

    /// <summary>An instant; the day it lies in is not over.</summary>
    public static KnowledgeTime At(long micros) => new(micros, Day(micros - OverAfterMidnight) - 1);

    /// <summary>The end of a day: what was published on it is known.</summary>
    public static KnowledgeTime EndOf(long day) => new(((day + 1) * MicrosPerDay) - 1, day);

    /// <summary>Whether a value that was published on a day was known: the day was over, or its bytes had been received already.</summary>
    public bool Knows(long day, long? received) => day <= FullDays || (day <= Day(Micros) && received <= Micros);

    private static long Day(long micros) => (long)Math.Floor((decimal)micros / MicrosPerDay);
}
