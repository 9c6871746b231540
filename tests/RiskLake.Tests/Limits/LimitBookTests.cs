using System.Text;
using RiskLake.Contracts;
using RiskLake.Contracts.Configuration;
using RiskLake.Desk.Limits;
using RiskLake.Desk.Portfolios;
using RiskLake.Lake.Errors;
using RiskLake.Risk;
using RiskLake.Tests.Contracts;

namespace RiskLake.Tests.Limits;

public sealed class LimitBookTests
{
    private const string Sound = """
        limits:
          - id: spy-var
            owner: desk
            symbols: [SPY, AAPL]
            measure: value_at_risk
            method: historical
            confidence: 0.99
            thresholds:
              - {from: 2024-01-01, to: 2025-01-01, warn: 0.02, critical: 0.03}
              - {from: 2025-01-01, warn: 0.025, critical: 0.035}
          - id: desk-es
            owner: risk
            nodes: [desk/equities]
            measure: expected_shortfall
            method: normal_covariance
            confidence: 0.975
            unit: USD
            clean_days: 3
            thresholds: [{from: 2024-01-01, warn: 100, critical: 200}]
          - id: gross
            owner: risk
            portfolios: all
            measure: gross_leverage
            thresholds: [{from: 2024-01-01, to: 2024-06-01, warn: 1.5, critical: 2}]
        """;

    private static readonly SymbolList Symbols = SymbolList.Load(ConfigFolder.Shipped("symbols.yaml"));

    private static readonly PortfolioBook Portfolios = PortfolioBook.Load(ConfigFolder.Shipped("portfolios.yaml"), Symbols);

    private static LimitBook Load(string text) => LimitBook.Load(ConfigFile.Parse("l.yaml", Encoding.UTF8.GetBytes(text)), Symbols, Portfolios);

    [Fact]
    public void Amounts_are_those_in_force_on_the_date()
    {
        var limit = Load(Sound).Find("spy-var")!;
        Assert.Null(limit.On(new(2023, 12, 31)));
        Assert.Equal(0.02, limit.On(new(2024, 12, 31))!.Warn);
        Assert.Equal(0.025, limit.On(new(2025, 1, 1))!.Warn);
        Assert.Equal(["symbol:AAPL", "symbol:SPY"], limit.Scopes.Select(scope => scope.ToString()));
        Assert.Equal(
            new LimitedMeasure("expected_shortfall", "normal_covariance", Confidence.P975, 1, "USD"), Load(Sound).Find("desk-es")!.Measure);
        Assert.Equal(3, Load(Sound).Find("gross")!.Scopes.Count);
    }

    [Fact]
    public void A_mandate_is_a_limit()
    {
        var limits = Load(Sound).Limits.Where(limit => limit.Id.StartsWith("mandate.", StringComparison.Ordinal)).ToArray();
        Assert.Equal(
            [
                "mandate.technology.gross_leverage", "mandate.technology.net_leverage", "mandate.technology.largest_position",
                "mandate.technology.value_at_risk.historical.99-100",
            ],
            limits.Select(limit => limit.Id));
        Assert.All(limits, limit => Assert.Equal("portfolio:technology", Assert.Single(limit.Scopes).ToString()));
        Assert.Equal(new LimitThresholds(new EffectivePeriod(new(2020, 1, 1), null), 1.6, 1.6), limits[0].On(new(2025, 1, 20)));
    }

    [Theory]
    [InlineData("id: gross", "id: Spy-Var", "C010")]
    [InlineData("id: gross", "id: gross.leverage", "C009")]
    [InlineData("owner: desk\n", "ownr: desk\n", "C002")]
    [InlineData("    owner: desk\n", "", "C003")]
    [InlineData("symbols: [SPY, AAPL]", "symbols: some", "C006")]
    [InlineData("symbols: [SPY, AAPL]", "symbols: [SPY, SPY]", "C010")]
    [InlineData("symbols: [SPY, AAPL]", "symbols: [SPX]", "L005")]
    [InlineData("    symbols: [SPY, AAPL]\n", "", "L001")]
    [InlineData("symbols: [SPY, AAPL]", "symbols: all\n    nodes: all", "L001")]
    [InlineData("nodes: [desk/equities]", "nodes: [equities]", "L005")]
    [InlineData("portfolios: all", "portfolios: [technologie]", "L005")]
    [InlineData("portfolios: all", "symbols: all", "L002")]
    [InlineData("measure: value_at_risk", "measure: value_at_rsk", "C006")]
    [InlineData("method: historical", "method: historic", "L004")]
    [InlineData("method: normal_covariance", "method: student_t", "L004")]
    [InlineData("    method: historical\n", "", "C003")]
    [InlineData("    confidence: 0.99\n", "", "C003")]
    [InlineData("    confidence: 0.99\n", "    confidence: 1\n", "E004")]
    [InlineData("measure: gross_leverage", "measure: gross_leverage\n    confidence: 0.9", "C011")]
    [InlineData("    unit: USD\n", "", "L003")]
    [InlineData("unit: USD", "unit: dollars", "L003")]
    [InlineData("measure: gross_leverage", "measure: gross_leverage\n    unit: USD", "L003")]
    [InlineData("measure: value_at_risk\n    method: historical\n    confidence: 0.99", "measure: volatility\n    method: ewma", "L003")]
    [InlineData("unit: USD", "unit: annual_fraction", "L003")]
    [InlineData("warn: 100,", "warn: -100,", "L006")]
    [InlineData("critical: 200", "critical: .inf", "L006")]
    [InlineData("warn: 100,", "warn: 300,", "L007")]
    [InlineData("clean_days: 3", "clean_days: 0", "L008")]
    [InlineData("clean_days: 3", "horizon: 0", "L008")]
    [InlineData("to: 2025-01-01", "to: 2025-01-02", "E003")]
    [InlineData("to: 2025-01-01, ", "", "E003")]
    [InlineData("to: 2025-01-01", "to: 2023-01-01", "E002")]
    [InlineData("to: 2025-01-01", "to: 2025-13-01", "E001")]
    public void A_limit_that_could_be_misread_is_refused(string sound, string departure, string rule)
    {
        var text = Sound.Replace(sound, departure, StringComparison.Ordinal);
        Assert.NotEqual(Sound, text);
        var refusal = Assert.Throws<RiskLakeException>(() => Load(text));
        Assert.Equal(ErrorCode.ConfigurationInvalid, refusal.Code);
        Assert.Contains($"({rule})", refusal.InnerException!.Message, StringComparison.Ordinal);
        Assert.StartsWith("l.yaml:", refusal.Place, StringComparison.Ordinal);
    }

    [Fact]
    public void The_digest_is_of_what_is_said_not_of_how()
    {
        var other = Sound.Replace("[SPY, AAPL]", "[AAPL, SPY]", StringComparison.Ordinal).Replace("0.03}", "3e-2}", StringComparison.Ordinal);
        Assert.Equal(Load(Sound).Sha256, Load(other).Sha256);
        Assert.NotEqual(Load(Sound).Sha256, Load(Sound.Replace("0.035", "0.036", StringComparison.Ordinal)).Sha256);
        Assert.NotEqual(Load(Sound).Sha256, Load(Sound.Replace("clean_days: 3", "clean_days: 2", StringComparison.Ordinal)).Sha256);
    }

    [Fact]
    public void The_shipped_limits_are_sound() => Assert.All(
        LimitBook.Load(ConfigFolder.Shipped("risk_limits.yaml"), Symbols, Portfolios).Limits, limit => Assert.NotNull(limit.On(new(2025, 1, 20))));
}
