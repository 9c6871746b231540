using System.Runtime.InteropServices;
using RiskLake.Contracts;
using RiskLake.Ingest.Silver.Keys;
using RiskLake.Lake;
using RiskLake.Lake.Columns;

namespace RiskLake.Ingest.Silver;

/// <summary>A published run with what silver follows from.</summary>
/// <param name="State">The run.</param>
/// <param name="Place">Its place.</param>
/// <param name="Rules">Rules of its rows.</param>
/// <param name="Index">Its key index, made from its bronze.</param>
internal sealed record FunctionRun(RunState State, Place Place, RowRules Rules, LoadedKeys Index);

/// <summary>What silver and the conflicts of a run must be.</summary>
internal sealed class ExpectedRun
{
    /// <summary>Events that the run owns, by the hour of their records.</summary>
    public Dictionary<int, HashSet<EventId>> Owned { get; } = [];

    /// <summary>Events of which records of the run contradict the owner: contents of those records.</summary>
    public Dictionary<EventId, HashSet<ulong>> Losers { get; } = [];

    public RecordCounts Counts { get; set; }
}

/// <summary>
/// Silver as the function it is: from the present bronze of all published runs of a dataset, their places and row configurations, and
/// from nothing else. It is how a lake is verified, and how one of an earlier version is mended.
/// </summary>
internal static class SilverFunction
{
    /// <summary>What silver and the conflicts of each run must be.</summary>
    /// <param name="lake">The lake.</param>
    /// <param name="runs">The published runs of a dataset.</param>
    public static IReadOnlyDictionary<string, ExpectedRun> Compute(LakeStore lake, IReadOnlyList<FunctionRun> runs)
    {
        var ordered = runs.OrderBy(run => run.Place).ToArray();
        var holders = ordered.Select(run => new Holder(run.State.RunId, run.Rules, hour => BronzeEvents.PathOf(lake, run.State, hour))).ToArray();
        var sameness = new Sameness();
        var records = Events(ordered).Select(all => all.Records.Select(record => (all.At, record.Run, record.Entry)).ToArray());
        sameness.Prepare(holders, records);
        var expected = ordered.ToDictionary(run => run.State.RunId, _ => new ExpectedRun(), StringComparer.Ordinal);
        foreach (var (at, of) in Events(ordered))
        {
            var owner = of[0];
            for (var start = 0; start < of.Count;)
            {
                var run = of[start].Run;
                var end = start;
                while (end < of.Count && of[end].Run == run)
                {
                    end++;
                }

                Judge(at, owner, of, start, end, holders, sameness, expected[ordered[run].State.RunId]);
                start = end;
            }
        }

        return expected;
    }

    /// <summary>The key index of a run, made from its bronze.</summary>
    /// <param name="lake">The lake.</param>
    /// <param name="run">The run.</param>
    /// <param name="contract">Its contract.</param>
    /// <param name="inputs">Names of its inputs, in order.</param>
    /// <param name="staging">Where it is written.</param>
    public static StagedIndex? Index(LakeStore lake, RunState run, Contract contract, IReadOnlyList<string> inputs, StagingContext staging)
    {
        using var keys = new BronzeKeys(new EventDigests(), new NativeBuffer<int>());
        var sources = run.Files.Where(file => file.Layer == Layer.Bronze).OrderBy(file => file.Partition)
            .Select((file, i) => new BronzeSource(lake.Files.Checked(file), file.Partition, i)).ToArray();
        BronzeOrder.Read(contract, sources, inputs, keys);
        using var order = KeyOrder.Make(keys.Digests, Environment.ProcessorCount);
        return RunKeys.Write(staging, order, keys, sources.ToDictionary(source => source.Ordinal, source => source.Partition.HoursSinceEpoch));
    }

