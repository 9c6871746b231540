using RiskLake.Risk;
using RiskLake.Risk.Numerics;

namespace RiskLake.Risk.Measures;

/// <summary>The rows of numbers about one series of returns: moments, drawdowns, VaR and ES by every method asked for.</summary>
/// <remarks>
/// Pure and deterministic: the rows are a function of the returns and the settings, in a fixed order: moments, drawdowns, then method by
/// method in the order of the settings, within it by confidence, VaR before ES. Bad data give rows with a status, never an exception
/// and never a missing row. Models that are fitted are fitted once.
/// </remarks>
internal static class SeriesMeasures
{
    /// <summary>Computes the rows.</summary>
    /// <param name="returns">Returns in time order, the newest last.</param>
    /// <param name="settings">Everything else.</param>
    /// <exception cref="ArgumentException">The settings contradict themselves: a window below 2, a horizon below 1.</exception>
    public static IReadOnlyList<MeasureRow> Compute(ReadOnlySpan<double> returns, MeasureSettings settings)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(settings.Window ?? 2, 2, nameof(settings));
        ArgumentOutOfRangeException.ThrowIfLessThan(settings.Horizon, 1, nameof(settings));
        ArgumentOutOfRangeException.ThrowIfLessThan(settings.Paths, 1, nameof(settings));
        if (settings.HorizonRule == HorizonRule.OnePeriod != (settings.Horizon == 1))
        {
            throw new ArgumentException("A horizon above one period needs a rule, and a rule such a horizon.", nameof(settings));
        }

        List<MeasureRow> rows = [];
        var window = settings.Window is { } asked && asked < returns.Length ? returns[^asked..] : returns;
        if (settings.Summary)
        {
            SummaryMeasures.Add(rows, window, settings);
        }

        var tails = new TailWork(returns.ToArray(), window.Length, settings);
        foreach (var method in settings.Methods)
        {
            AddTails(rows, method, tails, settings);
        }

        return rows;
    }

    // A window longer than the data is not silently a shorter one.
    internal static string? TooShort(int observations, MeasureSettings settings) => settings.Window is { } window && observations < window
        ? FormattableString.Invariant($"Needs {window} observations, found {observations}.")
        : null;

    internal static string UnitOf(MeasureSettings settings) => settings switch
    {
        { Kind: ReturnKind.Absolute } => "price",
        { Kind: ReturnKind.Log, Percent: true } => "log_percent",
        { Kind: ReturnKind.Log } => "log",
        { Percent: true } => "percent",
        { Kind: ReturnKind.Unstated } => "data",
        _ => "fraction",
    };

    private static void AddTails(List<MeasureRow> rows, TailMethod method, TailWork tails, MeasureSettings settings)
    {
        List<(Confidence Level, MeasureRow ValueAtRisk, MeasureRow Shortfall)> pairs = [];
        foreach (var level in settings.Levels())
        {
            var risk = tails.Of(method, level);
            var (var, shortfall) = tails.Intervals(method, level, risk);
            pairs.Add((level, Row(risk.ValueAtRisk, var), Row(risk.ExpectedShortfall, shortfall)));

            MeasureRow Row(Measure measure, ConfidenceInterval? interval) => new()
            {
                Measure = measure with { Method = method.Code },
                Unit = UnitOf(settings),
                Model = method.Model(settings),
                Tail = measure.Value is null ? [] : risk.Tail,
                Interval = interval,
            };
        }

        double? var0 = null;
        double? shortfall0 = null;
        foreach (var (_, valueAtRisk, shortfall) in pairs)
        {
            // ES at least VaR was settled where the two were made; here they are held against the next lower level.
            rows.Add(NotBelow(valueAtRisk, ref var0));
            rows.Add(NotBelow(shortfall, ref shortfall0));
        }
    }

    /// <summary>A number below that of a lower confidence, beyond rounding, is not published.</summary>
    private static MeasureRow NotBelow(MeasureRow row, ref double? lower)
    {
        if (row.Measure.Value is not { } value)
        {
            return row;
        }

        if (lower is { } before && value < before - (1e-12 * Math.Max(Math.Abs(before), Math.Abs(value))))
        {
            const string Reason = "The number lies below that of a lower confidence.";
            var measure = row.Measure;
            return row with
            {
                Measure = Measure.None(
                    measure.Name, measure.Method, Status.OutsideDomain, Reason, measure.Observations, measure.Convention),
                Tail = [],
                Interval = null,
            };
        }

        lower = lower is { } least ? Math.Max(least, value) : value;
        return row;
    }
}
