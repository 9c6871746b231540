using System.Globalization;
using System.Text.RegularExpressions;

namespace RiskLake.EndToEnd;

/// <summary>
/// Command lines made at random over all commands of the program, with values that are right, wrong and absurd: on a folder without a lake,
/// on an empty lake and on one with data. Whatever is asked, the answer is a result or a coded error with a documented exit code.
/// <c>RISKLAKE_COMMAND_LINES</c> says how many; <c>RISKLAKE_COMMAND_SEED</c> which.
/// </summary>
public sealed partial class CommandLineTests
{
    private const int Usual = 80;
    private static readonly int[] Codes = [0, 1, 2, 3, 4, 5];

    private static readonly string[] Words =
    [
        "", "-", "--", "x", "XNYS", "24-7", "AAPL", "MSFT", "NONE", "historical", "normal", "all", "none", "simple", "log", "absolute", "0.99", "99/100",
        "1", "0", "-1", "250", "1e400", "NaN", "999999999999999999999", "2024-01-05", "2025-01-17", "2025-02-30", "0001-01-01", "9999-12-31",
        "2025-01-17T00:00:00Z", "2025-01-17T25:00:00Z", "2024-01-02..2024-01-31", "5..1", "A=0.5,B=0.5", "A=", "=", "A=-10%", "close", "date",
        "7", "risk-2025-01-17", "demo-001", "limits", "market-var-99", "desk", "desk/equities/technology", "silver.market_events",
        "gold.risk_measures", "market_event", "market_bar", "external_signal", "select 1", "select * from gold.risk_measures", "drop table x",
        "select * from lake.runs", "a\tb", "ä€🙂", "'; --", "../..", "/", "json", "stooq", "fred", "raw", "GDPC1", "leave_out", "refuse", "sample",
    ];

    [Fact]
    public void Every_command_line_ends_with_an_answer_or_a_coded_error()
    {
        var count = Number("RISKLAKE_COMMAND_LINES", Usual);
        var seed = Number("RISKLAKE_COMMAND_SEED", 20_260_101);
        var commands = Commands([]).ToArray();
        Assert.True(commands.Length > 40, $"{commands.Length} commands found");
        var failures = new System.Collections.Concurrent.ConcurrentBag<string>();
        var ends = new System.Collections.Concurrent.ConcurrentDictionary<int, int>();
        Parallel.For(0, 2, worker =>
        {
            using var place = new Place();
            for (var i = worker; i < count; i += 2)
            {
                var line = Line(new Random(seed + i), commands, place);
                var outcome = Cli.Start(Cli.Launcher, place.Work.Folder, line, Place.Environment, place.Input(i));
                ends.AddOrUpdate(outcome.ExitCode, 1, (_, known) => known + 1);
                if (!Codes.Contains(outcome.ExitCode) || Trace().IsMatch(outcome.Error) || Trace().IsMatch(outcome.Out))
                {
                    failures.Add($"line {seed + i}: risklake {string.Join(' ', line.Select(Quoted))}\nexit code {outcome.ExitCode}\n{outcome.Error}");
                }
            }
        });
        Assert.True(failures.IsEmpty, $"{failures.Count} of {count}:\n{string.Join("\n\n", failures.Take(20))}");

        // Lines that all fail before a command begins would show nothing.
        Assert.True(count < Usual || ends.GetValueOrDefault(0) > count / 20, string.Join(", ", ends.Select(end => $"{end.Key}: {end.Value}")));
    }

    private sealed record Known(string[] Path, int Arguments, (string Name, string? Value)[] Options);

    /// <summary>Folders and files that values may name; every worker has its own, for commands change them.</summary>
    private sealed class Place : IDisposable
    {
        public static readonly Dictionary<string, string> Environment = new(StringComparer.Ordinal)
        {
            ["HTTP_PROXY"] = "http://127.0.0.1:9", ["HTTPS_PROXY"] = "http://127.0.0.1:9",
        };

