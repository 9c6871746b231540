using RiskLake.Risk.Numerics;

namespace RiskLake.Risk;

/// <summary>Backtests of expected shortfall that need no model beyond the forecasts.</summary>
/// <remarks>
/// X returns, losses negative; VaR and ES positive; I = 1{X &lt; -VaR}, strictly; alpha = 1 - confidence; T days. Units: none unless
/// stated.
/// </remarks>
public static class ShortfallBacktest
{
    /// <summary>Acerbi-Szekely Z1 = 1 + sum(X I / ES) / sum(I): size of losses beyond VaR. Negative: ES too small.</summary>
    /// <remarks>
    /// Its distribution depends on the tail: simulate critical values from the model. Source: Acerbi, Szekely, Risk (December 2014).
    /// </remarks>
    public static Measure Z1(
        ReadOnlySpan<double> returns, ReadOnlySpan<double> valueAtRisk, ReadOnlySpan<double> expectedShortfall, Confidence confidence)
    {
        if (Check(returns, valueAtRisk, expectedShortfall) is { } refusal)
        {
            return None("acerbi_szekely_z1", refusal, returns.Length, confidence);
        }

        var (sum, hits) = ScaledLosses(returns, valueAtRisk, expectedShortfall);
        return hits == 0
            ? None("acerbi_szekely_z1", new Refusal(Status.InsufficientHistory, "There is no exceedance."), returns.Length, confidence)
            : Build("acerbi_szekely_z1", 1.0 + (sum / hits), returns.Length, confidence);
    }

    /// <summary>
    /// Acerbi-Szekely Z2 = 1 + sum(X I / ES) / (T alpha): number and size of losses beyond VaR. Negative: risk too small.
    /// </summary>
    /// <remarks>For 250 days at 97.5 % about -0.7 rejects at 5 % and -1.8 at 0.01 % for normal to moderately fat tails.</remarks>
    public static Measure Z2(
        ReadOnlySpan<double> returns, ReadOnlySpan<double> valueAtRisk, ReadOnlySpan<double> expectedShortfall, Confidence confidence)
    {
        if (Check(returns, valueAtRisk, expectedShortfall) is { } refusal)
        {
            return None("acerbi_szekely_z2", refusal, returns.Length, confidence);
        }

        var (sum, _) = ScaledLosses(returns, valueAtRisk, expectedShortfall);
        return Build("acerbi_szekely_z2", 1.0 + (sum / (returns.Length * confidence.Tail)), returns.Length, confidence);
    }

    /// <summary>
    /// Minimally biased statistic: mean of (ES - VaR) - (X + VaR)^- / alpha, divided by ES when relative. Negative: ES too small.
    /// </summary>
    /// <remarks>
    /// Unit: that of the returns unless relative. Source: Acerbi, Szekely, "The minimally biased backtest for ES", Risk (2019).
    /// </remarks>
    public static Measure MinimallyBiased(
        ReadOnlySpan<double> returns, ReadOnlySpan<double> valueAtRisk, ReadOnlySpan<double> expectedShortfall,
        Confidence confidence, bool relative)
    {
        var name = relative ? "minimally_biased_relative" : "minimally_biased_absolute";
        if (Check(returns, valueAtRisk, expectedShortfall) is { } refusal)
        {
            return None(name, refusal, returns.Length, confidence);
        }

        var sum = default(OrderedSum);
        for (var t = 0; t < returns.Length; t++)
        {
            var shortfall = Math.Max(-(returns[t] + valueAtRisk[t]), 0.0);
            var term = expectedShortfall[t] - valueAtRisk[t] - (shortfall / confidence.Tail);
            sum.Add(relative ? term / expectedShortfall[t] : term);
        }

        return Build(name, sum.Value / returns.Length, returns.Length, confidence);
    }

