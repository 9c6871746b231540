using RiskLake.Risk;

namespace RiskLake.Reports;

/// <summary>All backtests of one forecast, question by question.</summary>
internal static class BacktestTable
{
    private const int Paths = 1000;
    private const int DrawsMost = 4_000_000;

    public static IReadOnlyList<BacktestRow> Of(
        ReadOnlySpan<double> returns,
        ReadOnlySpan<double> var99,
        ReadOnlySpan<double> var975,
        ReadOnlySpan<double> shortfall975,
        ReadOnlySpan<double> sigmas,
        Exceedances hits,
        ulong seed)
    {
        List<BacktestRow> rows =
        [
            Test("As many exceedances of the 99% VaR as promised?", "Kupiec proportion of failures", CoverageTests.Kupiec(hits)),
            Test("Is their number possible at all?", "Binomial, exact, two-sided", CoverageTests.Binomial(hits)),
            Test("Do they come alone?", "Christoffersen independence", CoverageTests.Independence(hits)),
            Test("Number and timing together?", "Christoffersen conditional coverage", CoverageTests.ConditionalCoverage(hits)),
            Test("Are the waits between them without memory?", "Weibull duration", DurationTest.Weibull(hits)),
            Test("Can the past foretell one?", "Dynamic quantile, 4 lags", DynamicQuantileTest.Of(hits, var99)),
            Light(hits),
            Shortfall(returns, var975, shortfall975, seed),
            Test(
                "Are losses beyond the VaR as large as the 97.5% ES says?",
                "McNeil-Frey residuals, bootstrap",
                ShortfallBacktest.BootstrapResiduals(returns, var975, shortfall975, sigmas, Paths, seed)),
            Test(
                "VaR and ES right together?",
                "Nolde-Ziegel conditional calibration",
                ShortfallBacktest.ConditionalCalibration(returns, var975, shortfall975, Confidence.P975)),
            Evidence(returns, var975, shortfall975),
        ];
        return rows;
    }

    private static BacktestRow Test(string question, string name, HypothesisTest test) => new(
        question,
        name,
        test.Statistic is { } statistic ? Statistic(test, statistic) : null,
        test.PValue,
        test.PValue is { } p ? Of(p) : Verdict.None,
        test.Reason);

    private static string Statistic(HypothesisTest test, double statistic) => test.Distribution switch
    {
        "chi_squared" => $"χ²({Figures.Significant(test.DegreesOfFreedom ?? 1, 2)}) = {Figures.Significant(statistic, 4)}",
        "binomial" => $"{Figures.Count((long)statistic)} exceedances",
        "normal" => $"z = {Figures.Significant(statistic, 4)}",
        _ => $"t = {Figures.Significant(statistic, 4)}",
    };

    private static BacktestRow Light(Exceedances hits)
    {
        const string Question = "What would a supervisor say?";
        const string Name = "Basel traffic light, last 250 days, 99%";
        if (TrafficLight.OfLast(hits) is not { } light)
        {
            var reason = FormattableString.Invariant($"Needs 250 judged days, found {hits.Observations}.");
            return new BacktestRow(Question, Name, null, null, Verdict.None, reason);
        }

        var verdict = light.Zone switch { Zone.Green => Verdict.Pass, Zone.Yellow => Verdict.Doubt, _ => Verdict.Reject };
        var colour = light.Zone switch { Zone.Green => "green", Zone.Yellow => "yellow", _ => "red" };
        var text = $"{colour}: {Figures.Count(light.Count)} exceedances, multiplier {Figures.Fixed(light.Multiplier ?? 0.0, 2)}";
        return new BacktestRow(Question, Name, text, light.FalseAlarm, verdict, null);
    }

    private static BacktestRow Shortfall(ReadOnlySpan<double> returns, ReadOnlySpan<double> var, ReadOnlySpan<double> shortfall, ulong seed)
    {
        const string Question = "Number and size of losses as the 97.5% ES says?";
        const string Name = "Acerbi-Székely Z2, p simulated under normal tails";
        var z2 = ShortfallBacktest.Z2(returns, var, shortfall, Confidence.P975);
        if (z2.Value is not { } value)
        {
            return new BacktestRow(Question, Name, null, null, Verdict.None, z2.Reason);
        }

        var paths = Math.Clamp(DrawsMost / returns.Length, 200, 2 * Paths);
        var law = ShortfallCriticalValues.Simulate(ShortfallStatistic.Z2, returns.Length, Confidence.P975, null, paths, seed);
        var p = law.PValue(value);
        return new BacktestRow(Question, Name, $"Z2 = {Figures.Significant(value, 4)}", p, p is { } known ? Of(known) : Verdict.None, null);
    }

    private static BacktestRow Evidence(ReadOnlySpan<double> returns, ReadOnlySpan<double> var, ReadOnlySpan<double> shortfall)
    {
        var values = new double[returns.Length];
        for (var t = 0; t < values.Length; t++)
        {
            values[t] = Math.Max(EProcess.OfShortfall(returns[t], var[t], shortfall[t], Confidence.P975), 0.0);
        }

        var (final, first) = EProcess.Run(values, ForecastReview.Bet, [ForecastReview.Alarm]);
        var alarm = first[0] is { } day ? $", alarm on judged day {Figures.Count(day)}" : "";
        return new BacktestRow(
            "Would a daily watch of the 97.5% ES have raised the alarm?",
            "E-process, bet 0.025, alarm at 20",
            $"peak {Figures.Significant(final.Peak, 3)}{alarm}",
            null,
            first[0] is null ? Verdict.Pass : Verdict.Reject,
            null);
    }

    private static Verdict Of(double p) => p < 0.01 ? Verdict.Reject : p < 0.05 ? Verdict.Doubt : Verdict.Pass;
}
