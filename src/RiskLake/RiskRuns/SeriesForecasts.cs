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
                var rolling = method.Rolling ?? throw new InvalidOperationException($"{method} makes no forecasts day by day.");
                var days = rolling.Reaches(backtest.Confidence, settings.ForecastWindow) ? Math.Max(returns.Length - first, 0) : 0;
                var (var, shortfall, sigma) = days == 0
                    ? new DailyForecasts([], [], [])
                    : rolling.Make(new RollingWork(returns, first, settings.ForecastWindow, backtest.Confidence, settings.Measures));
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