    /// <summary>
    /// McNeil-Frey exceedance residuals: t statistic of the mean of (loss - ES) / sigma over exceedances, one-sided against a positive
    /// mean.
    /// </summary>
    /// <remarks>
    /// An empty <paramref name="sigmas"/> leaves residuals in the data's unit, as rugarch does; the forecast's sigma is the paper's. The
    /// p-value is
    /// the normal approximation; with few exceedances use <see cref="BootstrapResiduals"/>. Parameters: mean residual and number of
    /// exceedances.
    /// Source: McNeil, Frey, Journal of Empirical Finance 7 (2000).
    /// </remarks>
    public static HypothesisTest ExceedanceResiduals(
        ReadOnlySpan<double> returns, ReadOnlySpan<double> valueAtRisk, ReadOnlySpan<double> expectedShortfall,
        ReadOnlySpan<double> sigmas = default)
    {
        const string Name = "mcneil_frey_residuals";
        if (Check(returns, valueAtRisk, expectedShortfall) is { } refusal)
        {
            return HypothesisTest.None(Name, refusal, "normal", returns.Length);
        }

        var residuals = Residuals(returns, valueAtRisk, expectedShortfall, sigmas);
        if (Refusal.OfSeries(residuals, 2) is { } tooFew)
        {
            return HypothesisTest.None(Name, tooFew, "normal", returns.Length);
        }

        var mean = Dispersion.Mean(residuals);
        var t = mean / Math.Sqrt(Dispersion.Variance(residuals, 1) / residuals.Length);
        return HypothesisTest.Of(Name, t, "normal", NormalDistribution.Cdf(-t), returns.Length) with
        {
            Parameters = [new("mean_residual", mean), new("exceedances", residuals.Length)],
        };
    }

    /// <summary>
    /// McNeil-Frey test with a bootstrap p-value: the share of resamples of the centred residuals whose t exceeds the observed one.
    /// </summary>
    /// <remarks>
    /// Resample i draws from Philox stream i of the seed: the same p-value on any machine. Source: Efron, Tibshirani, 16.4.
    /// </remarks>
    public static HypothesisTest BootstrapResiduals(
        ReadOnlySpan<double> returns,
        ReadOnlySpan<double> valueAtRisk,
        ReadOnlySpan<double> expectedShortfall,
        ReadOnlySpan<double> sigmas,
        int resamples,
        ulong seed)
    {
        const string Name = "mcneil_frey_bootstrap";
        ArgumentOutOfRangeException.ThrowIfLessThan(resamples, 1);
        var observed = ExceedanceResiduals(returns, valueAtRisk, expectedShortfall, sigmas);
        if (observed.Statistic is not { } t)
        {
            return HypothesisTest.None(Name, new Refusal(observed.Status, observed.Reason ?? string.Empty), "bootstrap", returns.Length);
        }

        var centred = Residuals(returns, valueAtRisk, expectedShortfall, sigmas);
        var mean = Dispersion.Mean(centred);
        for (var i = 0; i < centred.Length; i++)
        {
            centred[i] -= mean;
        }

        var above = 0;
        var draw = new double[centred.Length];
        for (var b = 0; b < resamples; b++)
        {
            for (var i = 0; i < draw.Length; i++)
            {
                draw[i] = centred[(int)(Philox.Uniform(seed, (ulong)b, (ulong)i) * centred.Length)];
            }

            var spread = Math.Sqrt(Dispersion.Variance(draw, 1) / draw.Length);
            var average = Dispersion.Mean(draw);
            above += average > 0.0 && average >= t * spread ? 1 : average <= 0.0 && spread > 0.0 && average / spread >= t ? 1 : 0;
        }

        return HypothesisTest.Of(Name, t, "bootstrap", (above + 1.0) / (resamples + 1.0), returns.Length) with
        {
            Parameters = [.. observed.Parameters, new("resamples", resamples)],
        };
    }

