using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using RiskLake.Bronze;
using RiskLake.Columns;
using RiskLake.Contracts;
using RiskLake.Lake;

namespace RiskLake.Silver;

/// <summary>What the silver stage wrote and counted.</summary>
internal sealed class SilverResult
{
    public required IReadOnlyList<StagedFile> Files { get; init; }

    /// <summary>Files sorted as silver is, with the rows of the run's events that are not its own: input of the run's gold.</summary>
    public required IReadOnlyList<string> Feeds { get; init; }

    public required StagedIndex? Index { get; init; }

    public required (long Min, long Max)? IndexedEventTimes { get; init; }

    /// <summary>Greatest event time among the run's deduplicated events; null when it has none.</summary>
    public required long? ValuationTime { get; init; }

    /// <summary>Rows in the run's silver that came from its own bronze.</summary>
    public required long Own { get; init; }

    public required long Duplicates { get; init; }

    public required long Conflicts { get; init; }

    public required long AlreadyPublished { get; init; }

    /// <summary>Events already published, by owning run.</summary>
    public required IReadOnlyDictionary<string, long> Owners { get; init; }

    /// <summary>Rows adopted from other runs' bronze, by run.</summary>
    public required IReadOnlyDictionary<string, long> Adopted { get; init; }

    /// <summary>Distinct keys among the run's bronze rows.</summary>
    public required long Deduplicated { get; init; }

    /// <summary>Late rows among the deduplicated ones.</summary>
    public required long Late { get; init; }
}

/// <summary>Flags of <c>dq_flags</c>. Findings that do not take a row out of silver.</summary>
[Flags]
internal enum QualityFlags : long
{
    None = 0,

    /// <summary>Arrived later than the threshold.</summary>
    Late = 1,

    /// <summary>Arrived before it happened: a clock is wrong.</summary>
    IngestedBeforeEvent = 2,

    /// <summary>Happened while its market was closed, on a day with a session.</summary>
    OutOfSession = 4,

    /// <summary>Happened on a day without a session of its market.</summary>
    NonTradingDay = 8,
}

/// <summary>Writes a run's silver: normalised, each key once, sorted, with window, lateness and flags.</summary>
internal sealed class SilverStage(StagingContext context, SilverOptions options)
{
    public const string WindowStart = "window_start";
    public const string IsLate = "is_late";
    public const string Flags = "dq_flags";
    public const string BronzeRunId = "bronze_run_id";

    private readonly Contract _contract = context.Contract;

    /// <summary>Batches of partitions already written: their memory is used again.</summary>
    private readonly ConcurrentBag<RecordBatch> _batches = [];

    /// <summary>Columns of silver: the contract's fields, normalised, then what the platform adds.</summary>
    public static IReadOnlyList<ColumnSchema> Schema(Contract contract) =>
    [
        .. contract.Fields.Select(field => field.Column),
        new(WindowStart, ColumnType.Timestamp),
        new(IsLate, ColumnType.Boolean, Nullable: true),
        new(Flags, ColumnType.Int64),
        new(BronzeRunId, ColumnType.String),
    ];

    /// <param name="keys">Digests of the run's bronze rows; disposed as soon as they are no longer needed, since they are large.</param>
    /// <param name="bronze">The run's bronze files.</param>
    /// <param name="plan">What becomes of each row.</param>
    /// <param name="adopted">Rows of other runs' bronze that this run adopts.</param>
    public SilverResult Write(BronzeKeys keys, IReadOnlyList<BronzeSource> bronze, SilverPlan plan, AdoptedRows adopted)
    {
        var sources = bronze.ToDictionary(source => source.Partition);
        var hours = sources.Keys.Concat(adopted.Partitions).Distinct().Order().ToArray();
        var verdicts = PartitionVerdicts(keys, plan, bronze);
        var counted = Count(keys, plan, adopted);
        keys.Dispose();
        var written = new WrittenPartition[hours.Length];
        Parallel.For(0, hours.Length, new ParallelOptions { MaxDegreeOfParallelism = options.Threads }, i =>
        {
            var source = sources.GetValueOrDefault(hours[i]);
            written[i] = WritePartition(hours[i], source, source is null ? null : verdicts[source.Ordinal], adopted);
        });
        foreach (var used in verdicts.Values.Cast<IDisposable>().Concat(_batches))
        {
            used.Dispose();
        }

        return Summarise(counted, plan, adopted, written);
    }

