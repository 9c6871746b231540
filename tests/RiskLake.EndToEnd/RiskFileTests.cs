using System.Globalization;

namespace RiskLake.EndToEnd;

/// <summary>Files that others write, and questions about what was published, as a user types them.</summary>
public sealed class RiskFileTests
{
    [Fact]
    public void Forecasts_written_as_returns_are_told_and_settled_by_their_sign()
    {
        using var workspace = new Workspace();
        var random = new Random(4);
        double[] returns = [.. Enumerable.Range(0, 250).Select(_ => (random.NextDouble() - 0.5) * 0.05)];
        foreach (var sign in new[] { -1, 1 })
        {
            workspace.Write($"forecasts{sign}.csv", "ret,var\n" + string.Concat(returns.Select(value =>
                string.Create(CultureInfo.InvariantCulture, $"{value:R},{sign * 0.024}\n"))));
        }

        string[] line = ["risk", "backtest", "--pnl", "ret", "--var", "var", "--confidence", "0.95", "-o", "json", "--input"];
        var refused = workspace.Run([.. line, "forecasts-1.csv"]).Ends(2).Error;
        Assert.Contains("250 of 250 forecasts below zero", refused, StringComparison.Ordinal);
        Assert.Contains("--var-sign negative", refused, StringComparison.Ordinal);
        var turned = workspace.Run([.. line, "forecasts-1.csv", "--var-sign", "negative"]).Ends(0);
        Assert.Equal(workspace.Run([.. line, "forecasts1.csv"]).Ends(0).Out, turned.Out);
        workspace.Run([.. line, "forecasts1.csv", "--var-sign", "negative"]).Ends(2);
        workspace.Run([.. line, "forecasts-1.csv", "--var-sign", "positive"]).Ends(0);
    }

    [Fact]
    public void An_empty_cell_leaves_a_date_out_of_a_covariance()
    {
        using var workspace = new Workspace();
        workspace.Write(
            "holes.csv",
            "date,A,B\n2024-01-02,0.01,0.02\n2024-01-03,,0.01\n2024-01-04,-0.02,0\n2024-01-05,NA,0\n2024-01-08,0.02,0.015\n2024-01-09,0,1\n");
        var rows = workspace.Run("risk", "covariance", "--input", "holes.csv", "--returns", "none", "-o", "json").Ends(0);
        Assert.Equal(["A", "B"], rows.Json.AsArray().Select(row => (string)row!["first"]!).Distinct());
        Assert.All(rows.Json.AsArray(), row => Assert.Equal((4, 2), ((int)row!["observations"]!, (int)row["dates_left_out"]!)));
    }

    [Fact]
    public void Two_attempts_of_a_run_can_be_compared()
    {
        using var workspace = new Workspace().WithDesk();
        workspace.Run("run", "--run-id", "demo", "-q").Ends(0);
        workspace.Run("risk", "run", "--run-id", "risk-demo", "-q").Ends(0);
        Assert.Contains("RL1001", workspace.Run("runs", "diff", "risk-demo", "risk-demo").Ends(2).Error, StringComparison.Ordinal);
        workspace.Write("own.yaml", "window: 10\nminimum: 2\n");
        workspace.Run("risk", "run", "--run-id", "risk-demo", "--settings", "own.yaml", "-q").Ends(0);
        var differences = workspace.Run("runs", "diff", "risk-demo", "risk-demo", "-o", "json").Ends(0).Json.AsArray();
        var attempt = Assert.Single(differences, row => (string)row!["field"]! == "attempt")!;
        Assert.Equal(("1", "2"), ((string)attempt["first"]!, (string)attempt["second"]!));
        Assert.Contains(differences, row => (string)row!["field"]! == "configuration.settings_sha256");
        workspace.Run("runs", "diff", "risk-demo", "risk-demo", "--first-attempt", "3").Ends(2);
        workspace.Run("risk", "verify", "risk-demo").Ends(0);
        File.Delete(Path.Combine(workspace.Folder, "own.yaml"));
        workspace.Run("risk", "verify", "risk-demo").Ends(0);
        workspace.Run("runs", "verify", "risk-demo").Ends(0);
    }
}
