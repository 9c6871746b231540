using RiskLake.Columns;
using RiskLake.Contracts;
using RiskLake.Errors;
using RiskLake.Lake;

namespace RiskLake.Silver;

/// <summary>
/// Decides, for each bronze row of a run, whether the run owns its key. A key is the run's unless another run's silver holds it at the
/// snapshot; the first row of a key stands for the run.
/// </summary>
/// <param name="contract">Contract of the records.</param>
/// <param name="lake">The lake.</param>
/// <param name="snapshot">The version to decide against.</param>
/// <param name="runId">The run.</param>
/// <param name="sharesNothing">Tells of a run that it is known to share no key with this one; null knows of none.</param>
internal sealed class Ownership(Contract contract, LakeStore lake, LakeSnapshot snapshot, string runId, Func<RunState, bool>? sharesNothing = null)
{
    private readonly IReadOnlyList<ColumnSchema> _fields = contract.Fields.Select(field => field.Column with { Nullable = true }).ToArray();
    private readonly List<(int Row, ForeignVersion Version)> _others = [];
    private RunState[] _candidates = [];

    /// <summary>Runs that own the keys <see cref="ForeignVersion.Run"/> names.</summary>
    public IReadOnlyList<RunState> Candidates => _candidates;

    /// <param name="keys">Digests of the run's bronze rows in the order of the input.</param>
    /// <param name="bronze">The run's bronze files.</param>
    /// <param name="eventTimes">Smallest and greatest event time of the run's bronze; null when it has no rows.</param>
    /// <param name="threads">How many threads may work.</param>
    public SilverPlan Decide(BronzeKeys keys, IReadOnlyList<BronzeSource> bronze, (long Min, long Max)? eventTimes, int threads)
    {
        var foreignKeys = LoadCandidates(eventTimes);
        using var found = Deduplication.Find(keys.Digests.Keys, foreignKeys, threads);
        foreach (var foreign in foreignKeys)
        {
            foreign.Keys.Dispose();
        }

        var contents = keys.Digests.Contents;
        var copies = new ForeignVersions(new RecordBatch(_fields));
        var versions = ReadForeign(found, contents, copies, eventTimes);
        var exact = FetchDisputed(found, contents, versions, keys, bronze);
        DropBeyondLookback(versions, copies, exact);
        return Judge(keys, found, versions, copies, exact);
    }

    private List<ForeignKeys> LoadCandidates((long Min, long Max)? eventTimes)
    {
        if (eventTimes is not { } range)
        {
            return [];
        }

        var lookback = (long)contract.Lookback.TotalMicroseconds;
        _candidates = snapshot.Runs.Values
            .Where(run => !string.Equals(run.RunId, runId, StringComparison.OrdinalIgnoreCase))
            .Where(run => run.Dataset == contract.Dataset && run.KeyIndex is not null && sharesNothing?.Invoke(run) != true)
            .Where(run => run.EventTimeMax >= range.Min - lookback && run.EventTimeMin <= range.Max + lookback)
            .OrderBy(run => run.RunId, StringComparer.Ordinal)
            .ToArray();
        var loaded = new List<ForeignKeys>();
        for (var i = 0; i < _candidates.Length; i++)
        {
            var keys = new NativeBuffer<ulong>();
            KeyIndexFile.Read(Path.Combine(lake.Root, _candidates[i].KeyIndex!.Path), keys, null);
            loaded.Add(new ForeignKeys(i, keys));
        }

        return loaded;
    }

    /// <summary>Reads the silver rows behind the hits and keeps copies of those that differ from what this run holds.</summary>
    private Dictionary<int, ForeignVersion> ReadForeign(
        Deduplication found, NativeBuffer<ulong> contents, ForeignVersions copies, (long Min, long Max)? eventTimes)
    {
        var versions = new Dictionary<int, ForeignVersion>();
        if (found.Hits.Count == 0)
        {
            return versions;
        }

        var differing = found.Repeats.Where(repeat => contents[repeat.Row] != contents[repeat.First]).Select(repeat => repeat.First).ToHashSet();
        var hasher = new EventHasher(contract);
        foreach (var hits in found.Hits.GroupBy(hit => hit.Run))
        {
            using var table = new KeyTable(1024);
            foreach (var hit in hits)
            {
                table.FindOrAdd(hit.Key, hit.Row);
            }

            using var batch = new RecordBatch(_fields);
            foreach (var file in SilverFiles(_candidates[hits.Key], eventTimes!.Value))
            {
                using var reader = new ParquetTableReader(Path.Combine(lake.Root, file.DeltaPath));
                for (var group = 0; group < reader.RowGroups; group++)
                {
                    batch.Clear();
                    reader.Read(group, batch);
                    using var digests = new EventDigests();
                    hasher.Add(batch, digests);
                    for (var row = 0; row < batch.RowCount; row++)
                    {
                        if (table.Find(digests.Keys[row]) is var own and >= 0)
                        {
                            var content = digests.Contents[row];
                            var copy = content != contents[own] || differing.Contains(own) ? copies.Add(batch, row, hits.Key) : -1;
                            Keep(versions, own, new ForeignVersion(hits.Key, content, copy), contents[own]);
                        }
                    }
                }
            }
        }

        return versions;
    }

    /// <summary>A key can stand in several runs when its versions are further apart than the lookback; the equal one is the one that counts.</summary>
    private void Keep(Dictionary<int, ForeignVersion> versions, int own, ForeignVersion version, ulong content)
    {
        if (versions.TryGetValue(own, out var known))
        {
            _others.Add((own, version.Content == content ? known : version));
            version = version.Content == content ? version : known;
        }

        versions[own] = version;
    }

