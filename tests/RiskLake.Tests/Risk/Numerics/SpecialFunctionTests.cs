using RiskLake.Risk.Oracles;

namespace RiskLake.Tests.Risk.Numerics;

public sealed class SpecialFunctionTests
{
    [Fact]
    public void Special_functions_agree_with_the_reference_table() => Oracle.Agrees(SpecialFunctionChecks.SpecialFunctions);
}
