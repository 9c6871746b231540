using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;

namespace RiskLake.EndToEnd;

/// <summary>Every number names what it rests on, and a series with gaps has one answer, whoever is asked.</summary>
public sealed class NamedNumberTests
{
    private static readonly string Bars = Path.Combine(Cli.Repository, "examples", "demo_us_d.csv");

    /// <summary>Commands whose numbers are of no series: amounts given as options, days that are counted.</summary>
    private static readonly string[] OfNoSeries = ["capital", "rfet"];

    [Fact]
    public void Every_number_of_every_command_names_returns_price_window_horizon_and_sign()
    {
        using var workspace = new Workspace();
        workspace.Write("prices.csv", Prices(320, gap: 150));
        workspace.Write("pairs.csv", Pairs(320));
        workspace.Write("forecasts.csv", Forecasts(320));
        foreach (var (command, hasConfidence) in new[]
        {
            ("measure --input prices.csv", false), ("performance --input prices.csv", false), ("drawdowns --input prices.csv", false),
            ("rolling --input prices.csv --window 100", true), ("dependence --input prices.csv", false), ("evt --input prices.csv", false),
            ("volatility --input prices.csv", false), ("realised --input pairs.csv --column a", false), ("garch --input prices.csv", false),
            ("backtest --input forecasts.csv --pnl pnl --var var --es es", true),
            ("compare --input forecasts.csv --pnl pnl --var var --other-var es", true), ("correlation --input pairs.csv --columns a,b", false),
            ("covariance --input pairs.csv", false), ("portfolio --input pairs.csv --weights a=0.5,b=0.5", true),
            ("stress --input pairs.csv --weights a=0.5,b=0.5", false), ("pla --input forecasts.csv --hpl pnl --rtpl var", false),
        })
        {
            var words = command.Split(' ');
            var rows = workspace.Run(["risk", .. words, "-o", "json"]).Ends(0).Json.AsArray();
            Assert.NotEmpty(rows);
            var header = workspace.Run(["risk", .. words]).Ends(0).Out;
            foreach (var row in rows.Select(row => row!.AsObject()))
            {
                string[] names = ["returns", "price_kind", "window", "horizon", "sign", .. hasConfidence ? ["confidence"] : Array.Empty<string>()];
                foreach (var name in names)
                {
                    Assert.True(row.ContainsKey(name) && row[name] is not null, $"{command}: {name} in {row.ToJsonString()}");
                }

                Assert.False((string?)row["measure"] is "value_at_risk" or "expected_shortfall" && row["confidence"] is null, row.ToJsonString());
            }

            foreach (var name in words[0] == "garch" ? ["returns", "price_kind"] : new[] { "returns", "price_kind", "window", "horizon", "sign" })
            {
                Assert.Contains(name, header, StringComparison.Ordinal);
            }
        }
    }

    [Fact]
    public void Commands_that_make_numbers_are_walked_or_excepted_by_name()
    {
        var help = Cli.Run(Cli.Repository, "risk", "--help").Ends(0).Out;
        string[] walked =
        [
            "measure", "performance", "drawdowns", "rolling", "dependence", "evt", "volatility", "realised", "garch", "backtest", "compare",
            "correlation", "covariance", "portfolio", "stress", "pla",
        ];

        // Of the lake, whose tables have tests of their own; pages; and checks of the library.
        string[] others = ["run", "verify", "explain", "report", "oracle", "limits", .. OfNoSeries];
        var listed = help[help.IndexOf("Commands:", StringComparison.Ordinal)..].Split('\n').Skip(1)
            .TakeWhile(line => line.StartsWith("  ", StringComparison.Ordinal))
            .Where(line => line.Length > 2 && line[2] != ' ').Select(line => line.Trim().Split(' ', '<')[0]).ToArray();
        Assert.NotEmpty(listed);
        Assert.Empty(listed.Except(walked).Except(others));
    }

