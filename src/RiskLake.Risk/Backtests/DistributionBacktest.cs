using RiskLake.Risk.Numerics;

namespace RiskLake.Risk;

/// <summary>
/// Backtests that use the whole forecast distribution through u_t = F_t(X_t), uniform and independent if the forecasts are right.
/// </summary>
/// <remarks>alpha = 1 - confidence; u near zero is a loss.</remarks>
public static class DistributionBacktest
{
    /// <summary>
    /// Du-Escanciano unconditional: U = sqrt(n)(Hbar - alpha/2) / sqrt(alpha (1/3 - alpha/4)), H = (alpha - u) 1{u at most alpha} / alpha;
    /// two-sided normal.
    /// </summary>
    /// <remarks>Positive: losses beyond VaR are too many or too large. Source: Du, Escanciano, Management Science 63 (2017).</remarks>
    public static HypothesisTest DuEscancianoUnconditional(ReadOnlySpan<double> probabilities, Confidence confidence)
    {
        const string Name = "du_escanciano_unconditional";
        if (Fault(probabilities, 1) is { } refusal)
        {
            return HypothesisTest.None(Name, refusal, "normal", probabilities.Length);
        }

        var alpha = confidence.Tail;
        var mean = Dispersion.Mean(Violations(probabilities, alpha));
        var statistic = Math.Sqrt(probabilities.Length) * (mean - (0.5 * alpha)) / Math.Sqrt(alpha * ((1.0 / 3.0) - (0.25 * alpha)));
        return HypothesisTest.Of(Name, statistic, "normal", 2.0 * NormalDistribution.Cdf(-Math.Abs(statistic)), probabilities.Length);
    }

    /// <summary>Du-Escanciano conditional: C = n sum rho_j^2 over lags 1 .. m of H about alpha/2, chi-square m.</summary>
    public static HypothesisTest DuEscancianoConditional(ReadOnlySpan<double> probabilities, Confidence confidence, int lags = 5)
    {
        const string Name = "du_escanciano_conditional";
        ArgumentOutOfRangeException.ThrowIfLessThan(lags, 1);
        if (Fault(probabilities, lags + 2) is { } refusal)
        {
            return HypothesisTest.None(Name, refusal, "chi_squared", probabilities.Length);
        }

        var n = probabilities.Length;
        var centre = 0.5 * confidence.Tail;
        var h = Violations(probabilities, confidence.Tail);
        var variance = 0.0;
        foreach (var value in h)
        {
            variance += (value - centre) * (value - centre) / n;
        }

        var sum = 0.0;
        for (var lag = 1; lag <= lags; lag++)
        {
            var covariance = 0.0;
            for (var t = lag; t < n; t++)
            {
                covariance += (h[t] - centre) * (h[t - lag] - centre) / (n - lag);
            }

            sum += covariance / variance * (covariance / variance);
        }

        return HypothesisTest.ChiSquared(Name, n * sum, lags, n);
    }

    /// <summary>
    /// Acerbi-Szekely Z3 for forecasts of one shape, mean 0 and any scale: 1 - ES^(P^-1(U)) / E_V[ES^(P^-1(V))], V uniform.
    /// </summary>
    /// <remarks>
    /// ES^ is minus the mean of the k = floor(T alpha) smallest; its expectation is -(T/k) times the integral of I_{1-p}(T - k, k) P^-1(p).
    /// For a scale
    /// family the ratio does not depend on the day. Negative: risk too small. Source: Acerbi, Szekely (2014), test 3.
    /// </remarks>
    /// <param name="probabilities">u_t = F_t(X_t).</param>
    /// <param name="confidence">Confidence level.</param>
    /// <param name="standardQuantile">Quantile function of the standard shape, finite inside (0, 1).</param>
    public static Measure Z3(ReadOnlySpan<double> probabilities, Confidence confidence, Func<double, double> standardQuantile)
    {
        ArgumentNullException.ThrowIfNull(standardQuantile);
        var n = probabilities.Length;
        var convention = new Convention { Sign = Sign.Natural, Confidence = confidence, Window = n };
        var k = confidence.TailOf(n).Whole;
        var refusal = Fault(probabilities, 1) ?? (k < 1 ? HistoricalSimulation.EmptyTail(n, confidence) : null);
        if (refusal is not null)
        {
            return Measure.None("acerbi_szekely_z3", "rank_shortfall", refusal, n, convention);
        }

        var sorted = probabilities.ToArray();
        Array.Sort(sorted);
        var realised = default(OrderedSum);
        for (var i = 0; i < k; i++)
        {
            realised.Add(-standardQuantile(sorted[i]));
        }

        var expected = ExpectedShortfall(n, k, standardQuantile);
        return Measure.Of("acerbi_szekely_z3", "rank_shortfall", 1.0 - (realised.Value / k / expected), n, convention with
        {
            Parameters = [new("realised", realised.Value / k), new("expected", expected)],
        });
    }

    // With p = e^s the integrand is smooth: Gauss-Legendre on panels of s from -60 to 0, where e^-60 is below any share that matters.
    private static double ExpectedShortfall(int n, int k, Func<double, double> standardQuantile)
    {
        ReadOnlySpan<double> nodes =
            [0.1488743389816312, 0.4333953941292472, 0.6794095682990244, 0.8650633666889845, 0.9739065285171717];
        ReadOnlySpan<double> weights =
            [0.29552422471475287, 0.26926671930999635, 0.21908636251598204, 0.1494513491505806, 0.06667134430868814];
        var sum = default(OrderedSum);
        const double Width = 0.25;
        for (var low = -60.0; low < -1e-9; low += Width)
        {
            for (var i = 0; i < nodes.Length; i++)
            {
                sum.Add(weights[i] * (Term(low + (0.5 * Width * (1.0 + nodes[i]))) + Term(low + (0.5 * Width * (1.0 - nodes[i])))));
            }
        }

        return -n / (double)k * sum.Value * 0.5 * Width;

        double Term(double s)
        {
            var p = Elementary.Exp(s);
            return BetaFunction.Regularized(n - k, k, 1.0 - p) * standardQuantile(p) * p;
        }
    }

    private static double[] Violations(ReadOnlySpan<double> probabilities, double alpha)
    {
        var h = new double[probabilities.Length];
        for (var t = 0; t < h.Length; t++)
        {
            h[t] = probabilities[t] <= alpha ? (alpha - probabilities[t]) / alpha : 0.0;
        }

        return h;
    }

    private static Refusal? Fault(ReadOnlySpan<double> probabilities, int needed)
    {
        for (var t = 0; t < probabilities.Length; t++)
        {
            if (!(probabilities[t] > 0.0 && probabilities[t] < 1.0))
            {
                return new Refusal(Status.InvalidInput, FormattableString.Invariant($"Probability {t} is not strictly between 0 and 1."));
            }
        }

        return probabilities.Length < needed ? Refusal.TooFew(needed, probabilities.Length) : null;
    }
}
