using System.Text.Json.Nodes;

namespace RiskLake.EndToEnd;

/// <summary>The risk commands over the reference series, as a user types them, against reference numbers made elsewhere.</summary>
public sealed class RiskOracleTests
{
    private static readonly string[] s_levels = ["0.95", "0.975", "0.99"];

    public static TheoryData<string, string> Models => new()
    {
        { "dem2gbp.garch11.normal.fcp", "--model garch --dist normal --presample fcp" },
        { "dem2gbp.garch11.t.h1var", "--model garch --dist t --presample h1var" },
        { "dem2gbp.garch11.t.fcp.constrained_igarch_boundary", "--dist t --constraint stationary" },
        { "dem2gbp.gjr11.normal.h1var", "--model gjr --presample h1var" },
        { "dem2gbp.egarch11.normal.fcp", "--model egarch --presample fcp" },
    };

    [Theory]
    [MemberData(nameof(Models))]
    public void Garch_prints_the_reference_fit(string key, string options)
    {
        var expected = Expected("garch")["models"]![key]!;
        using var workspace = new Workspace();
        var row = workspace.Run([
            "risk", "garch", "--input", File("dem2gbp.csv"), "--column", "ret_pct", "--returns", "none", .. options.Split(' '), "--forecast", "10",
            "-o", "json"]).Ends(0).Json[0]!;
        Assert.Equal((double)expected["persistence"]! < 1.0 ? "ready" : "not_converged", (string?)row["status"]);
        Close(expected["logLikelihood"]!, row["log_likelihood"], 1e-10);
        foreach (var (name, value) in expected["parameters"]!.AsObject())
        {
            Close(value!, row["parameters"]![name], 1e-6);
            foreach (var (theirs, ours) in new[] { ("hessian", "hessian"), ("opg", "opg"), ("qml", "sandwich") })
            {
                Close(expected["stdErr_" + theirs]![name]!, row["std_error_" + ours]![name], 1e-5);
            }
        }

        var forecasts = expected["variance_forecast_h1_to_h10"] ?? expected["variance_forecast_h1"];
        if ((double)expected["persistence"]! < 1.0)
        {
            Each(forecasts!, row["forecast_variances"]!, 1e-7);
        }
        else
        {
            Assert.Empty(row["forecast_variances"]?.AsArray() ?? []);
        }

        Close(expected["persistence"]!, row["persistence"], 1e-8);
    }

    [Fact]
    public void Measure_prints_the_reference_tails()
    {
        using var workspace = new Workspace();
        var rows = Measure(workspace);
        var reference = Expected("var_es");
        foreach (var level in s_levels)
        {
            var expected = reference["by_confidence"]![level]!;
            Tail("historical", expected["historical_var_by_quantile_type"]!["7"]!, expected["historical_es_acerbi_tasche"]!);
            Tail("normal", expected["normal_var_ddof1"]!, expected["normal_es_ddof1"]!);
            Tail("student_t", expected["student_t_mle_var"]!, expected["student_t_mle_es"]!);
            Tail("cornish_fisher", expected["cornish_fisher_var_popmoments"]!, expected["cornish_fisher_es_tail_average_of_quantile"]!);
            var conditional = reference["conditional_T_plus_1"]![level]!;
            Tail(
                "ewma_normal", conditional["riskmetrics_normal_zero_mean_seed_r1sq"]!["var"]!,
                conditional["riskmetrics_normal_zero_mean_seed_r1sq"]!["es"]!);
            var interval = Expected("var_confidence_intervals")["by_confidence"]![level]!;
            Close(interval["var_ci_low"]!, Row(rows, "value_at_risk", "historical", level)["interval_low"], 1e-11);
            Close(interval["exact_coverage"]!, Row(rows, "value_at_risk", "historical", level)["interval_coverage"], 1e-9);

            void Tail(string method, JsonNode var, JsonNode es)
            {
                Close(var, Row(rows, "value_at_risk", method, level)["value"], 1e-8);
                Close(es, Row(rows, "expected_shortfall", method, level)["value"], 1e-8);
            }
        }

        Close(reference["moments"]!["sd_ddof1"]!, Row(rows, "standard_deviation", "sample", null)["value"], 1e-12);
        var tail = Row(rows, "value_at_risk", "historical", "0.99")["tail"]!.AsArray();
        Assert.Equal(1.0, tail.Sum(item => item!["shortfall_weight"]!.GetValue<double>()), 1e-12);
    }

