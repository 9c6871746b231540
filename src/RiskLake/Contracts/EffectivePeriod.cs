using System.Globalization;
using RiskLake.Contracts.Configuration;

namespace RiskLake.Contracts;

/// <summary>Dates on which a fact of the configuration is in force: from the first day on, up to but not including the last.</summary>
/// <param name="From">First day.</param>
/// <param name="To">First day on which it is no longer in force; null while no end is known.</param>
internal readonly record struct EffectivePeriod(DateOnly From, DateOnly? To)
{
    /// <summary>The two keys, for the shape of whatever has a period.</summary>
    public static ConfigShape.Key FromKey { get; } = ("from!", ConfigShape.Text);

    public static ConfigShape.Key ToKey { get; } = ("to", ConfigShape.Text);

    public bool Contains(DateOnly date) => date >= From && (To is not { } end || date < end);

    public bool Overlaps(EffectivePeriod other) => (other.To is not { } end || From < end) && (To is not { } own || other.From < own);

    public override string ToString() => To is { } end
        ? string.Create(CultureInfo.InvariantCulture, $"{From:yyyy-MM-dd} to {end:yyyy-MM-dd}")
        : string.Create(CultureInfo.InvariantCulture, $"{From:yyyy-MM-dd} on");

    /// <summary>Reads <c>from</c> and <c>to</c> of an entry.</summary>
    public static EffectivePeriod Read(ConfigNode node, ConfigProblems problems)
    {
        var from = Date(node["from"], problems) ?? DateOnly.MinValue;
        var to = Date(node["to"], problems);
        if (to <= from)
        {
            problems.Error("E002", node["to"]!, $"the period {new EffectivePeriod(from, to)}", "an end after its beginning; the end is not included",
                "correct the dates");
        }

        return new(from, to);
    }

    /// <summary>Refuses two periods of one thing that share a day.</summary>
    public static void RequireApart(IReadOnlyList<(EffectivePeriod Period, ConfigNode At)> periods, string what, ConfigProblems problems)
    {
        for (var i = 0; i < periods.Count; i++)
        {
            for (var j = 0; j < i; j++)
            {
                if (periods[i].Period.Overlaps(periods[j].Period))
                {
                    problems.Error(
                        "E003",
                        periods[i].At,
                        FormattableString.Invariant(
                            $"{what} from {periods[i].Period}, beside {periods[j].Period} on line {periods[j].At.Line}"),
                        "periods that share no day",
                        "end the one where the other begins: `to` is not included");
                }
            }
        }
    }

    private static DateOnly? Date(ConfigNode? node, ConfigProblems problems)
    {
        if (node is null || node.Kind != ConfigKind.Text)
        {
            return null;
        }

        if (DateOnly.TryParseExact(node.Text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var date))
        {
            return date;
        }

        problems.Error("E001", node, node.Describe(), "a date such as 2025-01-31", "correct the date");
        return null;
    }
}
