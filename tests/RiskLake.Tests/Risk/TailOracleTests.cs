using System.Globalization;
using RiskLake.Risk;

namespace RiskLake.Tests.Risk;

public sealed class TailOracleTests
{
    [Fact]
    public void Historical_value_at_risk_of_every_quantile_type_agrees()
    {
        var returns = Series.LogReturns();
        foreach (var level in Oracle.Expected("var_es").GetProperty("by_confidence").EnumerateObject())
        {
            foreach (var type in level.Value.GetProperty("historical_var_by_quantile_type").EnumerateObject())
            {
                var quantile = (QuantileType)int.Parse(type.Name, CultureInfo.InvariantCulture);
                var risk = HistoricalSimulation.Estimate(returns, Series.Level(level.Name), quantile);
                Oracle.Close(type.Value, risk.ValueAtRisk.Value, 1e-11, level.Name + " type " + type.Name);
            }

            var house = HistoricalSimulation.Estimate(returns, Series.Level(level.Name));
            Oracle.Close(level.Value.GetProperty("historical_es_acerbi_tasche"), house.ExpectedShortfall.Value, 1e-11, level.Name);
            Assert.Equal(1.0, house.Tail.Sum(item => item.ShortfallWeight), 1e-12);
            Assert.Equal(house.ExpectedShortfall.Value!.Value, -house.Tail.Sum(item => item.ShortfallWeight * item.Return), 1e-12);
            Assert.Equal(house.ValueAtRisk.Value!.Value, -house.Tail.Sum(item => item.QuantileWeight * item.Return), 1e-12);
            Assert.All(house.Tail, item => Assert.Equal(returns[item.Index], item.Return));
        }
    }

    [Fact]
    public void Normal_and_cornish_fisher_agree()
    {
        var returns = Series.LogReturns();
        foreach (var level in Oracle.Expected("var_es").GetProperty("by_confidence").EnumerateObject())
        {
            var confidence = Series.Level(level.Name);
            Check("normal", "ddof1", ParametricTail.Normal(returns, confidence));
            Check("normal", "ddof0", ParametricTail.Normal(returns, confidence, ddof: 0));
            Check("normal", "zero_mean_rms", ParametricTail.Normal(returns, confidence, mean: MeanRule.Zero));
            var corrected = CornishFisher.Estimate(returns, confidence);
            Oracle.Close(level.Value.GetProperty("cornish_fisher_var_popmoments"), corrected.ValueAtRisk.Value, 1e-11, level.Name);
            Oracle.Close(level.Value.GetProperty(
                "cornish_fisher_es_tail_average_of_quantile"), corrected.ExpectedShortfall.Value, 1e-11, level.Name);

            void Check(string method, string variant, TailRisk risk)
            {
                Oracle.Close(level.Value.GetProperty(method + "_var_" + variant), risk.ValueAtRisk.Value, 1e-11, level.Name);
                Oracle.Close(level.Value.GetProperty(method + "_es_" + variant), risk.ExpectedShortfall.Value, 1e-11, level.Name);
            }
        }
    }

    [Fact]
    public void Student_t_by_maximum_likelihood_agrees()
    {
        var table = Oracle.Expected("var_es");
        var fit = StudentTFit.Of(Series.LogReturns());
        var expected = table.GetProperty("student_t_mle");
        Assert.Equal(Status.Ready, fit.Status);
        Oracle.Close(expected.GetProperty("location"), fit.Location, 1e-9, "location");
        Oracle.Close(expected.GetProperty("scale"), fit.Scale, 1e-10, "scale");
        Oracle.Close(expected.GetProperty("df"), fit.DegreesOfFreedom, 1e-9, "df");
        Oracle.Close(expected.GetProperty("logLik"), fit.LogLikelihood, 1e-12, "lnL");
        foreach (var level in table.GetProperty("by_confidence").EnumerateObject())
        {
            var risk = ParametricTail.StudentT(fit, Series.Level(level.Name));
            Oracle.Close(level.Value.GetProperty("student_t_mle_var"), risk.ValueAtRisk.Value, 1e-10, level.Name);
            Oracle.Close(level.Value.GetProperty("student_t_mle_es"), risk.ExpectedShortfall.Value, 1e-10, level.Name);
        }
    }

    [Fact]
    public void Weighted_moments_decay_as_each_start_prescribes()
    {
        (string Key, EwmaStart Start)[] starts =
        [
            ("seed_first_squared_return(s2[1]=r1^2 -> s2[2]=r1^2)", EwmaStart.FirstSquare),
            ("seed_full_sample_mean_square(non-causal)", EwmaStart.FullSampleMeanSquare),
            ("normalised_weights(pandas adjust=True)", EwmaStart.NormalizedWeights),
            ("arch_backcast_75", EwmaStart.Backcast75),
        ];
        var returns = Series.LogReturns();
        foreach (var lambda in Oracle.Expected("var_es").GetProperty("ewma").EnumerateObject())
        {
            foreach (var (key, start) in starts)
            {
                var node = lambda.Value.GetProperty(key);
                var variances = Ewma.ForecastVariances(returns, Oracle.Number(lambda.Name), start);
                Oracle.Close(node.GetProperty("sigma_for_day_2"), Math.Sqrt(variances[1]), 1e-11, key);
                Oracle.Close(node.GetProperty("sigma_for_day_11"), Math.Sqrt(variances[10]), 1e-11, key);
                Oracle.Close(node.GetProperty("sigma_for_day_101"), Math.Sqrt(variances[100]), 1e-11, key);
                Oracle.Close(node.GetProperty("sigma_last_day"), Math.Sqrt(variances[^2]), 1e-11, key);
                Oracle.Close(node.GetProperty("sigma_forecast_T_plus_1"), Math.Sqrt(variances[^1]), 1e-11, key);
            }
        }
    }

