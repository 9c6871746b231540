using System.Globalization;
using RiskLake.Risk;

namespace RiskLake.Risk.Oracles;

internal static class TailChecks
{
    public static void HistoricalValueAtRisk(OracleRun run)
    {
        var returns = run.LogReturns();
        foreach (var level in run.Expected("var_es").GetProperty("by_confidence").EnumerateObject())
        {
            foreach (var type in level.Value.GetProperty("historical_var_by_quantile_type").EnumerateObject())
            {
                var quantile = (QuantileType)int.Parse(type.Name, CultureInfo.InvariantCulture);
                var risk = HistoricalSimulation.Estimate(returns, OracleRun.Level(level.Name), quantile);
                run.Close(type.Value, risk.ValueAtRisk.Value, 1e-11, level.Name + " type " + type.Name);
            }

            var house = HistoricalSimulation.Estimate(returns, OracleRun.Level(level.Name));
            run.Close(level.Value.GetProperty("historical_es_acerbi_tasche"), house.ExpectedShortfall.Value, 1e-11, level.Name);
            run.Same(1.0, house.Tail.Sum(item => item.ShortfallWeight), 1e-12);
            run.Same(house.ExpectedShortfall.Value!.Value, -house.Tail.Sum(item => item.ShortfallWeight * item.Return), 1e-12);
            run.Same(house.ValueAtRisk.Value!.Value, -house.Tail.Sum(item => item.QuantileWeight * item.Return), 1e-12);
            run.True(house.Tail.All(item => returns[item.Index] == item.Return));
        }
    }

    public static void NormalAndCornishFisher(OracleRun run)
    {
        var returns = run.LogReturns();
        foreach (var level in run.Expected("var_es").GetProperty("by_confidence").EnumerateObject())
        {
            var confidence = OracleRun.Level(level.Name);
            Check("normal", "ddof1", ParametricTail.Normal(returns, confidence));
            Check("normal", "ddof0", ParametricTail.Normal(returns, confidence, ddof: 0));
            Check("normal", "zero_mean_rms", ParametricTail.Normal(returns, confidence, mean: MeanRule.Zero));
            var corrected = CornishFisher.Estimate(returns, confidence);
            run.Close(level.Value.GetProperty("cornish_fisher_var_popmoments"), corrected.ValueAtRisk.Value, 1e-11, level.Name);
            run.Close(level.Value.GetProperty(
                "cornish_fisher_es_tail_average_of_quantile"), corrected.ExpectedShortfall.Value, 1e-11, level.Name);

            void Check(string method, string variant, TailRisk risk)
            {
                run.Close(level.Value.GetProperty(method + "_var_" + variant), risk.ValueAtRisk.Value, 1e-11, level.Name);
                run.Close(level.Value.GetProperty(method + "_es_" + variant), risk.ExpectedShortfall.Value, 1e-11, level.Name);
            }
        }
    }

    public static void StudentTByMaximumLikelihood(OracleRun run)
    {
        var table = run.Expected("var_es");
        var fit = StudentTFit.Of(run.LogReturns());
        var expected = table.GetProperty("student_t_mle");
        run.Same(Status.Ready, fit.Status);
        run.Close(expected.GetProperty("location"), fit.Location, 1e-9, "location");
        run.Close(expected.GetProperty("scale"), fit.Scale, 1e-10, "scale");
        run.Close(expected.GetProperty("df"), fit.DegreesOfFreedom, 1e-9, "df");
        run.Close(expected.GetProperty("logLik"), fit.LogLikelihood, 1e-12, "lnL");
        foreach (var level in table.GetProperty("by_confidence").EnumerateObject())
        {
            var risk = ParametricTail.StudentT(fit, OracleRun.Level(level.Name));
            run.Close(level.Value.GetProperty("student_t_mle_var"), risk.ValueAtRisk.Value, 1e-10, level.Name);
            run.Close(level.Value.GetProperty("student_t_mle_es"), risk.ExpectedShortfall.Value, 1e-10, level.Name);
        }
    }

    public static void WeightedMoments(OracleRun run)
    {
        (string Key, EwmaStart Start)[] starts =
        [
            ("seed_first_squared_return(s2[1]=r1^2 -> s2[2]=r1^2)", EwmaStart.FirstSquare),
            ("seed_full_sample_mean_square(non-causal)", EwmaStart.FullSampleMeanSquare),
            ("normalised_weights(pandas adjust=True)", EwmaStart.NormalizedWeights),
            ("arch_backcast_75", EwmaStart.Backcast75),
        ];
        var returns = run.LogReturns();
        foreach (var lambda in run.Expected("var_es").GetProperty("ewma").EnumerateObject())
        {
            foreach (var (key, start) in starts)
            {
                var node = lambda.Value.GetProperty(key);
                var variances = Ewma.ForecastVariances(returns, OracleRun.Number(lambda.Name), start);
                run.Close(node.GetProperty("sigma_for_day_2"), Math.Sqrt(variances[1]), 1e-11, key);
                run.Close(node.GetProperty("sigma_for_day_11"), Math.Sqrt(variances[10]), 1e-11, key);
                run.Close(node.GetProperty("sigma_for_day_101"), Math.Sqrt(variances[100]), 1e-11, key);
                run.Close(node.GetProperty("sigma_last_day"), Math.Sqrt(variances[^2]), 1e-11, key);
                run.Close(node.GetProperty("sigma_forecast_T_plus_1"), Math.Sqrt(variances[^1]), 1e-11, key);
            }
        }
    }