    /// <summary>The silver rows of an hour as they must be, in the order of silver.</summary>
    public static RecordBatch Rows(LakeStore lake, FunctionRun run, int hour, HashSet<EventId> owned)
    {
        using var rows = new RecordBatch(SilverStage.Schema(run.Rules.Contract));
        BronzeEvents.Derive(run.Rules, BronzeEvents.PathOf(lake, run.State, hour), run.State.RunId, owned, new KeyWitness(), rows);
        var sorted = new RecordBatch(rows.Schema);
        var order = SilverOrder.Sort(run.Rules.Contract, rows);
        for (var i = 0; i < sorted.Columns.Length; i++)
        {
            sorted.Columns[i].AppendRows(rows.Columns[i], order);
        }

        return sorted;
    }

    /// <summary>Whether a file holds the rows of a batch, in its order, and no others.</summary>
    public static bool Holds(string path, RecordBatch expected)
    {
        using var reader = new ParquetTableReader(path);
        using var batch = new RecordBatch(expected.Schema);
        var offset = 0;
        for (var group = 0; group < reader.RowGroups; group++)
        {
            batch.Clear();
            var count = reader.Read(group, batch);
            for (var row = 0; row < count; row++, offset++)
            {
                if (offset >= expected.RowCount || !IsSame(expected, offset, batch, row))
                {
                    return false;
                }
            }
        }

        return offset == expected.RowCount;
    }

    private static bool IsSame(RecordBatch a, int rowA, RecordBatch b, int rowB)
    {
        for (var i = 0; i < a.Columns.Length; i++)
        {
            if (SilverOrder.Compare(a.Columns[i], rowA, b.Columns[i], rowB) != 0)
            {
                return false;
            }
        }

        return true;
    }

    private static void Judge(
        EventId at, (int Run, KeyEntry Entry) owner, List<(int Run, KeyEntry Entry)> records, int start, int end, Holder[] holders, Sameness sameness,
        ExpectedRun expected)
    {
        var run = records[start].Run;
        var isKnown = run == owner.Run;
        for (var i = start; i < end; i++)
        {
            var entry = records[i].Entry;
            if (run == owner.Run && i == start)
            {
                expected.Counts += new RecordCounts(1, 0, 0, 0);
                (CollectionsMarshal.GetValueRefOrAddDefault(expected.Owned, entry.Hour, out _) ??= []).Add(at);
            }
            else if (!sameness.AreEqual(at, holders[owner.Run], owner.Entry.Content, holders[run], entry.Content))
            {
                expected.Counts += new RecordCounts(0, 0, 0, 1);
                (CollectionsMarshal.GetValueRefOrAddDefault(expected.Losers, at, out _) ??= []).Add(entry.Content);
            }
            else
            {
                expected.Counts += isKnown ? new RecordCounts(0, 1, 0, 0) : new RecordCounts(0, 0, 1, 0);
                isKnown = true;
            }
        }
    }

    /// <summary>Every event with all its records: by place, then in the order of the input.</summary>
    private static IEnumerable<(EventId At, List<(int Run, KeyEntry Entry)> Records)> Events(FunctionRun[] runs)
    {
        foreach (var scope in runs.SelectMany(run => run.Index.Scopes.Select(stretch => stretch.Scope)).Distinct().Order().ToArray())
        {
            var waiting = new PriorityQueue<(int Run, int Position, int End), (ulong Key, int Run)>();
            for (var run = 0; run < runs.Length; run++)
            {
                foreach (var (at, start, end) in runs[run].Index.Scopes)
                {
                    if (at == scope)
                    {
                        waiting.Enqueue((run, start, end), (runs[run].Index.Key(start), run));
                    }
                }
            }

            while (waiting.TryPeek(out _, out var first))
            {
                var records = new List<(int Run, KeyEntry Entry)>();
                while (waiting.TryPeek(out var next, out var at) && at.Key == first.Key)
                {
                    waiting.Dequeue();
                    var index = runs[next.Run].Index;
                    var position = next.Position;
                    while (position < next.End && index.Key(position) == at.Key)
                    {
                        records.Add((next.Run, index.Entries[position++]));
                    }

                    if (position < next.End)
                    {
                        waiting.Enqueue((next.Run, position, next.End), (index.Key(position), next.Run));
                    }
                }

                yield return (new EventId(scope, first.Key), records);
            }
        }
    }
}
