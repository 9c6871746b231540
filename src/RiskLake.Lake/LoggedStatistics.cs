using System.Collections;
using RiskLake.Lake.Columns;

namespace RiskLake.Lake;

/// <summary>Fetches statistics that stand in the log.</summary>
internal interface IStatisticsSource
{
    /// <summary>Statistics of the files that an entry adds, in their order.</summary>
    IReadOnlyList<IReadOnlyList<ColumnStatistics>> Statistics(long version);
}

/// <summary>Statistics of one file, fetched from the entry that added it when first asked for: most readers never ask.</summary>
internal sealed class LoggedStatistics(IStatisticsSource source, long version, int index) : IReadOnlyList<ColumnStatistics>
{
    private IReadOnlyList<ColumnStatistics>? _columns;

    public int Count => Columns.Count;

    /// <summary>The file's position among those its entry adds.</summary>
    public int Index => index;

    private IReadOnlyList<ColumnStatistics> Columns => _columns ??= source.Statistics(version)[index];

    public ColumnStatistics this[int position] => Columns[position];

    public IEnumerator<ColumnStatistics> GetEnumerator() => Columns.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
