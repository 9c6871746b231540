using RiskLake.Risk.Numerics;

namespace RiskLake.Risk;

/// <summary>
/// The generalised Pareto law of losses beyond a high threshold, by maximum likelihood: extreme value theory for the tail.
/// </summary>
/// <remarks>
/// P(L - u > y | L > u) = (1 + xi y / beta)^(-1/xi). Losses are minus the returns; exceedances are strictly above u.
/// VaR = u + beta/xi ((n alpha / N)^-xi - 1), ES = (VaR + beta - xi u) / (1 - xi), for alpha at most N/n; ES is infinite from xi = 1.
/// Units: those of the returns; losses positive. Standard errors from the observed information.
/// Sources: McNeil, "Estimating the tails of loss severity distributions", ASTIN Bulletin 27 (1997); Hosking, Wallis (1987) for the
/// moments.
/// </remarks>
public sealed record PeaksOverThreshold
{
    private const string Method = "peaks_over_threshold";
    private const int LeastExceedances = 15;
    private const double Golden = 0.6180339887498949;
    private double[] _excesses = [];

    /// <summary>Ready, or why there is no fit.</summary>
    public required Status Status { get; init; }

    /// <summary>Why there is none; null when ready.</summary>
    public string? Reason { get; init; }

    /// <summary>Number of returns.</summary>
    public required int Observations { get; init; }

    /// <summary>Number of losses above the threshold.</summary>
    public int Exceedances { get; init; }

    /// <summary>The threshold u, a loss.</summary>
    public double? Threshold { get; init; }

    /// <summary>Shape xi: positive for a power tail of index 1/xi.</summary>
    public double? Shape { get; init; }

    /// <summary>Scale beta, in the unit of the losses.</summary>
    public double? Scale { get; init; }

    /// <summary>Standard error of the shape.</summary>
    public double? ShapeError { get; init; }

    /// <summary>Standard error of the scale.</summary>
    public double? ScaleError { get; init; }

    /// <summary>Covariance of shape and scale.</summary>
    public double? Covariance { get; init; }

    /// <summary>Log-likelihood of the excesses.</summary>
    public double? LogLikelihood { get; init; }

    /// <summary>Fits above the type 7 quantile of the losses at a level such as 9/10; needs 15 exceedances.</summary>
    public static PeaksOverThreshold Fit(ReadOnlySpan<double> returns, Confidence thresholdLevel)
    {
        if (Refusal.OfSeries(returns, LeastExceedances) is { } refusal)
        {
            return None(refusal, returns.Length);
        }

        var losses = Losses(returns);
        Array.Sort(losses);
        return FitAbove(losses, Quantile.Of(losses, QuantileType.Linear, thresholdLevel.Numerator, thresholdLevel.Denominator));
    }

    /// <summary>Fits above a threshold in loss units.</summary>
    public static PeaksOverThreshold Fit(ReadOnlySpan<double> returns, double threshold)
    {
        if (Refusal.OfSeries(returns, LeastExceedances) is { } refusal || !double.IsFinite(threshold))
        {
            return None(Refusal.OfSeries(returns, LeastExceedances) ?? new Refusal(
                Status.InvalidInput, "The threshold is not finite."), returns.Length);
        }

        var losses = Losses(returns);
        Array.Sort(losses);
        return FitAbove(losses, threshold);
    }

    /// <summary>VaR and ES at a confidence beyond the threshold.</summary>
    public TailRisk Estimate(Confidence confidence)
    {
        var convention = ConventionOf(confidence);
        if (Status != Status.Ready || Threshold is not { } u || Shape is not { } xi || Scale is not { } beta)
        {
            return TailRisk.None(Method, new Refusal(Status, Reason ?? string.Empty), Observations, convention);
        }

        if (Observations * confidence.TailNumerator > (long)Exceedances * confidence.Denominator)
        {
            return TailRisk.None(
                Method, new Refusal(Status.OutsideDomain, "The confidence lies below the threshold."), Observations, convention);
        }

        var var = u + (beta * Reach(xi, confidence));
        if (xi < 1.0)
        {
            return TailRisk.Of(Method, var, (var + beta - (xi * u)) / (1.0 - xi), Observations, convention);
        }

        return TailRisk.None(Method, new Refusal(
            Status.OutsideDomain, "The tail mean is infinite at a shape of one or more."), Observations, convention) with
        {
            ValueAtRisk = Measure.Of("value_at_risk", Method, var, Observations, convention),
        };
    }

