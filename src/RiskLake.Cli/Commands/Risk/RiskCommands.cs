using System.CommandLine;

namespace RiskLake.Cli.Commands.Risk;

/// <summary><c>risklake risk</c>: numbers about risk, over the lake or over any file.</summary>
internal static class RiskCommands
{
    public static Command Build(CommandContext context) => CommandTree.Group(
        "risk",
        "Measure risk, of the lake or of any CSV or Parquet file.",
        RiskRunCommand.Build(context),
        RiskRunCommand.BuildVerify(context),
        MeasureCommand.Build(context),
        PerformanceCommand.Build(context),
        PerformanceCommand.BuildDrawdowns(context),
        RollingCommand.Build(context),
        DependenceCommand.Build(context),
        ExtremesCommand.Build(context),
        VolatilityCommand.Build(context),
        RealisedCommand.Build(context),
        GarchCommand.Build(context),
        BacktestCommand.Build(context),
        CompareCommand.Build(context),
        CorrelationCommand.Build(context),
        CovarianceCommand.Build(context),
        PortfolioCommand.Build(context),
        StressCommand.Build(context),
        RegulatoryCommands.BuildAttribution(context),
        RegulatoryCommands.BuildEligibility(context),
        CapitalCommand.Build(context),
        LimitsCommands.Build(context),
        ExplainCommand.Build(context),
        ReportCommand.Build(context),
        OracleCommand.Build(context));
}
