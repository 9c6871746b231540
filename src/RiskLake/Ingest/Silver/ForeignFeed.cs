using RiskLake.Contracts;
using RiskLake.Lake;
using RiskLake.Lake.Columns;

namespace RiskLake.Ingest.Silver;

/// <summary>Writes the silver rows of a run's events that other runs own, in the run's own columns: with its silver they make its gold.</summary>
/// <param name="context">The run.</param>
/// <param name="lake">The lake.</param>
/// <param name="options">How the run's rows are sorted.</param>
/// <param name="rulesOf">Rules of another run's rows.</param>
/// <param name="witness">Is shown the keys.</param>
internal sealed class ForeignFeed(StagingContext context, LakeStore lake, SilverOptions options, Func<RunState, RowRules> rulesOf, KeyWitness witness)
{
    private readonly Contract _contract = context.Contract;

    /// <summary>The file, and the greatest event time in it in microseconds; null when the run owns all its events.</summary>
    public (string Path, long Latest)? Write(SilverPlan plan)
    {
        if (plan.Foreign.Count == 0)
        {
            return null;
        }

        using var feed = new RecordBatch(SilverStage.Schema(_contract));
        using var sorter = new SilverSorter(context, "feed", feed, options.SortBytes);
        foreach (var group in plan.Foreign.GroupBy(foreign => (foreign.Owner, foreign.Hour)).OrderBy(group => group.Key))
        {
            var owner = plan.Holders[group.Key.Owner];
            var rules = rulesOf(owner);
            using var rows = new RecordBatch(SilverStage.Schema(rules.Contract));
            var events = group.Select(foreign => foreign.Event).ToHashSet();
            BronzeEvents.Derive(rules, BronzeEvents.PathOf(lake, owner, group.Key.Hour), owner.RunId, events, witness, rows);
            Append(rules.Contract, rows, feed);
            sorter.SpillIfFull();
        }

        using var table = sorter.Write()!;
        table.Seal(default);
        return (table.Path, sorter.EventTimes!.Value.Max);
    }

    /// <summary>Columns are matched by name; one the owner's contract calls otherwise, by its role.</summary>
    private void Append(Contract owner, RecordBatch rows, RecordBatch feed)
    {
        var all = Enumerable.Range(0, rows.RowCount).ToArray();
        foreach (var column in feed.Columns)
        {
            var role = _contract.Fields.FirstOrDefault(field => field.Name == column.Schema.Name)?.Role ?? FieldRole.None;
            var name = rows.IndexOf(column.Schema.Name) >= 0 || role == FieldRole.None ? column.Schema.Name : owner.Field(role)?.Name;
            if (name is not null && rows.IndexOf(name) >= 0)
            {
                column.AppendRows(rows[name], all);
                continue;
            }

            for (var row = 0; row < all.Length; row++)
            {
                column.AppendNull();
            }
        }
    }
}
