using System.CommandLine;

namespace RiskLake.Cli.Commands.Risk;

/// <summary><c>risklake risk</c>: numbers about risk, over the lake or over any file.</summary>
internal static class RiskCommands
{
    public static Command Build(CommandContext context) => CommandTree.Group(
        "risk",
        "Risk numbers over any CSV or Parquet file.",
        MeasureCommand.Build(context),
        VolatilityCommand.Build(context),
        GarchCommand.Build(context),
        BacktestCommand.Build(context),
        CorrelationCommand.Build(context),
        OracleCommand.Build(context));
}
