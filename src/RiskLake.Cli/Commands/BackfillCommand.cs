using System.CommandLine;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using RiskLake.Backfill;
using RiskLake.Calendars;
using RiskLake.Cli.Output;
using RiskLake.Errors;
using RiskLake.RiskRuns;
using RiskLake.Runs;

namespace RiskLake.Cli.Commands;

/// <summary><c>risklake backfill</c>: rebuild a stretch of history, day by day.</summary>
internal sealed class BackfillCommand
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly CommandContext _context;
    private readonly BackfillDates _dates = new(isRequired: false);

    private readonly Option<string?> _calendar = new("--calendar")
    {
        Description = "Calendar that says which dates are sessions. Default: XNYS.",
        HelpName = "id",
    };

    private readonly Option<string[]> _inputs = new("--input")
    {
        Description = "File, folder, pattern, or - for standard input; may be repeated. Default: the built-in sample, day by day.",
        HelpName = "path",
        AllowMultipleArgumentsPerToken = false,
    };

    private readonly Option<bool> _fromBronze = new("--from-bronze") { Description = "Restate the runs whose bronze touches the dates, under the active contract." };
    private readonly Option<int> _parallel = new("--parallel")
    {
        Description = "Days made at the same time; the results do not depend on it.",
        HelpName = "n",
        DefaultValueFactory = _ => Environment.ProcessorCount,
    };

    private readonly Option<bool> _allowBreach = new("--allow-dq-breach") { Description = "Publish although the quality gate is breached; recorded." };
    private readonly Option<string?> _reason = new("--reason") { Description = "Why; recorded.", HelpName = "text" };
    private readonly Option<bool> _resume = new("--resume") { Description = "Go on with a backfill: its inputs and calendar are those recorded, unless named." };
    private readonly Option<bool> _force = new("--force") { Description = "Compute every day again; publish those that come out differently." };
    private readonly Option<bool> _dryRun = new("--dry-run") { Description = "Say what would be done and why; touch nothing." };
    private readonly Option<bool> _risk = new("--risk")
    {
        Description = "After the days, compute the risk of each from the history of the lake.",
    };

    private readonly Option<string?> _settings = new("--settings")
    {
        Description = "What risk is measured, and how. Default: config/risk_measures.yaml here, else the shipped copy.",
        HelpName = "file",
    };

    private readonly Option<string?> _calendars = CalendarOptions.FolderOption();
    private readonly Option<bool> _failFast = new("--fail-fast") { Description = "Begin no further day after one that failed or was blocked." };
    private readonly Option<string> _dataset = new("--dataset")
    {
        Description = "Contract or dataset the records belong to.",
        HelpName = "name",
        DefaultValueFactory = _ => CommandDefaults.Dataset,
    };

    private readonly Option<string?> _symbols = CalendarOptions.SymbolsOption();
    private readonly Option<int?> _lateSeconds = new("--late-seconds") { Description = "An event is late if it arrived more than this after it happened.", HelpName = "n" };
    private readonly Option<int> _windowMinutes = new("--window-minutes") { Description = "Length of a bar.", HelpName = "n", DefaultValueFactory = _ => 5 };
    private readonly Option<int> _volatilityWindow = new("--vol-window") { Description = "Returns a volatility is taken over.", HelpName = "n", DefaultValueFactory = _ => 5 };
    private readonly Option<string?> _summary = new("--summary-json") { Description = "Write the manifest there too; - is standard output.", HelpName = "file" };

    private BackfillCommand(CommandContext context) => _context = context;

    public static Command Build(CommandContext context)
    {
        var backfill = new BackfillCommand(context);
        var command = new Command("backfill", "Rebuild a stretch of history, each day as a run of its own.")
        {
            backfill._dates.Start, backfill._dates.End, backfill._calendar, backfill._inputs, backfill._fromBronze, backfill._parallel, backfill._allowBreach,
            backfill._reason, backfill._resume, backfill._force, backfill._dryRun, backfill._failFast, backfill._risk, context.Options.OutputRoot, backfill._dataset,
            context.Options.Contracts, context.Options.Thresholds, context.Options.Signals, backfill._symbols, backfill._settings, backfill._calendars,
            backfill._lateSeconds, backfill._windowMinutes,
            backfill._volatilityWindow, backfill._summary, context.Options.LockTimeout, context.Options.Threads,
        };
        command.Subcommands.Add(BackfillStatus.Build(context));
        command.Subcommands.Add(BackfillStatus.BuildCancel(context));
        command.SetAction(backfill.Execute);
        return command;
    }

    private int Execute(ParseResult parsed)
    {
        var format = _context.Format(parsed);
        var summary = parsed.GetValue(_summary);
        if (summary is { Length: 0 } || (summary == "-" && format != OutputFormat.Table))
        {
            throw new RiskLakeException(
                ErrorCode.CommandLineInvalid, "--summary-json", summary.Length == 0 ? "an empty path" : "- together with --output", "a file, or - alone on standard output", "correct the option");
        }

        var request = Request(parsed);
        var library = Library(request.Run.CalendarsPath);
        _context.WaitWhenInterrupted();
        var outcome = BackfillRunner.Execute(request, new BackfillLines(_context.Terminal), _context.Clock, _context.Storage, library, _context.Token);
        if (summary is not null)
        {
            Write(summary, outcome.Manifest.ToJson().ToJsonString(Indented) + "\n");
        }

        if (summary != "-")
        {
            BackfillRows.Write(_context.Rows(parsed, BackfillRows.Columns), outcome.Manifest);
        }

        _context.Terminal.Out.Flush();
        if (!request.DryRun)
        {
            _context.Terminal.Say(BackfillRows.Summary(outcome.Manifest));
        }

        // The manifest is written: what is left is to end as an interrupted command does.
        _context.Token.ThrowIfCancellationRequested();
        return outcome.ExitCode;
    }

    private BackfillRequest Request(ParseResult parsed)
    {
        var (start, end) = _dates.Of(parsed);
        var symbols = CommonOptions.Configuration(parsed.GetValue(_symbols), "symbols.yaml");
        var calendars = CalendarOptions.Folder(parsed.GetValue(_calendars));
        return new BackfillRequest
        {
            StartDate = start,
            EndDate = end,
            Calendar = parsed.GetValue(_calendar),
            FromBronze = parsed.GetValue(_fromBronze),
            Parallel = parsed.GetValue(_parallel),
            Resume = parsed.GetValue(_resume),
            Force = parsed.GetValue(_force),
            DryRun = parsed.GetValue(_dryRun),
            FailFast = parsed.GetValue(_failFast),
            WithRisk = parsed.GetValue(_risk),
            Risk = new RiskRunRequest
            {
                OutputRoot = _context.RootOf(parsed),
                ContractsPath = _context.Options.ContractsOf(parsed),
                SymbolsPath = symbols,
                SettingsPath = CommonOptions.Configuration(parsed.GetValue(_settings), "risk_measures.yaml"),
                CalendarsPath = calendars,
                HasOwnDesk = !CommonOptions.IsShipped(parsed.GetValue(_symbols), "symbols.yaml"),
                Threads = _context.Options.ThreadsOf(parsed),
            },
            Run = new RunRequest
            {
                Inputs = parsed.GetValue(_inputs) ?? [],
                Dataset = parsed.GetValue(_dataset)!,
                OutputRoot = _context.RootOf(parsed),
                ContractsPath = _context.Options.ContractsOf(parsed),
                ThresholdsPath = _context.Options.ThresholdsOf(parsed),
                SymbolsPath = symbols,
                CalendarsPath = calendars,
                SignalsPath = _context.Options.SignalsOf(parsed),
                AllowBreach = parsed.GetValue(_allowBreach),
                Reason = parsed.GetValue(_reason),
                LateSeconds = parsed.GetValue(_lateSeconds),
                WindowMinutes = parsed.GetValue(_windowMinutes),
                VolatilityWindow = parsed.GetValue(_volatilityWindow),
                LockTimeout = _context.Options.LockTimeoutOf(parsed),
                Threads = _context.Options.ThreadsOf(parsed),
                WorkingFolder = Directory.GetCurrentDirectory(),
                StandardInput = parsed.GetValue(_inputs)?.Contains("-") == true ? StandardStreams.Input() : null,
            },
        };
    }

    private static CalendarLibrary Library(string? folder)
    {
        try
        {
            return folder is null ? CalendarLibrary.BuiltIn : CalendarLibrary.Load(folder);
        }
        catch (CalendarException error)
        {
            throw CalendarErrors.Coded(error);
        }
    }

    private void Write(string path, string text)
    {
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
}

