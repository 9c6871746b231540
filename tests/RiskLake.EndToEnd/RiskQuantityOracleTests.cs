using System.Globalization;
using System.Text.Json.Nodes;

namespace RiskLake.EndToEnd;

/// <summary>Quantities that one command each gives, against reference numbers made elsewhere.</summary>
public sealed class RiskQuantityOracleTests
{
    private static readonly (string Expected, string Measure, string? Method)[] s_performance =
    [
        ("cumulative_return", "cumulative_return", null), ("annualised_geometric_return", "annual_return", null),
        ("annualised_vol_ddof1", "annual_volatility", null), ("sharpe_arithmetic", "sharpe_ratio", "arithmetic"),
        ("sharpe_geometric_PA", "sharpe_ratio", "geometric"), ("downside_deviation_full_n", "downside_deviation", null),
        ("sortino_period", "sortino_ratio", null), ("sortino_annualised_sqrtN", "annual_sortino_ratio", null),
        ("max_drawdown", "maximum_drawdown", null), ("calmar", "calmar_ratio", null), ("ulcer_index_returns_only", "ulcer_index", null),
        ("pain_index", "pain_index", null), ("cdar95_acerbi_tasche", "conditional_drawdown_at_risk", null), ("omega_0", "omega_ratio", null),
        ("hit_rate", "hit_rate", null), ("tail_ratio_p95_p5", "tail_ratio", null),
    ];

    private static readonly (string Expected, string Measure)[] s_realised =
    [
        ("realised_variance", "realised_variance"), ("realised_vol", "realised_volatility"),
        ("bipower_variation_unadjusted", "bipower_variation_unadjusted"), ("bipower_variation_adjusted_m_over_m_minus_1", "bipower_variation"),
        ("tripower_quarticity", "tripower_quarticity"), ("medRV", "med_rv"), ("minRV", "min_rv"), ("jump_component_max0", "jump_variation"),
        ("realised_quarticity", "realised_quarticity"),
    ];

    [Theory]
    [InlineData("DAX")]
    [InlineData("SMI")]
    [InlineData("CAC")]
    [InlineData("FTSE")]
    public void Performance_and_drawdowns(string index)
    {
        using var workspace = new Workspace();
        var expected = Expected("performance")["eustock_simple_daily_N252_rf0"]![index]!;
        var rows = Run(workspace, "performance", "--input", File("eustock.csv"), "--column", index);
        foreach (var (key, measure, method) in s_performance)
        {
            Close(expected[key]!, rows.Single(row => Is(row, measure, method))!["value"], 1e-11);
        }

        var episodes = Run(workspace, "drawdowns", "--input", File("eustock.csv"), "--column", index);
        Assert.Equal((int)expected["n_drawdown_episodes"]!, episodes.Count);
        foreach (var (at, one) in expected["top5_drawdowns"]!.AsArray().Index())
        {
            Close(one!["depth"]!, episodes[at]!["depth"], 1e-11);
            foreach (var name in new[] { "peak_index", "trough_index", "recovery_index", "length" })
            {
                Assert.Equal(one[name]?.ToJsonString(), episodes[at]![name]?.ToJsonString());
            }
        }
    }

    [Fact]
    public void A_series_beside_its_benchmark()
    {
        using var workspace = new Workspace();
        var expected = Expected("performance")["dax_vs_ftse_simple"]!;
        JsonArray Beside(params string[] more) =>
            Run(workspace, ["performance", "--input", File("eustock.csv"), "--column", "DAX", "--benchmark", "FTSE", .. more]);
        var all = Beside();
        foreach (var name in new[] { "beta", "alpha", "correlation" })
        {
            Close(expected[name]!, all.Single(row => Is(row, name))!["value"], 1e-11);
        }

        var last = Beside("--window", "60");
        Close(expected["rolling60_corr_last"]!, last.Single(row => Is(row, "correlation"))!["value"], 1e-11);
        Close(expected["rolling60_beta_last"]!, last.Single(row => Is(row, "beta"))!["value"], 1e-11);
    }

    [Fact]
    public void Realised_variation()
    {
        using var workspace = new Workspace();
        var expected = Expected("realised_vol")["realised_intraday_example"]!;
        var returns = expected["returns"]!.AsArray().Select(value => value!.ToJsonString());
        workspace.Write("intraday.csv", "ret\n" + string.Join('\n', returns) + "\n");
        var rows = Run(workspace, "realised", "--input", "intraday.csv", "--returns", "none");
        foreach (var (key, measure) in s_realised)
        {
            Close(expected[key]!, rows.Single(row => Is(row, measure))!["value"], 1e-12);
        }

        // Periods of a file of prices: the move from one to the next belongs to neither.
        workspace.Write("days.csv", "day,close\na,100\na,101\na,99\nb,200\nb,202\nb,198\n");
        var periods = Run(workspace, "realised", "--input", "days.csv", "--period-column", "day").Where(row => Is(row, "realised_variance")).ToList();
        var one = Math.Pow(Math.Log(101 / 100.0), 2) + Math.Pow(Math.Log(99 / 101.0), 2);
        Assert.Equal(["a", "b"], periods.Select(row => (string?)row!["period"]));
        Assert.All(periods, row => Assert.Equal(one, (double)row!["value"]!, 1e-12));
    }

