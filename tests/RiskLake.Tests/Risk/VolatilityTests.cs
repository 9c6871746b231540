using CsCheck;
using RiskLake.Risk;

namespace RiskLake.Tests.Risk;

public sealed class VolatilityTests
{
    private static readonly Bar[] s_bars =
    [
        new(100.0, 101.5, 99.25, 101.0),
        new(101.5, 103.0, 101.0, 102.5),
        new(102.0, 102.75, 100.0, 100.5),
        new(99.75, 101.25, 99.5, 101.0),
        new(101.25, 104.0, 101.0, 103.5),
        new(103.0, 103.25, 101.5, 102.0),
    ];

    // Expected values: the published formulas in 40-digit arithmetic.
    [Theory]
    [InlineData(RangeEstimator.CloseToClose, 0.2992904140681086)]
    [InlineData(RangeEstimator.Parkinson, 0.21628544384756282)]
    [InlineData(RangeEstimator.GarmanKlass, 0.21077896088908915)]
    [InlineData(RangeEstimator.RogersSatchell, 0.19710276819615555)]
    [InlineData(RangeEstimator.GarmanKlassYangZhang, 0.2262298228077268)]
    [InlineData(RangeEstimator.YangZhang, 0.22080202815419467)]
    public void Range_estimators_follow_their_papers(RangeEstimator estimator, double expected) =>
        Oracle.Close(expected, RangeVolatility.Volatility(s_bars, estimator, 5, 252).Value, 1e-12, RangeVolatility.NameOf(estimator));

    [Fact]
    public void Riskmetrics_2006_follows_its_paper() =>
        Oracle.Close(0.012137013100356215, Ewma.RiskMetrics2006([0.01, -0.02, 0.015, 0.003, -0.007, 0.012]).Value, 1e-13);

    [Fact]
    public void Only_the_bars_of_the_window_count()
    {
        foreach (var estimator in Enum.GetValues<RangeEstimator>())
        {
            Bar[] more = [new Bar(1, 50, 0.5, 7), new Bar(3, 90, 2, 4), .. s_bars];
            Assert.Equal(
                RangeVolatility.Volatility(s_bars, estimator, 5).Value, RangeVolatility.Volatility(more, estimator, 5).Value);
        }
    }

    [Fact]
    public void Nothing_looks_ahead() => Gen.Select(Gen.Double[-0.1, 0.1].Array[30, 90], Gen.Int[20, 29]).Sample((r, cut) =>
    {
        var past = r[..cut];
        foreach (var start in (EwmaStart[])[EwmaStart.NormalizedWeights, EwmaStart.FirstSquare])
        {
            Assert.Equal(Ewma.ForecastVariances(past, 0.94, start), Ewma.ForecastVariances(r, 0.94, start)[..(cut + 1)]);
        }

        Assert.Equal(RollingMoments.StandardDeviation(past, 7), RollingMoments.StandardDeviation(r, 7)[..cut]);
        Assert.Equal(RollingMoments.Mean(past, 7), RollingMoments.Mean(r, 7)[..cut]);
        Assert.Equal(RollingTail.Quantiles(past, 9, 1, 4), RollingTail.Quantiles(r, 9, 1, 4)[..cut]);
        var (var, es) = (new double[r.Length], new double[r.Length]);
        var (varPast, esPast) = (new double[cut], new double[cut]);
        RollingTail.ValueAtRiskAndShortfall(r, 12, Confidence.P90, var, es);
        RollingTail.ValueAtRiskAndShortfall(past, 12, Confidence.P90, varPast, esPast);
        Assert.Equal(varPast, var[..cut]);
        Assert.Equal(esPast, es[..cut]);
    });

    [Fact]
    public void A_window_that_holds_a_bad_value_has_no_number_and_the_next_clean_one_has()
    {
        double[] r = [0.01, -0.02, double.NaN, 0.03, 0.01, -0.01, 0.02, double.PositiveInfinity, 0.0, 0.01, 0.02];
        bool[] clean = [false, false, false, false, false, true, true, false, false, false, true];
        var deviations = RollingMoments.StandardDeviation(r, 3);
        var (var, es) = (new double[r.Length], new double[r.Length]);
        RollingTail.ValueAtRiskAndShortfall(r, 3, Confidence.Of(0.5m), var, es);
        for (var i = 0; i < r.Length; i++)
        {
            Assert.Equal(clean[i], double.IsFinite(deviations[i]));
            Assert.Equal(clean[i], double.IsFinite(var[i]) && double.IsFinite(es[i]));
        }
    }

    // Long series go through vector lanes, short ones do not; a window's result rests on its own block and the one before.
    [Fact]
    public void A_rolling_window_has_the_same_bits_in_a_long_series_and_in_a_short_one()
    {
        var number = Gen.Frequency((20, Gen.Double[-2.0, 2.0]), (1, Gen.Const(1e8)), (1, Gen.Const(1e200)), (1, Gen.Const(double.NaN)));
        Gen.Select(Gen.Int[2, 7], number.Array[0, 90], Gen.Bool).Sample((window, series, means) =>
        {
            double[] Rolling(double[] values) =>
                means ? RollingMoments.Mean(values, window) : RollingMoments.StandardDeviation(values, window);
            var whole = Rolling(series);
            for (var edge = 0; edge < series.Length; edge += window)
            {
                var (from, to) = (Math.Max(0, edge - window), Math.Min(edge + window, series.Length));
                var part = Rolling(series[from..to]);
                Assert.Equal(
                    part[(edge - from)..].Select(BitConverter.DoubleToInt64Bits), whole[edge..to].Select(BitConverter.DoubleToInt64Bits));
            }
        });
    }
}
