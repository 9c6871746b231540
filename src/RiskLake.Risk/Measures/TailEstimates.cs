using RiskLake.Risk;
using RiskLake.Risk.Numerics;

namespace RiskLake.Risk.Measures;

/// <summary>VaR and ES of one series, method by method; what a method fits or simulates is kept for the next confidence.</summary>
/// <remarks>Not thread-safe; one per series. Tail positions are those in all returns given.</remarks>
internal sealed class TailEstimates(double[] returns, int length, MeasureSettings settings)
{
    private readonly Dictionary<GarchSpecification, GarchFit> _fits = [];
    private readonly int _offset = returns.Length - length;
    private double[]? _variances;
    private double[]? _paths;
    private StudentTFit? _studentT;
    private PeaksOverThreshold? _peaks;

    private ReadOnlySpan<double> Window => returns.AsSpan(_offset);

    /// <summary>The model or variant behind a method, or null.</summary>
    public string? ModelOf(TailMethod method) => method switch
    {
        TailMethod.FilteredHistorical => settings.Garch.Name,
        TailMethod.GarchNormal => WithErrors(ErrorDistribution.Normal).Name,
        TailMethod.GarchStudentT => WithErrors(ErrorDistribution.StudentT).Name,
        TailMethod.VolatilityWeighted or TailMethod.EwmaNormal => "ewma-" + settings.EwmaStart.Code(),
        TailMethod.MonteCarlo => "normal",
        _ => null,
    };

    /// <summary>VaR and ES over the horizon of the settings.</summary>
    public TailRisk Of(TailMethod method, Confidence confidence)
    {
        if (SeriesMeasures.TooShort(returns.Length, settings) is { } reason)
        {
            return None(method, confidence, Status.InsufficientHistory, reason);
        }

        var risk = settings.HorizonRule switch
        {
            HorizonRule.OnePeriod => OnePeriod(method, confidence),
            HorizonRule.SquareRootOfTime => Scaled(OnePeriod(method, confidence)),
            _ => OverHorizon(method, confidence),
        };
        return _offset == 0 || risk.Tail.Count == 0
            ? risk
            : risk with { Tail = [.. risk.Tail.Select(item => item with { Index = item.Index + _offset })] };
    }

    /// <summary>Confidence intervals of VaR and of ES, for one-period numbers of the methods that have them.</summary>
    public (ConfidenceInterval? ValueAtRisk, ConfidenceInterval? Shortfall) Intervals(
        TailMethod method, Confidence confidence, TailRisk risk)
    {
        if (settings.IntervalCoverage is not { } coverage || settings.Horizon > 1 || risk.ValueAtRisk.Value is null)
        {
            return (null, null);
        }

        return method switch
        {
            TailMethod.Historical => (OrderStatisticInterval.Of(Window, confidence, coverage), null),
            TailMethod.PeaksOverThreshold when settings.ProfileIntervals => (
                Profile(confidence, coverage, shortfall: false),
                risk.ExpectedShortfall.Value is null ? null : Profile(confidence, coverage, shortfall: true)),
            _ => (null, null),
        };
    }

    // The profile takes the number of exceedances as known, which near the threshold is most of what is not known.
    private ConfidenceInterval Profile(Confidence confidence, Confidence coverage, bool shortfall) =>
        2.0 * length * confidence.Tail <= Peaks().Exceedances
            ? Peaks().ProfileInterval(confidence, coverage, shortfall)
            : new ConfidenceInterval(Status.OutsideDomain, null, null, null, "profile_likelihood", length);

