using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.Json;
using RiskLake.Risk.Oracles;

namespace RiskLake.Tests.Risk;

/// <summary>Reference numbers computed by other implementations, kept beside the repository and never read by product code.</summary>
internal static class Oracle
{
    private const string Variable = "RISKLAKE_ORACLES";
    private static readonly string? s_folder = Find();

    /// <summary>One expected_*.json as a tree; skips the test by name when the reference folder is absent.</summary>
    public static JsonElement Expected(string name)
    {
        Assert.SkipWhen(s_folder is null, $"prerequisite: shared/oracles/risk beside the repository, or {Variable}");
        using var document = JsonDocument.Parse(File.ReadAllText(Path.Combine(s_folder!, $"expected_{name}.json")));
        return document.RootElement.Clone();
    }

    /// <summary>Makes one of the product's own checks, and fails with everything that did not agree.</summary>
    public static void Agrees(Action<OracleRun> check, [CallerMemberName] string test = "")
    {
        Assert.SkipWhen(s_folder is null, $"prerequisite: shared/oracles/risk beside the repository, or {Variable}");
        var run = new OracleRun(new OracleSource(s_folder));
        check(run);
        foreach (var (difference, tolerance) in run.Comparisons)
        {
            ValidationReport.Record(test, difference, tolerance);
        }

        Assert.True(run.Failures.Count == 0, string.Join(Environment.NewLine, run.Failures));
        Assert.True(run.Comparisons.Count + run.Facts > 0, "nothing was compared");
    }

    /// <summary>One column of a reference table, in row order.</summary>
    public static double[] Column(string file, string column)
    {
        Assert.SkipWhen(s_folder is null, $"prerequisite: shared/oracles/risk beside the repository, or {Variable}");
        var lines = File.ReadAllLines(Path.Combine(s_folder!, file));
        var index = Array.IndexOf(lines[0].Split(','), column);
        Assert.True(index >= 0, column);
        return [.. lines.Skip(1).Where(line => line.Length > 0).Select(
            line => double.Parse(line.Split(',')[index], CultureInfo.InvariantCulture))];
    }

    /// <summary>Asserts relative agreement; zero is compared absolutely.</summary>
    public static void Close(double expected, double? actual, double tolerance, string? what = null, [CallerMemberName] string test = "")
    {
        Assert.True(actual is not null, FormattableString.Invariant($"{what}: no value, expected {expected:R}"));
        var difference = Math.Abs(actual!.Value - expected);
        var scale = expected == 0.0 ? 1.0 : Math.Abs(expected);
        ValidationReport.Record(test, difference / scale, tolerance);
        Assert.True(
            difference <= tolerance * scale,
            FormattableString.Invariant($"{what}: expected {expected:R}, got {actual:R}, relative difference {difference / scale:E2}"));
    }

    public static void Close(
        JsonElement expected, double? actual, double tolerance, string? what = null, [CallerMemberName] string test = "") =>
        Close(expected.GetDouble(), actual, tolerance, what, test);

    public static double[] Doubles(JsonElement element) => [.. element.EnumerateArray().Select(item => item.GetDouble())];

    public static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);

    private static string? Find()
    {
        var chosen = Environment.GetEnvironmentVariable(Variable);
        if (!string.IsNullOrEmpty(chosen))
        {
            return Directory.Exists(chosen) ? chosen : null;
        }

        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var candidate = Path.Combine(folder.FullName, "shared", "oracles", "risk");
            if (Directory.Exists(candidate))
            {
                return candidate;
            }
        }

        return null;
    }
}
