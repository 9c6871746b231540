namespace RiskLake.Sources;

/// <summary>A value as it was known from some time on.</summary>
/// <param name="KnownFrom">From when: a day number or microseconds, as the caller counts.</param>
/// <param name="Value">What was known.</param>
/// <param name="IsWithdrawn">Whether what became known is that there is no such value any more.</param>
internal readonly record struct Vintage<T>(long KnownFrom, T Value, bool IsWithdrawn = false);

/// <summary>What was known at a time.</summary>
/// <param name="IsAvailable">False where no vintage existed yet, or the value had been withdrawn: not the oldest, not the next.</param>
/// <param name="KnownFrom">Since when; 0 if not available.</param>
/// <param name="Value">The value; default if not available.</param>
internal readonly record struct Known<T>(bool IsAvailable, long KnownFrom, T? Value);

/// <summary>
/// Point-in-time reading: for each observation, the vintage that was known at a time and nothing later. Vintages may come in any
/// order; of two that became known at once, the one that was added first stands.
/// </summary>
internal sealed class VintageHistory<TKey, T>
    where TKey : notnull
{
    private readonly SortedDictionary<TKey, List<Vintage<T>>> _vintages = [];

    public IEnumerable<TKey> Keys => _vintages.Keys;

    public void Add(TKey key, Vintage<T> vintage)
    {
        if (!_vintages.TryGetValue(key, out var list))
        {
            _vintages[key] = list = [];
        }

        var place = list.Count;
        while (place > 0 && list[place - 1].KnownFrom > vintage.KnownFrom)
        {
            place--;
        }

        if (place == 0 || list[place - 1].KnownFrom != vintage.KnownFrom)
        {
            list.Insert(place, vintage);
        }
    }

    /// <summary>What was known of one observation at a time, that time included.</summary>
    public Known<T> At(TKey key, long time)
    {
        if (!_vintages.TryGetValue(key, out var list))
        {
            return default;
        }

        var (low, high) = (0, list.Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            (low, high) = list[middle].KnownFrom <= time ? (middle + 1, high) : (low, middle);
        }

        return low == 0 || list[low - 1].IsWithdrawn ? default : new Known<T>(true, list[low - 1].KnownFrom, list[low - 1].Value);
    }

    /// <summary>What was known of every observation at a time, in the order of the keys.</summary>
    public IEnumerable<(TKey Key, Known<T> Known)> AsOf(long time) => _vintages.Keys.Select(key => (key, At(key, time)));
}
