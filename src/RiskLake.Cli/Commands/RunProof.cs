using System.CommandLine;
using RiskLake.Cli.Output;
using RiskLake.RiskRuns;
using RiskLake.Runs;

namespace RiskLake.Cli.Commands;

/// <summary><c>risklake runs verify</c> and <c>withdraw</c>: prove a run by making it again, or take it out of the lake.</summary>
internal static class RunProof
{
    public static Command Verify(CommandContext context)
    {
        var id = CommandTree.RunIdArgument(context);
        var (symbols, calendars) = (CalendarOptions.SymbolsOption(), CalendarOptions.FolderOption());
        var now = new Option<bool>("--now") { Description = "Against the newest lake version, not the one it was made against." };
        var command = new Command("verify", "Make a run again at the lake version it was made against, and compare every digest.")
        {
            id, context.Options.OutputRoot, context.Options.Contracts, context.Options.Thresholds, context.Options.Signals, symbols, calendars,
            context.Options.Threads, now,
        };
        command.SetAction(parsed =>
        {
            var like = Like(context, parsed, symbols, calendars);
            using var progress = new StageProgress(context.Terminal);
            IReadOnlyCollection<string> named = parsed.GetValue(symbols) is null ? [] : [ConfigurationFiles.Symbols];
            return Report(context, parsed, VerifyAny(context, parsed, parsed.GetValue(id)!, like, named, progress, parsed.GetValue(now)));
        });
        return command;
    }

    /// <summary><c>risklake runs refresh</c>: makes gold anew where silver has moved.</summary>
    public static Command Refresh(CommandContext context)
    {
        var id = new Argument<string?>("run-id") { Description = "The run; without one, every run whose gold is stale.", Arity = ArgumentArity.ZeroOrOne };
        var (symbols, calendars) = (CalendarOptions.SymbolsOption(), CalendarOptions.FolderOption());
        const string Words = "Make the gold of runs anew whose silver has moved since, because other runs were published or withdrawn.";
        var command = new Command("refresh", Words)
        {
            id, context.Options.OutputRoot, context.Options.Contracts, context.Options.Thresholds, context.Options.Signals, symbols, calendars,
            context.Options.LockTimeout, context.Options.Threads,
        };
        command.SetAction(parsed =>
        {
            var like = Like(context, parsed, symbols, calendars) with { LockTimeout = context.Options.LockTimeoutOf(parsed) };
            var lake = context.ExistingLake(parsed);
            var runs = parsed.GetValue(id) is { } one ? [context.Run(lake.Snapshot(), one).RunId] : RunRefresh.Stale(lake.Snapshot());
            var rows = context.Rows(parsed, "run_id", "outcome", "status", "attempt", "lake_version");
            foreach (var run in runs)
            {
                using var progress = new StageProgress(context.Terminal);
                var outcome = RunRefresh.Refresh(like, run, progress, context.Clock, context.Storage, context.Token);
                var record = new RecordView(outcome.Record);
                var word = outcome.IsUnchanged ? "unchanged" : "refreshed";
                rows.Write([run, word, record["status"].Text, record["attempt"].Count, record["lake_version"]["written"].Count]);
            }

            rows.Finish();
            if (runs.Count == 0)
            {
                context.Terminal.Say("no run is stale");
            }

            return ExitCode.Done;
        });
        return command;
    }

    /// <summary>Where lake and configuration are.</summary>
    public static RunRequest Like(CommandContext context, ParseResult parsed, Option<string?> symbols, Option<string?> calendars) => new()
    {
        OutputRoot = context.RootOf(parsed),
        ContractsPath = context.Options.ContractsOf(parsed),
        ThresholdsPath = context.Options.ThresholdsOf(parsed),
        SymbolsPath = CommonOptions.Configuration(parsed.GetValue(symbols), "symbols.yaml"),
        CalendarsPath = CalendarOptions.Folder(parsed.GetValue(calendars)),
        SignalsPath = context.Options.SignalsOf(parsed),
        Threads = context.Options.ThreadsOf(parsed),
        WorkingFolder = Directory.GetCurrentDirectory(),
    };

