using RiskLake.Risk;
using RiskLake.Risk.Numerics;

namespace RiskLake.Risk.Measures;

/// <summary>An estimator of volatility from closes or bars.</summary>
internal enum VolatilityEstimator
{
    /// <summary>Standard deviation of the last window's log returns.</summary>
    CloseToClose,

    /// <summary>Exponentially weighted about zero, over all returns so far.</summary>
    Ewma,

    /// <summary>RiskMetrics 2006, over all returns so far.</summary>
    RiskMetrics2006,

    /// <summary>High and low.</summary>
    Parkinson,

    /// <summary>High, low, open, close.</summary>
    GarmanKlass,

    /// <summary>High, low, open, close, any drift.</summary>
    RogersSatchell,

    /// <summary>With overnight gaps and any drift.</summary>
    YangZhang,

    /// <summary>Garman-Klass with overnight gaps.</summary>
    GarmanKlassYangZhang,
}

/// <summary>Everything beside the prices that decides the rows of <see cref="SeriesVolatility"/>.</summary>
internal sealed record VolatilitySettings
{
    /// <summary>In the order of the rows.</summary>
    public IReadOnlyList<VolatilityEstimator> Estimators { get; init; } = Enum.GetValues<VolatilityEstimator>();

    /// <summary>Bars (returns, for close to close) an estimate rests on; EWMA and RiskMetrics 2006 have no window.</summary>
    public int Window { get; init; } = 21;

    /// <summary>Annualise by its square root; null: per square root of a bar.</summary>
    public int? PeriodsPerYear { get; init; }

    /// <summary>Of the EWMA.</summary>
    public double EwmaLambda { get; init; } = 0.94;

    /// <summary>Of the EWMA.</summary>
    public EwmaStart EwmaStart { get; init; } = EwmaStart.NormalizedWeights;

    /// <summary>Of close to close.</summary>
    public int Ddof { get; init; } = 1;

    /// <summary>Of close to close.</summary>
    public MeanRule Mean { get; init; } = MeanRule.Sample;

    /// <summary>The text a digest is taken of.</summary>
    public string Canonical() => new CanonicalText("volatility-settings-1")
        .Add("estimators", string.Join(' ', Estimators.Select(SeriesVolatility.Code)))
        .Add("window", Window)
        .Add("periods_per_year", PeriodsPerYear is { } periods ? FormattableString.Invariant($"{periods}") : null)
        .Add("ewma_lambda", EwmaLambda)
        .Add("ewma_start", EwmaStart.Code())
        .Add("ddof", Ddof)
        .Add("mean", Mean.Code())
        .ToString();
}

/// <summary>The volatility as of one bar.</summary>
/// <param name="Index">Position of the last bar the estimate knows, from 0.</param>
/// <param name="Measure">The number, in log return per square root of a bar or of a year; method by <see cref="SeriesVolatility.Code"/>.</param>
internal readonly record struct VolatilityRow(int Index, Measure Measure);

/// <summary>Volatility of a series of closes or bars by every estimator asked for, now or day by day.</summary>
/// <remarks>
/// Pure. Prices are raw, or adjusted alike; they are not returns. A bar that contradicts itself, or a close that is not positive, gives
/// rows with a status for the windows that hold it. Close to close, EWMA and RiskMetrics 2006 look at closes alone.
/// </remarks>
internal static class SeriesVolatility
{
    public static string Code(this VolatilityEstimator estimator) => estimator switch
    {
        VolatilityEstimator.CloseToClose => "close_to_close",
        VolatilityEstimator.Ewma => "ewma",
        VolatilityEstimator.RiskMetrics2006 => "riskmetrics_2006",
        VolatilityEstimator.Parkinson => "parkinson",
        VolatilityEstimator.GarmanKlass => "garman_klass",
        VolatilityEstimator.RogersSatchell => "rogers_satchell",
        VolatilityEstimator.YangZhang => "yang_zhang",
        VolatilityEstimator.GarmanKlassYangZhang => "garman_klass_yang_zhang",
        _ => throw new ArgumentOutOfRangeException(nameof(estimator), estimator, "No such estimator."),
    };

    /// <summary>Whether an estimator needs more of a bar than its close.</summary>
    public static bool NeedsBars(this VolatilityEstimator estimator) => estimator > VolatilityEstimator.RiskMetrics2006;

