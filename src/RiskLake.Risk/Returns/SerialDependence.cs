using RiskLake.Risk.Numerics;

namespace RiskLake.Risk;

/// <summary>Autocorrelation and the tests built on it, and on the shape of the sample.</summary>
public static class SerialDependence
{
    /// <summary>Sample autocorrelations at lags 1 to <paramref name="lags"/>; empty for a constant, short or non-finite series.</summary>
    /// <remarks>
    /// Method: sum of (x_t - mean)(x_{t-k} - mean) over n m2, so every lag has the same divisor. Source: Box and Jenkins.
    /// </remarks>
    public static double[] Autocorrelations(ReadOnlySpan<double> series, int lags)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(lags, 1);
        if (Refusal.OfSeries(series, lags + 1) is not null)
        {
            return [];
        }

        var mean = Dispersion.Mean(series);
        var denominator = 0.0;
        foreach (var value in series)
        {
            denominator += (value - mean) * (value - mean);
        }

        var result = new double[lags];
        for (var lag = 1; lag <= lags; lag++)
        {
            var sum = 0.0;
            for (var t = lag; t < series.Length; t++)
            {
                sum += (series[t] - mean) * (series[t - lag] - mean);
            }

            result[lag - 1] = sum / denominator;
        }

        return result;
    }

    /// <summary>Ljung-Box test of no autocorrelation up to a lag: Q = n (n + 2) sum rho_k^2 / (n - k), chi-square.</summary>
    /// <remarks>Apply it to squared returns for volatility clustering. Source: Ljung and Box, Biometrika 65 (1978).</remarks>
    /// <param name="series">Observations in time order.</param>
    /// <param name="lags">Number of lags.</param>
    /// <param name="fitted">Parameters fitted to the series, taken from the degrees of freedom.</param>
    public static HypothesisTest LjungBox(ReadOnlySpan<double> series, int lags, int fitted = 0)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(lags, fitted);
        var n = series.Length;
        if (Refusal.OfSeries(series, lags + 1) is { } refusal)
        {
            return HypothesisTest.None("ljung_box", refusal, "chi_squared", n);
        }

        var sum = 0.0;
        var correlations = Autocorrelations(series, lags);
        for (var lag = 1; lag <= lags; lag++)
        {
            sum += correlations[lag - 1] * correlations[lag - 1] / (n - lag);
        }

        return HypothesisTest.ChiSquared("ljung_box", n * (n + 2.0) * sum, lags - fitted, n);
    }

    /// <summary>Jarque-Bera test of normality: n / 6 (g1^2 + g2^2 / 4), chi-square with 2 degrees of freedom.</summary>
    /// <remarks>Asymptotic; below a few hundred observations it rejects too rarely. Source: Jarque and Bera (1987).</remarks>
    public static HypothesisTest JarqueBera(ReadOnlySpan<double> series)
    {
        if (Refusal.OfSeries(series, 4) is { } refusal)
        {
            return HypothesisTest.None("jarque_bera", refusal, "chi_squared", series.Length);
        }

        var moments = SampleMoments.Of(series);
        var skewness = moments.Skewness ?? double.NaN;
        var kurtosis = moments.ExcessKurtosis ?? double.NaN;
        return HypothesisTest.ChiSquared(
            "jarque_bera", series.Length / 6.0 * ((skewness * skewness) + (0.25 * kurtosis * kurtosis)), 2, series.Length);
    }

    /// <summary>Engle's test of no ARCH effects: n R^2 of squared values on their lags, chi-square.</summary>
    /// <remarks>
    /// Source: Engle, Econometrica 50 (1982). The regression has an intercept and uses the n - lags observations that have all lags.
    /// </remarks>
    public static HypothesisTest ArchLm(ReadOnlySpan<double> residuals, int lags)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(lags, 1);
        if (Refusal.OfSeries(residuals, (2 * lags) + 2) is { } refusal)
        {
            return HypothesisTest.None("arch_lm", refusal, "chi_squared", residuals.Length);
        }

        var rows = residuals.Length - lags;
        var design = new double[rows * (lags + 1)];
        var response = new double[rows];
        for (var t = 0; t < rows; t++)
        {
            response[t] = residuals[t + lags] * residuals[t + lags];
            design[t * (lags + 1)] = 1.0;
            for (var lag = 1; lag <= lags; lag++)
            {
                design[(t * (lags + 1)) + lag] = residuals[t + lags - lag] * residuals[t + lags - lag];
            }
        }

        return LeastSquares.TryFit(design, response, lags + 1, out var fit)
            ? HypothesisTest.ChiSquared("arch_lm", rows * fit.RSquared, lags, rows)
            : HypothesisTest.None("arch_lm", new Refusal(Status.Degenerate, "The lagged squares are collinear."), "chi_squared", rows);
    }
}
