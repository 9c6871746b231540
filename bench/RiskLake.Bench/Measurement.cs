using System.Globalization;
using System.Text;

namespace RiskLake.Bench;

/// <summary>The measuring commands. Each returns a Markdown section; nothing is concluded from fewer than all of its runs.</summary>
internal sealed class Measurement(Settings settings, string self)
{
    private readonly string _work = Path.Combine(settings.Data, "work");
    private readonly IReadOnlyList<Contestant> _contestants = Contestant.All(self, settings.RiskLake);

    /// <summary>All contestants on one input, in alternating order; ratios of medians to the floor's.</summary>
    public string Compare()
    {
        var input = EventFile.Obtain(settings.Data, settings.Lines, settings.Seed, EventFile.DefaultDate);
        Warm(input);
        var costs = Rounds(input, _contestants, settings.Rounds, validate: true);
        return Line($"## Against the floor and the peers: {Count(settings.Lines)} events, median of {settings.Rounds}\n\n")
            + Describe(input) + "\n\n" + Table(costs);
    }

    /// <summary>The floor and the pipeline on inputs of growing size.</summary>
    public string Grow()
    {
        var text = new StringBuilder("## Growth\n\n")
            .Append("| events | contestant | seconds | µs per event | CPU s | peak MB |\n|---:|---|---:|---:|---:|---:|\n");
        foreach (var lines in settings.Growth)
        {
            var input = EventFile.Obtain(settings.Data, lines, settings.Seed, EventFile.DefaultDate);
            Warm(input);
            var some = _contestants.Where(c => c.Name is Contestant.Floor or Contestant.Pipeline).ToList();
            foreach (var (name, costs) in Rounds(input, some, settings.Rounds, validate: false))
            {
                var cost = Median(costs);
                text.Append(Line($"| {Count(lines)} | {name} | {cost.Seconds:0.00} | {cost.Seconds * 1e6 / lines:0.000} "));
                text.AppendLine(Line($"| {cost.CpuSeconds:0.0} | {cost.PeakBytes / 1e6:0} |"));
            }
        }

        return text.ToString();
    }

    /// <summary>The whole process from start to end, on almost nothing.</summary>
    public string StartUp()
    {
        var five = EventFile.Obtain(settings.Data, 5, settings.Seed, EventFile.DefaultDate);
        var version = new List<Cost>();
        var run = new List<Cost>();
        for (var number = 0; number < settings.Runs; number++)
        {
            var lake = Fresh("start-up");
            version.Add(Succeed($"{settings.RiskLake} --version"));
            run.Add(Succeed($"{settings.RiskLake} run --input {five.Path} --run-id five --output-root {lake} --allow-dq-breach"));
        }

        return Line($"## Start-up, median of {settings.Runs}\n\n| command | ms | slowest ms | peak MB |\n|---|---:|---:|---:|\n")
            + Row("--version", version) + Row("run, five events", run);

        static string Row(string name, List<Cost> costs) => Line(
            $"| {name} | {Median(costs).Seconds * 1e3:0} | {costs.Max(c => c.Seconds) * 1e3:0} | {Median(costs).PeakBytes / 1e6:0} |\n");
    }

    /// <summary>Bulk archives of 10,000 symbols, of growing size, from the archive to silver: what memory they take.</summary>
    public string Archive()
    {
        var text = new StringBuilder(Line($"## Bulk archives of {Count(BulkArchive.Symbols)} symbols\n\n"))
            .Append("| MB | bars | seconds | µs per bar | CPU s | peak MB |\n|---:|---:|---:|---:|---:|---:|\n");
        foreach (var megabytes in settings.Megabytes)
        {
            Succeed(Line($"{self} generate-archive --megabytes {megabytes} --seed {settings.Seed} --data {settings.Data}"));
            var archive = BulkArchive.Obtain(settings.Data, megabytes, settings.Seed);
            var cost = Succeed(Line($"{settings.RiskLake} run --source stooq --input {archive.Path} --adjustment all --output-root {Fresh("archive")}"));
            text.Append(Line($"| {new FileInfo(archive.Path).Length / 1e6:0} | {Count(archive.Rows)} | {cost.Seconds:0.0} "));
            text.AppendLine(Line($"| {cost.Seconds * 1e6 / archive.Rows:0.00} | {cost.CpuSeconds:0.0} | {cost.PeakBytes / 1e6:0} |"));
        }

        return text.ToString();
    }

