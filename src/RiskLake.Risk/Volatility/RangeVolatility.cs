using RiskLake.Risk.Numerics;

namespace RiskLake.Risk;

/// <summary>An open, high, low, close bar.</summary>
/// <param name="Open">First price.</param>
/// <param name="High">Highest price.</param>
/// <param name="Low">Lowest price.</param>
/// <param name="Close">Last price.</param>
public readonly record struct Bar(double Open, double High, double Low, double Close)
{
    /// <summary>Whether all prices are positive and finite, the low is the least and the high the greatest.</summary>
    public bool IsConsistent =>
        Low > 0.0 && double.IsFinite(High) && Low <= Open && Low <= Close && High >= Open && High >= Close;
}

/// <summary>Estimators of volatility from bars.</summary>
public enum RangeEstimator
{
    /// <summary>Standard deviation of the log closes' differences, divisor m - 1.</summary>
    CloseToClose,

    /// <summary>Parkinson (1980): (ln H/L)^2 / (4 ln 2). No drift, no gaps.</summary>
    Parkinson,

    /// <summary>Garman and Klass (1980): (ln H/L)^2 / 2 - (2 ln 2 - 1)(ln C/O)^2. No drift, no gaps.</summary>
    GarmanKlass,

    /// <summary>Rogers and Satchell (1991): ln(H/C) ln(H/O) + ln(L/C) ln(L/O). Any drift, no gaps.</summary>
    RogersSatchell,

    /// <summary>Garman-Klass plus the squared overnight move: (ln O/C')^2 + GK.</summary>
    GarmanKlassYangZhang,

    /// <summary>
    /// Yang and Zhang (2000): overnight variance + k open-to-close variance + (1 - k) Rogers-Satchell. Any drift, with gaps.
    /// </summary>
    YangZhang,
}

/// <summary>Volatility from open, high, low and close prices.</summary>
/// <remarks>
/// Shape: bars in time order. With m bars in the window, estimators that look at the previous close use one more bar before it.
/// Units: log return per square root of a bar, or of a year when annualised. Prices are raw, not adjusted, or adjusted alike.
/// Yang-Zhang: k = 0.34 / (1.34 + (m + 1) / (m - 1)), both variances with divisor m - 1.
/// Sources: Parkinson, Garman-Klass, J. Business 53 (1980); Rogers, Satchell, Ann. Appl. Prob. 1 (1991); Yang, Zhang, J. Business 73
/// (2000).
/// </remarks>
public static class RangeVolatility
{
    /// <summary>The snake case name of an estimator.</summary>
    public static string NameOf(RangeEstimator estimator) => estimator switch
    {
        RangeEstimator.CloseToClose => "close_to_close",
        RangeEstimator.Parkinson => "parkinson",
        RangeEstimator.GarmanKlass => "garman_klass",
        RangeEstimator.RogersSatchell => "rogers_satchell",
        RangeEstimator.GarmanKlassYangZhang => "garman_klass_yang_zhang",
        RangeEstimator.YangZhang => "yang_zhang",
        _ => throw new ArgumentOutOfRangeException(nameof(estimator), estimator, "No such estimator."),
    };

    /// <summary>Volatility over the last <paramref name="window"/> bars.</summary>
    public static Measure Volatility(ReadOnlySpan<Bar> bars, RangeEstimator estimator, int window, int? periodsPerYear = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(window, 1);
        var method = NameOf(estimator);
        var previous = estimator is RangeEstimator.CloseToClose or RangeEstimator.GarmanKlassYangZhang or RangeEstimator.YangZhang;
        var sampled = estimator is RangeEstimator.CloseToClose or RangeEstimator.YangZhang;
        var convention = new Convention
        {
            Sign = Sign.Natural,
            Ddof = sampled ? 1 : 0,
            Mean = sampled ? MeanRule.Sample : MeanRule.Zero,
            Window = window,
            PeriodsPerYear = periodsPerYear,
        };
        var needed = window + (previous ? 1 : 0);
        if (bars.Length < needed || (sampled && window < 2))
        {
            return Measure.None(
                "volatility", method, Refusal.TooFew(Math.Max(needed, sampled ? 3 : 1), bars.Length), bars.Length, convention);
        }

        var used = bars[^needed..];
        for (var i = 0; i < used.Length; i++)
        {
            if (!used[i].IsConsistent)
            {
                var reason = FormattableString.Invariant($"Bar {bars.Length - needed + i} is not low <= open, close <= high with low > 0.");
                return Measure.None("volatility", method, new Refusal(Status.InvalidInput, reason), bars.Length, convention);
            }
        }

        var variance = estimator switch
        {
            RangeEstimator.CloseToClose => VarianceOf(used, static (before, bar) => Elementary.Log(bar.Close / before.Close)),
            RangeEstimator.YangZhang => YangZhang(used, window),
            _ => MeanOf(used, estimator, previous),
        };
        return Measure.Of("volatility", method, Math.Sqrt(Math.Max(variance, 0.0) * (periodsPerYear ?? 1)), window, convention);
    }

    private static double MeanOf(ReadOnlySpan<Bar> bars, RangeEstimator estimator, bool previous)
    {
        var sum = default(OrderedSum);
        var first = previous ? 1 : 0;
        for (var i = first; i < bars.Length; i++)
        {
            var bar = bars[i];
            var overnight = previous ? Elementary.Log(bar.Open / bars[i - 1].Close) : 0.0;
            sum.Add(estimator switch
            {
                RangeEstimator.Parkinson => Square(Elementary.Log(bar.High / bar.Low)) / (4.0 * LogTwo),
                RangeEstimator.GarmanKlass => GarmanKlass(bar),
                RangeEstimator.GarmanKlassYangZhang => Square(overnight) + GarmanKlass(bar),
                _ => RogersSatchell(bar),
            });
        }

        return sum.Value / (bars.Length - first);
    }

    private static double YangZhang(ReadOnlySpan<Bar> bars, int window)
    {
        var overnight = VarianceOf(bars, static (before, bar) => Elementary.Log(bar.Open / before.Close));
        var session = VarianceOf(bars, static (_, bar) => Elementary.Log(bar.Close / bar.Open));
        var k = 0.34 / (1.34 + ((window + 1.0) / (window - 1.0)));
        return overnight + (k * session) + ((1.0 - k) * MeanOf(bars[1..], RangeEstimator.RogersSatchell, previous: false));
    }

    private static double VarianceOf(ReadOnlySpan<Bar> bars, Func<Bar, Bar, double> move)
    {
        var moves = new double[bars.Length - 1];
        for (var i = 0; i < moves.Length; i++)
        {
            moves[i] = move(bars[i], bars[i + 1]);
        }

        return Dispersion.Variance(moves, 1);
    }

    private static double GarmanKlass(Bar bar) =>
        (0.5 * Square(Elementary.Log(bar.High / bar.Low))) - (((2.0 * LogTwo) - 1.0) * Square(Elementary.Log(bar.Close / bar.Open)));

    private static double RogersSatchell(Bar bar) =>
        (Elementary.Log(bar.High / bar.Close) * Elementary.Log(bar.High / bar.Open))
        + (Elementary.Log(bar.Low / bar.Close) * Elementary.Log(bar.Low / bar.Open));

    private static double Square(double x) => x * x;

    private const double LogTwo = 0.6931471805599453;
}
