using RiskLake.Risk;

namespace RiskLake.Desk.Portfolios;

/// <summary>What decides the split of a portfolio's risk beside the returns and the weights.</summary>
internal sealed record PortfolioSettings
{
    /// <summary>The levels, in any order; rows come in ascending order.</summary>
    public IReadOnlyList<Confidence> Confidences { get; init; } = [Confidence.P95, Confidence.P975, Confidence.P99];

    /// <summary>Whether the normal distribution with a covariance is one of the methods.</summary>
    public bool IsParametric { get; init; } = true;

    /// <summary>Whether historical simulation is.</summary>
    public bool IsHistorical { get; init; } = true;

    /// <summary>The estimate of the covariance.</summary>
    public CovarianceSettings Covariance { get; init; } = new();

    /// <summary>The mean of the parametric method.</summary>
    public MeanRule Mean { get; init; } = MeanRule.Zero;

    /// <summary>Quantile of the historical method.</summary>
    public QuantileType QuantileType { get; init; } = QuantileType.Linear;

    /// <summary>The folder of each series in a hierarchy, <c>firm/rates/book7</c>; empty for none.</summary>
    public IReadOnlyDictionary<string, string> Paths { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);
}

/// <summary>What one row is about.</summary>
internal enum PortfolioRowKind
{
    Total,
    Position,
    Node,
}

/// <summary>One row: the portfolio, a position of it, or a node of its hierarchy, under one method and confidence.</summary>
internal sealed record PortfolioRow
{
    public required PortfolioRowKind Kind { get; init; }

    /// <summary><c>parametric</c> or <c>historical</c>.</summary>
    public required string Method { get; init; }

    public required Confidence Confidence { get; init; }

    /// <summary>Name of the series or path of the node; null for the total.</summary>
    public string? Name { get; init; }

    /// <summary>That of the position; of a total or a node, the sum.</summary>
    public double? Weight { get; init; }

    /// <summary>VaR and ES of the total or of the node alone.</summary>
    public double? ValueAtRisk { get; init; }

    public double? Shortfall { get; init; }

    public double? Mean { get; init; }

    public double? StandardDeviation { get; init; }

    public double? MarginalValueAtRisk { get; init; }

    /// <summary>Euler part; of a total, the sum of the parts.</summary>
    public double? ComponentValueAtRisk { get; init; }

    /// <summary>Part over total; null where the total is zero.</summary>
    public double? ValueAtRiskShare { get; init; }

    public double? KernelComponentValueAtRisk { get; init; }

    public double? MarginalShortfall { get; init; }

    public double? ComponentShortfall { get; init; }

    public double? ShortfallShare { get; init; }

    public double? StandaloneValueAtRisk { get; init; }

    public double? IncrementalValueAtRisk { get; init; }

    public double? UndiversifiedValueAtRisk { get; init; }

    public double? DiversificationBenefit { get; init; }

    public double? KernelBandwidth { get; init; }

    public double? Shrinkage { get; init; }

    public required int Observations { get; init; }

    public required Status Status { get; init; }

    public string? Reason { get; init; }
}

/// <summary>VaR and ES of a portfolio, split over positions and over the nodes of a hierarchy.</summary>
/// <remarks>
/// Pure; rows in a fixed order: method, confidence ascending, then total, positions in the order of the series, nodes by path. Where
/// there is no split, the total's row says why and no position has a row. Parts of one total sum to it within 1e-12 relative.
/// </remarks>
internal static class PortfolioDecomposition
{
    public static IReadOnlyList<PortfolioRow> Compute(ReturnTable table, ReadOnlySpan<double> weights, PortfolioSettings settings)
    {
        List<PortfolioRow> rows = [];
        Confidence[] levels = [.. settings.Confidences.Distinct().Order()];
        var exposures = weights.ToArray();
        if (settings.IsParametric)
        {
            var covariance = settings.Covariance.Of(table.Columns);
            var means = settings.Mean == MeanRule.Sample ? Means(table) : [];
            foreach (var level in levels)
            {
                var risk = ParametricPortfolio.Decompose(exposures, means, covariance, level);
                Add(rows, "parametric", level, risk, table, Dot(exposures, means), covariance.Shrinkage, exposures.Sum());
                AddNodes(rows, "parametric", level, risk, table, settings, kept =>
                    ParametricPortfolio.Decompose(kept, means, covariance, level).Total);
            }
        }

        foreach (var level in settings.IsHistorical ? levels : [])
        {
            var risk = HistoricalPortfolio.Decompose(exposures, table.Columns, level, settings.QuantileType);
            Add(rows, "historical", level, risk, table, null, null, exposures.Sum());
            AddNodes(rows, "historical", level, risk, table, settings, kept =>
                HistoricalPortfolio.Decompose(kept, table.Columns, level, settings.QuantileType).Total);
        }

        return rows;
    }

    /// <summary>Sample means; NaN where a column holds a value that is not finite, which the split refuses.</summary>
    public static double[] Means(ReturnTable table) => [.. table.Columns.Select(column => SampleMoments.Of(column).Mean ?? double.NaN)];