/// <summary>The two dates that name a backfill.</summary>
internal sealed class BackfillDates(bool isRequired)
{
    public Option<string?> Start { get; } = new("--start-date") { Description = "First date, such as 2025-01-01.", HelpName = "date", Required = isRequired };

    public Option<string?> End { get; } = new("--end-date") { Description = "Last date, itself included.", HelpName = "date", Required = isRequired };

    public (DateOnly Start, DateOnly End) Of(ParseResult parsed) => (Dates.Parse("--start-date", parsed.GetValue(Start)), Dates.Parse("--end-date", parsed.GetValue(End)));
}

/// <summary>Dates as options give them.</summary>
internal static class Dates
{
    public static DateOnly Parse(string option, string? text) =>
        DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var date)
            ? date
            : throw new RiskLakeException(
                ErrorCode.CommandLineInvalid, option, text is null ? "no date" : $"'{text}'", "a date such as 2025-01-31",
                text is null ? $"name it with {option}" : "correct the date");
}

/// <summary>A manifest as a table.</summary>
internal static class BackfillRows
{
    public static IReadOnlyList<string> Columns { get; } =
        ["date", "run_id", "status", "action", "records", "bronze", "silver", "quarantined", "attempt", "flags", "reason", "error", "slice_sha256", "outputs_sha256"];

