using RiskLake.Risk;
using RiskLake.Risk.Measures;
using RiskLake.Risk.Numerics;
using RiskLake.Tests.Risk;

namespace RiskLake.Tests.Measures;

public sealed class SeriesBacktestTests
{
    private static readonly BacktestSettings s_settings = new() { Confidence = Confidence.P975, Paths = 500 };

    public static TheoryData<string> Names => [.. HostileSeries.All.Keys];

    [Fact]
    public void Rolling_forecasts_agree_with_the_reference()
    {
        double[] Column(string name) => Oracle.Column("dax_rolling_var_es.csv", name);
        var (r, var, es) = (Column("log_return"), Column("hs250_var975"), Column("hs250_es975"));
        var rows = SeriesBacktest.Compute(r, var, es, [], s_settings);
        var coverage = Oracle.Expected("backtest").GetProperty("hs250_type7").GetProperty("0.975");
        Check("LR_uc", "p_uc", "kupiec_pof");
        Check("LR_ind", "p_ind", "christoffersen_independence");
        Check("LR_cc", "p_cc", "christoffersen_conditional_coverage");
        Check("TUFF_LR", "TUFF_p", "kupiec_tuff");
        Check("TBFI_LR", "TBFI_p", "haas_tbfi");
        Check("weibull_LR", "weibull_p", "christoffersen_pelletier_duration");
        Check("DQ_const_var_4lags", "DQ_p", "dynamic_quantile");
        Check("DQ_const_4lags", "DQ_const_4lags_p", "dynamic_quantile_hits");
        Oracle.Close(coverage.GetProperty("mean_pinball_loss"), Row("pinball_loss").Statistic, 1e-11);
        Assert.Equal(coverage.GetProperty("exceptions_last_250").GetDouble(), Row("traffic_light").Statistic);
        var shortfall = Oracle.Expected("es_backtest").GetProperty("hs250").GetProperty("0.975");
        Oracle.Close(shortfall.GetProperty("Z1"), Row("acerbi_szekely_z1").Statistic, 1e-10);
        Oracle.Close(shortfall.GetProperty("Z2"), Row("acerbi_szekely_z2").Statistic, 1e-10);
        Oracle.Close(shortfall.GetProperty("exceedance_residual_t"), Row("mcneil_frey_residuals").Statistic, 1e-10);
        Oracle.Close(shortfall.GetProperty("nolde_ziegel_simple_p"), Row("nolde_ziegel_simple").PValue, 1e-9);
        Oracle.Close(shortfall.GetProperty("mean_FZ0_loss"), Row("fissler_ziegel_loss").Statistic, 1e-11);
        var process = Oracle.Expected("es_backtest").GetProperty("e_backtest_constant_lambda").GetProperty("hs250_0.975").GetProperty("0.025");
        foreach (var subject in (string[])["var", "es"])
        {
            var row = Row("e_process_" + subject);
            Oracle.Close(process.GetProperty(subject).GetProperty("M_final"), row.Statistic, 1e-10);
            foreach (var wealth in (string[])["2", "5", "10"])
            {
                Assert.Equal(process.GetProperty(subject).GetProperty("first_M_ge_" + wealth).GetDouble(), Parameter(row, "first_day_at_" + wealth));
            }
        }

        BacktestRow Row(string test) => rows.Single(row => row.Test == test);
        void Check(string statistic, string p, string test)
        {
            Oracle.Close(coverage.GetProperty(statistic), Row(test).Statistic, 1e-8, test);
            Oracle.Close(coverage.GetProperty(p), Row(test).PValue, 1e-8, test);
            Assert.Equal(Row(test).PValue <= 0.05 ? "reject" : "pass", Row(test).Decision);
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Any_series_gives_every_row_with_a_statistic_or_a_status(string name)
    {
        var pnl = HostileSeries.All[name];
        var expected = SeriesBacktest.Compute([0.1], [0.1], [0.2], [0.1], s_settings).Select(row => row.Test).ToList();
        foreach (var level in (double[])[0.02, 0.0, -0.01, double.NaN, 1e300])
        {
            foreach (var rule in Enum.GetValues<MissingRule>())
            {
                var var = HostileSeries.Repeat(level, pnl.Length);
                var es = HostileSeries.Repeat(0.02, pnl.Length);
                var rows = SeriesBacktest.Compute(pnl, var, es, es, s_settings with { Missing = rule, Paths = 50 });
                Assert.All(rows, row =>
                {
                    Assert.Equal(row.Status == Status.Ready, row.Statistic is { } value && double.IsFinite(value));
                    Assert.Equal(row.Status == Status.Ready, row.Reason is null);
                    Assert.True(row.PValue is null or (>= 0.0 and <= 1.0 + 1e-12));
                });

                // Without a day there is no ES column to tell from none.
                Assert.Equal(pnl.Length > 0 ? expected : expected.Take(14), rows.Select(row => row.Test));
            }
        }
    }

    [Fact]
    public void Missing_days_are_refused_counted_or_left_out()
    {
        double[] pnl = [-0.03, 0.01, double.NaN, 0.02, -0.01, 0.0];
        double[] var = [0.02, 0.02, 0.02, 0.02, double.NaN, 0.02];
        Assert.Equal((Status.InvalidInput, null), Kupiec(MissingRule.Refuse));
        Assert.Equal((Status.Ready, 3.0), Kupiec(MissingRule.CountAsExceedance));
        Assert.Equal((Status.Ready, 1.0), Kupiec(MissingRule.LeaveOut));

        (Status, double?) Kupiec(MissingRule rule)
        {
            var row = SeriesBacktest.Compute(pnl, var, [], [], s_settings with { Missing = rule })[0];
            return (row.Status, Parameter(row, "exceedances"));
        }
    }

    [Fact]
    public void A_right_model_is_rejected_as_rarely_as_the_size_says_and_a_wrong_one_always()
    {
        const int Series = 40;
        string[] judged = ["kupiec_pof", "binomial", "acerbi_szekely_z2", "e_process_es", "e_process_var"];
        var (right, wrong) = (new Dictionary<string, int>(), new Dictionary<string, int>());
        var laws = new ShortfallLaws();
        var model = ParametricTail.NormalForecast(0.0, 1.0, Confidence.P975, 1);
        for (ulong seed = 0; seed < Series; seed++)
        {
            var pnl = new double[500];
            Philox.Normals(seed, 2, 0, pnl);
            Count(right, 1.0);
            Count(wrong, 0.6);

            void Count(Dictionary<string, int> rejections, double scale)
            {
                var var = HostileSeries.Repeat(model.ValueAtRisk.Value!.Value * scale, pnl.Length);
                var es = HostileSeries.Repeat(model.ExpectedShortfall.Value!.Value * scale, pnl.Length);
                foreach (var row in SeriesBacktest.Compute(pnl, var, es, [], s_settings, laws))
                {
                    rejections[row.Test] = rejections.GetValueOrDefault(row.Test) + (row.Decision is "reject" or "red" ? 1 : 0);
                }
            }
        }

        // More than 6 of 40 at a size of 5 % happens to a right test once in 300 times.
        Assert.All(judged, test => Assert.InRange(right[test], 0, 6));
        Assert.All(judged, test => Assert.Equal(Series, wrong[test]));
        Assert.Equal(0, right["traffic_light"]);
        Assert.InRange(wrong["traffic_light"], 30, Series);
    }

    private static double? Parameter(BacktestRow row, string name) =>
        row.Parameters.Where(item => item.Name == name).Select(item => (double?)item.Value).SingleOrDefault();
}
