using System.CommandLine;

namespace RiskLake.Cli.Commands;

/// <summary><c>risklake risk</c>: risk of series and of the lake.</summary>
internal static class RiskCommands
{
    public static Command Build(CommandContext context) => CommandTree.Group(
        "risk", "Measure risk, of the lake or of a file.",
        RiskRunCommand.Build(context), RiskRunCommand.BuildVerify(context));
}
