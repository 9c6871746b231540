using System.Globalization;
using System.Reflection;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using RiskLake.Risk;

namespace RiskLake.EndToEnd;

/// <summary>What the library computes, a command gives: all of it, and the same numbers as elsewhere.</summary>
public sealed partial class RiskQuantityTests
{
    // What carries numbers, names or arguments, and computes nothing that anybody asks for.
    private static readonly HashSet<string> s_carriers =
    [
        "Confidence", "Names", "Measure", "TailRisk", "HypothesisTest", "Convention", "ConfidenceInterval", "GarchFace", "Dispersion",
    ];

    [Fact]
    public void Every_quantity_of_the_library_has_a_command_or_a_table()
    {
        var computed = typeof(PerformanceRatios).Assembly.GetExportedTypes()
            .Where(type => type.Namespace == "RiskLake.Risk" && !s_carriers.Contains(type.Name) && !type.IsEnum)
            .SelectMany(type => type.GetMethods(BindingFlags.Public | BindingFlags.Static | BindingFlags.DeclaredOnly))
            .Where(method => !method.IsSpecialName && method.ReturnType != typeof(string))
            .Select(method => $"{method.DeclaringType!.Name}.{method.Name}").ToHashSet(StringComparer.Ordinal);
        using var workspace = new Workspace();
        var quantities = workspace.Run("docs", "quantities").Ends(0).Out.Split('\n').Where(line => line.StartsWith("| ", StringComparison.Ordinal)).Skip(1)
            .Select(line => line.Split(" | ")).ToList();
        IEnumerable<string> Named(int column) => quantities.SelectMany(row => Quoted().Matches(row[column]).Select(match => match.Groups[1].Value));
        var listed = Named(1).ToHashSet(StringComparer.Ordinal);
        Assert.Equal([], computed.Except(listed).Order(StringComparer.Ordinal));
        Assert.Equal([], listed.Except(computed).Order(StringComparer.Ordinal));

        var help = workspace.Run("risk", "--help").Ends(0).Out;
        var model = File.ReadAllText(Path.Combine(Cli.Repository, "docs", "data-model.md"));
        foreach (var place in Named(2).Distinct(StringComparer.Ordinal))
        {
            Assert.Contains(
                place.StartsWith("risk ", StringComparison.Ordinal) ? $"\n  {place[5..]} " : place.Replace("gold.", "gold/", StringComparison.Ordinal),
                place.StartsWith("risk ", StringComparison.Ordinal) ? help : model, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void The_list_in_the_documentation_is_current()
    {
        using var workspace = new Workspace();
        var page = workspace.Run("docs", "quantities").Ends(0).Out;
        var path = Path.Combine(Cli.Repository, "docs", "risk.md");
        var text = File.ReadAllText(path);
        var start = text.IndexOf(page[..page.IndexOf('\n', StringComparison.Ordinal)], StringComparison.Ordinal);
        Assert.True(start >= 0, "docs/risk.md lacks the section");
        var next = text.IndexOf("\n## ", start, StringComparison.Ordinal);
        if (Environment.GetEnvironmentVariable("RISKLAKE_UPDATE") == "1")
        {
            File.WriteAllText(path, text[..start] + page + text[next..]);
            text = File.ReadAllText(path);
        }

        Assert.Contains(page, text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_series_has_one_number_by_whatever_command_it_is_asked_for()
    {
        using var workspace = new Workspace();
        var bars = Path.Combine(Cli.Repository, "examples", "demo_us_d.csv");
        workspace.Run("run", "--source", "stooq", "--input", bars, "--adjustment", "all", "--market", "XNYS", "--run-id", "bars").Ends(0);
        workspace.Run("risk", "run", "--date", "2025-01-24").Ends(0);
        string Bits(JsonNode? node) => BitConverter.DoubleToInt64Bits((double)node!).ToString("x", CultureInfo.InvariantCulture);
        JsonArray Table(string sql) => workspace.Run("data", "sql", sql, "-o", "json").Ends(0).Json.AsArray();

        var measured = workspace.Run("risk", "measure", "--symbol", "DEMO.US", "-o", "json").Ends(0).Json.AsArray();
        var published = Table(
            "select measure, method, confidence_level, value, returns, \"window\", horizon, sign, price_kind from gold.risk_measures where horizon = 1");
        var compared = 0;
        foreach (var row in published.Where(row => row!["value"] is not null))
        {
            var same = measured.Single(one => (string?)one!["measure"] == (string?)row!["measure"] && (string?)one["method"] == (string?)row["method"]
                && one["confidence"]?.ToJsonString() == row["confidence_level"]?.ToJsonString())!;
            Assert.Equal(Bits(row!["value"]), Bits(same["value"]));
            foreach (var name in new[] { "returns", "window", "horizon", "sign", "price_kind" })
            {
                Assert.Equal(row[name]?.ToJsonString(), same[name]?.ToJsonString());
            }

            compared++;
        }

        Assert.True(compared > 60, $"{compared} numbers");
        var weighed = workspace.Run("risk", "portfolio", "--weights", "DEMO.US=1", "--method", "historical", "-o", "json");
        foreach (var row in weighed.Ends(0).Json.AsArray().Where(row => (string?)row!["row"] == "total"))
        {
            foreach (var name in new[] { "value_at_risk", "expected_shortfall" })
            {
                var same = measured.Single(one => (string?)one!["measure"] == name && (string?)one["method"] == "historical"
                    && one["confidence"]?.ToJsonString() == row!["confidence"]!.ToJsonString())!;
                Assert.Equal(Bits(same["value"]), Bits(row![name]));
            }

            Assert.Equal(("simple", 500L, 1L), ((string?)row!["returns"], (long)row["window"]!, (long)row["horizon"]!));
        }

        var estimated = workspace.Run("risk", "volatility", "--symbol", "DEMO.US", "--periods-per-year", "252", "-o", "json").Ends(0).Json.AsArray();
        foreach (var row in Table("select method, value from gold.volatility").Where(row => row!["value"] is not null))
        {
            Assert.Equal(Bits(estimated.Single(one => (string?)one!["estimator"] == (string?)row!["method"])!["value"]), Bits(row!["value"]));
        }
    }

    [Fact]
    public void Fewer_returns_than_the_usual_window_are_all_measured_and_told()
    {
        using var workspace = new Workspace();
        var returns = Enumerable.Range(0, 120).Select(i => FormattableString.Invariant($"{((i * 37) % 41) - 20}e-3"));
        workspace.Write("r.csv", "return\n" + string.Join('\n', returns) + "\n");
        string[] measure = ["risk", "measure", "--input", "r.csv", "--returns", "none", "--method", "historical", "-o", "json"];
        var few = workspace.Run([.. measure, "--return-kind", "simple"]).Ends(0);
        Assert.Contains("all 120 returns there are, fewer than the usual window of 500", few.Error, StringComparison.Ordinal);
        Assert.All(few.Json.AsArray(), row => Assert.Equal(120, (int)row!["window"]!));
        Assert.Contains(few.Json.AsArray(), row => (string?)row!["measure"] == "maximum_drawdown" && row["value"] is not null);

        // A window that was asked for is not silently a shorter one.
        var asked = workspace.Run([.. measure, "--window", "200"]).Ends(0);
        Assert.All(asked.Json.AsArray(), row => Assert.Null(row!["value"]));
    }

    [GeneratedRegex("`([^`]+)`", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Quoted();

    [Theory]
    [InlineData("performance --input p.csv --returns absolute", "--returns")]
    [InlineData("performance --input p.csv --periods-per-year 0", "--periods-per-year")]
    [InlineData("performance --input p.csv --benchmark none", "none")]
    [InlineData("drawdowns --input p.csv --returns none", "--returns")]
    [InlineData("evt --input p.csv --threshold 0.01 --threshold-level 0.9", "--threshold")]
    [InlineData("evt --input p.csv --hill 0", "--hill")]
    [InlineData("rolling --input p.csv --window 20", "--window")]
    [InlineData("dependence --input p.csv --lags 0", "--lags")]
    [InlineData("realised --input p.csv --period-column day", "--period-column")]
    [InlineData("pla --input p.csv", "--hpl")]
    [InlineData("rfet --input p.csv --from 2025-01-01 --to 2024-01-01", "--to")]
    [InlineData("capital", "--liquidity-shortfalls")]
    [InlineData("capital --unconstrained 5", "--unconstrained")]
    [InlineData("compare --input p.csv --pnl close --var close --other-var close --es close", "--es")]
    [InlineData("measure --input p.csv --return-kind simple", "--return-kind")]
    public void What_cannot_be_asked_is_refused_by_its_option(string command, string place)
    {
        using var workspace = new Workspace();
        workspace.Write("p.csv", "date,day,close\n2024-01-02,a,100\n2024-01-03,b,101\n2024-01-04,a,102\n");
        var outcome = workspace.Run(["risk", .. command.Split(' ')]).Ends(2);
        Assert.Empty(outcome.Out);
        Assert.Matches("error RL(1001|3201)", outcome.Error);
        Assert.Contains(place, outcome.Error, StringComparison.Ordinal);
    }
}