    public static void Write(RowWriter rows, BackfillManifest manifest)
    {
        foreach (var item in manifest.All)
        {
            rows.Write(
            [
                item.Date is { } date ? BackfillItem.Text(date) : null, item.RunId, item.Status, item.Action, item.Records, item.Bronze, item.Silver, item.Quarantined,
                item.Attempt, string.Join(' ', item.Flags), item.Reason, item.Error, item.SliceSha256, item.OutputsSha256,
            ]);
        }

        rows.Finish();
    }

    public static string Summary(BackfillManifest manifest)
    {
        var counts = manifest.All.GroupBy(item => item.Status, StringComparer.Ordinal).OrderBy(group => group.Key, StringComparer.Ordinal)
            .Select(group => string.Create(CultureInfo.InvariantCulture, $"{group.Count()} {group.Key}"));
        return string.Create(
            CultureInfo.InvariantCulture, $"backfill {manifest.State}: {string.Join(", ", counts)}; {manifest.OutsideRange:#,0} records outside the range; lake version {manifest.LakeVersion}");
    }
}

/// <summary>Tells of a backfill, a line for each step.</summary>
internal sealed class BackfillLines(Terminal terminal) : IBackfillProgress
{
    private const long Step = 1_000_000;

    private readonly Lock _lock = new();
    private long _told;
    private int _finished;
    private int _planned;

    public void Slicing(long records)
    {
        lock (_lock)
        {
            if (records >= _told + Step)
            {
                _told = records;
                terminal.Say(string.Create(CultureInfo.InvariantCulture, $"slice    {records:#,0} records"));
            }
        }
    }

    public void Planned(BackfillManifest manifest)
    {
        _planned = manifest.All.Count(item => BackfillAction.IsWork(item.Action));
        var actions = manifest.All.GroupBy(item => item.Action, StringComparer.Ordinal).OrderBy(group => group.Key, StringComparer.Ordinal)
            .Select(group => string.Create(CultureInfo.InvariantCulture, $"{group.Key} {group.Count()}"));
        terminal.Say($"plan     {string.Join(", ", actions)}");
    }

    public void Finished(BackfillItem item)
    {
        lock (_lock)
        {
            _finished++;
            var line = string.Create(CultureInfo.InvariantCulture, $"{_finished}/{_planned}  {item.RunId} {item.Status}{(item.Error is null ? "" : $": {ValueText.OneLine(item.Error)}")}");
            if (item.IsDone)
            {
                terminal.SayMore(line);
            }
            else
            {
                terminal.Say(line);
            }
        }
    }
}
