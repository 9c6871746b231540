using System.Globalization;
using System.Text.Json;
using RiskLake.Risk;
using RiskLake.Risk.Numerics;

namespace RiskLake.Risk.Oracles;

internal static class BacktestChecks
{
    private const string Rolling = "dax_rolling_var_es.csv";

    public static void CoverageOfRollingForecasts(OracleRun run)
    {
        var returns = run.Column(Rolling, "log_return");
        foreach (var level in run.Expected("backtest").GetProperty("hs250_type7").EnumerateObject())
        {
            var node = level.Value;
            var vars = run.Column(Rolling, level.Name switch { "0.95" => "hs250_var95", "0.975" => "hs250_var975", _ => "hs250_var99" });
            var hits = Exceedances.Of(returns, vars, OracleRun.Level(level.Name));
            var transitions = hits.Transitions();
            run.Same(
                [Whole("n"), Whole("exceptions"), Whole("n00"), Whole("n01"), Whole("n10"), Whole("n11")],
                [hits.Observations, hits.Count, transitions.NoNo, transitions.NoYes, transitions.YesNo, transitions.YesYes]);
            run.Same(Whole("first_exception_position_1based"), hits.Waits[0]);
            run.Same(Whole("last_exception_position_1based"), hits.Waits.Sum());
            run.Close(node.GetProperty("expected"), hits.Expected, 1e-12);
            run.Same(hits.Days, Exceedances.Of(returns, TiedOnce(returns, vars), hits.Confidence).Days);
            Test("LR_uc", "p_uc", CoverageTests.Kupiec(hits));
            var independence = CoverageTests.Independence(hits);
            Test("LR_ind", "p_ind", independence);
            run.Close(node.GetProperty("p01"), independence.Parameters.Single(parameter => parameter.Name == "p01").Value, 1e-12);
            run.Close(node.GetProperty("p11"), independence.Parameters.Single(parameter => parameter.Name == "p11").Value, 1e-12);
            Test("LR_cc", "p_cc", CoverageTests.ConditionalCoverage(hits));
            Test("LR_cc_conditional_on_first_obs", "p_cc_conditional_on_first_obs", CoverageTests.ConditionalCoverage(
                hits, conditionalOnFirstDay: true));
            run.Close(node.GetProperty("binomial_cdf_P_X_le_x"), CoverageTests.Binomial(hits).Parameters[0].Value, 1e-12);
            run.Close(node.GetProperty("z_score_normal"), CoverageTests.ZScore(hits).Statistic, 1e-12);
            Test("TUFF_LR", "TUFF_p", CoverageTests.TimeUntilFirstFailure(hits));
            var between = CoverageTests.TimeBetweenFailures(hits);
            Test("TBFI_LR", "TBFI_p", between);
            run.Same(Whole("TBFI_dof"), between.DegreesOfFreedom);
            var duration = DurationTest.Weibull(hits);
            Test("weibull_LR", "weibull_p", duration);
            run.Close(node.GetProperty("weibull_b"), duration.Parameters[0].Value, 1e-9, "b");
            run.Close(node.GetProperty("weibull_uLL"), duration.Parameters[1].Value, 1e-11, "uLL");
            run.Close(node.GetProperty("weibull_rLL"), duration.Parameters[2].Value, 1e-11, "rLL");
            Test("DQ_const_var_4lags", "DQ_p", DynamicQuantileTest.Of(hits, vars));
            Test("DQ_const_4lags", "DQ_const_4lags_p", DynamicQuantileTest.Of(hits, []));
            run.Close(
                node.GetProperty("mean_pinball_loss"), ForecastLoss.Mean(
                    "pinball", ForecastLoss.Pinball(returns, vars, hits.Confidence), hits.Confidence).Value, 1e-11);
            run.Same(Whole("exceptions_last_250"), TrafficLight.OfLast(hits)!.Count);
            var worst = hits.Worst(250)!.Value;
            run.Same(Whole("max_exceptions_any_250"), worst.Count);
            run.Same(Whole("first_window_end_obs_with_max"), worst.LastDay + 251);

            int Whole(string key) => node.GetProperty(key).GetInt32();

            void Test(string statistic, string p, HypothesisTest result)
            {
                if (Math.Abs(node.GetProperty(statistic).GetDouble()) > 0.0)
                {
                    run.Close(node.GetProperty(statistic), result.Statistic, 1e-9, level.Name + " " + statistic);
                }
                else
                {
                    run.Same(0.0, result.Statistic!.Value, 1e-12);
                }

                run.Close(node.GetProperty(p), result.PValue, 1e-8, level.Name + " " + p);
            }
        }
    }

