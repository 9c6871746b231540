using System.Runtime.CompilerServices;
using RiskLake.Calendars;

namespace RiskLake.Tests.Calendars;

/// <summary>Where the tests find data that is not theirs.</summary>
internal static class Reference
{
    /// <summary>A file of answers beside the repository; a test that needs one is skipped where it is absent.</summary>
    public static string AnswerFile(string name)
    {
        var shared = Environment.GetEnvironmentVariable("RISKLAKE_SHARED") ?? Path.Combine(Repository(), "..", "shared");
        var path = Path.Combine(shared, "calendars", "answers", name);
        if (!File.Exists(path))
        {
            Assert.Skip($"prerequisite absent: answer file calendars/answers/{name} (RISKLAKE_SHARED names the folder above)");
        }

        return path;
    }

    public static KnownDifferences KnownDifferences() =>
        RiskLake.Calendars.KnownDifferences.Read(Path.Combine(Here(), "known-differences.yaml"));

    public static string Config() => Path.Combine(Repository(), "config", "calendars");

    public static string LunarTable() => Path.Combine(Here(), "lunar-tables.csv");

    public static string Here([CallerFilePath] string file = "") => Path.GetDirectoryName(file)!;

    private static string Repository() => Path.GetFullPath(Path.Combine(Here(), "..", "..", ".."));
}
