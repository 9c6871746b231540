using RiskLake.Risk;
using RiskLake.Risk.Measures;
using RiskLake.Tests.Risk;

namespace RiskLake.Tests.Measures;

public sealed class SeriesCorrelationsTests
{
    [Fact]
    public void Pairs_agree_with_the_matrix()
    {
        double[][] columns = [HostileSeries.Noise(200), HostileSeries.Noise(200, 5), HostileSeries.Noise(200, 6)];
        columns[2] = [.. columns[2].Zip(columns[0], (x, y) => x + y)];
        var rows = SeriesCorrelations.Compute(columns, ["a", "b", "c"], SeriesCorrelations.All);
        Assert.Equal(SeriesCorrelations.All.Count * 3, rows.Count);
        var pearson = CovarianceEstimator.Correlation(columns);
        var kendall = CovarianceEstimator.Kendall(columns);
        var weighted = CovarianceEstimator.ExponentiallyWeighted(columns, 0.94);
        Assert.Equal(pearson[0, 2], Value("pearson", "a", "c"));
        Assert.Equal(kendall[1, 2], Value("kendall", "b", "c"));
        Assert.Equal(weighted[0, 1] / (Math.Sqrt(weighted[0, 0]) * Math.Sqrt(weighted[1, 1])), Value("ewma", "a", "b"));
        Assert.Equal(weighted[0, 1], rows.Single(row => row is { First: "a", Second: "b" } && row.Correlation.Method == "ewma").Covariance);
        Assert.True(Value("ledoit_wolf_2004", "a", "c") < Value("pearson", "a", "c"));
        Assert.All(rows, row => Assert.InRange(row.Correlation.Value!.Value, -1.0, 1.0));

        double? Value(string method, string first, string second) =>
            rows.Single(row => row.First == first && row.Second == second && row.Correlation.Method == method).Correlation.Value;
    }

    [Fact]
    public void A_constant_column_refuses_its_own_pairs()
    {
        double[][] columns = [HostileSeries.Noise(50), HostileSeries.Repeat(0.01, 50), HostileSeries.Noise(50, 5)];
        var rows = SeriesCorrelations.Compute(columns, ["a", "flat", "c"], [CorrelationMethod.Pearson, CorrelationMethod.Ewma]);
        Assert.Equal(Status.Ready, rows[1].Correlation.Status);
        Assert.Equal(Status.Degenerate, rows[0].Correlation.Status);
        columns[2][7] = double.NaN;
        Assert.Equal(
            [Status.Degenerate, Status.InvalidInput, Status.Degenerate],
            SeriesCorrelations.Compute(columns, ["a", "flat", "c"], [CorrelationMethod.Spearman]).Select(row => row.Correlation.Status));
        Assert.Empty(SeriesCorrelations.Compute([], [], SeriesCorrelations.All));
    }
}
