using System.Globalization;
using System.Text.Json.Nodes;

namespace RiskLake.EndToEnd;

/// <summary><c>risk portfolio</c>, <c>stress</c> and <c>covariance</c>, as a user types them, against reference numbers made elsewhere.</summary>
public sealed class PortfolioCommandTests
{
    private const string Weights = "DAX=0.4,SMI=0.3,CAC=0.2,FTSE=0.1";
    private static readonly string[] s_names = ["DAX", "SMI", "CAC", "FTSE"];

    public static TheoryData<string, string> Refusals => new()
    {
        { "--weights A=1,B=x", "--weights" },
        { "--weights A=1,A=2", "--weights" },
        { "--weights A", "--weights" },
        { "--weights A=1,C=2", "--columns" },
        { "--columns A,B --weights A=1", "--weights" },
        { "--columns A,A --weights A=1", "--columns" },
        { "--columns A --weights A=1,B=1", "--weights" },
        { "--weights A=1,2=1", "--weights" },
        { "--weights A=1e308,B=1e308", "--weights" },
        { "--weights A=1 --confidence 1", "--confidence" },
        { "--weights A=1 --ddof 2", "--ddof" },
        { "--weights A=1 --lambda 1", "--lambda" },
        { "--weights A=1 --column A", "--column" },
        { "--weights A=1 --percent", "--percent" },
        { "--weights A=1 --hierarchy A=x//y", "--hierarchy" },
        { "--weights A=1 --hierarchy B=x", "--hierarchy" },
    };

    public static TheoryData<string, string> StressRefusals => new()
    {
        { "--scenario B=-10%", "--scenario" },
        { "--predict A", "--predict" },
        { "--reverse -5%", "--reverse" },
        { "--worst-window 0", "--worst-window" },
        { "--replay 2024-01-01", "--replay" },
        { "--replay 2024-01-05..2024-01-02", "--replay" },
        { "--replay 2020-01-01..2024-01-05", "--replay" },
        { "--correlation 1.5", "--correlation" },
        { "--correlation 0.5 --correlation-share 2", "--correlation-share" },
    };

    [Theory]
    [InlineData("zero", "zero_mean")]
    [InlineData("sample", "with_mean")]
    public void Parametric_parts_are_those_of_the_reference(string mean, string key)
    {
        using var workspace = new Workspace();
        var rows = Run(workspace, "portfolio", "--weights", Weights, "--method", "parametric", "--mean", mean);
        foreach (var (level, node) in Expected("portfolio")["by_confidence"]!.AsObject())
        {
            var expected = node![key]!;
            var total = Rows(rows, "total", level).Single();
            var parts = Rows(rows, "position", level).ToList();
            Assert.Equal(s_names, parts.Select(row => (string?)row["name"]));
            Close(expected["var"]!, total["value_at_risk"], 1e-12);
            Close(expected["es"]!, total["expected_shortfall"], 1e-12);
            Close(expected["component_sum"]!, total["component_var"], 1e-12);
            Close(expected["undiversified_var"]!, total["undiversified_var"], 1e-12);
            Close(expected["diversification_benefit"]!, total["diversification_benefit"], 1e-11);
            foreach (var (theirs, ours) in new[]
            {
                ("marginal_var", "marginal_var"), ("component_var", "component_var"), ("pct_component_var", "component_var_share"),
                ("marginal_es", "marginal_es"), ("component_es", "component_es"), ("standalone_var", "standalone_var"),
                ("incremental_var_remove_position", "incremental_var"),
            })
            {
                Each(expected[theirs]!, parts, ours, 2e-12);
            }
        }
    }

    [Fact]
    public void Historical_parts_are_those_of_the_reference()
    {
        using var workspace = new Workspace();
        var rows = Run(workspace, "portfolio", "--weights", Weights, "--method", "historical", "--columns", "DAX,SMI,CAC,FTSE");
        foreach (var (level, node) in Expected("portfolio")["by_confidence"]!.AsObject())
        {
            var expected = node!["historical"]!;
            var total = Rows(rows, "total", level).Single();
            var parts = Rows(rows, "position", level).ToList();
            Close(expected["var_type7"]!, total["value_at_risk"], 1e-12);
            Close(expected["es_acerbi_tasche"]!, total["expected_shortfall"], 1e-12);
            Close(expected["kernel_bandwidth"]!, total["kernel_bandwidth"], 1e-12);
            Each(expected["component_es_acerbi_tasche"]!, parts, "component_es", 1e-12);
            Each(expected["component_var_triangular_kernel_bw2.575sdT^-1/5_rescaled"]!, parts, "kernel_component_var", 2e-12);
        }
    }

