using System.CommandLine;
using System.Globalization;
using RiskLake.Cli.Output;
using RiskLake.Ingest.Sources;
using RiskLake.Lake;
using RiskLake.Lake.Errors;
using RiskLake.Runs;

namespace RiskLake.Cli.Commands;

/// <summary><c>risklake lake</c> and <c>risklake doctor</c>: is the lake what its log says, and what to do if not.</summary>
internal static class LakeCommands
{
    private const int MostFindings = 50;

    public static Command Build(CommandContext context) =>
        CommandTree.Group("lake", "Prove the lake against its log, or drop old attempts.", Verify(context), Vacuum(context));

    /// <summary><c>risklake doctor</c>.</summary>
    public static Command BuildDoctor(CommandContext context)
    {
        var examine = new Option<bool>("--examine") { Description = "Only report; repair nothing." };
        var (symbols, calendars) = (CalendarOptions.SymbolsOption(), CalendarOptions.FolderOption());
        const string Words = "Find what killed processes left, rebuild what follows from the log, and bring a lake of an earlier version up to date.";
        var command = new Command("doctor", Words)
        {
            context.Options.OutputRoot, examine, context.Options.Contracts, context.Options.Thresholds, context.Options.Signals, symbols, calendars,
        };
        command.SetAction(parsed =>
        {
            var lake = context.ExistingLake(parsed);
            var doctor = new LakeDoctor(lake, new LandingVerifier(lake).Verify);
            var health = parsed.GetValue(examine) ? doctor.Examine(context.Token) : doctor.Repair(context.Token);
            WriteFindings(context, parsed, health.Remaining);
            var terminal = context.Terminal;
            Note(terminal, "runs at work", health.RunsAtWork);
            Note(terminal, "runs whose process died", health.TornRuns);
            Note(terminal, "locks nobody held", health.StaleLocks);
            NoteUnlinked(terminal, health.Unlinked);
            terminal.Say(Verdict(terminal, health, parsed.GetValue(examine)));
            if (health.Remaining.Count == 0)
            {
                Mend(context, parsed, RunProof.Like(context, parsed, symbols, calendars), parsed.GetValue(examine));
            }

            return health.Remaining.Count == 0 ? ExitCode.Done : ExitCode.CheckFailed;
        });
        return command;
    }

    /// <summary>Brings a lake of an earlier version up to date, and tells run by run what changes.</summary>
    private static void Mend(CommandContext context, ParseResult parsed, RunRequest like, bool examined)
    {
        var lake = context.ExistingLake(parsed);
        if (lake.Snapshot().FollowsPlaces)
        {
            return;
        }

        if (examined)
        {
            context.Terminal.Say($"{context.Terminal.ErrorInk.Yellow("earlier version")}: `{context.Terminal.CommandName} doctor` brings the lake up to date");
            return;
        }

        var rows = context.Rows(parsed, "run_id", "events_lost", "events_gained", "conflicts", "note", "lake_version");
        foreach (var run in new LakeMending(lake, like).Run(context.Token))
        {
            rows.Write([run.RunId, run.EventsLost, run.EventsGained, run.Conflicts, run.Note, run.Version]);
        }

        rows.Finish();
        var snapshot = lake.Snapshot();
        var stale = snapshot.Runs.Values.Count(run => run.IsStale);
        var hint = stale > 0 ? FormattableString.Invariant($"; {stale} runs are stale: see `runs refresh`") : "";
        context.Terminal.Say(FormattableString.Invariant($"{context.Terminal.ErrorInk.Green("up to date")}: lake version {snapshot.Version}{hint}"));
    }

    private static Command Verify(CommandContext context)
    {
        var command = new Command("verify", "Recompute every digest, statistic and view of the lake and compare with the log.") { context.Options.OutputRoot };
        command.SetAction(parsed =>
        {
            var lake = context.ExistingLake(parsed);
            var verifier = new LakeVerifier(lake) { Besides = new LandingVerifier(lake).Verify };
            var findings = verifier.Verify(context.Token);
            if (findings.Count == 0)
            {
                findings = new SilverVerification(lake, context.Storage).Verify(context.Token);
            }

            WriteFindings(context, parsed, findings);
            NoteUnlinked(context.Terminal, verifier.Unlinked);
            var ink = context.Terminal.ErrorInk;
            context.Terminal.Say(findings.Count == 0
                ? FormattableString.Invariant($"{ink.Green("verified")}: the lake is what its log says, version {lake.Snapshot().Version}")
                : FormattableString.Invariant($"{ink.Alarm("differs")}: {findings.Count:#,0} findings; {RepairHint(context.Terminal)}"));
            return findings.Count == 0 ? ExitCode.Done : ExitCode.CheckFailed;
        });
        return command;
    }

