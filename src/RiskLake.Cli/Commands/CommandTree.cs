using System.CommandLine;
using System.CommandLine.Completions;
using RiskLake.Cli.Commands.Risk;

namespace RiskLake.Cli.Commands;

/// <summary>All commands of the program.</summary>
internal static class CommandTree
{
    public static RootCommand Build(CommandContext context)
    {
        var root = new RootCommand("Market events in, risk numbers that can be defended out.");
        root.HelpName = "risklake";
        root.Options.Add(context.Options.Format);
        root.Options.Add(context.Options.Quiet);
        root.Options.Add(context.Options.Verbose);
        root.Options.Add(context.Options.Recheck);
        root.Options.Add(context.Options.Trust);
        root.Directives.Clear();
        root.Directives.Add(new SuggestDirective());
        root.Subcommands.Add(RunCommand.Build(context));
        root.Subcommands.Add(BackfillCommand.Build(context));
        root.Subcommands.Add(RunsCommands.Build(context));
        root.Subcommands.Add(QuarantineCommands.Build(context));
        root.Subcommands.Add(DataCommands.Build(context));
        root.Subcommands.Add(ContractCommands.Build(context));
        root.Subcommands.Add(CalendarCommands.Build(context));
        root.Subcommands.Add(RiskCommands.Build(context));
        root.Subcommands.Add(LakeCommands.Build(context));
        root.Subcommands.Add(LakeCommands.BuildDoctor(context));
        root.Subcommands.Add(CompletionCommand.Build(context));
        root.Subcommands.Add(DocsCommand.Build(context));
        return root;
    }

    /// <summary>A group of commands; it does nothing by itself.</summary>
    public static Command Group(string name, string description, params ReadOnlySpan<Command> children)
    {
        var group = new Command(name, description);
        foreach (var child in children)
        {
            group.Subcommands.Add(child);
        }

        return group;
    }

    /// <summary>An argument that is a run id, completed from the lake.</summary>
    public static Argument<string> RunIdArgument(CommandContext context, string name = "run-id")
    {
        var argument = new Argument<string>(name) { Description = "Id of a run." };
        argument.CompletionSources.Add(completion => KnownRuns(context, completion.ParseResult));
        return argument;
    }

    private static IEnumerable<string> KnownRuns(CommandContext context, ParseResult parsed)
    {
        try
        {
            return [.. context.Lake(parsed).Snapshot().Runs.Keys.Order(StringComparer.Ordinal)];
        }
        catch (Lake.Errors.RiskLakeException)
        {
            return [];
        }
    }
}
