using RiskLake.Contracts;
using RiskLake.Ingest.Silver.Keys;
using RiskLake.Lake;
using RiskLake.Lake.Columns;

namespace RiskLake.Ingest.Silver;

/// <summary>
/// Decides who owns the events of a run: of the published runs that hold an event the one with the least place, and of its records the
/// first. Every other record is held against that one. What changes of other runs, because this one is published, restated, moved to
/// another place or withdrawn, is the difference between the roles before and after.
/// </summary>
/// <param name="rules">Rules of the run's rows.</param>
/// <param name="lake">The lake.</param>
/// <param name="snapshot">The version to decide against.</param>
/// <param name="runId">The run.</param>
/// <param name="place">Its place after the publication; null when it is withdrawn.</param>
/// <param name="rulesOf">Rules of another run's rows.</param>
internal sealed class Ownership(RowRules rules, LakeStore lake, LakeSnapshot snapshot, string runId, Place? place, Func<RunState, RowRules> rulesOf)
{
    private readonly RunState? _before = snapshot.Runs.GetValueOrDefault(runId) is { IsPublished: true, KeyIndex: not null } run ? run : null;
    private readonly Dictionary<string, Touch> _touches = new(StringComparer.Ordinal);
    private readonly List<ForeignEvent> _foreign = [];
    private readonly SortedDictionary<string, long> _published = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, long> _conflictsWith = new(StringComparer.Ordinal);
    private readonly List<int> _witnesses = [];

    /// <param name="keys">Digests of the run's bronze rows in the order of the input; without a row for a withdrawal.</param>
    /// <param name="order">The rows in the order of their keys.</param>
    /// <param name="bronze">The run's bronze files.</param>
    /// <param name="threads">How many threads may work.</param>
    public SilverPlan Decide(BronzeKeys keys, KeyOrder order, IReadOnlyList<BronzeSource> bronze, int threads)
    {
        using var old = LoadBefore();
        var held = Holders.Find(lake, snapshot, rules.Contract.Dataset, runId, order);
        var gone = new SubsetKeys(old, OnlyIn(old, order));
        var left = Holders.Find(lake, snapshot, rules.Contract.Dataset, runId, gone);
        var hours = bronze.ToDictionary(source => source.Ordinal, source => source.Partition.HoursSinceEpoch);
        var roles = RolesOf(held, order, position => Rows(keys, order, hours, position), old, bronze, RankOf(held, place));
        var rolesOfGone = RolesOf(left, gone, _ => [], old, [], -1);
        var verdicts = new NativeBuffer<byte>(Math.Max(1, keys.Count)) { Count = keys.Count };
        var repeated = new NativeBuffer<byte>(Math.Max(1, keys.Count)) { Count = keys.Count };
        verdicts.AsSpan().Clear();
        repeated.AsSpan().Clear();
        JudgeRows(keys, order, hours, roles, old, verdicts, repeated);
        JudgeGone(gone, old, rolesOfGone);
        return new SilverPlan
        {
            Verdicts = verdicts,
            Repeated = repeated,
            Holders = held.Runs,
            Foreign = _foreign,
            AlreadyPublished = _published,
            ConflictsWith = _conflictsWith,
            Touches = _touches.Where(touch => touch.Value.IsChange).ToDictionary(StringComparer.Ordinal),
            NeighbouringKeys = NeighbouringKeys.Count(lake, snapshot, rules.Contract.Dataset, runId, order),
            WitnessRows = _witnesses,
        };
    }

    /// <summary>How many holders stand before a place; -1 where there is none.</summary>
    private static int RankOf(Holders held, Place? at) => at is null ? -1 : held.Runs.TakeWhile(run => run.Place!.CompareTo(at) < 0).Count();

    private Roles RolesOf(
        Holders held, IKeyList list, Func<int, IEnumerable<KeyEntry>> own, LoadedKeys old, IReadOnlyList<BronzeSource> bronze, int rank)
    {
        var others = held.Runs.Select(run => HolderOf(run, run.RunId)).ToArray();
        var self = new Holder(string.Empty, rules, hour => bronze.First(source => source.Partition.HoursSinceEpoch == hour).Path);
        var before = _before is null ? null : HolderOf(_before, "\0before");
        var sameness = new Sameness();
        sameness.Prepare([.. others, self, .. before is null ? [] : new[] { before }], Records());
        return new Roles(held, sameness, others, (before, RankOf(held, _before?.Place)), (self, rank));

        IEnumerable<IReadOnlyList<(EventId, int, KeyEntry)>> Records()
        {
            var stretch = 0;
            foreach (var group in held.Records.GroupBy(record => record.Position))
            {
                while (list.Scopes[stretch].End <= group.Key)
                {
                    stretch++;
                }

                var at = new EventId(list.Scopes[stretch].Scope, list.Key(group.Key));
                var (start, end) = old.Find(at.Scope, at.Key);
                yield return
                [
                    .. group.Select(record => (at, record.Run, record.Entry)), .. own(group.Key).Select(entry => (at, others.Length, entry)),
                    .. Enumerable.Range(start, end - start).Select(i => (at, others.Length + 1, old.Entries[i])),
                ];
            }
        }
    }

