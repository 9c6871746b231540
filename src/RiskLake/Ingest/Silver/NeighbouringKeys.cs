using RiskLake.Ingest.Silver.Keys;
using RiskLake.Lake;

namespace RiskLake.Ingest.Silver;

/// <summary>Counts events whose key stands in the scope before or after too: a slip of a clock, or a key that is used again.</summary>
internal static class NeighbouringKeys
{
    /// <summary>Such events of a run, by its own rows and by those of the lake's other runs.</summary>
    public static long Count(LakeStore lake, LakeSnapshot snapshot, string dataset, string runId, KeyOrder order)
    {
        var positions = new HashSet<int>();
        foreach (var shift in new[] { -1, 1 })
        {
            positions.UnionWith(Holders.Find(lake, snapshot, dataset, runId, order, shift).Records.Select(record => record.Position));
        }

        foreach (var ((a, startA, endA), (b, startB, endB)) in order.Scopes.Zip(order.Scopes.Skip(1)))
        {
            for (var (i, j) = (startA, startB); EventScope.AreNeighbours(a, b) && i < endA && j < endB;)
            {
                if (order.Key(i) == order.Key(j))
                {
                    positions.Add(i);
                    positions.Add(j);
                    (i, j) = (order.EndOf(i, endA), order.EndOf(j, endB));
                }
                else
                {
                    (i, j) = order.Key(i) < order.Key(j) ? (i + 1, j) : (i, j + 1);
                }
            }
        }

        return positions.Count;
    }
}