    [Fact]
    public void Windows_decay_and_percent_reach_the_conditional_methods()
    {
        using var workspace = new Workspace();
        var rows = Measure(workspace, "--window", "500", "--age-lambda", "0.99", "--method", "historical,age_weighted,age_weighted_linear,volatility_weighted");
        var percent = Measure(workspace, "--percent", "--method", "filtered_historical,garch_normal,garch_t");
        foreach (var level in s_levels)
        {
            var expected = Expected("var_es")["conditional_T_plus_1"]![level]!;
            Close(expected["plain_hs_n500"]!["var_type7"]!, Value(rows, "value_at_risk", "historical"), 1e-11);
            Close(expected["brw_n500_lambda0.99"]!["var_step"]!, Value(rows, "value_at_risk", "age_weighted"), 1e-11);
            Close(expected["brw_n500_lambda0.99"]!["var_linear_in_cumweight"]!, Value(rows, "value_at_risk", "age_weighted_linear"), 1e-11);
            Close(expected["brw_n500_lambda0.99"]!["es_weighted_acerbi_tasche"]!, Value(rows, "expected_shortfall", "age_weighted"), 1e-11);
            Close(expected["hull_white_ewma094_seed_r1sq_n500"]!["var_type7"]!, Value(rows, "value_at_risk", "volatility_weighted"), 1e-10);
            Close(expected["fhs_garch11_normal_fcp_pct_units"]!["var_type7"]!, Value(percent, "value_at_risk", "filtered_historical"), 1e-6);
            Close(expected["garch11_normal_fcp_pct_units"]!["es"]!, Value(percent, "expected_shortfall", "garch_normal"), 1e-6);
            Close(expected["garch11_t_fcp_pct_units"]!["var"]!, Value(percent, "value_at_risk", "garch_t"), 1e-6);

            JsonNode? Value(JsonArray from, string measure, string method) => Row(from, measure, method, level)["value"];
        }

        Assert.All(percent, row => Assert.NotEqual("data", (string?)row!["unit"]));
    }

    [Fact]
    public void Horizons_follow_the_rule_named()
    {
        using var workspace = new Workspace();
        var expected = Expected("var_es")["sqrt_time_scaling_example"]!;
        foreach (var (rule, key) in new[]
            {
                ("square_root_of_time", "ten_day_sqrt"), ("overlapping_sums", "ten_day_overlapping_hist_var99_type7"),
                ("non_overlapping_sums", "ten_day_nonoverlapping_hist_var99_type7"),
            })
        {
            var rows = Measure(workspace, "--method", "historical", "--confidence", "99/100", "--horizon", "10", "--horizon-rule", rule);
            var row = Row(rows, "value_at_risk", "historical", "0.99");
            Close(expected[key]!, row["value"], 1e-11);
            Assert.Equal(rule, (string?)row["horizon_rule"]);
        }
    }

