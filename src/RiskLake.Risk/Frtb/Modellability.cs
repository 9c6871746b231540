namespace RiskLake.Risk;

/// <summary>FRTB's risk factor eligibility test: whether a factor is observed often enough to be modelled.</summary>
/// <remarks>
/// One real price counts per day. Passes if there are at least 100 days in the twelve months, or at least 24 and no window of 90 calendar
/// days
/// with fewer than four. Source: BCBS MAR31.13.
/// </remarks>
public sealed record Modellability
{
    private const int WindowDays = 90;
    private const int LeastInWindow = 4;

    /// <summary>Whether the factor may be modelled.</summary>
    public required bool IsModellable { get; init; }

    /// <summary>Distinct days with a real price inside the period.</summary>
    public required int Days { get; init; }

    /// <summary>At least 24 days, and no thin window.</summary>
    public required bool PassesByContinuity { get; init; }

    /// <summary>At least 100 days.</summary>
    public required bool PassesByNumber { get; init; }

    /// <summary>
    /// The first window of 90 days with fewer than four observations: first day, last day, observations; null when there is none.
    /// </summary>
    public (DateOnly First, DateOnly Last, int Observations)? FirstThinWindow { get; init; }

    /// <summary>
    /// The last day by which a further observation must arrive for the continuity rule to hold on the day after; null when it fails
    /// already.
    /// </summary>
    /// <remarks>Looks at the newest four observations only: the thinnest window that ends after the period.</remarks>
    public DateOnly? NextObservationDue { get; init; }

    /// <summary>Judges observations over a period, both ends inclusive; days outside it and repeats are ignored.</summary>
    public static Modellability Of(IEnumerable<DateOnly> observations, DateOnly first, DateOnly last)
    {
        ArgumentNullException.ThrowIfNull(observations);
        ArgumentOutOfRangeException.ThrowIfLessThan(last, first);
        DateOnly[] days = [.. observations.Where(day => day >= first && day <= last).Distinct().Order()];
        var thin = FirstThin(days, first, last);
        var continuity = days.Length >= 24 && thin is null;
        var number = days.Length >= 100;
        DateOnly? due = thin is null && days.Length >= LeastInWindow ? days[^LeastInWindow].AddDays(WindowDays) : null;
        return new Modellability
        {
            IsModellable = continuity || number,
            Days = days.Length,
            PassesByContinuity = continuity,
            PassesByNumber = number,
            FirstThinWindow = thin,
            NextObservationDue = due,
        };
    }

    // A window is thin if it starts the day after one observation (or the period) and ends before the fourth that follows.
    private static (DateOnly First, DateOnly Last, int Observations)? FirstThin(DateOnly[] days, DateOnly first, DateOnly last)
    {
        for (var i = -1; i < days.Length; i++)
        {
            var start = i < 0 ? first : days[i].AddDays(1);
            var end = start.AddDays(WindowDays - 1);
            if (end > last)
            {
                return null;
            }

            var fourth = i + LeastInWindow;
            if (fourth >= days.Length || days[fourth] > end)
            {
                return (start, end, days.Skip(i + 1).Count(day => day <= end));
            }
        }

        return null;
    }
}
