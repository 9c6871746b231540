using RiskLake.Lake.Columns;

namespace RiskLake.Gold;

/// <summary>The tables of limits: verdicts by date, episodes over dates, and what people said of them.</summary>
internal static class LimitTables
{
    private static readonly GoldColumn[] s_limit =
    [
        new(new("limit_id", ColumnType.String), "", "Id of the limit; `mandate.<portfolio>.<measure>` for a mandate's."),
        new(new("scope_kind", ColumnType.String), "", "`symbol`, `portfolio` or `node`."),
        new(new("scope", ColumnType.String), "", "Symbol, id of the portfolio, or path of the node."),
    ];

    private static readonly GoldColumn[] s_measure =
    [
        new(new("owner", ColumnType.String), "", "Who answers for the limit."),
        new(new("measure", ColumnType.String), "", "What is limited, such as `value_at_risk`."),
        new(new("method", ColumnType.String, Nullable: true), "", "How it is measured; null for a measure without methods."),
        new(new("confidence", ColumnType.String, Nullable: true), "", "Exact fraction, such as `99/100`; null where none applies."),
        RiskTables.ConfidenceLevel,
        new(new("horizon", ColumnType.Int64), "sessions", "Sessions the number is about."),
        new(new("unit", ColumnType.String), "", "`fraction`, `annual_fraction` or a currency."),
    ];

    public static GoldTable Evaluations { get; } = new(
        "limit_evaluations",
        "one limit in force and scope of a valuation date",
        "as the configuration orders limits, then `scope`",
        [RiskTables.ValuationDate, "limit_id", "scope_kind", "scope"],
        [
            new(new(RiskTables.ValuationDate, ColumnType.Date), "", "The date asked for."),
            .. s_limit,
            .. s_measure,
            RiskTables.Returns,
            new(new("window", ColumnType.Int64, Nullable: true), "returns", "Of the measure; null where none applies."),
            RiskTables.Sign,
            new(new("price_kind", ColumnType.String, Nullable: true), "", "Of the prices behind the measure; several where positions differ."),
            new(new("adjustment", ColumnType.String, Nullable: true), "", "What those prices are corrected for; several where positions differ."),
            new(new("value", ColumnType.Double, Nullable: true), "see `unit`", "The measure; null without one."),
            new(new("warn", ColumnType.Double), "see `unit`", "A value above it is a warning, strictly."),
            new(new("critical", ColumnType.Double), "see `unit`", "A value above it is critical, strictly."),
            new(new("utilisation", ColumnType.Double, Nullable: true), "fraction", "value / critical; null without a value."),
            new(new("status", ColumnType.String), "", "`ok`, `warn`, `critical` or `no_value`."),
            new(new("reason", ColumnType.String, Nullable: true), "", "Why there is no value; null when there is."),
            new(new("clean_days", ColumnType.Int64), "days", "Days within after which a breach is over."),
            new(new("limits_sha256", ColumnType.String), "", "Digest of the limits in force on the date."),
            .. RunColumns.All,
        ]);

    public static GoldTable Breaches { get; } = new(
        "limit_breaches",
        "one episode: an uninterrupted stay of one limit and scope above its warning amount",
        "`limit_id`, `scope_kind`, `scope`, `opened`",
        ["limit_id", "scope_kind", "scope", "opened"],
        [
            .. s_limit,
            new(new("opened", ColumnType.Date), "", "First day outside."),
            new(new("resolved", ColumnType.Date, Nullable: true), "", "Last of the required days within; null while open."),
            new(new("state", ColumnType.String), "", "`open` or `resolved`."),
            new(new("level", ColumnType.String), "", "Level after the last event: `warn` or `critical`; `ok` once resolved."),
            new(new("peak", ColumnType.String), "", "Highest level reached."),
            new(new("peak_value", ColumnType.Double), "see `unit`", "Greatest value."),
            new(new("peak_date", ColumnType.Date), "", "First day with it."),
            new(new("days_outside", ColumnType.Int64), "days", "Days above the warning amount."),
            new(new("days_without_value", ColumnType.Int64), "days", "Days of the episode on which there was no value."),
            new(new("last_date", ColumnType.Date), "", "Last day with a verdict; of a resolved episode the day it was resolved."),
            .. s_measure,
            new(new("events", ColumnType.String), "", "JSON array of `date`, `step` (`opened`, `escalated`, `eased`, `resolved`), `level`, `value`."),
            .. RunColumns.All,
        ]);

    public static GoldTable Acknowledgements { get; } = new(
        "limit_acknowledgements",
        "one person's word about a day of a breach; rows are only ever added",
        "nothing, it is a single row",
        ["acknowledgement_id"],
        [
            new(new("acknowledgement_id", ColumnType.String), "", "Of what was said: the same words at the same time are one."),
            .. s_limit,
            new(new("breach_date", ColumnType.Date), "", "A day of the episode."),
            new(new("acknowledged_by", ColumnType.String), "", "Who."),
            new(new("reason", ColumnType.String), "", "Why it is acceptable, or what is done about it."),
            new(new("acknowledged_at", ColumnType.Timestamp), "", "When."),
            .. RunColumns.All,
        ]);
}
