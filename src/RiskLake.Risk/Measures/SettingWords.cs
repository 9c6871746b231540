namespace RiskLake.Risk.Measures;

/// <summary>The written names of kinds of returns and starts of EWMA, as they stand in tables and JSON.</summary>
internal static class SettingWords
{
    public static string Code(this ReturnKind kind) => kind switch
    {
        ReturnKind.Log => "log",
        ReturnKind.Simple => "simple",
        ReturnKind.Absolute => "absolute",
        ReturnKind.Unstated => "none",
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "No such kind."),
    };

    public static string Code(this EwmaStart start) => start switch
    {
        EwmaStart.NormalizedWeights => "normalized",
        EwmaStart.FirstSquare => "first_square",
        EwmaStart.FullSampleMeanSquare => "full_sample",
        EwmaStart.Backcast75 => "backcast_75",
        _ => throw new ArgumentOutOfRangeException(nameof(start), start, "No such start."),
    };
}