    public static void ConditionalForecasts(OracleRun run)
    {
        var returns = run.LogReturns();
        foreach (var level in run.Expected("var_es").GetProperty("conditional_T_plus_1").EnumerateObject())
        {
            var confidence = OracleRun.Level(level.Name);
            foreach (var node in level.Value.EnumerateObject())
            {
                var name = level.Name + " " + node.Name;
                if (node.Name.StartsWith("brw_n", StringComparison.Ordinal))
                {
                    var parts = node.Name["brw_n".Length..].Split("_lambda");
                    var window = returns.AsSpan()[^int.Parse(parts[0], CultureInfo.InvariantCulture)..];
                    var step = WeightedSimulation.AgeWeighted(window, confidence, OracleRun.Number(parts[1]));
                    var linear = WeightedSimulation.AgeWeighted(
                        window, confidence, OracleRun.Number(parts[1]), WeightedQuantile.LinearInCumulatedWeight);
                    run.Close(node.Value.GetProperty("var_step"), step.ValueAtRisk.Value, 1e-11, name);
                    run.Close(node.Value.GetProperty("var_linear_in_cumweight"), linear.ValueAtRisk.Value, 1e-11, name);
                    run.Close(node.Value.GetProperty("es_weighted_acerbi_tasche"), step.ExpectedShortfall.Value, 1e-11, name);
                }
                else if (node.Name.StartsWith("plain_hs_n", StringComparison.Ordinal))
                {
                    var window = returns.AsSpan()[^int.Parse(node.Name["plain_hs_n".Length..], CultureInfo.InvariantCulture)..];
                    Check(HistoricalSimulation.Estimate(window, confidence), "var_type7", "es_acerbi_tasche");
                }
                else if (node.Name.StartsWith("hull_white", StringComparison.Ordinal))
                {
                    var count = int.Parse(node.Name.Split("_n")[1], CultureInfo.InvariantCulture);
                    double[] sigmas = [.. Ewma.ForecastVariances(returns, 0.94, EwmaStart.FirstSquare).Select(Math.Sqrt)];
                    Check(
                        WeightedSimulation.VolatilityWeighted(
                            returns.AsSpan()[^count..], sigmas.AsSpan(returns.Length - count, count), sigmas[^1], confidence),
                        "var_type7",
                        "es_acerbi_tasche");
                }
                else if (node.Name == "riskmetrics_normal_zero_mean_seed_r1sq")
                {
                    var sigma = Ewma.Volatility(returns, 0.94, EwmaStart.FirstSquare).Value!.Value;
                    Check(ParametricTail.NormalForecast(0.0, sigma, confidence, returns.Length), "var", "es");
                }

                void Check(TailRisk risk, string var, string es)
                {
                    run.Close(node.Value.GetProperty(var), risk.ValueAtRisk.Value, 1e-11, name);
                    run.Close(node.Value.GetProperty(es), risk.ExpectedShortfall.Value, 1e-11, name);
                }
            }
        }
    }

    public static void Horizons(OracleRun run)
    {
        var node = run.Expected("var_es").GetProperty("sqrt_time_scaling_example");
        var returns = run.LogReturns();
        run.Close(node.GetProperty("ten_day_sqrt"), TenDays(HorizonRule.SquareRootOfTime), 1e-11);
        run.Close(node.GetProperty("ten_day_overlapping_hist_var99_type7"), TenDays(HorizonRule.OverlappingSums), 1e-11);
        run.Close(node.GetProperty("ten_day_nonoverlapping_hist_var99_type7"), TenDays(HorizonRule.NonOverlappingSums), 1e-11);

        double? TenDays(HorizonRule rule) => HistoricalSimulation.Estimate(returns, Confidence.P99, 10, rule).ValueAtRisk.Value;
    }

    public static void OrderStatisticIntervals(OracleRun run)
    {
        var returns = run.LogReturns();
        foreach (var level in run.Expected("var_confidence_intervals").GetProperty("by_confidence").EnumerateObject())
        {
            var interval = OrderStatisticInterval.Of(returns, OracleRun.Level(level.Name), Confidence.P95);
            run.Close(level.Value.GetProperty("var_ci_low"), interval.Low, 1e-11, level.Name);
            run.Close(level.Value.GetProperty("var_ci_high"), interval.High, 1e-11, level.Name);
            run.Close(level.Value.GetProperty("exact_coverage"), interval.Coverage, 1e-12, level.Name);
        }
    }

    public static void RollingNumbers(OracleRun run)
    {
        var returns = run.LogReturns();
        (string Level, string Var, string? Es)[] columns =
            [("0.95", "hs250_var95", null), ("0.975", "hs250_var975", "hs250_es975"), ("0.99", "hs250_var99", "hs250_es99")];
        foreach (var (level, var, es) in columns)
        {
            var vars = new double[returns.Length];
            var shortfalls = new double[returns.Length];
            RollingTail.ValueAtRiskAndShortfall(returns, 250, OracleRun.Level(level), vars, shortfalls);
            var expected = run.Column("dax_rolling_var_es.csv", var);
            for (var i = 0; i < expected.Length; i++)
            {
                run.Close(expected[i], vars[249 + i], 1e-11, var);
                var direct = HistoricalSimulation.Estimate(returns.AsSpan(i, 250), OracleRun.Level(level));
                run.Same(direct.ValueAtRisk.Value, vars[249 + i]);
                run.Same(direct.ExpectedShortfall.Value, shortfalls[249 + i]);
            }

            if (es is not null)
            {
                var tails = run.Column("dax_rolling_var_es.csv", es);
                for (var i = 0; i < tails.Length; i++)
                {
                    run.Close(tails[i], shortfalls[249 + i], 1e-11, es);
                }
            }
        }
    }
}