    /// <summary>Nolde and Ziegel's simple conditional calibration of (VaR, ES): T Vbar' (V'V/T)^-1 Vbar, chi-square 2.</summary>
    /// <remarks>V_t = (alpha - I, e - q + I (q - X) / alpha), q = -VaR, e = -ES. Source: Annals of Applied Statistics 11 (2017).</remarks>
    public static HypothesisTest ConditionalCalibration(
        ReadOnlySpan<double> returns, ReadOnlySpan<double> valueAtRisk, ReadOnlySpan<double> expectedShortfall, Confidence confidence)
    {
        const string Name = "nolde_ziegel_simple";
        if (Check(returns, valueAtRisk, expectedShortfall) is { } refusal)
        {
            return HypothesisTest.None(Name, refusal, "chi_squared", returns.Length);
        }

        var alpha = confidence.Tail;
        var n = (double)returns.Length;
        double a = 0, b = 0, aa = 0, ab = 0, bb = 0;
        for (var t = 0; t < returns.Length; t++)
        {
            var hit = returns[t] < -valueAtRisk[t] ? 1.0 : 0.0;
            var first = alpha - hit;
            var second = valueAtRisk[t] - expectedShortfall[t] + (hit * (-valueAtRisk[t] - returns[t]) / alpha);
            a += first;
            b += second;
            aa += first * first;
            ab += first * second;
            bb += second * second;
        }

        var (ma, mb, saa, sab, sbb) = (a / n, b / n, aa / n, ab / n, bb / n);
        var determinant = (saa * sbb) - (sab * sab);
        return determinant <= 1e-14 * saa * sbb
            ? HypothesisTest.None(Name, new Refusal(
                Status.Degenerate, "The identification functions are collinear: no exceedance."), "chi_squared", returns.Length)
            : HypothesisTest.ChiSquared(
                Name, n * ((ma * ma * sbb) - (2.0 * ma * mb * sab) + (mb * mb * saa)) / determinant, 2, returns.Length);
    }

    internal static Refusal? Check(ReadOnlySpan<double> returns, ReadOnlySpan<double> valueAtRisk, ReadOnlySpan<double> expectedShortfall)
    {
        Shape.Length(returns.Length, valueAtRisk.Length, nameof(valueAtRisk));
        Shape.Length(returns.Length, expectedShortfall.Length, nameof(expectedShortfall));
        var refusal = Refusal.OfSeries(returns, 1, mayBeConstant: true)
            ?? Refusal.OfSeries(valueAtRisk, 1, mayBeConstant: true)
            ?? Refusal.OfSeries(expectedShortfall, 1, mayBeConstant: true);
        for (var t = 0; t < returns.Length && refusal is null; t++)
        {
            if (!(expectedShortfall[t] > 0.0) || expectedShortfall[t] < valueAtRisk[t])
            {
                refusal = new Refusal(
                    Status.InvalidInput, FormattableString.Invariant($"Forecast {t} has an ES that is not positive, or below its VaR."));
            }
        }

        return refusal;
    }

    private static (double Sum, int Hits) ScaledLosses(
        ReadOnlySpan<double> returns, ReadOnlySpan<double> valueAtRisk, ReadOnlySpan<double> expectedShortfall)
    {
        var sum = default(OrderedSum);
        var hits = 0;
        for (var t = 0; t < returns.Length; t++)
        {
            if (returns[t] < -valueAtRisk[t])
            {
                sum.Add(returns[t] / expectedShortfall[t]);
                hits++;
            }
        }

        return (sum.Value, hits);
    }

    private static double[] Residuals(
        ReadOnlySpan<double> returns, ReadOnlySpan<double> valueAtRisk, ReadOnlySpan<double> expectedShortfall, ReadOnlySpan<double> sigmas)
    {
        if (sigmas.Length > 0)
        {
            Shape.Length(returns.Length, sigmas.Length, nameof(sigmas));
        }

        List<double> residuals = [];
        for (var t = 0; t < returns.Length; t++)
        {
            if (returns[t] < -valueAtRisk[t])
            {
                residuals.Add((-returns[t] - expectedShortfall[t]) / (sigmas.Length > 0 ? sigmas[t] : 1.0));
            }
        }

        return [.. residuals];
    }

    private static Convention ConventionOf(Confidence confidence, int observations) =>
        new() { Sign = Sign.Natural, Confidence = confidence, Window = observations };

    private static Measure Build(string name, double value, int observations, Confidence confidence) =>
        Measure.Of(name, "acerbi_szekely", value, observations, ConventionOf(confidence, observations));

    private static Measure None(string name, Refusal refusal, int observations, Confidence confidence) =>
        Measure.None(name, "acerbi_szekely", refusal, observations, ConventionOf(confidence, observations));
}
