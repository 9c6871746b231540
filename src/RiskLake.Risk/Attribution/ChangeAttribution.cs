using RiskLake.Risk.Numerics;

namespace RiskLake.Risk;

/// <summary>Splits the change of a measure between two dates by changing one thing after the other and measuring anew.</summary>
/// <remarks>
/// The steps, in this order: the old window as it is known now; without the observations that have left it; with those that have come;
/// with the new weights; with the new parameters. Each part is the difference of two measured values, so that the parts telescope to the
/// total. Parts depend on the order of the steps, as those of every such split do. A state without a value has no part of its own: its
/// step is joined with the next.
/// </remarks>
public static class ChangeAttribution
{
    /// <summary>Splits the change from one state to another.</summary>
    /// <param name="earlier">The old state: what was known then, through the old date.</param>
    /// <param name="later">The new one; its history reaches back to the old window, or what it lacks of it counts as restated.</param>
    /// <param name="measure">Measures a state.</param>
    /// <param name="windowOf">
    /// How many of the last observations of a history the window holds under some parameters; by default the window of the old state.
    /// </param>
    /// <exception cref="ArgumentException">The histories have other columns, or the old one ends later.</exception>
    public static Attribution Explain<T>(
        AttributionState<T> earlier,
        AttributionState<T> later,
        Func<AttributionState<T>, AttributedValue> measure,
        Func<DatedReturns, T, int>? windowOf = null)
    {
        ArgumentNullException.ThrowIfNull(earlier);
        ArgumentNullException.ThrowIfNull(later);
        ArgumentNullException.ThrowIfNull(measure);
        Shape.Length(earlier.History.Columns.Count, later.History.Columns.Count, nameof(later));
        var (start, end) = (measure(earlier), measure(later));
        if (start.Value is not { } first || end.Value is not { } last)
        {
            return new Attribution
            {
                Start = start.Value,
                End = end.Value,
                Reason = start.Value is null ? $"No value at the start: {start.Reason}" : $"No value at the end: {end.Reason}",
            };
        }

        var states = States(earlier, later, windowOf ?? ((_, _) => earlier.Window));
        List<AttributionPart> parts = [];
        List<AttributionStep> steps = [];
        var (before, value) = ((State: earlier, Value: start), first);
        for (var k = 0; k < states.Length; k++)
        {
            var (step, state) = states[k];
            steps.Add(step);
            var after = (State: state, Value: k == states.Length - 1 ? end : measure(state));
            if (after.Value.Value is not { } now)
            {
                continue;
            }

            parts.Add(new AttributionPart([.. steps], now - value, now, Observations(steps, before.State, before.Value, after.State, after.Value)));
            steps.Clear();
            (before, value) = (after, now);
        }

        var sum = OrderedSum.Of([.. parts.Select(part => part.Change)]);
        return new Attribution { Start = first, End = last, Parts = parts, Total = last - first, Residual = last - first - sum };
    }

    private static (AttributionStep Step, AttributionState<T> State)[] States<T>(
        AttributionState<T> earlier, AttributionState<T> later, Func<DatedReturns, T, int> windowOf)
    {
        var oldDate = earlier.History.Dates.Count > 0 ? earlier.History.Dates[^1] : DateOnly.MinValue;
        if (later.History.Dates.Count > 0 && later.History.Dates[^1] < oldDate)
        {
            throw new ArgumentException("The new state ends before the old one.", nameof(later));
        }

        var known = later.History.Through(oldDate);
        var restated = earlier with { History = known, Window = windowOf(known, earlier.Parameters) };
        var entered = earlier with { History = later.History, Window = windowOf(later.History, earlier.Parameters) };
        var firstDate = entered.Start < later.History.Dates.Count ? later.History.Dates[entered.Start] : DateOnly.MaxValue;
        var kept = restated.History.Dates.Skip(restated.Start).Count(date => date >= firstDate);
        var left = restated with { Window = kept };
        return
        [
            (AttributionStep.Restated, restated),
            (AttributionStep.Left, left),
            (AttributionStep.Entered, entered),
            (AttributionStep.Weights, entered with { Weights = later.Weights }),
            (AttributionStep.Parameters, later),
        ];
    }

    private static AttributedObservation[] Observations<T>(
        IReadOnlyList<AttributionStep> steps, AttributionState<T> before, AttributedValue old, AttributionState<T> after, AttributedValue now)
    {
        if (steps[0] >= AttributionStep.Weights)
        {
            return [];
        }

        var was = Window(before);
        var becomes = Window(after);
        var oldTail = old.Tail.Select(index => before.History.Dates[index]).ToHashSet();
        var newTail = now.Tail.Select(index => after.History.Dates[index]).ToHashSet();
        List<AttributedObservation> result = [];
        foreach (var date in was.Keys.Union(becomes.Keys).Order())
        {
            double? one = was.TryGetValue(date, out var o) ? o.Sum : null;
            double? other = becomes.TryGetValue(date, out var n) ? n.Sum : null;
            if (one is null || other is null || !o.Returns.SequenceEqual(n.Returns))
            {
                result.Add(new AttributedObservation(date, one, other, other is null ? oldTail.Contains(date) : newTail.Contains(date)));
            }
        }

        return [.. result];
    }

    private static Dictionary<DateOnly, (double Sum, double[] Returns)> Window<T>(AttributionState<T> state)
    {
        var result = new Dictionary<DateOnly, (double, double[])>();
        for (var t = state.Start; t < state.History.Dates.Count; t++)
        {
            result[state.History.Dates[t]] = (state.History.Sum(state.Weights, t), [.. state.History.Columns.Select(column => column[t])]);
        }

        return result;
    }
}
