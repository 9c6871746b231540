using RiskLake.Risk;
using RiskLake.Risk.Measures;

namespace RiskLake.Tests.Measures;

/// <summary>The judge of observations: splits and slips of the decimal point are found wherever they stand, and quiet days are not.</summary>
public sealed class SeriesFindingsTests
{
    [Fact]
    public void A_split_or_a_slip_of_the_point_is_found_in_lively_and_in_still_series()
    {
        foreach (var kind in new[] { ReturnKind.Simple, ReturnKind.Log })
        {
            for (var seed = 0; seed < 400; seed++)
            {
                var random = new Random(seed);
                var (length, stillness) = (5 + random.Next(200), seed % 4 * 0.33);
                var prices = new double[length + 1];
                prices[0] = 100;
                for (var i = 1; i < prices.Length; i++)
                {
                    prices[i] = prices[i - 1] * (random.NextDouble() < stillness ? 1 : 1 + (0.02 * (random.NextDouble() - 0.5)));
                }

                var at = 1 + random.Next(length - 1);
                var factor = new[] { 100, 0.01, 10, 0.1, 0.5, 2, 0.25 }[random.Next(7)];
                var isSplit = factor is 0.5 or 2 or 0.25;
                for (var i = at; i < (isSplit ? prices.Length : at + 1); i++)
                {
                    prices[i] *= factor;
                }

                var returns = kind == ReturnKind.Simple ? RiskLake.Risk.Returns.Simple(prices) : RiskLake.Risk.Returns.Log(prices);
                int[] expected = isSplit || at == length ? [at - 1] : [at - 1, at];
                Assert.Equal(expected, SeriesFindings.Extremes(returns, kind));
                Assert.All(expected, index => Assert.Contains(SeriesFindings.ExtremeMove, SeriesFindings.Of(returns, kind)[index]));
            }
        }
    }

    [Fact]
    public void Returns_that_are_no_numbers_and_prices_that_stand_still_are_named()
    {
        var findings = SeriesFindings.Of([0.01, 0, 0, 0, double.NaN, -0.01, 0, 0], ReturnKind.Simple);
        Assert.Equal([1, 2, 3, 4], findings.Keys.Order());
        Assert.Equal([SeriesFindings.StalePrice], findings[2]);
        Assert.Equal([SeriesFindings.NotFinite], findings[4]);
    }

    [Fact]
    public void A_law_that_shrinks_onto_equal_values_says_so_and_normal_tails_say_that()
    {
        double[] tied = [.. Enumerable.Range(0, 200).Select(i => i % 10 == 0 ? 0.01 * Math.Sin(i) : 0.0)];
        var fit = StudentTFit.Of(tied);
        Assert.Equal(Status.NotConverged, fit.Status);
        Assert.Contains("of 200 observations are equal", fit.Reason, StringComparison.Ordinal);
        double[] thin = [.. Enumerable.Range(1, 200).Select(i => Math.Sin(i * 2.399963))];
        Assert.Contains("not heavier than normal", StudentTFit.Of(thin).Reason, StringComparison.Ordinal);
    }
}
