using RiskLake.Risk;
using RiskLake.Risk.Measures;
using RiskLake.Risk.Numerics;
using RiskLake.Tests.Risk;

namespace RiskLake.Tests.Measures;

public sealed class SeriesVolatilityTests
{
    [Fact]
    public void The_last_row_of_the_rolling_series_is_the_latest()
    {
        var bars = Bars(80);
        var settings = new VolatilitySettings { Window = 21, PeriodsPerYear = 252 };
        var latest = SeriesVolatility.Compute(bars, settings);
        var rolling = SeriesVolatility.Rolling(bars, settings);
        Assert.Equal(8, latest.Count);
        Assert.Equal((80 - 21) * 8, rolling.Count);
        Assert.All(rolling, row => Assert.Equal(Status.Ready, row.Measure.Status));
        for (var i = 0; i < 8; i++)
        {
            Assert.Equal(latest[i].Measure.Value, rolling[^(8 - i)].Measure.Value);
            Assert.Equal(79, latest[i].Index);
        }

        // Each day of the rolling series is what that day alone would have seen.
        for (var day = 21; day < 80; day += 13)
        {
            var then = SeriesVolatility.Compute(bars.AsSpan(0, day + 1), settings);
            Assert.Equal(then.Select(row => row.Measure.Value), rolling.Where(row => row.Index == day).Select(row => row.Measure.Value));
        }
    }

    [Fact]
    public void Numbers_are_those_of_the_library()
    {
        var bars = Bars(60);
        var rows = SeriesVolatility.Compute(bars, new VolatilitySettings { Window = 20, PeriodsPerYear = 252 });
        var returns = Returns.Log([.. bars.Select(bar => bar.Close)]);
        Assert.Equal(RangeVolatility.Volatility(bars, RangeEstimator.CloseToClose, 20, 252).Value, Value("close_to_close"));
        Assert.Equal(RangeVolatility.Volatility(bars, RangeEstimator.YangZhang, 20, 252).Value, Value("yang_zhang"));
        Assert.Equal(Ewma.Volatility(returns, 0.94, periodsPerYear: 252).Value, Value("ewma"));
        Assert.Equal(Ewma.RiskMetrics2006(returns, 252).Value, Value("riskmetrics_2006"));

        double? Value(string method) => rows.Single(row => row.Measure.Method == method).Measure.Value;
    }

    [Fact]
    public void A_bad_bar_takes_the_windows_that_hold_it()
    {
        var bars = Bars(60);
        bars[30] = bars[30] with { High = bars[30].Low / 2.0 };
        foreach (var row in SeriesVolatility.Rolling(bars, new VolatilitySettings { Window = 10 }))
        {
            var usesPrevious = row.Measure.Method is "yang_zhang" or "garman_klass_yang_zhang";
            var holds = row.Index >= 30 && row.Index < 40 + (usesPrevious ? 1 : 0);
            var closesOnly = row.Measure.Method is "close_to_close" or "ewma" or "riskmetrics_2006";
            Assert.Equal(!closesOnly && holds ? Status.InvalidInput : Status.Ready, row.Measure.Status);
        }
    }

    [Fact]
    public void A_bad_close_is_never_a_number()
    {
        foreach (var bad in (double[])[0.0, -1.0, double.NaN, double.PositiveInfinity])
        {
            var closes = Bars(60).Select(bar => bar.Close).ToArray();
            closes[30] = bad;
            foreach (var row in SeriesVolatility.Rolling(closes, new VolatilitySettings { Window = 10 }))
            {
                var refused = row.Measure.Method == "close_to_close" ? row.Index is >= 30 and <= 40 : row.Index >= 30;
                var needsBars = row.Measure.Method is not ("close_to_close" or "ewma" or "riskmetrics_2006");
                Assert.Equal(refused || needsBars ? Status.InvalidInput : Status.Ready, row.Measure.Status);
            }
        }
    }

    [Fact]
    public void Short_series_have_rows_that_say_so()
    {
        foreach (var count in (int[])[0, 1, 2, 21])
        {
            var rows = SeriesVolatility.Compute(Bars(count), new VolatilitySettings { Window = 21 });
            Assert.Equal(8, rows.Count);
            Assert.Contains(rows, row => row.Measure is { Status: Status.InsufficientHistory, Method: "close_to_close" });
            Assert.All(rows, row => Assert.Equal(row.Measure.Value is null, row.Measure.Status != Status.Ready));
        }
    }

    internal static Bar[] Bars(int count)
    {
        var noise = new double[count * 4];
        Philox.Normals(3, 1, 0, noise);
        var bars = new Bar[count];
        var last = 100.0;
        for (var i = 0; i < count; i++)
        {
            var open = last * (1.0 + (0.004 * noise[4 * i]));
            var close = open * (1.0 + (0.01 * noise[(4 * i) + 1]));
            var high = Math.Max(open, close) * (1.0 + (0.003 * Math.Abs(noise[(4 * i) + 2])));
            var low = Math.Min(open, close) * (1.0 - (0.003 * Math.Abs(noise[(4 * i) + 3])));
            bars[i] = new Bar(open, high, low, close);
            last = close;
        }

        return bars;
    }
}
