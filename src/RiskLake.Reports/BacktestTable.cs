using RiskLake.Risk;
using RiskLake.Risk.Measures;

namespace RiskLake.Reports;

/// <summary>What a backtest says of a model.</summary>
internal enum Verdict
{
    /// <summary>Nothing against it.</summary>
    Pass,

    /// <summary>Evidence at 5 %.</summary>
    Doubt,

    /// <summary>Evidence at 1 %, a red light, an alarm.</summary>
    Reject,

    /// <summary>The test has no answer.</summary>
    None,
}

/// <summary>The result of one backtest as a table shows it.</summary>
/// <param name="Question">What it asks.</param>
/// <param name="Name">The test.</param>
/// <param name="Statistic">The statistic in words and numbers; null when there is none.</param>
/// <param name="PValue">Null for tests that give none.</param>
/// <param name="Verdict">What it says.</param>
/// <param name="Reason">Why there is no statistic.</param>
internal sealed record BacktestLine(string Question, string Name, string? Statistic, double? PValue, Verdict Verdict, string? Reason);

/// <summary>The backtests of one forecast, question by question.</summary>
internal static class BacktestTable
{
    private const int DrawsMost = 6_000_000;

    private static readonly (string Test, string Question, string Name)[] s_ofValueAtRisk =
    [
        ("kupiec_pof", "As many exceedances of the 99% VaR as promised?", "Kupiec, proportion of failures"),
        ("binomial", "Is their number a plausible one?", "Binomial, exact, two-sided"),
        ("christoffersen_independence", "Do they come alone?", "Christoffersen, independence"),
        ("christoffersen_conditional_coverage", "Number and timing together?", "Christoffersen, conditional coverage"),
        ("christoffersen_pelletier_duration", "Are the waits between them without memory?", "Weibull durations"),
        ("dynamic_quantile", "Can the past foretell one?", "Dynamic quantile, 4 lags"),
        ("traffic_light", "What would a supervisor say?", "Basel traffic light, last 250 days"),
    ];

    private static readonly (string Test, string Question, string Name)[] s_ofShortfall =
    [
        ("acerbi_szekely_z2", "Number and size of losses as the 97.5% ES says?", "Acerbi-Székely Z2, p simulated under normal tails"),
        ("mcneil_frey_bootstrap", "Are losses beyond the VaR as large as the 97.5% ES says?", "McNeil-Frey residuals, bootstrap"),
        ("nolde_ziegel_simple", "VaR and ES right together?", "Nolde-Ziegel, conditional calibration"),
        ("e_process_es", "Would a daily watch of the 97.5% ES have raised the alarm?", "E-process, bet 0.025, alarm at 20"),
    ];

    /// <summary>Runs them over the judged days.</summary>
    public static IReadOnlyList<BacktestLine> Of(
        ReadOnlySpan<double> returns,
        ReadOnlySpan<double> var99,
        ReadOnlySpan<double> var975,
        ReadOnlySpan<double> shortfall975,
        ReadOnlySpan<double> sigmas)
    {
        var high = SeriesBacktest.Compute(returns, var99, [], [], new BacktestSettings { Confidence = Confidence.P99 });
        var low = SeriesBacktest.Compute(
            returns,
            var975,
            shortfall975,
            sigmas,
            new BacktestSettings
            {
                Confidence = Confidence.P975,
                Paths = Math.Clamp(DrawsMost / returns.Length, 200, 2000),
                BettingFraction = ForecastReview.Bet,
            });
        return
        [
            .. s_ofValueAtRisk.Select(item => Line(item.Question, item.Name, Row(high, item.Test, "var"))),
            .. s_ofShortfall.Select(item => Line(item.Question, item.Name, Row(low, item.Test, "es"))),
        ];
    }

    private static BacktestRow? Row(IReadOnlyList<BacktestRow> rows, string test, string subject) =>
        rows.FirstOrDefault(row => row.Test == test && row.Subject == subject);

    private static BacktestLine Line(string question, string name, BacktestRow? row)
    {
        if (row?.Statistic is not { } statistic)
        {
            return new BacktestLine(question, name, null, null, Verdict.None, row?.Reason ?? "The test is not made.");
        }

        return new BacktestLine(question, name, Text(row, statistic), row.PValue, VerdictOf(row), null);
    }

    private static string Text(BacktestRow row, double statistic)
    {
        var parameters = row.Parameters.ToDictionary(item => item.Name, item => item.Value);
        return row.Distribution switch
        {
            "chi_squared" => $"χ²({Figures.Short(row.DegreesOfFreedom ?? 1.0)}) = {Figures.Significant(statistic, 4)}",
            "binomial" when row.Test == "traffic_light" && parameters.TryGetValue("multiplier", out var multiplier) =>
                $"{row.Decision}: {Figures.Count((long)statistic)} exceedances, multiplier {Figures.Fixed(multiplier, 2)}",
            "binomial" when row.Test == "traffic_light" =>
                $"{row.Decision}: {Figures.Count((long)statistic)} exceedances in {Figures.Count(row.Observations)} days",
            "binomial" => $"{Figures.Count((long)statistic)} exceedances",
            "ville" => $"peak {Figures.Significant(parameters["peak"], 3)}"
                + (parameters.TryGetValue("first_day_at_20", out var day) ? $", alarm on judged day {Figures.Count((long)day)}" : ""),
            "simulated" => $"Z2 = {Figures.Significant(statistic, 4)}",
            "normal" => $"z = {Figures.Significant(statistic, 4)}",
            _ => $"t = {Figures.Significant(statistic, 4)}",
        };
    }

    private static Verdict VerdictOf(BacktestRow row) => row.Test switch
    {
        "traffic_light" => row.Decision switch { "green" => Verdict.Pass, "yellow" => Verdict.Doubt, _ => Verdict.Reject },
        "e_process_es" => row.Decision == "reject" ? Verdict.Reject : Verdict.Pass,
        _ => row.PValue switch { null => Verdict.None, < 0.01 => Verdict.Reject, < 0.05 => Verdict.Doubt, _ => Verdict.Pass },
    };
}
