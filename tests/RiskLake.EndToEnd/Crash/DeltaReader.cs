using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;

namespace RiskLake.EndToEnd.Crash;

/// <summary>ClickHouse, which had no part in writing the Delta tables, reads them.</summary>
internal static class DeltaReader
{
    private static readonly string Folder = Path.Combine(Cli.Repository, "tests", "RiskLake.EndToEnd", "chdb");
    private static readonly Lazy<string?> Lack = new(Prepare);

    /// <summary>What is missing to run it, named as a skipped test names it; null when it is there.</summary>
    public static string? Missing => Lack.Value;

    /// <summary>Compares every note with what the independent reader finds at that version.</summary>
    public static void Compare(string lake, IReadOnlyList<TableNote> notes)
    {
        var requests = new StringBuilder();
        foreach (var note in notes)
        {
            requests.Append(CultureInfo.InvariantCulture, $"{lake}/_delta/{note.Table}\t{note.DeltaVersion}\n");
        }

        var outcome = Cli.Start("node", Folder, [Path.Combine(Folder, "read.js"), "-"], null, Encoding.UTF8.GetBytes(requests.ToString())).Ends(0);
        var answers = outcome.Out.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(notes.Count, answers.Length);
        foreach (var (note, answer) in notes.Zip(answers))
        {
            Compare(note, JsonNode.Parse(answer)!);
        }
    }

    private static void Compare(TableNote note, JsonNode answer)
    {
        var context = FormattableString.Invariant($"{note.Table} at {note.DeltaVersion}: {answer.ToJsonString()}");
        Assert.True(answer["error"] is null, context);
        Assert.True(note.Count == (long)answer["count"]!, $"{context}: expected {note.Count} rows");
        var partitions = answer["partitions"]!.AsArray().ToDictionary(pair => (string)pair![0]!, pair => (long)pair![1]!, StringComparer.Ordinal);
        Assert.True(
            partitions.Count == note.Partitions.Count && note.Partitions.All(pair => partitions.GetValueOrDefault(pair.Key) == pair.Value),
            $"{context}: expected {string.Join(", ", note.Partitions)}");
        foreach (var (column, found) in answer["sums"]!.AsObject())
        {
            var expected = note.Sums.GetValueOrDefault(column);
            var value = found is null ? (double?)null : double.Parse((string)found!, CultureInfo.InvariantCulture);

            // A sum of floating-point numbers depends on their order; of nothing at all it is null here and 0 there.
            Assert.True(
                Math.Abs((expected ?? 0) - (value ?? 0)) <= 1e-9 * Math.Max(1, Math.Abs(expected ?? 0)), $"{context}: expected a sum of {column} of {expected}");
        }

        foreach (var (column, found) in answer["distinct"]!.AsObject())
        {
            Assert.True(note.Distinct.GetValueOrDefault(column) == long.Parse((string)found!, CultureInfo.InvariantCulture), $"{context}: {column}");
        }

        // A column that no live file has is one of the table's all the same, and all null: the sums and numbers above say so.
        Assert.True(
            note.Sums.Keys.All(answer["sums"]!.AsObject().ContainsKey) && note.Distinct.Keys.All(answer["distinct"]!.AsObject().ContainsKey),
            $"{context}: columns are missing");
    }

    private static string? Prepare()
    {
        if (!OnPath("node"))
        {
            return "needs node: the independent Delta reader runs in it";
        }

        var package = Path.Combine(Folder, "node_modules", "chdb");
        if (!Directory.Exists(package) && OnPath("npm"))
        {
            Cli.Start("npm", Folder, ["install", "--no-audit", "--no-fund", "--no-package-lock", "--loglevel=error"], null, null);
        }

        return Directory.Exists(package) ? null : "needs tests/RiskLake.EndToEnd/chdb/node_modules: npm installs the independent Delta reader there";
    }

    private static bool OnPath(string program) => (Environment.GetEnvironmentVariable("PATH") ?? string.Empty)
        .Split(Path.PathSeparator).Any(folder => File.Exists(Path.Combine(folder, program)));
}