    /// <summary>Counts verdicts, and writes the index of the run's keys.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private Counted Count(BronzeKeys keys, SilverPlan plan, AdoptedRows adopted)
    {
        using var silverKeys = new NativeBuffer<ulong>(Math.Max(1, keys.Count));
        using var elsewhere = new NativeBuffer<ulong>();
        long own = 0, duplicates = 0, conflicts = 0, published = 0, deduplicated = 0;
        for (long row = 0; row < plan.Verdicts.Count; row++)
        {
            var verdict = (Verdict)plan.Verdicts[row];
            if (verdict == Verdict.Own)
            {
                own++;
                silverKeys.Add(keys.Digests.Keys[row]);
            }

            duplicates += verdict == Verdict.Duplicate ? 1 : 0;
            conflicts += verdict == Verdict.Conflict ? 1 : 0;
            published += verdict == Verdict.AlreadyPublished ? 1 : 0;
            if (plan.Repeated[row] == 0)
            {
                deduplicated++;
                if (verdict != Verdict.Own)
                {
                    elsewhere.Add(keys.Digests.Keys[row]);
                }
            }
        }

        adopted.AddKeys(silverKeys);
        var index = silverKeys.Count + elsewhere.Count > 0 ? KeyIndexFile.Write(context, silverKeys, elsewhere) : null;
        return new Counted(own, duplicates, conflicts, published, deduplicated, index);
    }

    private SilverResult Summarise(Counted counted, SilverPlan plan, AdoptedRows adopted, WrittenPartition[] written)
    {
        var feeds = written.Select(partition => partition.Feed).OfType<string>().ToList();
        if (plan.ForeignInGold.Count > 0)
        {
            feeds.Add(WriteForeignFeed(plan));
        }

        var valuation = written.Select(partition => partition.LatestEvent).Append(LatestForeign(plan)).Max();
        var ranges = written.Select(partition => partition.EventTimes).OfType<(long Min, long Max)>().ToArray();
        return new SilverResult
        {
            Files = written.Select(partition => partition.File).OfType<StagedFile>().ToArray(),
            Feeds = feeds,
            Index = counted.Index,
            IndexedEventTimes = ranges.Length == 0 ? null : (ranges.Min(range => range.Min), ranges.Max(range => range.Max)),
            ValuationTime = valuation,
            Own = counted.Own,
            Duplicates = counted.Duplicates,
            Conflicts = counted.Conflicts,
            AlreadyPublished = counted.AlreadyPublished,
            Owners = plan.AlreadyPublished,
            Adopted = adopted.CountByRun,
            Deduplicated = counted.Deduplicated,
            Late = written.Sum(partition => partition.Late),
        };
    }

    private long? LatestForeign(SilverPlan plan)
    {
        var times = plan.Foreign.Copies[_contract.EventTime.Name];
        return plan.ForeignInGold.Select(row => (long?)_contract.EventTime.Micros(times.Slot(row))).Max();
    }

    /// <summary>Verdict (low bits) and repetition (bit 4) of each row, in the order of each bronze file.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static Dictionary<int, NativeBuffer<byte>> PartitionVerdicts(BronzeKeys keys, SilverPlan plan, IReadOnlyList<BronzeSource> bronze)
    {
        var result = bronze.ToDictionary(source => source.Ordinal, _ => new NativeBuffer<byte>());
        for (long row = 0; row < keys.Count; row++)
        {
            result[keys.PartitionOfRow[row]].Add((byte)(plan.Verdicts[row] | (plan.Repeated[row] << 4)));
        }

        return result;
    }

