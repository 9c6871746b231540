using System.CommandLine;
using RiskLake.Cli.Output;
using RiskLake.Quality;
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
        var command = new Command("verify", "Make a run again at the lake version it was made against, and compare every digest.")
        {
            id, context.Options.OutputRoot, context.Options.Contracts, context.Options.Thresholds, context.Options.Signals, symbols, calendars,
            context.Options.Threads,
        };
        command.SetAction(parsed =>
        {
            var like = new RunRequest
            {
                OutputRoot = context.RootOf(parsed),
                ContractsPath = context.Options.ContractsOf(parsed),
                ThresholdsPath = context.Options.ThresholdsOf(parsed),
                SymbolsPath = CommonOptions.Configuration(parsed.GetValue(symbols), "symbols.yaml"),
                CalendarsPath = CalendarOptions.Folder(parsed.GetValue(calendars)),
                SignalsPath = context.Options.SignalsOf(parsed),
                Threads = parsed.GetValue(context.Options.Threads),
                WorkingFolder = Directory.GetCurrentDirectory(),
            };
            using var progress = new StageProgress(context.Terminal);
            IReadOnlyCollection<string> named = parsed.GetValue(symbols) is null ? [] : [ConfigurationFiles.Symbols];
            return Report(context, parsed, VerifyAny(context, parsed, parsed.GetValue(id)!, like, named, progress));
        });
        return command;
    }

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
        CommandContext context, ParseResult parsed, string id, RunRequest like, IReadOnlyCollection<string> named, IRunProgress progress)
    {
        var state = RunRecords.Require(context.Lake(parsed), id);
        if (!GoldWork.IsOne(state.Dataset))
        {
            return RunVerifier.Verify(like, id, progress, context.Clock, context.Storage, context.Token);
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
        var (symbols, calendars) = (CalendarOptions.SymbolsOption(), CalendarOptions.FolderOption());
        var command = new Command("withdraw", "Take a run out of the lake; events that other runs also hold stay in silver.")
        {
            id, reason, context.Options.OutputRoot, context.Options.Contracts, symbols, calendars, context.Options.LockTimeout,
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
                    context.RootOf(parsed), context.Options.ContractsOf(parsed), state.RunId, parsed.GetValue(reason)!,
                    context.Options.LockTimeoutOf(parsed), context.Clock, context.Storage, context.Token,
                    contract => SessionRules.Load(
                        contract, CommonOptions.Configuration(parsed.GetValue(symbols), "symbols.yaml"), CalendarOptions.Folder(parsed.GetValue(calendars))));
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
