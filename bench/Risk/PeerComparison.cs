using System.Diagnostics;
using System.Globalization;
using System.Text;
using RiskLake.Risk.Numerics;

namespace RiskLake.Risk.Bench;

/// <summary>This library and its peers in turn, each task in a process of its own, on the core this program was started on.</summary>
internal sealed class PeerComparison
{
    private const int Rows = 10_000_000;
    private const int Fits = 40;
    private const double Tolerance = 1e-9;
    private static readonly string Library = Path.Combine(AppContext.BaseDirectory, "RiskLake.Risk.Bench.dll");

    // What must come of each task: the ratio is the peer's processor time over ours.
    private static readonly Contest[] Contests =
    [
        new("garch", "returns", "fGarch `garchFit`", "fgarch", 25, 1e-4),
        new("deviation", "noise", "pandas `rolling(250).std()`", "deviation", 4, Tolerance),
        new("tail", "noise", "pandas `rolling(250).quantile(0.01)`, without ES", "quantile", 1.4, Tolerance),
        new("historical", "noise", "numpy `sort` of the same array, without VaR and ES", "sort", 1.0 / 3.0, Tolerance),
    ];

    private readonly Dictionary<string, string> _options = new(StringComparer.Ordinal)
    {
        ["--python"] = "python3",
        ["--rounds"] = "5",
        ["--data"] = "bench/data/risk",
        ["--results"] = "bench/results",
        ["--series"] = "",
    };

    public PeerComparison(ReadOnlySpan<string> options)
    {
        for (var i = 0; i + 1 < options.Length; i += 2)
        {
            if (!_options.ContainsKey(options[i]))
            {
                throw new ArgumentException($"'{options[i]}' is no option; there are {string.Join(' ', _options.Keys)}.", nameof(options));
            }

            _options[options[i]] = options[i + 1];
        }
    }

    /// <summary>Measures, prints and keeps the figures; 1 when a target is missed.</summary>
    public int Run()
    {
        var rounds = int.Parse(_options["--rounds"], CultureInfo.InvariantCulture);
        Directory.CreateDirectory(_options["--data"]);
        RiskTask.Write(DataFile("returns"), Series(_options["--series"]));
        var noise = new double[Rows];
        Philox.Normals(7, 0, 0, noise);
        RiskTask.Write(DataFile("noise"), noise);
        var timings = Contests.ToDictionary(contest => contest, _ => new List<(Timing Ours, Timing Peer)>());
        for (var round = 0; round < rounds; round++)
        {
            foreach (var contest in Contests)
            {
                // Who begins changes with every round.
                Timing peer = default;
                if (round % 2 == 1)
                {
                    peer = Peer(contest.PeerTask, DataFile(contest.Input));
                }

                var ours = Ours(contest.Key, DataFile(contest.Input));
                if (round % 2 == 0)
                {
                    peer = Peer(contest.PeerTask, DataFile(contest.Input));
                }

                Agree(contest);
                timings[contest].Add((ours, peer));
                Console.Error.WriteLine(Line($"round {round + 1}: {contest.Key}: {Ratio(ours, peer):0.00} times"));
            }
        }

        return Report(timings, rounds);
    }

    /// <summary>The second column of a CSV file, or a simulated GARCH series of 1,974 returns.</summary>
    public static double[] Series(string path) => path.Length == 0
        ? RiskTask.Simulated(1974)
        : [.. File.ReadLines(path).Skip(1).Select(line => double.Parse(line.Split(',')[1], CultureInfo.InvariantCulture))];

    private int Report(Dictionary<Contest, List<(Timing Ours, Timing Peer)>> timings, int rounds)
    {
        var text = new StringBuilder(Line($"# {TimeProvider.System.GetUtcNow():yyyy-MM-dd HH:mm} UTC, commit {Commit()}\n\n"));
        var versions = Output(_options["--python"], "bench/peers/rolling.py", "versions");
        var model = Output("Rscript", "-e", "cat(R.version.string, ', fGarch ', as.character(packageVersion('fGarch')), sep = '')");
        var load = string.Join(' ', File.ReadAllText("/proc/loadavg").Split(' ')[..3]);
        var series = _options["--series"].Length == 0 ? "simulated" : Path.GetFileName(_options["--series"]);
        text.Append(Line($"{Processor()}, one core; load average when done {load}. .NET {Environment.Version}, {model}, {versions}.\n"))
            .Append(Line($"Medians of {rounds} rounds, processor time (clock time behind it); GARCH series: {series}.\n\n"))
            .Append("| task | ours ms | peer | peer ms | times as fast | in the rounds | wanted | |\n|---|---:|---|---:|---:|---|---:|---|\n");
        var missed = false;
        foreach (var (contest, pairs) in timings)
        {
            var (ours, peer) = (Timing.Median(pairs.Select(p => p.Ours)), Timing.Median(pairs.Select(p => p.Peer)));
            var (ratio, all) = (Ratio(ours, peer), pairs.ConvertAll(p => Ratio(p.Ours, p.Peer)));
            missed |= ratio < contest.Wanted;
            text.Append(Line($"| {RiskTask.Of(contest.Key, []).Name} | {ours.Busy * 1e3:0.00} ({ours.Wall * 1e3:0.00}) | {contest.Peer} "))
                .Append(Line($"| {peer.Busy * 1e3:0.00} ({peer.Wall * 1e3:0.00}) | {ratio:0.00} | {all.Min():0.00} to {all.Max():0.00} "))
                .Append(Line($"| {contest.Wanted:0.00} | {(ratio < contest.Wanted ? "missed" : "met")} |\n"));
        }

        text.Append('\n').Append(AfterAnOutlier()).Append('\n');
        var folder = Path.Combine(
            _options["--results"], string.Concat(Processor().Where(c => char.IsLetterOrDigit(c) || c is ' ' or '-')).Trim().Replace(' ', '-'));
        Directory.CreateDirectory(folder);
        File.AppendAllText(Path.Combine(folder, "risk.md"), text.ToString());
        Console.Out.Write(text);
        return missed ? 1 : 0;
    }

