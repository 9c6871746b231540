using System.Text.Json.Nodes;

namespace RiskLake.EndToEnd;

/// <summary>What was known at a time, asked of the real program.</summary>
public sealed class AsOfTests : IDisposable
{
    private const string Payrolls = """
        {"realtime_start":"1776-07-04","realtime_end":"9999-12-31","observations":[
        {"realtime_start":"2024-12-06","realtime_end":"2025-01-09","date":"2024-10-01","value":"159061"},
        {"realtime_start":"2025-01-10","realtime_end":"9999-12-31","date":"2024-10-01","value":"159068"},
        {"realtime_start":"2024-12-06","realtime_end":"2025-01-09","date":"2024-11-01","value":"159288"},
        {"realtime_start":"2025-01-10","realtime_end":"9999-12-31","date":"2024-11-01","value":"159280"}]}
        """;

    private readonly Workspace _workspace = new();

    public void Dispose() => _workspace.Dispose();

    [Fact]
    public void Signals_and_bars_are_read_as_of_a_time()
    {
        _workspace.Write("PAYEMS.json", Payrolls);
        _workspace.Run("run", "--source", "fred", "--input", "PAYEMS.json").Ends(0);
        _workspace.Write("abc_us_d.csv", "Date,Open,High,Low,Close,Volume\n2025-01-02,1,2,1,1.5,10\n");
        _workspace.Run("run", "--source", "stooq", "--input", "abc_us_d.csv", "--ingested-at", "2025-01-03T07:00:00Z").Ends(0);
        _workspace.Write("abc_us_d.csv", "Date,Open,High,Low,Close,Volume\n2025-01-02,1,2,1,1.4,10\n2025-01-03,1,2,1,1.6,11\n");
        _workspace.Run("run", "--source", "stooq", "--input", "abc_us_d.csv", "--ingested-at", "2025-01-04T07:00:00Z").Ends(0);

        Assert.Equal(["unavailable  "], Signals("2024-12-05"));
        Assert.Equal(["unavailable  "], Signals("2024-12-06T23:00:00Z"));
        Assert.Equal(["available 159061 2024-10-01", "available 159288 2024-11-01"], Signals("2024-12-06"));
        Assert.Equal(["available 159288 2024-11-01"], Signals("2025-01-09", "--period", "2024-11-01"));
        Assert.Equal(["available 159280 2024-11-01"], Signals("2025-01-11T06:00:00Z", "--period", "2024-11-01"));
        Assert.Equal(["unavailable  2024-12-01"], Signals("2025-01-31", "--period", "2024-12-01"));
        Assert.Equal(["unavailable  "], Signals("2025-01-31", "--received"));
        Assert.Empty(Ask("signals", "--at", "2024-01-01"));

        Assert.Equal(["unavailable  "], Bars("2025-01-03T06:59:59Z"));
        Assert.Equal(["available 1.5 2025-01-02"], Bars("2025-01-03"));
        Assert.Equal(["available 1.4 2025-01-02", "available 1.6 2025-01-03"], Bars("2025-01-04T07:00:00Z"));
        Assert.Equal(["available 1.6 2025-01-03"], Bars("2025-02-01", "--session", "2025-01-03"));

        Assert.Contains("--symbol", _workspace.Run("data", "asof", "bars", "--at", "2025-01-03").Ends(2).Error, StringComparison.Ordinal);
        Assert.Contains("--at", _workspace.Run("data", "asof", "signals", "--at", "soon").Ends(2).Error, StringComparison.Ordinal);
        Assert.Contains("--period", _workspace.Run("data", "asof", "signals", "--at", "2025-01-03", "--period", "now").Ends(2).Error, StringComparison.Ordinal);
        Assert.Contains("none", _workspace.Run("data", "asof", "signals", "--at", "2025-01-03", "--dataset", "none").Ends(2).Error, StringComparison.Ordinal);
    }

    private string[] Signals(string at, params string[] more) =>
        [.. Ask(["signals", "--at", at, "--name", "PAYEMS", .. more]).Select(row => $"{row["status"]} {row["value"]} {row["period"]}")];

    private string[] Bars(string at, params string[] more) =>
        [.. Ask(["bars", "--at", at, "--symbol", "ABC.US", .. more]).Select(row => $"{row["status"]} {row["close"]} {row["session"]}")];

    private JsonNode[] Ask(params string[] question) =>
        [.. _workspace.Run(["data", "asof", .. question, "-o", "json"]).Ends(0).Json.AsArray().Select(row => row!)];
}
