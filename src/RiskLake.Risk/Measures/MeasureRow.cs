using System.Globalization;
using RiskLake.Risk;

namespace RiskLake.Risk.Measures;

/// <summary>One published number of a series with everything behind it; or no number, and why.</summary>
/// <remarks>
/// The measure's name says what (<c>value_at_risk</c>), its method how, by the codes of <see cref="TailMethods"/>; its convention
/// holds confidence, window, horizon and parameters. Invariant: the value is present exactly when the status is ready.
/// </remarks>
internal sealed record MeasureRow
{
    /// <summary>Name, method, value, status, reason, observations, convention.</summary>
    public required Measure Measure { get; init; }

    /// <summary>
    /// The unit of the value: <c>fraction</c> of value, <c>log</c> of a ratio of values, either in <c>percent</c> (<c>log_percent</c>),
    /// <c>price</c>, <c>data</c> (that of the column), or <c>none</c>.
    /// </summary>
    public required string Unit { get; init; }

    /// <summary>The model or variant behind the method, where there are several: <c>garch11-normal-fcp</c>.</summary>
    public string? Model { get; init; }

    /// <summary>
    /// The observations the number rests on, worst first; positions are those in the returns given, whatever the window. Empty for
    /// methods without: parametric ones, and simulations, whose scenarios are paths.
    /// </summary>
    public IReadOnlyList<TailObservation> Tail { get; init; } = [];

    /// <summary>A confidence interval of the value, where the method has one; itself with a status.</summary>
    public ConfidenceInterval? Interval { get; init; }

    /// <summary>Parameters as one text for a column: <c>name=value</c>, in order, parted by spaces; empty for none.</summary>
    public static string TextOf(IReadOnlyList<Parameter> parameters) =>
        string.Join(' ', parameters.Select(item => string.Create(CultureInfo.InvariantCulture, $"{item.Name}={item.Value:R}")));
}
