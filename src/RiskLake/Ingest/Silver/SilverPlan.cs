using RiskLake.Contracts;
using RiskLake.Lake;
using RiskLake.Lake.Columns;

namespace RiskLake.Ingest.Silver;

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

/// <summary>The rules under which silver rows of a run are derived from its bronze.</summary>
/// <param name="Sha256">Digest by which the lake keeps them.</param>
/// <param name="Contract">Contract of the run's records.</param>
/// <param name="Making">Makes the options when they are first asked for: calendars are not built for a comparison.</param>
internal sealed record RowRules(string Sha256, Contract Contract, Lazy<SilverOptions> Making)
{
    /// <summary>Lateness, window, flags.</summary>
    public SilverOptions Options => Making.Value;
}

/// <summary>An event by scope and key digest.</summary>
internal readonly record struct EventId(int Scope, ulong Key)
{
    /// <summary>Both in one number.</summary>
    public ulong Digest => Key ^ ((ulong)(uint)Scope * 0x9E37_79B9_7F4A_7C15);
}

/// <summary>An event of the run that another run owns.</summary>
/// <param name="Owner">The owner, by its number among <see cref="SilverPlan.Holders"/>.</param>
/// <param name="Hour">Hour of the owner's record.</param>
/// <param name="Event">The event.</param>
/// <param name="IsContradicted">Whether a record of the run has another content.</param>
internal readonly record struct ForeignEvent(int Owner, int Hour, EventId Event, bool IsContradicted);

/// <summary>What a publication changes of another run.</summary>
internal sealed class Touch
{
    /// <summary>Change of the run's counts.</summary>
    public RecordCounts Counts { get; set; }

    /// <summary>Events that leave the run's silver, by hour.</summary>
    public Dictionary<int, HashSet<EventId>> Lost { get; } = [];

    /// <summary>Events that come into the run's silver, by hour.</summary>
    public Dictionary<int, HashSet<EventId>> Gained { get; } = [];

    /// <summary>Events of which other records than before contradict the owner's: contents of those that do now.</summary>
    public Dictionary<EventId, HashSet<ulong>> Conflicts { get; } = [];

    /// <summary>Hours of the run's records of <see cref="Conflicts"/>.</summary>
    public HashSet<int> ConflictHours { get; } = [];

    /// <summary>Records that contradict the owner now and did not before.</summary>
    public long NewConflicts { get; set; }

    /// <summary>Records that contradicted the owner before and do not now.</summary>
    public long SettledConflicts { get; set; }

    /// <summary>Whether a silver row of the run's events changes, its own or another's.</summary>
    public bool IsMoved { get; set; }

    /// <summary>Whether anything changes that a log entry would say.</summary>
    public bool IsChange => IsMoved || Counts != default || Conflicts.Count > 0;
}

/// <summary>What becomes of each bronze row of a run, which events of other runs it meets, and what it changes of those runs.</summary>
internal sealed class SilverPlan : IDisposable
{
    /// <summary>A <see cref="Verdict"/> for each row, in the order of the input.</summary>
    public required NativeBuffer<byte> Verdicts { get; init; }

    /// <summary>1 for rows that repeat an event of an earlier row of the run.</summary>
    public required NativeBuffer<byte> Repeated { get; init; }

    /// <summary>Other runs that hold events of this one, in the order of their places.</summary>
    public required IReadOnlyList<RunState> Holders { get; init; }

    /// <summary>Events of the run that others own: with the run's own silver they are what its gold is made of.</summary>
    public required IReadOnlyList<ForeignEvent> Foreign { get; init; }

    /// <summary>Records already published, by owning run.</summary>
    public required IReadOnlyDictionary<string, long> AlreadyPublished { get; init; }

    /// <summary>Records that contradict an event of another run, by owning run.</summary>
    public required IReadOnlyDictionary<string, long> ConflictsWith { get; init; }

    /// <summary>What changes of other runs, by run id.</summary>
    public required IReadOnlyDictionary<string, Touch> Touches { get; init; }

    /// <summary>Events whose key occurs in a neighbouring scope too, in this run or in the lake.</summary>
    public required long NeighbouringKeys { get; init; }

    /// <summary>Rows of the run that own an event of which other records are conflicts: their keys are held against each other.</summary>
    public required IReadOnlyList<int> WitnessRows { get; init; }

    /// <summary>Records of the run that contradict an event of another run.</summary>
    public long LakeConflicts => ConflictsWith.Values.Sum();

    /// <summary>Records of other runs that the publication turns into conflicts.</summary>
    /// <param name="corrected">The run that is corrected: it counts apart.</param>
    public long Displaced(string? corrected) => Touches.Where(touch => touch.Key != corrected).Sum(touch => touch.Value.NewConflicts);

    public void Dispose()
    {
        Verdicts.Dispose();
        Repeated.Dispose();
    }
}
