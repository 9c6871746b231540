using RiskLake.Risk;
using RiskLake.Risk.Numerics;

namespace RiskLake.Risk.Measures;

/// <summary>Moments and drawdowns of a series, as rows.</summary>
internal static class SummaryMeasures
{
    public static void Add(List<MeasureRow> rows, ReadOnlySpan<double> window, MeasureSettings settings)
    {
        var short0 = SeriesMeasures.TooShort(window.Length, settings);
        AddMoments(rows, short0 is null ? SampleMoments.Of(window) : null, window, settings, short0);
        AddDrawdowns(rows, window, settings, short0);
    }

    private static void AddMoments(
        List<MeasureRow> rows, SampleMoments? moments, ReadOnlySpan<double> window, MeasureSettings settings, string? tooShort)
    {
        var unit = SeriesMeasures.UnitOf(settings);
        var n = window.Length;
        var status = moments?.Status ?? Status.InsufficientHistory;
        var reason = tooShort ?? (status == Status.Ready ? null : ReasonOf(window));
        Row("mean", unit, moments?.Mean, 1, null);
        Row("standard_deviation", unit, moments?.StandardDeviation, 2, 1);
        Row("population_standard_deviation", unit, moments?.PopulationStandardDeviation, 1, 0);
        Row("skewness", "none", moments?.Skewness, 2, 0);
        Row("excess_kurtosis", "none", moments?.ExcessKurtosis, 2, 0);
        Row("unbiased_skewness", "none", moments?.UnbiasedSkewness, 3, 1);
        Row("unbiased_excess_kurtosis", "none", moments?.UnbiasedExcessKurtosis, 4, 1);
        Row("minimum", unit, moments?.Minimum, 1, null);
        Row("median", unit, moments?.Median, 1, null);
        Row("maximum", unit, moments?.Maximum, 1, null);

        void Row(string name, string unitOfRow, double? value, int needed, int? ddof)
        {
            var convention = new Convention { Sign = Sign.Natural, Window = settings.Window ?? n, Ddof = ddof };
            var measure = (status, value) switch
            {
                (Status.Ready, { } number) => Measure.Of(name, "sample", number, n, convention),
                (Status.Ready, null) when n < needed => Measure.None(
                    name, "sample", Status.InsufficientHistory, $"Needs {needed} observations, found {n}.", n, convention),
                (Status.Ready, null) => Measure.None(
                    name, "sample", Status.Degenerate, "All observations are equal.", n, convention),
                _ => Measure.None(name, "sample", status, reason!, n, convention),
            };
            rows.Add(new MeasureRow { Measure = measure, Unit = unitOfRow });
        }
    }

    private static void AddDrawdowns(List<MeasureRow> rows, ReadOnlySpan<double> window, MeasureSettings settings, string? tooShort)
    {
        var n = window.Length;
        var (status, reason) = tooShort is not null ? (Status.InsufficientHistory, tooShort)
            : settings.Kind is ReturnKind.Log or ReturnKind.Simple ? (Status.Ready, null)
            : (Status.OutsideDomain, "Wealth compounds simple or log returns; these are neither, or do not say which (--return-kind).");
        if (status == Status.Ready)
        {
            var drawdowns = Drawdowns.Of(SimpleReturns(window, settings.Kind, settings.Percent));
            (status, reason) = (drawdowns.Status, drawdowns.Status switch
            {
                Status.Ready => null,
                Status.OutsideDomain => "A return of -100 % or less leaves nothing to compound.",
                _ => ReasonOf(window),
            });
            if (status == Status.Ready)
            {
                Row(drawdowns.Maximum);
                Row(drawdowns.UlcerIndex);
                Row(drawdowns.PainIndex);
                foreach (var level in settings.Levels())
                {
                    Row(drawdowns.ConditionalAtRisk(level));
                }

                return;
            }
        }

        None("maximum_drawdown", Sign.Natural, null);
        None("ulcer_index", Sign.LossPositive, null);
        None("pain_index", Sign.LossPositive, null);
        foreach (var level in settings.Levels())
        {
            None("conditional_drawdown_at_risk", Sign.LossPositive, level);
        }

        void Row(Measure measure) => rows.Add(new MeasureRow { Measure = measure, Unit = "fraction" });

        void None(string name, Sign sign, Confidence? level) => Row(Measure.None(
            name,
            "compounded_from_one",
            status,
            reason!,
            n,
            new Convention { Sign = sign, Confidence = level, Window = settings.Window ?? n }));
    }

    /// <summary>Log or simple returns as fractions that compound.</summary>
    public static double[] SimpleReturns(ReadOnlySpan<double> returns, ReturnKind kind, bool percent)
    {
        var simple = returns.ToArray();
        for (var t = 0; t < simple.Length; t++)
        {
            simple[t] = percent ? simple[t] / 100.0 : simple[t];
            simple[t] = kind == ReturnKind.Log ? Elementary.Expm1(simple[t]) : simple[t];
        }

        return simple;
    }

    private static string ReasonOf(ReadOnlySpan<double> window)
    {
        for (var t = 0; t < window.Length; t++)
        {
            if (!double.IsFinite(window[t]))
            {
                return FormattableString.Invariant($"Observation {t} is not finite.");
            }
        }

        return window.Length == 0 ? "Needs 1 observations, found 0." : "The moments are not finite.";
    }
}
