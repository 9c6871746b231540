using RiskLake.Risk.Numerics;

namespace RiskLake.Risk;

/// <summary>Return and risk-adjusted return of one series of simple returns.</summary>
/// <remarks>
/// N = periods per year, an integer of the convention; rates and thresholds are per period. Units: fractions per year where annualised,
/// else none. No value where the denominator vanishes. Source: Bacon, "Practical Portfolio Performance Measurement and Attribution" (2008).
/// </remarks>
public static class PerformanceRatios
{
    /// <summary>Compounded return over the whole series: product of (1 + r) minus one.</summary>
    public static Measure CumulativeReturn(ReadOnlySpan<double> returns) =>
        Build("cumulative_return", "compounded", returns, null, [], static (r, _) => Elementary.Expm1(LogWealth(r)));

    /// <summary>Geometric return per year: wealth^(N / n) - 1.</summary>
    public static Measure AnnualReturn(ReadOnlySpan<double> returns, int periodsPerYear) => Build(
        "annual_return", "geometric", returns, periodsPerYear, [], static (r, n) => Elementary.Expm1(LogWealth(r) * n / r.Length));

    /// <summary>Sharpe ratio: mean(r - f) / sd(r - f) sqrt(N), divisor n - 1. Source: Sharpe (1994).</summary>
    public static Measure Sharpe(ReadOnlySpan<double> returns, int periodsPerYear, double riskFreePerPeriod = 0.0) => Build(
        "sharpe_ratio",
        "arithmetic",
        returns,
        periodsPerYear,
        [new("risk_free_per_period", riskFreePerPeriod)],
        (r, n) => (Dispersion.Mean(r) - riskFreePerPeriod) / Math.Sqrt(Dispersion.Variance(r, 1)) * Math.Sqrt(n));

    /// <summary>
    /// Sharpe ratio of geometric return: annual return of r - f over annualised sd(r - f), as PerformanceAnalytics before 2.1.
    /// </summary>
    public static Measure SharpeGeometric(ReadOnlySpan<double> returns, int periodsPerYear, double riskFreePerPeriod = 0.0) => Build(
        "sharpe_ratio",
        "geometric",
        returns,
        periodsPerYear,
        [new("risk_free_per_period", riskFreePerPeriod)],
        (r, n) =>
        {
            var excess = new double[r.Length];
            for (var i = 0; i < excess.Length; i++)
            {
                excess[i] = r[i] - riskFreePerPeriod;
            }

            return Elementary.Expm1(LogWealth(excess) * n / r.Length) / Math.Sqrt(Dispersion.Variance(excess, 1) * n);
        });

    /// <summary>
    /// Downside deviation sqrt(sum min(r - MAR, 0)^2 / n) over all n, not annualised. Source: Sortino, van der Meer (1991).
    /// </summary>
    public static Measure DownsideDeviation(ReadOnlySpan<double> returns, double minimumAcceptable = 0.0) => Build(
        "downside_deviation", "full_sample", returns, null, [new(
            "minimum_acceptable_return", minimumAcceptable)], (r, _) => Downside(r, minimumAcceptable));

    /// <summary>Sortino ratio: (mean - MAR) / downside deviation, times sqrt(N) when a year is given.</summary>
    public static Measure Sortino(ReadOnlySpan<double> returns, int? periodsPerYear = null, double minimumAcceptable = 0.0) => Build(
        "sortino_ratio",
        "full_sample",
        returns,
        periodsPerYear,
        [new("minimum_acceptable_return", minimumAcceptable)],
        (r, n) => (Dispersion.Mean(r) - minimumAcceptable) / Downside(r, minimumAcceptable) * Math.Sqrt(n));

    /// <summary>Calmar ratio: geometric annual return over the depth of the deepest drawdown.</summary>
    public static Measure Calmar(ReadOnlySpan<double> returns, int periodsPerYear) => Build(
        "calmar_ratio",
        "full_history",
        returns,
        periodsPerYear,
        [],
        static (r, n) => Elementary.Expm1(LogWealth(r) * n / r.Length) / -(Drawdowns.Of(r).Maximum.Value ?? double.NaN));

    /// <summary>Omega: sum of gains over the threshold by sum of shortfalls below it. Source: Keating, Shadwick (2002).</summary>
    public static Measure Omega(ReadOnlySpan<double> returns, double threshold = 0.0) => Build(
        "omega_ratio",
        "sums",
        returns,
        null,
        [new("threshold", threshold)],
        (r, _) =>
        {
            var gains = default(OrderedSum);
            var losses = default(OrderedSum);
            foreach (var value in r)
            {
                gains.Add(Math.Max(value - threshold, 0.0));
                losses.Add(Math.Max(threshold - value, 0.0));
            }

            return gains.Value / losses.Value;
        });

    /// <summary>Share of periods with a return above zero.</summary>
    public static Measure HitRate(ReadOnlySpan<double> returns) => Build("hit_rate", "share_above_zero", returns, null, [], static (r, _) =>
    {
        var hits = 0;
        foreach (var value in r)
        {
            hits += value > 0.0 ? 1 : 0;
        }

        return hits / (double)r.Length;
    });

    /// <summary>Tail ratio: |95 % quantile| over |5 % quantile|, type 7.</summary>
    public static Measure TailRatio(ReadOnlySpan<double> returns) => Build("tail_ratio", "type7_95_over_5", returns, null, [],
        static (r, _) =>
    {
        var sorted = r.ToArray();
        Array.Sort(sorted);
        return Math.Abs(Quantile.Of(sorted, QuantileType.Linear, 19, 20)) / Math.Abs(Quantile.Of(sorted, QuantileType.Linear, 1, 20));
    });

    private delegate double Formula(ReadOnlySpan<double> returns, double periodsPerYear);

    private static Measure Build(
        string name, string method, ReadOnlySpan<double> returns, int? periodsPerYear, IReadOnlyList<Parameter> parameters, Formula formula)
    {
        var convention = new Convention
        {
            Sign = Sign.Natural,
            Ddof = 1,
            Mean = MeanRule.Sample,
            Window = returns.Length,
            PeriodsPerYear = periodsPerYear,
            Parameters = parameters,
        };
        return Refusal.OfSeries(returns, 2, mayBeConstant: true) is { } refusal
            ? Measure.None(name, method, refusal, returns.Length, convention)
            : Measure.Of(name, method, formula(returns, periodsPerYear ?? 1), returns.Length, convention);
    }

    // NaN when a return of -1 or less ends the series.
    private static double LogWealth(ReadOnlySpan<double> returns)
    {
        var sum = default(OrderedSum);
        foreach (var value in returns)
        {
            sum.Add(value > -1.0 ? Elementary.Log1p(value) : double.NaN);
        }

        return sum.Value;
    }

    private static double Downside(ReadOnlySpan<double> returns, double minimumAcceptable)
    {
        var sum = default(OrderedSum);
        foreach (var value in returns)
        {
            var shortfall = Math.Min(value - minimumAcceptable, 0.0);
            sum.Add(shortfall * shortfall);
        }

        return Math.Sqrt(sum.Value / returns.Length);
    }
}
