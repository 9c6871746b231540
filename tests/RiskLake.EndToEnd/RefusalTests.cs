using System.Text;

namespace RiskLake.EndToEnd;

/// <summary>What is refused, with which exit code, and that nothing of it reaches standard output.</summary>
public sealed class RefusalTests
{
    [Theory]
    [InlineData("../x")]
    [InlineData("a/b")]
    [InlineData("")]
    [InlineData(".hidden")]
    [InlineData("a b")]
    [InlineData("a\nb")]
    [InlineData("é")]
    [InlineData("backfill-2025-01-20")]
    [InlineData("BACKFILL-x")]
    public void Run_ids_that_could_leave_their_folder_are_refused(string runId) => RefusesRunId(runId);

    [Fact]
    public void Long_run_ids_are_refused() => RefusesRunId(new string('x', 300));

    [Fact]
    public void Run_ids_that_differ_in_case_alone_are_refused()
    {
        using var workspace = new Workspace();
        workspace.Run("run", "--input", Cli.Fixture("sample_events.json"), "--run-id", "Case").Ends(0);
        workspace.Run("run", "--input", Cli.Fixture("sample_events.json"), "--run-id", "case").Ends(2);
    }

    [Theory]
    [InlineData("run", "--inptu", "x")]
    [InlineData("run", "--threads", "many")]
    [InlineData("run", "--threads", "0")]
    [InlineData("run", "--run-id")]
    [InlineData("run", "-o", "xml")]
    [InlineData("run", "--as-of", "yesterday")]
    [InlineData("run", "--as-of", "2025-01-20T10:00:00")]
    [InlineData("run", "--lock-timeout", "-1")]
    [InlineData("run", "--window-minutes", "0")]
    [InlineData("run", "--output-root", "")]
    [InlineData("run", "--summary-json", "-", "-o", "json")]
    [InlineData("runs")]
    [InlineData("no-such-command")]
    [InlineData("completion", "tcsh")]
    [InlineData("lake", "vacuum", "--keep", "0")]
    public void A_command_line_that_makes_no_sense_ends_with_2(params string[] arguments)
    {
        using var workspace = new Workspace();
        var outcome = Refused(workspace.Run(arguments), 2, "RL1001");
        Assert.Contains("expected", outcome.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_misspelt_option_is_recognised()
    {
        using var workspace = new Workspace();
        Assert.Contains("did you mean '--input'?", workspace.Run("run", "--inptu", "x").Ends(2).Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("missing.json")]
    [InlineData("*.nothing")]
    public void An_input_that_is_not_there_ends_with_3(string input)
    {
        using var workspace = new Workspace();
        Refused(workspace.Run("run", "--input", input), 3, "RL3001");
        Assert.False(Directory.Exists(Path.Combine(workspace.Lake, "_log")));
    }

    [Fact]
    public void An_empty_input_is_no_data()
    {
        using var workspace = new Workspace();
        workspace.Write("empty.json", "[]");
        workspace.Run("run", "--input", "empty.json", "--run-id", "empty").Ends(1);
        workspace.Run("run", "--input", "empty.json", "--run-id", "empty", "--allow-dq-breach").Ends(0);
    }

    [Fact]
    public void A_damaged_archive_publishes_nothing()
    {
        using var workspace = new Workspace();
        using var packed = new MemoryStream();
        using (var gzip = new System.IO.Compression.GZipStream(packed, System.IO.Compression.CompressionLevel.Optimal, leaveOpen: true))
        {
            gzip.Write(File.ReadAllBytes(Cli.Fixture("sample_events.json")));
        }

        var bytes = packed.ToArray();
        bytes[^6] ^= 1;
        File.WriteAllBytes(Path.Combine(workspace.Folder, "bad.json.gz"), bytes);
        Refused(workspace.Run("run", "--input", "bad.json.gz"), 3, "RL3002");
        Assert.False(Directory.Exists(Path.Combine(workspace.Lake, "bronze")));
    }

    [Fact]
    public void Yaml_bombs_repeated_keys_and_huge_files_are_refused()
    {
        using var workspace = new Workspace();
        var bomb = new StringBuilder("a0: &a0 [x, x]\n");
        for (var i = 1; i < 40; i++)
        {
            bomb.Append(System.Globalization.CultureInfo.InvariantCulture, $"a{i}: &a{i} [*a{i - 1}, *a{i - 1}]\n");
        }

        workspace.Write("bomb.yaml", bomb.ToString());
        workspace.Write("twice.yaml", "contracts: {}\ncontracts: {}\n");
        workspace.Write("huge.yaml", "contracts: {} #" + new string('x', 20_000_000) + "\n");
        workspace.Write("deep.yaml", new string('[', 5_000) + "\n");
        workspace.Write("misspelt.yaml", File.ReadAllText(Path.Combine(Cli.Repository, "config", "risk_thresholds.yaml")).Replace("max_late_rate", "max_lat_rate", StringComparison.Ordinal));
        foreach (var file in new[] { "bomb.yaml", "twice.yaml", "huge.yaml", "deep.yaml" })
        {
            Refused(workspace.Run("run", "--contracts", file), 2, "RL1101");
        }

        Assert.Contains("misspelt.yaml:", Refused(workspace.Run("run", "--thresholds", "misspelt.yaml"), 2, "RL1103").Error, StringComparison.Ordinal);
        Refused(workspace.Run("run", "--thresholds", "none.yaml"), 2, "RL1102");
    }

    [Fact]
    public void An_output_root_that_cannot_be_written_ends_with_3()
    {
        using var workspace = new Workspace();
        workspace.Write("file", "");
        Refused(workspace.Run("run", "--input", Cli.Fixture("sample_events.json"), "--output-root", "file/lake"), 3, "RL5001");
    }

    [Theory]
    [InlineData("data", "ls")]
    [InlineData("runs", "list")]
    [InlineData("lake", "verify")]
    [InlineData("doctor")]
    public void A_lake_that_is_not_there_is_named(params string[] arguments)
    {
        using var workspace = new Workspace();
        Refused(workspace.Run(arguments), 3, "RL5005");
    }

    [Fact]
    public void An_unknown_run_ends_with_2()
    {
        using var workspace = new Workspace();
        workspace.Run("run", "--input", Cli.Fixture("sample_events.json"), "--run-id", "known").Ends(0);
        Assert.Contains("known", Refused(workspace.Run("runs", "show", "knwon"), 2, "RL1003").Error, StringComparison.Ordinal);
        Refused(workspace.Run("quarantine", "list", "--run-id", "other"), 2, "RL1003");
        Refused(workspace.Run("runs", "verify", "other"), 2, "RL1003");
        Refused(workspace.Run("runs", "withdraw", "other", "--reason", "none"), 2, "RL1003");
    }

    private static void RefusesRunId(string runId)
    {
        using var workspace = new Workspace();
        Refused(workspace.Run("run", "--input", Cli.Fixture("sample_events.json"), "--run-id", runId), 2, "RL1002");
        Assert.Empty(Directory.GetFileSystemEntries(workspace.Folder));
    }

    private static Outcome Refused(Outcome outcome, int exitCode, string code)
    {
        outcome.Ends(exitCode);
        Assert.Empty(outcome.Out);
        Assert.StartsWith($"error {code}: ", outcome.Error, StringComparison.Ordinal);
        Assert.Contains("\n  found     ", outcome.Error, StringComparison.Ordinal);
        Assert.Contains("\n  next      ", outcome.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", outcome.Error, StringComparison.Ordinal);
        return outcome;
    }
}
