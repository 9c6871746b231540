using RiskLake.Desk.Limits;
using RiskLake.Gold;
using RiskLake.Lake;
using RiskLake.Lake.Columns;

namespace RiskLake.RiskRuns;

/// <summary>What the lake holds about limits at one version.</summary>
internal static class LimitHistory
{
    /// <summary>All verdicts of published runs, by date, limit and scope as their files hold them; files in the order of their paths.</summary>
    public static IReadOnlyList<PublishedVerdict> Verdicts(LakeStore lake, LakeSnapshot snapshot) =>
        Read(lake, snapshot, LimitTables.Evaluations, LimitRows.ReadVerdict);

    /// <summary>Everything said about breaches, the earliest first.</summary>
    public static IReadOnlyList<LimitAcknowledgement> Acknowledgements(LakeStore lake, LakeSnapshot snapshot) =>
    [
        .. Read(lake, snapshot, LimitTables.Acknowledgements, LimitRows.ReadAcknowledgement)
            .OrderBy(word => word.At).ThenBy(word => word.Id, StringComparer.Ordinal),
    ];

    private static List<T> Read<T>(LakeStore lake, LakeSnapshot snapshot, GoldTable table, Func<RecordBatch, int, T> row)
    {
        List<T> rows = [];
        using var batch = new RecordBatch(table.Schema);
        foreach (var file in snapshot.Files(Layer.Gold, table.Dataset).OrderBy(file => file.TreePath, StringComparer.Ordinal))
        {
            using var reader = lake.Files.Open(file);
            for (var group = 0; group < reader.RowGroups; group++)
            {
                batch.Clear();
                var count = reader.Read(group, batch);
                for (var i = 0; i < count; i++)
                {
                    rows.Add(row(batch, i));
                }
            }
        }

        return rows;
    }
}