    private Holder HolderOf(RunState run, string name) => new(name, rulesOf(run), hour => BronzeEvents.PathOf(lake, run, hour));

    private static IEnumerable<KeyEntry> Rows(BronzeKeys keys, KeyOrder order, Dictionary<int, int> hours, int position)
    {
        var end = order.EndOf(position, order.Count);
        for (; position < end; position++)
        {
            yield return Entry(keys, hours, order.Rows[position]);
        }
    }

    private static KeyEntry Entry(BronzeKeys keys, Dictionary<int, int> hours, int row) =>
        new(keys.Digests.Keys[row], keys.Digests.Contents[row], hours[keys.PartitionOfRow[row]], keys.Digests.Deliveries[row]);

    private LoadedKeys LoadBefore()
    {
        if (_before is null)
        {
            return LoadedKeys.Empty();
        }

        using var file = new KeyFileReader(lake.Paths.Absolute(_before.KeyIndex!.Path), _before.KeyIndex);
        return LoadedKeys.Load(file);
    }

    /// <summary>Positions of the first entries of events that the run held and no longer holds.</summary>
    private static List<int> OnlyIn(LoadedKeys old, KeyOrder order)
    {
        var positions = new List<int>();
        var stretches = order.Scopes.ToDictionary(stretch => stretch.Scope, stretch => (stretch.Start, stretch.End));
        foreach (var (scope, start, end) in old.Scopes)
        {
            var (at, last) = stretches.GetValueOrDefault(scope);
            for (var position = start; position < end; position++)
            {
                var key = old.Key(position);
                while (at < last && order.Key(at) < key)
                {
                    at++;
                }

                if ((at == last || order.Key(at) != key) && (position == start || old.Key(position - 1) != key))
                {
                    positions.Add(position);
                }
            }
        }

        return positions;
    }

    private void JudgeRows(
        BronzeKeys keys, KeyOrder order, Dictionary<int, int> hours, Roles roles, LoadedKeys old, NativeBuffer<byte> verdicts, NativeBuffer<byte> repeated)
    {
        var rows = new List<KeyEntry>();
        foreach (var (scope, start, end) in order.Scopes)
        {
            var (before, lastBefore) = Stretch(old, scope);
            for (var position = start; position < end;)
            {
                var next = order.EndOf(position, end);
                for (var i = position + 1; i < next; i++)
                {
                    repeated[order.Rows[i]] = 1;
                }

                if (!roles.MoveTo(position))
                {
                    JudgeAlone(keys.Digests.Contents, order, position, next, verdicts);
                    position = next;
                    continue;
                }

                var key = order.Key(position);
                while (before < lastBefore && old.Key(before) < key)
                {
                    before++;
                }

                var from = before;
                while (before < lastBefore && old.Key(before) == key)
                {
                    before++;
                }

                Fill(rows, keys, order, hours, position, next);
                var of = System.Runtime.InteropServices.CollectionsMarshal.AsSpan(rows);
                Judge(new EventId(scope, key), roles, old.Entries.Span(from, before - from), of, order, position, verdicts);
                position = next;
            }
        }
    }

    private static void Fill(List<KeyEntry> rows, BronzeKeys keys, KeyOrder order, Dictionary<int, int> hours, int position, int end)
    {
        rows.Clear();
        for (; position < end; position++)
        {
            rows.Add(Entry(keys, hours, order.Rows[position]));
        }
    }

    private void JudgeAlone(NativeBuffer<ulong> contents, KeyOrder order, int position, int end, NativeBuffer<byte> verdicts)
    {
        var first = contents[order.Rows[position]];
        var isContradicted = false;
        for (var i = position + 1; i < end; i++)
        {
            var isEqual = contents[order.Rows[i]] == first;
            isContradicted |= !isEqual;
            verdicts[order.Rows[i]] = (byte)(isEqual ? Verdict.Duplicate : Verdict.Conflict);
        }

        if (isContradicted)
        {
            _witnesses.Add(order.Rows[position]);
        }
    }

