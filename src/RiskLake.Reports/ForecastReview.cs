using RiskLake.Risk;
using RiskLake.Risk.Numerics;

namespace RiskLake.Reports;

/// <summary>One way of forecasting, run through history: each day's forecast uses only the days before it.</summary>
internal sealed record ForecastReview
{
    /// <summary>Share of the wealth bet each day by the e-process.</summary>
    public const double Bet = 0.025;

    /// <summary>Wealth at which the e-process raises the alarm: reached with probability at most 5 % while the forecasts are right.</summary>
    public const double Alarm = 20.0;

    public required string Label { get; init; }

    public required Status Status { get; init; }

    public string? Reason { get; init; }

    /// <summary>Index of the first judged return.</summary>
    public int First { get; init; }

    /// <summary>VaR at 99 %, one per return; NaN where there is no forecast.</summary>
    public double[] ValueAtRisk99 { get; init; } = [];

    /// <summary>VaR at 97.5 %.</summary>
    public double[] ValueAtRisk975 { get; init; } = [];

    /// <summary>ES at 97.5 %.</summary>
    public double[] Shortfall975 { get; init; } = [];

    /// <summary>Indices of returns below minus the 99 % VaR.</summary>
    public IReadOnlyList<int> Exceedances { get; init; } = [];

    /// <summary>Exceedances expected of a right model.</summary>
    public double Expected { get; init; }

    /// <summary>Colour after the last 250 days at 99 %; null when there are fewer.</summary>
    public TrafficLight? Light { get; init; }

    /// <summary>Wealth of the e-process against ES at 97.5 %, one per return; NaN before the first.</summary>
    public double[] Wealth { get; init; } = [];

    /// <summary>Index of the return at which the alarm rose first.</summary>
    public int? AlarmAt { get; init; }

    public IReadOnlyList<BacktestLine> Tests { get; init; } = [];

    /// <summary>Days judged.</summary>
    public int Days => ValueAtRisk99.Length - First;

    /// <summary>Historical simulation over a moving window.</summary>
    public static ForecastReview Historical(double[] returns)
    {
        var n = returns.Length;
        var (var99, es99) = (new double[n], new double[n]);
        var (var975, es975) = (new double[n], new double[n]);
        RollingTail.ValueAtRiskAndShortfall(returns, TearSheet.Window, Confidence.P99, var99, es99);
        RollingTail.ValueAtRiskAndShortfall(returns, TearSheet.Window, Confidence.P975, var975, es975);
        return Judge("Historical, last 250", returns, Next(var99), Next(var975), Next(es975), []);
    }

    /// <summary>Normal with an exponentially weighted volatility.</summary>
    public static ForecastReview EwmaNormal(double[] returns)
    {
        var n = returns.Length;
        var variances = Ewma.ForecastVariances(returns, TearSheet.Lambda);
        var sigmas = new double[n];
        var (var99, var975, es975) = (new double[n], new double[n], new double[n]);
        var (z99, z975) = (-NormalDistribution.Quantile(Confidence.P99.Tail), -NormalDistribution.Quantile(Confidence.P975.Tail));
        var tail = NormalDistribution.Density(z975) / Confidence.P975.Tail;
        for (var t = 0; t < n; t++)
        {
            sigmas[t] = t < TearSheet.Window ? double.NaN : Math.Sqrt(variances[t]);
            (var99[t], var975[t], es975[t]) = (z99 * sigmas[t], z975 * sigmas[t], tail * sigmas[t]);
        }

        return Judge("Normal, EWMA volatility", returns, var99, var975, es975, sigmas);
    }

    private static ForecastReview Judge(string label, double[] returns, double[] var99, double[] var975, double[] es975, double[] sigmas)
    {
        const int From = TearSheet.Window;
        var n = returns.Length;
        if (n <= From)
        {
            return new ForecastReview
            {
                Label = label,
                Status = Status.InsufficientHistory,
                Reason = FormattableString.Invariant($"A forecast looks back {From} returns and at least one more is needed to judge it; found {n}."),
            };
        }

        var judged = returns.AsSpan(From);
        var q99 = var99.AsSpan(From);
        var hits = Risk.Exceedances.Of(judged, q99, Confidence.P99);
        if (hits.Status != Status.Ready)
        {
            return new ForecastReview { Label = label, Status = hits.Status, Reason = "A return or a forecast is not a finite number." } with
            {
                First = From, ValueAtRisk99 = var99, ValueAtRisk975 = var975, Shortfall975 = es975,
            };
        }

        var (wealth, alarm) = Bets(returns, var975, es975);
        return new ForecastReview
        {
            Label = label,
            Status = Status.Ready,
            First = From,
            ValueAtRisk99 = var99,
            ValueAtRisk975 = var975,
            Shortfall975 = es975,
            Exceedances = [.. Enumerable.Range(0, hits.Days.Count).Where(i => hits.Days[i]).Select(i => From + i)],
            Expected = hits.Expected,
            Light = TrafficLight.OfLast(hits),
            Wealth = wealth,
            AlarmAt = alarm,
            Tests = BacktestTable.Of(
                judged, q99, var975.AsSpan(From), es975.AsSpan(From), sigmas.Length > 0 ? sigmas.AsSpan(From) : []),
        };
    }

    // The forecast of a window is for the return after it.
    private static double[] Next(double[] ofWindow) => [double.NaN, .. ofWindow[..^Math.Min(1, ofWindow.Length)]];

    private static (double[] Wealth, int? Alarm) Bets(double[] returns, double[] var, double[] shortfall)
    {
        var wealth = new double[returns.Length];
        Array.Fill(wealth, double.NaN);
        var state = EProcess.Start;
        int? alarm = null;
        for (var t = TearSheet.Window; t < returns.Length; t++)
        {
            var value = EProcess.OfShortfall(returns[t], var[t], shortfall[t], Confidence.P975);
            state = state.Next(value >= 0.0 ? value : 0.0, Bet);
            wealth[t] = state.Wealth;
            alarm ??= state.Wealth >= Alarm ? t : null;
        }

        return (wealth, alarm);
    }
}