    /// <summary>
    /// Profile likelihood interval of VaR, or of ES: where twice the drop in log-likelihood stays below the chi-square quantile.
    /// </summary>
    /// <remarks>
    /// Asymmetric, as the tail is. A bound that is not reached within a hundred times the estimate's distance to u is missing:
    /// not_converged.
    /// </remarks>
    public ConfidenceInterval ProfileInterval(Confidence confidence, Confidence coverage, bool shortfall = false)
    {
        const string Profile = "profile_likelihood";
        var risk = Estimate(confidence);
        var centre = shortfall ? risk.ExpectedShortfall.Value : risk.ValueAtRisk.Value;
        if (centre is not { } best || Threshold is not { } u || !(best > u))
        {
            return new ConfidenceInterval(Status == Status.Ready ? Status.OutsideDomain : Status, null, null, null, Profile, Observations);
        }

        var likelihood = new ParetoLikelihood(_excesses);
        var drop = 0.5 * ChiSquaredDistribution.Quantile(coverage.Level, 1);
        var low = Bound(
            q => ProfileAt(likelihood, q - u, confidence, shortfall) - LogLikelihood!.Value + drop, best, u + (1e-9 * (best - u)));
        var high = Bound(
            q => ProfileAt(likelihood, q - u, confidence, shortfall) - LogLikelihood!.Value + drop, best, u + (100.0 * (best - u)));
        return low is null || high is null
            ? new ConfidenceInterval(Status.NotConverged, null, null, null, Profile, Observations)
            : new ConfidenceInterval(Status.Ready, low, high, coverage.Level, Profile, Observations);
    }

    /// <summary>Shape and scale from probability-weighted moments with plotting positions (i - 0.35) / N; null unless ready.</summary>
    public (double Shape, double Scale)? ProbabilityWeightedMoments()
    {
        if (Status != Status.Ready)
        {
            return null;
        }

        var n = _excesses.Length;
        var (a0, a1) = (default(OrderedSum), default(OrderedSum));
        for (var i = 0; i < n; i++)
        {
            a0.Add(_excesses[i]);
            a1.Add(_excesses[i] * (1.0 - ((i + 0.65) / n)));
        }

        var (first, second) = (a0.Value / n, a1.Value / n);
        return (2.0 - (first / (first - (2.0 * second))), 2.0 * first * second / (first - (2.0 * second)));
    }

    /// <summary>
    /// Hill's estimate of the shape from the k greatest losses: mean of ln(x_i / x_{k+1}); null unless they are all positive and k is below
    /// n.
    /// </summary>
    /// <remarks>Source: Hill, Annals of Statistics 3 (1975).</remarks>
    public static double? Hill(ReadOnlySpan<double> returns, int k)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(k, 1);
        if (Refusal.OfSeries(returns, k + 1) is not null)
        {
            return null;
        }

        var losses = Losses(returns);
        Array.Sort(losses);
        if (!(losses[^(k + 1)] > 0.0))
        {
            return null;
        }

        var sum = default(OrderedSum);
        for (var i = 1; i <= k; i++)
        {
            sum.Add(Elementary.Log(losses[^i] / losses[^(k + 1)]));
        }

