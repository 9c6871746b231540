using RiskLake.Risk.Numerics;

namespace RiskLake.Risk.Measures;

/// <summary>VaR and ES of one series, method by method; what a method fits or simulates is kept for the next confidence.</summary>
/// <param name="returns">All returns, in time order: EWMA variances are fed by those before the window too.</param>
/// <param name="length">The last so many are the window.</param>
/// <param name="settings">Everything else.</param>
/// <remarks>Not thread-safe; one per series. Tail positions are those in all returns given.</remarks>
internal sealed class TailWork(double[] returns, int length, MeasureSettings settings)
{
    private readonly Dictionary<GarchSpecification, GarchFit> _fits = [];
    private double[]? _variances;
    private double[]? _paths;
    private StudentTFit? _studentT;
    private PeaksOverThreshold? _peaks;

    /// <summary>Everything beside the returns.</summary>
    public MeasureSettings Settings => settings;

    /// <summary>All returns.</summary>
    public double[] Returns => returns;

    /// <summary>Returns of the window.</summary>
    public int Length => length;

    /// <summary>Returns before the window.</summary>
    public int Offset { get; } = returns.Length - length;

    /// <summary>The returns that are measured.</summary>
    public ReadOnlySpan<double> Window => returns.AsSpan(Offset);

    /// <summary>VaR and ES over the horizon of the settings.</summary>
    public TailRisk Of(TailMethod method, Confidence confidence)
    {
        if (SeriesMeasures.TooShort(returns.Length, settings) is { } reason)
        {
            return None(method, confidence, Status.InsufficientHistory, reason);
        }

        var risk = settings.HorizonRule switch
        {
            HorizonRule.OnePeriod => method.OnePeriod(this, confidence),
            HorizonRule.SquareRootOfTime => Scaled(method.OnePeriod(this, confidence)),
            _ => method.OverHorizon(this, confidence),
        };
        return Offset == 0 || risk.Tail.Count == 0
            ? risk
            : risk with { Tail = [.. risk.Tail.Select(item => item with { Index = item.Index + Offset })] };
    }

    /// <summary>Confidence intervals of VaR and of ES, for one-period numbers of the methods that have them.</summary>
    public (ConfidenceInterval? ValueAtRisk, ConfidenceInterval? Shortfall) Intervals(TailMethod method, Confidence confidence, TailRisk risk) =>
        settings.IntervalCoverage is not { } coverage || settings.Horizon > 1 || risk.ValueAtRisk.Value is null
            ? (null, null)
            : method.Intervals(this, confidence, coverage, risk);

    /// <summary>EWMA forecasts of the variance, one more than there are returns.</summary>
    public double[] Variances() => _variances ??= Ewma.ForecastVariances(returns, settings.EwmaLambda, settings.EwmaStart);

    /// <summary>The generalised Pareto law above the threshold of the settings.</summary>
    public PeaksOverThreshold Peaks() => _peaks ??= PeaksOverThreshold.Fit(Window, settings.ThresholdLevel);

    /// <summary>The Student t of the window.</summary>
    public StudentTFit StudentT() => _studentT ??= StudentTFit.Of(Window);

    /// <summary>A GARCH model of the window.</summary>
    public GarchFit Fit(GarchSpecification specification)
    {
        if (!_fits.TryGetValue(specification, out var fit))
        {
            fit = GarchFit.Of(Window, specification);
            _fits.Add(specification, fit);
        }

        return fit;
    }

    /// <summary>VaR and ES by the forecast of a GARCH model.</summary>
    public TailRisk Forecast(
        TailMethod method, Confidence confidence, GarchSpecification specification, Func<GarchFit, double, TailRisk> law)
    {
        var fit = Fit(specification);
        return fit.NextVariance is { } next
            ? Complete(law(fit, Math.Sqrt(next)), convention => convention with { Window = length })
            : None(method, confidence, fit.Status, fit.Reason!);
    }

    /// <summary>Whether the window has a mean and a variance above 0.</summary>
    public bool HasMoments() => SampleMoments.Of(Window) is { Status: Status.Ready, Mean: not null, StandardDeviation: > 0.0 };

    /// <summary>Simulated returns over the horizon, normal with the moments of the window; null where they cannot be computed with.</summary>
    public double[]? Paths()
    {
        if (_paths is null && SampleMoments.Of(Window) is { Status: Status.Ready, Mean: { } mean, StandardDeviation: > 0.0 and var deviation })
        {
            var periods = (double)(settings.HorizonRule == HorizonRule.Simulated ? settings.Horizon : 1);
            var variance = CovarianceMatrix.Of([deviation * deviation * periods], 1, "sample", length);
            if (variance.Status == Status.Ready && variance.Cholesky() is not null)
            {
                _paths = MonteCarlo.Paths([1.0], [mean * periods], variance, settings.Paths, settings.Seed);
            }
        }

        return _paths;
    }

    /// <summary>Simple returns over several periods are products, not sums.</summary>
    public TailRisk DoNotAdd(TailMethod method, Confidence confidence) =>
        None(method, confidence, Status.OutsideDomain, "Simple returns do not add over time: take log returns.");

    /// <summary>No number, and why.</summary>
    public TailRisk None(TailMethod method, Confidence confidence, Status status, string reason)
    {
        var convention = new Convention
        {
            Sign = Sign.LossPositive,
            Confidence = confidence,
            Window = settings.Window ?? length,
            Horizon = settings.Horizon,
            HorizonRule = settings.HorizonRule,
        };
        return new TailRisk
        {
            ValueAtRisk = Measure.None("value_at_risk", method.Code, status, reason, length, convention),
            ExpectedShortfall = Measure.None("expected_shortfall", method.Code, status, reason, length, convention),
        };
    }

    /// <summary>Says of both numbers what the estimator could not know.</summary>
    public static TailRisk Complete(TailRisk risk, Func<Convention, Convention> complete) => risk with
    {
        ValueAtRisk = risk.ValueAtRisk with { Convention = complete(risk.ValueAtRisk.Convention) },
        ExpectedShortfall = risk.ExpectedShortfall with { Convention = complete(risk.ExpectedShortfall.Convention) },
    };

    private TailRisk Scaled(TailRisk one)
    {
        var factor = Math.Sqrt(settings.Horizon);
        return one with { ValueAtRisk = Scale(one.ValueAtRisk), ExpectedShortfall = Scale(one.ExpectedShortfall) };

        Measure Scale(Measure measure)
        {
            var convention = measure.Convention with { Horizon = settings.Horizon, HorizonRule = HorizonRule.SquareRootOfTime };
            return measure.Value is { } value
                ? Measure.Of(measure.Name, measure.Method, value * factor, measure.Observations, convention)
                : measure with { Convention = convention };
        }
    }
}