    [Theory]
    [InlineData("dax_logret_losses_u_q90", "0.90")]
    [InlineData("dax_logret_losses_u_q95", "0.95")]
    public void Extreme_values_above_a_level_and_above_a_threshold(string key, string level)
    {
        using var workspace = new Workspace();
        var expected = Expected("evt")[key]!;
        var levels = string.Join(',', expected["risk"]!.AsObject().Select(entry => entry.Key));
        string[] fit = ["evt", "--input", File("eustock.csv"), "--column", "DAX", "--returns", "log", "--window", "all", "--confidence", levels];
        foreach (var how in new[] { ["--threshold-level", level], new[] { "--threshold", expected["threshold"]!.ToJsonString() } })
        {
            var rows = Run(workspace, [.. fit, .. how]);
            foreach (var (name, measure, tolerance) in new[]
            {
                ("threshold", "threshold", 1e-11), ("xi", "tail_shape", 1e-8), ("beta", "tail_scale", 1e-8), ("logLik", "log_likelihood", 1e-10),
                ("se_xi_observed", "tail_shape_error", 1e-7), ("se_beta_observed", "tail_scale_error", 1e-7), ("n_exceed", "exceedances", 0.0),
                ("cov_xi_beta", "tail_shape_scale_covariance", 1e-7),
            })
            {
                Close(expected[name]!, rows.Single(row => Is(row, measure, "peaks_over_threshold"))!["value"], tolerance);
            }

            foreach (var (confidence, risk) in expected["risk"]!.AsObject())
            {
                foreach (var (name, measure) in new[] { ("var", "value_at_risk"), ("es", "expected_shortfall") })
                {
                    var row = rows.Single(row => Is(row, measure) && row!["confidence"]!.ToJsonString() == confidence)!;
                    Close(risk![name]!, row["value"], 1e-8);
                    Assert.True((double)row["interval_low"]! < (double)row["value"]! && (double)row["value"]! < (double)row["interval_high"]!);
                }
            }
        }
    }

    [Fact]
    public void Hill_and_Weissman()
    {
        using var workspace = new Workspace();
        var rows = Run(
            workspace, "evt", "--input", File("eustock.csv"), "--column", "DAX", "--returns", "log", "--window", "all", "--hill", "25,50,100,150",
            "--confidence", "0.99");
        foreach (var (count, value) in Expected("evt")["hill_dax_losses"]!.AsObject())
        {
            Close(value!, rows.Single(row => Is(row, "tail_shape", "hill") && Count(row) == count)!["value"], 1e-10);
        }

        Close(
            Expected("evt")["weissman_var99_dax_hill_k100"]!,
            rows.Single(row => Is(row, "value_at_risk", "weissman") && Count(row) == "100")!["value"], 1e-9);

        static string Count(JsonNode? row) => row!["parameters"]!["greatest_losses"]!.ToJsonString();
    }

    [Fact]
    public void Attribution_of_profits_and_losses()
    {
        using var workspace = new Workspace();
        double[] weights = [0.4, 0.3, 0.2, 0.1];
        var lines = System.IO.File.ReadLines(File("eustock.csv")).ToList();
        int[] at = [.. new[] { "DAX", "SMI", "CAC", "FTSE" }.Select(name => Array.IndexOf([.. lines[0].Split(',').Select(cell => cell.Trim('"'))], name))];
        double[][] prices = [.. lines.Skip(1).Select(line => at.Select(i => double.Parse(line.Split(',')[i], CultureInfo.InvariantCulture)).ToArray())];
        double[][] returns = [.. prices.Zip(prices.Skip(1), (one, next) => next.Zip(one, (b, a) => (b / a) - 1.0).ToArray()).TakeLast(250)];
        double Money(double[] r, int last) => 1e6 * ((weights[0] * r[0]) + (weights[1] * r[1]) + (weights[2] * r[2]) + (weights[3] * r[last]));
        workspace.Write(
            "pla.csv", "front,model\n" + string.Concat(returns.Select(r => FormattableString.Invariant($"{Money(r, 3):R},{Money(r, 2):R}\n"))));
        var row = Run(workspace, "pla", "--input", "pla.csv", "--hpl", "front", "--rtpl", "model")[0]!;
        var expected = Expected("pla")["scenarios"]!["rtpl_ftse_proxied_by_cac"]!;
        Close(expected["spearman"]!, row["spearman"], 1e-12);
        Close(expected["ks_scipy"]!, row["kolmogorov_smirnov"], 1e-12);
        Close(expected["mean_unexplained_over_sd_hpl"]!, row["mean_unexplained"], 1e-10);
        Close(expected["var_unexplained_over_var_hpl"]!, row["variance_unexplained"], 1e-11);
        Assert.Equal((string?)expected["zone"], (string?)row["zone"]);
    }

