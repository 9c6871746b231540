using RiskLake.Risk;
using RiskLake.Risk.Numerics;

namespace RiskLake.Desk.Portfolios;

/// <summary>How portfolios are measured.</summary>
internal sealed record PortfolioMeasurementOptions
{
    public required IReadOnlyList<Confidence> Confidences { get; init; }

    /// <summary>Most common sessions that are looked at.</summary>
    public int Window { get; init; } = 250;

    /// <summary>Fewest of them for a number.</summary>
    public int MinimumObservations { get; init; } = 250;

    public QuantileType QuantileType { get; init; } = QuantileType.Linear;
}

/// <summary>
/// Value at risk and expected shortfall of portfolios, their positions and the nodes above them. Exposures are those of the valuation date,
/// held constant over the window. Parts of positions sum to their portfolio, parts of portfolios and nodes to their root.
/// </summary>
internal sealed class PortfolioMeasurement(ReturnPanel panel, PortfolioMeasurementOptions options)
{
    private readonly ReturnPanel _panel = panel;
    private readonly PortfolioMeasurementOptions _options = options;
    private readonly int _minimum = Math.Max(2, options.MinimumObservations);

    /// <summary>Rows in order of path, method, confidence, position; a node before what stands below it.</summary>
    public IReadOnlyList<PortfolioRiskRow> Measure(IReadOnlyList<PortfolioOnDate> portfolios)
    {
        var leaves = portfolios.Select(held => PortfolioAggregate.Of(held, _panel)).OrderBy(leaf => leaf.Path, StringComparer.Ordinal).ToArray();
        var nodes = portfolios.SelectMany(held => held.Portfolio.Ancestors).Distinct(StringComparer.Ordinal)
            .Select(node => PortfolioAggregate.Of(node, [.. leaves.Where(leaf => IsBelow(leaf.Path, node))]));
        var all = nodes.Concat(leaves).OrderBy(aggregate => aggregate.Path, StringComparer.Ordinal).ToArray();
        var roots = all.ToDictionary(aggregate => aggregate.Path, StringComparer.Ordinal);
        List<PortfolioRiskRow> rows = [];
        foreach (var aggregate in all)
        {
            foreach (var method in PortfolioMethod.Names)
            {
                foreach (var confidence in _options.Confidences.Order())
                {
                    Add(rows, aggregate, roots[aggregate.Root], method, confidence);
                }
            }
        }

        return rows;
    }

    private static bool IsBelow(string path, string node) =>
        path.Length > node.Length && path[node.Length] == '/' && path.StartsWith(node, StringComparison.Ordinal);

    private void Add(
        List<PortfolioRiskRow> rows, PortfolioAggregate aggregate, PortfolioAggregate root, string method, Confidence confidence)
    {
        var own = Measured.Of(this, aggregate, method, confidence);
        var total = Total(aggregate, own, method, confidence);
        var isRoot = ReferenceEquals(aggregate, root);
        var (part, whole) = isRoot ? (null, own) : PartOf(root, aggregate, method, confidence);
        rows.Add(total with
        {
            ComponentOf = root.Path,
            ComponentValueAtRisk = isRoot ? total.ValueAtRisk : part?.ValueAtRisk,
            ComponentShortfall = isRoot ? total.ExpectedShortfall : part?.Shortfall,
            IncrementalValueAtRisk = isRoot ? total.ValueAtRisk : part?.Incremental,
            Reason = total.Reason ?? (whole.Refusal is null ? null : $"no part of {root.Path}: {whole.Refusal.Reason}"),
        });
        if (aggregate.Portfolio is null)
        {
            return;
        }

        for (var i = 0; i < aggregate.Exposures.Count; i++)
        {
            rows.Add(Position(total, aggregate, own, i));
        }
    }

    private PortfolioRiskRow Total(PortfolioAggregate aggregate, Measured own, string method, Confidence confidence)
    {
        var isValued = aggregate.Exposures.All(item => double.IsFinite(item.Exposure));
        return new PortfolioRiskRow
        {
            Level = aggregate.Portfolio is null ? PortfolioLevel.Node : PortfolioLevel.Portfolio,
            Path = aggregate.Path,
            Portfolio = aggregate.Portfolio,
            Method = method,
            Confidence = confidence,
            Unit = aggregate.Unit,
            NetExposure = isValued && aggregate.Unit != "mixed" ? aggregate.Exposures.Sum(item => item.Exposure) : null,
            GrossExposure = isValued && aggregate.Unit != "mixed" ? aggregate.Exposures.Sum(item => Math.Abs(item.Exposure)) : null,
            Capital = aggregate.Capital,
            ValueAtRisk = own.Risk?.Total.ValueAtRisk.Value,
            ExpectedShortfall = own.Risk?.Total.ExpectedShortfall.Value,
            Volatility = own.Risk?.StandardDeviation,
            ComponentOf = aggregate.Path,
            DiversificationBenefit = own.Risk?.DiversificationBenefit,
            Window = _options.Window,
            PriceKind = Listed(aggregate, series => series.PriceKind),
            Adjustment = Listed(aggregate, series => series.Adjustment),
            ExposurePrices = Joined(", ", aggregate.ExposurePrices.Values),
            Observations = own.Sample?.Sessions.Count ?? 0,
            ExcludedSessions = own.Sample?.Excluded ?? 0,
            FirstSession = own.Sample is { Sessions: [var first, ..] } ? first : null,
            LastSession = own.Sample is { Sessions: [.., var last] } ? last : null,
            Status = own.Refusal?.Status ?? PortfolioStatus.Ready,
            Reason = own.Refusal?.Reason,
        };
    }

