using System.Globalization;
using RiskLake.Lake.Columns;

namespace RiskLake.Contracts;

/// <summary>What a change does to one direction of compatibility.</summary>
internal enum ChangeEffect
{
    /// <summary>Nothing that was legal stops being so.</summary>
    Keeps,

    /// <summary>Nothing breaks, but somebody loses a guarantee or history may fail a rule.</summary>
    Warns,

    /// <summary>Something that was legal no longer is.</summary>
    Breaks,
}

/// <summary>The part of a version number that a change asks for.</summary>
internal enum VersionBump
{
    None,
    Patch,
    Minor,
    Major,
}

/// <summary>One difference between two contracts.</summary>
/// <param name="Place">What differs, such as <c>price.minimum</c>.</param>
/// <param name="Before">The older fact; empty if there was none.</param>
/// <param name="After">The newer fact; empty if there is none.</param>
/// <param name="Backward">What it does to readers of the new contract over old data.</param>
/// <param name="Forward">What it does to readers of the old contract over new data.</param>
internal sealed record ContractChange(string Place, string Before, string After, ChangeEffect Backward, ChangeEffect Forward)
{
    /// <summary>The change in words, such as <c>venue added (String, required)</c>.</summary>
    public string Describe() => this switch
    {
        { Before.Length: 0 } => $"{Place} added ({After})",
        { After.Length: 0 } => $"{Place} removed ({Before})",
        _ => $"{Place} from {Before} to {After}",
    };
}

/// <summary>
/// What changed between two contracts and whom it hurts. Backward: every record legal under the old contract is legal under the new
/// one. Forward: the other way round. Both verdicts are always given; a verdict of compatible is a proof, one of incompatible may be
/// cautious where facets interact.
/// </summary>
internal sealed class ContractDiff
{
    private readonly List<ContractChange> _changes = [];

    private ContractDiff()
    {
    }

    public IReadOnlyList<ContractChange> Changes => _changes;

    public bool BackwardCompatible => _changes.TrueForAll(change => change.Backward != ChangeEffect.Breaks);

    public bool ForwardCompatible => _changes.TrueForAll(change => change.Forward != ChangeEffect.Breaks);

    /// <summary>Whether a mode allows these changes. The transitive modes ask this against every earlier version that still has
    /// data.</summary>
    public bool Allows(CompatibilityMode mode) => mode switch
    {
        CompatibilityMode.Backward or CompatibilityMode.BackwardTransitive => BackwardCompatible,
        CompatibilityMode.Forward or CompatibilityMode.ForwardTransitive => ForwardCompatible,
        CompatibilityMode.Full or CompatibilityMode.FullTransitive => BackwardCompatible && ForwardCompatible,
        _ => true,
    };

    /// <summary>The changes that a mode does not allow.</summary>
    public IEnumerable<ContractChange> Breaking(CompatibilityMode mode) => _changes.Where(change => mode switch
    {
        CompatibilityMode.Backward or CompatibilityMode.BackwardTransitive => change.Backward == ChangeEffect.Breaks,
        CompatibilityMode.Forward or CompatibilityMode.ForwardTransitive => change.Forward == ChangeEffect.Breaks,
        CompatibilityMode.Full or CompatibilityMode.FullTransitive =>
            change.Backward == ChangeEffect.Breaks || change.Forward == ChangeEffect.Breaks,
        _ => false,
    });

    /// <summary>Whether a mode asks about every earlier version and not about the one before alone.</summary>
    public static bool IsTransitive(CompatibilityMode mode) =>
        mode is CompatibilityMode.BackwardTransitive or CompatibilityMode.ForwardTransitive or CompatibilityMode.FullTransitive;

    /// <summary>Versions by their numbers: <c>v1.10</c> comes after <c>v1.9</c>.</summary>
    public static IComparer<string> VersionOrder { get; } = Comparer<string>.Create(
        (one, other) => Parts(one).AsSpan().SequenceCompareTo(Parts(other)));

    /// <summary>The part of the version that must rise under a mode.</summary>
    public VersionBump Bump(CompatibilityMode mode) =>
        _changes.Count == 0 ? VersionBump.None : Allows(mode) ? VersionBump.Minor : VersionBump.Major;

