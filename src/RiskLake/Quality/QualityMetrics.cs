using RiskLake.Contracts;
using RiskLake.Gold;
using RiskLake.Lake;
using RiskLake.Lake.Columns;

namespace RiskLake.Quality;

/// <summary>
/// Writes <c>gold/data_quality_metrics</c>: what the gate saw of a run, one row. What the run did to others is not in it: the row follows
/// from the run's records and from the owners of its events, not from the order of publications.
/// </summary>
internal static class QualityMetrics
{
    public const string Dataset = "data_quality_metrics";

    public static IReadOnlyList<ColumnSchema> Schema { get; } =
    [
        new(GoldColumns.RunId, ColumnType.String),
        new(GoldColumns.RunTime, ColumnType.Timestamp, Nullable: true),
        new("dataset", ColumnType.String),
        new("contract_version", ColumnType.String),
        new("events_read", ColumnType.Int64),
        new("events_quarantined", ColumnType.Int64),
        new("events_total", ColumnType.Int64),
        new("events_deduped", ColumnType.Int64),
        new("late_count", ColumnType.Int64, Nullable: true),
        new("late_rate", ColumnType.Double, Nullable: true),
        new("duplicate_rate", ColumnType.Double, Nullable: true),
        new("quarantine_rate", ColumnType.Double, Nullable: true),
        new("bytes_read", ColumnType.Int64, Nullable: true),
        new("bytes_quarantined", ColumnType.Int64, Nullable: true),
        new("quarantine_byte_rate", ColumnType.Double, Nullable: true),
        new("quarantined_estimate", ColumnType.Int64, Nullable: true),
        new("already_published", ColumnType.Int64),
        new("conflicts", ColumnType.Int64),
        new("conflict_rate", ColumnType.Double, Nullable: true),
        new("late_status", ColumnType.String),
        new("duplicate_status", ColumnType.String),
        new("quarantine_status", ColumnType.String),
        new("conflict_status", ColumnType.String),
        new("dq_passed", ColumnType.Boolean),
        .. GoldColumns.Times,
    ];

    /// <param name="context">The run.</param>
    /// <param name="asOf">Greatest ingest time it read, in microseconds; partitions the row.</param>
    /// <param name="valuationTime">Greatest event time among its events.</param>
    /// <param name="counts">What was counted.</param>
    /// <param name="gate">What was decided.</param>
    /// <param name="thresholds">Limits.</param>
    public static StagedFile Write(StagingContext context, long? asOf, long? valuationTime, RunCounts counts, Gate gate, Thresholds thresholds)
    {
        using var row = new RecordBatch(Schema);
        var common = new GoldColumns(context.Contract.Dataset, context.RunId, asOf, valuationTime);
        common.AppendRunId(row, 1);
        common.AppendDataset(row, 1);
        row["contract_version"].Append(context.Contract.Version);
        row["events_read"].Append(counts.Read);
        row["events_quarantined"].Append(counts.Quarantined);
        row["events_total"].Append(counts.Validated);
        row["events_deduped"].Append(counts.Deduplicated);
        Append(row["late_count"], counts.Late);
        Append(row["late_rate"], counts.LateRate);
        Append(row["duplicate_rate"], counts.DuplicateRate);
        Append(row["quarantine_rate"], counts.QuarantineRate);
        Append(row["bytes_read"], counts.Bytes?.Total);
        Append(row["bytes_quarantined"], counts.Bytes?.Rejects);
        Append(row["quarantine_byte_rate"], counts.QuarantineByteRate);
        Append(row["quarantined_estimate"], (long?)counts.QuarantinedEstimate);
        row["already_published"].Append(counts.Records.AlreadyPublished);
        row["conflicts"].Append(counts.Records.Conflicts);
        Append(row["conflict_rate"], counts.ConflictRate);
        row["late_status"].Append(gate.SeedStatus(Gate.LateRate));
        row["duplicate_status"].Append(gate.SeedStatus(Gate.DuplicateRate));
        row["quarantine_status"].Append(gate.SeedStatus(Gate.QuarantineRate));
        row["conflict_status"].Append(Gate.ConflictStatus(counts, thresholds));
        row["dq_passed"].Append(gate.PassedByItself(counts, thresholds) ? 1L : 0L);
        common.AppendTimes(row, 1);
        using var table = new StagedTable(context, Layer.Gold, Dataset, "rows", Schema, []);
        table.WriteAll(row);
        return table.Seal(asOf is { } micros ? PartitionHour.Of(micros) : default);
    }

    private static void Append(Column column, double? value) => AppendSlot(column, value is { } number ? BitConverter.DoubleToInt64Bits(number) : null);

    private static void Append(Column column, long? value) => AppendSlot(column, value);

    private static void AppendSlot(Column column, long? slot)
    {
        if (slot is { } value)
        {
            column.Append(value);
        }
        else
        {
            column.AppendNull();
        }
    }
}
