using RiskLake.Contracts;
using RiskLake.Risk;

namespace RiskLake.Desk.Portfolios;

/// <summary>A position: long above zero, short below.</summary>
/// <param name="Symbol">As silver spells it.</param>
/// <param name="Amount">Share of the portfolio's value, or a number of units, as the holdings say.</param>
internal sealed record Holding(string Symbol, double Amount);

/// <summary>What a portfolio holds over a period.</summary>
/// <param name="Period">When.</param>
/// <param name="AreQuantities">Whether amounts are units of the instrument; shares of the portfolio's value otherwise.</param>
/// <param name="Positions">The positions, symbols in ordinal order.</param>
internal sealed record Holdings(EffectivePeriod Period, bool AreQuantities, IReadOnlyList<Holding> Positions);

/// <summary>What a portfolio may do over a period. What is null is not restricted.</summary>
internal sealed record Mandate
{
    public required EffectivePeriod Period { get; init; }

    public required string Owner { get; init; }

    /// <summary>Greatest sum of the positions' magnitudes over capital.</summary>
    public double? MaxGrossLeverage { get; init; }

    /// <summary>Greatest magnitude of the positions' sum over capital.</summary>
    public double? MaxNetLeverage { get; init; }

    /// <summary>Greatest magnitude of one position over capital.</summary>
    public double? MaxPosition { get; init; }

    /// <summary>Greatest value at risk over capital.</summary>
    public double? MaxValueAtRisk { get; init; }

    /// <summary>Method of that value at risk.</summary>
    public string? Method { get; init; }

    /// <summary>Confidence of that value at risk.</summary>
    public Confidence? Confidence { get; init; }
}

/// <summary>One portfolio of the configuration.</summary>
internal sealed record Portfolio
{
    public required string Id { get; init; }

    /// <summary>For people.</summary>
    public required string Name { get; init; }

    /// <summary>Its place in the hierarchy, from the root down, its own id last: <c>firm/equities/technology</c>.</summary>
    public required string Path { get; init; }

    /// <summary>ISO 4217. Series in another currency are not converted: there is no series of exchange rates.</summary>
    public required string BaseCurrency { get; init; }

    /// <summary>Capital in the base currency; null where positions are shares of an unknown value, or leverage is not asked for.</summary>
    public double? Capital { get; init; }

    public required IReadOnlyList<Holdings> Holdings { get; init; }

    public IReadOnlyList<Mandate> Mandates { get; init; } = [];

    /// <summary>Nodes above it, the root first.</summary>
    public IEnumerable<string> Ancestors
    {
        get
        {
            for (var at = Path.IndexOf('/', StringComparison.Ordinal); at >= 0; at = Path.IndexOf('/', at + 1))
            {
                yield return Path[..at];
            }
        }
    }
}

/// <summary>A portfolio as it is on a date.</summary>
/// <param name="Portfolio">The portfolio.</param>
/// <param name="Holdings">What it holds.</param>
/// <param name="Mandate">What it may do; null without a mandate.</param>
internal sealed record PortfolioOnDate(Portfolio Portfolio, Holdings Holdings, Mandate? Mandate);