    private static void Add(
        List<PortfolioRow> rows, string method, Confidence level, PortfolioRisk risk, ReturnTable table, double? mean, double? shrinkage,
        double exposure)
    {
        var (total, shortfall) = (risk.Total.ValueAtRisk.Value, risk.Total.ExpectedShortfall.Value);
        rows.Add(new PortfolioRow
        {
            Kind = PortfolioRowKind.Total,
            Method = method,
            Confidence = level,
            Weight = exposure,
            ValueAtRisk = total,
            Shortfall = shortfall,
            Mean = risk.Status == Status.Ready ? mean : null,
            StandardDeviation = risk.StandardDeviation,
            ComponentValueAtRisk = Sum(position => position.ComponentValueAtRisk),
            KernelComponentValueAtRisk = Sum(position => position.KernelComponentValueAtRisk),
            ComponentShortfall = Sum(position => position.ComponentShortfall),
            StandaloneValueAtRisk = risk.UndiversifiedValueAtRisk,
            UndiversifiedValueAtRisk = risk.UndiversifiedValueAtRisk,
            DiversificationBenefit = risk.DiversificationBenefit,
            KernelBandwidth = risk.KernelBandwidth,
            Shrinkage = shrinkage,
            Observations = risk.Total.ValueAtRisk.Observations,
            Status = risk.Status,
            Reason = risk.Reason,
        });
        for (var i = 0; i < risk.Positions.Count; i++)
        {
            var position = risk.Positions[i];
            rows.Add(new PortfolioRow
            {
                Kind = PortfolioRowKind.Position,
                Method = method,
                Confidence = level,
                Name = table.Names[i],
                Weight = position.Weight,
                MarginalValueAtRisk = position.MarginalValueAtRisk,
                ComponentValueAtRisk = position.ComponentValueAtRisk,
                ValueAtRiskShare = Share(position.ComponentValueAtRisk, total),
                KernelComponentValueAtRisk = position.KernelComponentValueAtRisk,
                MarginalShortfall = position.MarginalShortfall,
                ComponentShortfall = position.ComponentShortfall,
                ShortfallShare = Share(position.ComponentShortfall, shortfall),
                StandaloneValueAtRisk = position.StandaloneValueAtRisk,
                IncrementalValueAtRisk = position.IncrementalValueAtRisk,
                Observations = risk.Total.ValueAtRisk.Observations,
                Status = Status.Ready,
            });
        }

        // The parts in their order: what they sum to stands beside the total they are parts of.
        double? Sum(Func<PositionRisk, double?> part) => risk.Positions.Count == 0 || risk.Positions.Any(position => part(position) is null)
            ? null
            : risk.Positions.Sum(part);
    }

    // A node holds the positions whose paths begin with it; parts of the total add up the tree, VaR and ES of nodes alone do not.
    private static void AddNodes(
        List<PortfolioRow> rows,
        string method,
        Confidence level,
        PortfolioRisk risk,
        ReturnTable table,
        PortfolioSettings settings,
        Func<double[], TailRisk> alone)
    {
        if (risk.Positions.Count == 0)
        {
            return;
        }

        var nodes = new SortedDictionary<string, List<int>>(StringComparer.Ordinal);
        for (var i = 0; i < table.Names.Count; i++)
        {
            foreach (var node in settings.Paths.TryGetValue(table.Names[i], out var path) ? Prefixes(path) : [])
            {
                (nodes.TryGetValue(node, out var members) ? members : nodes[node] = []).Add(i);
            }
        }

        foreach (var (node, members) in nodes)
        {
            var kept = new double[table.Names.Count];
            members.ForEach(i => kept[i] = risk.Positions[i].Weight);
            var own = alone(kept);
            var (var, shortfall) = (Sum(i => risk.Positions[i].ComponentValueAtRisk), Sum(i => risk.Positions[i].ComponentShortfall));
            rows.Add(new PortfolioRow
            {
                Kind = PortfolioRowKind.Node,
                Method = method,
                Confidence = level,
                Name = node,
                Weight = Sum(i => risk.Positions[i].Weight),
                ValueAtRisk = own.ValueAtRisk.Value,
                Shortfall = own.ExpectedShortfall.Value,
                ComponentValueAtRisk = var,
                ValueAtRiskShare = Share(var, risk.Total.ValueAtRisk.Value),
                ComponentShortfall = shortfall,
                ShortfallShare = Share(shortfall, risk.Total.ExpectedShortfall.Value),
                Observations = own.ValueAtRisk.Observations,
                Status = own.ExpectedShortfall.Status,
                Reason = own.ExpectedShortfall.Reason,
            });

            double Sum(Func<int, double> part) => members.Sum(part);
        }
    }

    private static IEnumerable<string> Prefixes(string path)
    {
        for (var slash = path.IndexOf('/', StringComparison.Ordinal); slash >= 0; slash = path.IndexOf('/', slash + 1))
        {
            yield return path[..slash];
        }

        yield return path;
    }

    private static double? Share(double part, double? total) => total is { } whole && whole != 0.0 ? part / whole : null;

    private static double? Dot(double[] weights, double[] means) =>
        means.Length == 0 ? 0.0 : weights.Zip(means, static (weight, mean) => weight * mean).Sum();
}
