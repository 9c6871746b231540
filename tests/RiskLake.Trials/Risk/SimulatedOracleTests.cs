using RiskLake.Risk.Oracles;
using RiskLake.Tests.Risk;

namespace RiskLake.Trials.Risk;

/// <summary>Reference numbers that take a simulation to reach.</summary>
public sealed class SimulatedOracleTests
{
    [Fact]
    public void Simulated_critical_values_agree_within_their_noise() => Oracle.Agrees(ExtremesAndStressChecks.SimulatedCriticalValues);
}
