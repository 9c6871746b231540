using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using RiskLake.Cli.Output;
using RiskLake.Errors;
using RiskLake.RiskRuns;
using RiskLake.Runs;

namespace RiskLake.Cli.Commands.Risk;

/// <summary><c>risklake risk run</c> and <c>verify</c>: risk of a date from the history of the lake, and the proof of it.</summary>
internal sealed class RiskRunCommand
{
    private readonly CommandContext _context;

    private readonly Option<string?> _date = new("--date")
    {
        Description = "Valuation date. Default: the last session that has a price.",
        HelpName = "date",
    };

    private readonly Option<string?> _asOf = new("--as-of")
    {
        Description = "Know only what had arrived by then. Default: all the lake holds.",
        HelpName = "time",
    };

    private readonly Option<string?> _runId = new("--run-id") { Description = "Id of the run. Default: risk-<date>.", HelpName = "id" };
    private readonly Option<string?> _reason = new("--reason") { Description = "Why; recorded.", HelpName = "text" };

    private RiskRunCommand(CommandContext context)
    {
        _context = context;
        Lake = new RiskLakeOptions(context);
    }

    private RiskLakeOptions Lake { get; }

    public static Command Build(CommandContext context)
    {
        var run = new RiskRunCommand(context);
        var command = new Command("run", "Compute the risk of a date from the history of the lake, and publish it.")
        {
            run._date, run._asOf, run._runId, run._reason, context.Options.LockTimeout, context.Options.Threads,
        };
        run.Lake.AddTo(command);
        command.SetAction(run.Execute);
        return command;
    }

    public static Command BuildVerify(CommandContext context)
    {
        var id = CommandTree.RunIdArgument(context);
        var lake = new RiskLakeOptions(context);
        var command = new Command("verify", "Compute a run of risk again from the lake version it read, and compare every byte.")
        {
            id, context.Options.Threads,
        };
        lake.AddTo(command);
        command.SetAction(parsed =>
        {
            var request = lake.Request(parsed, context) with
            {
                RunId = parsed.GetValue(id), Threads = context.Options.ThreadsOf(parsed),
            };
            var verification = RiskVerification.Verify(request, lake.Named(parsed), context.Clock, context.Storage, context.Token);
            return RunProof.Report(context, parsed, verification);
        });
        return command;
    }

    private int Execute(ParseResult parsed)
    {
        var request = Lake.Request(parsed, _context) with
        {
            Date = parsed.GetValue(_date) is { } date ? Dates.Parse("--date", date) : null,
            AsOfMicros = parsed.GetValue(_asOf) is { } asOf ? Instants.Parse("--as-of", asOf) : null,
            RunId = parsed.GetValue(_runId),
            Reason = parsed.GetValue(_reason),
            LockTimeout = _context.Options.LockTimeoutOf(parsed),
            Threads = _context.Options.ThreadsOf(parsed),
        };
        var outcome = RiskRun.Execute(request, _context.Clock, _context.Storage, _context.Token);
        if (outcome.LineageProblem is { } problem)
        {
            _context.Terminal.Say($"lineage could not be written: {problem}");
        }

        foreach (var symbol in outcome.Record["unknown_markets"]?.AsArray() ?? [])
        {
            _context.Terminal.Say(SeriesRisk.UnknownMarketReason((string)symbol!));
        }

        if (outcome.Record["limits_not_judged"] is JsonArray { Count: > 0 } closed)
        {
            _context.Terminal.Say($"not judged, because the date is no session of a market behind them: {string.Join(", ", closed)}");
        }

        if (_context.Format(parsed) != OutputFormat.Table)
        {
            RunRows.Write(_context.Rows(parsed, RunRows.Columns(outcome.Record)), outcome.Record);
        }
        else if (_context.Terminal.Verbosity != Verbosity.Quiet)
        {
            new RiskRunReport(_context.Terminal.Out, _context.Terminal.OutInk, outcome.Record, _context.Terminal.CommandName)
            {
                IsUnchanged = outcome.IsUnchanged,
            }.Write();
        }

        return outcome.ExitCode;
    }
}

/// <summary>Options of commands that read the history of the lake.</summary>
internal sealed class RiskLakeOptions(CommandContext context)
{
    private readonly Option<string?> _settings = new("--settings")
    {
        Description = "What is measured, and how. Default: config/risk_measures.yaml here, else the shipped copy.",
        HelpName = "file",
    };

    private readonly Option<string?> _symbols = new("--symbols")
    {
        Description = "Instruments, their markets and sources. Default: config/symbols.yaml here, else the shipped copy.",
        HelpName = "file",
    };

    private readonly Option<string?> _portfolios = new("--portfolios")
    {
        Description = "Portfolios of the desk. Default: portfolios.yaml beside your symbols, if there is one; never the shipped example.",
        HelpName = "file",
    };

    private readonly Option<string?> _limits = new("--limits")
    {
        Description = "Limits of the desk. Default: risk_limits.yaml beside the portfolios named, else beside your symbols, if there is one.",
        HelpName = "file",
    };

    private readonly Option<string?> _calendar = new("--calendar")
    {
        Description = "Calendar of symbols of which neither the list nor their rows say a market. Default: none; they have no numbers then.",
        HelpName = "id",
    };

    /// <summary>Where calendars come from.</summary>
    public CalendarOptions Calendars { get; } = new();

    /// <summary>Those of commands that only read prices.</summary>
    public IEnumerable<Option> OfPrices => [context.Options.OutputRoot, context.Options.Contracts, _symbols, Calendars.Calendars];

    public void AddTo(Command command)
    {
        foreach (var option in (IEnumerable<Option>)[.. OfPrices, _settings, _portfolios, _limits, _calendar])
        {
            command.Options.Add(option);
        }
    }

    /// <summary>Names of the configuration files that the command line names.</summary>
    public IReadOnlyCollection<string> Named(ParseResult parsed) =>
    [
        .. new[]
        {
            (_settings, ConfigurationFiles.Settings), (_symbols, ConfigurationFiles.Symbols), (_portfolios, ConfigurationFiles.Portfolios),
            (_limits, ConfigurationFiles.Limits),
        }.Where(pair => parsed.GetValue(pair.Item1) is not null).Select(pair => pair.Item2),
    ];

    public RiskRunRequest Request(ParseResult parsed, CommandContext context) => new()
    {
        OutputRoot = context.RootOf(parsed),
        ContractsPath = context.Options.ContractsOf(parsed),
        SymbolsPath = CommonOptions.Configuration(parsed.GetValue(_symbols), "symbols.yaml"),
        SettingsPath = CommonOptions.Configuration(parsed.GetValue(_settings), "risk_measures.yaml"),
        HasOwnDesk = !CommonOptions.IsShipped(parsed.GetValue(_symbols), "symbols.yaml"),
        PortfoliosPath = parsed.GetValue(_portfolios),
        LimitsPath = parsed.GetValue(_limits),
        CalendarsPath = CalendarOptions.Folder(parsed.GetValue(Calendars.Calendars)),
        FallbackMarket = parsed.GetResult(_calendar) is null ? null : parsed.GetValue(_calendar),
    };
}
