using RiskLake.Risk.Measures;

namespace RiskLake.Desk.Limits;

/// <summary>Methods whose numbers limits of symbols may be held against.</summary>
internal static class LimitMethods
{
    private static readonly string[] s_tail = [.. TailMethods.All.Select(method => method.Code)];

    private static readonly string[] s_volatility = [.. Enum.GetValues<VolatilityEstimator>().Select(SeriesVolatility.Code)];

    public static IReadOnlyList<string> OfSymbols(string measure) => measure == LimitedMeasure.Volatility ? s_volatility : s_tail;
}
