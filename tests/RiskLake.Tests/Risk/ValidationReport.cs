using System.Text;

namespace RiskLake.Tests.Risk;

/// <summary>Writes docs/validation.md from what the oracle tests compared, when RISKLAKE_VALIDATION names the file.</summary>
internal static class ValidationReport
{
    private const string Variable = "RISKLAKE_VALIDATION";
    private static readonly Lock s_lock = new();
    private static readonly SortedDictionary<string, (int Count, double Worst, double Tolerance)> s_rows = new(StringComparer.Ordinal);
    private static readonly string? s_path = Start();

    /// <summary>Notes one comparison of a test.</summary>
    public static void Record(string test, double difference, double tolerance)
    {
        if (s_path is null)
        {
            return;
        }

        lock (s_lock)
        {
            var row = s_rows.GetValueOrDefault(test);
            s_rows[test] = (row.Count + 1, Math.Max(row.Worst, difference), Math.Max(row.Tolerance, tolerance));
        }
    }

    private static string? Start()
    {
        var path = Environment.GetEnvironmentVariable(Variable);
        if (!string.IsNullOrEmpty(path))
        {
            AppDomain.CurrentDomain.ProcessExit += (_, _) => Write(path);
        }

        return string.IsNullOrEmpty(path) ? null : path;
    }

    private static void Write(string path)
    {
        var text = new StringBuilder();
        text.Append("# Validation of RiskLake.Risk\n\n");
        text.Append("Written by the oracle tests: set `RISKLAKE_VALIDATION=docs/validation.md` and run them. ");
        text.Append("Every row compares results of this library with\n");
        text.Append("reference numbers computed elsewhere, in high precision or by two independent implementations that agree. Digits is the number of\n");
        text.Append("equal significant digits of the worst comparison (-log10 of its relative difference, at most 16); the tolerance is the widest\n");
        text.Append("one the test uses, set by what the reference itself is good for: 1e-6 for optimised parameters, 1e-5 for their standard errors.\n");
        text.Append("`risklake risk oracle` makes the same comparisons on your machine.\n\n");
        text.Append("| what | numbers | worst relative difference | digits | widest tolerance |\n|---|---:|---:|---:|---:|\n");
        foreach (var (test, row) in s_rows)
        {
            var digits = row.Worst <= 1e-16 ? 16.0 : -Math.Log10(row.Worst);
            text.Append(FormattableString.Invariant(
                $"| {test.Replace('_', ' ')} | {row.Count} | {row.Worst:0.0E+0} | {digits:0.0} | {row.Tolerance:0E+0} |\n"));
        }

        text.Append(FormattableString.Invariant($"\n{s_rows.Values.Sum(row => row.Count)} numbers in all.\n"));
        File.WriteAllText(path, text.ToString());
    }
}