    private void Judge(
        EventId at, Roles roles, ReadOnlySpan<KeyEntry> old, ReadOnlySpan<KeyEntry> rows, KeyOrder order, int position, NativeBuffer<byte> verdicts)
    {
        var after = roles.Resolve(at, rows, isAfter: true);
        for (var i = 0; i < rows.Length; i++)
        {
            verdicts[order.Rows[position + i]] = (byte)after.Own[i];
        }

        var owner = after.Owner;
        if (owner.Run < 0 && Array.Exists(after.Own, verdict => verdict == Verdict.Conflict))
        {
            _witnesses.Add(order.Rows[position]);
        }

        if (owner.Run >= 0)
        {
            var run = roles.Runs[owner.Run].RunId;
            var isContradicted = false;
            foreach (var verdict in after.Own)
            {
                isContradicted |= verdict == Verdict.Conflict;
                Count(verdict == Verdict.Conflict ? _conflictsWith : verdict == Verdict.AlreadyPublished ? _published : null, run);
            }

            _foreign.Add(new ForeignEvent(owner.Run, owner.Entry.Hour, at, isContradicted));
        }

        if (_before is not null && place!.Equals(_before.Place) && old.SequenceEqual(rows) && _before.Configuration == rules.Sha256)
        {
            return;
        }

        if (Compare(at, roles, roles.Resolve(at, old, isAfter: false), after) && owner.Run < 0)
        {
            _witnesses.Add(order.Rows[position]);
        }
    }

    private void JudgeGone(SubsetKeys gone, LoadedKeys old, Roles roles)
    {
        foreach (var (scope, start, end) in gone.Scopes)
        {
            var last = Stretch(old, scope).End;
            for (var position = start; position < end; position++)
            {
                if (!roles.MoveTo(position))
                {
                    continue;
                }

                var first = gone.PositionOf(position);
                var next = first;
                while (next < last && old.Key(next) == old.Key(first))
                {
                    next++;
                }

                var at = new EventId(scope, old.Key(first));
                Compare(at, roles, roles.Resolve(at, old.Entries.Span(first, next - first), isAfter: false), roles.Resolve(at, [], isAfter: true));
            }
        }
    }

    /// <summary>Notes what changes of the other holders of an event; whether one of their records became a conflict.</summary>
    private bool Compare(EventId at, Roles roles, Resolved before, Resolved after)
    {
        // The same record in the same file may still be another row of silver, when it is derived under other rules.
        var isMoved = before.Owner != after.Owner || (after.Owner.Run < 0 && _before?.Configuration != rules.Sha256);
        var displaces = false;
        foreach (var group in roles.Groups())
        {
            var touch = TouchOf(roles.Runs[group.Run].RunId);
            var isConflictChanged = false;
            for (var i = group.Start; i < group.End; i++)
            {
                var (was, now) = (before.Others[i - roles.First], after.Others[i - roles.First]);
                touch.Counts += Of(now) - Of(was);
                isConflictChanged |= (was == Verdict.Conflict) != (now == Verdict.Conflict);
                displaces |= was != Verdict.Conflict && now == Verdict.Conflict;
                touch.NewConflicts += was != Verdict.Conflict && now == Verdict.Conflict ? 1 : 0;
                touch.SettledConflicts += was == Verdict.Conflict && now != Verdict.Conflict ? 1 : 0;
                if ((was == Verdict.Own) != (now == Verdict.Own))
                {
                    var changes = was == Verdict.Own ? touch.Lost : touch.Gained;
                    EventsOf(changes, roles.Record(i).Hour).Add(at);
                }
            }

            touch.IsMoved |= isMoved;
            if (isConflictChanged)
            {
                touch.Conflicts.Add(at, ConflictsOf(roles, group, after, touch.ConflictHours));
            }
        }

        return displaces;
    }

    private static HashSet<ulong> ConflictsOf(Roles roles, (int Run, int Start, int End) group, Resolved after, HashSet<int> hours)
    {
        var contents = new HashSet<ulong>();
        for (var i = group.Start; i < group.End; i++)
        {
            hours.Add(roles.Record(i).Hour);
            if (after.Others[i - roles.First] == Verdict.Conflict)
            {
                contents.Add(roles.Record(i).Content);
            }
        }

        return contents;
    }

    private Touch TouchOf(string run)
    {
        if (!_touches.TryGetValue(run, out var touch))
        {
            _touches.Add(run, touch = new Touch());
        }

        return touch;
    }

    private static HashSet<EventId> EventsOf(Dictionary<int, HashSet<EventId>> byHour, int hour)
    {
        if (!byHour.TryGetValue(hour, out var events))
        {
            byHour.Add(hour, events = []);
        }

        return events;
    }

    private static (int Start, int End) Stretch(LoadedKeys old, int scope)
    {
        foreach (var (at, start, end) in old.Scopes)
        {
            if (at == scope)
            {
                return (start, end);
            }
        }

        return (0, 0);
    }

    private static RecordCounts Of(Verdict verdict) => verdict switch
    {
        Verdict.Own => new(1, 0, 0, 0),
        Verdict.Duplicate => new(0, 1, 0, 0),
        Verdict.AlreadyPublished => new(0, 0, 1, 0),
        _ => new(0, 0, 0, 1),
    };

    private static void Count(SortedDictionary<string, long>? counts, string run)
    {
        if (counts is not null)
        {
            counts[run] = counts.GetValueOrDefault(run) + 1;
        }
    }
}