    public static void TrafficLightZones(OracleRun run)
    {
        var table = run.Expected("basel");
        foreach (var row in table.GetProperty("binomial_n250_p0.01").EnumerateArray())
        {
            var count = row.GetProperty("exceptions").GetInt32();
            var light = TrafficLight.Of(count, 250, Confidence.P99);
            run.Close(row.GetProperty("exact_prob"), BinomialDistribution.Mass(count, 250, 0.01), 1e-12, "mass");
            run.Close(row.GetProperty("cumulative"), light.Cumulative, 1e-13, "cumulative");
            run.Close(row.GetProperty("type1_prob_x_or_more"), light.FalseAlarm, 1e-12, "false alarm");
            foreach (var coverage in (int[])[98, 97, 96, 95])
            {
                var key = FormattableString.Invariant($"exact_if_true_coverage_{coverage}%");
                run.Close(row.GetProperty(key), BinomialDistribution.Mass(count, 250, (100 - coverage) / 100.0), 1e-12, key);
            }

            run.Same(row.GetProperty("zone").GetString(), light.Zone.ToString().ToLowerInvariant());
            run.Same(row.GetProperty("basel1996_plus_factor").GetDouble(), light.PlusFactor);
            run.Same(row.GetProperty("mar99_mar33_multiplier_mc").GetDouble(), light.Multiplier);
        }

        foreach (var entry in table.GetProperty("generalised_zone_boundaries_cum95_cum99.99").EnumerateObject())
        {
            var parts = entry.Name[1..].Split("_p");
            var (yellow, red) = TrafficLight.Boundaries(int.Parse(parts[0], CultureInfo.InvariantCulture), Tail(parts[1]));
            run.Same(
                (entry.Value.GetProperty("yellow_from").GetInt32(), entry.Value.GetProperty("red_from").GetInt32()), (yellow, red));
        }
    }

    public static void KupiecRegions(OracleRun run)
    {
        var table = run.Expected("basel");
        foreach (var entry in table.GetProperty("kupiec_nonrejection_regions_5pct_chi2").EnumerateObject())
        {
            var parts = entry.Name[1..].Split("_T");
            var (least, most) = CoverageTests.NonRejectionRegion(int.Parse(parts[1], CultureInfo.InvariantCulture), Tail(parts[0]), 0.05);
            run.Same(
                (entry.Value.GetProperty("min_accepted").GetInt32(), entry.Value.GetProperty("max_accepted").GetInt32()), (least, most));
        }

        foreach (var entry in table.GetProperty("kupiec_examples").EnumerateObject())
        {
            var parts = entry.Name[1..].Split(["_x", "_p"], StringSplitOptions.None);
            var result = CoverageTests.Kupiec(
                int.Parse(parts[1], CultureInfo.InvariantCulture), int.Parse(parts[0], CultureInfo.InvariantCulture), Tail(parts[2]));
            run.Same(entry.Value.GetProperty("LR").GetDouble(), result.Statistic!.Value, 1e-10);
            run.Close(entry.Value.GetProperty("p_value"), result.PValue, 1e-9, entry.Name);
        }

        // Any order with these transitions will do: 218 + 14 + 14 + 6 over 253 days.
        var days = new List<bool> { false };
        days.AddRange(Enumerable.Repeat(false, 218 - 13));
        for (var i = 0; i < 14; i++)
        {
            days.AddRange(i == 0 ? Enumerable.Repeat(true, 7) : [true]);
            days.AddRange(i == 13 ? [false] : [false, false]);
        }

        var node = table.GetProperty("jorion_jpm1998_example");
        var hits = Exceedances.Of(days, Confidence.P95);
        run.Same((218, 14, 14, 6), hits.Transitions());
        run.Close(node.GetProperty("independence").GetProperty("LR_ind"), CoverageTests.Independence(hits).Statistic, 1e-11);
        run.Close(node.GetProperty("independence").GetProperty("p_value"), CoverageTests.Independence(hits).PValue, 1e-10);
        run.Close(node.GetProperty("kupiec"), CoverageTests.Kupiec(20, 252, Confidence.P95).Statistic, 1e-11);
    }

