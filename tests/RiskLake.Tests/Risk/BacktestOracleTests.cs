using RiskLake.Risk.Oracles;

namespace RiskLake.Tests.Risk;

public sealed class BacktestOracleTests
{
    [Fact]
    public void Coverage_tests_of_rolling_forecasts_agree() => Oracle.Agrees(BacktestChecks.CoverageOfRollingForecasts);

    [Fact]
    public void Traffic_light_reproduces_basel_and_its_generalisation() => Oracle.Agrees(BacktestChecks.TrafficLightZones);

    [Fact]
    public void Kupiec_regions_examples_and_jorion_agree() => Oracle.Agrees(BacktestChecks.KupiecRegions);

    [Fact]
    public void Shortfall_tests_of_rolling_forecasts_agree() => Oracle.Agrees(BacktestChecks.ShortfallOfRollingForecasts);

    [Fact]
    public void E_processes_agree_and_are_monitorable() => Oracle.Agrees(BacktestChecks.EProcesses);

    [Fact]
    public void Random_numbers_are_numpys_and_reproduce_its_portfolio() => Oracle.Agrees(BacktestChecks.RandomNumbers);
}
