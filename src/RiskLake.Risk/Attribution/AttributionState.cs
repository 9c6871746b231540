namespace RiskLake.Risk;

/// <summary>Returns of one or more positions on common dates.</summary>
/// <param name="Dates">Strictly ascending.</param>
/// <param name="Columns">columns[i][t], one array per position, each as long as the dates.</param>
public sealed record DatedReturns(IReadOnlyList<DateOnly> Dates, IReadOnlyList<double[]> Columns)
{
    /// <summary>The observations up to and including a date.</summary>
    public DatedReturns Through(DateOnly date)
    {
        var count = Dates.Count;
        while (count > 0 && Dates[count - 1] > date)
        {
            count--;
        }

        return count == Dates.Count ? this : new DatedReturns([.. Dates.Take(count)], [.. Columns.Select(column => column[..count])]);
    }

    /// <summary>Return of the whole on one date: the weighted sum, in the order of the positions.</summary>
    internal double Sum(IReadOnlyList<double> weights, int index)
    {
        var sum = default(Numerics.OrderedSum);
        for (var i = 0; i < weights.Count; i++)
        {
            sum.Add(weights[i] * Columns[i][index]);
        }

        return sum.Value;
    }
}

/// <summary>Everything a measure of a window is a function of.</summary>
/// <typeparam name="T">What else decides it: method, confidence, conventions.</typeparam>
/// <param name="History">All observations known, through the date that is measured; those before the window may feed a recursion.</param>
/// <param name="Window">The last so many observations are the window; fewer when there are fewer.</param>
/// <param name="Weights">One per column; a single series has the weight one.</param>
/// <param name="Parameters">The rest.</param>
public sealed record AttributionState<T>(DatedReturns History, int Window, IReadOnlyList<double> Weights, T Parameters)
{
    /// <summary>Position of the window's first observation.</summary>
    public int Start => Math.Max(0, History.Dates.Count - Window);

    /// <summary>The window's returns of the whole.</summary>
    public double[] WindowReturns()
    {
        var values = new double[History.Dates.Count - Start];
        for (var t = 0; t < values.Length; t++)
        {
            values[t] = History.Sum(Weights, Start + t);
        }

        return values;
    }
}

/// <summary>The value of a state.</summary>
/// <param name="Value">Null when there is none.</param>
/// <param name="Reason">Why there is none.</param>
/// <param name="Tail">Positions, in the history, of the observations the value rests on; empty for methods without.</param>
public sealed record AttributedValue(double? Value, string? Reason, IReadOnlyList<int> Tail);

/// <summary>Why a value moved.</summary>
public enum AttributionStep
{
    /// <summary>Observations of the old window are known to be others now.</summary>
    Restated,

    /// <summary>Observations that the window has left behind.</summary>
    Left,

    /// <summary>Observations that have come into the window.</summary>
    Entered,

    /// <summary>Other weights or positions.</summary>
    Weights,

    /// <summary>Another method, confidence, window length or convention.</summary>
    Parameters,
}

/// <summary>One observation behind a part.</summary>
/// <param name="Date">Its date.</param>
/// <param name="Before">Return of the whole before the step; null when the window did not hold the date.</param>
/// <param name="After">Return of the whole after it; null when the window does not.</param>
/// <param name="InTail">Whether the value rests on it: after the step, or before it for one that has left.</param>
public readonly record struct AttributedObservation(DateOnly Date, double? Before, double? After, bool InTail);

/// <summary>A part of the change.</summary>
/// <param name="Steps">What was changed, in this order; several when the states between them have no value.</param>
/// <param name="Change">Value after minus value before.</param>
/// <param name="Value">Value after.</param>
/// <param name="Observations">Those the steps brought, took or changed, by date; empty for weights and parameters.</param>
public sealed record AttributionPart(
    IReadOnlyList<AttributionStep> Steps, double Change, double Value, IReadOnlyList<AttributedObservation> Observations);

/// <summary>A change of a measure, split into parts that sum to it.</summary>
/// <remarks>Invariant: when there are parts, start plus their sum is the end, but for <see cref="Residual"/>.</remarks>
public sealed record Attribution
{
    /// <summary>Value at the start; null when there is none.</summary>
    public required double? Start { get; init; }

    /// <summary>Value at the end; null when there is none.</summary>
    public required double? End { get; init; }

    /// <summary>Why there are no parts; null when there are.</summary>
    public string? Reason { get; init; }

    /// <summary>In the order in which the steps were taken; the order decides how large each is.</summary>
    public IReadOnlyList<AttributionPart> Parts { get; init; } = [];

    /// <summary>End minus start.</summary>
    public double? Total { get; init; }

    /// <summary>Total minus the sum of the parts: what rounding leaves.</summary>
    public double? Residual { get; init; }
}