    [Fact]
    public void Conditional_forecasts_agree()
    {
        var returns = Series.LogReturns();
        foreach (var level in Oracle.Expected("var_es").GetProperty("conditional_T_plus_1").EnumerateObject())
        {
            var confidence = Series.Level(level.Name);
            foreach (var node in level.Value.EnumerateObject())
            {
                var name = level.Name + " " + node.Name;
                if (node.Name.StartsWith("brw_n", StringComparison.Ordinal))
                {
                    var parts = node.Name["brw_n".Length..].Split("_lambda");
                    var window = returns.AsSpan()[^int.Parse(parts[0], CultureInfo.InvariantCulture)..];
                    var step = WeightedSimulation.AgeWeighted(window, confidence, Oracle.Number(parts[1]));
                    var linear = WeightedSimulation.AgeWeighted(
                        window, confidence, Oracle.Number(parts[1]), WeightedQuantile.LinearInCumulatedWeight);
                    Oracle.Close(node.Value.GetProperty("var_step"), step.ValueAtRisk.Value, 1e-11, name);
                    Oracle.Close(node.Value.GetProperty("var_linear_in_cumweight"), linear.ValueAtRisk.Value, 1e-11, name);
                    Oracle.Close(node.Value.GetProperty("es_weighted_acerbi_tasche"), step.ExpectedShortfall.Value, 1e-11, name);
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
                    Oracle.Close(node.Value.GetProperty(var), risk.ValueAtRisk.Value, 1e-11, name);
                    Oracle.Close(node.Value.GetProperty(es), risk.ExpectedShortfall.Value, 1e-11, name);
                }
            }
        }
    }

    [Fact]
    public void Horizons_follow_their_stated_rule()
    {
        var node = Oracle.Expected("var_es").GetProperty("sqrt_time_scaling_example");
        var returns = Series.LogReturns();
        Oracle.Close(node.GetProperty("ten_day_sqrt"), TenDays(HorizonRule.SquareRootOfTime), 1e-11);
        Oracle.Close(node.GetProperty("ten_day_overlapping_hist_var99_type7"), TenDays(HorizonRule.OverlappingSums), 1e-11);
        Oracle.Close(node.GetProperty("ten_day_nonoverlapping_hist_var99_type7"), TenDays(HorizonRule.NonOverlappingSums), 1e-11);

        double? TenDays(HorizonRule rule) => HistoricalSimulation.Estimate(returns, Confidence.P99, 10, rule).ValueAtRisk.Value;
    }

    [Fact]
    public void Order_statistic_intervals_agree()
    {
        var returns = Series.LogReturns();
        foreach (var level in Oracle.Expected("var_confidence_intervals").GetProperty("by_confidence").EnumerateObject())
        {
            var interval = OrderStatisticInterval.Of(returns, Series.Level(level.Name), Confidence.P95);
            Oracle.Close(level.Value.GetProperty("var_ci_low"), interval.Low, 1e-11, level.Name);
            Oracle.Close(level.Value.GetProperty("var_ci_high"), interval.High, 1e-11, level.Name);
            Oracle.Close(level.Value.GetProperty("exact_coverage"), interval.Coverage, 1e-12, level.Name);
        }
    }

    [Fact]
    public void Rolling_numbers_agree_day_by_day()
    {
        var returns = Series.LogReturns();
        (string Level, string Var, string? Es)[] columns =
            [("0.95", "hs250_var95", null), ("0.975", "hs250_var975", "hs250_es975"), ("0.99", "hs250_var99", "hs250_es99")];
        foreach (var (level, var, es) in columns)
        {
            var vars = new double[returns.Length];
            var shortfalls = new double[returns.Length];
            RollingTail.ValueAtRiskAndShortfall(returns, 250, Series.Level(level), vars, shortfalls);
            var expected = Oracle.Column("dax_rolling_var_es.csv", var);
            for (var i = 0; i < expected.Length; i++)
            {
                Oracle.Close(expected[i], vars[249 + i], 1e-11, var);
                var direct = HistoricalSimulation.Estimate(returns.AsSpan(i, 250), Series.Level(level));
                Assert.Equal(direct.ValueAtRisk.Value, vars[249 + i]);
                Assert.Equal(direct.ExpectedShortfall.Value, shortfalls[249 + i]);
            }

            if (es is not null)
            {
                var tails = Oracle.Column("dax_rolling_var_es.csv", es);
                for (var i = 0; i < tails.Length; i++)
                {
                    Oracle.Close(tails[i], shortfalls[249 + i], 1e-11, es);
                }
            }
        }
    }
}
