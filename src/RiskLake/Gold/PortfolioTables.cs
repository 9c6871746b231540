using RiskLake.Lake.Columns;

namespace RiskLake.Gold;

/// <summary>The table of portfolios that runs of risk write.</summary>
internal static class PortfolioTables
{
    public static GoldTable Risk { get; } = new(
        "portfolio_risk",
        "one node, portfolio or position, method and confidence of a valuation date; losses are positive",
        "`path`, method, confidence, then the portfolio before its positions by symbol",
        [RiskTables.ValuationDate, "path", "symbol", "method", "confidence"],
        [
            new(new(RiskTables.ValuationDate, ColumnType.Date), "", "The date asked for."),
            new(new("level", ColumnType.String), "", "`node`, `portfolio` or `position`."),
            new(new("path", ColumnType.String), "", "Nodes from the root down to the portfolio; of a position, the path of its portfolio."),
            new(new("portfolio", ColumnType.String, Nullable: true), "", "Id of the portfolio; null for nodes."),
            new(new("symbol", ColumnType.String, Nullable: true), "", "Positions only."),
            new(new("method", ColumnType.String), "", "`historical` or `normal_covariance`."),
            new(new("confidence", ColumnType.String), "", "Exact fraction, such as `99/100`."),
            RiskTables.ConfidenceLevel,
            new(new("horizon", ColumnType.Int64), "sessions", "Sessions the numbers are about."),
            RiskTables.Returns,
            RiskTables.Sign,
            new(
                new("window", ColumnType.Int64, Nullable: true), "returns",
                "Most common sessions that are looked at; `observations` has how many had a return."),
            new(new("price_kind", ColumnType.String, Nullable: true), "", "Of the prices behind the returns: `close`, `last`, or both where positions differ."),
            new(new("adjustment", ColumnType.String, Nullable: true), "", "What those prices are corrected for; several where positions differ."),
            new(
                new("exposure_prices", ColumnType.String, Nullable: true), "",
                "Prices that quantities are valued at, such as `close raw`; several where positions differ; null where exposures are weights."),
            new(new("unit", ColumnType.String), "", "`fraction` of the portfolio's value, or a currency; `mixed` where a node has several."),
            new(new("net_exposure", ColumnType.Double, Nullable: true), "see `unit`", "Sum of the exposures; null without a price."),
            new(new("gross_exposure", ColumnType.Double, Nullable: true), "see `unit`", "Sum of their magnitudes."),
            new(
                new("capital", ColumnType.Double, Nullable: true), "see `unit`",
                "Of the configuration; 1 where exposures are fractions; null when not given, and for positions."),
            new(new("value_at_risk", ColumnType.Double, Nullable: true), "see `unit`", "Of the line alone; null unless the status is `ready`."),
            new(new("expected_shortfall", ColumnType.Double, Nullable: true), "see `unit`", "Of the line alone; null for positions."),
            new(new("volatility", ColumnType.Double, Nullable: true), "see `unit`", "Standard deviation of one session, not annualised; null for positions."),
            new(new("component_of", ColumnType.String), "", "Path of the whole that the parts below are parts of: a position's portfolio, else the root."),
            new(new("component_value_at_risk", ColumnType.Double, Nullable: true), "see `unit`", "Euler part of the whole's VaR; the parts sum to it."),
            new(new("component_shortfall", ColumnType.Double, Nullable: true), "see `unit`", "Euler part of the whole's ES; the parts sum to it."),
            new(
                new("kernel_component_value_at_risk", ColumnType.Double, Nullable: true), "see `unit`",
                "Positions, historical: the part smoothed over scenarios near the VaR."),
            new(
                new("marginal_value_at_risk", ColumnType.Double, Nullable: true), "per exposure",
                "Positions: derivative of the portfolio's VaR by the exposure."),
            new(new("marginal_shortfall", ColumnType.Double, Nullable: true), "per exposure", "Positions: derivative of the portfolio's ES."),
            new(
                new("incremental_value_at_risk", ColumnType.Double, Nullable: true), "see `unit`",
                "VaR of the whole minus its VaR without the line, measured anew; these do not sum."),
            new(
                new("diversification_benefit", ColumnType.Double, Nullable: true), "see `unit`",
                "Sum of the positions' own VaRs minus the VaR; null for positions."),
            new(new("observations", ColumnType.Int64), "returns", "Sessions with a return of every position."),
            new(new("excluded_sessions", ColumnType.Int64), "sessions", "Common sessions of the window left out because a position had no return."),
            new(new("first_session", ColumnType.Date, Nullable: true), "", "Session of the first return of the window."),
            new(new("last_session", ColumnType.Date, Nullable: true), "", "Session of the last return of the window."),
            new(
                new("status", ColumnType.String), "",
                "`ready`, `missing_series`, `unknown_market`, `no_traded_price`, `currency_mismatch`, `mixed_currencies`, `incomplete_node`, "
                + "`insufficient_history`, `degenerate` or `invalid_input`."),
            new(new("reason", ColumnType.String, Nullable: true), "", "Why there is no number, or no part; null when there is."),
            new(new("input_sha256", ColumnType.String), "", "Digest of the prices of all positions of the run."),
            new(new("parameters_sha256", ColumnType.String), "", "Digest of the settings and of the portfolios in force."),
            .. RunColumns.All,
        ]);
}
