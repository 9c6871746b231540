using RiskLake.Risk.Numerics;

namespace RiskLake.Risk;

/// <summary>One estimated parameter with its three standard errors.</summary>
/// <param name="Name">As in <see cref="GarchSpecification.ParameterNames"/>.</param>
/// <param name="Value">The estimate, in units of the data (omega: squared; EGARCH's omega: logarithm of squared).</param>
/// <param name="HessianError">From the inverse of minus the Hessian; null for a parameter fixed by a boundary.</param>
/// <param name="OpgError">From the inverse of the summed outer products of scores.</param>
/// <param name="SandwichError">Bollerslev-Wooldridge: inverse Hessian times outer products times inverse Hessian; right under wrong error
/// laws.</param>
public readonly record struct GarchParameter(string Name, double Value, double? HessianError, double? OpgError, double? SandwichError);

/// <summary>A GARCH model fitted by maximum likelihood, with its variances and forecasts.</summary>
/// <remarks>
/// Units: those of the returns given; nothing is rescaled in what is reported. LogLikelihood includes all constants. Everything but the
/// specification is absent unless Status is Ready, or the persistence is one or more: then the status is not converged, the estimates are
/// there to be looked at, and there is no forecast. Standard errors come from the exact Hessian, not from differences.
/// Source: Bollerslev, Wooldridge, Econometric Reviews 11 (1992); presample rules as in <see cref="Presample"/>.
/// </remarks>
public sealed partial record GarchFit
{
    private const double MeanAbsoluteNormal = GarchLikelihood.MeanAbsoluteNormal;

    /// <summary>Ready, or why there is no fit.</summary>
    public required Status Status { get; init; }

    /// <summary>Why there is none; null when ready.</summary>
    public string? Reason { get; init; }

    /// <summary>The model, presample rule and constraint.</summary>
    public required GarchSpecification Specification { get; init; }

    /// <summary>Number of returns.</summary>
    public required int Observations { get; init; }

    /// <summary>The estimates.</summary>
    public IReadOnlyList<GarchParameter> Parameters { get; init; } = [];

    /// <summary>
    /// The boundary the optimum lies on (<c>alpha + beta = 1</c>), or <c>mu at an observation</c> on an edge of EGARCH's likelihood; null
    /// for an interior one.
    /// </summary>
    public string? Boundary { get; init; }

    /// <summary>The maximised log-likelihood.</summary>
    public double? LogLikelihood { get; init; }

    /// <summary>2 k - 2 lnL with k free parameters.</summary>
    public double? Aic { get; init; }

    /// <summary>k ln n - 2 lnL.</summary>
    public double? Bic { get; init; }

    /// <summary>alpha + beta, alpha + gamma / 2 + beta, or beta for EGARCH: the share of a variance shock left after one period.</summary>
    public double? Persistence { get; init; }

    /// <summary>omega / (1 - persistence), for EGARCH exp(omega / (1 - beta)); null when persistence is not below one.</summary>
    public double? UnconditionalVariance { get; init; }

    /// <summary>
    /// Periods until half a variance shock is gone: ln 0.5 / ln persistence; null when persistence is not strictly between 0 and 1.
    /// </summary>
    public double? HalfLife { get; init; }

    /// <summary>
    /// Conditional variances h_1 .. h_n; each uses returns before its own period, apart from the presample's mean square.
    /// </summary>
    public IReadOnlyList<double> Variances { get; init; } = [];

    /// <summary>The forecast variance of the period after the last return.</summary>
    public double? NextVariance { get; init; }

    /// <summary>Derivative evaluations of the optimiser.</summary>
    public int Iterations { get; init; }

    /// <summary>The estimate of one parameter.</summary>
    /// <exception cref="ArgumentException">The model has no such parameter, or is not ready.</exception>
    public double this[string name]
    {
        get
        {
            foreach (var parameter in Parameters)
            {
                if (string.Equals(parameter.Name, name, StringComparison.Ordinal))
                {
                    return parameter.Value;
                }
            }

            throw new ArgumentException($"{Specification.Name} has no estimate of {name}.", nameof(name));
        }
    }

    /// <summary>Forecast variances E[h] of the next periods: v + persistence^(k-1) (h_{n+1} - v).</summary>
    /// <remarks>
    /// Empty unless ready. EGARCH with normal errors: the exact mean, h_{n+1}^(beta^(k-1)) times the product over i below k - 1 of
    /// E exp(beta^i (omega + alpha (|z| - sqrt(2/pi)) + gamma z)), the moments in closed form. EGARCH with t errors: the first period only,
    /// for E exp(|z|) is infinite, and with it every later mean; a simulated one would be a number without a limit.
    /// Source: Nelson, Econometrica 59 (1991), theorem A1.2.
    /// </remarks>
    public double[] ForecastVariances(int periods)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(periods, 1);
        if (NextVariance is not { } next || Persistence is not { } persistence)
        {
            return [];
        }