    [Theory]
    [InlineData(new[] { 40 })]
    [InlineData(new[] { 300, 301, 302 })]
    [InlineData(new[] { 3, 290, 310, 600 })]
    public void A_series_with_gaps_has_one_answer(int[] gaps)
    {
        using var workspace = new Workspace();
        var lines = File.ReadAllLines(Bars);
        var rows = lines[1..];
        var left = gaps.Select(gap => rows.Length - gap).Where(row => row > 0).ToHashSet();
        workspace.Write("gappy_us_d.csv", string.Join('\n', [lines[0], .. rows.Where((_, i) => !left.Contains(i))]) + "\n");
        workspace.Write("file.csv", string.Join('\n', [lines[0], .. rows.Select((row, i) => left.Contains(i) ? row.Split(',')[0] + ",,,,," : row)]) + "\n");
        workspace.Run("run", "--source", "stooq", "--input", "gappy_us_d.csv", "--adjustment", "all", "--market", "XNYS").Ends(0);
        workspace.Run("risk", "run", "--date", "2025-01-24", "--calendar", "XNYS").Ends(0);
        var symbol = (string)Sql("select distinct symbol from gold.risk_measures")[0]!["symbol"]!;
        var gold = Sql(
            "select measure, method, confidence_level, value, missing_sessions, observations from gold.risk_measures where horizon = 1 "
            + "and method in ('historical', 'normal', 'ewma_normal', 'sample') order by all").Select(Text).ToArray();
        foreach (var source in new[] { $"--symbol {symbol}", $"--symbol {symbol} --date 2025-01-24", "--input file.csv --column Close" })
        {
            var measured = workspace.Run(["risk", "measure", .. source.Split(' '), "--method", "historical,normal,ewma_normal", "-o", "json"]).Ends(0).Json
                .AsArray();
            Assert.All(measured, row => Assert.Equal("leave_out", (string?)row!["missing"]));
            var own = measured.Where(row => (string?)row!["method"] is "historical" or "normal" or "ewma_normal" or "sample")
                .Select(row => string.Join(' ', row!["measure"], row["method"], row["confidence"], row["value"], row["missing_sessions"], row["observations"]))
                .ToHashSet();
            Assert.Subset(gold.ToHashSet(), own);
            var ewma = Sql("select value from gold.volatility where method = 'ewma'")[0]!["value"]!.ToJsonString();
            string[] closes = source.Replace("--column", "--close", StringComparison.Ordinal).Split(' ');
            var volatility = workspace.Run(["risk", "volatility", .. closes, "--periods-per-year", "252", "-o", "json"]).Ends(0)
                .Json.AsArray();
            Assert.Equal(ewma, volatility.Single(row => (string?)row!["estimator"] == "ewma")!["value"]!.ToJsonString());
            var weighted = source.StartsWith("--symbol", StringComparison.Ordinal)
                ? source.Contains("--date", StringComparison.Ordinal) ? $"--weights {symbol}=1 --date 2025-01-24" : $"--weights {symbol}=1"
                : "--input file.csv --weights Close=1";
            var total = workspace.Run(["risk", "portfolio", .. weighted.Split(' '), "--method", "historical", "--confidence", "0.99", "-o", "json"]).Ends(0)
                .Json.AsArray().Single(row => (string?)row!["row"] == "total")!;
            var expected = measured.Single(row => (string?)row!["measure"] == "value_at_risk" && (string?)row["method"] == "historical"
                && (double?)row["confidence"] == 0.99)!;
            Assert.Equal(expected["value"]!.ToJsonString(), total["value_at_risk"]!.ToJsonString());
            workspace.Run(["risk", "measure", .. source.Split(' '), "--missing", "refuse"]).Ends(3);
        }

        JsonArray Sql(string query) => workspace.Run("data", "sql", query, "-o", "json").Ends(0).Json.AsArray();

        static string Text(JsonNode? row) => string.Join(
            ' ', row!["measure"], row["method"], row["confidence_level"], row["value"], row["missing_sessions"], row["observations"]);
    }

    private static string Prices(int count, int gap)
    {
        var text = new StringBuilder("date,close\n");
        for (var i = 0; i < count; i++)
        {
            text.Append(CultureInfo.InvariantCulture, $"{Day(i)},{(i == gap ? "" : Level(i, 0.618).ToString("F4", CultureInfo.InvariantCulture))}\n");
        }

        return text.ToString();
    }

    private static string Pairs(int count)
    {
        var text = new StringBuilder("date,a,b\n");
        for (var i = 0; i < count; i++)
        {
            text.Append(CultureInfo.InvariantCulture, $"{Day(i)},{Level(i, 0.618):F4},{Level(i, 0.414):F4}\n");
        }

        return text.ToString();
    }

    private static string Forecasts(int count)
    {
        var text = new StringBuilder("date,pnl,var,es\n");
        for (var i = 0; i < count; i++)
        {
            text.Append(CultureInfo.InvariantCulture, $"{Day(i)},{Level(i, 0.618) - 100:F4},{2 + (i % 7 / 10.0):F2},{3 + (i % 5 / 10.0):F2}\n");
        }

        return text.ToString();
    }

    private static string Day(int i) => new DateOnly(2023, 1, 1).AddDays(i).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    private static double Level(int i, double step) => 100 + (8 * ((i * step * i % 1.0) - 0.5));
}
