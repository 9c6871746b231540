using System.Globalization;
using System.Text.Json.Nodes;

namespace RiskLake.Bench;

/// <summary>A backfill of many sessions beside one run over the same events, in turn.</summary>
internal sealed class BackfillMeasurement(Settings settings)
{
    private const string RunName = "run";
    private const string BackfillName = "backfill";

    private readonly string _work = Path.Combine(settings.Data, "work");

    public string Compare()
    {
        Directory.CreateDirectory(_work);
        var input = HistoryFile.Obtain(settings.Data, settings.Sessions, settings.Lines / settings.Sessions, settings.Seed, Ask);
        var dates = string.Create(CultureInfo.InvariantCulture, $"--start-date {input.From:yyyy-MM-dd} --end-date {input.Through:yyyy-MM-dd}");
        var (runs, backfills) = (new List<Cost>(), new List<Cost>());
        Child.Run($"cat {input.Path}", "/dev/null", settings.Limit);
        var id = string.Create(CultureInfo.InvariantCulture, $"backfill-{input.From:yyyy-MM-dd}-{input.Through:yyyy-MM-dd}");
        var command = $"backfill --input {input.Path} {dates} {settings.BackfillOptions}";
        for (var round = 0; round < settings.Rounds; round++)
        {
            // They take turns, and each round starts with the other one.
            for (var turn = 0; turn < 2; turn++)
            {
                if ((round + turn) % 2 == 0)
                {
                    runs.Add(Measure(RunName, round, $"run --input {input.Path} --run-id bench", lake => Silver(lake, "bench"), input.Counts));
                }
                else
                {
                    backfills.Add(Measure(BackfillName, round, command, lake => SilverOfDays(lake, id, input.Sessions), input.Counts));
                }
            }
        }

        var (run, backfill) = (Median(runs), Median(backfills));
        var (bytes, counts) = (new FileInfo(input.Path).Length, input.Counts);
        return Line($"## Backfill of {input.Sessions} sessions beside one run: {settings.Lines:N0} events, median of {settings.Rounds}\n\n")
            + Line($"Input {bytes / 1e6:0} MB, {input.From:yyyy-MM-dd} to {input.Through:yyyy-MM-dd}: {counts.Distinct:N0} distinct events, ")
            + Line($"{counts.Late:N0} late, {counts.Duplicates:N0} duplicates, {counts.Malformed:N0} malformed. Options of the backfill: ")
            + (settings.BackfillOptions.Length > 0 ? settings.BackfillOptions : "none") + ".\n\n"
            + "| command | seconds | range | events per second | CPU s | peak MB |\n|---|---:|---|---:|---:|---:|\n"
            + Row(RunName, runs) + Row(BackfillName, backfills)
            + Line($"\nThroughput of the backfill: {100 * run.Seconds / backfill.Seconds:0} % of the run's by time, ")
            + Line($"{100 * run.CpuSeconds / backfill.CpuSeconds:0} % by CPU time.\n");

        string Row(string name, List<Cost> costs)
        {
            var (cost, fastest, slowest) = (Median(costs), costs.Min(c => c.Seconds), costs.Max(c => c.Seconds));
            return Line($"| {name} | {cost.Seconds:0.00} | {fastest:0.00} to {slowest:0.00} | {settings.Lines / cost.Seconds:N0} ")
                + Line($"| {cost.CpuSeconds:0.0} | {costs.Max(c => c.PeakBytes) / 1e6:0} |\n");
        }
    }

    private Cost Measure(string name, int round, string arguments, Func<string, long> silver, EventCounts counts)
    {
        var lake = Path.Combine(_work, name);
        if (Directory.Exists(lake))
        {
            Directory.Delete(lake, recursive: true);
        }

        var log = Path.Combine(_work, "log");
        var cost = Child.Run($"{settings.RiskLake} {arguments} --output-root {lake}", log, settings.Limit);
        if (cost.ExitCode != 0 || silver(lake) != counts.Distinct)
        {
            var expected = Line($"ended with exit code {cost.ExitCode}; {counts.Distinct} events were expected in silver");
            throw new InvalidOperationException($"'{name}' {expected}:\n{File.ReadAllText(log + ".err")}");
        }

        Console.Error.WriteLine(Line($"round {round + 1}: {name}: {cost.Seconds:0.00} s, CPU {cost.CpuSeconds:0.0} s, {cost.PeakBytes / 1e6:0} MB"));
        return cost;
    }

    private string Ask(string arguments)
    {
        var log = Path.Combine(_work, "log");
        var cost = Child.Run($"{settings.RiskLake} {arguments}", log, settings.Limit);
        return cost.ExitCode == 0 ? File.ReadAllText(log) : throw new InvalidOperationException(File.ReadAllText(log + ".err"));
    }

    private static long Silver(string lake, string runId) => (long)Record(lake, runId)["conservation"]!["own_silver"]!;

    private static long SilverOfDays(string lake, string id, int sessions)
    {
        var days = Record(lake, id)["days"]!.AsArray().Where(day => (string?)day!["status"] == "published").ToArray();
        return days.Length == sessions ? days.Sum(day => (long)day!["counts"]!["silver"]!) : -1;
    }

    private static JsonNode Record(string lake, string id) => JsonNode.Parse(File.ReadAllText(Path.Combine(lake, "_runs", id + ".json")))!;

    /// <summary>The run in the middle by time, whole, so that its figures belong together.</summary>
    private static Cost Median(List<Cost> costs) => costs.OrderBy(cost => cost.Seconds).ElementAt(costs.Count / 2);

    private static string Line(FormattableString text) => FormattableString.Invariant(text);
}
