using System.Text.RegularExpressions;

namespace RiskLake.EndToEnd;

/// <summary>The README says nothing that is not so: each of its commands is run, and what it shows is compared.</summary>
public sealed partial class ReadmeTests
{
    private static readonly string Text = File.ReadAllText(Path.Combine(Cli.Repository, "README.md"));

    [Fact]
    public void Every_command_of_the_readme_ends_well_twice_over_on_one_lake()
    {
        using var workspace = Checkout();
        var commands = Commands().Where(command => command != "eng/test").ToList();
        Assert.Contains("./risklake run --run-id demo-001", commands);
        Assert.Contains("./risklake run --input tests/fixtures/sample_events.json --run-id demo-002", commands);
        Assert.Contains("./risklake run --allow-dq-breach --run-id demo-soft-001", commands);
        SortedDictionary<string, string>? first = null;
        for (var pass = 0; pass < 2; pass++)
        {
            foreach (var command in commands)
            {
                Cli.Start("/bin/bash", workspace.Folder, ["-euc", command], null, null).Ends(0);
            }

            var digests = workspace.Digests();
            Assert.NotEmpty(digests);
            Assert.Equal(first ?? digests, digests);
            first = digests;
        }
    }

    [Fact]
    public void The_set_up_is_two_commands()
    {
        var setUp = Text[Text.IndexOf("## Set up", StringComparison.Ordinal)..];
        setUp = setUp[..setUp.IndexOf("\n## ", 3, StringComparison.Ordinal)];
        Assert.Equal(["./risklake run --run-id demo-001", "eng/test"], Commands(setUp));
        Assert.True(File.GetUnixFileMode(Path.Combine(Cli.Repository, "eng", "test")).HasFlag(UnixFileMode.UserExecute));
        Assert.True(File.GetUnixFileMode(Cli.Launcher).HasFlag(UnixFileMode.UserExecute));
    }

    [Fact]
    public void What_the_readme_shows_is_what_one_sees()
    {
        using var workspace = Checkout();
        var shown = TextBlock().Match(Text).Groups[1].Value.Split('\n').Where(line => line.Length > 0 && line.Trim() != "...").ToList();
        var seen = Cli.Start("/bin/bash", workspace.Folder, ["-euc", "./risklake run --run-id demo-001"], null, null).Ends(0).Out.Split('\n');
        Assert.All(shown, line => Assert.Contains(line, seen));
    }

    [Fact]
    public void The_lake_has_the_layout_of_the_readme()
    {
        using var workspace = Checkout();
        workspace.Run("run", "--run-id", "demo-001").Ends(0);
        foreach (var table in new[]
        {
            "bronze/market_events", "quarantine/market_events", "silver/market_events", "gold/risk_summary", "gold/data_quality_metrics",
            "gold/market_bars", "gold/returns",
        })
        {
            var files = Directory.GetFiles(Path.Combine(workspace.Lake, table), "*", SearchOption.AllDirectories);
            Assert.NotEmpty(files);
            Assert.All(files, file => Assert.Matches(
                @"^contract_version=v1/year=\d{4}/month=\d\d/day=\d\d/hour=\d\d/run_id=demo-001\.parquet$", Path.GetRelativePath(Path.Combine(workspace.Lake, table), file)));
        }

        Assert.True(File.Exists(Path.Combine(workspace.Lake, "_runs", "demo-001.json")));
    }

    // Commands are typed at the root of a checkout; the test's lake must not be the developer's.
    private static Workspace Checkout()
    {
        var workspace = new Workspace();
        foreach (var name in new[] { "risklake", "tests", "config", "eng", "examples" })
        {
            File.CreateSymbolicLink(Path.Combine(workspace.Folder, name), Path.Combine(Cli.Repository, name));
        }

        return workspace;
    }

    private static List<string> Commands(string? text = null) =>
        [.. CodeBlock().Matches(text ?? Text).SelectMany(block => block.Groups[1].Value.Split('\n')).Where(line => line.Length > 0)];

    [GeneratedRegex("^```bash\n(.*?)^```", RegexOptions.Singleline | RegexOptions.Multiline, 1000)]
    private static partial Regex CodeBlock();

    [GeneratedRegex("^```text\n(Run demo.*?)^```", RegexOptions.Singleline | RegexOptions.Multiline, 1000)]
    private static partial Regex TextBlock();
}
