namespace RiskLake.Lake;

/// <summary>Where a piece of work was planned: the lake version, its number in that plan, the run it is the work of.</summary>
internal readonly record struct PlaceStep(long Version, int Index, string RunId) : IComparable<PlaceStep>
{
    public int CompareTo(PlaceStep other)
    {
        var result = Version.CompareTo(other.Version);
        result = result != 0 ? result : Index.CompareTo(other.Index);
        return result != 0 ? result : string.CompareOrdinal(RunId, other.RunId);
    }
}

/// <summary>
/// The place of a published run among the others: of all runs that hold an event, the one with the least place owns it. A correction
/// stands directly before the run it corrects, and before that run's earlier corrections.
/// </summary>
/// <param name="steps">Where the run was planned; for a correction, first the steps of the run that it corrects.</param>
internal sealed class Place(IReadOnlyList<PlaceStep> steps) : IComparable<Place>, IEquatable<Place>
{
    public IReadOnlyList<PlaceStep> Steps { get; } = steps;

    public static Place At(PlaceStep step) => new([step]);

    /// <summary>The place directly before this one, for a correction planned at <paramref name="step"/>.</summary>
    public Place Before(PlaceStep step) => new([.. Steps, step]);

    /// <summary>Whether this is the place of a correction of the run at another place.</summary>
    public bool Corrects(Place other) => Steps.Count == other.Steps.Count + 1 && Steps.Take(other.Steps.Count).SequenceEqual(other.Steps);

    public int CompareTo(Place? other)
    {
        if (other is null)
        {
            return 1;
        }

        for (var i = 0; i < Math.Min(Steps.Count, other.Steps.Count); i++)
        {
            if (Steps[i].CompareTo(other.Steps[i]) is var order and not 0)
            {
                // Of two corrections of one run the later stands first.
                return i == 0 ? order : -order;
            }
        }

        return other.Steps.Count.CompareTo(Steps.Count);
    }

    public bool Equals(Place? other) => other is not null && Steps.SequenceEqual(other.Steps);

    public override bool Equals(object? obj) => Equals(obj as Place);

    public override int GetHashCode() => Steps[^1].GetHashCode();

    public override string ToString() =>
        string.Join(" / ", Steps.Select(step => FormattableString.Invariant($"{step.Version}.{step.Index} {step.RunId}")));
}

/// <summary>What became of a published run's bronze records, at one version of the lake.</summary>
/// <param name="Own">In the run's own silver.</param>
/// <param name="Duplicates">Equal to an earlier record of the run.</param>
/// <param name="AlreadyPublished">Equal to an event that another run owns.</param>
/// <param name="Conflicts">Contradict the record that owns the event.</param>
internal readonly record struct RecordCounts(long Own, long Duplicates, long AlreadyPublished, long Conflicts)
{
    public long Total => Own + Duplicates + AlreadyPublished + Conflicts;

    public static RecordCounts operator +(RecordCounts a, RecordCounts b) =>
        new(a.Own + b.Own, a.Duplicates + b.Duplicates, a.AlreadyPublished + b.AlreadyPublished, a.Conflicts + b.Conflicts);

    public static RecordCounts operator -(RecordCounts a, RecordCounts b) =>
        new(a.Own - b.Own, a.Duplicates - b.Duplicates, a.AlreadyPublished - b.AlreadyPublished, a.Conflicts - b.Conflicts);
}
