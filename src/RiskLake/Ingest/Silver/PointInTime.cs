namespace RiskLake.Ingest.Silver;

/// <summary>A value as it was known from some time on.</summary>
/// <param name="KnownFrom">From when: a day or an instant, as the caller counts.</param>
/// <param name="Value">What was known.</param>
internal readonly record struct Vintage<T>(long KnownFrom, T Value);

/// <summary>
/// Point-in-time reading: of the vintages of each observation, the one that was known at a time, and nothing later. Vintages may come in
/// any order; of two that became known at once, the one that was added first stands.
/// </summary>
/// <param name="isKnown">Whether a vintage that became known then, and whose bytes were received then, was known at the time.</param>
internal sealed class PointInTime<TKey, T>(Func<long, long?, bool> isKnown)
    where TKey : notnull
{
    private readonly Dictionary<TKey, Vintage<T>> _known = [];

    /// <summary>Every observation of which something was known, in no order.</summary>
    public IReadOnlyDictionary<TKey, Vintage<T>> Known => _known;

    /// <summary>Days of publication: those that were over, or whose bytes had been received.</summary>
    public static PointInTime<TKey, T> OfDays(KnowledgeTime time) => new(time.Knows);

    /// <summary>Instants: all up to the time, that one included.</summary>
    public static PointInTime<TKey, T> OfInstants(KnowledgeTime time) => new((knownFrom, _) => knownFrom <= time.Micros);

    /// <summary>Looks at a vintage. What its value is, is only asked if it is the latest known so far.</summary>
    public void Add(TKey key, long knownFrom, long? received, Func<T> value)
    {
        if (isKnown(knownFrom, received) && (!_known.TryGetValue(key, out var before) || before.KnownFrom < knownFrom))
        {
            _known[key] = new Vintage<T>(knownFrom, value());
        }
    }
}
