namespace RiskLake.Risk;

/// <summary>One published number with everything that decides it; or no number, and why.</summary>
/// <remarks>
/// Invariant: Value is present exactly when Status is Ready, and then it is finite. Equality is by reference to lists, by value else.
/// </remarks>
public sealed record Measure
{
    /// <summary>What is measured, snake case: <c>value_at_risk</c>.</summary>
    public required string Name { get; init; }

    /// <summary>How, snake case: <c>historical</c>.</summary>
    public required string Method { get; init; }

    /// <summary>The number, in the unit of the data unless the name says otherwise; null unless the status is ready.</summary>
    public double? Value { get; private init; }

    /// <summary>Whether there is a number.</summary>
    public Status Status { get; private init; }

    /// <summary>Why there is none, in one sentence; null when ready.</summary>
    public string? Reason { get; private init; }

    /// <summary>Observations the number rests on.</summary>
    public required int Observations { get; init; }

    /// <summary>Sign, quantile type, window and the rest.</summary>
    public required Convention Convention { get; init; }

    /// <summary>A measure with its number; one that is not finite is refused as <see cref="Status.Degenerate"/>.</summary>
    public static Measure Of(string name, string method, double value, int observations, Convention convention) =>
        double.IsFinite(value)
            ? new Measure
            {
                Name = name,
                Method = method,
                Value = value,
                Status = Status.Ready,
                Observations = observations,
                Convention = convention,
            }
            : None(name, method, new Refusal(Status.Degenerate, "The result is not a finite number."), observations, convention);

    /// <summary>A measure without a number, and why.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The status is <see cref="Status.Ready"/>.</exception>
    public static Measure None(string name, string method, Status status, string reason, int observations, Convention convention)
    {
        ArgumentOutOfRangeException.ThrowIfEqual(status, Status.Ready);
        return None(name, method, new Refusal(status, reason), observations, convention);
    }

    internal static Measure None(string name, string method, Refusal refusal, int observations, Convention convention) => new()
    {
        Name = name,
        Method = method,
        Status = refusal.Status,
        Reason = refusal.Reason,
        Observations = observations,
        Convention = convention,
    };
}

/// <summary>Why there is no number.</summary>
internal sealed record Refusal(Status Status, string Reason)
{
    public static Refusal TooFew(int needed, int found) =>
        new(Status.InsufficientHistory, FormattableString.Invariant($"Needs {needed} observations, found {found}."));

    public static Refusal Constant { get; } = new(Status.Degenerate, "All observations are equal.");

    /// <summary>
    /// The first value that is not finite, too few values, values that are all equal, or values whose powers leave the range of doubles:
    /// the greatest magnitude lies outside [1 / reach, reach]. Null when a series can be measured.
    /// </summary>
    public static Refusal? OfSeries(ReadOnlySpan<double> series, int needed, bool mayBeConstant = false, double reach = 1e75)
    {
        var greatest = 0.0;
        for (var i = 0; i < series.Length; i++)
        {
            if (!double.IsFinite(series[i]))
            {
                return new Refusal(Status.InvalidInput, FormattableString.Invariant($"Observation {i} is not finite."));
            }

            greatest = Math.Max(greatest, Math.Abs(series[i]));
        }

        if (series.Length < needed)
        {
            return TooFew(needed, series.Length);
        }

        if (!mayBeConstant && series.IndexOfAnyExcept(series[0]) < 0)
        {
            return Constant;
        }

        return greatest == 0.0 || (greatest <= reach && greatest >= 1.0 / reach)
            ? null
            : new Refusal(Status.Degenerate, "The values are too small or too large to compute with.");
    }
}