    /// <summary>Whether the document versions of two contracts (<c>1.4.0</c>, or <c>v2</c>) differ by at least what a bump asks
    /// for.</summary>
    public static bool Rises(string before, string after, VersionBump bump)
    {
        var (old, next) = (Parts(before), Parts(after));
        for (var i = 0; i < 3; i++)
        {
            if (next[i] != old[i])
            {
                return next[i] > old[i] && i <= (int)VersionBump.Major - (int)bump;
            }
        }

        return bump == VersionBump.None;
    }

    public static ContractDiff Between(Contract before, Contract after)
    {
        var diff = new ContractDiff();
        diff.Fact("name", before.Name, after.Name);
        diff.Fact("dataset", before.Dataset, after.Dataset);
        diff.Fact("key", string.Join(", ", before.Key), string.Join(", ", after.Key));
        diff.Fact("delivery", before.Delivery.ToString(), after.Delivery.ToString());
        diff.Facet("openContent", $"{before.OpenContent}", $"{after.OpenContent}", after.OpenContent, before.OpenContent);
        diff.AtMost("maxIngestLag", before.MaxIngestLag, after.MaxIngestLag);
        diff.AtMost("maxIngestLead", before.MaxIngestLead, after.MaxIngestLead);
        diff.Fact("scope", before.Scope.ToString(), after.Scope.ToString());
        diff.Fields(before, after);
        diff.Rules(before, after);
        return diff;
    }

    private void Fields(Contract before, Contract after)
    {
        foreach (var field in before.Fields)
        {
            if (after.Fields.FirstOrDefault(other => Same(field.Name, other.Name)) is { } other)
            {
                Field(field, other);
            }
            else
            {
                // New readers take a value they do not know only if their contract is open; old ones miss what they require.
                Facet(field.Name, Describe(field), "", after.OpenContent, !field.Required);
            }
        }

        foreach (var field in after.Fields.Where(field => !before.Fields.Any(other => Same(field.Name, other.Name))))
        {
            Facet(field.Name, "", Describe(field), !field.Required, before.OpenContent);
        }

        var common = before.Fields.Select(field => field.Name).Where(name => after.Fields.Any(field => Same(field.Name, name))).ToList();
        var order = after.Fields.Select(field => field.Name).Where(name => common.Contains(name, StringComparer.Ordinal)).ToList();
        Facet("order of columns", string.Join(", ", common), string.Join(", ", order), backward: true, forward: true);
    }

    private void Field(ContractField before, ContractField after)
    {
        var name = before.Name;
        Facet($"{name}.type", Describe(before), Describe(after), FieldSpace.Holds(after, before), FieldSpace.Holds(before, after));
        Facet($"{name}.required", $"{before.Required}", $"{after.Required}", before.Required, after.Required);
        Fact($"{name}.role", before.Role.ToString(), after.Role.ToString());
        Fact($"{name}.delivery", $"{before.IsDelivery}", $"{after.IsDelivery}");
        Fact($"{name}.normalise", before.Normalisation.ToString(), after.Normalisation.ToString());
        if (FieldSpace.Holds(after, before) || FieldSpace.Holds(before, after))
        {
            Limits($"{name}.minimum", before.Minimum, after.Minimum, FieldSpace.Low(after, before), FieldSpace.Low(before, after));
            Limits($"{name}.maximum", before.Maximum, after.Maximum, FieldSpace.High(after, before), FieldSpace.High(before, after));
            Facet(
                $"{name}.multipleOf", Text(before.MultipleOf), Text(after.MultipleOf), FieldSpace.Multiples(after, before),
                FieldSpace.Multiples(before, after));
        }

        Facet(
            $"{name}.minLength", Text(before.MinLength), Text(after.MinLength), (after.MinLength ?? 0) <= (before.MinLength ?? 0),
            (before.MinLength ?? 0) <= (after.MinLength ?? 0));
        Facet(
            $"{name}.maxLength", Text(before.MaxLength), Text(after.MaxLength),
            (after.MaxLength ?? int.MaxValue) >= (before.MaxLength ?? int.MaxValue),
            (before.MaxLength ?? int.MaxValue) >= (after.MaxLength ?? int.MaxValue));

        // Whether one expression includes another cannot be decided in general: a changed one breaks both ways.
        Facet($"{name}.pattern", before.Pattern ?? "", after.Pattern ?? "", after.Pattern is null, before.Pattern is null);
        Facet(
            $"{name}.values", Values(before), Values(after), FieldSpace.Values(after, before), FieldSpace.Values(before, after));
        Facet($"{name}.zone", before.DefaultZone ?? "", after.DefaultZone ?? "", before.DefaultZone is null, after.DefaultZone is null);
        Facet($"{name}.precision", $"{before.TruncatePrecision}", $"{after.TruncatePrecision}", after.TruncatePrecision,
            before.TruncatePrecision);
        Facet($"{name}.coerce", $"{before.Coerce}", $"{after.Coerce}", after.Coerce, before.Coerce);
    }

