using System.CommandLine;
using System.Text.Json.Nodes;
using RiskLake.Cli.Output;
using RiskLake.Contracts;
using RiskLake.Contracts.Configuration;
using RiskLake.Errors;
using RiskLake.Lake;
using RiskLake.Limits;
using RiskLake.RiskRuns;

namespace RiskLake.Cli.Commands.Risk;

/// <summary><c>risklake risk limits</c>: the limits, what was held against them, and what people said of breaches.</summary>
internal static class LimitsCommands
{
    public static Command Build(CommandContext context) => CommandTree.Group(
        "limits",
        "Limits of risk: what is in force, the verdicts, the breaches.",
        List(context), Evaluate(context), Breaches(context), History(context), Acknowledge(context));

    private static Command List(CommandContext context)
    {
        var date = new Option<string?>("--date") { Description = "Only what is in force on the date.", HelpName = "date" };
        var options = new RiskLakeOptions(context);
        var command = new Command("list", "The limits of the configuration, those of mandates included.") { date };
        options.AddTo(command);
        command.SetAction(parsed =>
        {
            var day = parsed.GetValue(date) is { } text ? Dates.Parse(date.Name, text) : (DateOnly?)null;
            var rows = context.AllRows(
                parsed, "limit_id", "scope", "measure", "method", "confidence", "horizon", "unit", "from", "to", "warn", "critical", "clean_days", "owner");
            foreach (var limit in Books(options, parsed, context).Limits.Limits)
            {
                foreach (var (period, warn, critical) in limit.Thresholds.Where(entry => day is not { } on || entry.Period.Contains(on)))
                {
                    foreach (var scope in limit.Scopes)
                    {
                        rows.Write(
                        [
                            limit.Id, scope.ToString(), limit.Measure.Measure, limit.Measure.Method, limit.Measure.Confidence?.ToString(),
                            limit.Measure.Horizon, limit.Measure.Unit, period.From, period.To, warn, critical, limit.CleanDays, limit.Owner,
                        ]);
                    }
                }
            }

            rows.Finish();
            return ExitCode.Done;
        });
        return command;
    }

    private static Command Evaluate(CommandContext context)
    {
        var date = new Option<string?>("--date") { Description = "Valuation date. Default: the last one with a verdict or a price.", HelpName = "date" };
        var anew = new Option<bool>("--anew") { Description = "Measure and judge now, with the configuration as it is; publish nothing." };
        var failOn = new Option<string>("--fail-on")
        {
            Description = "End with exit code 1 if a verdict is so bad, or has no value, or there is none: warn, critical or never.",
            HelpName = "word",
            DefaultValueFactory = _ => "never",
        }.AcceptOnlyFromAmong("warn", "critical", "never");
        var asOf = new Option<string?>("--as-of") { Description = "With --anew: know only what had arrived by then.", HelpName = "time" };
        var options = new RiskLakeOptions(context);
        var command = new Command("evaluate", "The verdicts of a date: those a run of risk published, or new ones.")
        {
            date, anew, asOf, failOn, context.Options.LakeVersion, context.Options.Threads,
        };
        options.AddTo(command);
        command.SetAction(parsed =>
        {
            var lake = context.ExistingLake(parsed);
            var day = parsed.GetValue(date) is { } text ? Dates.Parse(date.Name, text) : (DateOnly?)null;
            var verdicts = parsed.GetValue(anew)
                ? RiskRun.Judge(
                    options.Request(parsed, context) with
                    {
                        Date = day,
                        AsOfMicros = parsed.GetValue(asOf) is { } time ? Instants.Parse(asOf.Name, time) : null,
                        Threads = context.Options.ThreadsOf(parsed),
                    },
                    context.Clock, context.Storage, context.Token)
                : Published(LimitHistory.Verdicts(lake, context.SnapshotOf(parsed, lake)), day);
            Write(context, parsed, verdicts);
            return IsBad(context, verdicts, parsed.GetValue(failOn)!) ? ExitCode.CheckFailed : ExitCode.Done;
        });
        return command;
    }

