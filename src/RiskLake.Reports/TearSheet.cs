using RiskLake.Risk;
using RiskLake.Risk.Measures;
using RiskLake.Risk.Numerics;

namespace RiskLake.Reports;

/// <summary>Everything a tear sheet shows, computed and not yet drawn.</summary>
internal sealed record TearSheet
{
    /// <summary>Returns a forecast looks back on.</summary>
    public const int Window = 250;

    /// <summary>Decay of the exponentially weighted variance.</summary>
    public const double Lambda = 0.94;

    /// <summary>Returns of the short rolling volatility.</summary>
    public const int ShortWindow = 20;

    public required ReportSeries Series { get; init; }

    /// <summary>Of all returns.</summary>
    public required SampleMoments Moments { get; init; }

    /// <summary>Of the last returns, which VaR and ES rest on.</summary>
    public required SampleMoments Sample { get; init; }

    /// <summary>How many returns VaR, ES and the moments rest on.</summary>
    public int SampleCount => Math.Min(Series.Count, MeasureSettings.StandardWindow);

    public required IReadOnlyList<MethodEstimate> Methods { get; init; }

    public required IReadOnlyList<ForecastReview> Forecasts { get; init; }

    /// <summary>Falls of wealth; null when returns do not compound.</summary>
    public required Drawdowns? Drawdowns { get; init; }

    /// <summary>Running total below its maximum, for changes that add; null when returns compound.</summary>
    public required double[]? Shortfalls { get; init; }

    public required StudentTFit Student { get; init; }

    public required PeaksOverThreshold Extremes { get; init; }

    /// <summary>Quantile of the losses above which the Pareto tail is fitted.</summary>
    public required Confidence ThresholdLevel { get; init; }

    public required IReadOnlyList<HypothesisTest> Dependence { get; init; }

    public required SeriesQuality Quality { get; init; }

    /// <summary>Rolling standard deviations, short and long, per period; NaN until the window is full.</summary>
    public required (double[] Short, double[] Long, double[] Ewma) Volatility { get; init; }

    /// <summary>Historical VaR 99 % and ES 97.5 % of the sample without the flagged observations; null when nothing is flagged.</summary>
    public required (TailRisk ValueAtRisk, TailRisk Shortfall, int Left)? WithoutFlagged { get; init; }

    public static TearSheet Of(ReportSeries series)
    {
        var returns = series.Returns;
        var student = StudentTFit.Of(returns);
        var threshold = MethodComparison.Settings(series).ThresholdLevel;
        var extremes = PeaksOverThreshold.Fit(returns, threshold);
        var quality = SeriesQuality.Of(series);
        var sampled = Math.Max(0, returns.Length - MeasureSettings.StandardWindow);
        double[] kept = [.. Enumerable.Range(sampled, returns.Length - sampled).Where(i => !quality.Flags.ContainsKey(i)).Select(i => returns[i])];
        var compounding = Compounding(series);
        return new TearSheet
        {
            Series = series,
            Moments = SampleMoments.Of(returns),
            Sample = SampleMoments.Of(returns.AsSpan(sampled)),
            Student = student,
            Extremes = extremes,
            ThresholdLevel = threshold,
            Quality = quality,
            Methods = MethodComparison.Of(series),
            Forecasts = [ForecastReview.Historical(returns), ForecastReview.EwmaNormal(returns)],
            Drawdowns = compounding is null ? null : Drawdowns.Of(compounding),
            Shortfalls = compounding is null && returns.All(double.IsFinite) ? BelowMaximum(returns) : null,
            Dependence = returns.Length > 30 && returns.All(double.IsFinite)
                ?
                [
                    SerialDependence.JarqueBera(returns),
                    SerialDependence.LjungBox(returns, 10),
                    SerialDependence.LjungBox([.. returns.Select(value => value * value)], 10),
                ]
                : [],
            Volatility = (
                RollingMoments.StandardDeviation(returns, ShortWindow),
                RollingMoments.StandardDeviation(returns, Window),
                EwmaDeviations(returns)),
            WithoutFlagged = quality.Flags.Count == 0
                ? null
                : (HistoricalSimulation.Estimate(kept, Confidence.P99), HistoricalSimulation.Estimate(kept, Confidence.P975), kept.Length),
        };
    }

    // Returns as wealth earns them; null for changes in money or points.
    private static double[]? Compounding(ReportSeries series) => series.Kind switch
    {
        ReturnKind.Simple => series.Returns,
        ReturnKind.Log => [.. series.Returns.Select(Elementary.Expm1)],
        _ => null,
    };

    private static double[] BelowMaximum(double[] changes)
    {
        var result = new double[changes.Length];
        var (total, greatest) = (default(OrderedSum), 0.0);
        for (var i = 0; i < changes.Length; i++)
        {
            total.Add(changes[i]);
            greatest = Math.Max(greatest, total.Value);
            result[i] = total.Value - greatest;
        }

        return result;
    }

    // The forecast that stood before each return, from the first on which it has something to rest.
    private static double[] EwmaDeviations(double[] returns)
    {
        var variances = Ewma.ForecastVariances(returns, Lambda);
        return [.. Enumerable.Range(0, returns.Length).Select(i => i < ShortWindow ? double.NaN : Math.Sqrt(variances[i]))];
    }
}
