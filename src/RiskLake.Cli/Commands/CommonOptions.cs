using System.CommandLine;
using System.Globalization;
using RiskLake.Cli.Output;
using RiskLake.Errors;
using RiskLake.Lake.Storage;

namespace RiskLake.Cli.Commands;

/// <summary>Options that mean the same on every command that has them.</summary>
internal sealed class CommonOptions
{
    private const int MostThreads = 1024;

    /// <summary>On every command.</summary>
    public Option<string> Format { get; } = new Option<string>("--output", "-o")
    {
        Description = "How results are written: table, json (an array of objects), ndjson or csv.",
        HelpName = "format",
        DefaultValueFactory = _ => "table",
        Recursive = true,
    }.AcceptOnlyFromAmong("table", "json", "ndjson", "csv");

    /// <summary>On every command.</summary>
    public Option<bool> Quiet { get; } = new("--quiet", "-q") { Description = "Say nothing but results and errors.", Recursive = true };

    /// <summary>On every command.</summary>
    public Option<bool> Verbose { get; } = new("--verbose", "-v") { Description = "Say more on the way.", Recursive = true };

    /// <summary>On every command.</summary>
    public Option<bool> Recheck { get; } = new("--recheck")
    {
        Description = "Compute the digest of every file of the lake that is read, even of files that did not change since the last time.",
        Recursive = true,
    };

    /// <summary>On every command.</summary>
    public Option<bool> Trust { get; } = new("--trust")
    {
        Description = "Read files of the lake without comparing their digests with its log.",
        Recursive = true,
    };

    /// <summary>On every command that touches the lake.</summary>
    public Option<string> OutputRoot { get; } = new("--output-root")
    {
        Description = "Folder of the lake.",
        HelpName = "folder",
        DefaultValueFactory = _ => CommandDefaults.OutputRoot,
    };

    /// <summary>On every command that reads data of the lake.</summary>
    public Option<long?> LakeVersion { get; } = new("--lake-version")
    {
        Description = "Read the lake as it was at this version instead of as it is.",
        HelpName = "n",
    };

    public Option<string?> Contracts { get; } = new("--contracts")
    {
        Description = "The contract registry. Default: config/data_contracts.yaml here, else the copy shipped with the program.",
        HelpName = "file",
    };

    public Option<string?> Thresholds { get; } = new("--thresholds")
    {
        Description = "Limits of the gate. Default: config/risk_thresholds.yaml here, else the shipped copy.",
        HelpName = "file",
    };

    public Option<string?> Signals { get; } = new("--signals")
    {
        Description = "Signals that gold.risk_summary carries. Default: config/signals.yaml here, else the shipped copy.",
        HelpName = "file",
    };

    public Option<double> LockTimeout { get; } = new("--lock-timeout")
    {
        Description = "Seconds to wait for another process with the same run id.",
        HelpName = "seconds",
        DefaultValueFactory = _ => 0,
    };

    public Option<int> Threads { get; } = new("--threads")
    {
        Description = "Threads; the results do not depend on it.",
        HelpName = "n",
        DefaultValueFactory = _ => Environment.ProcessorCount,
    };

    /// <summary>How many threads were asked for; on a command without the option, one for each processor.</summary>
    public int ThreadsOf(ParseResult parsed) => parsed.GetResult(Threads) is null ? Environment.ProcessorCount
        : parsed.GetValue(Threads) is var threads && threads is >= 1 and <= MostThreads ? threads
        : throw new RiskLakeException(
            ErrorCode.CommandLineInvalid, "--threads", threads.ToString(CultureInfo.InvariantCulture),
            FormattableString.Invariant($"1 to {MostThreads}"), "correct the option");

    public OutputFormat FormatOf(ParseResult parsed) => parsed.GetValue(Format) switch
    {
        "json" => OutputFormat.Json,
        "ndjson" => OutputFormat.Ndjson,
        "csv" => OutputFormat.Csv,
        _ => OutputFormat.Table,
    };

    public FileTrust TrustOf(ParseResult parsed) => (parsed.GetValue(Recheck), parsed.GetValue(Trust)) switch
    {
        (true, true) => throw new RiskLakeException(
            ErrorCode.CommandLineInvalid, "--trust", "--recheck beside it", "one of the two", "leave one of them out"),
        (true, _) => FileTrust.Never,
        (_, true) => FileTrust.Always,
        _ => FileTrust.UntilChanged,
    };

    public Verbosity VerbosityOf(ParseResult parsed) =>
        parsed.GetValue(Quiet) ? Verbosity.Quiet : parsed.GetValue(Verbose) ? Verbosity.Verbose : Verbosity.Normal;

    public string ContractsOf(ParseResult parsed) => Configuration(parsed.GetValue(Contracts), "data_contracts.yaml");

    public string ThresholdsOf(ParseResult parsed) => Configuration(parsed.GetValue(Thresholds), "risk_thresholds.yaml");

    public string SignalsOf(ParseResult parsed) => Configuration(parsed.GetValue(Signals), "signals.yaml");

    public TimeSpan LockTimeoutOf(ParseResult parsed) => parsed.GetValue(LockTimeout) is >= 0 and <= 1_000_000 and var seconds
        ? TimeSpan.FromSeconds(seconds)
        : throw new RiskLakeException(
            ErrorCode.CommandLineInvalid, "--lock-timeout", ValueText.Plain(parsed.GetValue(LockTimeout))!, "0 to 1000000 seconds", "correct the option");

    /// <summary>A configuration file: the one given, else the working folder's, else the copy shipped with the program.</summary>
    public static string Configuration(string? given, string name)
    {
        var local = Path.Combine("config", name);
        return given ?? (File.Exists(local) ? local : Path.Combine(AppContext.BaseDirectory, "config", name));
    }

    /// <summary>Whether a configuration file is the copy shipped with the program: nobody gave one, and the working folder has none.</summary>
    public static bool IsShipped(string? given, string name) => given is null && !File.Exists(Path.Combine("config", name));
}
