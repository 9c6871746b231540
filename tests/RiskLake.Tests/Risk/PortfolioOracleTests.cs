using RiskLake.Risk.Oracles;

namespace RiskLake.Tests.Risk;

public sealed class PortfolioOracleTests
{
    [Fact]
    public void Covariances_correlations_and_shrinkage_agree() => Oracle.Agrees(PortfolioChecks.CovariancesCorrelationsAndShrinkage);

    [Fact]
    public void Parametric_and_historical_parts_agree() => Oracle.Agrees(PortfolioChecks.ParametricAndHistoricalParts);

    [Fact]
    public void Performance_and_drawdowns_agree() => Oracle.Agrees(PortfolioChecks.PerformanceAndDrawdowns);
}