    /// <summary>Whether a method, by its code, rests on all returns so far instead of a window.</summary>
    public static bool IsRecursive(string method) => method is "ewma" or "riskmetrics_2006";

    /// <summary>The estimate of such a method from log returns.</summary>
    public static Measure Recursive(ReadOnlySpan<double> returns, string method, VolatilitySettings settings)
    {
        var convention = RecursiveConvention(method, settings);
        if (returns.Length < 2)
        {
            var reason = FormattableString.Invariant($"Needs 2 returns, found {returns.Length}.");
            return Measure.None("volatility", method, Status.InsufficientHistory, reason, returns.Length, convention);
        }

        for (var i = 0; i < returns.Length; i++)
        {
            if (!double.IsFinite(returns[i]))
            {
                var reason = FormattableString.Invariant($"Return {i} is not finite: a price beside it is not positive.");
                return Measure.None("volatility", method, Status.InvalidInput, reason, returns.Length, convention);
            }
        }

        var variances = method == Code(VolatilityEstimator.Ewma)
            ? Ewma.ForecastVariances(returns, settings.EwmaLambda, settings.EwmaStart)
            : Ewma.RiskMetrics2006Variances(returns);
        return Measure.Of("volatility", method, Math.Sqrt(variances[^1] * (settings.PeriodsPerYear ?? 1)), returns.Length, convention);
    }

    private static Convention RecursiveConvention(string method, VolatilitySettings settings) => new()
    {
        Sign = Sign.Natural,
        Ddof = 0,
        Mean = MeanRule.Zero,
        PeriodsPerYear = settings.PeriodsPerYear,
        Parameters = method == Code(VolatilityEstimator.Ewma) ? [new("lambda", settings.EwmaLambda)] : [],
    };

    /// <summary>The estimates as of the last bar: one row per estimator.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The window is below 2.</exception>
    public static IReadOnlyList<VolatilityRow> Compute(ReadOnlySpan<Bar> bars, VolatilitySettings settings) =>
        Rows(bars, settings, bars.Length - 1);

    /// <summary>The estimates as of every bar from the first on which the window is full, day by day, within it by estimator.</summary>
    public static IReadOnlyList<VolatilityRow> Rolling(ReadOnlySpan<Bar> bars, VolatilitySettings settings) =>
        Rows(bars, settings, Math.Min(settings.Window, bars.Length - 1));

    /// <summary>The estimates as of the last close; estimators that need bars are refused.</summary>
    public static IReadOnlyList<VolatilityRow> Compute(ReadOnlySpan<double> closes, VolatilitySettings settings) =>
        Rows(BarsOf(closes), settings, closes.Length - 1, closesOnly: true);

    /// <summary>The estimates as of every close; estimators that need bars are refused.</summary>
    public static IReadOnlyList<VolatilityRow> Rolling(ReadOnlySpan<double> closes, VolatilitySettings settings) =>
        Rows(BarsOf(closes), settings, Math.Min(settings.Window, closes.Length - 1), closesOnly: true);

    private static List<VolatilityRow> Rows(ReadOnlySpan<Bar> bars, VolatilitySettings settings, int first, bool closesOnly = false)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(settings.Window, 2, nameof(settings));
        var closes = new CloseVolatility(bars, settings);
        List<VolatilityRow> rows = [];
        for (var i = Math.Max(first, 0); i < Math.Max(bars.Length, 1); i++)
        {
            foreach (var estimator in settings.Estimators)
            {
                rows.Add(new VolatilityRow(i, Estimate(bars[..Math.Min(i + 1, bars.Length)], estimator, closes, settings, closesOnly)));
            }
        }

