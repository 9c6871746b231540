namespace RiskLake.UserFiles;

/// <summary>What becomes of a session (of a file: of a row) without a value.</summary>
internal enum GapRule
{
    /// <summary>The returns to it and from it are left out and counted: a return across it is not one of one session.</summary>
    LeaveOut,

    /// <summary>It is an error, named by its place.</summary>
    Refuse,

    /// <summary>The values beside it become neighbours: one return spans it.</summary>
    Join,
}

/// <summary>The rules by their codes.</summary>
internal static class GapRules
{
    /// <summary>All of them, the standard first.</summary>
    public static IReadOnlyList<GapRule> All { get; } = Enum.GetValues<GapRule>();

    public static string Code(this GapRule rule) => rule switch
    {
        GapRule.LeaveOut => "leave_out",
        GapRule.Refuse => "refuse",
        GapRule.Join => "join",
        _ => throw new ArgumentOutOfRangeException(nameof(rule), rule, "No such rule."),
    };

    /// <summary>The rule of a code.</summary>
    public static GapRule Of(string code) => All.Single(rule => rule.Code() == code);
}

/// <summary>Where the returns of a series with gaps end.</summary>
/// <param name="Ends">The value each return ends at, by its position among those that are there.</param>
/// <param name="Positions">The place of each return among all sessions, those without a value included; under <c>join</c> among those with one.</param>
/// <param name="Span">The last place.</param>
/// <param name="Missing">Places without a value, ascending; under <c>join</c> those of the values that follow them.</param>
internal sealed record GapPlan(int[] Ends, int[] Positions, int Span, int[] Missing)
{
    /// <param name="rows">The sessions with a value, ascending.</param>
    /// <param name="sessions">How many there are with and without.</param>
    /// <param name="rule">What becomes of those without.</param>
    /// <param name="holdsReturns">Whether the values are returns already.</param>
    public static GapPlan Of(int[] rows, int sessions, GapRule rule, bool holdsReturns)
    {
        var joins = rule == GapRule.Join;
        List<int> ends = [];
        List<int> missing = [];
        for (var i = 0; i < rows.Length; i++)
        {
            var gap = i == 0 ? 0 : rows[i] - rows[i - 1] - 1;
            for (var k = gap; k > 0; k--)
            {
                missing.Add(joins ? i : rows[i] - k);
            }

            if (holdsReturns || (i > 0 && (gap == 0 || joins)))
            {
                ends.Add(i);
            }
        }

        return new GapPlan([.. ends], [.. ends.Select(end => joins ? end : rows[end])], (joins ? rows.Length : sessions) - 1, [.. missing]);
    }

    /// <summary>How many returns the last sessions hold.</summary>
    public int Within(int sessions) => Positions.Length - Positions.Count(position => position <= Span - sessions);

    /// <summary>Sessions without a value among the last ones; null: among all.</summary>
    public int MissingWithin(int? sessions) => sessions is { } last ? Missing.Count(place => place > Span - last) : Missing.Length;
}
