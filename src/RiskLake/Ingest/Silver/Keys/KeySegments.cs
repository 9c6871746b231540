using System.Buffers.Binary;
using System.Runtime.InteropServices;
using RiskLake.Contracts;
using RiskLake.Lake;

namespace RiskLake.Ingest.Silver.Keys;

/// <summary>
/// Key digests of many runs in few files, so that asking who holds a key costs about the same in a lake of ten runs and of ten thousand.
/// A segment covers the indexes that came into force in a stretch of lake versions; eight of one level become one of the next. What it
/// says is a hint: a run named by it counts only if its present index is one that the segment covers.
/// </summary>
internal sealed class KeySegments(LakeStore lake, LakeSnapshot snapshot, string dataset)
{
    private const int Tier = 8;
    private const int EntryBytes = 12;

    /// <summary>Larger segments are not merged further: what merging them would save is little beside reading them.</summary>
    private const long MostEntries = 1L << 27;

    /// <summary>The segments in force, oldest first.</summary>
    public IReadOnlyList<KeySegment> All { get; } = [.. snapshot.Segments.Where(segment => segment.Dataset == dataset)];

    /// <summary>Published runs whose index no segment covers.</summary>
    public IEnumerable<RunState> Uncovered => snapshot.Runs.Values.Where(run => IsHolder(run) && !All.Any(segment => Covers(segment, run.KeyIndex!)));

    /// <summary>Tells which runs hold keys, as far as the segments know.</summary>
    /// <param name="keys">What to look for.</param>
    /// <param name="found">Hears of each position and run; the run's own index has the last word.</param>
    /// <param name="shift">Number that is added to the scopes of the keys.</param>
    public void Find(IKeyList keys, Action<int, RunState> found, int shift)
    {
        foreach (var segment in All)
        {
            using var file = new KeyFileReader(lake.Paths.Absolute(segment.File.Path), segment.File);
            var runs = file.Names.Select(name => Covered(segment, name)).ToArray();
            KeyProbe.Find(
                keys, file, EntryBytes,
                (position, entry) =>
                {
                    if (runs[BinaryPrimitives.ReadInt32LittleEndian(entry[8..])] is { } run)
                    {
                        found(position, run);
                    }
                },
                shift);
        }
    }

    /// <summary>Merges what is due: eight indexes to a segment, eight segments of a level to one of the next. Empty when nothing is.</summary>
    public IReadOnlyList<StagedSegment> Merge(StagingContext context)
    {
        var pending = Uncovered.OrderBy(run => run.RunId, StringComparer.Ordinal).ToArray();
        if (pending.Length < Tier)
        {
            return [];
        }

        var merged = new List<KeySegment>();
        var (level, entries) = (1, pending.Sum(run => run.KeyIndex!.Keys));
        for (; ; level++)
        {
            var rest = All.SkipLast(merged.Count).Reverse().TakeWhile(segment => segment.Level == level).Take(Tier - 1).ToArray();
            if (rest.Length < Tier - 1 || entries + rest.Sum(segment => segment.File.Keys) > MostEntries)
            {
                break;
            }

            merged.InsertRange(0, rest.Reverse());
            entries += rest.Sum(segment => segment.File.Keys);
        }

        var from = merged.Count > 0 ? merged[0].From : (All.Count == 0 ? 0 : All[^1].To) + 1;
        return [new StagedSegment(dataset, level, from, snapshot.Version, Write(context, pending, merged), merged)];
    }

    private StagedIndex Write(StagingContext context, RunState[] pending, List<KeySegment> merged)
    {
        var path = Path.Combine(context.Folder, "segment");
        return LakeStore.Guard(path, () =>
        {
            var sources = new List<Source>();
            try
            {
                sources.AddRange(pending.Select(run => new Source(
                    new KeyFileReader(lake.Paths.Absolute(run.KeyIndex!.Path), run.KeyIndex), RunKeys.EntryBytes, [run.RunId])));
                foreach (var segment in merged)
                {
                    var reader = new KeyFileReader(lake.Paths.Absolute(segment.File.Path), segment.File);
                    sources.Add(new Source(reader, EntryBytes, [.. reader.Names.Select(name => Covered(segment, name)?.RunId)]));
                }

                using var writer = new KeyFileWriter(path, EntryBytes);
                return RunKeys.Seal(context, writer, Merge(sources, writer));
            }
            finally
            {
                sources.ForEach(source => source.Reader.Dispose());
            }
        });
    }

