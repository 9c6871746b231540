using System.Globalization;
using System.Text.Json.Nodes;
using RiskLake.Risk;

namespace RiskLake.EndToEnd;

/// <summary>Commands that read the prices of the lake where they could read a file, against the same prices from the file.</summary>
public sealed class LakeSeriesTests
{
    private static readonly string Bars = Path.Combine(Cli.Repository, "examples", "demo_us_d.csv");

    [Fact]
    public void Prices_of_the_lake_give_the_numbers_of_the_file_they_came_in()
    {
        using var workspace = Filled();
        foreach (var command in new[] { "measure --method historical,normal", "volatility", "garch" })
        {
            string[] words = ["risk", .. command.Split(' '), "-o", "json"];
            var lake = workspace.Run([.. words, "--symbol", "DEMO.US"]).Ends(0).Out;
            Assert.Equal(workspace.Run([.. words, "--input", Bars]).Ends(0).Out, lake);
        }
    }

    [Fact]
    public void Forecasts_over_the_lake_are_tested_as_the_run_of_risk_tests_them()
    {
        using var workspace = Filled();
        workspace.Run("risk", "run", "--date", "2025-01-24").Ends(0);
        var closes = File.ReadLines(Bars).Skip(1).Select(line => double.Parse(line.Split(',')[4], CultureInfo.InvariantCulture)).ToArray();
        var returns = Returns.Simple(closes);
        var exceedances = 0;
        for (var i = 250; i < returns.Length; i++)
        {
            exceedances += -returns[i] > HistoricalSimulation.Estimate(returns.AsSpan(i - 250, 250), Confidence.P99).ValueAtRisk.Value!.Value ? 1 : 0;
        }

        var rows = JsonNode.Parse(workspace.Run("risk", "backtest", "--symbol", "DEMO.US", "-o", "json").Ends(0).Out)!.AsArray();
        var kupiec = rows.Single(row => (string?)row!["test"] == "kupiec_pof")!;
        Assert.Equal(CoverageTests.Kupiec(exceedances, returns.Length - 250, Confidence.P99).Statistic!.Value, (double)kupiec["statistic"]!, 1e-12);
        var refused = workspace.Run("risk", "backtest", "--input", Bars);
        refused.Ends(2);
        Assert.Contains("--pnl", refused.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void What_a_command_cannot_answer_is_refused_by_its_option()
    {
        using var workspace = Filled();
        foreach (var (command, option) in new[]
        {
            ("measure --symbol DEMO.US,DEMO.US", "--symbol"), ("volatility --symbol DEMO.US,OTHER", "--symbol"),
            ("backtest --symbol DEMO.US --forecast-window 60", "--forecast-window"), ("measure", "--input"),
        })
        {
            var refused = workspace.Run(["risk", .. command.Split(' ')]).Ends(2);
            Assert.Contains($"error RL1001: {option}", refused.Error, StringComparison.Ordinal);
            Assert.Empty(refused.Out);
        }
    }

    private static Workspace Filled()
    {
        var workspace = new Workspace();
        workspace.Run("run", "--source", "stooq", "--input", Bars, "--adjustment", "all", "--market", "XNYS").Ends(0);
        return workspace;
    }
}
