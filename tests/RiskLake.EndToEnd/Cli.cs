using System.Diagnostics;
using System.Text;
using System.Text.Json.Nodes;

namespace RiskLake.EndToEnd;

/// <summary>What a process left behind.</summary>
public sealed record Outcome(int ExitCode, string Out, string Error)
{
    /// <summary>Standard output as JSON.</summary>
    public JsonNode Json => JsonNode.Parse(Out)!;

    /// <summary>Fails with everything the process said unless it ended with <paramref name="exitCode"/>.</summary>
    public Outcome Ends(int exitCode)
    {
        Assert.True(ExitCode == exitCode, $"exit code {ExitCode}, expected {exitCode}\n--- out\n{Out}\n--- error\n{Error}");
        return this;
    }
}

/// <summary>The real program, started through the launcher as a user starts it.</summary>
public static class Cli
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    /// <summary>Root of the repository.</summary>
    public static string Repository { get; } = Find();

    public static string Launcher { get; } = Path.Combine(Repository, "risklake");

    public static string Fixture(string name) => Path.Combine(Repository, "tests", "fixtures", name);

    public static Outcome Run(string folder, params string[] arguments) => Start(Launcher, folder, arguments, null, null);

    public static Outcome Run(string folder, IReadOnlyDictionary<string, string> environment, params string[] arguments) =>
        Start(Launcher, folder, arguments, environment, null);

    public static Outcome RunWithInput(string folder, byte[] input, params string[] arguments) => Start(Launcher, folder, arguments, null, input);

    /// <summary>Runs a program to its end; its input is empty unless given.</summary>
    public static Outcome Start(string program, string folder, IEnumerable<string> arguments, IReadOnlyDictionary<string, string>? environment, byte[]? input)
    {
        using var process = Process.Start(Describe(program, folder, arguments, environment))!;
        return Finish(process, input);
    }

    /// <summary>Gives a process its input and waits for its end; meanwhile <paramref name="act"/> may do something to it.</summary>
    public static Outcome Finish(Process process, byte[]? input, Action? act = null)
    {
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        try
        {
            process.StandardInput.BaseStream.Write(input ?? []);
            process.StandardInput.Close();
        }
        catch (IOException)
        {
            // The process may end without reading its input.
        }

        act?.Invoke();
        if (!process.WaitForExit(Patience))
        {
            process.Kill(entireProcessTree: true);
            Assert.Fail($"{process.StartInfo.FileName} {string.Join(' ', process.StartInfo.ArgumentList)} did not end within {Patience}");
        }

        return new Outcome(process.ExitCode, output.GetAwaiter().GetResult(), error.GetAwaiter().GetResult());
    }

    public static ProcessStartInfo Describe(string program, string folder, IEnumerable<string> arguments, IReadOnlyDictionary<string, string>? environment)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = folder,
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardOutputEncoding = Encoding.UTF8,
            StandardErrorEncoding = Encoding.UTF8,
        };
        start.Environment.Remove("RISKLAKE_COMMAND");
        start.Environment.Remove("RISKLAKE_DEBUG");
        foreach (var (name, value) in environment ?? new Dictionary<string, string>(StringComparer.Ordinal))
        {
            start.Environment[name] = value;
        }

        return start;
    }

    private static string Find()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "RiskLake.slnx")))
            {
                return folder.FullName;
            }
        }

        throw new InvalidOperationException("The tests must run from within the repository.");
    }
}

/// <summary>A folder of its own for one test.</summary>
public sealed class Workspace : IDisposable
{
    public string Folder { get; } = Directory.CreateTempSubdirectory("risklake-e2e-").FullName;

    public string Lake => Path.Combine(Folder, "data_lake");

    /// <summary>Puts a file there and returns its path.</summary>
    public string Write(string name, string text)
    {
        var path = Path.Combine(Folder, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text, new UTF8Encoding(false));
        return path;
    }

    /// <summary>Makes the example desk this folder's own: symbols, portfolios and limits.</summary>
    public Workspace WithDesk()
    {
        foreach (var name in new[] { "symbols.yaml", "portfolios.yaml", "risk_limits.yaml" })
        {
            Write(Path.Combine("config", name), File.ReadAllText(Path.Combine(Cli.Repository, "config", name)));
        }

        return this;
    }

    public Outcome Run(params string[] arguments) => Cli.Run(Folder, arguments);

    /// <summary>Digest of every data file of the lake, by path.</summary>
    public SortedDictionary<string, string> Digests() => Digests(Lake);

    public static SortedDictionary<string, string> Digests(string lake)
    {
        var digests = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var layer in new[] { "bronze", "quarantine", "silver", "gold" }.Select(layer => Path.Combine(lake, layer)).Where(Directory.Exists))
        {
            foreach (var file in Directory.EnumerateFiles(layer, "*", SearchOption.AllDirectories))
            {
                digests[Path.GetRelativePath(lake, file)] = Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(File.ReadAllBytes(file)));
            }
        }

        return digests;
    }

    public void Dispose()
    {
        foreach (var folder in Directory.EnumerateDirectories(Folder, "*", SearchOption.AllDirectories).Prepend(Folder))
        {
            File.SetUnixFileMode(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }

        Directory.Delete(Folder, recursive: true);
    }
}
