using System.Text.Json.Nodes;

namespace RiskLake.EndToEnd;

/// <summary>The same input gives the same bytes, whatever the machine around it looks like.</summary>
public sealed class DeterminismTests
{
    [Fact]
    public void Threads_zone_language_folder_and_processor_change_no_byte()
    {
        using var first = new Workspace();
        first.Run("run", "--run-id", "same", "--threads", "1").Ends(0);
        var expected = first.Digests();
        Assert.NotEmpty(expected);
        (string[] Arguments, (string Name, string Value)[] Environment)[] variants =
        [
            (["--threads", "4"], []),
            ([], [("TZ", "Asia/Kathmandu"), ("LANG", "de_DE.UTF-8"), ("LC_ALL", "tr_TR.UTF-8")]),
            ([], [("GLIBC_TUNABLES", "glibc.cpu.hwcaps=-FMA,-AVX2"), ("DOTNET_EnableAVX2", "0"), ("DOTNET_EnableFMA", "0")]),
        ];
        foreach (var (arguments, environment) in variants)
        {
            using var other = new Workspace();
            var folder = Directory.CreateDirectory(Path.Combine(other.Folder, "deeper", "down")).FullName;
            Cli.Run(
                folder, environment.ToDictionary(pair => pair.Name, pair => pair.Value, StringComparer.Ordinal),
                ["run", "--run-id", "same", "--output-root", other.Lake, .. arguments]).Ends(0);
            Assert.Equal(expected, other.Digests());
            Assert.Equal(Record(first), Record(other));
        }
    }

    [Fact]
    public void Lines_split_over_files_give_the_same_silver_and_gold()
    {
        using var workspace = new Workspace();
        var lines = JsonNode.Parse(File.ReadAllText(Cli.Fixture("sample_events.json")))!.AsArray().Select(node => node!.ToJsonString()).ToList();
        workspace.Write("one/all.ndjson", string.Join('\n', lines) + "\n");
        for (var i = 0; i < 3; i++)
        {
            workspace.Write($"many/part-{i}.ndjson", string.Join('\n', lines.Skip(i * 4).Take(4)) + "\n");
        }

        workspace.Run("run", "--input", "one", "--run-id", "split", "--output-root", "a").Ends(0);
        workspace.Run("run", "--input", "many", "--run-id", "split", "--output-root", "b").Ends(0);
        foreach (var (table, key) in new[] { ("silver/market_events", "event_id"), ("gold/market_bars", "symbol, window_start"), ("gold/risk_summary", "symbol"), ("gold/returns", "symbol, event_id") })
        {
            Assert.Equal(
                LakeTable.Query(Path.Combine(workspace.Folder, "a"), table, "*", key),
                LakeTable.Query(Path.Combine(workspace.Folder, "b"), table, "*", key));
        }
    }

    [Fact]
    public void A_rerun_changes_nothing()
    {
        using var workspace = new Workspace();
        string[] run = ["run", "--input", Cli.Fixture("sample_events.json"), "--run-id", "again", "-o", "json"];
        workspace.Run(run).Ends(0);
        var (digests, log) = (workspace.Digests(), Directory.GetFiles(Path.Combine(workspace.Lake, "_log")));
        workspace.Run(run).Ends(0);
        Assert.Equal(digests, workspace.Digests());
        Assert.Equal(log.Order(StringComparer.Ordinal), Directory.GetFiles(Path.Combine(workspace.Lake, "_log")).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void A_run_without_an_id_is_named_by_its_inputs()
    {
        using var workspace = new Workspace();
        string[] run = ["run", "--input", Cli.Fixture("sample_events.json"), "-o", "json"];
        var id = (string?)workspace.Run(run).Ends(0).Json[0]!["run_id"];
        Assert.Matches("^run-[0-9a-f]{12}$", id);
        Assert.Equal(id, (string?)workspace.Run(run).Ends(0).Json[0]!["run_id"]);
        Assert.Single(workspace.Run("runs", "list", "-o", "json").Ends(0).Json.AsArray());
    }

    private static string Record(Workspace workspace)
    {
        var record = JsonNode.Parse(File.ReadAllText(Path.Combine(workspace.Lake, "_runs", "same.json")))!.AsObject();
        record.Remove("execution");
        return record.ToJsonString();
    }
}
