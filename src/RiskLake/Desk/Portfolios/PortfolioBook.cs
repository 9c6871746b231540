using RiskLake.Contracts;
using RiskLake.Contracts.Configuration;
using RiskLake.Lake.Errors;

namespace RiskLake.Desk.Portfolios;

/// <summary>The portfolios of <c>config/portfolios.yaml</c>, in the order of the file.</summary>
internal sealed record PortfolioBook
{
    public required IReadOnlyList<Portfolio> Portfolios { get; init; }

    /// <summary>Digest of the normalised file, lower-case hex.</summary>
    public required string Sha256 { get; init; }

    /// <exception cref="RiskLakeException">RL1101 if an entry is not acceptable, RL1102 if there is no such file.</exception>
    public static PortfolioBook Load(string path, SymbolList symbols) => Load(ConfigFile.Read(path), symbols);

    public static PortfolioBook Load(ConfigFile file, SymbolList symbols) => new PortfolioReader(file, symbols).Read();

    /// <summary>The portfolios that hold something on a date.</summary>
    public IReadOnlyList<PortfolioOnDate> On(DateOnly date) =>
    [
        .. Portfolios
            .Select(portfolio => (portfolio, holdings: portfolio.Holdings.FirstOrDefault(holdings => holdings.Period.Contains(date))))
            .Where(pair => pair.holdings is not null)
            .Select(pair => new PortfolioOnDate(
                pair.portfolio, pair.holdings!, pair.portfolio.Mandates.FirstOrDefault(mandate => mandate.Period.Contains(date)))),
    ];

    /// <summary>Digest of what is held on a date: a change from some day on leaves earlier days as they are.</summary>
    public string DigestOn(DateOnly date) => PortfolioReader.Digest([
        .. On(date).Select(held => held.Portfolio with { Holdings = [held.Holdings with { Period = new(date, null) }], Mandates = [] }),
    ]);

    public Portfolio? Find(string id) => Portfolios.FirstOrDefault(portfolio => string.Equals(portfolio.Id, id, StringComparison.Ordinal));
}