    /// <summary>Whether verdicts are as bad as asked. A limit that was held against nothing is never within.</summary>
    private static bool IsBad(CommandContext context, IReadOnlyList<LimitVerdict> verdicts, string failOn)
    {
        if (failOn == "never")
        {
            return false;
        }

        var without = verdicts.Count(verdict => verdict.Status == LimitVerdict.NoValue);
        if (verdicts.Count == 0 || without > 0)
        {
            context.Terminal.Say(verdicts.Count == 0
                ? "no limit was judged: nothing was held against a number"
                : FormattableString.Invariant($"{without} of {verdicts.Count} verdicts have no value"));
            return true;
        }

        return verdicts.Any(verdict => verdict.Status == LimitVerdict.Critical || (failOn == "warn" && verdict.Status == LimitVerdict.Warning));
    }

    private static Command History(CommandContext context)
    {
        var id = LimitArgument(context);
        var scope = ScopeOption();
        var (from, to) = (DateOption("--from", "First date."), DateOption("--to", "Last date, itself included."));
        var command = new Command("history", "The verdicts on one limit, date by date.")
        {
            id, scope, from, to, context.Options.OutputRoot, context.Options.LakeVersion,
        };
        command.SetAction(parsed =>
        {
            var lake = context.ExistingLake(parsed);
            var limit = parsed.GetValue(id)!;
            var all = LimitBreach.Latest(LimitHistory.Verdicts(lake, context.SnapshotOf(parsed, lake))).ToArray();
            RequireKnown(limit, all.Select(verdict => verdict.Limit));
            var (first, last) = (Day(parsed, from), Day(parsed, to));
            Write(context, parsed, [.. all
                .Where(verdict => verdict.Limit == limit && IsOf(parsed.GetValue(scope), verdict.Scope))
                .Where(verdict => (first is not { } start || verdict.Date >= start) && (last is not { } end || verdict.Date <= end))
                .OrderBy(verdict => verdict.Scope.ToString(), StringComparer.Ordinal).ThenBy(verdict => verdict.Date)]);
            return ExitCode.Done;
        });
        return command;
    }

    private static Command Breaches(CommandContext context)
    {
        var open = new Option<bool>("--open") { Description = "Only episodes that are not resolved." };
        var limit = new Option<string?>("--limit") { Description = "Only those of one limit.", HelpName = "id" };
        var scope = ScopeOption();
        var detached = new Option<bool>("--detached") { Description = "Instead, the acknowledgements whose episode has been restated away." };
        var command = new Command("breaches", "The episodes: opened, escalated, eased, resolved, and who acknowledged them.")
        {
            open, limit, scope, detached, context.Options.OutputRoot, context.Options.LakeVersion,
        };
        command.SetAction(parsed =>
        {
            var lake = context.ExistingLake(parsed);
            var snapshot = context.SnapshotOf(parsed, lake);
            var breaches = LimitBreach.Of(LimitHistory.Verdicts(lake, snapshot));
            var said = LimitHistory.Acknowledgements(lake, snapshot);
            if (parsed.GetValue(detached))
            {
                WriteDetached(context, parsed, [.. said.Where(word => word.Find(breaches) is null)]);
                return ExitCode.Done;
            }

            var shown = breaches.Where(breach => (!parsed.GetValue(open) || breach.State == LimitBreach.Open)
                && (parsed.GetValue(limit) is not { } id || breach.Limit == id) && IsOf(parsed.GetValue(scope), breach.Scope));
            WriteBreaches(context, parsed, shown, said);
            if (said.Count(word => word.Find(breaches) is null) is > 0 and var lost)
            {
                context.Terminal.Say(FormattableString.Invariant(
                    $"{lost} acknowledgements belong to no episode any more; --detached lists them"));
            }

            return ExitCode.Done;
        });
        return command;
    }

