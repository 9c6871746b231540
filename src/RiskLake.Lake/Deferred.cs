namespace RiskLake.Lake;

/// <summary>A list made when first asked for.</summary>
internal sealed class Deferred<T>(Func<IReadOnlyList<T>> make) : IReadOnlyList<T>
{
    private IReadOnlyList<T>? _items;

    public int Count => Items.Count;

    private IReadOnlyList<T> Items => _items ??= make();

    public T this[int index] => Items[index];

    public IEnumerator<T> GetEnumerator() => Items.GetEnumerator();

    System.Collections.IEnumerator System.Collections.IEnumerable.GetEnumerator() => GetEnumerator();
}

/// <summary>A log entry of a format this build does not know.</summary>
internal sealed class NewerFormatException(int version) : Exception(FormattableString.Invariant($"format version {version}"))
{
    public int Version { get; } = version;
}
