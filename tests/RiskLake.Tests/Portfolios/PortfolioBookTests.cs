using System.Text;
using RiskLake.Contracts;
using RiskLake.Contracts.Configuration;
using RiskLake.Desk.Portfolios;
using RiskLake.Lake.Errors;
using RiskLake.Tests.Contracts;

namespace RiskLake.Tests.Portfolios;

public sealed class PortfolioBookTests
{
    private const string Sound = """
        defaults:
          base_currency: USD
        portfolios:
          - id: tech
            path: firm/equities
            capital: 1000000
            holdings:
              - {from: 2024-01-01, to: 2025-01-01, weights: {AAPL: 0.6, MSFT: -0.2}}
              - {from: 2025-01-01, weights: {AAPL: 0.5}}
            mandates:
              - {from: 2024-01-01, owner: desk, max_gross_leverage: 1.5, max_value_at_risk: 0.03, method: historical, confidence: 0.99}
          - id: income
            path: firm/equities
            base_currency: EUR
            holdings:
              - from: 2024-06-01
                quantities: {XOM: 100}
        """;

    private static readonly SymbolList Symbols = SymbolList.Load(ConfigFolder.Shipped("symbols.yaml"));

    private static PortfolioBook Load(string text) => PortfolioBook.Load(ConfigFile.Parse("p.yaml", Encoding.UTF8.GetBytes(text)), Symbols);

    [Fact]
    public void A_portfolio_holds_what_is_in_force_on_the_date()
    {
        var book = Load(Sound);
        Assert.Empty(book.On(new(2023, 12, 31)));
        Assert.Equal(0.6, Assert.Single(book.On(new(2024, 1, 1))).Holdings.Positions[0].Amount);
        Assert.Equal("tech income", string.Join(' ', book.On(new(2024, 6, 1)).Select(held => held.Portfolio.Id)));
        Assert.Equal(0.6, book.On(new(2024, 12, 31))[0].Holdings.Positions[0].Amount);
        var held = book.On(new(2025, 1, 1))[0];
        Assert.Equal([new Holding("AAPL", 0.5)], held.Holdings.Positions);
        Assert.Equal("99/100", held.Mandate!.Confidence.ToString());
        Assert.Equal("firm/equities/tech", held.Portfolio.Path);
        Assert.Equal(["firm", "firm/equities"], held.Portfolio.Ancestors);
        Assert.Null(book.On(new(2025, 1, 1))[1].Mandate);
    }

    [Theory]
    [InlineData("id: income", "id: Tech", "C010")]
    [InlineData("id: income", "id: 'in come'", "C009")]
    [InlineData("capital", "captial", "C002")]
    [InlineData("base_currency: EUR", "base_currency: eur", "P001")]
    [InlineData("  base_currency: USD\n", "  {}\n", "C003")]
    [InlineData("path: firm/equities\n    base", "path: firm//equities\n    base", "P002")]
    [InlineData("quantities: {XOM: 100}", "to: 2025-01-01", "P003")]
    [InlineData("{AAPL: 0.5}}", "{AAPL: 0.5}, quantities: {AAPL: 5}}", "P003")]
    [InlineData("XOM: 100", "XON: 100", "P004")]
    [InlineData("    capital: 1000000\n", "", "P005")]
    [InlineData("XOM: 100", "XOM: 0", "P006")]
    [InlineData("XOM: 100", "XOM: .inf", "P006")]
    [InlineData("XOM: 100", "XOM: many", "C004")]
    [InlineData("max_gross_leverage: 1.5, max_value_at_risk: 0.03, method: historical, confidence: 0.99", "to: 2026-01-01", "P007")]
    [InlineData("method: historical, ", "", "P008")]
    [InlineData("max_value_at_risk: 0.03, ", "", "P008")]
    [InlineData("method: historical", "method: historicall", "C006")]
    [InlineData("confidence: 0.99", "confidence: 99", "E004")]
    [InlineData("capital: 1000000", "capital: 0", "P010")]
    [InlineData("id: tech\n    path: firm/equities", "id: equities\n    path: firm", "P011")]
    [InlineData("to: 2025-01-01", "to: 2025-01-02", "E003")]
    [InlineData("to: 2025-01-01", "to: 2024-01-01", "E002")]
    [InlineData("from: 2024-06-01", "from: 2024-06-31", "E001")]
    [InlineData("from: 2024-06-01", "from: 2024", "C004")]
    public void A_book_that_could_be_misread_is_refused(string sound, string departure, string rule)
    {
        var text = Sound.Replace(sound, departure, StringComparison.Ordinal);
        Assert.NotEqual(Sound, text);
        var refusal = Assert.Throws<RiskLakeException>(() => Load(text));
        Assert.Equal(ErrorCode.ConfigurationInvalid, refusal.Code);
        Assert.Contains($"({rule})", refusal.InnerException!.Message, StringComparison.Ordinal);
        Assert.StartsWith("p.yaml:", refusal.Place, StringComparison.Ordinal);
    }

    [Fact]
    public void A_misspelt_symbol_meets_the_one_meant() => Assert.Contains(
        "did you mean 'XOM'?",
        Assert.Throws<RiskLakeException>(() => Load(Sound.Replace("XOM", "XON", StringComparison.Ordinal))).Message,
        StringComparison.Ordinal);

    [Fact]
    public void A_mandate_over_quantities_needs_capital()
    {
        var text = Sound + "\n    mandates:\n      - {from: 2024-06-01, owner: desk, max_position: 0.2}\n";
        Assert.Contains("(P009)", Assert.Throws<RiskLakeException>(() => Load(text)).InnerException!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_digest_is_of_what_is_said_not_of_how()
    {
        var other = Sound.Replace("{AAPL: 0.6, MSFT: -0.2}", "{MSFT: -2e-1, AAPL: 0.60}", StringComparison.Ordinal);
        Assert.Equal(Load(Sound).Sha256, Load(other).Sha256);
        Assert.NotEqual(Load(Sound).Sha256, Load(Sound.Replace("0.6", "0.61", StringComparison.Ordinal)).Sha256);
        Assert.NotEqual(Load(Sound).Sha256, Load(Sound.Replace("1.5", "1.6", StringComparison.Ordinal)).Sha256);
    }

    [Fact]
    public void The_shipped_book_is_sound() =>
        Assert.Equal(3, PortfolioBook.Load(ConfigFolder.Shipped("portfolios.yaml"), Symbols).On(new(2025, 1, 20)).Count);
}