    private static Command Vacuum(CommandContext context)
    {
        var keep = new Option<int>("--keep") { Description = "How many of the newest lake versions stay readable.", HelpName = "n", Required = true };
        var grace = new Option<int>("--grace")
        {
            Description = "Days a version must be superseded before its files go; readers may still be at it until then.",
            HelpName = "days",
            DefaultValueFactory = _ => LakeVacuum.StandardGrace.Days,
        };
        var dryRun = new Option<bool>("--dry-run") { Description = "Only list what would go." };
        var command = new Command("vacuum", "Remove files that only old lake versions name.") { context.Options.OutputRoot, keep, grace, dryRun };
        command.SetAction(parsed =>
        {
            var most = parsed.GetValue(keep);
            if (most < 1)
            {
                throw new RiskLakeException(ErrorCode.CommandLineInvalid, "--keep", ValueText.Plain(most)!, "1 or more", "keep at least the newest version");
            }

            var days = parsed.GetValue(grace);
            if (days is < 0 or > 36_500)
            {
                throw new RiskLakeException(
                    ErrorCode.CommandLineInvalid, "--grace", ValueText.Plain(days)!, "a number of days from 0 to 36500", "0 lets everything go at once");
            }

            var lake = context.ExistingLake(parsed);
            var vacuum = new LakeVacuum(lake, TimeSpan.FromDays(days));
            IReadOnlyList<FileReference> files;
            if (parsed.GetValue(dryRun))
            {
                files = vacuum.Plan(most).Files;
            }
            else
            {
                lake.Recover(context.Token);
                files = vacuum.Run(most, context.Token);
            }

            var rows = context.Rows(parsed, "path", "bytes", "sha256");
            foreach (var file in files)
            {
                rows.Write([file.Path, file.Bytes, file.Sha256]);
            }

            rows.Finish();
            context.Terminal.Say(string.Create(
                CultureInfo.InvariantCulture,
                $"{files.Count:#,0} files, {files.Sum(file => file.Bytes):#,0} bytes {(parsed.GetValue(dryRun) ? "would go" : "removed")}"));
            return ExitCode.Done;
        });
        return command;
    }

    private static void WriteFindings(CommandContext context, ParseResult parsed, IReadOnlyList<LakeFinding> findings)
    {
        // A table without a row says nothing that the verdict does not say.
        if (findings.Count == 0 && context.Format(parsed) == OutputFormat.Table)
        {
            return;
        }

        var rows = context.Rows(parsed, "check", "path", "found", "expected");
        foreach (var finding in findings)
        {
            rows.Write([finding.Check, finding.Path, finding.Found, finding.Expected]);
        }

        rows.Finish();
    }

    private static void Note(Terminal terminal, string what, IReadOnlyList<string> runs)
    {
        if (runs.Count > 0)
        {
            terminal.Say($"{what}: {string.Join(", ", runs.Take(MostFindings))}{(runs.Count > MostFindings ? ", …" : "")}");
        }
    }

    private static void NoteUnlinked(Terminal terminal, int count)
    {
        if (count > 0)
        {
            terminal.Say(FormattableString.Invariant(
                $"{count:#,0} files of the tree are whole copies, not links, as after a plain copy of the lake: they take room, nothing else"));
        }
    }

    private static string Verdict(Terminal terminal, LakeHealth health, bool examined)
    {
        var ink = terminal.ErrorInk;
        return (health.IsHealthy, health.Remaining.Count, examined) switch
        {
            (true, _, _) => string.Create(CultureInfo.InvariantCulture, $"{ink.Green("healthy")}: lake version {health.Version}"),
            (_, 0, true) => $"{ink.Yellow("leftovers")}: `{terminal.CommandName} doctor` clears them away",
            (_, 0, false) => string.Create(CultureInfo.InvariantCulture, $"{ink.Green("repaired")}: lake version {health.Version}"),
            (_, var count, true) => FormattableString.Invariant($"{ink.Alarm("damaged")}: {count:#,0} findings; {RepairHint(terminal)}"),
            (_, var count, false) => FormattableString.Invariant(
                $"{ink.Alarm("damaged")}: {count:#,0} findings remain that the log cannot repair; restore the files from a copy, or restate the runs"),
        };
    }

    private static string RepairHint(Terminal terminal) => $"`{terminal.CommandName} doctor` repairs what follows from the log";
}
