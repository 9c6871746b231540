using System.Diagnostics;
using System.Runtime.InteropServices;

namespace RiskLake.EndToEnd;

/// <summary>How the process behaves: signals, streams, completion, generated pages.</summary>
public sealed partial class ProcessTests
{
    [Theory]
    [InlineData(15, 143)]
    [InlineData(2, 130)]
    public void A_signal_ends_the_run_with_its_exit_code_and_leaves_the_lake_whole(int signal, int exitCode)
    {
        using var workspace = new Workspace();
        workspace.Run("run", "--input", Cli.Fixture("sample_events.json"), "--run-id", "before").Ends(0);
        var path = Path.Combine(workspace.Folder, "many.ndjson");
        using (var many = new StreamWriter(path))
        {
            for (var i = 0; i < 1_500_000; i++)
            {
                many.Write($$"""{"event_id":"m-{{i}}","symbol":"S{{i % 50}}","price":{{100 + (i % 97)}},"volume":1,"ts_event":"2025-01-20T10:00:00Z","ts_ingest":"2025-01-20T10:00:01Z","source":"s"}""");
                many.Write('\n');
            }
        }

        // A shell that starts its jobs in the background lets them ignore interrupts, and children inherit that.
        string[] command = ["--default-signal", Cli.Launcher, "run", "--input", path, "--run-id", "stopped"];
        using var process = Process.Start(Cli.Describe("/usr/bin/env", workspace.Folder, command, null))!;
        var outcome = Cli.Finish(process, null, () =>
        {
            Thread.Sleep(700);
            Assert.False(process.HasExited);
            Assert.Equal(0, kill(process.Id, signal));
        }).Ends(exitCode);
        Assert.Empty(outcome.Out);
        Assert.Contains("interrupted", outcome.Error, StringComparison.Ordinal);
        workspace.Run("doctor").Ends(0);
        Assert.Single(workspace.Run("runs", "list", "-o", "json").Ends(0).Json.AsArray());
    }

    [Fact]
    public void Results_are_on_standard_output_and_all_else_on_standard_error()
    {
        using var workspace = new Workspace();
        var outcome = workspace.Run("run", "--input", Cli.Fixture("sample_events.json"), "--run-id", "streams", "-o", "json").Ends(0);
        Assert.Equal("published", (string?)Assert.Single(outcome.Json.AsArray())!["status"]);
        Assert.Contains("decode", outcome.Error, StringComparison.Ordinal);
        Assert.DoesNotContain('\u001b', outcome.Out + outcome.Error);
        var quiet = workspace.Run("run", "--input", Cli.Fixture("sample_events.json"), "--run-id", "streams", "--quiet").Ends(0);
        Assert.Empty(quiet.Error);
        Assert.Contains("unchanged", quiet.Out, StringComparison.Ordinal);
    }

    [Fact]
    public void Standard_input_is_an_input()
    {
        using var workspace = new Workspace();
        var bytes = File.ReadAllBytes(Cli.Fixture("sample_events.json"));
        var outcome = Cli.RunWithInput(workspace.Folder, bytes, "run", "--input", "-", "--run-id", "piped", "-o", "json").Ends(0);
        Assert.Equal(12, (long)outcome.Json[0]!["raw_events"]!);
        Cli.RunWithInput(workspace.Folder, bytes, "run", "--input", "-", "--run-id", "piped").Ends(0);
        workspace.Run("runs", "verify", "piped").Ends(0);
    }

    [Fact]
    public void A_second_process_with_the_same_run_id_is_told_to_wait()
    {
        using var workspace = new Workspace();
        Directory.CreateDirectory(Path.Combine(workspace.Lake, "_locks"));
        var locked = Path.Combine(workspace.Lake, "_locks", "run.held");

        // Says that it has the lock, and holds it until its input ends.
        using var holder = Process.Start(Cli.Describe("/usr/bin/flock", workspace.Folder, [locked, "sh", "-c", "echo held; cat"], null))!;
        Assert.Equal("held", holder.StandardOutput.ReadLine());
        var outcome = workspace.Run("run", "--input", Cli.Fixture("sample_events.json"), "--run-id", "held").Ends(5);
        Assert.StartsWith("error RL5002: ", outcome.Error, StringComparison.Ordinal);
        holder.StandardInput.Close();
        holder.WaitForExit();
        workspace.Run("run", "--input", Cli.Fixture("sample_events.json"), "--run-id", "held", "--lock-timeout", "60").Ends(0);
    }

    [Theory]
    [InlineData("bash")]
    [InlineData("zsh")]
    [InlineData("fish")]
    public void Completion_scripts_come_from_the_program(string shell)
    {
        using var workspace = new Workspace();
        Assert.Contains("risklake", workspace.Run("completion", shell).Ends(0).Out, StringComparison.Ordinal);
    }

    [Fact]
    public void The_program_completes_commands_and_runs()
    {
        using var workspace = new Workspace();
        workspace.Run("run", "--input", Cli.Fixture("sample_events.json"), "--run-id", "complete-me").Ends(0);
        Assert.Contains("quarantine", workspace.Run("[suggest:9]", "risklake ").Ends(0).Out.Split('\n'));
        Assert.Contains("complete-me", workspace.Run("[suggest:19]", "risklake runs show ").Ends(0).Out.Split('\n'));
    }

    [Fact]
    public void The_page_of_errors_is_current()
    {
        using var workspace = new Workspace();
        var page = workspace.Run("docs", "errors").Ends(0).Out;
        var path = Path.Combine(Cli.Repository, "docs", "errors.md");
        if (Environment.GetEnvironmentVariable("RISKLAKE_UPDATE") == "1")
        {
            File.WriteAllText(path, page);
        }

        Assert.Equal(File.ReadAllText(path), page);
    }

    [Fact]
    public void The_page_of_dependencies_names_every_package()
    {
        var page = File.ReadAllText(Path.Combine(Cli.Repository, "docs", "dependencies.md"));
        var projects = new[] { "src", "tests" }.SelectMany(folder => Directory.EnumerateFiles(Path.Combine(Cli.Repository, folder), "*.csproj", SearchOption.AllDirectories))
            .Append(Path.Combine(Cli.Repository, "Directory.Build.props"));
        foreach (var package in projects.SelectMany(project => PackageReference().Matches(File.ReadAllText(project))).Select(match => match.Groups[1].Value).Distinct(StringComparer.Ordinal))
        {
            Assert.Contains($"| {package} |", page, StringComparison.Ordinal);
        }
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int kill(int pid, int signal);

    [System.Text.RegularExpressions.GeneratedRegex("<PackageReference Include=\"([^\"]+)\"", System.Text.RegularExpressions.RegexOptions.None, 1000)]
    private static partial System.Text.RegularExpressions.Regex PackageReference();
}
