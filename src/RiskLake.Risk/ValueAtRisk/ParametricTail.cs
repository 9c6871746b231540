using RiskLake.Risk.Numerics;

namespace RiskLake.Risk;

/// <summary>VaR and ES from a fitted distribution of the returns.</summary>
/// <remarks>
/// Units: those of the returns; VaR and ES are losses, positive. alpha = 1 - confidence, z its normal quantile (negative).
/// </remarks>
public static class ParametricTail
{
    /// <summary>Normal: VaR = -(m + s z), ES = -m + s phi(z) / alpha.</summary>
    /// <remarks>
    /// With <see cref="MeanRule.Zero"/> m = 0 and s is the root mean square (RiskMetrics), divisor n. Understates fat tails.
    /// Source: J.P. Morgan, RiskMetrics Technical Document (1996).
    /// </remarks>
    public static TailRisk Normal(ReadOnlySpan<double> returns, Confidence confidence, int ddof = 1, MeanRule mean = MeanRule.Sample)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(ddof);
        var convention = ConventionOf(confidence, mean == MeanRule.Zero ? 0 : ddof, mean, returns.Length);
        if (Refusal.OfSeries(returns, 2) is { } refusal)
        {
            return TailRisk.None("normal", refusal, returns.Length, convention);
        }

        var location = mean == MeanRule.Zero ? 0.0 : Dispersion.Mean(returns);
        var scale = Math.Sqrt(mean == MeanRule.Zero ? Dispersion.MeanSquare(returns) : Dispersion.Variance(returns, ddof));
        return Normal("normal", location, scale, confidence, returns.Length, convention);
    }

    /// <summary>Normal tail of a one-period forecast: VaR = -(mean + sigma z), ES = -mean + sigma phi(z) / alpha.</summary>
    /// <param name="mean">Forecast mean return.</param>
    /// <param name="sigma">Forecast standard deviation, not negative.</param>
    /// <param name="confidence">Confidence level.</param>
    /// <param name="observations">Observations behind the forecast.</param>
    public static TailRisk NormalForecast(double mean, double sigma, Confidence confidence, int observations)
    {
        var convention = new Convention
        {
            Sign = Sign.LossPositive,
            Confidence = confidence,
            Parameters = [new("mean", mean), new("sigma", sigma)],
        };
        return double.IsFinite(mean) && sigma > 0.0 && double.IsFinite(sigma)
            ? Normal("normal_forecast", mean, sigma, confidence, observations, convention)
            : TailRisk.None("normal_forecast", new Refusal(
                Status.InvalidInput, "The forecast is not finite, or has no variance."), observations, convention);
    }

    /// <summary>
    /// Student-t tail of a one-period forecast whose standard deviation is sigma: the quantile is sqrt((nu - 2) / nu) t(alpha).
    /// </summary>
    /// <remarks>
    /// VaR = -(mean + sigma k q), ES = -mean + sigma k f(q) / alpha (nu + q^2) / (nu - 1), k = sqrt((nu - 2) / nu); nu above 2.
    /// </remarks>
    public static TailRisk StudentTForecast(double mean, double sigma, double degreesOfFreedom, Confidence confidence, int observations)
    {
        var convention = new Convention
        {
            Sign = Sign.LossPositive,
            Confidence = confidence,
            Parameters = [new("mean", mean), new("sigma", sigma), new("degrees_of_freedom", degreesOfFreedom)],
        };
        if (!(
            double.IsFinite(mean) && sigma > 0.0 && double.IsFinite(sigma) && degreesOfFreedom > 2.0 && double.IsFinite(degreesOfFreedom)))
        {
            var refusal = new Refusal(
                Status.InvalidInput, "The forecast is not finite, has no variance, or has two or fewer degrees of freedom.");
            return TailRisk.None("student_t_forecast", refusal, observations, convention);
        }

        var scale = sigma * Math.Sqrt((degreesOfFreedom - 2.0) / degreesOfFreedom);
        return StudentT("student_t_forecast", mean, scale, degreesOfFreedom, confidence, observations, convention);
    }

    /// <summary>
    /// Student-t by maximum likelihood: VaR = -(m + s q), ES = -m + s f(q) / alpha (nu + q^2) / (nu - 1), q = t_nu(alpha).
    /// </summary>
    /// <remarks>
    /// s is the t scale, not the standard deviation. The ES is infinite, and absent, at one degree of freedom or fewer.
    /// Source: McNeil, Frey, Embrechts, "Quantitative Risk Management", 2.2. The fitted parameters stand in the convention.
    /// </remarks>
    public static TailRisk StudentT(ReadOnlySpan<double> returns, Confidence confidence) => StudentT(StudentTFit.Of(returns), confidence);

    /// <summary>VaR and ES of a fit made before.</summary>
    public static TailRisk StudentT(StudentTFit fit, Confidence confidence)
    {
        ArgumentNullException.ThrowIfNull(fit);
        var convention = new Convention
        {
            Sign = Sign.LossPositive,
            Confidence = confidence,
            Window = fit.Observations,
            Parameters = fit.Status == Status.Ready
                ? [new("location", fit.Location!.Value), new("scale", fit.Scale!.Value), new(
                    "degrees_of_freedom", fit.DegreesOfFreedom!.Value)]
                : [],
        };
        return fit.Status == Status.Ready
            ? StudentT(
                "student_t", fit.Location!.Value, fit.Scale!.Value, fit.DegreesOfFreedom!.Value, confidence, fit.Observations, convention)
            : TailRisk.None("student_t", new Refusal(fit.Status, fit.Reason ?? string.Empty), fit.Observations, convention);
    }

    internal static TailRisk Normal(
        string method, double mean, double sigma, Confidence confidence, int observations, Convention convention)
    {
        if (!(sigma > 0.0) || !double.IsFinite(sigma))
        {
            return TailRisk.None(method, new Refusal(Status.Degenerate, "The series has no variance."), observations, convention);
        }

        var alpha = confidence.Tail;
        var z = NormalDistribution.Quantile(alpha);
        return TailRisk.Of(
            method, -(mean + (sigma * z)), (sigma * NormalDistribution.Density(z) / alpha) - mean, observations, convention);
    }

    private static TailRisk StudentT(
        string method, double location, double scale, double nu, Confidence confidence, int observations, Convention convention)
    {
        var alpha = confidence.Tail;
        var q = StudentTDistribution.Quantile(alpha, nu);
        var var = -(location + (scale * q));
        if (nu > 1.0)
        {
            var factor = StudentTDistribution.Density(q, nu) / alpha * (nu + (q * q)) / (nu - 1.0);
            return TailRisk.Of(method, var, (scale * factor) - location, observations, convention);
        }

        var infinite = new Refusal(
            Status.OutsideDomain, "The tail mean of a t distribution is infinite at one degree of freedom or fewer.");
        return TailRisk.None(method, infinite, observations, convention) with
        {
            ValueAtRisk = Measure.Of("value_at_risk", method, var, observations, convention),
        };
    }

    private static Convention ConventionOf(Confidence confidence, int ddof, MeanRule mean, int window) => new()
    {
        Sign = Sign.LossPositive,
        Confidence = confidence,
        Ddof = ddof,
        Mean = mean,
        Window = window,
    };
}
