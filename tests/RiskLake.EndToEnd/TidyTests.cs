namespace RiskLake.EndToEnd;

public sealed class TidyTests
{
    [Fact]
    public void Arithmetic_holds() => Assert.Equal(2, 1 + 1);
}
