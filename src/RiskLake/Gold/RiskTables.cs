using RiskLake.Lake.Columns;

namespace RiskLake.Gold;

/// <summary>A column of gold with its explanation.</summary>
/// <param name="Schema">Name, type and nullability.</param>
/// <param name="Unit">What the number counts or measures; empty for text and instants.</param>
/// <param name="Description">What the column says.</param>
internal sealed record GoldColumn(ColumnSchema Schema, string Unit, string Description);

/// <summary>A table of gold that is made from history, not from the events of one run.</summary>
/// <param name="Dataset">Name of the table.</param>
/// <param name="Grain">What one row is.</param>
/// <param name="Order">Order of the rows of a file.</param>
/// <param name="Key">Columns by which rows of different runs speak of the same thing.</param>
/// <param name="Columns">All columns, in order.</param>
internal sealed record GoldTable(string Dataset, string Grain, string Order, IReadOnlyList<string> Key, IReadOnlyList<GoldColumn> Columns)
{
    public IReadOnlyList<ColumnSchema> Schema { get; } = [.. Columns.Select(column => column.Schema)];
}

/// <summary>The tables that runs of risk write.</summary>
internal static class RiskTables
{
    public const string ValuationDate = "valuation_date";

    /// <summary>Of which series, and when.</summary>
    private static readonly GoldColumn[] s_series =
    [
        new(new(ValuationDate, ColumnType.Date), "", "The date asked for; each market is valued at its last session through it."),
        new(new("symbol", ColumnType.String), "", "The instrument, as silver spells it."),
        new(new("source", ColumnType.String), "", "Who delivered the prices."),
        new(new("price_kind", ColumnType.String), "", "`close` of a daily bar, or `last`: the last event of the session."),
        new(new("adjustment", ColumnType.String), "", "What the prices are corrected for; `undeclared` for events."),
        new(new("currency", ColumnType.String, Nullable: true), "", "Of the symbol list; null for a symbol that is not listed."),
        new(new("frequency", ColumnType.String), "", "`d`: one price for each session."),
        new(new("market", ColumnType.String, Nullable: true), "", "Calendar by which sessions are counted; null when nobody named a market."),
    ];

    /// <summary>The confidence of a number: the exact fraction, and the number beside it.</summary>
    public static IReadOnlyList<GoldColumn> Confidence(string fraction) =>
    [
        new(new("confidence", ColumnType.String, Nullable: true), "", fraction),
        ConfidenceLevel,
    ];

    public static GoldColumn ConfidenceLevel { get; } =
        new(new("confidence_level", ColumnType.Double, Nullable: true), "fraction", "`confidence` as a number, such as 0.99.");

    /// <summary>What a return is.</summary>
    public static GoldColumn Returns { get; } =
        new(new("returns", ColumnType.String, Nullable: true), "", "`simple`, `log` or `absolute`.");

    public static GoldColumn Sign { get; } =
        new(new("sign", ColumnType.String, Nullable: true), "", "`loss_positive` or `natural`.");

    /// <summary>The number, and how sure it is.</summary>
    private static readonly GoldColumn[] s_number =
    [
        new(new("value", ColumnType.Double, Nullable: true), "see `unit`", "The number; null unless the status is `ready`."),
        new(new("unit", ColumnType.String), "", "Unit of the value: `fraction`, `log` of a ratio of values, `price` or `none`."),
        new(
            new("status", ColumnType.String), "",
            "`ready`, `insufficient_history`, `stale`, `degenerate`, `not_converged`, `invalid_input`, `outside_domain` or `outside_calendar`."),
        new(new("reason", ColumnType.String, Nullable: true), "", "Why there is no number; null when there is."),
        new(new("observations", ColumnType.Int64), "returns", "Observations the number rests on."),
    ];

    /// <summary>The conventions that decide a number.</summary>
    private static readonly GoldColumn[] s_convention =
    [
        .. Confidence("Exact fraction, such as `99/100`; null where none applies."),
        new(new("horizon", ColumnType.Int64), "sessions", "Sessions the number is about."),
        new(new("horizon_rule", ColumnType.String), "", "How the horizon was reached."),
        new(new("sign", ColumnType.String), "", "`loss_positive` or `natural`."),
        new(new("quantile_type", ColumnType.Int64, Nullable: true), "", "Hyndman-Fan type; null where none applies."),
        new(new("ddof", ColumnType.Int64, Nullable: true), "", "What is taken from n in the divisor; null where none applies."),
        new(new("mean_rule", ColumnType.String, Nullable: true), "", "`sample` or `zero`; null where none applies."),
        new(
            new("window", ColumnType.Int64, Nullable: true), "returns",
            "Observations of the window; of a method without one, all that it rests on; null where there is none."),
        new(new("periods_per_year", ColumnType.Int64, Nullable: true), "sessions", "When the value is annualised; null when it is not."),
        new(new("parameters", ColumnType.String), "", "The method's own, `name=value`."),
    ];