        return sum.Value / k;
    }

    /// <summary>Weissman's VaR on Hill's shape: x_{k+1} (k / (n alpha))^xi; null where Hill has no estimate.</summary>
    public static double? Weissman(ReadOnlySpan<double> returns, int k, Confidence confidence)
    {
        if (Hill(returns, k) is not { } shape)
        {
            return null;
        }

        var losses = Losses(returns);
        Array.Sort(losses);
        return losses[^(k + 1)] * Elementary.Pow(k / (returns.Length * confidence.Tail), shape);
    }

    /// <summary>
    /// Mean excess e(u) = mean(L - u | L > u) at each threshold, NaN where nothing exceeds: a straight rising line suggests a Pareto tail.
    /// </summary>
    public static double[] MeanExcess(ReadOnlySpan<double> returns, ReadOnlySpan<double> thresholds)
    {
        var result = new double[thresholds.Length];
        for (var k = 0; k < result.Length; k++)
        {
            var sum = default(OrderedSum);
            var count = 0;
            foreach (var value in returns)
            {
                if (-value > thresholds[k])
                {
                    sum.Add(-value - thresholds[k]);
                    count++;
                }
            }

            result[k] = count == 0 ? double.NaN : sum.Value / count;
        }

        return result;
    }

    private static PeaksOverThreshold FitAbove(double[] sortedLosses, double threshold)
    {
        var n = sortedLosses.Length;
        double[] excesses = [.. sortedLosses.Where(loss => loss > threshold).Select(loss => loss - threshold)];
        if (excesses.Length < LeastExceedances || excesses[0] == excesses[^1])
        {
            return None(excesses.Length < LeastExceedances ? Refusal.TooFew(LeastExceedances, excesses.Length) : Refusal.Constant, n);
        }

        var likelihood = new ParetoLikelihood(excesses);
        if (!likelihood.TryMaximize(out var shape, out var scale, out var value, out var covariance))
        {
            return None(new Refusal(Status.NotConverged, "The Pareto likelihood has no interior maximum."), n);
        }

        return new PeaksOverThreshold
        {
            _excesses = excesses,
            Status = Status.Ready,
            Observations = n,
            Exceedances = excesses.Length,
            Threshold = threshold,
            Shape = shape,
            Scale = scale,
            ShapeError = Math.Sqrt(covariance.Shape),
            ScaleError = scale * Math.Sqrt(covariance.LogScale),
            Covariance = scale * covariance.Cross,
            LogLikelihood = value,
        };
    }

    private static PeaksOverThreshold None(Refusal refusal, int observations) =>
        new() { Status = refusal.Status, Reason = refusal.Reason, Observations = observations };

    private static double[] Losses(ReadOnlySpan<double> returns)
    {
        var losses = new double[returns.Length];
        for (var i = 0; i < losses.Length; i++)
        {
            losses[i] = -returns[i];
        }

        return losses;
    }

    // ((n alpha / N)^-xi - 1) / xi, continuous at xi = 0.
    private double Reach(double xi, Confidence confidence)
    {
        var log = Elementary.Log(Exceedances / (Observations * confidence.Tail));
        return Math.Abs(xi * log) < 1e-10 ? log : Elementary.Expm1(xi * log) / xi;
    }

    private double ProfileAt(ParetoLikelihood likelihood, double distance, Confidence confidence, bool shortfall)
    {
        // A coarse grid brackets the maximum over the shape; golden section narrows it.
        const int Points = 24;
        var (least, most) = (-0.5, shortfall ? 0.999 : 3.0);
        var width = (most - least) / Points;
        var (best, at) = (double.NegativeInfinity, least);
        for (var i = 0; i <= Points; i++)
        {
            var value = At(least + (i * width));
            if (value > best)
            {
                (best, at) = (value, least + (i * width));
            }
        }

        var (low, high) = (Math.Max(least, at - width), Math.Min(most, at + width));
        var (left, right) = (high - (Golden * (high - low)), low + (Golden * (high - low)));
        var (valueLeft, valueRight) = (At(left), At(right));
        for (var i = 0; i < 36; i++)
        {
            if (valueLeft > valueRight)
            {
                (high, right, valueRight) = (right, left, valueLeft);
                left = high - (Golden * (high - low));
                valueLeft = At(left);
            }
            else
            {
                (low, left, valueLeft) = (left, right, valueRight);
                right = low + (Golden * (high - low));
                valueRight = At(right);
            }
        }

        return Math.Max(best, Math.Max(valueLeft, valueRight));

        double At(double xi)
        {
            var reach = Reach(xi, confidence);
            return likelihood.At(xi, shortfall ? distance * (1.0 - xi) / (reach + 1.0) : distance / reach);
        }
    }

    private static double? Bound(Func<double, double> gap, double inside, double outside)
    {
        if (gap(outside) > 0.0)
        {
            return null;
        }

        for (var i = 0; i < 48; i++)
        {
            var middle = 0.5 * (inside + outside);
            if (gap(middle) > 0.0)
            {
                inside = middle;
            }
            else
            {
                outside = middle;
            }
        }

        return 0.5 * (inside + outside);
    }

    private Convention ConventionOf(Confidence confidence) => new()
    {
        Sign = Sign.LossPositive,
        Confidence = confidence,
        Window = Observations,
        Parameters = Status == Status.Ready
            ? [new("threshold", Threshold!.Value), new("exceedances", Exceedances), new("shape", Shape!.Value), new("scale", Scale!.Value)]
            : [],
    };
}