    [Fact]
    public void Eligibility_of_risk_factors()
    {
        using var workspace = new Workspace();
        var cases = Expected("rfet")["cases"]!.AsObject();
        workspace.Write("days.csv", "factor,date\n" + string.Concat(
            cases.SelectMany(one => one.Value!["observations"]!.AsArray().Select(day => $"{one.Key},{(string?)day}\n"))));
        var rows = Run(workspace, "rfet", "--input", "days.csv", "--factor-column", "factor", "--from", "2023-01-01", "--to", "2023-12-31");
        Assert.Equal(cases.Count, rows.Count);
        foreach (var row in rows)
        {
            var expected = cases[(string)row!["factor"]!]!;
            Assert.Equal((int)expected["distinct_days"]!, (int)row["days"]!);
            Assert.Equal((bool)expected["criterion_A"]!, (bool)row["passes_by_continuity"]!);
            Assert.Equal((bool)expected["criterion_B"]!, (bool)row["passes_by_number"]!);
            Assert.Equal((bool)expected["modellable"]!, (bool)row["modellable"]!);
            var window = expected["first_failing_90d_window"]?.AsArray();
            Assert.Equal(
                ((string?)window?[0], (string?)window?[1], (int?)window?[2]), ((string?)row["thin_from"], (string?)row["thin_to"], (int?)row["thin_days"]));
        }
    }

    [Fact]
    public void Tests_of_whole_forecasts()
    {
        using var workspace = new Workspace();
        var rows = Run(
            workspace, "backtest", "--input", File("dax_rolling_var_es.csv"), "--pnl", "log_return", "--var", "hs250_var975", "--sigma", "ewma_sigma",
            "--confidence", "0.975", "--paths", "0");
        Assert.Equal(4.0087178948, Statistic("du_escanciano_unconditional"), 4e-9);
        Assert.Equal(-0.2154619359, Statistic("acerbi_szekely_z3"), 1e-9);
        Assert.InRange(Statistic("du_escanciano_conditional"), 5.0, 20.0);

        double Statistic(string test) => (double)rows.Single(row => (string?)row!["test"] == test)!["statistic"]!;
    }

    [Fact]
    public void Formulas_of_capital()
    {
        using var workspace = new Workspace();
        var expected = Expected("frtb");
        var rows = Run(
            workspace, "capital", "--liquidity-shortfalls", "120,80,45,20,5", "--unconstrained", "500", "--constrained", "300,250,150,80,60",
            "--stressed-shortfalls", "90,70,60", "--non-modellable-credit", "10,5", "--non-modellable-equity", "8", "--non-modellable-other", "20,15,5",
            "--green-desks", "100,200", "--amber-desks", "50,150");
        Close(expected["liquidity_horizon_es"]!["es"]!, Value("liquidity_horizon_shortfall"), 1e-12);
        Close(expected["imcc"]!["imcc"]!, Value("internal_models_capital"), 1e-12);
        Close(expected["stressed_es_scaling"]!["es"]!, Value("stressed_shortfall"), 1e-12);
        Close(expected["ses"]!["ses"]!, Value("non_modellable_shortfall"), 1e-12);
        Close(expected["pla_surcharge_k"]!["k"]!, Value("surcharge_share"), 1e-12);

        JsonNode? Value(string measure) => rows.Single(row => Is(row, measure))!["value"];
    }

    private static bool Is(JsonNode? row, string measure, string? method = null) =>
        (string?)row!["measure"] == measure && (method is null || (string?)row["method"] == method);

    private static JsonArray Run(Workspace workspace, params string[] words) => workspace.Run(["risk", .. words, "-o", "json"]).Ends(0).Json.AsArray();

    private static void Close(JsonNode expected, JsonNode? actual, double tolerance)
    {
        var (want, have) = (expected.GetValue<double>(), actual!.GetValue<double>());
        Assert.True(
            Math.Abs(have - want) <= tolerance * Math.Max(Math.Abs(want), want == 0.0 ? 1.0 : 0.0),
            FormattableString.Invariant($"{expected.GetPath()}: expected {want:R}, got {have:R}"));
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