    [Fact]
    public void Backtest_prints_the_reference_tests()
    {
        using var workspace = new Workspace();
        var rows = workspace.Run(
            "risk", "backtest", "--input", File("dax_rolling_var_es.csv"), "--pnl", "log_return", "--var", "hs250_var99", "--es", "hs250_es99",
            "--confidence", "0.99", "-o", "json").Ends(0).Json.AsArray();
        var expected = Expected("backtest")["hs250_type7"]!["0.99"]!;
        var shortfall = Expected("es_backtest")["hs250"]!["0.99"]!;
        Close(expected["LR_uc"]!, Test("kupiec_pof")["statistic"], 1e-9);
        Close(expected["p_cc"]!, Test("christoffersen_conditional_coverage")["p_value"], 1e-9);
        Close(expected["DQ_p"]!, Test("dynamic_quantile")["p_value"], 1e-8);
        Close(expected["weibull_LR"]!, Test("christoffersen_pelletier_duration")["statistic"], 1e-9);
        Close(expected["exceptions"]!, Test("kupiec_pof")["parameters"]!["exceedances"], 0);
        Close(shortfall["Z1"]!, Test("acerbi_szekely_z1")["statistic"], 1e-10);
        Close(shortfall["Z2"]!, Test("acerbi_szekely_z2")["statistic"], 1e-10);
        Close(shortfall["minbias_relative"]!, Test("minimally_biased_relative")["statistic"], 1e-10);
        Close(shortfall["rugarch_ESTest_p"]!, Test("mcneil_frey_residuals")["p_value"], 1e-9);
        Assert.Equal("reject", (string?)Test("kupiec_pof")["decision"]);
        Assert.Equal("green", (string?)Test("traffic_light")["decision"]);

        JsonNode Test(string name) => rows.Single(row => (string?)row!["test"] == name)!;
    }

    [Fact]
    public void Correlation_prints_the_reference_pairs()
    {
        using var workspace = new Workspace();
        var rows = workspace.Run(
            "risk", "correlation", "--input", File("eustock.csv"), "--columns", "DAX,SMI,CAC,FTSE",
            "--window", "all", "--method", "pearson,ledoit-wolf-2004", "-o", "json")
            .Ends(0).Json.AsArray();
        Assert.Equal(12, rows.Count);
        var expected = Expected("covariance")["eustock_simple_returns"]!;
        string[] order = ["DAX", "SMI", "CAC", "FTSE"];
        foreach (var row in rows.Where(row => (string?)row!["method"] == "pearson"))
        {
            var (i, j) = (Array.IndexOf(order, (string?)row!["first"]), Array.IndexOf(order, (string?)row["second"]));
            Close(expected["correlation_pearson"]![i]![j]!, row["correlation"], 1e-12);
        }

        Close(
            expected["ledoit_wolf_2004_identity"]!["shrinkage"]!,
            rows.First(row => (string?)row!["method"] == "ledoit_wolf_2004")!["parameters"]!["shrinkage"],
            1e-11);
    }

    private static JsonArray Measure(Workspace workspace, params string[] options) => workspace.Run([
        "risk", "measure", "--input", File("eustock.csv"), "--column", "DAX", "--returns", "log",
        .. options.Contains("--window") ? options : ["--window", "all", .. options], "-o", "json"]).Ends(0).Json.AsArray();

    private static JsonNode Row(JsonArray rows, string measure, string method, string? level) => rows.Single(row =>
        (string?)row!["measure"] == measure && (string?)row["method"] == method && (level is null || row["confidence"]?.ToJsonString() == level))!;

    private static void Each(JsonNode expected, JsonNode actual, double tolerance)
    {
        for (var i = 0; i < expected.AsArray().Count; i++)
        {
            Close(expected[i]!, actual[i], tolerance);
        }
    }

    private static void Close(JsonNode expected, JsonNode? actual, double tolerance)
    {
        var (want, have) = (expected.GetValue<double>(), actual!.GetValue<double>());
        Assert.True(Math.Abs(have - want) <= tolerance * Math.Abs(want), FormattableString.Invariant($"{expected.GetPath()}: expected {want:R}, got {have:R}"));
    }

    private static JsonNode Expected(string name) => JsonNode.Parse(System.IO.File.ReadAllText(File($"expected_{name}.json")))!;

    private static string File(string name)
    {
        var shared = Environment.GetEnvironmentVariable("RISKLAKE_SHARED") ?? Path.Combine(Cli.Repository, "..", "shared");
        var path = Path.GetFullPath(Path.Combine(shared, "oracles", "risk", name));
        Assert.SkipUnless(System.IO.File.Exists(path), $"prerequisite absent: oracles/risk/{name} (RISKLAKE_SHARED names the folder above)");
        return path;
    }
}