    private void Rules(Contract before, Contract after)
    {
        foreach (var rule in before.Rules)
        {
            var other = after.Rules.FirstOrDefault(candidate => Same(candidate.Id, rule.Id));
            if (other is null)
            {
                Add($"rule {rule.Id}", Describe(rule), "", ChangeEffect.Keeps, ChangeEffect.Warns);
            }
            else if (!Same(Describe(rule), Describe(other)))
            {
                // Currency, unit and the like travel as custom properties: the same number then means something else.
                var meaning = rule is { Metric: RuleMetric.Other, Columns.Count: 1 } && IsMeaning(rule.Id);
                var effect = meaning ? ChangeEffect.Breaks : ChangeEffect.Warns;
                Add($"rule {rule.Id}", Describe(rule), Describe(other), effect, effect);
            }
        }

        foreach (var rule in after.Rules.Where(rule => !before.Rules.Any(other => Same(other.Id, rule.Id))))
        {
            Add($"rule {rule.Id}", "", Describe(rule), ChangeEffect.Warns, ChangeEffect.Keeps);
        }
    }

    private static ChangeEffect Effect(bool keeps) => keeps ? ChangeEffect.Keeps : ChangeEffect.Breaks;

    private static bool IsMeaning(string id) =>
        id[(id.LastIndexOf('.') + 1)..].ToLowerInvariant() is "currency" or "unit" or "adjustment" or "pricescale" or "quoteconvention";

    // A fact that is part of what the data means: any change breaks both ways.
    private void Fact(string place, string before, string after) => Facet(place, before, after, backward: false, forward: false);

    // 0 and 0.0 are one limit, 0 at scale 2 and 0 at scale 4 too: the text does not decide.
    private void Limits(string place, Bound? before, Bound? after, bool backward, bool forward)
    {
        if (!backward || !forward)
        {
            Add(place, Limit(before), Limit(after), Effect(backward), Effect(forward));
        }
    }

    private void AtMost(string place, TimeSpan before, TimeSpan after) =>
        Facet(place, $"{before:c}", $"{after:c}", after >= before, before >= after);

    private void Facet(string place, string before, string after, bool backward, bool forward)
    {
        if (!Same(before, after))
        {
            Add(place, before, after, Effect(backward), Effect(forward));
        }
    }

    private void Add(string place, string before, string after, ChangeEffect backward, ChangeEffect forward) =>
        _changes.Add(new(place, before, after, backward, forward));

    private static bool Same(string one, string other) => string.Equals(one, other, StringComparison.Ordinal);

    private static string Describe(ContractField field) =>
        field.Type == ColumnType.Decimal ? FormattableString.Invariant($"Decimal({field.Precision},{field.Scale})") : field.Type.ToString();

    private static string Describe(QualityRule rule) => string.Join(
        ' ',
        new[]
        {
            rule.Metric.ToString(), string.Join(',', rule.Columns), rule.Operator.ToString(),
            FormattableString.Invariant($"{rule.Limit:R} {rule.UpperLimit:R}"),
            rule.Percent ? "percent" : "", rule.Severity.ToString(), string.Join('|', rule.MissingValues),
            string.Join('|', rule.ValidValues), rule.Pattern,
            rule.Definition,
        }.Where(part => !string.IsNullOrEmpty(part)));

    private static string Text(long? number) => number?.ToString(CultureInfo.InvariantCulture) ?? "";

    private static string Limit(Bound? bound) => bound is { } limit ? $"{limit.Text}{(limit.Exclusive ? " exclusive" : "")}" : "";

    private static string Values(ContractField field) => string.Join(", ", field.AllowedValues.Order(StringComparer.Ordinal));

    private static int[] Parts(string version)
    {
        var parts = new int[3];
        var words = version.TrimStart('v').Split('.', '-', '+');
        for (var i = 0; i < 3 && i < words.Length; i++)
        {
            _ = int.TryParse(words[i], NumberStyles.None, CultureInfo.InvariantCulture, out parts[i]);
        }

        return parts;
    }
}
