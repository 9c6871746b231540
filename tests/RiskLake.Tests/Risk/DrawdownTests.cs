using RiskLake.Risk;

namespace RiskLake.Tests.Risk;

/// <summary>Drawdowns against the list that one reads off the prices.</summary>
public sealed class DrawdownTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Episodes_are_those_of_the_prices_however_the_returns_round(bool areLog)
    {
        var random = new Random(7);
        for (var run = 0; run < 500; run++)
        {
            var prices = new double[2 + random.Next(300)];
            prices[0] = 100;
            for (var i = 1; i < prices.Length; i++)
            {
                // Few prices, so that peaks and troughs are touched again and again.
                prices[i] = 90 + random.Next(run % 2 == 0 ? 15 : 60);
            }

            double[] returns = areLog
                ? [.. RiskLake.Risk.Returns.Log(prices).Select(RiskLake.Risk.Numerics.Elementary.Expm1)]
                : RiskLake.Risk.Returns.Simple(prices);
            var found = Drawdowns.Of(returns);
            Assert.Equal(
                Literal(prices).OrderBy(fall => fall.Peak).Select(fall => (fall.Peak, fall.Trough, fall.Recovery)),
                found.Episodes.OrderBy(fall => fall.PeakIndex).Select(fall => (fall.PeakIndex, fall.TroughIndex, fall.RecoveryIndex)));
            Assert.Equal(found.Episodes.Select(fall => Math.Round(fall.Depth, 9)), found.Episodes.Select(fall => Math.Round(fall.Depth, 9)).Order());
            for (var t = 1; t < prices.Length; t++)
            {
                var depth = (prices[t] / prices[..(t + 1)].Max()) - 1;
                Assert.Equal(depth, found.Underwater[t - 1], 1e-10);
                Assert.True(depth != 0 || found.Underwater[t - 1] == 0.0);
            }
        }
    }

    /// <summary>A fall begins at the last price that stood at the maximum, and ends at the first that stands there again.</summary>
    private static IEnumerable<(int Peak, int Trough, int? Recovery)> Literal(double[] prices)
    {
        for (var peak = 0; peak < prices.Length - 1; peak++)
        {
            if (prices[peak] < prices[..(peak + 1)].Max() || prices[peak + 1] >= prices[peak])
            {
                continue;
            }

            var end = Array.FindIndex(prices, peak + 1, price => price >= prices[peak]);
            var under = prices[(peak + 1)..(end < 0 ? prices.Length : end)];
            yield return (peak, peak + 1 + Array.IndexOf(under, under.Min()), end < 0 ? null : end);
        }
    }
}
