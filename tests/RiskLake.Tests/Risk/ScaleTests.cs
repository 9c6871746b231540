using RiskLake.Risk;
using RiskLake.Risk.Numerics;

namespace RiskLake.Tests.Risk;

/// <summary>A change of unit by a power of two changes a number by that power and no digit of it, or the number is refused.</summary>
public sealed class ScaleTests
{
    private static readonly double[] s_first = Noise(1);
    private static readonly double[] s_second = Noise(2);

    private static readonly Dictionary<string, (int Degree, Func<double[], double[], double?> Of)> s_measures = new(StringComparer.Ordinal)
    {
        ["close to close"] = (1, static (x, _) => CloseToClose.Volatility(x).Value),
        ["ewma"] = (1, static (x, _) => Ewma.Volatility(x, 0.94).Value),
        ["riskmetrics 2006"] = (1, static (x, _) => Ewma.RiskMetrics2006(x).Value),
        ["realised variance"] = (2, static (x, _) => RealisedVariance.Total(x).Value),
        ["quarticity"] = (4, static (x, _) => RealisedVariance.Quarticity(x).Value),
        ["jump"] = (2, static (x, _) => RealisedVariance.Jump(x).Value),
        ["deviation"] = (1, static (x, _) => SampleMoments.Of(x).StandardDeviation),
        ["kurtosis"] = (0, static (x, _) => SampleMoments.Of(x).ExcessKurtosis),
        ["historical"] = (1, static (x, _) => HistoricalSimulation.Estimate(x, Confidence.P99).ExpectedShortfall.Value),
        ["student t"] = (1, static (x, _) => ParametricTail.StudentT(x, Confidence.P99).ExpectedShortfall.Value),
        ["peaks over threshold"] =
            (1, static (x, _) => PeaksOverThreshold.Fit(x, Confidence.P90).Estimate(Confidence.P99).ExpectedShortfall.Value),
        ["sortino"] = (0, static (x, _) => PerformanceRatios.Sortino(x, 252).Value),
        ["beta"] = (0, static (x, y) => Benchmark.Beta(x, y).Value),
        ["mcneil frey"] = (0, static (x, _) => ShortfallBacktest.ExceedanceResiduals(x, Level(x, 0.5), Level(x, 0.6)).Statistic),
        ["identity"] = (2, static (x, y) => Element(Shrinkage.Identity([x, y]))),
        ["constant correlation"] = (2, static (x, y) => Element(Shrinkage.ConstantCorrelation([x, y]))),
        ["single index"] = (2, static (x, y) => Element(Shrinkage.SingleIndex([x, y]))),
        ["oracle approximating"] = (2, static (x, y) => Element(Shrinkage.OracleApproximating([x, y]))),
        ["garch"] = (2, static (x, _) => GarchFit.Of(x, new GarchSpecification()).NextVariance),
    };

    public static TheoryData<string> Names => [.. s_measures.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void A_number_scales_exactly_or_is_refused(string name)
    {
        var (degree, measure) = s_measures[name];
        var plain = measure(s_first, s_second)!.Value;
        foreach (var exponent in (int[])[-1000, -540, -300, -200, -60, -40, 40, 60, 140, 300, 700, 1000])
        {
            if (measure(Scaled(s_first, exponent), Scaled(s_second, exponent)) is { } value)
            {
                // In two steps: the inverse of the power may be too large for one.
                var half = Math.ScaleB(1.0, -degree * exponent / 2);
                Oracle.Close(plain, value * half * half, 1e-11, name);
            }
            else
            {
                Assert.False(Math.Abs(exponent) <= 60, FormattableString.Invariant($"{name} refuses 2^{exponent}."));
            }
        }
    }

    private static double? Element(CovarianceMatrix matrix) => matrix.Status == Status.Ready ? matrix[0, 1] + matrix[0, 0] : null;

    private static double[] Level(double[] series, double share) => [.. series.Select(_ => share * series.Max(Math.Abs))];

    private static double[] Scaled(double[] series, int exponent) => [.. series.Select(value => Math.ScaleB(value, exponent))];

    // A GARCH series with Student t errors of five degrees of freedom.
    private static double[] Noise(ulong path)
    {
        var series = new double[600];
        var variance = 1.0;
        for (var t = 0; t < series.Length; t++)
        {
            series[t] = Math.Sqrt(0.6 * variance) * StudentTDistribution.Quantile(Philox.Uniform(77, path, (ulong)t), 5.0);
            variance = 0.05 + (0.15 * series[t] * series[t]) + (0.8 * variance);
        }

        return series;
    }
}
