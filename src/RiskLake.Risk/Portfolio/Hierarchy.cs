namespace RiskLake.Risk;

/// <summary>A leaf of a hierarchy: a position with its profit and loss in every scenario.</summary>
/// <param name="Path">Node names from the root down, separated by slashes: <c>firm/rates/book7/trade12</c>.</param>
/// <param name="ProfitAndLoss">One amount per scenario, losses negative; the same scenarios for every position.</param>
public sealed record Position(string Path, double[] ProfitAndLoss);

/// <summary>Risk of one node of a hierarchy.</summary>
/// <param name="Path">Path of the node.</param>
/// <param name="Positions">Number of leaves below it.</param>
/// <param name="Risk">VaR and ES of the node alone.</param>
/// <param name="ComponentShortfall">Its Euler part of its root's ES; the parts of siblings sum to their parent's part. Null when the root
/// has none.</param>
public sealed record NodeRisk(string Path, int Positions, TailRisk Risk, double? ComponentShortfall);

/// <summary>Historical VaR and ES at every node of a tree: scenario vectors add up the tree, VaR does not.</summary>
public static class Hierarchy
{
    /// <summary>Measures every node, parents before children, paths in ordinal order.</summary>
    /// <exception cref="ArgumentException">Vectors differ in length, or a path is empty.</exception>
    public static IReadOnlyList<NodeRisk> Measure(
        IReadOnlyList<Position> positions, Confidence confidence, QuantileType type = QuantileType.Linear)
    {
        ArgumentNullException.ThrowIfNull(positions);
        var nodes = new SortedDictionary<string, (double[] Sum, int Count)>(StringComparer.Ordinal);
        foreach (var position in positions.OrderBy(position => position.Path, StringComparer.Ordinal))
        {
            ArgumentException.ThrowIfNullOrEmpty(position.Path, nameof(positions));
            Shape.Length(positions[0].ProfitAndLoss.Length, position.ProfitAndLoss.Length, nameof(positions));
            for (var end = 0; end < position.Path.Length; end++)
            {
                end = position.Path.IndexOf('/', end);
                end = end < 0 ? position.Path.Length : end;
                Add(nodes, position.Path[..end], position.ProfitAndLoss);
            }
        }

        var risks = new Dictionary<string, TailRisk>(StringComparer.Ordinal);
        List<NodeRisk> result = [];
        foreach (var (path, (sum, count)) in nodes)
        {
            var risk = HistoricalSimulation.Estimate(sum, confidence, type);
            risks[path] = risk;
            var slash = path.IndexOf('/', StringComparison.Ordinal);
            var root = risks[slash < 0 ? path : path[..slash]];
            result.Add(new NodeRisk(path, count, risk, Part(root, sum)));
        }

        return result;
    }

    private static void Add(SortedDictionary<string, (double[] Sum, int Count)> nodes, string path, double[] amounts)
    {
        if (!nodes.TryGetValue(path, out var node))
        {
            nodes[path] = ([.. amounts], 1);
            return;
        }

        for (var t = 0; t < amounts.Length; t++)
        {
            node.Sum[t] += amounts[t];
        }

        nodes[path] = (node.Sum, node.Count + 1);
    }

    private static double? Part(TailRisk root, double[] amounts)
    {
        if (root.ExpectedShortfall.Status != Status.Ready)
        {
            return null;
        }

        var part = 0.0;
        foreach (var item in root.Tail)
        {
            part -= item.ShortfallWeight * amounts[item.Index];
        }

        return part;
    }
}
