namespace RiskLake.Desk.Portfolios;

/// <summary>Why there is no number.</summary>
internal sealed record PortfolioRefusal(string Status, string Reason);

/// <summary>Exposures of a portfolio or of a node, in one unit, or why they cannot be had.</summary>
internal sealed record PortfolioAggregate
{
    public required string Path { get; init; }

    /// <summary>Null for nodes.</summary>
    public string? Portfolio { get; init; }

    public required string Unit { get; init; }

    public double? Capital { get; init; }

    /// <summary>By symbol, in ordinal order; empty when refused for a missing price.</summary>
    public required IReadOnlyList<(string Symbol, double Exposure)> Exposures { get; init; }

    public PortfolioRefusal? Refusal { get; init; }

    /// <summary>Prices that quantities are valued at, by symbol, such as <c>close raw</c>; empty for weights.</summary>
    public IReadOnlyDictionary<string, string> ExposurePrices { get; init; } = new Dictionary<string, string>();

    public string Root => Path.IndexOf('/', StringComparison.Ordinal) is > 0 and var slash ? Path[..slash] : Path;

    /// <summary>Exposures of a portfolio at the panel's last session.</summary>
    public static PortfolioAggregate Of(PortfolioOnDate held, ReturnPanel panel)
    {
        var (portfolio, holdings, _) = held;
        var isMoney = holdings.AreQuantities || portfolio.Capital is not null;
        List<(string, double)> exposures = [];
        var prices = new SortedDictionary<string, string>(StringComparer.Ordinal);
        PortfolioRefusal? refusal = null;
        foreach (var (symbol, amount) in holdings.Positions)
        {
            var series = panel.Of(symbol);
            refusal ??= Refuse(symbol, series, portfolio.BaseCurrency, holdings.AreQuantities);
            exposures.Add((symbol, holdings.AreQuantities ? amount * (series?.Traded?.Price ?? double.NaN) : amount * (portfolio.Capital ?? 1.0)));
            if (holdings.AreQuantities && series?.Traded is { } traded)
            {
                prices[symbol] = $"{traded.PriceKind} {traded.Adjustment}";
            }
        }

        return new PortfolioAggregate
        {
            Path = portfolio.Path,
            Portfolio = portfolio.Id,
            Unit = isMoney ? portfolio.BaseCurrency : "fraction",
            Capital = portfolio.Capital ?? (holdings.AreQuantities ? null : 1.0),
            Exposures = exposures,
            Refusal = refusal,
            ExposurePrices = prices,
        };
    }

    /// <summary>Exposures of a node: those of the portfolios below it, added by symbol.</summary>
    public static PortfolioAggregate Of(string node, IReadOnlyList<PortfolioAggregate> below)
    {
        var sums = new SortedDictionary<string, double>(StringComparer.Ordinal);
        foreach (var (symbol, exposure) in below.SelectMany(part => part.Exposures))
        {
            sums[symbol] = sums.GetValueOrDefault(symbol) + exposure;
        }

        var refused = below.FirstOrDefault(part => part.Refusal is not null);
        var isMixed = below.Any(part => !string.Equals(part.Unit, below[0].Unit, StringComparison.Ordinal));
        return new PortfolioAggregate
        {
            Path = node,
            Unit = isMixed ? "mixed" : below[0].Unit,
            Capital = isMixed || below.Any(part => part.Capital is null) ? null : below.Sum(part => part.Capital),
            Exposures = [.. sums.Select(pair => (pair.Key, pair.Value))],
            ExposurePrices = below.SelectMany(part => part.ExposurePrices).DistinctBy(pair => pair.Key)
                .ToDictionary(pair => pair.Key, pair => pair.Value, StringComparer.Ordinal),
            Refusal = isMixed ? new(PortfolioStatus.MixedCurrencies, $"Portfolios below {node} have different base currencies.")
                : refused is not null ? new(PortfolioStatus.IncompleteNode, $"{refused.Path}: {refused.Refusal!.Reason}")
                : null,
        };
    }

    private static PortfolioRefusal? Refuse(string symbol, PanelSeries? series, string currency, bool isQuantity) =>
        series?.Refusal is { } refusal ? refusal
        : series is null ? new(PortfolioStatus.MissingSeries, $"There is no series of {symbol}.")
        : series.LastPrice is null ? new(PortfolioStatus.MissingSeries, $"{symbol} has no price of the valuation session.")
        : !string.Equals(series.Currency, currency, StringComparison.Ordinal)
        ? new(
            PortfolioStatus.CurrencyMismatch,
            $"{symbol} is priced in {series.Currency ?? "an unknown currency"}; there is no exchange rate to {currency}.")
        : isQuantity && series.Traded is null
        ? new(
            PortfolioStatus.NoTradedPrice,
            $"{symbol} has no price of the valuation session as it was traded: of prices with adjustment '{series.Adjustment}' a quantity has no value. "
            + "Publish bars that are declared raw (--adjustment raw), or events.")
        : null;
}
