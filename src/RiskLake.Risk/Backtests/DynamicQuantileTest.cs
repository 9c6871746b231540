namespace RiskLake.Risk;

/// <summary>Engle and Manganelli's dynamic quantile test: exceedances cannot be predicted from the past.</summary>
/// <remarks>
/// Hit = I - p on [1, VaR_t if included, Hit of the last lags]; DQ = b'X'Xb / (p (1 - p)), chi-square with as many degrees of freedom as
/// columns.
/// Source: Journal of Business and Economic Statistics 22 (2004).
/// </remarks>
public static class DynamicQuantileTest
{
    private const string Name = "dynamic_quantile";

    /// <summary>The test. An empty <paramref name="valueAtRisk"/> leaves the forecast out of the regression.</summary>
    public static HypothesisTest Of(Exceedances exceedances, ReadOnlySpan<double> valueAtRisk, int lags = 4)
    {
        ArgumentNullException.ThrowIfNull(exceedances);
        ArgumentOutOfRangeException.ThrowIfLessThan(lags, 1);
        if (exceedances.Status != Status.Ready)
        {
            return CoverageTests.Refused(Name, exceedances, "chi_squared");
        }

        var n = exceedances.Observations;
        var withForecast = valueAtRisk.Length > 0;
        if (withForecast)
        {
            Shape.Length(n, valueAtRisk.Length, nameof(valueAtRisk));
        }

        var columns = 1 + lags + (withForecast ? 1 : 0);
        if (n - lags <= columns)
        {
            return HypothesisTest.None(Name, Refusal.TooFew(columns + lags + 1, n), "chi_squared", n);
        }

        var p = exceedances.Confidence.Tail;
        var design = new double[(n - lags) * columns];
        var response = new double[n - lags];
        for (var t = lags; t < n; t++)
        {
            var row = design.AsSpan((t - lags) * columns, columns);
            response[t - lags] = Hit(t);
            row[0] = 1.0;
            for (var lag = 1; lag <= lags; lag++)
            {
                row[lag] = Hit(t - lag);
            }

            if (withForecast)
            {
                row[^1] = valueAtRisk[t];
            }
        }

        return LeastSquaresOf(design, response, columns, p, n);

        double Hit(int t) => (exceedances.Days[t] ? 1.0 : 0.0) - p;
    }

    private static HypothesisTest LeastSquaresOf(double[] design, double[] response, int columns, double p, int observations) =>
        Numerics.LeastSquares.TryFit(design, response, columns, out var fit)
            ? HypothesisTest.ChiSquared(Name, fit.FittedSumOfSquares / (p * (1.0 - p)), columns, observations)
            : HypothesisTest.None(Name, new Refusal(Status.Degenerate,
                "The regressors are collinear: too few exceedances, or constant forecasts."), "chi_squared", observations);
}