    private TailRisk OnePeriod(TailMethod method, Confidence confidence)
    {
        switch (method)
        {
            case TailMethod.Historical:
                return HistoricalSimulation.Estimate(Window, confidence, settings.QuantileType);
            case TailMethod.AgeWeighted:
                return WeightedSimulation.AgeWeighted(Window, confidence, settings.AgeLambda);
            case TailMethod.AgeWeightedLinear:
                return WeightedSimulation.AgeWeighted(
                    Window, confidence, settings.AgeLambda, WeightedQuantile.LinearInCumulatedWeight);
            case TailMethod.VolatilityWeighted:
                return VolatilityWeighted(confidence);
            case TailMethod.FilteredHistorical:
                return FilteredSimulation.Estimate(Fit(settings.Garch), Window, confidence, settings.QuantileType);
            case TailMethod.Normal:
                return ParametricTail.Normal(Window, confidence, settings.Ddof, settings.Mean);
            case TailMethod.EwmaNormal:
                return EwmaNormal(confidence);
            case TailMethod.GarchNormal or TailMethod.GarchStudentT:
                return GarchForecast(method, confidence);
            case TailMethod.StudentT:
                return ParametricTail.StudentT(_studentT ??= StudentTFit.Of(Window), confidence);
            case TailMethod.CornishFisher:
                return CornishFisher.Estimate(Window, confidence);
            case TailMethod.PeaksOverThreshold:
                return Peaks().Estimate(confidence);
            default:
                return MonteCarloPaths(confidence);
        }
    }

    private TailRisk OverHorizon(TailMethod method, Confidence confidence)
    {
        switch (method, settings.HorizonRule)
        {
            case (TailMethod.Historical, HorizonRule.OverlappingSums or HorizonRule.NonOverlappingSums) when settings.Kind == ReturnKind.Simple:
                return None(method, confidence, Status.OutsideDomain, "Simple returns do not add over time: take log returns.");
            case (TailMethod.Historical, HorizonRule.OverlappingSums or HorizonRule.NonOverlappingSums):
                // The tail's positions would be those of windows, not of observations.
                return HistoricalSimulation.Estimate(
                    Window, confidence, settings.Horizon, settings.HorizonRule, settings.QuantileType) with { Tail = [] };
            case (TailMethod.FilteredHistorical, HorizonRule.Simulated) when settings.Kind == ReturnKind.Simple:
                return None(method, confidence, Status.OutsideDomain, "Simple returns do not add over time: take log returns.");
            case (TailMethod.FilteredHistorical, HorizonRule.Simulated):
                return FilteredSimulation.Simulate(
                    Fit(settings.Garch), Window, confidence, settings.Horizon, settings.Paths, settings.Seed, settings.QuantileType)
                    with { Tail = [] };
            case (TailMethod.MonteCarlo, HorizonRule.Simulated):
                return MonteCarloPaths(confidence);
            default:
                return None(
                    method, confidence, Status.OutsideDomain, $"{method.Code()} does not reach a horizon by {settings.HorizonRule.Code()}.");
        }
    }

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

    private TailRisk VolatilityWeighted(Confidence confidence)
    {
        var variances = Variances();
        var sigmas = new double[length];
        for (var t = 0; t < length; t++)
        {
            sigmas[t] = _offset + t < settings.EwmaWarmUp ? double.NaN : Math.Sqrt(variances[_offset + t]);
        }

        var next = Math.Sqrt(variances[^1]);
        return Complete(WeightedSimulation.VolatilityWeighted(Window, sigmas, next, confidence, settings.QuantileType), risk => risk with
        {
            Parameters = [.. risk.Parameters, new("lambda", settings.EwmaLambda), new("warm_up", settings.EwmaWarmUp)],
        });
    }

    private TailRisk EwmaNormal(Confidence confidence)
    {
        var volatility = Ewma.Volatility(returns, settings.EwmaLambda, settings.EwmaStart);
        if (volatility.Value is not { } sigma)
        {
            return None(TailMethod.EwmaNormal, confidence, volatility.Status, volatility.Reason!);
        }

        return sigma > 0.0
            ? Complete(ParametricTail.NormalForecast(0.0, sigma, confidence, returns.Length), convention => convention with
            {
                Mean = MeanRule.Zero,
                Window = returns.Length,
                Parameters = [.. convention.Parameters, new("lambda", settings.EwmaLambda)],
            })
            : None(TailMethod.EwmaNormal, confidence, Status.Degenerate, "The series has no variance.");
    }

