using System.CommandLine;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using RiskLake.Cli.Output;
using RiskLake.Contracts;
using RiskLake.Errors;
using RiskLake.Runs;

namespace RiskLake.Cli.Commands;

/// <summary><c>risklake run</c>: from received bytes to published gold.</summary>
internal sealed class RunCommand
{
    private readonly CommandContext _context;

    private readonly Option<string[]> _inputs = new("--input")
    {
        Description = "File, folder, pattern, or - for standard input; may be repeated. Default: the built-in sample.",
        HelpName = "path",
        AllowMultipleArgumentsPerToken = false,
    };

    private readonly Option<string?> _runId = new("--run-id") { Description = "Id of the run. Default: derived from the inputs.", HelpName = "id" };
    private readonly Option<string> _dataset = new("--dataset")
    {
        Description = "Contract or dataset the records belong to.",
        HelpName = "name",
        DefaultValueFactory = _ => CommandDefaults.Dataset,
    };

    private readonly Option<bool> _allowBreach = new("--allow-dq-breach") { Description = "Publish although the quality gate is breached; recorded." };
    private readonly Option<string?> _reason = new("--reason") { Description = "Why; recorded.", HelpName = "text" };
    private readonly Option<string?> _asOf = new("--as-of")
    {
        Description = "Quarantine what was ingested later than this RFC 3339 instant.",
        HelpName = "time",
    };

    private readonly Option<string?> _corrects = new("--corrects")
    {
        Description = "The run corrects this one: of events that both hold, its records count.",
        HelpName = "run-id",
    };

    private readonly Option<string?> _maxDisplaced = new("--max-displaced")
    {
        Description = "Most records of other runs that may become conflicts: a number, or a share of the run's own. Default: 1%.",
        HelpName = "n|n%",
    };

    private readonly Option<string?> _symbols = CalendarOptions.SymbolsOption();
    private readonly Option<string?> _calendars = CalendarOptions.FolderOption();

    private readonly Option<int?> _lateSeconds = new("--late-seconds")
    {
        Description = "An event is late if it arrived more than this after it happened. Default: as the thresholds say.",
        HelpName = "n",
    };

    private readonly Option<int> _windowMinutes = new("--window-minutes") { Description = "Length of a bar.", HelpName = "n", DefaultValueFactory = _ => 5 };
    private readonly Option<int> _volatilityWindow = new("--vol-window")
    {
        Description = "Returns a volatility is taken over.",
        HelpName = "n",
        DefaultValueFactory = _ => 5,
    };

    private readonly Option<string?> _summary = new("--summary-json")
    {
        Description = "Write the run record there too, whatever the verdict; - is standard output.",
        HelpName = "file",
    };

    private readonly Option<bool> _dryRun = new("--dry-run") { Description = "Do everything but publish." };
    private readonly Option<int> _maxRecordBytes = new("--max-record-bytes")
    {
        Description = "Longer records are quarantined.",
        HelpName = "n",
        DefaultValueFactory = _ => 1 << 20,
    };

    private readonly SourceOptions _sourceOptions = new();

    private RunCommand(CommandContext context) => _context = context;

    public static Command Build(CommandContext context)
    {
        var run = new RunCommand(context);
        var command = new Command("run", "Read events, check them, and publish bronze, silver and gold.")
        {
            run._inputs, run._runId, run._dataset, run._allowBreach, run._reason, run._asOf,
            run._corrects, run._maxDisplaced, context.Options.OutputRoot, context.Options.Contracts,
            context.Options.Thresholds, context.Options.Signals, run._symbols, run._calendars, run._lateSeconds, run._windowMinutes,
            run._volatilityWindow, run._summary, run._dryRun, context.Options.LockTimeout, context.Options.Threads, run._maxRecordBytes,
        };
        foreach (var option in run._sourceOptions.All)
        {
            command.Options.Add(option);
        }

        command.SetAction(run.Execute);
        return command;
    }

    private int Execute(ParseResult parsed)
    {
        var format = _context.Format(parsed);
        var summary = parsed.GetValue(_summary);
        if (summary is { Length: 0 })
        {
            throw Invalid("--summary-json", "an empty path", "a file, or - for standard output");
        }

        if (summary == "-" && format != OutputFormat.Table)
        {
            throw Invalid("--summary-json", "- together with --output", "one result on standard output");
        }

        RunOutcome outcome;
        var progress = new StageProgress(_context.Terminal);
        using (progress)
        {
            outcome = RunPipeline.Execute(FromSource(parsed, Request(parsed)), progress, _context.Clock, _context.Storage, _context.Token);
        }

        if (outcome.LineageProblem is { } problem)
        {
            _context.Terminal.Say($"warning: the run stands, but its lineage could not be written: {problem}");
        }

        if (summary is not null)
        {
            WriteSummary(summary, outcome.Record);
        }

        if (format == OutputFormat.Table)
        {
            Report(parsed, outcome, progress, summary == "-");
        }
        else
        {
            RunRows.Write(_context.Rows(parsed, RunRows.Columns(outcome.Record)), outcome.Record);
            foreach (var advice in outcome.Record["advice"]?.AsArray() ?? [])
            {
                _context.Terminal.Say($"{(string?)advice}");
            }
        }

        if (outcome.ExitCode != 0)
        {
            var failures = outcome.Record["dq_failures"]?.AsArray().Select(failure => (string?)failure) ?? [];
            ErrorReport.Write(_context.Terminal, new RiskLakeException(
                ErrorCode.GateBlocked, $"run {outcome.Record["run_id"]}", string.Join("; ", failures), "every blocking check within its limit",
                "mend the input, or publish on the record with --allow-dq-breach"));
        }

        return outcome.ExitCode;
    }

