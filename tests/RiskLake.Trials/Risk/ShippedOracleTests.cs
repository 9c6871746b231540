using RiskLake.Risk.Oracles;
using RiskLake.Tests.Oracles;

namespace RiskLake.Trials.Risk;

/// <summary>The shipped check that takes long.</summary>
public sealed class ShippedOracleTests
{
    [Fact]
    public void Critical_values_of_tests_of_expected_shortfall_agree()
    {
        var check = OracleChecks.All.Single(check => check.Name == OracleChecksTests.Long).Check;
        var outcome = OracleChecks.Make(OracleChecksTests.Long, check, new OracleSource(null));
        Assert.Null(outcome.Absent);
        Assert.Empty(outcome.Failures);
        Assert.True(outcome.Numbers + outcome.Facts > 0);
    }
}