        public Place()
        {
            Work.Write("prices.csv", "date,A,B,close\n" + string.Concat(Enumerable.Range(0, 80).Select(i => string.Create(
                CultureInfo.InvariantCulture,
                $"{new DateOnly(2024, 1, 1).AddDays(i):yyyy-MM-dd},{100 + (i * 7 % 11)},{50 + (i * 3 % 7)},{200 + (i * 5 % 13)}\n"))));
            Work.Write("holes.csv", "Trade Date,A,B\n2024-01-02,1,\n2024-01-03,,2\n2024-01-04,NA,3\n2024-01-05,4,x\n");
            Work.Write("forecasts.csv", "pnl,var,es\n" + string.Concat(Enumerable.Range(0, 60).Select(i => string.Create(
                CultureInfo.InvariantCulture, $"{(i % 9) - 4},{3 + (i % 2)},{5 + (i % 2)}\n"))));
            Work.Write("empty.csv", "");
            Work.Write("header.csv", "date,close\n");
            Work.Write("broken.csv", "date,close\n\"2024-01-02,1\n2024-01-03,2\n");
            Work.Write("semicolons.csv", "Datum;Kurs\n05.01.2024;4.697,24\n");
            Work.Write("text.yaml", "limits: []\nportfolios: []\n");
            Work.Write("events.json", File.ReadAllText(Cli.Fixture("sample_events.json")));
            File.WriteAllBytes(Path.Combine(Work.Folder, "noise.bin"), [0x1f, 0x8b, 8, 0, 255, 254, 0, 0, 80, 65, 82, 49]);
            Directory.CreateDirectory(Path.Combine(Work.Folder, "folder"));
            Directory.CreateDirectory(Path.Combine(Work.Folder, "lake_empty"));
            Work.Run("run", "--run-id", "demo-001", "--output-root", "lake_data", "-q").Ends(0);
            Work.Run("risk", "run", "--output-root", "lake_data", "-q").Ends(0);
        }

        public Workspace Work { get; } = new();

        public static readonly string[] Files =
        [
            "prices.csv", "prices.csv", "holes.csv", "forecasts.csv", "empty.csv", "header.csv", "broken.csv", "semicolons.csv", "text.yaml",
            "events.json", "noise.bin", "folder", "missing.csv", "-", "", "/dev/null", "out.html",
        ];

        public static readonly string[] Lakes = ["lake_data", "lake_data", "lake_data", "lake_empty", "lake_none", "prices.csv", ""];

        public byte[] Input(int i) => i % 3 == 0 ? File.ReadAllBytes(Path.Combine(Work.Folder, "prices.csv")) : [];

        public void Dispose() => Work.Dispose();
    }

    private static string[] Line(Random random, Known[] commands, Place place)
    {
        _ = place;
        var command = commands[random.Next(commands.Length)];
        List<string> line = [.. command.Path];
        for (var i = random.Next(8) == 0 ? 1 : 0; i < command.Arguments; i++)
        {
            line.Add(Any(random, Words));
        }

        if (command.Options.Any(option => option.Name == "--output-root") && random.Next(10) > 0)
        {
            line.AddRange(["--output-root", Any(random, Place.Lakes)]);
        }

        // A command that reads a file does nothing without; one in the dark has its own error.
        if (command.Options.Any(option => option.Name == "--input") && random.Next(5) > 0)
        {
            line.AddRange(["--input", Any(random, Place.Files)]);
        }

        for (var left = random.Next(4); left > 0 && command.Options.Length > 0; left--)
        {
            var (name, value) = command.Options[random.Next(command.Options.Length)];
            if (name is "--output-root" or "--input" or "--help" or "--version")
            {
                continue;
            }

            line.Add(name);
            if (value is not null && random.Next(15) > 0)
            {
                line.Add(ValueOf(random, name, value));
            }
        }

        if (random.Next(25) == 0)
        {
            line.Insert(random.Next(line.Count + 1), Any(random, Words));
        }

        return [.. line];
    }

