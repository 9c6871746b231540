using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using RiskLake.Contracts;
using RiskLake.Ingest.Bronze;
using RiskLake.Ingest.Silver.Keys;
using RiskLake.Lake;
using RiskLake.Lake.Columns;

namespace RiskLake.Ingest.Silver;

/// <summary>What the silver stage wrote and counted.</summary>
internal sealed class SilverResult
{
    public required IReadOnlyList<StagedFile> Files { get; init; }

    /// <summary>A file sorted as silver is, with the rows of the run's events that others own: with silver, what the run's gold is made of.</summary>
    public required string? Feed { get; init; }

    public required StagedIndex? Index { get; init; }

    public required (long Min, long Max)? IndexedEventTimes { get; init; }

    /// <summary>Greatest event time among the run's deduplicated events; null when it has none.</summary>
    public required long? ValuationTime { get; init; }

    /// <summary>What became of the run's records.</summary>
    public required RecordCounts Counts { get; init; }

    /// <summary>Records that contradict an event of another run, by owning run.</summary>
    public required IReadOnlyDictionary<string, long> ConflictsWith { get; init; }

    /// <summary>Events already published, by owning run.</summary>
    public required IReadOnlyDictionary<string, long> Owners { get; init; }

    /// <summary>Distinct keys among the run's bronze rows.</summary>
    public required long Deduplicated { get; init; }

    /// <summary>Those of them that are already published.</summary>
    public required long DeduplicatedKnown { get; init; }

    /// <summary>Late rows among the deduplicated ones.</summary>
    public required long Late { get; init; }

    /// <summary>Late rows among the deduplicated ones that are not already published.</summary>
    public required long LateNew { get; init; }
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
    /// <param name="order">The rows in the order of their keys; disposed likewise.</param>
    /// <param name="bronze">The run's bronze files.</param>
    /// <param name="plan">What becomes of each row.</param>
    /// <param name="feed">Writes the rows of the run's events that others own; gets the greatest event time among them back.</param>
    public SilverResult Write(BronzeKeys keys, KeyOrder order, IReadOnlyList<BronzeSource> bronze, SilverPlan plan, (string Path, long Latest)? feed)
    {
        var verdicts = PartitionVerdicts(keys, plan, bronze);
        var index = RunKeys.Write(context, order, keys, bronze.ToDictionary(source => source.Ordinal, source => source.Partition.HoursSinceEpoch));
        order.Dispose();
        keys.Dispose();
        var hours = bronze.OrderBy(source => source.Partition).ToArray();
        var written = new WrittenPartition[hours.Length];
        Parallel.For(0, hours.Length, new ParallelOptions { MaxDegreeOfParallelism = options.Threads }, i =>
        {
            written[i] = WritePartition(hours[i], verdicts[hours[i].Ordinal]);
        });
        foreach (var used in verdicts.Values.Cast<IDisposable>().Concat(_batches))
        {
            used.Dispose();
        }

        return Summarise(plan, index, feed, written);
    }

    private static SilverResult Summarise(SilverPlan plan, StagedIndex? index, (string Path, long Latest)? feed, WrittenPartition[] written)
    {
        var counts = default(RecordCounts);
        var (deduplicated, known) = (0L, 0L);
        for (long row = 0; row < plan.Verdicts.Count; row++)
        {
            var verdict = (Verdict)plan.Verdicts[row];
            counts += verdict switch
            {
                Verdict.Own => new RecordCounts(1, 0, 0, 0),
                Verdict.Duplicate => new(0, 1, 0, 0),
                Verdict.AlreadyPublished => new(0, 0, 1, 0),
                _ => new(0, 0, 0, 1),
            };
            deduplicated += plan.Repeated[row] == 0 ? 1 : 0;
            known += plan.Repeated[row] == 0 && verdict == Verdict.AlreadyPublished ? 1 : 0;
        }

        var ranges = written.Select(partition => partition.EventTimes).OfType<(long Min, long Max)>().ToArray();
        return new SilverResult
        {
            Files = written.Select(partition => partition.File).OfType<StagedFile>().ToArray(),
            Feed = feed?.Path,
            Index = index,
            IndexedEventTimes = ranges.Length == 0 ? null : (ranges.Min(range => range.Min), ranges.Max(range => range.Max)),
            ValuationTime = written.Select(partition => partition.LatestEvent).Append(feed?.Latest).Max(),
            Counts = counts,
            ConflictsWith = plan.ConflictsWith,
            Owners = plan.AlreadyPublished,
            Deduplicated = deduplicated,
            DeduplicatedKnown = known,
            Late = written.Sum(partition => partition.Late),
            LateNew = written.Sum(partition => partition.LateNew),
        };
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

    private WrittenPartition WritePartition(BronzeSource source, NativeBuffer<byte> verdicts)
    {
        if (!_batches.TryTake(out var own))
        {
            own = new RecordBatch(Schema(_contract));
        }

        using var owned = new SilverSorter(context, FormattableString.Invariant($"{source.Partition.HoursSinceEpoch}"), own, options.SortBytes);
        var builder = new SilverRows(_contract, options);
        (long Min, long Max)? eventTimes = null;
        using var reader = new ParquetTableReader(source.Path);
        using var batch = new RecordBatch(_contract.Fields.Select(field => field.Column).ToArray());
        var selected = new int[Math.Min(verdicts.Count, ParquetTableWriter.RowGroupRows)];
        long offset = 0;
        for (var group = 0; group < reader.RowGroups; group++)
        {
            batch.Clear();
            var rows = reader.Read(group, batch);
            var groupVerdicts = verdicts.Span(offset, rows);
            builder.CountLate(batch, groupVerdicts);
            builder.Append(batch, Select(groupVerdicts, selected), context.RunId, own);
            owned.SpillIfFull();
            eventTimes = SilverRows.Widen(eventTimes, _contract.EventTime, batch[_contract.EventTime.Name]);
            offset += rows;
        }

        using var table = owned.Write();
        var file = table?.Seal(source.Partition);
        own.Clear();
        _batches.Add(own);
        return new WrittenPartition(file, builder.Late, builder.LateNew, eventTimes, owned.EventTimes?.Max);
    }

    private static ReadOnlySpan<int> Select(ReadOnlySpan<byte> verdicts, int[] rows)
    {
        var count = 0;
        for (var i = 0; i < verdicts.Length; i++)
        {
            rows[count] = i;
            count += (Verdict)(verdicts[i] & 0x0F) == Verdict.Own ? 1 : 0;
        }

        return rows.AsSpan(0, count);
    }

    private sealed record WrittenPartition(StagedFile? File, long Late, long LateNew, (long Min, long Max)? EventTimes, long? LatestEvent);
}
