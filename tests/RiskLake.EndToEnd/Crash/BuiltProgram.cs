namespace RiskLake.EndToEnd.Crash;

/// <summary>The built program itself: what the launcher would start, without its look at the sources each time.</summary>
internal static class BuiltProgram
{
    private static readonly Lazy<(string Path, string? DotnetRoot)> Found = new(Find);

    public static string Path => Found.Value.Path;

    /// <summary>The environment the launcher gives it, and more.</summary>
    public static Dictionary<string, string> Environment(params (string Name, string Value)[] more)
    {
        var environment = more.ToDictionary(pair => pair.Name, pair => pair.Value, StringComparer.Ordinal);
        if (Found.Value.DotnetRoot is { } root && System.Environment.GetEnvironmentVariable("DOTNET_ROOT") is null or "")
        {
            environment["DOTNET_ROOT"] = root;
        }

        return environment;
    }

    public static Outcome Run(string folder, params string[] arguments) => Cli.Start(Path, folder, arguments, Environment(), null);

    private static (string Path, string? DotnetRoot) Find()
    {
        // The launcher builds what is not built yet.
        Cli.Run(Cli.Repository, "--version").Ends(0);
        var builds = System.IO.Path.Combine(Cli.Repository, ".build");
        var folder = System.IO.Path.Combine(builds, File.ReadAllText(System.IO.Path.Combine(builds, "stamp")).Split(' ')[0]);
        var root = System.IO.Path.Combine(folder, "dotnet-root");
        return (System.IO.Path.Combine(folder, "RiskLake.Cli"), File.Exists(root) ? File.ReadAllText(root).Trim() : null);
    }
}
