using System.Text.Json;
using RiskLake.Bronze;
using RiskLake.Columns;
using RiskLake.Contracts;
using RiskLake.Lake;
using RiskLake.Quarantine;

namespace RiskLake.Silver;

/// <summary>Quarantines the bronze records that contradict silver, naming both versions.</summary>
internal static class Conflicts
{
    public static void AddTo(
        QuarantineTable quarantine,
        Contract contract,
        SilverPlan plan,
        IReadOnlyList<RunState> owners,
        string runId,
        BronzeKeys keys,
        IReadOnlyList<BronzeSource> bronze)
    {
        if (plan.Conflicts.Count == 0)
        {
            return;
        }

        var wanted = new SortedSet<int>(plan.Conflicts.Keys);
        wanted.UnionWith(plan.Conflicts.Values.Where(standing => standing.OwnRow >= 0).Select(standing => standing.OwnRow));
        var received = BronzeRows.Fetch(contract, bronze, keys.PartitionOfRow, wanted, normalise: false);
        var normalised = BronzeRows.Fetch(contract, bronze, keys.PartitionOfRow, wanted, normalise: true);
        // A record is named by its place among the run's bronze records: that is the same however the input was cut into files.
        foreach (var (row, standing) in plan.Conflicts.OrderBy(pair => pair.Key))
        {
            var local = received.RowOf(row);
            var (batch, other, place) = standing.OwnRow >= 0
                ? (normalised.Batch, normalised.RowOf(standing.OwnRow), $"run {runId}, record {standing.OwnRow + 1}")
                : (plan.Foreign.Copies, standing.ForeignCopy, $"run {owners[plan.Foreign.Runs[standing.ForeignCopy]].RunId}");
            quarantine.AddConflict(received.Batch, local, contract, Reasons(contract, normalised.Batch, normalised.RowOf(row), batch, other, place));
        }
    }

    private static string Reasons(Contract contract, RecordBatch found, int foundRow, RecordBatch standing, int standingRow, string place)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream))
        {
            json.WriteStartArray();
            foreach (var field in contract.Fields.Where(field => !field.IsDelivery))
            {
                if (SilverOrder.Compare(found[field.Name], foundRow, standing[field.Name], standingRow) != 0)
                {
                    json.WriteStartObject();
                    json.WriteString("code", QuarantineTable.ConflictCode);
                    json.WriteString("column", field.Name);
                    json.WriteString("found", RecordJson.Text(found[field.Name], foundRow));
                    json.WriteString("expected", $"{RecordJson.Text(standing[field.Name], standingRow)} ({place})");
                    json.WriteEndObject();
                }
            }

            json.WriteEndArray();
        }

        return System.Text.Encoding.UTF8.GetString(stream.ToArray());
    }
}
