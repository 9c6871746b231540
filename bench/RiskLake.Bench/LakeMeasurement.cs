using System.Globalization;
using System.Text.Json.Nodes;

namespace RiskLake.Bench;

/// <summary>
/// What one more run costs in lakes of few and of many others, whose times are disjoint or overlap; and what it costs to take the keys
/// of a later run back from it.
/// </summary>
internal sealed class LakeMeasurement(Settings settings, string self)
{
    private const int AddedLines = 10_000;

    private readonly string _work = Path.GetFullPath(Path.Combine(settings.Data, "work"));

    public string Measure()
    {
        Directory.CreateDirectory(_work);
        return Added("disjoint", isOverlapping: false) + "\n" + Added("overlapping", isOverlapping: true) + "\n" + TakenBack();
    }

    /// <summary>The same new run in every lake, in turn.</summary>
    private string Added(string name, bool isOverlapping)
    {
        var lakes = Build(name, isOverlapping);
        var costs = lakes.ToDictionary(lake => lake.Size, _ => new List<Cost>());
        for (var round = 0; round < Math.Max(settings.Rounds, 7); round++)
        {
            // On the day of the others where they overlap, with keys of its own each time.
            var added = isOverlapping ? Shifted(round)
                : EventFile.Obtain(settings.Data, AddedLines, settings.Seed, EventFile.DefaultDate.AddDays(round)).Path;
            foreach (var (size, lake) in round % 2 == 0 ? lakes : Enumerable.Reverse(lakes))
            {
                var cost = Run(lake, FormattableString.Invariant($"new-{round}"), added, string.Empty);
                if (Count(lake, FormattableString.Invariant($"new-{round}"), "already_published") != 0)
                {
                    throw new InvalidOperationException("a new run shares keys with the others");
                }

                costs[size].Add(cost);
                Say(FormattableString.Invariant($"{name}, {size} others, round {round + 1}"), cost);
            }
        }

        var first = costs[lakes[0].Size];
        var rows = costs.Select(lake => Row(lake.Key.ToString("N0", CultureInfo.InvariantCulture), lake.Value, first));
        return Line($"## One more run of {AddedLines:N0} events, times of the others {name}, median of {first.Count}\n\n")
            + "| other runs | seconds | ratio | CPU s | ratio | peak MB |\n|---:|---:|---:|---:|---:|---:|\n" + string.Concat(rows);
    }

    /// <summary>A run takes many keys that a later run held: beside publishing them, in turn.</summary>
    private string TakenBack()
    {
        var input = EventFile.Obtain(settings.Data, settings.TakenBack, settings.Seed, EventFile.DefaultDate);
        var small = EventFile.Obtain(Path.Combine(settings.Data, "days"), lines: 100, settings.Seed, EventFile.DefaultDate.AddDays(-1));
        var costs = new Dictionary<string, List<Cost>>(StringComparer.Ordinal)
        {
            ["publish"] = [], ["restate an earlier run: it takes them back"] = [], ["withdraw that run: the later one has them again"] = [],
        };
        for (var round = 0; round < settings.Rounds; round++)
        {
            var lake = Fresh("taken-back");
            Run(lake, "first", small.Path, "--allow-dq-breach");
            costs["publish"].Add(Checked("later", 0, Run(lake, "later", input.Path, "--allow-dq-breach")));
            costs["restate an earlier run: it takes them back"]
                .Add(Checked("first", 0, Run(lake, "first", input.Path, "--allow-dq-breach")));
            costs["withdraw that run: the later one has them again"]
                .Add(Succeed($"runs withdraw first --reason bench --output-root {lake}"));
            foreach (var (name, of) in costs)
            {
                Say(name, of[^1]);
            }

            Cost Checked(string run, long expected, Cost cost) =>
                Count(lake, run, "already_published") == expected && Count(lake, run, "own_silver") == input.Counts.Distinct
                ? cost
                : throw new InvalidOperationException($"'{run}' does not own the {input.Counts.Distinct} events");
        }

        var publish = costs["publish"];
        var rows = costs.Select(row => Row(row.Key, row.Value, publish));
        return Line($"## Taking back {input.Counts.Distinct:N0} keys from a later run, median of {settings.Rounds}\n\n")
            + "| command | seconds | ratio | CPU s | ratio | peak MB |\n|---|---:|---:|---:|---:|---:|\n" + string.Concat(rows);
    }

