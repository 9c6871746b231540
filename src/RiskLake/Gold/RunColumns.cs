using RiskLake.Lake.Columns;

namespace RiskLake.Gold;

/// <summary>The last columns of every table that a run without records of its own writes: what computed the row, and the two times.</summary>
internal static class RunColumns
{
    public const string Code = "code";

    public static IReadOnlyList<GoldColumn> All { get; } =
    [
        new(new(Code, ColumnType.String), "", "Version of the computation; raised when the same input would give another number."),
        new(new(GoldColumns.RunId, ColumnType.String), "", "The run that computed the row."),
        new(new(GoldColumns.RunTime, ColumnType.Timestamp, Nullable: true), "", "The same as `as_of`."),
        new(new(GoldColumns.AsOf, ColumnType.Timestamp, Nullable: true), "", "What was known: `--as-of`, or the greatest ingest time of the prices read."),
        new(new(GoldColumns.ValuationTime, ColumnType.Timestamp, Nullable: true), "", "Close of the valuation session."),
    ];

    public static void Append(RecordBatch batch, string code, string runId, long? asOf, long? valuationTime)
    {
        batch[Code].Append(code);
        batch[GoldColumns.RunId].Append(runId);
        batch[GoldColumns.RunTime].AppendOrNull(asOf);
        batch[GoldColumns.AsOf].AppendOrNull(asOf);
        batch[GoldColumns.ValuationTime].AppendOrNull(valuationTime);
    }
}
