using RiskLake.Contracts;
using RiskLake.Risk;

namespace RiskLake.Desk.Limits;

/// <summary>What a limit is about.</summary>
/// <param name="Kind"><c>symbol</c>, <c>portfolio</c> or <c>node</c>.</param>
/// <param name="Name">Symbol, id of the portfolio, or path of the node.</param>
internal readonly record struct LimitScope(string Kind, string Name)
{
    public const string Symbol = "symbol";

    public const string Portfolio = "portfolio";

    public const string Node = "node";

    public static IReadOnlyList<string> Kinds { get; } = [Symbol, Portfolio, Node];

    public override string ToString() => $"{Kind}:{Name}";
}

/// <summary>The number a limit is held against.</summary>
/// <param name="Measure">Such as <c>value_at_risk</c>.</param>
/// <param name="Method">Null for measures without one.</param>
/// <param name="Confidence">Null for measures without one.</param>
/// <param name="Horizon">Sessions.</param>
/// <param name="Unit"><c>fraction</c>, <c>annual_fraction</c> or a currency.</param>
internal sealed record LimitedMeasure(string Measure, string? Method, Confidence? Confidence, int Horizon, string Unit)
{
    public const string ValueAtRisk = "value_at_risk";
    public const string ExpectedShortfall = "expected_shortfall";
    public const string Volatility = "volatility";
    public const string GrossLeverage = "gross_leverage";
    public const string NetLeverage = "net_leverage";
    public const string LargestPosition = "largest_position";
    public const string Fraction = "fraction";

    /// <summary>Of an annualised volatility.</summary>
    public const string AnnualFraction = "annual_fraction";

    public static IReadOnlyList<string> Names { get; } =
        [ValueAtRisk, ExpectedShortfall, Volatility, GrossLeverage, NetLeverage, LargestPosition];

    public static bool HasConfidence(string measure) => measure is ValueAtRisk or ExpectedShortfall;

    public static bool HasMethod(string measure) => HasConfidence(measure) || measure == Volatility;
}

/// <summary>What a measured number rests on, beside what a limit asks for.</summary>
internal sealed record MeasureBasis
{
    /// <summary><c>simple</c>, <c>log</c> or <c>absolute</c>; null where no returns are behind it.</summary>
    public string? Returns { get; init; }

    /// <summary>Returns that are looked at.</summary>
    public int? Window { get; init; }

    /// <summary><c>loss_positive</c> or <c>natural</c>.</summary>
    public string? Sign { get; init; }

    /// <summary>Of the prices.</summary>
    public string? PriceKind { get; init; }

    /// <summary>What the prices are corrected for.</summary>
    public string? Adjustment { get; init; }
}

/// <summary>The amounts of a limit over a period.</summary>
internal sealed record LimitThresholds(EffectivePeriod Period, double Warn, double Critical);

/// <summary>A limit of the configuration, or one that a mandate implies.</summary>
internal sealed record LimitDefinition
{
    public required string Id { get; init; }

    public required string Owner { get; init; }

    public required LimitedMeasure Measure { get; init; }

    /// <summary>What it is held against, in ordinal order of their names.</summary>
    public required IReadOnlyList<LimitScope> Scopes { get; init; }

    /// <summary>Days within after which a breach is over.</summary>
    public int CleanDays { get; init; } = 1;

    public required IReadOnlyList<LimitThresholds> Thresholds { get; init; }

    public LimitThresholds? On(DateOnly date) => Thresholds.FirstOrDefault(entry => entry.Period.Contains(date));
}