        return rows;
    }

    private static Measure Estimate(
        ReadOnlySpan<Bar> bars, VolatilityEstimator estimator, CloseVolatility closes, VolatilitySettings settings, bool closesOnly)
    {
        if (!estimator.NeedsBars())
        {
            return closes.At(bars.Length - 1, estimator);
        }

        if (closesOnly)
        {
            var convention = new Convention { Sign = Sign.Natural, Window = settings.Window, PeriodsPerYear = settings.PeriodsPerYear };
            return Measure.None(
                "volatility", estimator.Code(), Status.InvalidInput, "Needs open, high, low and close.", bars.Length, convention);
        }

        return RangeVolatility.Volatility(bars, RangeOf(estimator), settings.Window, settings.PeriodsPerYear);
    }

    private static RangeEstimator RangeOf(VolatilityEstimator estimator) => estimator switch
    {
        VolatilityEstimator.Parkinson => RangeEstimator.Parkinson,
        VolatilityEstimator.GarmanKlass => RangeEstimator.GarmanKlass,
        VolatilityEstimator.RogersSatchell => RangeEstimator.RogersSatchell,
        VolatilityEstimator.YangZhang => RangeEstimator.YangZhang,
        _ => RangeEstimator.GarmanKlassYangZhang,
    };

    private static Bar[] BarsOf(ReadOnlySpan<double> closes)
    {
        var bars = new Bar[closes.Length];
        for (var i = 0; i < bars.Length; i++)
        {
            bars[i] = new Bar(closes[i], closes[i], closes[i], closes[i]);
        }

        return bars;
    }

    /// <summary>The estimators that look at closes, with their recursions run once.</summary>
    private sealed class CloseVolatility
    {
        private readonly VolatilitySettings _settings;
        private readonly double[] _returns;
        private readonly int _firstBad;
        private double[]? _ewma;
        private double[]? _mixture;

        public CloseVolatility(ReadOnlySpan<Bar> bars, VolatilitySettings settings)
        {
            _settings = settings;
            var closes = new double[bars.Length];
            for (var i = 0; i < closes.Length; i++)
            {
                closes[i] = bars[i].Close;
            }

            _returns = Returns.Log(closes);
            _firstBad = Returns.Defects(closes) is [var defect, ..] ? defect : int.MaxValue;
        }

        public Measure At(int bar, VolatilityEstimator estimator)
        {
            var count = Math.Max(bar, 0);
            var window = estimator == VolatilityEstimator.CloseToClose ? Math.Min(_settings.Window, count) : count;
            var returns = _returns.AsSpan(count - window, window);
            var convention = new Convention
            {
                Sign = Sign.Natural,
                Ddof = estimator == VolatilityEstimator.CloseToClose && _settings.Mean == MeanRule.Sample ? _settings.Ddof : 0,
                Mean = estimator == VolatilityEstimator.CloseToClose ? _settings.Mean : MeanRule.Zero,
                Window = estimator == VolatilityEstimator.CloseToClose ? _settings.Window : null,
                PeriodsPerYear = _settings.PeriodsPerYear,
                Parameters = estimator == VolatilityEstimator.Ewma ? [new("lambda", _settings.EwmaLambda)] : [],
            };
            if (Refused(bar, count - window, estimator, count) is { } refused)
            {
                return Measure.None("volatility", estimator.Code(), refused.Status, refused.Reason, window, convention);
            }

            if (estimator == VolatilityEstimator.CloseToClose)
            {
                return CloseToClose.Volatility(returns, _settings.PeriodsPerYear, _settings.Ddof, _settings.Mean);
            }

            var variances = estimator == VolatilityEstimator.Ewma
                ? _ewma ??= Ewma.ForecastVariances(_returns, _settings.EwmaLambda, _settings.EwmaStart)
                : _mixture ??= Ewma.RiskMetrics2006Variances(_returns);
            var deviation = Math.Sqrt(variances[count] * (_settings.PeriodsPerYear ?? 1));
            return Measure.Of("volatility", estimator.Code(), deviation, count, convention);
        }

        private (Status Status, string Reason)? Refused(int bar, int firstClose, VolatilityEstimator estimator, int count)
        {
            var needed = estimator == VolatilityEstimator.CloseToClose ? _settings.Window : 2;
            if (count < needed)
            {
                return (Status.InsufficientHistory, FormattableString.Invariant($"Needs {needed + 1} closes, found {bar + 1}."));
            }

            // A bad close spoils the returns on both of its sides, so that looking at returns finds it.
            for (var i = Math.Max(firstClose + 1, Math.Min(_firstBad, bar + 1)); i <= bar; i++)
            {
                if (!double.IsFinite(_returns[i - 1]))
                {
                    return (Status.InvalidInput, FormattableString.Invariant($"Close {i}, or the one before, is not positive and finite."));
                }
            }

            return null;
        }
    }
}
