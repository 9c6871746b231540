using RiskLake.Risk;
using RiskLake.Risk.Measures;

namespace RiskLake.Reports;

/// <summary>One method at one confidence: two numbers, their intervals where the method has them, and why there is none.</summary>
/// <param name="Label">The method in words.</param>
/// <param name="Confidence">The level.</param>
/// <param name="ValueAtRisk">The VaR.</param>
/// <param name="Shortfall">The ES.</param>
internal sealed record MethodEstimate(string Label, Confidence Confidence, MeasureRow ValueAtRisk, MeasureRow Shortfall);

/// <summary>VaR and ES of one series by several methods, side by side.</summary>
internal static class MethodComparison
{
    private static readonly Confidence[] s_levels = [Confidence.P95, Confidence.P975, Confidence.P99];

    /// <summary>What the numbers are made with, beside the returns.</summary>
    public static MeasureSettings Settings(ReportSeries series) =>
        new()
        {
            Confidences = s_levels,
            Methods = [.. TailMethods.All.Where(method => method.IsCompared)],
            Kind = series.Kind,
            Summary = false,
            Window = series.Count > MeasureSettings.StandardWindow ? MeasureSettings.StandardWindow : null,
        };

    /// <summary>All methods at 95, 97.5 and 99 %, method by method.</summary>
    public static IReadOnlyList<MethodEstimate> Of(ReportSeries series)
    {
        var settings = Settings(series);
        List<MethodEstimate> rows = [.. Paired(SeriesMeasures.Compute(series.Returns, settings), settings, method => method.Words)];
        if (series.Count > TearSheet.Window)
        {
            var recent = settings with { Methods = [TailMethods.Historical], Window = TearSheet.Window };
            rows.InsertRange(s_levels.Length, Paired(SeriesMeasures.Compute(series.Returns, recent), recent, _ => "Historical, last 250"));
        }

        return rows;
    }

    // VaR and ES of a method at a level follow each other.
    private static IEnumerable<MethodEstimate> Paired(IReadOnlyList<MeasureRow> rows, MeasureSettings settings, Func<TailMethod, string> label)
    {
        var at = 0;
        foreach (var method in settings.Methods)
        {
            foreach (var level in settings.Levels())
            {
                yield return new MethodEstimate(label(method), level, rows[at], rows[at + 1]);
                at += 2;
            }
        }
    }
}
