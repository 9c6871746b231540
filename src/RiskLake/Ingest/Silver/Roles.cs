using RiskLake.Ingest.Silver.Keys;
using RiskLake.Lake;

namespace RiskLake.Ingest.Silver;

/// <summary>The record that owns an event.</summary>
/// <param name="Run">Number of the owner among the holders; -1 for the run itself, -2 when nobody owns the event.</param>
/// <param name="Entry">The owner's first record.</param>
internal readonly record struct Owner(int Run, KeyEntry Entry);

/// <summary>What each record of an event is.</summary>
/// <param name="Owner">The record that owns it.</param>
/// <param name="Own">Verdicts on the run's own records.</param>
/// <param name="Others">Verdicts on the records of the other holders.</param>
internal readonly record struct Resolved(Owner Owner, Verdict[] Own, Verdict[] Others);

/// <summary>
/// Holds every record of an event against the first record of its owner. Records of the owner: the first is silver, an equal one a
/// duplicate, any other a conflict. Records of others: the first equal one is already published, a further equal one a duplicate, any
/// other a conflict.
/// </summary>
/// <param name="held">Records of the other holders.</param>
/// <param name="sameness">Tells whether records are equal.</param>
/// <param name="others">The other holders, in the order of their places.</param>
/// <param name="before">The run as it stood before, and how many holders stand before its old place; -1 where it had none.</param>
/// <param name="after">The same for its new place.</param>
internal sealed class Roles(Holders held, Sameness sameness, IReadOnlyList<Holder> others, (Holder? Run, int Rank) before, (Holder Run, int Rank) after)
{
    private int _next;

    /// <summary>The holders, in the order of their places.</summary>
    public IReadOnlyList<RunState> Runs => held.Runs;

    /// <summary>First record of the present event among the holders' records.</summary>
    public int First { get; private set; }

    public int End { get; private set; }

    public KeyEntry Record(int index) => held.Records[index].Entry;

    /// <summary>Goes to the event at a position, which must not lie before the last one; false when nobody else holds it.</summary>
    public bool MoveTo(int position)
    {
        var records = held.Records;
        while (_next < records.Length && records[_next].Position < position)
        {
            _next++;
        }

        First = _next;
        while (_next < records.Length && records[_next].Position == position)
        {
            _next++;
        }

        End = _next;
        return End > First;
    }

    /// <summary>Stretches of records of one run each.</summary>
    public IEnumerable<(int Run, int Start, int End)> Groups()
    {
        for (var start = First; start < End;)
        {
            var end = start + 1;
            while (end < End && held.Records[end].Run == held.Records[start].Run)
            {
                end++;
            }

            yield return (held.Records[start].Run, start, end);
            start = end;
        }
    }

    /// <param name="at">The event.</param>
    /// <param name="own">The run's records of it, in the order of the input.</param>
    /// <param name="isAfter">Whether the run stands at its new place.</param>
    public Resolved Resolve(EventId at, ReadOnlySpan<KeyEntry> own, bool isAfter)
    {
        var (run, rank) = isAfter ? after : before;
        var holdsIt = own.Length > 0 && rank >= 0;
        var first = held.Records[First];
        var owner = holdsIt && rank <= first.Run ? new Owner(-1, own[0]) : new Owner(first.Run, first.Entry);
        var mine = new Verdict[own.Length];
        if (holdsIt)
        {
            Judge(at, owner, run!, -1, own, mine);
        }

        var theirs = new Verdict[End - First];
        Span<KeyEntry> records = End - First <= 16 ? stackalloc KeyEntry[End - First] : new KeyEntry[End - First];
        for (var i = First; i < End; i++)
        {
            records[i - First] = held.Records[i].Entry;
        }

        foreach (var (number, start, end) in Groups())
        {
            Judge(at, owner, run, number, records[(start - First)..(end - First)], theirs.AsSpan(start - First, end - start));
        }

        return new Resolved(owner, mine, theirs);
    }

    private void Judge(EventId at, Owner owner, Holder? self, int run, ReadOnlySpan<KeyEntry> records, Span<Verdict> verdicts)
    {
        var isKnown = owner.Run == run;
        var (owning, holding) = (owner.Run < 0 ? self! : others[owner.Run], run < 0 ? self! : others[run]);
        for (var i = 0; i < records.Length; i++)
        {
            if (owner.Run == run && i == 0)
            {
                verdicts[i] = Verdict.Own;
            }
            else if (!sameness.AreEqual(at, owning, owner.Entry.Content, holding, records[i].Content))
            {
                verdicts[i] = Verdict.Conflict;
            }
            else
            {
                verdicts[i] = isKnown ? Verdict.Duplicate : Verdict.AlreadyPublished;
                isKnown = true;
            }
        }
    }
}