    [Fact]
    public void Stress_is_that_of_the_reference()
    {
        using var workspace = new Workspace();
        var reference = Expected("stress");
        var rows = Run(
            workspace, "stress", "--weights", Weights, "--worst-window", "1,5,10,20,60", "--predict", "DAX=-10%", "--scenario", "DAX=-10%",
            "--scenario", "DAX=-5%,SMI=-5%,CAC=-5%,FTSE=-5%", "--reverse", "5%", "--correlation", "0.9");
        foreach (var (horizon, expected) in reference["worst_historical_windows"]!.AsObject())
        {
            var own = rows.Where(row => Is(row, "worst_window", horizon)).ToList();
            Close(expected!["buy_and_hold_return"]!, own[0]!["portfolio_return"], 1e-11);
            Assert.Equal((int)expected["start_obs_1based"]!, (int)own[0]!["start_observation"]!);
            Assert.Equal((int)expected["end_obs_1based"]!, (int)own[0]!["end_observation"]!);
            foreach (var part in own.Skip(1))
            {
                Close(expected["factor_returns"]![(string)part!["name"]!]!, part["shock"], 1e-11);
                Close(expected["contribution"]![(string)part["name"]!]!, part["contribution"], 1e-11);
            }
        }

        var predicted = rows.Where(row => Is(row, "predictive", "DAX=-10%")).ToList();
        Close(reference["predictive_stress_dax_minus_10pct"]!["portfolio_return"]!, predicted[0]!["portfolio_return"], 1e-11);
        Assert.All(predicted.Skip(1), part =>
            Close(reference["predictive_stress_dax_minus_10pct"]!["factor_shocks"]![(string)part!["name"]!]!, part["shock"], 1e-11));
        Close(reference["naive_stress_dax_minus_10pct_others_zero"]!, Total("hypothetical", "DAX=-10%")["portfolio_return"], 1e-12);
        Close(
            reference["mahalanobis_plausibility_of_all_minus_5pct"]!,
            Total("hypothetical", "DAX=-5%,SMI=-5%,CAC=-5%,FTSE=-5%")["mahalanobis_squared"], 1e-11);
        var reverse = rows.Where(row => Is(row, "reverse", "5%")).ToList();
        Assert.All(reverse.Skip(1), part => Close(
            reference["reverse_stress_most_likely_scenario_for_loss_5pct"]!["scenario"]![(string)part!["name"]!]!, part["shock"], 1e-11));
        Close(reference["correlation_stress_rho_to_0.9"]!["portfolio_sd"]!, Total("correlation", "0.9")["standard_deviation"], 1e-11);
        Close(reference["correlation_stress_rho_to_0.9"]!["base_sd"]!, Total("correlation", "0.9")["base_standard_deviation"], 1e-11);

        JsonNode Total(string rule, string asked) => rows.First(row => Is(row, rule, asked))!;

        static bool Is(JsonNode? row, string rule, string asked) => (string?)row!["scenario"] == rule && (string?)row["asked"] == asked;
    }

    [Theory]
    [InlineData("sample", "1", "sample_cov_ddof1", null)]
    [InlineData("sample", "0", "sample_cov_ddof0", null)]
    [InlineData("ewma", "1", "ewma_0.94_zero_mean_seed_first_outer_product", null)]
    [InlineData("ledoit_wolf_2003", "0", "ledoit_wolf_2003_constant_correlation_n_minus_0", "shrinkage")]
    [InlineData("ledoit_wolf_2003", "1", "ledoit_wolf_2003_constant_correlation_n_minus_1", "shrinkage")]
    [InlineData("ledoit_wolf_single_index", "1", "ledoit_wolf_2003_single_index_n_minus_1", "shrinkage")]
    [InlineData("ledoit_wolf_2004", "1", "ledoit_wolf_2004_identity", "shrinkage")]
    [InlineData("oas", "1", "oas_chen_2010_paper_formula", "shrinkage")]
    public void Covariances_are_those_of_the_reference(string method, string ddof, string key, string? shrinkage)
    {
        using var workspace = new Workspace();
        var rows = Run(workspace, "covariance", "--columns", "DAX,SMI,CAC,FTSE", "--method", method, "--ddof", ddof);
        var expected = Expected("covariance")["eustock_simple_returns"]![key]!;
        Assert.Equal(10, rows.Count);
        foreach (var row in rows)
        {
            var (i, j) = (Array.IndexOf(s_names, (string?)row!["first"]), Array.IndexOf(s_names, (string?)row["second"]));
            Close((shrinkage is null ? expected : expected["cov"]!)[i]![j]!, row["covariance"], 1e-12);
            if (shrinkage is not null)
            {
                Close(expected["shrinkage"]!, row["shrinkage"], 1e-11);
            }
        }
    }

