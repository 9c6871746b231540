namespace RiskLake.Cli.Commands;

/// <summary>Values that commands assume and messages need not repeat.</summary>
internal static class CommandDefaults
{
    public const string OutputRoot = "data_lake";

    public const string Dataset = "market_event";
}