    /// <summary>What makes a number provable.</summary>
    private static readonly GoldColumn[] s_receipt =
    [
        new(new("input_sha256", ColumnType.String), "", "Digest of the prices behind the row."),
        new(new("parameters_sha256", ColumnType.String), "", "Digest of the settings behind the row."),
        new(new("code", ColumnType.String), "", "Version of the computation; raised when the same input would give another number."),
        new(new(GoldColumns.RunId, ColumnType.String), "", "The run that computed the row."),
        new(new(GoldColumns.RunTime, ColumnType.Timestamp, Nullable: true), "", "The same as `as_of`."),
        new(new(GoldColumns.AsOf, ColumnType.Timestamp, Nullable: true), "", "What was known: `--as-of`, or the greatest ingest time of the prices read."),
        new(new(GoldColumns.ValuationTime, ColumnType.Timestamp, Nullable: true), "", "Close of the valuation session."),
    ];

    public static GoldTable Measures { get; } = new(
        "risk_measures",
        "one symbol, measure, method, confidence and horizon of a valuation date",
        "`symbol`, then as the settings order measures",
        [ValuationDate, "symbol", "measure", "method", "confidence", "horizon"],
        [
            .. s_series,
            new(new("returns", ColumnType.String), "", "`simple`, `log` or `absolute`."),
            new(new("measure", ColumnType.String), "", "What is measured, such as `value_at_risk`."),
            new(new("method", ColumnType.String), "", "How, such as `historical`."),
            new(new("model", ColumnType.String, Nullable: true), "", "The fitted model, such as `garch11-normal-fcp`; null where none."),
            .. s_number,
            new(new("first_session", ColumnType.Date, Nullable: true), "", "Session of the first return of the window."),
            new(new("last_session", ColumnType.Date, Nullable: true), "", "Session of the last return of the window."),
            new(new("missing_sessions", ColumnType.Int64), "sessions", "Sessions of the window without a price; nothing is filled."),
            new(
                new("off_session_prices", ColumnType.Int64, Nullable: true), "days",
                "Days of the window without a session on which there is a price; it has no say."),
            .. s_convention,
            new(new("interval_low", ColumnType.Double, Nullable: true), "as `value`", "Lower bound of a confidence interval."),
            new(new("interval_high", ColumnType.Double, Nullable: true), "as `value`", "Upper bound of a confidence interval."),
            new(new("interval_coverage", ColumnType.Double, Nullable: true), "fraction", "Probability with which it covers."),
            new(
                new("tail", ColumnType.String, Nullable: true), "",
                "Observations behind the number, worst first: a JSON array of `session`, `return`, `shortfall_weight`, `quantile_weight`, "
                + "`dq_flags`, and for a flagged one `without`, the measure without it."),
            new(new("flagged_in_tail", ColumnType.Int64), "returns", "Observations of the tail with a finding in `dq_flags`."),
            new(
                new("flagged_observations", ColumnType.Int64, Nullable: true), "returns",
                "Observations of the window with a finding: in `dq_flags`, or one of the judge of series (`docs/risk-runs.md`)."),
            new(
                new("flagged", ColumnType.String, Nullable: true), "",
                "Those observations: a JSON array of `session`, `return` and `findings`; null when there is none."),
            new(
                new("value_without_flagged", ColumnType.Double, Nullable: true), "as `value`",
                "The measure without all of those; null when there is none, or no number."),
            .. s_receipt,
        ]);

    public static GoldTable Volatility { get; } = new(
        "volatility",
        "one symbol and estimator of a valuation date",
        "`symbol`, then as the settings order estimators",
        [ValuationDate, "symbol", "method"],
        [
            .. s_series,
            new(new("method", ColumnType.String), "", "Estimator, such as `yang_zhang`; of log returns, all within the window."),
            Returns,
            .. s_number,
            new(new("first_session", ColumnType.Date, Nullable: true), "", "Session of the first price of the window."),
            new(new("last_session", ColumnType.Date, Nullable: true), "", "Session of the last price of the window."),
            new(new("missing_sessions", ColumnType.Int64), "sessions", "Sessions of the window without a price; nothing is filled."),
            .. s_convention,
            .. s_receipt,
        ]);