    private static string ValueOf(Random random, string name, string value) => (random.Next(4), value) switch
    {
        (0, _) => Any(random, Words),
        (_, "n" or "seconds") => Any(random, ["0", "1", "2", "5", "21", "60", "250", "-3", "2147483647", "2147483648", "x"]),
        (_, "x") => Any(random, ["0.94", "0.5", "0", "1", "-1", "1e-300", "NaN", "Infinity", "x"]),
        (_, "date") => Any(random, ["2025-01-17", "2025-01-18", "2024-12-25", "1850-01-01", "2199-01-01", "17.01.2025"]),
        (_, "time") => Any(random, ["2025-01-17T12:00:00Z", "2025-01-17", "1969-12-31T23:59:59Z", "9999-12-31T23:59:59Z", "noon"]),
        (_, "level" or "levels") => Any(random, ["0.99", "0.95,0.99", "1", "0", "99/100", "0.9999999999", "none", "1/0"]),
        (_, "file" or "path") => Any(random, Place.Files),
        (_, "folder") => Any(random, Place.Lakes),
        (_, "column" or "columns") => Any(random, ["A", "B", "A,B", "close", "1", "2", "99", "", "date", "none"]),
        (_, "symbol") => Any(random, ["AAPL", "AAPL,MSFT", "", ",", "ZZZ"]),
        _ when name == "--weights" => Any(random, ["A=0.5,B=0.5", "A=1", "AAPL=0.5,MSFT=0.5", "A=1e308,B=1e308", "A=0", "A"]),
        (_, "format") => Any(random, ["json", "ndjson", "csv", "table", "xml"]),
        _ => Any(random, Words),
    };

    private static string Any(Random random, string[] of) => of[random.Next(of.Length)];

    /// <summary>The commands below some words, as the help of the program lists them.</summary>
    private static IEnumerable<Known> Commands(string[] path)
    {
        var help = Cli.Run(Path.GetTempPath(), [.. path, "--help"]).Ends(0).Out;
        var sections = help.Split("\n\n").Select(section => section.Trim('\n')).ToArray();
        var children = Entries(sections, "Commands:").Select(text => text.Split(' ')[0]).ToArray();
        if (children.Length > 0)
        {
            return children.AsParallel().AsOrdered().WithDegreeOfParallelism(2).SelectMany(child => Commands([.. path, child])).ToArray();
        }

        var options = Entries(sections, "Options:").Select(text => Declared().Match(text)).Where(match => match.Success)
            .Select(match => (match.Groups[1].Value, match.Groups[2].Success ? match.Groups[2].Value : null));
        return [new Known(path, Entries(sections, "Arguments:").Count(), [.. options])];
    }

    private static IEnumerable<string> Entries(string[] sections, string title) =>
        sections.Where(section => section.StartsWith(title, StringComparison.Ordinal)).SelectMany(section => section.Split('\n').Skip(1))
            .Where(text => text.StartsWith("  ", StringComparison.Ordinal) && text.Length > 2 && text[2] != ' ').Select(text => text.Trim());

    private static string Quoted(string word) => word.Length > 0 && word.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '.' or '/' or '_')
        ? word
        : $"'{word.Replace("'", "'\\''", StringComparison.Ordinal)}'";

    private static int Number(string variable, int otherwise) =>
        Environment.GetEnvironmentVariable(variable) is { Length: > 0 } text ? int.Parse(text, CultureInfo.InvariantCulture) : otherwise;

    [GeneratedRegex(@"RL9\d\d\d|Unhandled exception|^\s+at [\w.<>`]+\(", RegexOptions.Multiline, 1000)]
    private static partial Regex Trace();

    [GeneratedRegex(@"^(?:-\w, )*(--[\w-]+)(?: <([^>]+)>)?", RegexOptions.None, 1000)]
    private static partial Regex Declared();
}
