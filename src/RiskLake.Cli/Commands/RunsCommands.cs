using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using RiskLake.Cli.Output;
using RiskLake.Lake;
using RiskLake.RiskRuns;

namespace RiskLake.Cli.Commands;

/// <summary><c>risklake runs</c>: what was run, what came of it, and whether it can still be proved.</summary>
internal static class RunsCommands
{
    private const int MostListed = 50;

    public static Command Build(CommandContext context) => CommandTree.Group(
        "runs", "List, compare, prove and withdraw runs.",
        List(context), Show(context), Diff(context), RunProof.Verify(context), RunProof.Refresh(context), RunProof.Withdraw(context));

    private static Command List(CommandContext context)
    {
        var limit = new Option<int>("--limit")
        {
            Description = "Most runs to list, newest first; 0 lists all.",
            HelpName = "n",
            DefaultValueFactory = _ => MostListed,
        };
        var command = new Command("list", "The runs of the lake, the newest first.") { context.Options.OutputRoot, context.Options.LakeVersion, limit };
        command.SetAction(parsed =>
        {
            var lake = context.ExistingLake(parsed);
            var snapshot = lake.Snapshot(parsed.GetValue(context.Options.LakeVersion));
            var most = parsed.GetValue(limit);
            var runs = snapshot.Runs.Values.OrderByDescending(run => run.LastVersion).Take(most > 0 ? most : int.MaxValue);
            var rows = context.Rows(
                parsed, "run_id", "status", "attempt", "last_status", "dataset", "contract_version", "as_of", "records", "quarantined", "silver",
                "already_published", "conflicts", "stale", "lake_version");
            foreach (var run in runs)
            {
                context.Token.ThrowIfCancellationRequested();
                var record = new RecordView(lake.ReadEntry(run.Version)["record"]);
                rows.Write(
                [
                    run.RunId, run.Status, run.Attempt, run.LastStatus, run.Dataset, run.ContractVersion, record["as_of"].Text, record["raw_events"].Count,
                    record["conservation"]["quarantined"].Count, run.IsPublished ? run.Counts?.Own : run.Counts is null ? null : 0L,
                    run.Counts?.AlreadyPublished, run.Counts?.Conflicts, run.IsStale, run.Version,
                ]);
            }

            rows.Finish();
            if (snapshot.Runs.Values.Count(run => run.IsStale) is > 0 and var stale)
            {
                context.Terminal.Say(string.Create(
                    CultureInfo.InvariantCulture, $"{stale:#,0} runs are stale: silver of their events has moved since; `{context.Terminal.CommandName} runs refresh` makes their gold anew"));
            }

            if (most > 0 && snapshot.Runs.Count > most)
            {
                context.Terminal.Say(string.Create(CultureInfo.InvariantCulture, $"{most} of {snapshot.Runs.Count:#,0} runs; --limit 0 lists all"));
            }

            return ExitCode.Done;
        });
        return command;
    }

    private static Command Show(CommandContext context)
    {
        var id = CommandTree.RunIdArgument(context);
        var attempt = new Option<int?>("--attempt") { Description = "An earlier attempt instead of the last.", HelpName = "n" };
        var command = new Command("show", "The record of one run.") { id, attempt, context.Options.OutputRoot };
        command.SetAction(parsed =>
        {
            var lake = context.ExistingLake(parsed);
            var run = context.Run(lake.Snapshot(), parsed.GetValue(id)!);
            var record = Record(lake, run, parsed.GetValue(attempt));
            if (context.Format(parsed) != OutputFormat.Table)
            {
                RunRows.Write(context.Rows(parsed, RunRows.Columns(record)), record);
                return ExitCode.Done;
            }

            if (GoldWork.IsOne(run.Dataset) && (string?)record["status"] != RunStatus.Withdrawn)
            {
                new RiskRunReport(context.Terminal.Out, context.Terminal.OutInk, record, context.Terminal.CommandName).Write();
                return ExitCode.Done;
            }

            new RunReport(context.Terminal.Out, context.Terminal.OutInk, record, context.Terminal.CommandName) { OutputRoot = context.RootOf(parsed) }.Write();
            return ExitCode.Done;
        });
        return command;
    }