        if (Specification.Model == GarchModel.Egarch)
        {
            return Specification.Errors == ErrorDistribution.Normal ? LogForecasts(next, periods) : [next];
        }

        var result = new double[periods];
        for (var k = 0; k < result.Length; k++)
        {
            result[k] = k == 0 ? next : this["omega"] + (persistence * result[k - 1]);
        }

        return result;
    }

    private double[] LogForecasts(double next, int periods)
    {
        var (omega, alpha, gamma, beta) = (this["omega"], this["alpha"], this["gamma"], this["beta"]);
        var (up, down) = (alpha + gamma, alpha - gamma);
        var (power, sum) = (1.0, 0.0);
        var result = new double[periods];
        result[0] = next;
        for (var k = 1; k < periods; k++)
        {
            // E exp(s (alpha |z| + gamma z)) from the two halves of the normal law, s = beta^(k-1).
            var moment = (Elementary.Exp(0.5 * power * power * up * up) * NormalDistribution.Cdf(power * up))
                + (Elementary.Exp(0.5 * power * power * down * down) * NormalDistribution.Cdf(power * down));
            sum += (power * (omega - (alpha * MeanAbsoluteNormal))) + Elementary.Log(moment);
            power *= beta;
            result[k] = Elementary.Exp((power * Elementary.Log(next)) + sum);
        }

        return result;
    }

    /// <summary>Residuals over their conditional deviations, z_t = (r_t - mu) / sqrt(h_t); empty unless ready.</summary>
    /// <exception cref="ArgumentException">These are not as many returns as were fitted.</exception>
    public double[] StandardizedResiduals(ReadOnlySpan<double> returns)
    {
        if (Status != Status.Ready)
        {
            return [];
        }

        Shape.Length(Observations, returns.Length, nameof(returns));
        var mu = this["mu"];
        var result = new double[returns.Length];
        for (var t = 0; t < result.Length; t++)
        {
            result[t] = (returns[t] - mu) / Math.Sqrt(Variances[t]);
        }

        return result;
    }

    /// <summary>
    /// News impact curve: next variance after residuals e, the last variance at its unconditional level; NaN where there is none.
    /// </summary>
    /// <remarks>Source: Engle, Ng, Journal of Finance 48 (1993).</remarks>
    public double[] NewsImpact(ReadOnlySpan<double> residuals)
    {
        var result = new double[residuals.Length];
        for (var i = 0; i < result.Length; i++)
        {
            result[i] = UnconditionalVariance is { } level ? NextAfter(residuals[i], level) : double.NaN;
        }

        return result;
    }

    /// <summary>Whether the residuals still hold structure: Ljung-Box of z and of z^2, ARCH-LM, and Engle-Ng sign bias.</summary>
    public IReadOnlyList<HypothesisTest> Diagnostics(ReadOnlySpan<double> returns, int lags = 10)
    {
        var z = StandardizedResiduals(returns);
        if (z.Length == 0)
        {
            return [];
        }

        double[] squares = [.. z.Select(static value => value * value)];
        return
        [
            SerialDependence.LjungBox(z, lags) with { Name = "ljung_box_residuals" },
            SerialDependence.LjungBox(squares, lags) with { Name = "ljung_box_squared_residuals" },
            SerialDependence.ArchLm(z, lags),
            SignBias(z, squares),
        ];
    }

    /// <summary>The variance after a residual e and a variance h.</summary>
    internal double NextAfter(double e, double h)
    {
        var (omega, alpha, beta) = (this["omega"], this["alpha"], this["beta"]);
        switch (Specification.Model)
        {
            case GarchModel.Garch:
                return omega + (alpha * e * e) + (beta * h);
            case GarchModel.Gjr:
                return omega + ((alpha + (e < 0.0 ? this["gamma"] : 0.0)) * e * e) + (beta * h);
            default:
                var z = e / Math.Sqrt(h);
                return Elementary.Exp(
                    omega + (alpha * (Math.Abs(z) - MeanAbsoluteNormal)) + (this["gamma"] * z) + (beta * Elementary.Log(h)));
        }
    }

    // z_t^2 on [1, S, S z, (1 - S) z] of the day before, S = 1{z < 0}: n R^2, chi-square 3.
    private static HypothesisTest SignBias(double[] z, double[] squares)
    {
        const string Name = "sign_bias_joint";
        var rows = z.Length - 1;
        var design = new double[rows * 4];
        for (var t = 0; t < rows; t++)
        {
            var down = z[t] < 0.0;
            design[t * 4] = 1.0;
            design[(t * 4) + 1] = down ? 1.0 : 0.0;
            design[(t * 4) + 2] = down ? z[t] : 0.0;
            design[(t * 4) + 3] = down ? 0.0 : z[t];
        }

        return LeastSquares.TryFit(design, squares.AsSpan(1), 4, out var fit)
            ? HypothesisTest.ChiSquared(Name, rows * fit.RSquared, 3, rows)
            : HypothesisTest.None(Name, new Refusal(Status.Degenerate, "All residuals have one sign."), "chi_squared", rows);
    }
}