    /// <summary>Prints what was made again and how it compares.</summary>
    public static int Report(CommandContext context, ParseResult parsed, Verification result)
    {
        var isTable = context.Format(parsed) == OutputFormat.Table;
        var rows = context.Rows(parsed, "path", "status", "recorded", "recomputed");
        foreach (var file in result.Files)
        {
            rows.Write([file.Path, file.Status, Digest(file.Recorded, isTable), Digest(file.Recomputed, isTable)]);
        }

        rows.Finish();
        context.Terminal.Say(Verdict(context.Terminal.ErrorInk, result));
        return result.Passed ? ExitCode.Done : ExitCode.CheckFailed;
    }

    /// <summary>A run of risk is made again from silver, any other from what it received.</summary>
    private static Verification VerifyAny(
        CommandContext context, ParseResult parsed, string id, RunRequest like, IReadOnlyCollection<string> named, IRunProgress progress, bool isNow)
    {
        var state = RunRecords.Require(context.Lake(parsed), id);
        if (!GoldWork.IsOne(state.Dataset))
        {
            return RunVerifier.Verify(like, id, progress, context.Clock, context.Storage, context.Token, isNow);
        }

        var request = new RiskRunRequest
        {
            OutputRoot = like.OutputRoot,
            ContractsPath = like.ContractsPath,
            SymbolsPath = like.SymbolsPath,
            SettingsPath = CommonOptions.Configuration(null, "risk_measures.yaml"),
            CalendarsPath = like.CalendarsPath,
            HasOwnDesk = named.Count > 0 || !CommonOptions.IsShipped(null, "symbols.yaml"),
            RunId = state.RunId,
            Threads = like.Threads,
        };
        return RiskVerification.Verify(request, named, context.Clock, context.Storage, context.Token);
    }

    public static Command Withdraw(CommandContext context)
    {
        var id = CommandTree.RunIdArgument(context);
        var reason = new Option<string>("--reason") { Description = "Why the run leaves the lake; recorded.", HelpName = "text", Required = true };
        var command = new Command("withdraw", "Take a run out of the lake; events that other runs also hold stay in silver.")
        {
            id, reason, context.Options.OutputRoot, context.Options.Contracts, context.Options.LockTimeout,
        };
        command.SetAction(parsed =>
        {
            var lake = context.Lake(parsed);
            var state = RunRecords.Require(lake, parsed.GetValue(id)!);
            var outcome = GoldWork.IsOne(state.Dataset)
                ? GoldPublication.Withdraw(
                    new GoldPublisher(lake, context.Storage, context.Clock, state.RunId, state.Dataset) { LockTimeout = context.Options.LockTimeoutOf(parsed) },
                    parsed.GetValue(reason)!, context.Token)
                : RunWithdrawal.Withdraw(
                    context.RootOf(parsed), state.RunId, parsed.GetValue(reason)!, context.Options.LockTimeoutOf(parsed), context.Clock, context.Storage,
                    context.Token);
            if (state.Dataset == GoldWork.Risk)
            {
                LimitEpisodes.Publish(lake, context.Clock, context.Storage, context.Token);
            }

            if (context.Format(parsed) != OutputFormat.Table)
            {
                RunRows.Write(context.Rows(parsed, RunRows.Columns(outcome.Record)), outcome.Record);
                return outcome.ExitCode;
            }

            new RunReport(context.Terminal.Out, context.Terminal.OutInk, outcome.Record, context.Terminal.CommandName)
            {
                IsUnchanged = outcome.IsUnchanged,
                OutputRoot = context.RootOf(parsed),
            }.Write();
            return outcome.ExitCode;
        });
        return command;
    }

    private static string Verdict(Ink ink, Verification result)
    {
        var equal = result.Files.Count(file => string.Equals(file.Status, "equal", StringComparison.Ordinal));
        var from = $"from its {result.Basis}{(result.Notes.Count > 0 ? $" ({string.Join(", ", result.Notes)})" : "")}";
        var files = FormattableString.Invariant($"{equal:#,0} of {result.Files.Count:#,0} files of run {result.RunId}");
        return result.Passed
            ? $"{ink.Green("verified")}: {files} were made again {from}, bit for bit the same"
            : $"{ink.Alarm("differs")}: only {files} were the same when made again {from}";
    }

    private static string? Digest(string? digest, bool isTable) => isTable && digest is { Length: > 12 } ? digest[..12] : digest;
}