    /// <summary>The same request over what a source delivered, if one is named.</summary>
    private RunRequest FromSource(ParseResult parsed, RunRequest request)
    {
        if (_sourceOptions.SourceOf(parsed) is not { } source)
        {
            return request;
        }

        var dataset = parsed.GetResult(_dataset) is { Implicit: false } ? request.Dataset : SourceOptions.DefaultDataset(source);
        var contract = ContractRegistry.Load(Path.GetFullPath(request.ContractsPath, request.WorkingFolder)).Get(dataset);
        return request with
        {
            Dataset = dataset,
            IsSnapshot = true,
            FromSource = _sourceOptions.Intake(_context, parsed, source, contract, request.Inputs, request.SymbolsPath),
        };
    }

    private RunRequest Request(ParseResult parsed) => new()
    {
        Inputs = parsed.GetValue(_inputs) ?? [],
        RunId = parsed.GetValue(_runId),
        Dataset = parsed.GetValue(_dataset)!,
        OutputRoot = _context.RootOf(parsed),
        ContractsPath = _context.Options.ContractsOf(parsed),
        ThresholdsPath = _context.Options.ThresholdsOf(parsed),
        SymbolsPath = CommonOptions.Configuration(parsed.GetValue(_symbols), "symbols.yaml"),
        CalendarsPath = CalendarOptions.Folder(parsed.GetValue(_calendars)),
        SignalsPath = _context.Options.SignalsOf(parsed),
        AllowBreach = parsed.GetValue(_allowBreach),
        Corrects = parsed.GetValue(_corrects),
        MaxDisplaced = parsed.GetValue(_maxDisplaced),
        Reason = parsed.GetValue(_reason),
        AsOfMicros = parsed.GetValue(_asOf) is { } asOf ? Instants.Parse("--as-of", asOf) : null,
        LateSeconds = parsed.GetValue(_lateSeconds),
        WindowMinutes = parsed.GetValue(_windowMinutes),
        VolatilityWindow = parsed.GetValue(_volatilityWindow),
        LockTimeout = _context.Options.LockTimeoutOf(parsed),
        DryRun = parsed.GetValue(_dryRun),
        Threads = _context.Options.ThreadsOf(parsed),
        MaxRecordBytes = Within("--max-record-bytes", parsed.GetValue(_maxRecordBytes), 2, (1 << 24) - 1),
        WorkingFolder = Directory.GetCurrentDirectory(),
        StandardInput = parsed.GetValue(_inputs)?.Contains("-") == true ? StandardStreams.Input() : null,
    };

    private void Report(ParseResult parsed, RunOutcome outcome, StageProgress progress, bool beside)
    {
        var terminal = _context.Terminal;
        if (terminal.Verbosity == Verbosity.Quiet && beside)
        {
            return;
        }

        new RunReport(beside ? terminal.Error : terminal.Out, beside ? terminal.ErrorInk : terminal.OutInk, outcome.Record, terminal.CommandName)
        {
            IsUnchanged = outcome.IsUnchanged,
            IsDryRun = outcome.IsDryRun,
            OutputRoot = _context.RootOf(parsed),
            Stages = progress.Done,
            Total = progress.Elapsed,
        }.Write();
    }

    private void WriteSummary(string path, JsonObject record)
    {
        var text = RunRows.Text(record);
        if (path == "-")
        {
            _context.Terminal.Out.Write(text);
            return;
        }

        if (Path.GetDirectoryName(Path.GetFullPath(path)) is { } folder)
        {
            Directory.CreateDirectory(folder);
        }

        File.WriteAllText(path, text, new UTF8Encoding(false));
    }

    private static int Within(string option, int value, int minimum, int maximum) =>
        value >= minimum && value <= maximum ? value : throw Invalid(option, ValueText.Plain(value)!, FormattableString.Invariant($"{minimum} to {maximum}"));

    private static RiskLakeException Invalid(string option, string found, string expected) =>
        new(ErrorCode.CommandLineInvalid, option, found, expected, "correct the option");
}

/// <summary>A run record as a result: one row, one column per field.</summary>
internal static class RunRows
{
    private static readonly JsonSerializerOptions Indented = new()
    {
        WriteIndented = true,
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    public static IReadOnlyList<string> Columns(JsonObject record) => [.. record.Select(pair => pair.Key)];

    public static void Write(RowWriter rows, JsonObject record)
    {
        rows.Write([.. record.Select(pair => Value(pair.Value))]);
        rows.Finish();
    }

    /// <summary>The record as a document.</summary>
    public static string Text(JsonObject record) => record.ToJsonString(Indented) + "\n";

    // CSV wants text without quotes around it; nested values stay JSON.
    private static object? Value(JsonNode? node) => node is JsonValue value && value.TryGetValue<string>(out var text) ? text : node;
}
