using System.CommandLine;
using RiskLake.Cli.Output;
using RiskLake.Cli.Query;
using RiskLake.Lake;
using RiskLake.Lake.Errors;

namespace RiskLake.Cli.Commands;

/// <summary><c>risklake data</c>: look into the published lake. Reads only, from any version, also from a read-only copy.</summary>
internal static class DataCommands
{
    public static Command Build(CommandContext context) =>
        CommandTree.Group("data", "Look into the published lake.", List(context), Head(context), Sql(context),
            AsOfCommand.Build(context), SourceCommands.Fetch(context), SourceCommands.Landed(context));

    private static Command List(CommandContext context)
    {
        var table = new Argument<string?>("table")
        {
            Description = "List the files of this table, such as silver.market_events.",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var command = new Command("ls", "The tables of the lake, or the files of one.") { table, context.Options.OutputRoot, context.Options.LakeVersion };
        command.SetAction(parsed =>
        {
            var lake = context.ExistingLake(parsed);
            var snapshot = context.SnapshotOf(parsed, lake);
            if (parsed.GetValue(table) is { } name)
            {
                ListFiles(context, parsed, snapshot, Find(snapshot, name));
                return ExitCode.Done;
            }

            var rows = context.Rows(parsed, "table", "rows", "files", "bytes", "runs", "columns");
            foreach (var state in snapshot.TableStates.Values)
            {
                var files = snapshot.Files(state.Layer, state.Dataset).ToList();
                rows.Write(
                [
                    $"{DataFile.LayerName(state.Layer)}.{state.Dataset}", files.Sum(file => file.Rows), files.Count, files.Sum(file => file.Bytes),
                    files.Select(file => file.RunId).Distinct(StringComparer.Ordinal).Count(), state.Columns.Count,
                ]);
            }

            rows.Finish();
            return ExitCode.Done;
        });
        return command;
    }

    private static void ListFiles(CommandContext context, ParseResult parsed, LakeSnapshot snapshot, TableState table)
    {
        var rows = context.Rows(parsed, "path", "run_id", "attempt", "rows", "bytes", "sha256");
        foreach (var file in snapshot.Files(table.Layer, table.Dataset))
        {
            rows.Write([file.TreePath, file.RunId, file.Attempt, file.Rows, file.Bytes, file.Sha256]);
        }

        rows.Finish();
    }

    private static Command Head(CommandContext context)
    {
        var table = new Argument<string>("table") { Description = "A table, such as silver.market_events." };
        table.CompletionSources.Add(completion => KnownTables(context, completion.ParseResult));
        var count = new Option<int>("--rows", "-n") { Description = "How many rows.", HelpName = "n", DefaultValueFactory = _ => 10 };
        var command = new Command("head", "The first rows of a table.") { table, count, context.Options.OutputRoot, context.Options.LakeVersion };
        command.SetAction(parsed =>
        {
            if (parsed.GetValue(count) < 0)
            {
                throw new RiskLakeException(
                    ErrorCode.CommandLineInvalid, "--rows", ValueText.Plain(parsed.GetValue(count))!, "0 or more", "correct the option");
            }

            var lake = context.ExistingLake(parsed);
            var snapshot = context.SnapshotOf(parsed, lake);
            var state = Find(snapshot, parsed.GetValue(table)!);
            return Select(
                context, parsed, lake, snapshot,
                FormattableString.Invariant($"SELECT * FROM {DataFile.LayerName(state.Layer)}.{LakeQuery.Name(state.Dataset)} LIMIT {parsed.GetValue(count)}"));
        });
        return command;
    }

    private static Command Sql(CommandContext context)
    {
        var statement = new Argument<string>("select")
        {
            Description = "One SELECT, or - to read it from standard input. Views are named <layer>.<dataset>; gold.<dataset>_runs holds every run's rows.",
        };
        var command = new Command("sql", "Ask the published lake in SQL (DuckDB's dialect, read-only, UTC).")
        {
            statement, context.Options.OutputRoot, context.Options.LakeVersion,
        };
        command.SetAction(parsed =>
        {
            var lake = context.ExistingLake(parsed);
            var snapshot = context.SnapshotOf(parsed, lake);
            var text = parsed.GetValue(statement)!;
            return Select(context, parsed, lake, snapshot, text == "-" ? ReadInput() : text);
        });
        return command;
    }

    private static string ReadInput()
    {
        using var reader = new StreamReader(StandardStreams.Input());
        return reader.ReadToEnd();
    }

    /// <summary>Runs a SELECT and writes its rows as they come.</summary>
    public static int Select(CommandContext context, ParseResult parsed, LakeStore lake, LakeSnapshot snapshot, string statement)
    {
        using var query = LakeQuery.Open(lake, snapshot, statement, context.Token);
        RowWriter? rows = null;
        query.Select(statement, names => rows = context.Rows(parsed, names), row => rows!.Write(row), context.Token);
        rows!.Finish();
        return ExitCode.Done;
    }

    private static TableState Find(LakeSnapshot snapshot, string name)
    {
        var states = snapshot.TableStates.Values.ToDictionary(state => $"{DataFile.LayerName(state.Layer)}.{state.Dataset}", StringComparer.OrdinalIgnoreCase);
        return states.GetValueOrDefault(name.Replace('/', '.')) ?? throw new RiskLakeException(
            ErrorCode.QueryInvalid,
            "table",
            $"'{name}'",
            states.Count == 0 ? "a table; the lake holds none yet" : $"one of {string.Join(", ", states.Keys)}",
            Contracts.Configuration.Spelling.Suggest(name, states.Keys));
    }

    private static IEnumerable<string> KnownTables(CommandContext context, ParseResult parsed)
    {
        try
        {
            return [.. context.Lake(parsed).Snapshot().TableStates.Values.Select(state => $"{DataFile.LayerName(state.Layer)}.{state.Dataset}")];
        }
        catch (RiskLakeException)
        {
            return [];
        }
    }
}
