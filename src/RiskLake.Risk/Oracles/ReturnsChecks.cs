using RiskLake.Risk;
using RiskLake.Risk.Numerics;

namespace RiskLake.Risk.Oracles;

internal static class ReturnsChecks
{
    public static void MomentsAndSerialTests(OracleRun run)
    {
        MomentsAndSerialTests(run, "log_returns");
        MomentsAndSerialTests(run, "simple_returns");
    }

    private static void MomentsAndSerialTests(OracleRun run, string kind)
    {
        foreach (var node in run.Expected("returns_stats").GetProperty(kind).EnumerateObject())
        {
            var returns = kind == "log_returns" ? run.LogReturns(node.Name) : run.SimpleReturns(node.Name);
            var moments = SampleMoments.Of(returns);
            Check("n", moments.Observations, 0);
            Check("mean", moments.Mean, 1e-12);
            Check("sd_ddof1", moments.StandardDeviation, 1e-12);
            Check("sd_ddof0", moments.PopulationStandardDeviation, 1e-12);
            Check("skew_population_g1", moments.Skewness, 1e-10);
            Check("excess_kurt_population_g2", moments.ExcessKurtosis, 1e-10);
            Check("skew_unbiased_G1", moments.UnbiasedSkewness, 1e-10);
            Check("excess_kurt_unbiased_G2", moments.UnbiasedExcessKurtosis, 1e-10);
            Check("min", moments.Minimum, 1e-12);
            Check("max", moments.Maximum, 1e-12);
            Check("median", moments.Median, 1e-10);
            Check("annualised_vol_252", CloseToClose.Volatility(returns, 252).Value, 1e-12);
            Check("jarque_bera", SerialDependence.JarqueBera(returns).Statistic, 1e-10);
            // A p-value amplifies the statistic's rounding by the statistic itself.
            Check("jarque_bera_p", SerialDependence.JarqueBera(returns).PValue, 1e-9);
            var ljungBox = SerialDependence.LjungBox(returns, 10);
            Check("ljung_box_10", ljungBox.Statistic, 1e-10);
            Check("ljung_box_10_p", ljungBox.PValue, 1e-9);
            var squared = SerialDependence.LjungBox([.. returns.Select(r => r * r)], 10);
            Check("ljung_box_10_squared_returns", squared.Statistic, 1e-10);
            Check("ljung_box_10_squared_returns_p", squared.PValue, 1e-9);
            var expected = OracleRun.Doubles(node.Value.GetProperty("acf_1_10"));
            var actual = SerialDependence.Autocorrelations(returns, 10);
            for (var k = 0; k < 10; k++)
            {
                run.Same(expected[k], actual[k], 1e-13);
            }

            void Check(string key, double? value, double tolerance) =>
                run.Close(node.Value.GetProperty(key), value, tolerance, node.Name + " " + key);
        }
    }

    public static void FirstReturns(OracleRun run)
    {
        var table = run.Expected("returns_stats");
        foreach (var index in OracleRun.Indices)
        {
            var log = OracleRun.Doubles(table.GetProperty("first3_log").GetProperty(index));
            var simple = OracleRun.Doubles(table.GetProperty("first3_simple").GetProperty(index));
            for (var i = 0; i < 3; i++)
            {
                run.Close(log[i], run.LogReturns(index)[i], 1e-12, index);
                run.Close(simple[i], run.SimpleReturns(index)[i], 1e-12, index);
            }

            var total = table.GetProperty("sum_log_returns_equals_log_total").GetProperty(index)[1].GetDouble();
            run.Close(total, OrderedSum.Of(run.LogReturns(index)), 1e-14, index);
        }
    }

    public static void AllNineQuantileTypes(OracleRun run)
    {
        var table = run.Expected("quantile");
        var vector = OracleRun.Doubles(table.GetProperty("small_vector").GetProperty("x"));
        var returns = run.LogReturns();
        Array.Sort(vector);
        Array.Sort(returns);
        Check(table.GetProperty("small_vector").GetProperty("by_type"), vector, 1e-13);
        Check(table.GetProperty("dax_logret"), returns, 1e-11);

        void Check(System.Text.Json.JsonElement byType, double[] sorted, double tolerance)
        {
            foreach (var type in byType.EnumerateObject())
            {
                foreach (var point in type.Value.EnumerateObject())
                {
                    var thousandths = (long)(decimal.Parse(point.Name, System.Globalization.CultureInfo.InvariantCulture) * 1000m);
                    var actual = Quantile.Of(
                        sorted, (QuantileType)int.Parse(type.Name, System.Globalization.CultureInfo.InvariantCulture), thousandths, 1000);
                    run.Close(point.Value, actual, tolerance, type.Name + " at " + point.Name);
                }
            }
        }
    }

    public static void RollingDeviation(OracleRun run)
    {
        var table = run.Expected("numerics");
        foreach (var name in (string[])["large_level_1e9", "outlier_passes_through_window", "constant_series_must_be_exactly_zero",
            "tiny_scale_1e-9"])
        {
            var node = table.GetProperty(name);
            double[] x = [.. node.GetProperty("x").EnumerateArray().Select(item => OracleRun.Number(item.GetString()!))];
            var window = node.GetProperty("window").GetInt32();
            var expected = OracleRun.Doubles(node.GetProperty("rolling_std_ddof1_exact"));
            var actual = RollingMoments.StandardDeviation(x, window);
            for (var i = 0; i < expected.Length; i++)
            {
                run.Close(expected[i], actual[i + window - 1], 1e-12, name);
                run.Close(expected[i], RollingVolatility.Latest(x.AsSpan(0, i + window), window), 1e-12, name);
            }

            run.True(Array.TrueForAll(actual[..(window - 1)], double.IsNaN));
        }
    }

    public static void CompensatedSums(OracleRun run)
    {
        var node = run.Expected("numerics").GetProperty("summation_cancellation");
        var pattern = OracleRun.Doubles(node.GetProperty("pattern"));
        double[] terms = [.. Enumerable.Range(0, node.GetProperty("repeats").GetInt32()).SelectMany(_ => pattern)];
        run.Same(node.GetProperty("exact_sum").GetDouble(), OrderedSum.Of(terms));
    }

    public static void RealisedMeasures(OracleRun run)
    {
        var node = run.Expected("realised_vol").GetProperty("realised_intraday_example");
        var r = OracleRun.Doubles(node.GetProperty("returns"));
        run.Close(node.GetProperty("realised_variance"), RealisedVariance.Total(r).Value, 1e-12);
        run.Close(node.GetProperty("bipower_variation_unadjusted"), RealisedVariance.Bipower(r, adjusted: false).Value, 1e-12);
        run.Close(node.GetProperty("bipower_variation_adjusted_m_over_m_minus_1"), RealisedVariance.Bipower(r).Value, 1e-12);
        run.Close(node.GetProperty("tripower_quarticity"), RealisedVariance.TripowerQuarticity(r).Value, 1e-12);
        run.Close(node.GetProperty("medRV"), RealisedVariance.MedianBased(r).Value, 1e-12);
        run.Close(node.GetProperty("minRV"), RealisedVariance.MinimumBased(r).Value, 1e-12);
        run.Close(node.GetProperty("jump_component_max0"), RealisedVariance.Jump(r).Value, 1e-12);
        run.Close(node.GetProperty("realised_quarticity"), RealisedVariance.Quarticity(r).Value, 1e-12);
    }
}