    private TailRisk GarchForecast(TailMethod method, Confidence confidence)
    {
        var fit = Fit(WithErrors(method == TailMethod.GarchNormal ? ErrorDistribution.Normal : ErrorDistribution.StudentT));
        if (fit.NextVariance is not { } next)
        {
            return None(method, confidence, fit.Status, fit.Reason!);
        }

        var (mu, sigma) = (fit["mu"], Math.Sqrt(next));
        return Complete(
            method == TailMethod.GarchNormal
                ? ParametricTail.NormalForecast(mu, sigma, confidence, length)
                : ParametricTail.StudentTForecast(mu, sigma, fit["nu"], confidence, length),
            convention => convention with { Window = length });
    }

    // Over a horizon the sum of independent normal returns is normal: a path is drawn once for all its periods.
    private TailRisk MonteCarloPaths(Confidence confidence)
    {
        if (_paths is null)
        {
            var moments = SampleMoments.Of(Window);
            if (moments is not { Status: Status.Ready, Mean: { } mean, StandardDeviation: > 0.0 and var deviation })
            {
                return Normal();
            }

            var periods = (double)(settings.HorizonRule == HorizonRule.Simulated ? settings.Horizon : 1);
            var variance = CovarianceMatrix.Of([deviation * deviation * periods], 1, "sample", length);
            if (variance.Status != Status.Ready || variance.Cholesky() is null)
            {
                return None(TailMethod.MonteCarlo, confidence, Status.Degenerate, "The variance is too small or too large to compute with.");
            }

            _paths = MonteCarlo.Paths([1.0], [mean * periods], variance, settings.Paths, settings.Seed);
        }

        return Complete(
            HistoricalSimulation.Estimate(_paths, confidence, settings.QuantileType) with { Tail = [] },
            convention => convention with
            {
                Window = length,
                Horizon = settings.HorizonRule == HorizonRule.Simulated ? settings.Horizon : 1,
                HorizonRule = HorizonRule.Simulated,
                Parameters = [new("paths", settings.Paths), new("seed", settings.Seed)],
            });

        // What refuses a normal law for the sample refuses its simulation.
        TailRisk Normal()
        {
            var risk = ParametricTail.Normal(Window, confidence).ValueAtRisk;
            return None(
                TailMethod.MonteCarlo,
                confidence,
                risk.Status == Status.Ready ? Status.Degenerate : risk.Status,
                risk.Reason ?? "The moments are not finite.");
        }
    }

    private double[] Variances() => _variances ??= Ewma.ForecastVariances(returns, settings.EwmaLambda, settings.EwmaStart);

    private PeaksOverThreshold Peaks() => _peaks ??= PeaksOverThreshold.Fit(Window, settings.ThresholdLevel);

    private GarchSpecification WithErrors(ErrorDistribution errors) => settings.Garch with { Errors = errors };

    private GarchFit Fit(GarchSpecification specification)
    {
        if (!_fits.TryGetValue(specification, out var fit))
        {
            fit = GarchFit.Of(Window, specification);
            _fits.Add(specification, fit);
        }

        return fit;
    }

    private static TailRisk Complete(TailRisk risk, Func<Convention, Convention> complete) => risk with
    {
        ValueAtRisk = risk.ValueAtRisk with { Convention = complete(risk.ValueAtRisk.Convention) },
        ExpectedShortfall = risk.ExpectedShortfall with { Convention = complete(risk.ExpectedShortfall.Convention) },
    };

    private TailRisk None(TailMethod method, Confidence confidence, Status status, string reason)
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
            ValueAtRisk = Measure.None("value_at_risk", method.Code(), status, reason, length, convention),
            ExpectedShortfall = Measure.None("expected_shortfall", method.Code(), status, reason, length, convention),
        };
    }
}
