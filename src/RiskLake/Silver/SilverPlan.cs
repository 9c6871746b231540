using RiskLake.Columns;
using RiskLake.Contracts;
using RiskLake.Lake;

namespace RiskLake.Silver;

/// <summary>A bronze file whose rows the silver stage reads, and its number in <see cref="BronzeKeys.PartitionOfRow"/>.</summary>
internal sealed record BronzeSource(string Path, PartitionHour Partition, int Ordinal);

/// <summary>What the silver stage needs beside the bronze rows.</summary>
internal sealed record SilverOptions
{
    /// <summary>Rows are late when they came later than this after the event; null where lateness is not applicable.</summary>
    public required long? LateMicros { get; init; }

    /// <summary>Width of <c>window_start</c>, in microseconds.</summary>
    public required long WindowMicros { get; init; }

    public required int Threads { get; init; }

    /// <summary>Bytes of rows of a partition that are sorted in memory; more are sorted by way of scratch files.</summary>
    public long SortBytes { get; init; } = SilverSorter.DefaultBudget;

    /// <summary>Who else has findings about rows; null where nobody has.</summary>
    public IRowFlags? Flags { get; init; }
}

/// <summary>Finds out what a row alone does not tell, and adds it to the row's flags. Used by several threads at once.</summary>
internal interface IRowFlags
{
    /// <summary>Adds to the flags of the rows from <paramref name="start"/> on.</summary>
    void Mark(RecordBatch silver, int start);
}

/// <summary>The version of a key that another run's silver holds.</summary>
/// <param name="Run">Position among the candidates.</param>
/// <param name="Content">Digest of its content.</param>
/// <param name="CopyRow">Row in <see cref="ForeignVersions.Copies"/>, or -1 when no copy was needed.</param>
internal readonly record struct ForeignVersion(int Run, ulong Content, int CopyRow);

/// <summary>Why a row is a conflict: the version that stands.</summary>
/// <param name="OwnRow">Row of this run that owns the key, or -1.</param>
/// <param name="ForeignCopy">Row in <see cref="ForeignVersions.Copies"/> that owns the key, or -1.</param>
internal readonly record struct Standing(int OwnRow, int ForeignCopy);

/// <summary>What becomes of each bronze row of a run, and which events of other runs it meets.</summary>
internal sealed class SilverPlan : IDisposable
{
    public required NativeBuffer<byte> Verdicts { get; init; }

    /// <summary>1 for rows that repeat a key of an earlier row of the run.</summary>
    public required NativeBuffer<byte> Repeated { get; init; }

    /// <summary>Rows that conflict, with the version that stands instead.</summary>
    public required IReadOnlyDictionary<int, Standing> Conflicts { get; init; }

    /// <summary>Silver rows of other runs that stand against rows of this run.</summary>
    public required ForeignVersions Foreign { get; init; }

    /// <summary>Rows of <see cref="Foreign"/> whose key is among this run's deduplicated keys: they take part in the run's gold.</summary>
    public required IReadOnlyList<int> ForeignInGold { get; init; }

    /// <summary>Events already published, by owning run.</summary>
    public required IReadOnlyDictionary<string, long> AlreadyPublished { get; init; }

    public void Dispose()
    {
        Verdicts.Dispose();
        Repeated.Dispose();
        Foreign.Dispose();
    }
}

/// <summary>Copies of other runs' silver rows: the contract's fields, normalised.</summary>
internal sealed class ForeignVersions(RecordBatch copies) : IDisposable
{
    private readonly List<int> _runs = [];

    public RecordBatch Copies { get; } = copies;

    /// <summary>Position of the owning run among the candidates, for each copy.</summary>
    public IReadOnlyList<int> Runs => _runs;

    public int Add(RecordBatch source, int row, int run)
    {
        Copies.AppendFrom(source, row);
        _runs.Add(run);
        return Copies.RowCount - 1;
    }

    public void Dispose() => Copies.Dispose();
}