    /// <summary>Writes each key with each run that holds it; returns what the numbers of runs stand for.</summary>
    private static string[] Merge(List<Source> sources, KeyFileWriter writer)
    {
        var names = sources.SelectMany(source => source.Runs).OfType<string>().Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).ToArray();
        var numbers = names.Select((name, i) => (name, i)).ToDictionary(pair => pair.name, pair => pair.i, StringComparer.Ordinal);
        sources.ForEach(source => source.Number(numbers));
        Span<byte> entry = stackalloc byte[EntryBytes];
        foreach (var scope in sources.SelectMany(source => source.Reader.Sections.Select(section => section.Scope)).Distinct().Order().ToArray())
        {
            var waiting = new PriorityQueue<Source, (ulong Key, int Run)>();
            var keys = 0L;
            foreach (var source in sources.Where(source => source.Enter(scope)))
            {
                keys += source.Left;
                waiting.Enqueue(source, source.At);
            }

            (ulong Key, int Run)? last = null;
            if (waiting.Count > 0)
            {
                writer.Begin(scope, keys);
            }

            while (waiting.TryPeek(out var source, out var at))
            {
                if (last != at)
                {
                    BinaryPrimitives.WriteUInt64LittleEndian(entry, at.Key);
                    BinaryPrimitives.WriteInt32LittleEndian(entry[8..], at.Run);
                    writer.Add(entry);
                    last = at;
                }

                if (source.MoveNext())
                {
                    waiting.DequeueEnqueue(source, source.At);
                }
                else
                {
                    waiting.Dequeue();
                }
            }
        }

        return names;
    }

    private bool IsHolder(RunState run) => run is { IsPublished: true, KeyIndex: not null } && run.Dataset == dataset;

    private static bool Covers(KeySegment segment, KeyIndex index) => index.AddedVersion >= segment.From && index.AddedVersion <= segment.To;

    /// <summary>The run a segment names, if the segment covers its present index.</summary>
    private RunState? Covered(KeySegment segment, string runId) =>
        snapshot.Runs.TryGetValue(runId, out var run) && IsHolder(run) && Covers(segment, run.KeyIndex!) ? run : null;

    /// <summary>A file that is merged, entry by entry; entries of runs that no longer count are passed over.</summary>
    private sealed class Source(KeyFileReader reader, int entryBytes, IReadOnlyList<string?> runs)
    {
        private int[] _numbers = [];
        private KeySection _section;
        private int _block;
        private int _offset;

        public KeyFileReader Reader { get; } = reader;

        public IReadOnlyList<string?> Runs { get; } = runs;

        public long Left => _section.Entries;

        public (ulong Key, int Run) At { get; private set; }

        public void Number(Dictionary<string, int> numbers) => _numbers = [.. Runs.Select(run => run is null ? -1 : numbers[run])];

        /// <summary>Goes to the first entry of a scope; false when there is none.</summary>
        public bool Enter(int scope)
        {
            if (Reader.Section(scope) is not { } section)
            {
                return false;
            }

            (_section, _block, _offset) = (section, 0, 0);
            return MoveNext();
        }

        public bool MoveNext()
        {
            for (; _block < _section.Blocks; (_block, _offset) = (_block + 1, 0))
            {
                var bytes = Reader.Block(_section, _block);
                while (_offset < bytes.Length)
                {
                    var entry = bytes.Slice(_offset, entryBytes);
                    _offset += entryBytes;
                    var run = _numbers[entryBytes == EntryBytes ? MemoryMarshal.Read<int>(entry[8..]) : 0];
                    if (run >= 0)
                    {
                        At = (BinaryPrimitives.ReadUInt64LittleEndian(entry), run);
                        return true;
                    }
                }
            }

            return false;
        }
    }
}
