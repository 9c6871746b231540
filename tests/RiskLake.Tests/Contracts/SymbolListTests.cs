using System.Text;
using RiskLake.Contracts;
using RiskLake.Contracts.Configuration;
using RiskLake.Lake.Errors;

namespace RiskLake.Tests.Contracts;

public sealed class SymbolListTests
{
    private const string Sound = """
        defaults: {market: XNYS, currency: USD, tick: 0.01, sources: [a, b]}
        symbols:
          - {symbol: AAPL, start_price: 229.98, annual_volatility: 0.27}
          - {symbol: VOD, name: Vodafone, market: XLON, currency: GBP, tick: 0.0002, sources: [c], start_price: 0.7, annual_volatility: 0.3}
        """;

    private static SymbolList Load(string text) => SymbolList.Load(ConfigFile.Parse("s.yaml", Encoding.UTF8.GetBytes(text)));

    [Fact]
    public void An_entry_overrides_the_defaults()
    {
        var list = Load(Sound);
        var (apple, vodafone) = (list.Find("AAPL")!, list.Find("VOD")!);
        Assert.Equal(("XNYS", "USD", 0.01m, "a b", "AAPL"),
            (apple.Market, apple.Currency, apple.Tick, string.Join(' ', apple.Sources), apple.Name));
        Assert.Equal(("XLON", "GBP", 0.0002m, "c", "Vodafone"),
            (vodafone.Market, vodafone.Currency, vodafone.Tick, string.Join(' ', vodafone.Sources), vodafone.Name));
        Assert.Null(list.Find("aapl"));
    }

    [Fact]
    public void The_digest_is_of_the_meaning()
    {
        var other = Load(Sound.Replace("229.98", "229.980", StringComparison.Ordinal).Replace("0.0002", "2e-4", StringComparison.Ordinal)
            .Replace(", name: Vodafone", "", StringComparison.Ordinal) + "\n# a comment\n");
        Assert.Equal(Load(Sound).Sha256, other.Sha256);
        Assert.False(string.Equals(Load(Sound).Sha256, Load(Sound.Replace("[a, b]", "[b, a]", StringComparison.Ordinal)).Sha256,
            StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("symbol: VOD", "symbol: AAPL", "C010")]
    [InlineData("symbol: VOD", "symbol: vod", "S001")]
    [InlineData("symbol: VOD", "symbol: ' VOD'", "S001")]
    [InlineData("symbol: VOD", "symbol: NO", null)]
    [InlineData("symbol: VOD", "symbol: true", "C004")]
    [InlineData("229.98", "229.985", "S002")]
    [InlineData("0.27", "27", "S003")]
    [InlineData("0.27", ".nan", "S003")]
    [InlineData("XLON", "London", "S004")]
    [InlineData("GBP", "pounds", "S004")]
    [InlineData("tick: 0.0002", "tick: 0", "S005")]
    [InlineData("tick: 0.0002", "tick: .inf", "S005")]
    [InlineData("tick: 0.0002", "tik: 0.0002", "C002")]
    [InlineData("currency: USD, ", "", "C003")]
    [InlineData("sources: [c]", "sources: [c, c]", "C010")]
    public void A_slip_is_told(string sound, string departure, string? rule)
    {
        var text = Sound.Replace(sound, departure, StringComparison.Ordinal);
        if (rule is null)
        {
            Load(text);
            return;
        }

        var refusal = Assert.Throws<RiskLakeException>(() => Load(text));
        Assert.Equal(ErrorCode.ConfigurationInvalid, refusal.Code);
        Assert.Contains($"({rule})", refusal.Message, StringComparison.Ordinal);
    }
}
