using System.Text.Json.Nodes;

namespace RiskLake.EndToEnd;

/// <summary><c>risk limits</c> and <c>risk explain</c>, as a user types them.</summary>
public sealed class LimitCommandTests
{
    [Fact]
    public void Limits_are_judged_by_a_run_of_risk_and_told_afterwards()
    {
        using var workspace = new Workspace().WithDesk();
        var listed = Rows(workspace, "risk", "limits", "list", "--date", "2025-01-17");
        Assert.Contains(listed, row => (string?)row!["limit_id"] == "mandate.technology.gross_leverage" && (double?)row["critical"] == 1.6);
        workspace.Run("run").Ends(0);
        workspace.Run("risk", "run").Ends(0);
        var verdicts = Rows(workspace, "risk", "limits", "evaluate");
        Assert.Contains(verdicts, row => (string?)row!["limit_id"] == "market-var-99" && (string?)row["status"] == "no_value");
        Assert.All(verdicts, row => Assert.Equal((string?)row!["status"] == "no_value", row["value"] is null && row["reason"] is not null));
        Assert.Equal(
            verdicts.Select(row => row!.ToJsonString()), Rows(workspace, "risk", "limits", "evaluate", "--anew").Select(row => row!.ToJsonString()));
        Assert.Single(Rows(workspace, "risk", "limits", "history", "desk-var-99"));
        Assert.Empty(Rows(workspace, "risk", "limits", "breaches"));
        workspace.Run("risk", "limits", "evaluate", "--fail-on", "never").Ends(0);
        foreach (var word in new[] { "warn", "critical" })
        {
            Assert.Contains("have no value", workspace.Run("risk", "limits", "evaluate", "--fail-on", word).Ends(1).Error, StringComparison.Ordinal);
        }

        Assert.Contains("RL7101", workspace.Run(
            "risk", "limits", "acknowledge", "desk-var-99", "--date", "2025-01-17", "--by", "a", "--reason", "b").Ends(2).Error, StringComparison.Ordinal);
        Assert.Contains("did you mean 'desk-var-99'", workspace.Run("risk", "limits", "history", "desk-var-9").Ends(2).Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(2, "RL1001", "risk", "explain", "--from", "2025-01-14", "--to", "2025-01-17")]
    [InlineData(2, "RL1001", "risk", "explain", "--symbol", "SPY", "--node", "desk", "--from", "2025-01-14", "--to", "2025-01-17")]
    [InlineData(2, "RL1001", "risk", "explain", "--symbol", "SPY", "--from", "2025-01-17", "--to", "2025-01-14")]
    [InlineData(2, "RL1001", "risk", "explain", "--symbol", "SPY", "--from", "yesterday", "--to", "2025-01-14")]
    [InlineData(2, "RL7102", "risk", "explain", "--symbol", "SPX", "--from", "2025-01-14", "--to", "2025-01-17")]
    [InlineData(2, "RL1001", "risk", "explain", "--symbol", "SPY", "--from", "2025-01-17", "--to", "2025-01-17")]
    [InlineData(2, "RL1003", "risk", "explain", "--symbol", "SPY", "--from", "2025-01-14", "--to", "2025-01-17", "--from-attempt", "2")]
    [InlineData(2, "RL1204", "risk", "run", "--date", "2025-01-25")]
    [InlineData(2, "RL1204", "risk", "limits", "evaluate", "--anew", "--date", "2025-01-26")]
    [InlineData(2, "RL1001", "risk", "limits", "evaluate", "--fail-on", "never-ever")]
    [InlineData(2, "RL1102", "risk", "limits", "list", "--limits", "nowhere.yaml")]
    public void What_cannot_be_done_says_so(int exit, string code, params string[] arguments)
    {
        using var workspace = new Workspace();
        workspace.Run("run", "-q").Ends(0);
        Assert.Contains(code, workspace.Run(arguments).Ends(exit).Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Groups_of_commands_have_help()
    {
        using var workspace = new Workspace();
        foreach (var group in new[] { "risk", "data", "runs", "lake", "quarantine" })
        {
            Assert.Contains("Commands:", workspace.Run(group, "--help").Ends(0).Out, StringComparison.Ordinal);
        }

        workspace.Run("risk", "limits", "breaches").Ends(3);
    }

    private static JsonArray Rows(Workspace workspace, params string[] arguments) =>
        JsonNode.Parse(workspace.Run([.. arguments, "-o", "json"]).Ends(0).Out)!.AsArray();
}