    private static Command Diff(CommandContext context)
    {
        var first = CommandTree.RunIdArgument(context, "first");
        var second = CommandTree.RunIdArgument(context, "second");
        var firstAttempt = AttemptOption("--first-attempt", "Attempt of the first run. Default: the last; of one run the one before it.");
        var secondAttempt = AttemptOption("--second-attempt", "Attempt of the second run. Default: the last.");
        var command = new Command(
            "diff", "Where the records of two runs, or of two attempts of one, differ: inputs, configuration, counts, checks, numbers, digests.")
        {
            first, second, firstAttempt, secondAttempt, context.Options.OutputRoot,
        };
        command.SetAction(parsed =>
        {
            var lake = context.ExistingLake(parsed);
            var snapshot = lake.Snapshot();
            var (one, other) = (context.Run(snapshot, parsed.GetValue(first)!), context.Run(snapshot, parsed.GetValue(second)!));
            var (from, to) = (parsed.GetValue(firstAttempt), parsed.GetValue(secondAttempt));
            if (one.RunId == other.RunId && from is null && to is null && other.Attempt > 1)
            {
                from = other.Attempt - 1;
            }

            if (one.RunId == other.RunId && (from ?? one.Attempt) == (to ?? other.Attempt))
            {
                throw new Lake.Errors.RiskLakeException(
                    Lake.Errors.ErrorCode.CommandLineInvalid, "--first-attempt",
                    FormattableString.Invariant($"attempt {from ?? one.Attempt} of run {one.RunId} on both sides"), "two runs, or two attempts",
                    FormattableString.Invariant($"the run has {one.Attempt}"));
            }

            var a = RecordDiff.Flatten(Record(lake, one, from));
            var b = RecordDiff.Flatten(Record(lake, other, to));
            var rows = context.Rows(parsed, "field", "first", "second");
            foreach (var (field, left, right) in RecordDiff.Compare(a, b))
            {
                rows.Write([field, left, right]);
            }

            rows.Finish();
            return ExitCode.Done;
        });
        return command;
    }

    private static Option<int?> AttemptOption(string name, string description) => new(name) { Description = description, HelpName = "n" };

    /// <summary>The record of a run's last attempt, or of an earlier one.</summary>
    private static JsonObject Record(LakeStore lake, RunState run, int? attempt)
    {
        if (attempt is null || attempt == run.Attempt)
        {
            return lake.ReadRecord(run.RunId)!.AsObject();
        }

        return lake.ReadAttempt(run.RunId, attempt.Value) is { } record
            ? record.AsObject()
            : throw new Lake.Errors.RiskLakeException(
                Lake.Errors.ErrorCode.RunUnknown,
                $"run {run.RunId}",
                FormattableString.Invariant($"no record of attempt {attempt}"),
                FormattableString.Invariant($"1 to {run.Attempt}"),
                "choose another attempt");
    }
}

/// <summary>Compares two run records field by field.</summary>
internal static class RecordDiff
{
    /// <summary>Every value by its path. Items of a list are named by what identifies them, so that one more item moves nothing.</summary>
    public static SortedDictionary<string, string> Flatten(JsonObject record)
    {
        var fields = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var (name, value) in record)
        {
            // How a run was executed does not say what it found.
            if (name is not "execution")
            {
                Add(fields, name, value);
            }
        }

        return fields;
    }

    public static IEnumerable<(string Field, string? First, string? Second)> Compare(
        SortedDictionary<string, string> first, SortedDictionary<string, string> second)
    {
        foreach (var field in first.Keys.Union(second.Keys, StringComparer.Ordinal).Order(StringComparer.Ordinal))
        {
            var (a, b) = (first.GetValueOrDefault(field), second.GetValueOrDefault(field));
            if (!string.Equals(a, b, StringComparison.Ordinal))
            {
                yield return (field, a, b);
            }
        }
    }

    private static void Add(SortedDictionary<string, string> fields, string path, JsonNode? node)
    {
        switch (node)
        {
            // Files of the configuration are compared by their digests, which stand beside them.
            case JsonObject when path == "configuration.files":
                break;
            case JsonObject map:
                foreach (var (name, value) in map)
                {
                    Add(fields, $"{path}.{name}", value);
                }

                break;
            case JsonArray items:
                for (var i = 0; i < items.Count; i++)
                {
                    Add(fields, $"{path}[{Identity(items[i]) ?? i.ToString(CultureInfo.InvariantCulture)}]", items[i]);
                }

                break;
            case JsonValue value:
                fields[path] = value.TryGetValue<string>(out var text) ? text : value.ToJsonString();
                break;
        }
    }

    private static string? Identity(JsonNode? item)
    {
        var view = new RecordView(item);

        // The file name of an output is the run's id: without it the outputs of two runs can be compared.
        return view["path"].Text is { } path ? path[..Math.Max(0, path.LastIndexOf('/'))] : view["rule"].Text ?? view["name"].Text;
    }
}
