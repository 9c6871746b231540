using RiskLake.Risk.Oracles;

namespace RiskLake.Tests.Risk;

public sealed class ExtremesAndStressOracleTests
{
    [Fact]
    public void Peaks_over_threshold_agree() => Oracle.Agrees(ExtremesAndStressChecks.PeaksOverThresholdFits);

    [Fact]
    public void Hill_and_weissman_agree() => Oracle.Agrees(ExtremesAndStressChecks.HillAndWeissman);

    [Fact]
    public void Monte_carlo_reproduces_every_digit_for_any_number_of_threads() => Oracle.Agrees(ExtremesAndStressChecks.MonteCarloPortfolio);

    [Fact]
    public void Stress_scenarios_agree() => Oracle.Agrees(ExtremesAndStressChecks.StressScenarios);

    [Fact]
    public void Attribution_scenarios_agree() => Oracle.Agrees(ExtremesAndStressChecks.AttributionScenarios);

    [Fact]
    public void Modellability_cases_agree() => Oracle.Agrees(ExtremesAndStressChecks.ModellabilityCases);

    [Fact]
    public void Internal_model_formulas_agree() => Oracle.Agrees(ExtremesAndStressChecks.InternalModelFormulas);

    [Fact]
    public void Distribution_backtests_of_weighted_normal_forecasts_agree() => Oracle.Agrees(ExtremesAndStressChecks.DistributionBacktests);
}
