using RiskLake.Risk;
using RiskLake.Risk.Measures;

namespace RiskLake.RiskRuns;

/// <summary>
/// Forecasts of VaR and ES made day by day from the returns of the days before, never of the day itself, and the tests of them.
/// </summary>
internal static class SeriesForecasts
{
    public static IReadOnlyList<SeriesTest> Test(double[] returns, RiskSettings settings, ShortfallLaws laws)
    {
        var first = First(returns.Length, settings);
        var rows = new List<SeriesTest>();
        foreach (var method in settings.BacktestMethods)
        {
            foreach (var backtest in settings.Backtests)
            {
                var days = Reaches(method, backtest.Confidence, settings.ForecastWindow) ? Math.Max(returns.Length - first, 0) : 0;
                var (var, shortfall, sigma) = days == 0
                    ? ([], [], [])
                    : Make(returns, first, settings.ForecastWindow, method, backtest.Confidence, settings.Measures);
                var pnl = days == 0 ? [] : returns.AsSpan(first);
                var count = Count(pnl, var);
                foreach (var row in SeriesBacktest.Compute(pnl, var, shortfall, sigma, backtest, laws))
                {
                    rows.Add(new SeriesTest(method, backtest, row, count));
                }
            }
        }

        return rows;
    }

    /// <summary>Position of the first of so many returns that has a forecast.</summary>
    public static int First(int returns, RiskSettings settings) => Math.Max(settings.ForecastWindow, returns - settings.BacktestDays);

    /// <summary>Methods by which forecasts are made day by day.</summary>
    public static IReadOnlyList<TailMethod> Methods { get; } = [TailMethod.Historical, TailMethod.Normal, TailMethod.EwmaNormal];

    /// <summary>Whether a window has a whole observation in the tail, without which past returns forecast nothing.</summary>
    public static bool Reaches(TailMethod method, Confidence confidence, int window) =>
        method != TailMethod.Historical || window * confidence.TailNumerator >= confidence.Denominator;

    /// <summary>Forecasts of VaR, ES and volatility for each return from a position on, each from the returns before it.</summary>
    /// <param name="returns">Returns in time order.</param>
    /// <param name="first">Position of the first forecast; at least the window, and within the returns.</param>
    /// <param name="window">Returns a forecast rests on; EWMA uses all before.</param>
    /// <param name="method">One of <see cref="Methods"/>.</param>
    /// <param name="confidence">Of VaR and ES.</param>
    /// <param name="settings">Decay and start of EWMA.</param>
    public static (double[] ValueAtRisk, double[] Shortfall, double[] Sigma) Make(
        double[] returns, int first, int window, TailMethod method, Confidence confidence, MeasureSettings settings)
    {
        var sigma = method == TailMethod.EwmaNormal
            ? Array.ConvertAll(Ewma.ForecastVariances(returns, settings.EwmaLambda, settings.EwmaStart)[first..^1], Math.Sqrt)
            : RollingMoments.StandardDeviation(returns, window)[(first - 1)..^1];
        if (method == TailMethod.Historical)
        {
            var (var, shortfall) = (new double[returns.Length], new double[returns.Length]);
            RollingTail.ValueAtRiskAndShortfall(returns, window, confidence, var, shortfall);
            return (var[(first - 1)..^1], shortfall[(first - 1)..^1], sigma);
        }

        var means = method == TailMethod.Normal ? RollingMoments.Mean(returns, window)[(first - 1)..^1] : new double[sigma.Length];
        var (values, shortfalls) = (new double[sigma.Length], new double[sigma.Length]);
        for (var i = 0; i < sigma.Length; i++)
        {
            var risk = ParametricTail.NormalForecast(means[i], sigma[i], confidence, window);
            values[i] = risk.ValueAtRisk.Value ?? double.NaN;
            shortfalls[i] = risk.ExpectedShortfall.Value ?? double.NaN;
        }

        return (values, shortfalls, sigma);
    }

    private static int? Count(ReadOnlySpan<double> pnl, double[] var)
    {
        var count = 0;
        for (var i = 0; i < var.Length; i++)
        {
            if (!double.IsFinite(var[i]) || !double.IsFinite(pnl[i]))
            {
                return null;
            }

            count += -pnl[i] > var[i] ? 1 : 0;
        }

        return var.Length == 0 ? null : count;
    }
}