    private IEnumerable<DataFile> SilverFiles(RunState run, (long Min, long Max) eventTimes)
    {
        var lookback = (long)contract.Lookback.TotalMicroseconds;
        return run.Files.Where(file => file.Layer == Layer.Silver && Overlaps(file));

        bool Overlaps(DataFile file)
        {
            var range = file.Statistics.FirstOrDefault(column => column.Column == contract.EventTime.Name);
            return range is not { HasRange: true }
                || (contract.EventTime.Micros(range.MaxSlot) >= eventTimes.Min - lookback
                    && contract.EventTime.Micros(range.MinSlot) <= eventTimes.Max + lookback);
        }
    }

    /// <summary>Reads the rows whose verdict depends on more than digests, so that two keys that share a digest are never taken for one.</summary>
    private BronzeRows FetchDisputed(
        Deduplication found, NativeBuffer<ulong> contents, Dictionary<int, ForeignVersion> versions, BronzeKeys keys, IReadOnlyList<BronzeSource> bronze)
    {
        var wanted = new SortedSet<int>();
        foreach (var repeat in found.Repeats)
        {
            if (contents[repeat.Row] != contents[repeat.First])
            {
                wanted.Add(repeat.Row);
                wanted.Add(repeat.First);
            }
        }

        foreach (var (row, version) in versions)
        {
            if (version.CopyRow >= 0)
            {
                wanted.Add(row);
            }
        }

        return BronzeRows.Fetch(contract, bronze, keys.PartitionOfRow, wanted, normalise: true);
    }

    /// <summary>Versions of one key further apart than the contract's lookback are different events.</summary>
    private void DropBeyondLookback(Dictionary<int, ForeignVersion> versions, ForeignVersions copies, BronzeRows exact)
    {
        foreach (var (row, version) in versions.Where(pair => pair.Value.CopyRow >= 0).ToArray())
        {
            RequireSameKey(exact.Batch, exact.RowOf(row), copies.Copies, version.CopyRow);
            if (IsWithinLookback(row, version, copies, exact))
            {
                continue;
            }

            versions.Remove(row);
            foreach (var other in _others)
            {
                if (other.Row == row && IsWithinLookback(row, other.Version, copies, exact))
                {
                    versions[row] = other.Version;
                    break;
                }
            }
        }
    }

    private bool IsWithinLookback(int row, ForeignVersion version, ForeignVersions copies, BronzeRows exact)
    {
        var time = contract.EventTime.Name;
        var distance = exact.Batch[time].Slot(exact.RowOf(row)) - copies.Copies[time].Slot(version.CopyRow);
        return Math.Abs(contract.EventTime.Micros(distance)) <= (long)contract.Lookback.TotalMicroseconds;
    }

    private SilverPlan Judge(
        BronzeKeys keys, Deduplication found, Dictionary<int, ForeignVersion> versions, ForeignVersions copies, BronzeRows exact)
    {
        var contents = keys.Digests.Contents;
        var verdicts = new NativeBuffer<byte>(Math.Max(1, keys.Count)) { Count = keys.Count };
        verdicts.AsSpan().Clear();
        var conflicts = new Dictionary<int, Standing>();
        var published = new SortedDictionary<string, long>(StringComparer.Ordinal);
        var publishedFirsts = new HashSet<int>();
        foreach (var (row, version) in versions)
        {
            if (version.Content == contents[row])
            {
                verdicts[row] = (byte)Verdict.AlreadyPublished;
                Count(published, _candidates[version.Run].RunId);
            }
            else
            {
                verdicts[row] = (byte)Verdict.Conflict;
                conflicts.Add(row, new Standing(-1, version.CopyRow));
            }
        }

        foreach (var (row, first) in found.Repeats)
        {
            var owned = versions.TryGetValue(first, out var version);
            var equal = contents[row] == (owned ? version.Content : contents[first]);
            if (!equal)
            {
                if (contents[row] != contents[first])
                {
                    RequireSameKey(exact.Batch, exact.RowOf(row), exact.Batch, exact.RowOf(first));
                }

                verdicts[row] = (byte)Verdict.Conflict;
                conflicts.Add(row, owned ? new Standing(-1, version.CopyRow) : new Standing(first, -1));
            }
            else if (owned && verdicts[first] == (byte)Verdict.Conflict && publishedFirsts.Add(first))
            {
                verdicts[row] = (byte)Verdict.AlreadyPublished;
                Count(published, _candidates[version.Run].RunId);
            }
            else
            {
                verdicts[row] = (byte)Verdict.Duplicate;
            }
        }

        var repeated = new NativeBuffer<byte>(Math.Max(1, keys.Count));
        repeated.AddRange(found.Repeated.AsSpan());
        return new SilverPlan
        {
            Verdicts = verdicts,
            Repeated = repeated,
            Conflicts = conflicts,
            Foreign = copies,
            ForeignInGold = versions.Where(pair => pair.Value.Content != contents[pair.Key]).Select(pair => pair.Value.CopyRow).Order().ToArray(),
            AlreadyPublished = published,
        };

        static void Count(SortedDictionary<string, long> counts, string run) => counts[run] = counts.GetValueOrDefault(run) + 1;
    }

    private void RequireSameKey(RecordBatch a, int rowA, RecordBatch b, int rowB)
    {
        var keysA = contract.Key.Select(name => a[name]).ToArray();
        var keysB = contract.Key.Select(name => b[name]).ToArray();
        if (SilverOrder.CompareKeys(keysA, rowA, keysB, rowB) != 0)
        {
            throw new RiskLakeException(
                ErrorCode.DigestCollision, $"run {runId}", "two different keys with one 64-bit digest", "distinct digests", "split the input into two runs");
        }
    }
}
