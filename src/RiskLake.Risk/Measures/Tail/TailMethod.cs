namespace RiskLake.Risk.Measures;

/// <summary>
/// A way to VaR and ES of one series. Each stands in a file of its own, which puts it into <see cref="TailMethods"/>: measures of a series,
/// backtests, limits, reports and options read that list.
/// </summary>
internal abstract class TailMethod
{
    /// <summary>The name in tables, options and JSON, snake case. It is never given to another method.</summary>
    public abstract string Code { get; }

    /// <summary>The name in words, as a heading of a table.</summary>
    public abstract string Words { get; }

    /// <summary>Place among the methods, and so among rows; no two share one.</summary>
    public abstract int Order { get; }

    /// <summary>Whether a comparison of methods side by side shows it; variants that say nearly the same are left out.</summary>
    public virtual bool IsCompared => true;

    /// <summary>The model or variant behind the numbers; null where the method has none.</summary>
    public virtual string? Model(MeasureSettings settings) => null;

    /// <summary>VaR and ES of the next period; a status where the method does not apply.</summary>
    public abstract TailRisk OnePeriod(TailWork work, Confidence confidence);

    /// <summary>VaR and ES over the horizon by the rule of the settings, neither of which is one period or a square root of time.</summary>
    public virtual TailRisk OverHorizon(TailWork work, Confidence confidence) => work.None(
        this, confidence, Status.OutsideDomain, $"{Code} does not reach a horizon by {work.Settings.HorizonRule.Code()}.");

    /// <summary>Intervals of VaR and of ES around one-period numbers that are ready; null where the method has none.</summary>
    public virtual (ConfidenceInterval? ValueAtRisk, ConfidenceInterval? Shortfall) Intervals(
        TailWork work, Confidence confidence, Confidence coverage, TailRisk risk) => (null, null);

    /// <summary>Forecasts day by day from the days before; null for a method that is not made so.</summary>
    public virtual RollingForecasts? Rolling => null;

    /// <summary>The code.</summary>
    public override string ToString() => Code;
}

/// <summary>How a method forecasts each return of a series from the returns before it, never from the return itself.</summary>
/// <param name="Reaches">Whether a window of so many returns can forecast at a confidence.</param>
/// <param name="Make">The forecasts.</param>
internal sealed record RollingForecasts(Func<Confidence, int, bool> Reaches, Func<RollingWork, DailyForecasts> Make)
{
    /// <summary>Normal forecasts from means and standard deviations of each day.</summary>
    public static DailyForecasts Normal(double[] means, double[] sigma, Confidence confidence, int window)
    {
        var (values, shortfalls) = (new double[sigma.Length], new double[sigma.Length]);
        for (var i = 0; i < sigma.Length; i++)
        {
            var risk = ParametricTail.NormalForecast(means[i], sigma[i], confidence, window);
            values[i] = risk.ValueAtRisk.Value ?? double.NaN;
            shortfalls[i] = risk.ExpectedShortfall.Value ?? double.NaN;
        }

        return new DailyForecasts(values, shortfalls, sigma);
    }
}

/// <summary>What forecasts day by day are made of.</summary>
/// <param name="Returns">Returns in time order.</param>
/// <param name="First">Position of the first forecast; at least the window, and within the returns.</param>
/// <param name="Window">Returns a forecast rests on; EWMA uses all before.</param>
/// <param name="Confidence">Of VaR and ES.</param>
/// <param name="Settings">Decay and start of EWMA.</param>
internal sealed record RollingWork(double[] Returns, int First, int Window, Confidence Confidence, MeasureSettings Settings)
{
    /// <summary>Standard deviation of the window before each forecast.</summary>
    public double[] Deviations() => RollingMoments.StandardDeviation(Returns, Window)[(First - 1)..^1];
}

/// <summary>VaR, ES and volatility for each return from a position on; NaN where there is none.</summary>
internal sealed record DailyForecasts(double[] ValueAtRisk, double[] Shortfall, double[] Sigma);