    private PortfolioRiskRow Position(PortfolioRiskRow total, PortfolioAggregate aggregate, Measured own, int i)
    {
        var (symbol, exposure) = aggregate.Exposures[i];
        var row = total with
        {
            Level = PortfolioLevel.Position,
            Symbol = symbol,
            NetExposure = double.IsFinite(exposure) ? exposure : null,
            GrossExposure = double.IsFinite(exposure) ? Math.Abs(exposure) : null,
            Capital = null,
            ValueAtRisk = null,
            ExpectedShortfall = null,
            Volatility = null,
            DiversificationBenefit = null,
            PriceKind = _panel.Of(symbol)?.PriceKind,
            Adjustment = _panel.Of(symbol)?.Adjustment,
            ExposurePrices = aggregate.ExposurePrices.GetValueOrDefault(symbol),
        };
        if (own.Risk is null)
        {
            return row;
        }

        var risk = own.Risk.Positions[i];
        return row with
        {
            ValueAtRisk = risk.StandaloneValueAtRisk,
            ComponentValueAtRisk = risk.ComponentValueAtRisk,
            ComponentShortfall = risk.ComponentShortfall,
            KernelComponentValueAtRisk = risk.KernelComponentValueAtRisk,
            MarginalValueAtRisk = risk.MarginalValueAtRisk,
            MarginalShortfall = risk.MarginalShortfall,
            IncrementalValueAtRisk = risk.IncrementalValueAtRisk,
        };
    }

    private string? Listed(PortfolioAggregate aggregate, Func<PanelSeries, string?> fact) =>
        Joined(" ", aggregate.Exposures.Select(item => _panel.Of(item.Symbol)).OfType<PanelSeries>().Select(fact).OfType<string>());

    private static string? Joined(string separator, IEnumerable<string> texts) =>
        string.Join(separator, texts.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)) is { Length: > 0 } joined ? joined : null;

    /// <summary>What a node or portfolio adds to its root: exposure times marginal, summed, and the whole measured anew without it.</summary>
    private ((double ValueAtRisk, double Shortfall, double? Incremental)? Part, Measured Whole) PartOf(
        PortfolioAggregate root, PortfolioAggregate aggregate, string method, Confidence confidence)
    {
        var whole = Measured.Of(this, root, method, confidence);
        if (whole.Risk is not { } risk)
        {
            return (null, whole);
        }

        var exposures = aggregate.Exposures.ToDictionary(item => item.Symbol, item => item.Exposure, StringComparer.Ordinal);
        var (quantile, shortfall) = (default(OrderedSum), default(OrderedSum));
        var rest = new double[root.Exposures.Count];
        for (var i = 0; i < rest.Length; i++)
        {
            var exposure = exposures.GetValueOrDefault(root.Exposures[i].Symbol);
            rest[i] = root.Exposures[i].Exposure - exposure;
            quantile.Add(exposure * risk.Positions[i].MarginalValueAtRisk);
            shortfall.Add(exposure * risk.Positions[i].MarginalShortfall);
        }

        // Without anything there is nothing to lose; a residue of the subtraction is nothing.
        var noise = 1e-12 * root.Exposures.Sum(item => Math.Abs(item.Exposure));
        var without = Array.TrueForAll(rest, exposure => Math.Abs(exposure) <= noise)
            ? 0.0
            : Decompose(method, confidence, rest, whole.Sample!).Total.ValueAtRisk.Value;
        return ((quantile.Value, shortfall.Value, risk.Total.ValueAtRisk.Value - without), whole);
    }

    private PortfolioRisk Decompose(string method, Confidence confidence, double[] exposures, PanelSample sample) =>
        method == PortfolioMethod.Historical
            ? HistoricalPortfolio.Decompose(exposures, sample.Columns, confidence, _options.QuantileType)
            : ParametricPortfolio.Decompose(exposures, sample.Means, sample.Covariance, confidence);

    /// <summary>An aggregate measured by one method at one confidence.</summary>
    private sealed record Measured(PortfolioRisk? Risk, PanelSample? Sample, PortfolioRefusal? Refusal)
    {
        public static Measured Of(PortfolioMeasurement owner, PortfolioAggregate aggregate, string method, Confidence confidence)
        {
            if (aggregate.Refusal is not null)
            {
                return new(null, null, aggregate.Refusal);
            }

            var sample = owner._panel.Latest([.. aggregate.Exposures.Select(item => item.Symbol)], owner._options.Window);
            if (!sample.IsCurrent)
            {
                return new(null, sample, new(PortfolioStatus.MissingSeries, "Not every position has a return on the valuation session."));
            }

            if (sample.Sessions.Count < owner._minimum)
            {
                return new(null, sample, new(
                    PortfolioStatus.InsufficientHistory,
                    FormattableString.Invariant($"{sample.Sessions.Count} sessions with a return of every position; {owner._minimum} are needed.")));
            }

            var risk = owner.Decompose(method, confidence, [.. aggregate.Exposures.Select(item => item.Exposure)], sample);
            return risk.Status == RiskLake.Risk.Status.Ready
                ? new(risk, sample, null)
                : new(null, sample, new(risk.Status.Code(), risk.Reason ?? ""));
        }
    }

}
