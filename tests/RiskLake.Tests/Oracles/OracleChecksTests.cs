using RiskLake.Risk.Oracles;

namespace RiskLake.Tests.Oracles;

public sealed class OracleChecksTests
{
    /// <summary>The checks that need nobody else's data.</summary>
    public static TheoryData<string> Shipped =>
    [
        "special functions", "random numbers", "sums under cancellation", "rolling deviation after outliers", "realised measures",
        "traffic light", "kupiec regions and jorion", "risk factor modellability", "internal model formulas",
        "simulated series: moments", "simulated series: tails", "simulated series: garch", "simulated series: backtests",
    ];

    /// <summary>One that needs nobody else's data either and takes long: the trials make it.</summary>
    internal const string Long = "critical values of es tests";

    [Theory]
    [MemberData(nameof(Shipped))]
    public void Shipped_numbers_agree(string name)
    {
        var outcome = OracleChecks.Make(name, Check(name), new OracleSource(null));
        Assert.Null(outcome.Absent);
        Assert.Empty(outcome.Failures);
        Assert.True(outcome.Numbers + outcome.Facts > 0);
    }

    [Fact]
    public void Every_other_check_says_which_data_it_lacks()
    {
        Assert.Equal(OracleChecks.All.Count, OracleChecks.All.Select(check => check.Name).Distinct().Count());
        var shipped = Shipped.Select(row => row.Data).Append(Long).ToHashSet();
        foreach (var (name, check) in OracleChecks.All.Where(check => !shipped.Contains(check.Name)))
        {
            var outcome = OracleChecks.Make(name, check, new OracleSource(null));
            Assert.EndsWith(".csv", outcome.Absent, StringComparison.Ordinal);
            Assert.Empty(outcome.Failures);
        }
    }

    [Fact]
    public void A_number_that_differs_is_told()
    {
        var folder = Directory.CreateTempSubdirectory("risklake-oracle-");
        try
        {
            // The shipped value with its last digits changed, and a table that lacks what the check asks for.
            File.WriteAllText(Path.Combine(folder.FullName, "expected_frtb.json"), """
                {"liquidity_horizon_es":{"ES_T_P_j":[100,60,40,20,10],"es":123.0}}
                """);
            var outcome = OracleChecks.Make("formulas", Check("internal model formulas"), new OracleSource(folder.FullName));
            Assert.Equal(2, outcome.Failures.Count);
            Assert.Contains("expected 123", outcome.Failures[0], StringComparison.Ordinal);
            Assert.StartsWith("the check broke off", outcome.Failures[1], StringComparison.Ordinal);
            Assert.True(outcome.Digits < 3);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static Action<OracleRun> Check(string name) => OracleChecks.All.Single(check => check.Name == name).Check;
}