    public static GoldTable Backtests { get; } = new(
        "var_backtests",
        "one symbol, method, confidence and test of a valuation date: forecasts made day by day from the days before, against what came",
        "`symbol`, method, confidence, then the order of the tests",
        [ValuationDate, "symbol", "method", "confidence", "subject", "test"],
        [
            .. s_series,
            new(new("method", ColumnType.String), "", "How the forecasts were made."),
            new(new("confidence", ColumnType.String), "", "Of the forecasts, an exact fraction."),
            ConfidenceLevel,
            Returns,
            new(new("horizon", ColumnType.Int64, Nullable: true), "sessions", "Sessions each forecast is about."),
            Sign,
            new(new("forecast_window", ColumnType.Int64), "returns", "Returns each forecast rests on."),
            new(new("subject", ColumnType.String), "", "`var` or `es`."),
            new(new("test", ColumnType.String), "", "Such as `kupiec_pof`."),
            new(new("statistic", ColumnType.Double, Nullable: true), "", "Null unless the status is `ready`."),
            new(new("p_value", ColumnType.Double, Nullable: true), "fraction", "Probability of something as extreme while the forecasts are right."),
            new(new("distribution", ColumnType.String), "", "Law the p-value is of."),
            new(new("degrees_of_freedom", ColumnType.Double, Nullable: true), "", "Of the law, where it has them."),
            new(new("decision", ColumnType.String), "", "`pass`, `reject`, the colour of a light, or `none`."),
            new(new("size", ColumnType.Double, Nullable: true), "fraction", "Size the decision is taken at."),
            new(new("days", ColumnType.Int64), "sessions", "Days the test looked at."),
            new(new("first_session", ColumnType.Date, Nullable: true), "", "Session of the first forecast."),
            new(new("last_session", ColumnType.Date, Nullable: true), "", "Session of the last forecast."),
            new(
                new("exceedances", ColumnType.Int64, Nullable: true), "sessions",
                "Days on which the loss was above the VaR; null when they could not be counted."),
            new(new("status", ColumnType.String), "", "As in `risk_measures`."),
            new(new("reason", ColumnType.String, Nullable: true), "", "Why there is no statistic; null when there is."),
            new(new("parameters", ColumnType.String), "", "The test's own, `name=value`."),
            .. s_receipt,
        ]);

    public static GoldTable Correlations { get; } = new(
        "correlations",
        "one pair of symbols and method of a valuation date, over sessions all markets have in common",
        "method, then `symbol` and `other_symbol`",
        [ValuationDate, "symbol", "other_symbol", "method"],
        [
            new(new(ValuationDate, ColumnType.Date), "", "The date asked for."),
            new(new("symbol", ColumnType.String), "", "The earlier of the two in ordinal order."),
            new(new("other_symbol", ColumnType.String), "", "The later one."),
            new(new("method", ColumnType.String), "", "Such as `pearson`."),
            .. Series("", "`symbol`"),
            .. Series("other_", "`other_symbol`"),
            Returns,
            new(new("horizon", ColumnType.Int64, Nullable: true), "sessions", "Sessions each return is about."),
            Sign,
            new(new("window", ColumnType.Int64, Nullable: true), "returns", "Most returns that are looked at; `observations` has how many there were."),
            .. s_number,
            new(new("covariance", ColumnType.Double, Nullable: true), "return squared", "Where the method estimates one."),
            new(new("first_session", ColumnType.Date, Nullable: true), "", "Session of the first return of the window."),
            new(new("last_session", ColumnType.Date, Nullable: true), "", "Session of the last return of the window."),
            new(new("parameters", ColumnType.String), "", "The method's own, `name=value`."),
            .. s_receipt,
        ]);

    private static GoldColumn[] Series(string prefix, string of) =>
    [
        new(new($"{prefix}source", ColumnType.String, Nullable: true), "", $"Who delivered the prices of {of}."),
        new(new($"{prefix}price_kind", ColumnType.String, Nullable: true), "", $"`close` or `last`, of {of}."),
        new(new($"{prefix}adjustment", ColumnType.String, Nullable: true), "", $"What the prices of {of} are corrected for."),
    ];

    /// <summary>Tables that runs of risk write, in the order of the pages.</summary>
    public static IReadOnlyList<GoldTable> All { get; } =
    [
        Measures, Volatility, Backtests, Correlations, PortfolioTables.Risk, LimitTables.Evaluations, LimitTables.Breaches, LimitTables.Acknowledgements,
    ];

    /// <summary>The table of a dataset; null when it is none of these.</summary>
    public static GoldTable? Find(string dataset) => All.FirstOrDefault(table => table.Dataset == dataset);
}