    private static Command Acknowledge(CommandContext context)
    {
        var id = LimitArgument(context);
        var scope = ScopeOption();
        var date = new Option<string>("--date") { Description = "A day of the breach.", HelpName = "date", Required = true };
        var by = new Option<string>("--by") { Description = "Who acknowledges it.", HelpName = "name", Required = true };
        var reason = new Option<string>("--reason") { Description = "Why it is acceptable, or what is done about it.", HelpName = "text", Required = true };
        var at = new Option<string?>("--at") { Description = "When it was said. Default: when the latest verdict was known.", HelpName = "time" };
        var command = new Command("acknowledge", "Say that a breach is known; published, and never lost by what is restated later.")
        {
            id, scope, date, by, reason, at, context.Options.OutputRoot, context.Options.LockTimeout,
        };
        command.SetAction(parsed =>
        {
            var request = new AcknowledgementRequest(
                parsed.GetValue(id)!, parsed.GetValue(scope), Dates.Parse(date.Name, parsed.GetValue(date)), parsed.GetValue(by)!,
                parsed.GetValue(reason)!, parsed.GetValue(at) is { } time ? Instants.Parse(at.Name, time) : null);
            var outcome = Acknowledgement.Publish(
                context.ExistingLake(parsed), request, context.Options.LockTimeoutOf(parsed), context.Clock, context.Storage, context.Token);
            var word = outcome.Record["acknowledgement"]!;
            var rows = context.Rows(
                parsed, "acknowledgement_id", "limit_id", "scope", "breach_date", "acknowledged_by", "reason", "acknowledged_at", "is_unchanged");
            rows.Write(
            [
                (string?)outcome.Record["run_id"], (string?)word["limit_id"], (string?)word["scope"], (string?)word["breach_date"],
                (string?)word["acknowledged_by"], (string?)word["reason"], (string?)word["acknowledged_at"], outcome.IsUnchanged,
            ]);
            rows.Finish();
            return ExitCode.Done;
        });
        return command;
    }

    private static LimitVerdict[] Published(IReadOnlyList<PublishedVerdict> verdicts, DateOnly? day)
    {
        if (verdicts.Count == 0)
        {
            return [];
        }

        var date = day ?? verdicts.Max(published => published.Verdict.Date);
        return [.. LimitBreach.Latest(verdicts.Where(published => published.Verdict.Date == date))];
    }

    private static void Write(CommandContext context, ParseResult parsed, IReadOnlyList<LimitVerdict> verdicts)
    {
        var isTable = context.Format(parsed) == OutputFormat.Table;
        var rows = isTable
            ? context.AllRows(parsed, "date", "limit_id", "scope", "value", "warn", "critical", "utilisation", "status", "reason")
            : context.AllRows(
                parsed, "valuation_date", "limit_id", "scope_kind", "scope", "measure", "method", "confidence", "horizon", "unit", "value", "warn",
                "critical", "utilisation", "status", "reason", "owner");
        foreach (var verdict in verdicts)
        {
            var measure = verdict.Measure;
            rows.Write(isTable
                ?
                [
                    verdict.Date, verdict.Limit, verdict.Scope.ToString(), verdict.Value, verdict.WarnAmount, verdict.CriticalAmount,
                    verdict.Utilisation, verdict.Status, verdict.Reason,
                ]
                :
                [
                    verdict.Date, verdict.Limit, verdict.Scope.Kind, verdict.Scope.Name, measure.Measure, measure.Method,
                    measure.Confidence?.ToString(), measure.Horizon, measure.Unit, verdict.Value, verdict.WarnAmount, verdict.CriticalAmount,
                    verdict.Utilisation, verdict.Status, verdict.Reason, verdict.Owner,
                ]);
        }

        rows.Finish();
    }