    /// <summary>The smaller lakes are copies of the larger one as it grew.</summary>
    private List<(int Size, string Path)> Build(string name, bool isOverlapping)
    {
        var growing = Fresh($"{name}-growing");
        var lakes = new List<(int, string)>();
        var size = 0;
        foreach (var next in settings.Lakes.Order())
        {
            var kind = isOverlapping ? "overlapping" : "disjoint";
            Must(FormattableString.Invariant($"{self} grow-lake {growing} {kind} {size} {next}"));
            var lake = Fresh(FormattableString.Invariant($"{name}-{next}"));
            Must($"cp -a {Path.Combine(growing, "lake")} {lake}");
            lakes.Add((next, lake));
            size = next;
        }

        return lakes;
    }

    /// <summary>Events of the day the others are on, by another start of the session.</summary>
    private string Shifted(int round)
    {
        var path = Path.Combine(settings.Data, FormattableString.Invariant($"overlapping-{AddedLines}-{round}.ndjson"));
        var symbols = Enumerable.Range(0, 200).Select(number => string.Create(CultureInfo.InvariantCulture, $"SYM{number:000}")).ToArray();
        using var generator = new EventGenerator(path, wellFormedPath: null, settings.Seed, symbols);
        generator.AddSession(EventFile.DefaultDate.ToDateTime(new TimeOnly(14, 30, 0, 0, 1 + round), DateTimeKind.Utc),
            TimeSpan.FromHours(6.5), AddedLines);
        generator.Finish();
        return path;
    }

    private Cost Run(string lake, string run, string input, string options) =>
        Succeed($"run --input {input} --run-id {run} --output-root {lake} --quiet {options}");

    private Cost Succeed(string arguments) => Must($"{settings.RiskLake} {arguments}");

    private Cost Must(string command)
    {
        var log = Path.Combine(_work, "log");
        var cost = Child.Run(command, log, settings.Limit);
        return cost.ExitCode == 0
            ? cost
            : throw new InvalidOperationException(
                Line($"'{command}' ended with exit code {cost.ExitCode}:\n{File.ReadAllText(log + ".err")}"));
    }

    private static long Count(string lake, string run, string what) =>
        (long)JsonNode.Parse(File.ReadAllText(Path.Combine(lake, "_runs", run + ".json")))!["conservation"]![what]!;

    private string Fresh(string name)
    {
        var folder = Path.Combine(_work, name);
        if (Directory.Exists(folder))
        {
            Directory.Delete(folder, recursive: true);
        }

        return folder;
    }

    private static void Say(string what, Cost cost) =>
        Console.Error.WriteLine(Line($"{what}: {cost.Seconds:0.00} s, CPU {cost.CpuSeconds:0.00} s, {cost.PeakBytes / 1e6:0} MB"));

    /// <summary>Medians of wall and CPU time, and what they are of the first row's.</summary>
    private static string Row(string name, List<Cost> costs, List<Cost> first)
    {
        var (wall, cpu) = (Middle(costs, Wall), Middle(costs, Cpu));
        var ratios = Line($"{wall:0.000} | {wall / Middle(first, Wall):0.00} | {cpu:0.00} | {cpu / Middle(first, Cpu):0.00}");
        return Line($"| {name} | {ratios} | {costs.Max(c => c.PeakBytes) / 1e6:0} |\n");
    }

    private static double Wall(Cost cost) => cost.Seconds;

    private static double Cpu(Cost cost) => cost.CpuSeconds;

    private static double Middle(List<Cost> costs, Func<Cost, double> of) => costs.Select(of).Order().ElementAt(costs.Count / 2);

    private static string Line(FormattableString text) => FormattableString.Invariant(text);
}
