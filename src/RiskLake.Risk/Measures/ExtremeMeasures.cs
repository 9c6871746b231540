using RiskLake.Risk;

namespace RiskLake.Risk.Measures;

/// <summary>Everything beside the returns that decides the rows of <see cref="ExtremeMeasures"/>.</summary>
internal sealed record ExtremeSettings
{
    /// <summary>The threshold in loss units; null for the quantile <see cref="ThresholdLevel"/> of the losses.</summary>
    public double? Threshold { get; init; }

    /// <summary>Quantile of the losses above which the Pareto law is fitted, where no threshold is given.</summary>
    public Confidence ThresholdLevel { get; init; } = Confidence.P95;

    /// <summary>Levels of VaR and ES.</summary>
    public IReadOnlyList<Confidence> Confidences { get; init; } = [Confidence.P975, Confidence.P99];

    /// <summary>Coverage of profile likelihood intervals; null for none.</summary>
    public Confidence? Coverage { get; init; } = Confidence.P95;

    /// <summary>Numbers of greatest losses that Hill's estimate looks at.</summary>
    public IReadOnlyList<int> HillCounts { get; init; } = [];

    /// <summary>The unit of the returns.</summary>
    public string Unit { get; init; } = "fraction";
}

/// <summary>The tail beyond a threshold by extreme value theory, as rows in a fixed order: the fit, VaR and ES, Hill and Weissman.</summary>
internal static class ExtremeMeasures
{
    private const string Method = "peaks_over_threshold";

    /// <summary>Computes the rows.</summary>
    public static IReadOnlyList<MeasureRow> Compute(ReadOnlySpan<double> returns, ExtremeSettings settings)
    {
        var fit = settings.Threshold is { } threshold
            ? PeaksOverThreshold.Fit(returns, threshold)
            : PeaksOverThreshold.Fit(returns, settings.ThresholdLevel);
        var moments = fit.ProbabilityWeightedMoments();
        List<MeasureRow> rows =
        [
            Fit("threshold", settings.Unit, fit.Threshold), Fit("exceedances", "none", fit.Status == Status.Ready ? fit.Exceedances : null),
            Fit("tail_shape", "none", fit.Shape), Fit("tail_scale", settings.Unit, fit.Scale), Fit("tail_shape_error", "none", fit.ShapeError),
            Fit("tail_scale_error", settings.Unit, fit.ScaleError), Fit("tail_shape_scale_covariance", settings.Unit, fit.Covariance),
            Fit("log_likelihood", "none", fit.LogLikelihood), Moment("tail_shape", "none", moments?.Shape),
            Moment("tail_scale", settings.Unit, moments?.Scale),
        ];
        double? excess = fit.Threshold is { } u && PeaksOverThreshold.MeanExcess(returns, [u])[0] is var mean && double.IsFinite(mean) ? mean : null;
        rows.Add(Fit("mean_excess", settings.Unit, excess));
        foreach (var level in settings.Confidences.Order())
        {
            var risk = fit.Estimate(level);
            rows.Add(new MeasureRow { Measure = risk.ValueAtRisk, Unit = settings.Unit, Interval = Interval(level, shortfall: false) });
            rows.Add(new MeasureRow { Measure = risk.ExpectedShortfall, Unit = settings.Unit, Interval = Interval(level, shortfall: true) });
        }

        foreach (var count in settings.HillCounts)
        {
            AddHill(rows, returns, count, settings);
        }

        return rows;

        MeasureRow Fit(string name, string unit, double? value) => Row(name, Method, unit, value, fit);

        MeasureRow Moment(string name, string unit, double? value) => Row(name, "probability_weighted_moments", unit, value, fit);

        ConfidenceInterval? Interval(Confidence level, bool shortfall) =>
            settings.Coverage is { } coverage ? fit.ProfileInterval(level, coverage, shortfall) : null;
    }

    private static void AddHill(List<MeasureRow> rows, ReadOnlySpan<double> returns, int count, ExtremeSettings settings)
    {
        var n = returns.Length;
        var convention = new Convention { Sign = Sign.Natural, Window = n, Parameters = [new("greatest_losses", count)] };
        rows.Add(Of("tail_shape", PeaksOverThreshold.Hill(returns, count), "hill", "none", convention));
        foreach (var level in settings.Confidences.Order())
        {
            rows.Add(Of(
                "value_at_risk", PeaksOverThreshold.Weissman(returns, count, level), "weissman", settings.Unit,
                convention with { Sign = Sign.LossPositive, Confidence = level }));
        }

        MeasureRow Of(string name, double? value, string method, string unit, Convention with) => new()
        {
            Measure = value is { } number ? Measure.Of(name, method, number, n, with) : Measure.None(
                name, method, n <= count ? Status.InsufficientHistory : Status.InvalidInput,
                FormattableString.Invariant($"Needs {count + 1} positive losses of finite returns that differ."), n, with),
            Unit = unit,
        };
    }

    private static MeasureRow Row(string name, string method, string unit, double? value, PeaksOverThreshold fit)
    {
        var convention = new Convention
        {
            Sign = name is "threshold" or "mean_excess" ? Sign.LossPositive : Sign.Natural,
            Window = fit.Observations,
        };
        var measure = value is { } number ? Measure.Of(name, method, number, fit.Observations, convention)
            : fit.Status == Status.Ready ? Measure.None(name, method, Status.Degenerate, "The fit does not give it.", fit.Observations, convention)
            : Measure.None(name, method, fit.Status, fit.Reason!, fit.Observations, convention);
        return new MeasureRow { Measure = measure, Unit = unit };
    }
}
