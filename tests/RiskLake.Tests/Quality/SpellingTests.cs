using System.Text.Json.Nodes;
using RiskLake.Tests.Runs;

namespace RiskLake.Tests.Quality;

/// <summary>Two spellings of a source that become one symbol are told, and those that mix cases close the gate.</summary>
public sealed class SpellingTests
{
    [Theory]
    [InlineData("failed", "BCPC", "BCpC")]
    [InlineData("failed", "Aapl", "AAPL", "MSFT")]
    [InlineData("warned", "aapl", "AAPL")]
    [InlineData("warned", "brk.b", "BRK.B")]
    [InlineData("passed", "AAPL", " AAPL ", "AAPL")]
    [InlineData("passed", "BCpC", "BCpC")]
    [InlineData("passed", "AAPL", "MSFT")]
    public void Spellings_of_one_symbol_are_judged_within_a_source(string status, params string[] spellings)
    {
        using var desk = new TestDesk();
        var lines = Enumerable.Range(0, 12).Select(i => Event(i, spellings[i % spellings.Length], "sim"));
        var record = desk.Run(desk.Request(desk.WriteEvents(lines)) with { RunId = "r" }).Record;
        var check = Check(record);
        Assert.Equal(status, (string)check["status"]!);
        Assert.Equal(status == "failed" ? "blocked" : "published", (string)record["status"]!);
        if (status != "passed")
        {
            Assert.Contains($"{spellings[0].Trim()} (", (string)check["detail"]!, StringComparison.Ordinal);
            Assert.Contains($"{spellings[1].Trim()} (", (string)check["detail"]!, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("failed", "BCPC", "BCpC")]
    [InlineData("failed", "BCpC", "BCPC")]
    [InlineData("failed", "BCpC", "bcpc")]
    [InlineData("warned", "AAPL", "aapl")]
    [InlineData("passed", "BCpC", "BCpC ")]
    [InlineData("passed", "BCPC", "MSFT")]
    public void Spellings_are_judged_beside_those_of_the_runs_before(string status, string first, string second)
    {
        using var desk = new TestDesk();
        desk.Run(desk.Request(desk.WriteEvents(Enumerable.Range(0, 3).Select(i => Event(i, first, "sim")))) with { RunId = "first" });
        var mine = Enumerable.Range(10, 4).Select(i => Event(i, second, "sim"));
        var check = Check(desk.Run(desk.Request(desk.WriteEvents(mine)) with { RunId = "second" }).Record);
        Assert.Equal((status, status == "passed" ? 0L : 4L), ((string)check["status"]!, (long)check["failed_rows"]!));
        if (status != "passed")
        {
            Assert.Contains($"{first.Trim()} (3 rows of runs before)", (string)check["detail"]!, StringComparison.Ordinal);
            Assert.Contains($"{second.Trim()} (4 rows)", (string)check["detail"]!, StringComparison.Ordinal);
        }

        var other = Enumerable.Range(20, 4).Select(i => Event(i, second, "another"));
        Assert.Equal("passed", (string)Check(desk.Run(desk.Request(desk.WriteEvents(other)) with { RunId = "third" }).Record)["status"]!);
    }

    [Fact]
    public void Two_sources_may_spell_as_they_like()
    {
        using var desk = new TestDesk();
        var lines = Enumerable.Range(0, 12).Select(i => Event(i, i % 2 == 0 ? "BCpC" : "BCPC", i % 2 == 0 ? "a" : "b"));
        Assert.Equal("passed", (string)Check(desk.Run(desk.Request(desk.WriteEvents(lines)) with { RunId = "r" }).Record)["status"]!);
    }

    [Fact]
    public void What_one_reject_hides_closes_the_gate_by_its_bytes()
    {
        using var desk = new TestDesk();
        var good = string.Concat(Enumerable.Range(0, 60).Select(i => Event(i, "AAPL", "sim") + "\n"));
        var record = desk.Run(desk.Request(desk.Write("in.ndjson", good + "{\"note\":\"" + new string('x', 4000) + "\n")) with { RunId = "r" }).Record;
        Assert.Equal("blocked", (string)record["status"]!);
        Assert.Contains("bytes, which may hold", (string)record["dq_failures"]![0]!, StringComparison.Ordinal);
        var bytes = record["conservation"]!["bytes"]!;
        Assert.Equal(good.Length + 4010, (long)bytes["total"]!);
        Assert.Equal(4009, (long)bytes["rejects"]!);
        Assert.Equal((long)bytes["total"]!, (long)bytes["records"]! + (long)bytes["rejects"]! + (long)bytes["between"]!);
        Assert.Equal(61, (long)bytes["between"]!);
    }

    private static JsonNode Check(JsonNode record) => record["checks"]!.AsArray().Single(check => (string)check!["rule"]! == "symbol_spelling")!;

    private static string Event(int i, string symbol, string source) =>
        $"{{\"event_id\":\"e{i}\",\"symbol\":\"{symbol}\",\"price\":{100 + i},\"volume\":1,\"ts_event\":\"{Time(i)}\","
        + $"\"ts_ingest\":\"{Time(i)}\",\"source\":\"{source}\"}}";

    private static string Time(int i) => $"2025-01-21T15:30:{i % 60:D2}Z";
}
