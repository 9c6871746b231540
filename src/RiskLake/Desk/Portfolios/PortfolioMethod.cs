namespace RiskLake.Desk.Portfolios;

/// <summary>Methods by which a portfolio is measured, as tables and configuration name them.</summary>
internal static class PortfolioMethod
{
    public const string Historical = "historical";

    public const string Normal = "normal_covariance";

    public static IReadOnlyList<string> Names { get; } = [Historical, Normal];
}
