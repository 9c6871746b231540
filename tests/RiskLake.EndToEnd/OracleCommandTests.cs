namespace RiskLake.EndToEnd;

/// <summary>The program's own comparison with reference numbers.</summary>
public sealed class OracleCommandTests
{
    [Fact]
    public void Shipped_numbers_agree_and_a_wrong_one_fails_the_command()
    {
        using var workspace = new Workspace();
        var rows = workspace.Run("risk", "oracle", "-o", "json").Ends(0).Json.AsArray();
        Assert.DoesNotContain(rows, row => (string?)row!["status"] == "differs");
        Assert.True(rows.Count(row => (string?)row!["status"] == "agrees") >= 14);
        Assert.True(rows.Where(row => (string?)row!["status"] == "agrees").Sum(row => row!["numbers"]!.GetValue<int>()) > 700);
        Assert.All(rows.Where(row => (string?)row!["status"] == "absent"), row => Assert.Contains(".csv", (string?)row!["remark"], StringComparison.Ordinal));

        var shipped = File.ReadAllText(Path.Combine(Cli.Repository, "src", "RiskLake.Risk", "Oracles", "reference", "expected_realised_vol.json"));
        workspace.Write("numbers/expected_realised_vol.json", shipped.Replace("\"medRV\":1.868", "\"medRV\":1.869", StringComparison.Ordinal));
        var outcome = workspace.Run("risk", "oracle", "--folder", "numbers", "-o", "json").Ends(1);
        var wrong = Assert.Single(outcome.Json.AsArray(), row => (string?)row!["status"] == "differs")!;
        Assert.Equal("realised measures", (string?)wrong["check"]);
        Assert.InRange(wrong["digits"]!.GetValue<double>(), 2.0, 4.0);
        workspace.Run("risk", "oracle", "--folder", "nowhere").Ends(3);
    }
}