    public static void ShortfallOfRollingForecasts(OracleRun run)
    {
        var table = run.Expected("es_backtest");
        var returns = run.LogReturns();
        foreach (var level in table.GetProperty("hs250").EnumerateObject())
        {
            var node = level.Value;
            var confidence = OracleRun.Level(level.Name);
            var (x, var, es) = HistoricalForecasts(returns, confidence);
            run.Same(node.GetProperty("n").GetInt32(), x.Length);
            run.Same(node.GetProperty("exceptions").GetInt32(), Exceedances.Of(x, var, confidence).Count);
            Check("Z1", ShortfallBacktest.Z1(x, TiedOnce(x, var), es, confidence).Value);
            Check("Z2", ShortfallBacktest.Z2(x, TiedOnce(x, var), es, confidence).Value);
            var residuals = ShortfallBacktest.ExceedanceResiduals(x, var, es);
            Check("exceedance_residual_mean", residuals.Parameters[0].Value);
            Check("exceedance_residual_t", residuals.Statistic);
            Check("rugarch_ESTest_p", residuals.PValue);
            Check("minbias_absolute", ShortfallBacktest.MinimallyBiased(x, var, es, confidence, relative: false).Value);
            Check("minbias_relative", ShortfallBacktest.MinimallyBiased(x, var, es, confidence, relative: true).Value);
            Check("mean_FZ0_loss", ForecastLoss.Mean("fz0", ForecastLoss.FisslerZiegel(x, var, es, confidence), confidence).Value);
            var calibration = ShortfallBacktest.ConditionalCalibration(x, var, es, confidence);
            Check("nolde_ziegel_simple_stat", calibration.Statistic);
            Check("nolde_ziegel_simple_p", calibration.PValue);

            void Check(string key, double? value) => run.Close(node.GetProperty(key), value, 1e-9, level.Name + " " + key);
        }
    }

    public static void EProcesses(OracleRun run)
    {
        var confidence = Confidence.P975;
        var (x, var, es) = HistoricalForecasts(run.LogReturns(), confidence);
        foreach (var lambda in run.Expected("es_backtest").GetProperty("e_backtest_constant_lambda").GetProperty("hs250_0.975").EnumerateObject())
        {
            Check(lambda.Value.GetProperty("var"), lambda.Name, t => EProcess.OfValueAtRisk(x[t], var[t], confidence));
            Check(lambda.Value.GetProperty("es"), lambda.Name, t => EProcess.OfShortfall(x[t], var[t], es[t], confidence));
        }

        void Check(JsonElement node, string lambda, Func<int, double> eValue)
        {
            double[] values = [.. Enumerable.Range(0, x.Length).Select(eValue)];
            var (final, first) = EProcess.Run(values, OracleRun.Number(lambda), [2.0, 5.0, 10.0]);
            run.Close(node.GetProperty("M_final"), final.Wealth, 1e-10);
            run.Close(node.GetProperty("M_max"), final.Peak, 1e-10);
            run.Same(node.GetProperty("M_max_position_1based").GetInt32(), final.PeakDay);
            run.Same(node.GetProperty("first_M_ge_2").GetInt32(), first[0]);
            run.Same(node.GetProperty("first_M_ge_5").GetInt32(), first[1]);
            run.Same(node.GetProperty("first_M_ge_10").GetInt32(), first[2]);
            run.Close(node.GetProperty("mean_e"), values.Average(), 1e-11);
        }
    }

    public static void RandomNumbers(OracleRun run)
    {
        var table = run.Expected("rng_montecarlo");
        var block = Philox.Block(0, 0, 0, 0, 0, 0);
        ulong[] words = [block.W0, block.W1, block.W2, block.W3];
        for (var i = 0; i < 4; i++)
        {
            run.Same(Text("philox4x64_10_block_at_counter0_key0_hex", i), words[i].ToString("x16", CultureInfo.InvariantCulture));
        }

        for (var i = 0; i < 8; i++)
        {
            run.Same(Text("philox_key42_first8_uint64", i), Philox.Word(42, 0, (ulong)i).ToString(CultureInfo.InvariantCulture));
            run.Same(Text("philox_key0_first8_uint64", i), Philox.Word(0, 0, (ulong)i).ToString(CultureInfo.InvariantCulture));
            run.Same(table.GetProperty("first8_uniforms")[i].GetDouble(), Philox.Uniform(42, 0, (ulong)i));
            run.Close(table.GetProperty("first8_normals_inverse_cdf")[i], Philox.Normal(42, 0, (ulong)i), 2e-15);
        }

        string? Text(string key, int i) => table.GetProperty(key)[i].GetString();
    }

    internal static (
        double[] Returns, double[] ValueAtRisk, double[] Shortfall) HistoricalForecasts(double[] returns, Confidence confidence)
    {
        var (var, es) = (new double[returns.Length], new double[returns.Length]);
        RollingTail.ValueAtRiskAndShortfall(returns, 250, confidence, var, es);
        return (returns[250..], var[249..^1], es[249..^1]);
    }

    // Lowers one forecast to the loss of its day: a tie, which is no exceedance, so that no count and no sum may move.
    private static double[] TiedOnce(double[] returns, double[] valueAtRisk)
    {
        double[] tied = [.. valueAtRisk];
        var day = Enumerable.Range(0, returns.Length).First(t => returns[t] < 0.0 && returns[t] > -valueAtRisk[t]);
        tied[day] = -returns[day];
        return tied;
    }

    private static Confidence Tail(string probability) =>
        Confidence.Of(1m - decimal.Parse(probability, CultureInfo.InvariantCulture));
}