    private WrittenPartition WritePartition(PartitionHour hour, BronzeSource? source, NativeBuffer<byte>? verdicts, AdoptedRows adopted)
    {
        if (!_batches.TryTake(out var own))
        {
            own = new RecordBatch(Schema(_contract));
        }

        using var feedBatch = new RecordBatch(Schema(_contract));
        using var owned = new SilverSorter(context, FormattableString.Invariant($"{hour.HoursSinceEpoch}"), own, options.SortBytes);
        using var feed = new SilverSorter(context, FormattableString.Invariant($"feed-{hour.HoursSinceEpoch}"), feedBatch, options.SortBytes);
        var builder = new SilverRows(_contract, options);
        (long Min, long Max)? eventTimes = null;
        if (source is not null)
        {
            using var reader = new ParquetTableReader(source.Path);
            using var batch = new RecordBatch(_contract.Fields.Select(field => field.Column).ToArray());
            var selected = new int[Math.Min(verdicts!.Count, ParquetTableWriter.RowGroupRows)];
            long offset = 0;
            for (var group = 0; group < reader.RowGroups; group++)
            {
                batch.Clear();
                var rows = reader.Read(group, batch);
                var groupVerdicts = verdicts!.Span(offset, rows);
                builder.CountLate(batch, groupVerdicts);
                builder.Append(batch, Select(groupVerdicts, Verdict.Own, selected), context.RunId, own);
                builder.Append(batch, Select(groupVerdicts, Verdict.AlreadyPublished, selected), context.RunId, feedBatch);
                owned.SpillIfFull();
                feed.SpillIfFull();
                eventTimes = SilverRows.Widen(eventTimes, _contract.EventTime, batch[_contract.EventTime.Name]);
                offset += rows;
            }
        }

        // What is adopted counts for the range of the index, but is not among the run's own events.
        owned.Measure();
        var latest = owned.EventTimes?.Max;
        adopted.AppendTo(own, hour, builder);
        using var table = owned.Write();
        var file = table?.Seal(hour);
        own.Clear();
        _batches.Add(own);
        using var feedTable = feed.Write();
        feedTable?.Seal(hour);
        latest = new[] { latest, feed.EventTimes?.Max }.Max();
        eventTimes = Join(eventTimes, owned.EventTimes);
        return new WrittenPartition(file, feedTable?.Path, builder.Late, eventTimes, latest);
    }

    private static ReadOnlySpan<int> Select(ReadOnlySpan<byte> verdicts, Verdict wanted, int[] rows)
    {
        var count = 0;
        for (var i = 0; i < verdicts.Length; i++)
        {
            // An equal repeat of a key whose first row is a conflict is already published too, but the owner's version feeds gold once.
            var isWanted = (Verdict)(verdicts[i] & 0x0F) == wanted && (wanted == Verdict.Own || verdicts[i] >> 4 == 0);
            rows[count] = i;
            count += isWanted ? 1 : 0;
        }

        return rows.AsSpan(0, count);
    }

    private static (long Min, long Max)? Join((long Min, long Max)? one, (long Min, long Max)? other) =>
        one is { } a && other is { } b ? (Math.Min(a.Min, b.Min), Math.Max(a.Max, b.Max)) : one ?? other;

    private string WriteForeignFeed(SilverPlan plan)
    {
        using var rows = new RecordBatch(Schema(_contract));
        var builder = new SilverRows(_contract, options);
        builder.Append(plan.Foreign.Copies, plan.ForeignInGold.ToArray(), context.RunId, rows);
        using var sorter = new SilverSorter(context, "feed-foreign", rows, options.SortBytes);
        using var table = sorter.Write()!;
        table.Seal(default);
        return table.Path;
    }

    private sealed record Counted(long Own, long Duplicates, long Conflicts, long AlreadyPublished, long Deduplicated, StagedIndex? Index);

    private sealed record WrittenPartition(StagedFile? File, string? Feed, long Late, (long Min, long Max)? EventTimes, long? LatestEvent);
}