    [Fact]
    public void The_long_form_gives_the_numbers_of_the_wide_one_and_gaps_are_told_and_never_filled()
    {
        using var workspace = new Workspace();
        var days = Enumerable.Range(0, 400).Select(i => new DateTime(2020, 1, 1).AddDays(i).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)).ToList();
        string Price(int i, int k) => (100 + ((i * (7 + k) * 13) % 23) - (0.01 * i * k)).ToString("R", CultureInfo.InvariantCulture);
        workspace.Write("wide.csv", "date,A,B\n" + string.Concat(days.Select((day, i) => $"{day},{Price(i, 1)},{(i == 50 ? "" : Price(i, 2))}\n")));
        workspace.Write("long.csv", "symbol,date,close\n" + string.Concat(Enumerable.Range(1, 2).SelectMany(k => days
            .Select((day, i) => k == 2 && i == 50 ? "" : $"{"?AB"[k]},{day},{Price(i, k)}\n"))));
        workspace.Write("without.csv", "date,A,B\n" + string.Concat(days.Select((day, i) => i == 50 ? "" : $"{day},{Price(i, 1)},{Price(i, 2)}\n")));
        string[] options = ["--weights", "A=1.5,B=-0.7", "--hierarchy", "A=firm/x,B=firm/y", "--missing", "join", "-o", "json"];
        var wide = workspace.Run(["risk", "portfolio", "--input", "wide.csv", .. options]).Ends(0);
        var tall = workspace.Run(["risk", "portfolio", "--input", "long.csv", "--symbol-column", "symbol", .. options]).Ends(0);
        var without = workspace.Run(["risk", "portfolio", "--input", "without.csv", .. options]).Ends(0);
        Assert.Equal(wide.Out.Replace("\"price_kind\":\"columns\"", "\"price_kind\":\"close\"", StringComparison.Ordinal), tall.Out);
        Assert.Equal(wide.Out.Replace("\"dates_left_out\":1", "\"dates_left_out\":0", StringComparison.Ordinal), without.Out);
        Assert.Contains("2020-02-20", wide.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("left out", without.Error, StringComparison.Ordinal);
        var table = workspace.Run("risk", "stress", "--input", "wide.csv", "--weights", "A=1", "--replay", "2020-02-20..2020-03-01", "-o", "json")
            .Ends(0).Json;
        Assert.Equal("2020-02-20", (string?)table[0]!["from"]);
    }

    [Theory]
    [MemberData(nameof(Refusals))]
    public void A_wrong_option_of_a_portfolio_is_refused_by_its_name(string options, string place) => Refused("portfolio", options, place);

    [Theory]
    [MemberData(nameof(StressRefusals))]
    public void A_wrong_option_of_a_stress_is_refused_by_its_name(string options, string place) => Refused("stress", "--weights A=1 " + options, place);

    [Fact]
    public void Degenerate_data_give_statuses()
    {
        using var workspace = new Workspace();
        workspace.Write("flat.csv", "date,A,B\n" + string.Concat(Enumerable.Range(1, 28).Select(i => $"2024-01-{i:00},100,{100 + (i % 5)}\n")));
        var rows = workspace.Run("risk", "portfolio", "--input", "flat.csv", "--weights", "A=1,B=0", "--confidence", "0.99", "-o", "json")
            .Ends(0).Json.AsArray();
        Assert.Equal(["degenerate", "insufficient_history"], rows.Select(row => (string?)row!["status"]));
        Assert.All(rows, row => Assert.Null(row!["value_at_risk"]));
        workspace.Write("bad.csv", "date,A,B\n2024-01-01,1,2\n2024-01-02,0,2.1\n2024-01-03,1,2\n");
        rows = workspace.Run(
            "risk", "stress", "--input", "bad.csv", "--weights", "A=1,B=1", "--worst-window", "1", "--reverse", "5%", "--correlation", "0.5", "-o", "json")
            .Ends(0).Json.AsArray();
        Assert.All(rows, row => Assert.Equal("invalid_input", (string?)row!["status"]));
        Assert.All(rows, row => Assert.NotNull(row!["reason"]));
    }

    private static void Refused(string command, string options, string place)
    {
        using var workspace = new Workspace();
        workspace.Write("prices.csv", "date,A,B\n2024-01-01,1,2\n2024-01-02,1.1,2.1\n2024-01-03,1.2,2\n2024-01-05,1.1,2.2\n");
        var outcome = workspace.Run(["risk", command, "--input", "prices.csv", .. options.Split(' ')]).Ends(2);
        Assert.Empty(outcome.Out);
        Assert.Matches($@"error RL\d{{4}}: (.|\n)*{place}", outcome.Error);
    }

    private static JsonArray Run(Workspace workspace, string command, params string[] options) =>
        workspace.Run(["risk", command, "--input", File("eustock.csv"), "--window", "all", .. options, "-o", "json"]).Ends(0).Json.AsArray();

    private static IEnumerable<JsonNode> Rows(JsonArray rows, string kind, string level) =>
        rows.Where(row => (string?)row!["row"] == kind && row["confidence"]!.ToJsonString() == level)!;

    private static void Each(JsonNode expected, IReadOnlyList<JsonNode> rows, string column, double tolerance)
    {
        for (var i = 0; i < rows.Count; i++)
        {
            Close(expected[i]!, rows[i][column], tolerance);
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
