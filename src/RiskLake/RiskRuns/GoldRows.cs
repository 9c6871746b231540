using RiskLake.Contracts;
using RiskLake.Gold;
using RiskLake.Lake;
using RiskLake.Lake.Columns;

namespace RiskLake.RiskRuns;

/// <summary>Writes tables of runs that only write gold.</summary>
internal static class GoldRows
{
    /// <summary>Stages a table in the partition of what was known; one without a row has no file.</summary>
    public static IReadOnlyList<StagedFile> Write(StagingContext staging, GoldTable table, RecordBatch batch, long? asOf)
    {
        if (batch.RowCount == 0)
        {
            return [];
        }

        using var staged = new StagedTable(staging, Layer.Gold, table.Dataset, "rows", table.Schema, []);
        staged.WriteAll(batch);
        return [staged.Seal(asOf is { } micros ? PartitionHour.Of(micros) : default)];
    }
}
