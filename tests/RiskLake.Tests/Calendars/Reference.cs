using System.Runtime.CompilerServices;
using RiskLake.Calendars;

namespace RiskLake.Tests.Calendars;

/// <summary>Where the tests find data that is not theirs.</summary>
internal static class Reference
{
    /// <summary>A file of answers beside the repository; a test that needs one is skipped where it is absent.</summary>
    public static string AnswerFile(string name)
    {
        var path = Path.Combine(Answers(), name);
        if (!File.Exists(path))
        {
            Assert.Skip($"prerequisite absent: answer file calendars/answers/{name} (RISKLAKE_SHARED names the folder above)");
        }

        return path;
    }

    /// <summary>All files of answers beside the repository; a test that needs them is skipped where there are none.</summary>
    public static string[] AnswerFiles()
    {
        var files = Directory.Exists(Answers()) ? Directory.GetFiles(Answers(), "*.csv") : [];
        if (files.Length == 0)
        {
            Assert.Skip("prerequisite absent: answer files calendars/answers/*.csv (RISKLAKE_SHARED names the folder above)");
        }

        return files;
    }

    public static KnownDifferences KnownDifferences() =>
        RiskLake.Calendars.KnownDifferences.Read(Path.Combine(Here(), "known-differences.yaml"));

    public static string Config() => Path.Combine(Repository(), "config", "calendars");

    public static string LunarTable() => Path.Combine(Here(), "lunar-tables.csv");

    public static string Here([CallerFilePath] string file = "") => Path.GetDirectoryName(file)!;

    private static string Answers() => Path.Combine(
        Environment.GetEnvironmentVariable("RISKLAKE_SHARED") ?? Path.Combine(Repository(), "..", "shared"), "calendars", "answers");

    private static string Repository() => Path.GetFullPath(Path.Combine(Here(), "..", "..", ".."));
}
