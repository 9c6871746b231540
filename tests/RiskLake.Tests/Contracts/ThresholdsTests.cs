using System.Text;
using RiskLake.Contracts;
using RiskLake.Contracts.Configuration;
using RiskLake.Lake.Errors;

namespace RiskLake.Tests.Contracts;

public sealed class ThresholdsTests
{
    private const string Sound = """
        thresholds:
          volatility_5m:
            warn: 0.03
            critical: 0.07
          data_quality:
            max_late_rate: 0.02
            max_duplicate_rate: 0.01
            max_quarantine_rate: 0.05
            late_seconds: 300
        """;

    private static Thresholds Load(string text) => Thresholds.Load(ConfigFile.Parse("t.yaml", Encoding.UTF8.GetBytes(text)));

    [Theory]
    [InlineData("    max_late_rate: 0.02\n", "", "C003")]
    [InlineData("    max_duplicate_rate: 0.01\n", "", "C003")]
    [InlineData("    max_quarantine_rate: 0.05\n", "", "C003")]
    [InlineData("    warn: 0.03\n", "", "C003")]
    [InlineData("  volatility_5m:\n    warn: 0.03\n    critical: 0.07\n", "", "C003")]
    [InlineData("max_late_rate", "max_lat_rate", "C002")]
    [InlineData("late_seconds", "lateseconds", "C002")]
    [InlineData("thresholds:", "threshold:", "C002")]
    [InlineData("0.02", "2", "T001")]
    [InlineData("0.02", "-0.02", "T001")]
    [InlineData("0.02", ".nan", "T001")]
    [InlineData("0.02", ".inf", "T001")]
    [InlineData("0.02", "1.0000001", "T001")]
    [InlineData("0.02", "'0.02'", "C004")]
    [InlineData("0.02", "2%", "C004")]
    [InlineData("0.02", "", "C004")]
    [InlineData("0.03", "0", "T002")]
    [InlineData("0.03", "-.inf", "T002")]
    [InlineData("0.03", "0.08", "T003")]
    [InlineData("300", "-1", "T004")]
    [InlineData("300", "99999999999", "T004")]
    [InlineData("300", "0.5", "C004")]
    public void A_limit_that_would_never_close_is_refused(string sound, string departure, string rule)
    {
        var text = Sound.Replace(sound, departure, StringComparison.Ordinal);
        var refusal = Assert.Throws<RiskLakeException>(() => Load(text));
        Assert.Equal(ErrorCode.ThresholdInvalid, refusal.Code);
        Assert.Contains($"({rule})", refusal.InnerException!.Message, StringComparison.Ordinal);
        Assert.StartsWith("t.yaml:", refusal.Place, StringComparison.Ordinal);
    }

    [Fact]
    public void An_empty_file_has_no_limits() =>
        Assert.Equal(ErrorCode.ThresholdInvalid, Assert.Throws<RiskLakeException>(() => Load("")).Code);

    [Theory]
    [InlineData("0")]
    [InlineData("1")]
    public void Zero_and_one_are_limits(string rate) =>
        Assert.Equal(double.Parse(rate), Load(Sound.Replace("0.02", rate, StringComparison.Ordinal)).MaxLateRate);

    [Fact]
    public void Sections_may_stand_alone_and_in_any_order()
    {
        const string Bare = """
            data_quality: {max_quarantine_rate: 5e-2, max_duplicate_rate: .01, max_late_rate: 0.020}
            volatility: {critical: 0.07, warn: 0.03}
            """;
        Assert.Equal(Load(Sound).Sha256, Load(Bare).Sha256);
        Assert.False(string.Equals(Load(Sound).Sha256, Load(Sound.Replace("300", "301", StringComparison.Ordinal)).Sha256,
            StringComparison.Ordinal));
    }

    [Fact]
    public void All_errors_are_told_at_once()
    {
        var text = Sound.Replace("0.02", "2", StringComparison.Ordinal).Replace("warn:", "wran:", StringComparison.Ordinal);
        var refusal = Assert.Throws<RiskLakeException>(() => Load(text));
        var problems = Assert.IsType<ConfigProblemsException>(refusal.InnerException).Problems;
        Assert.Equal("C002 C003 T001", string.Join(' ', problems.Select(problem => problem.Rule).Order(StringComparer.Ordinal)));
        Assert.EndsWith("(+2 more)", refusal.Message, StringComparison.Ordinal);
    }
}
