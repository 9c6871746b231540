using RiskLake.Risk;

namespace RiskLake.Tests.Risk;

public sealed class SeedKernelTests
{
    [Fact]
    public void Simple_returns_divide_then_subtract_one()
    {
        double[] prices = [100.0, 110.0, 99.0, 108.9];
        var returns = Returns.Simple(prices);
        Assert.Equal([(110.0 / 100.0) - 1.0, (99.0 / 110.0) - 1.0, (108.9 / 99.0) - 1.0], returns);
    }

    [Fact]
    public void No_price_and_one_price_give_no_return()
    {
        Assert.Empty(Returns.Simple([]));
        Assert.Empty(Returns.Simple([1.0]));
    }

    // Values as numpy 1.24 and pandas 1.5 print them for [-0.03, -0.01, 0.0, 0.02, 0.05].quantile(1 - 0.95):
    // position 4 * 0.050000000000000044 = 0.20000000000000018.
    [Fact]
    public void Type7_keeps_the_binary_probability_that_pandas_uses()
    {
        double[] sorted = [-0.03, -0.01, 0.0, 0.02, 0.05];
        var probability = 1 - 0.95;
        Assert.Equal(-0.03 + ((-0.01 - -0.03) * (4 * probability)), Quantile.Type7(sorted, probability));
        Assert.Equal(-0.03, Quantile.Type7(sorted, 0.0));
        Assert.Equal(0.05, Quantile.Type7(sorted, 1.0));
        Assert.Equal(0.02 - ((0.02 - 0.0) * (1 - (4 * 0.7 - 2))), Quantile.Type7(sorted, 0.7));
    }

    [Fact]
    public void Latest_volatility_is_null_until_the_window_is_full()
    {
        Assert.Null(RollingVolatility.Latest([0.01, 0.02, 0.03, 0.04], 5));
        Assert.NotNull(RollingVolatility.Latest([0.01, 0.02, 0.03, 0.04, 0.05], 5));
        Assert.Null(RollingVolatility.Latest([0.01, 0.02, double.NaN, 0.04, 0.05], 5));
        Assert.Equal(0.0, RollingVolatility.Latest([9.0, 0.1, 0.1, 0.1], 3));
    }
}
