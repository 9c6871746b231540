using System.Runtime.InteropServices;
using RiskLake.Lake;

namespace RiskLake.Ingest.Silver.Keys;

/// <summary>A record of another run whose event is among those looked for.</summary>
/// <param name="Position">Position in the list that was searched for: the first of its event.</param>
/// <param name="Run">Number of the run among the holders, in the order of their places.</param>
/// <param name="Entry">The record.</param>
internal readonly record struct Held(int Position, int Run, KeyEntry Entry);

/// <summary>The other published runs that hold events of a run, and their records of those events.</summary>
internal sealed class Holders
{
    private Holders(RunState[] runs, Held[] records)
    {
        Runs = runs;
        Records = records;
    }

    /// <summary>The runs, in the order of their places.</summary>
    public IReadOnlyList<RunState> Runs { get; }

    /// <summary>Their records: by position, then place, then the order of the run's input.</summary>
    public Held[] Records { get; }

    /// <param name="lake">The lake.</param>
    /// <param name="snapshot">The version to look at.</param>
    /// <param name="dataset">Dataset of the runs.</param>
    /// <param name="except">The run that asks.</param>
    /// <param name="keys">What to look for.</param>
    /// <param name="shift">Number that is added to the scopes of the keys: 1 looks into the scope after, -1 into the one before.</param>
    public static Holders Find(LakeStore lake, LakeSnapshot snapshot, string dataset, string except, IKeyList keys, int shift = 0)
    {
        var byRun = new Dictionary<string, (RunState State, List<(int Position, KeyEntry Entry)> Records)>(StringComparer.Ordinal);
        if (keys.Scopes.Count > 0)
        {
            var segments = new KeySegments(lake, snapshot, dataset);
            foreach (var run in segments.Uncovered.Where(run => !IsSame(run, except)))
            {
                Probe(run, keys, position => position, shift);
            }

            var named = new Dictionary<string, (RunState State, List<int> Positions)>(StringComparer.Ordinal);
            segments.Find(keys, (position, run) => Name(named, run, position), shift);
            foreach (var (_, (run, positions)) in named)
            {
                Probe(run, new SubsetKeys(keys, positions), position => positions[position], shift);
            }
        }

        var runs = byRun.Values.Where(run => run.Records.Count > 0).OrderBy(run => run.State.Place).ToArray();
        return new Holders([.. runs.Select(run => run.State)], Sort(runs.Select(run => run.Records).ToArray()));

        void Name(Dictionary<string, (RunState State, List<int> Positions)> known, RunState run, int position)
        {
            if (!IsSame(run, except))
            {
                ref var entry = ref CollectionsMarshal.GetValueRefOrAddDefault(known, run.RunId, out var exists);
                entry = exists ? entry : (run, []);
                entry.Positions.Add(position);
            }
        }

        void Probe(RunState run, IKeyList list, Func<int, int> positionOf, int by)
        {
            using var file = new KeyFileReader(lake.Paths.Absolute(run.KeyIndex!.Path), run.KeyIndex);
            var records = new List<(int, KeyEntry)>();
            KeyProbe.Find(list, file, RunKeys.EntryBytes, (position, entry) => records.Add((positionOf(position), MemoryMarshal.Read<KeyEntry>(entry))), by);
            byRun.Add(run.RunId, (run, records));
        }
    }

    private static bool IsSame(RunState run, string runId) => string.Equals(run.RunId, runId, StringComparison.OrdinalIgnoreCase);

    private static Held[] Sort(IReadOnlyList<(int Position, KeyEntry Entry)>[] runs)
    {
        var records = new Held[runs.Sum(run => run.Count)];
        var order = new long[records.Length];
        var next = 0;
        for (var run = 0; run < runs.Length; run++)
        {
            foreach (var (position, entry) in runs[run])
            {
                order[next] = ((long)position << 32) | (uint)next;
                records[next++] = new Held(position, run, entry);
            }
        }

        // Records were added by run and in the order of its input, so that the number is the rest of the order.
        Array.Sort(order, records);
        return records;
    }
}

/// <summary>Some positions of a list of keys.</summary>
internal sealed class SubsetKeys : IKeyList
{
    private readonly IKeyList _all;
    private readonly IReadOnlyList<int> _positions;

    /// <param name="all">The list.</param>
    /// <param name="positions">Positions in it, rising.</param>
    public SubsetKeys(IKeyList all, IReadOnlyList<int> positions)
    {
        (_all, _positions) = (all, positions);
        var scopes = new List<(int Scope, int Start, int End)>();
        var at = 0;
        foreach (var (scope, _, end) in all.Scopes)
        {
            var start = at;
            while (at < positions.Count && positions[at] < end)
            {
                at++;
            }

            if (at > start)
            {
                scopes.Add((scope, start, at));
            }
        }

        Scopes = scopes;
    }

    public IReadOnlyList<(int Scope, int Start, int End)> Scopes { get; }

    public int PositionOf(int position) => _positions[position];

    public ulong Key(int position) => _all.Key(_positions[position]);
}
