using RiskLake.Risk;

namespace RiskLake.Desk.Portfolios;

/// <summary>What a row of <c>gold/portfolio_risk</c> is about.</summary>
internal static class PortfolioLevel
{
    /// <summary>A group of portfolios.</summary>
    public const string Node = "node";

    public const string Portfolio = "portfolio";

    public const string Position = "position";
}

/// <summary>Why a portfolio has no number, beyond what <see cref="Status"/> says of estimates.</summary>
internal static class PortfolioStatus
{
    public const string Ready = "ready";

    /// <summary>A position's symbol has no return on the valuation session, or no series at all.</summary>
    public const string MissingSeries = "missing_series";

    /// <summary>Nobody says in which market a position's symbol trades: its sessions are not known.</summary>
    public const string UnknownMarket = "unknown_market";

    /// <summary>A position is a number of units, and only prices corrected for what came later are known.</summary>
    public const string NoTradedPrice = "no_traded_price";

    /// <summary>A series is in another currency than the portfolio, and there are no exchange rates.</summary>
    public const string CurrencyMismatch = "currency_mismatch";

    /// <summary>A node's portfolios have different base currencies.</summary>
    public const string MixedCurrencies = "mixed_currencies";

    /// <summary>A node holds a portfolio without a number.</summary>
    public const string IncompleteNode = "incomplete_node";

    public const string InsufficientHistory = "insufficient_history";

    public const string Degenerate = "degenerate";
}

/// <summary>One line of portfolio risk: a node, a portfolio, or one of its positions. Losses are positive.</summary>
internal sealed record PortfolioRiskRow
{
    public required string Level { get; init; }

    /// <summary>Path of the node or portfolio; of a position, that of its portfolio.</summary>
    public required string Path { get; init; }

    /// <summary>Null for nodes.</summary>
    public string? Portfolio { get; init; }

    /// <summary>Positions only.</summary>
    public string? Symbol { get; init; }

    public required string Method { get; init; }

    public required Confidence Confidence { get; init; }

    /// <summary><c>fraction</c> of the portfolio's value, or a currency.</summary>
    public required string Unit { get; init; }

    /// <summary>Sum of the exposures; null when a price is missing.</summary>
    public double? NetExposure { get; init; }

    /// <summary>Sum of their magnitudes.</summary>
    public double? GrossExposure { get; init; }

    /// <summary>Capital, in the unit.</summary>
    public double? Capital { get; init; }

    /// <summary>Of the line alone.</summary>
    public double? ValueAtRisk { get; init; }

    public double? ExpectedShortfall { get; init; }

    /// <summary>Standard deviation of one session.</summary>
    public double? Volatility { get; init; }

    /// <summary>The whole that the parts below are parts of.</summary>
    public required string ComponentOf { get; init; }

    public double? ComponentValueAtRisk { get; init; }

    public double? ComponentShortfall { get; init; }

    public double? KernelComponentValueAtRisk { get; init; }

    public double? MarginalValueAtRisk { get; init; }

    public double? MarginalShortfall { get; init; }

    public double? IncrementalValueAtRisk { get; init; }

    /// <summary>Sum of the positions' own VaRs minus the VaR; null for positions.</summary>
    public double? DiversificationBenefit { get; init; }

    public int Observations { get; init; }

    /// <summary>Most sessions that are looked at.</summary>
    public int Window { get; init; }

    /// <summary>Of the prices behind the returns; several, parted by spaces, where positions differ.</summary>
    public string? PriceKind { get; init; }

    /// <summary>What those prices are corrected for; several, parted by spaces, where positions differ.</summary>
    public string? Adjustment { get; init; }

    /// <summary>Prices that quantities are valued at, such as <c>close raw</c>; several, parted by commas; null for weights.</summary>
    public string? ExposurePrices { get; init; }

    /// <summary>Sessions left out of the window because a symbol had no return.</summary>
    public int ExcludedSessions { get; init; }

    public DateOnly? FirstSession { get; init; }

    public DateOnly? LastSession { get; init; }

    public required string Status { get; init; }

    public string? Reason { get; init; }
}