    private static void WriteBreaches(
        CommandContext context, ParseResult parsed, IEnumerable<LimitBreach> breaches, IReadOnlyList<LimitAcknowledgement> said)
    {
        var isTable = context.Format(parsed) == OutputFormat.Table;
        var rows = isTable
            ? context.AllRows(parsed, "limit_id", "scope", "opened", "resolved", "state", "level", "peak", "peak_value", "days", "acknowledged_by")
            : context.AllRows(
                parsed, "limit_id", "scope_kind", "scope", "opened", "resolved", "state", "level", "peak", "peak_value", "peak_date", "days_outside",
                "days_without_value", "last_date", "measure", "method", "confidence", "unit", "owner", "events", "acknowledgement_id",
                "acknowledged_by", "acknowledged_at", "acknowledgement_reason");
        foreach (var breach in breaches)
        {
            var (episode, word, measure) = (breach.Episode, LimitAcknowledgement.Latest(breach, said), breach.Measure);
            rows.Write(isTable
                ?
                [
                    breach.Limit, breach.Scope.ToString(), episode.Opened, episode.Resolved, breach.State, LimitBreach.Text(breach.Level),
                    LimitBreach.Text(episode.Peak), episode.PeakValue, episode.DaysOutside, word?.By,
                ]
                :
                [
                    breach.Limit, breach.Scope.Kind, breach.Scope.Name, episode.Opened, episode.Resolved, breach.State,
                    LimitBreach.Text(breach.Level), LimitBreach.Text(episode.Peak), episode.PeakValue, episode.PeakDate, episode.DaysOutside,
                    episode.DaysWithoutValue, breach.LastDate, measure.Measure, measure.Method, measure.Confidence?.ToString(), measure.Unit,
                    breach.Owner, JsonNode.Parse(breach.EventsJson()), word?.Id, word?.By, word is null ? null : Instant(word.At), word?.Reason,
                ]);
        }

        rows.Finish();
    }

    private static void WriteDetached(CommandContext context, ParseResult parsed, IReadOnlyList<LimitAcknowledgement> words)
    {
        var rows = context.AllRows(
            parsed, "acknowledgement_id", "limit_id", "scope", "breach_date", "acknowledged_by", "acknowledged_at", "reason", "state");
        foreach (var word in words)
        {
            rows.Write([word.Id, word.Limit, word.Scope.ToString(), word.Date, word.By, Instant(word.At), word.Reason, LimitAcknowledgement.Detached]);
        }

        rows.Finish();
    }

    private static DeskBooks Books(RiskLakeOptions options, ParseResult parsed, CommandContext context)
    {
        var request = options.Request(parsed, context);
        return DeskBooks.Load(request, SymbolList.Load(request.SymbolsPath), new ConfigurationFiles(request));
    }

    private static Argument<string> LimitArgument(CommandContext context)
    {
        var argument = new Argument<string>("limit") { Description = "Id of a limit." };
        argument.CompletionSources.Add(completion =>
        {
            try
            {
                var lake = context.Lake(completion.ParseResult);
                return [.. LimitHistory.Verdicts(lake, lake.Snapshot()).Select(verdict => verdict.Verdict.Limit).Distinct().Order(StringComparer.Ordinal)];
            }
            catch (RiskLakeException)
            {
                return Array.Empty<string>();
            }
        });
        return argument;
    }

    private static void RequireKnown(string limit, IEnumerable<string> known)
    {
        var ids = known.Distinct(StringComparer.Ordinal).ToArray();
        if (!ids.Contains(limit, StringComparer.Ordinal))
        {
            throw new RiskLakeException(
                ErrorCode.MeasureUnknown, "limit", $"'{limit}'", "a limit that a run of risk has judged",
                Spelling.Nearest(limit, ids) is { } nearest ? $"did you mean '{nearest}'?" : "see 'risklake risk limits list'");
        }
    }

    private static Option<string?> ScopeOption() => new("--scope")
    {
        Description = "One of a limit's symbols, portfolios or nodes.",
        HelpName = "name",
    };

    private static Option<string?> DateOption(string name, string description) => new(name) { Description = description, HelpName = "date" };

    private static DateOnly? Day(ParseResult parsed, Option<string?> option) =>
        parsed.GetValue(option) is { } text ? Dates.Parse(option.Name, text) : null;

    private static bool IsOf(string? asked, LimitScope scope) => asked is null || asked == scope.Name || asked == scope.ToString();

    private static DateTime Instant(long micros) => DateTime.UnixEpoch.AddTicks(micros * TimeSpan.TicksPerMicrosecond);
}
