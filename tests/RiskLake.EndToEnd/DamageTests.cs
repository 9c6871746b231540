using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace RiskLake.EndToEnd;

/// <summary>A lake that was damaged, copied or put somewhere odd, and streams that are not there: through the real program.</summary>
public sealed class DamageTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("risklake-damage-").FullName;

    /// <summary>How many bits are flipped; more on request.</summary>
    private static int Flips => int.TryParse(Environment.GetEnvironmentVariable("RISKLAKE_FLIPS"), CultureInfo.InvariantCulture, out var flips) ? flips : 6;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    /// <summary>
    /// One bit of one file, of every kind in turn: every command answers as before, or says that something is wrong; and a repair loses
    /// no byte that was right.
    /// </summary>
    [Fact]
    public void A_flipped_bit_never_changes_an_answer_in_silence()
    {
        var whole = Lake();
        var statement = EveryTable(whole);
        var right = Answers(whole, statement, recheck: false).Select(answer => answer.Ends(0).Out).ToList();
        var digests = Digests(whole).Values.ToHashSet();
        var random = new Random(20250121);
        for (var flip = 0; flip < Flips; flip++)
        {
            var lake = Path.Combine(_folder, string.Create(CultureInfo.InvariantCulture, $"flip-{flip}"));
            Shell(flip % 2 == 0 ? $"cp -a '{whole}' '{lake}'" : $"cp -r '{whole}' '{lake}'").Ends(0);
            var kinds = Directory.GetFiles(lake, "*", SearchOption.AllDirectories).Where(path => new FileInfo(path).Length > 0)
                .GroupBy(path => Kind(path[(lake.Length + 1)..])).OrderBy(kind => kind.Key, StringComparer.Ordinal).ToList();
            var files = kinds[flip % kinds.Count].Order(StringComparer.Ordinal).ToList();
            var file = files[random.Next(files.Count)];
            var place = Flip(file, random);
            var context = $"flip {flip}: {place}";
            var answers = Answers(lake, statement, recheck: flip % 3 == 0);
            for (var i = 0; i < right.Count; i++)
            {
                Assert.True(
                    answers[i].ExitCode == 0 ? right[i] == answers[i].Out : answers[i].Error.Contains("error RL", StringComparison.Ordinal),
                    $"{context}: exit code {answers[i].ExitCode}\n{answers[i].Out}\n{answers[i].Error}\nright:\n{right[i]}");
                Assert.DoesNotContain("RL9999", answers[i].Error, StringComparison.Ordinal);
            }

            var before = Digests(lake).Values.Where(digests.Contains).ToHashSet();
            var doctor = Cli.Run(_folder, "doctor", "--output-root", lake);
            Assert.True(doctor.ExitCode is 0 or 1 or 3, $"{context}\n{doctor.Error}");
            Assert.DoesNotContain("RL9999", doctor.Error, StringComparison.Ordinal);
            var lost = before.Except(Digests(lake).Values).ToList();
            Assert.True(lost.Count == 0, $"{context}: lost {string.Join(", ", lost)}\n{doctor.Out}\n{doctor.Error}");
            Shell($"chmod -R u+w '{lake}' && rm -rf '{lake}'").Ends(0);
        }
    }

    [Fact]
    public void Digests_are_computed_again_when_asked_and_not_at_all_when_trusted()
    {
        var lake = Path.Combine(_folder, "lake");
        Cli.Run(_folder, "run", "--input", Cli.Fixture("five_events.json"), "--run-id", "five", "--allow-dq-breach", "--output-root", lake).Ends(0);
        string[] ask = ["data", "sql", "select count(*) as n from silver.market_events", "-o", "csv", "--output-root", lake];
        var right = Cli.Run(_folder, ask).Ends(0).Out;
        var file = Directory.GetFiles($"{lake}/_delta/silver", "*.parquet", SearchOption.AllDirectories)[0];
        File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        var bytes = File.ReadAllBytes(file);
        bytes[4] ^= 1;
        File.WriteAllBytes(file, bytes);
        Assert.Contains("error RL5003", Cli.Run(_folder, ask).Ends(3).Error, StringComparison.Ordinal);
        Assert.Contains("error RL5003", Cli.Run(_folder, [.. ask, "--recheck"]).Ends(3).Error, StringComparison.Ordinal);
        var trusted = Cli.Run(_folder, [.. ask, "--trust"]).Ends(0);
        Assert.Equal(right, trusted.Out);
        Assert.Contains("--trust", trusted.Error, StringComparison.Ordinal);
        Cli.Run(_folder, [.. ask, "--trust", "--recheck"]).Ends(2);
    }

    [Fact]
    public void The_folders_above_a_lake_are_no_data()
    {
        var lake = Path.Combine(_folder, "symbol=ZZZ", "run_id=x", "contract_version=v9", "lake");
        Cli.Run(_folder, "run", "--input", Cli.Fixture("five_events.json"), "--run-id", "five", "--allow-dq-breach", "--output-root", lake).Ends(0);
        string Ask(string table, string columns) =>
            Cli.Run(_folder, "data", "sql", $"select distinct {columns} from {table} order by all", "-o", "csv", "--output-root", lake).Ends(0).Out;
        Assert.DoesNotContain("ZZZ", Ask("silver.market_events", "symbol"), StringComparison.Ordinal);
        Assert.Equal("run_id,contract_version\nfive,v1\n", Ask("silver.market_events", "run_id, contract_version"));
        Assert.Equal("run_id,contract_version\nfive,v1\n", Ask("gold.risk_summary", "run_id, contract_version"));
        Assert.Equal("run_id,contract_version\nfive,v1\n", Ask("gold.data_quality_metrics", "run_id, contract_version"));
    }

    [Fact]
    public void A_plain_copy_is_sound_read_only_without_a_home_and_writable()
    {
        var lake = Path.Combine(_folder, "lake");
        string[] run = ["run", "--input", Cli.Fixture("five_events.json"), "--allow-dq-breach"];
        Cli.Run(_folder, [.. run, "--run-id", "five", "--output-root", lake]).Ends(0);
        var copy = Path.Combine(_folder, "copy");
        Shell($"cp -r '{lake}' '{copy}' && find '{copy}' -type d -empty -delete").Ends(0);
        var verified = Cli.Run(_folder, "lake", "verify", "--output-root", copy).Ends(0);
        Assert.Contains("whole copies, not links", verified.Error, StringComparison.Ordinal);
        string[] ask = ["data", "sql", "select count(*) as n from silver.market_events", "-o", "csv", "--output-root"];
        var homeless = new Dictionary<string, string> { ["HOME"] = "", ["XDG_CACHE_HOME"] = "" };
        Assert.Equal(Cli.Run(_folder, [.. ask, lake]).Ends(0).Out, Cli.Run(_folder, homeless, [.. ask, copy]).Ends(0).Out);
        Cli.Run(_folder, [.. run, "--run-id", "again", "--output-root", copy]).Ends(0);
        Cli.Run(_folder, "runs", "withdraw", "five", "--reason", "test", "--output-root", copy).Ends(0);
        Cli.Run(_folder, "lake", "vacuum", "--keep", "1", "--grace", "0", "--output-root", copy).Ends(0);
        Cli.Run(_folder, "lake", "verify", "--output-root", copy).Ends(0);
    }

    [Theory]
    [InlineData(">/dev/full")]
    [InlineData(">&-")]
    public void Output_that_fails_is_told_after_the_run_is_published(string redirection)
    {
        var lake = Path.Combine(_folder, "lake");
        var input = Cli.Fixture("five_events.json");
        var run = Shell($"'{Cli.Launcher}' run --input '{input}' --run-id five --allow-dq-breach --output-root '{lake}' {redirection}");
        Assert.Contains("error RL5010", run.Ends(3).Error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", run.Error, StringComparison.Ordinal);
        Assert.Contains("five", Cli.Run(_folder, "runs", "list", "--output-root", lake).Ends(0).Out, StringComparison.Ordinal);
        Assert.Equal(3, Shell($"'{Cli.Launcher}' runs list --output-root '{lake}' {redirection} 2>&-").ExitCode);
    }

    [Fact]
    public void A_closed_standard_input_is_an_error()
    {
        var lake = Path.Combine(_folder, "lake");
        var run = Shell($"timeout 60 '{Cli.Launcher}' run --input - --run-id a --output-root '{lake}' <&-");
        Assert.Contains("error RL3002", run.Ends(3).Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("limits")]
    [InlineData("Limits")]
    [InlineData("risk-2025-01-24")]
    [InlineData("ack-0123")]
    [InlineData("BACKFILL-x")]
    public void Names_of_the_lakes_own_runs_are_refused(string runId)
    {
        var run = Cli.Run(_folder, "run", "--run-id", runId, "--output-root", Path.Combine(_folder, "lake"));
        Assert.Contains("error RL1002", run.Ends(2).Error, StringComparison.Ordinal);
    }

    /// <summary>Runs, a restatement, a blocked run, bars that landed, risk and limits.</summary>
    private string Lake()
    {
        var lake = Path.Combine(_folder, "lake");
        var twice = Path.Combine(_folder, "twice.ndjson");
        var events = Enumerable.Range(0, 20).Select(i => string.Create(
            CultureInfo.InvariantCulture,
            $$"""
            {"event_id":"e{{i}}","symbol":"AAPL","price":{{100 + i}},"volume":1,"ts_event":"{{At(i)}}","ts_ingest":"{{At(i)}}","source":"s"}
            """)).ToList();
        File.WriteAllLines(twice, [.. events, .. events]);
        var once = Path.Combine(_folder, "once.ndjson");
        File.WriteAllLines(once, events);
        var bars = Path.Combine(_folder, "z_us_d.csv");
        File.WriteAllText(bars, "Date,Open,High,Low,Close,Volume\n2025-01-06,10,11,9,10.5,1000\n2025-01-07,10,11,9,10.6,1000\n");
        Cli.Run(_folder, "run", "--run-id", "demo", "--output-root", lake).Ends(0);
        Cli.Run(_folder, "run", "--input", once, "--run-id", "once", "--output-root", lake).Ends(0);
        Cli.Run(_folder, "run", "--input", once, "--run-id", "once", "--window-minutes", "10", "--output-root", lake).Ends(0);
        Cli.Run(_folder, "run", "--input", twice, "--run-id", "twice", "--output-root", lake).Ends(1);
        string[] stooq = ["run", "--source", "stooq", "--adjustment", "all", "--market", "XNYS"];
        Cli.Run(_folder, [.. stooq, "--input", bars, "--run-id", "bars", "--output-root", lake]).Ends(0);
        Cli.Run(_folder, "risk", "run", "--date", "2025-01-24", "--output-root", lake).Ends(0);
        return lake;
    }

    private static string At(int second) => string.Create(CultureInfo.InvariantCulture, $"2025-01-21T15:00:{second:D2}Z");

    private string EveryTable(string lake)
    {
        var tables = Cli.Run(_folder, "data", "ls", "-o", "csv", "--output-root", lake).Ends(0).Out.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Skip(1).Select(line => line.Split(',')[0]);
        var rows = tables.Select(table => $"select '{table}' as name, count(*) as n, bit_xor(hash(x)) as h from {table} as x");
        return $"{string.Join(" union all ", rows)} union all select 'runs', count(*), bit_xor(hash(x)) from lake.runs as x order by all";
    }

    private List<Outcome> Answers(string lake, string statement, bool recheck)
    {
        string[] common = recheck ? ["-o", "csv", "--output-root", lake, "--recheck"] : ["-o", "csv", "--output-root", lake];
        return
        [
            Cli.Run(_folder, ["data", "sql", statement, .. common]),
            Cli.Run(_folder, ["runs", "list", .. common]),
            Cli.Run(_folder, ["data", "landed", .. common]),
        ];
    }

    private static string Kind(string path) => path.Split('/') switch
    {
        ["_delta", .., "_delta_log", _] => "delta log",
        ["_log", var name] => name.Contains('.', StringComparison.Ordinal) ? "entry" : "marker",
        ["_landing", var part, ..] => part is "ledger" or "series" ? $"landing {part}" : "landed",
        [var top, var part, ..] => top is "_delta" ? $"_delta {part}" : top,
        _ => "other",
    };

    private static string Flip(string path, Random random)
    {
        var bytes = File.ReadAllBytes(path);
        var (at, bit) = (random.Next(bytes.Length), random.Next(8));
        bytes[at] ^= (byte)(1 << bit);
        var time = File.GetLastWriteTimeUtc(path);
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        File.WriteAllBytes(path, bytes);
        File.SetLastWriteTimeUtc(path, time);
        return string.Create(CultureInfo.InvariantCulture, $"{path} byte {at} bit {bit}");
    }

    private static Dictionary<string, string> Digests(string lake) => Directory.GetFiles(lake, "*", SearchOption.AllDirectories)
        .Where(path => !path.Contains("/_locks/", StringComparison.Ordinal))
        .ToDictionary(path => path, path => Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(path))), StringComparer.Ordinal);

    private Outcome Shell(string line) => Cli.Start("/bin/bash", _folder, ["-c", line], null, Encoding.UTF8.GetBytes(""));
}