    // A bad tick passes through the window and is gone: deviations of the windows after it against ones computed from scratch.
    private string AfterAnOutlier()
    {
        const int Place = 1000;
        var series = RiskTask.Read(DataFile("noise"))[..10_000];
        series[Place] = 1e8;
        RiskTask.Write(DataFile("outlier"), series);
        Ours("deviation", DataFile("outlier"));
        Peer("deviation", DataFile("outlier"));
        var (ours, peer) = (RiskTask.Read(DataFile("ours")), RiskTask.Read(DataFile("peer")));
        var (ourError, peerError) = (0.0, 0.0);
        for (var t = Place + 250; t < series.Length; t++)
        {
            var right = RollingVolatility.Latest(series.AsSpan(0, t + 1), 250)!.Value;
            ourError = Math.Max(ourError, Math.Abs((ours[t] / right) - 1.0));
            peerError = Math.Max(peerError, Math.Abs((peer[t] / right) - 1.0));
        }

        return Line($"After a value of 1e8 has left the window, the worst relative error of the rolling deviation is {ourError:0.0E+0} ")
            + Line($"here and {peerError:0.0E+0} in pandas (against two passes over each window).\n");
    }

    private Timing Ours(string key, string input) => Parse(Output("dotnet", Library, "measure", key, input, DataFile("ours")));

    private Timing Peer(string task, string input) => Parse(string.Equals(task, "fgarch", StringComparison.Ordinal)
        ? Output("Rscript", "bench/peers/fgarch.R", input, DataFile("peer"), Fits.ToString(CultureInfo.InvariantCulture))
        : Output(_options["--python"], "bench/peers/rolling.py", task, input, DataFile("peer")));

    // The numbers must be the same before their speed means anything.
    private void Agree(Contest contest)
    {
        var (ours, peer) = (RiskTask.Read(DataFile("ours")), RiskTask.Read(DataFile("peer")));
        var expected = contest.PeerTask switch
        {
            "quantile" => Array.ConvertAll(peer, static value => -value),
            "sort" => Quantiles(peer),
            _ => peer,
        };
        for (var i = 0; i < ours.Length; i++)
        {
            if (double.IsNaN(ours[i]) != double.IsNaN(expected[i])
                || Math.Abs(ours[i] - expected[i]) > contest.Tolerance * Math.Max(1e-2, Math.Abs(expected[i])))
            {
                throw new InvalidOperationException(Line($"{contest.Key}: number {i} is {ours[i]:R} here and {expected[i]:R} there."));
            }
        }
    }

    // The quantiles of rows that numpy has sorted.
    private static double[] Quantiles(double[] sorted)
    {
        List<double> result = [];
        for (var row = 0; row < sorted.Length; row += 1000)
        {
            foreach (var tail in (ReadOnlySpan<long>)[50, 25, 10])
            {
                result.Add(-Quantile.Of(sorted.AsSpan(row, 1000), QuantileType.Linear, tail, 1000));
            }
        }

        return [.. result];
    }

    private static string Output(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true };
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync();
        var text = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0
            ? text.Trim()
            : throw new InvalidOperationException($"{program} {string.Join(' ', arguments)} failed:\n{errors.Result}");
    }

    private static Timing Parse(string text)
    {
        var parts = text.Split(' ');
        return new Timing(double.Parse(parts[0], CultureInfo.InvariantCulture), double.Parse(parts[1], CultureInfo.InvariantCulture));
    }

    private static string Commit() =>
        Output("git", "rev-parse", "--short", "HEAD") + (Output("git", "status", "--porcelain", "-uno").Length > 0 ? " with changes" : "");

    private static string Processor() =>
        File.ReadLines("/proc/cpuinfo").First(line => line.StartsWith("model name", StringComparison.Ordinal)).Split(':', 2)[1].Trim();

    private static string Line(FormattableString text) => FormattableString.Invariant(text);

    private string DataFile(string name) => Path.Combine(_options["--data"], name + ".f64");

    private static double Ratio(Timing ours, Timing peer) => peer.Busy / ours.Busy;

    private sealed record Contest(string Key, string Input, string Peer, string PeerTask, double Wanted, double Tolerance);
}