    private Dictionary<string, List<Cost>> Rounds(EventFile input, IReadOnlyList<Contestant> contestants, int rounds, bool validate)
    {
        var costs = contestants.ToDictionary(c => c.Name, _ => new List<Cost>(), StringComparer.Ordinal);
        var summaries = new Dictionary<string, string>(StringComparer.Ordinal);
        for (var round = 0; round < rounds; round++)
        {
            // Each round starts with another contestant, so that none always follows the same one.
            for (var turn = 0; turn < contestants.Count; turn++)
            {
                var contestant = contestants[(round + turn) % contestants.Count];
                var output = Path.Combine(_work, "output");
                var log = Path.Combine(_work, "log");
                Directory.CreateDirectory(_work);
                var cost = contestant.Run(input, output, log, settings.Limit);
                costs[contestant.Name].Add(cost);
                Console.Error.WriteLine(Line(
                    $"round {round + 1}: {contestant.Name}: {cost.Seconds:0.00} s, CPU {cost.CpuSeconds:0.0} s, {cost.PeakBytes / 1e6:0} MB"));
                if (validate && round == 0 && contestant.Summarise(self, output, log) is { Length: > 0 } summary)
                {
                    summaries[contestant.Name] = summary;
                }
            }
        }

        foreach (var (name, summary) in summaries)
        {
            Check(name, summary, input.Counts, summaries.First());
        }

        return costs;
    }

    private static void Check(string name, string summary, EventCounts counts, KeyValuePair<string, string> reference)
    {
        string[] expected =
        [
            Line($"dataset=bronze,n={counts.WellFormed},"),
            Line($"dataset=silver,n={counts.Distinct},"),
            Line($"dataset=quarantine,n={counts.Malformed},"),
            Line($"late={counts.Late},"),
        ];
        if (expected.FirstOrDefault(text => !summary.Contains(text, StringComparison.Ordinal)) is { } missing)
        {
            throw new InvalidOperationException($"{name} did not find '{missing}' but\n{summary}");
        }

        if (!string.Equals(summary, reference.Value, StringComparison.Ordinal))
        {
            throw new InvalidOperationException($"{name} and {reference.Key} disagree:\n{summary}\n{reference.Value}");
        }
    }

    private Cost Succeed(string command)
    {
        Directory.CreateDirectory(_work);
        var log = Path.Combine(_work, "log");
        var cost = Child.Run(command, log, settings.Limit);
        return cost.ExitCode == 0
            ? cost
            : throw new InvalidOperationException(Line($"'{command}' ended with exit code {cost.ExitCode}:\n{File.ReadAllText(log + ".err")}"));
    }

    private string Fresh(string name)
    {
        var folder = Path.Combine(_work, name);
        if (Directory.Exists(folder))
        {
            Directory.Delete(folder, recursive: true);
        }

        return folder;
    }

    /// <summary>Brings the input into the page cache: every contestant reads from memory, the first one too.</summary>
    private void Warm(EventFile input)
    {
        Directory.CreateDirectory(_work);
        Child.Run($"cat {input.Path} {input.WellFormedPath}", "/dev/null", settings.Limit);
    }

    private static string Describe(EventFile input) => Line(
        $"Input {new FileInfo(input.Path).Length / 1e6:0} MB: {Count(input.Counts.Distinct)} distinct events, {Count(input.Counts.Late)} late, ")
        + $"{Count(input.Counts.Duplicates)} duplicates, {Count(input.Counts.Malformed)} malformed.";

    private static string Table(Dictionary<string, List<Cost>> costs)
    {
        var floor = Median(costs[Contestant.Floor]).Seconds;
        var rows = costs.Select(c =>
        {
            var cost = Median(c.Value);
            var (fastest, slowest) = (c.Value.Min(v => v.Seconds), c.Value.Max(v => v.Seconds));
            return Line($"| {c.Key} | {cost.Seconds:0.00} | {fastest:0.00} to {slowest:0.00} | {cost.Seconds / floor:0.00} ")
                + Line($"| {cost.CpuSeconds:0.0} | {c.Value.Max(v => v.PeakBytes) / 1e6:0} |\n");
        });
        return "| contestant | seconds | range | ratio to floor | CPU s | peak MB |\n|---|---:|---|---:|---:|---:|\n" + string.Concat(rows);
    }

    /// <summary>The run in the middle by time, whole, so that its figures belong together.</summary>
    private static Cost Median(IReadOnlyList<Cost> costs) => costs.OrderBy(cost => cost.Seconds).ElementAt(costs.Count / 2);

    private static string Count(long number) => number.ToString("N0", CultureInfo.InvariantCulture);

    private static string Line(FormattableString text) => FormattableString.Invariant(text);
}
