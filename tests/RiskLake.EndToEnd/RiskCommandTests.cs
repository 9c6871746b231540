using System.Globalization;
using System.IO.Compression;
using System.Text;
using System.Text.Json.Nodes;

namespace RiskLake.EndToEnd;

/// <summary>The risk commands over files of every shape: the same numbers from each, and hostile ones refused with a code or a status.</summary>
public sealed class RiskCommandTests
{
    public static TheoryData<string, string> Hostile => new()
    {
        { "constant", Prices(Enumerable.Repeat("100", 60)) },
        { "one price", Prices(["100"]) },
        { "two prices", Prices(["100", "99"]) },
        { "no price", Prices([]) },
        { "nan", Prices(Walk(60).Select((price, i) => i == 30 ? "NaN" : price)) },
        { "infinity", Prices(Walk(60).Select((price, i) => i == 30 ? "-inf" : price)) },
        { "zero price", Prices(Walk(60).Select((price, i) => i == 30 ? "0" : price)) },
        { "negative price", Prices(Walk(60).Select((price, i) => i == 30 ? "-37.63" : price)) },
        { "outlier", Prices(Walk(60).Select((price, i) => i == 30 ? "1e8" : price)) },
        { "tiny", Prices(Walk(60).Select(price => price + "e-12")) },
        { "all gains", Prices(Enumerable.Range(0, 60).Select(i => FormattableString.Invariant($"{100 + i + (i % 7)}"))) },
    };

    [Theory]
    [MemberData(nameof(Hostile))]
    public void Hostile_series_give_a_number_or_a_status(string name, string text)
    {
        using var workspace = new Workspace();
        workspace.Write("prices.csv", text);
        foreach (var command in (string[][])
            [
                ["measure", "--returns", "simple", "--paths", "500"],
                ["measure", "--returns", "absolute", "--paths", "500", "--confidence", "0.9"],
                ["volatility", "--window", "5", "--rolling"],
            ])
        {
            var rows = workspace.Run(["risk", command[0], "--input", "prices.csv", .. command[1..], "-o", "json"]).Ends(0).Json.AsArray();
            Assert.NotEmpty(rows);
            Assert.All(rows, row =>
            {
                Assert.Equal((string?)row!["status"] == "ready", row["value"] is not null);
                Assert.Equal((string?)row["status"] == "ready", row["reason"] is null);
            });
            if (command[2] == "simple" && name is "infinity" or "zero price" or "negative price")
            {
                Assert.Contains(rows, row => (string?)row!["status"] == "invalid_input");
            }
        }

        var fit = workspace.Run("risk", "garch", "--input", "prices.csv", "-o", "json").Ends(0).Json[0]!;
        Assert.Equal((string?)fit["status"] == "ready", fit["log_likelihood"] is not null);
    }

    [Theory]
    [InlineData("date,close\n2024-01-02,100\n2024-01-03,1.5x\n", "RL3202", "prices.csv:3, column close", "'1.5x'")]
    [InlineData("date,close\n2024-01-02,1e400\n", "RL3202", "prices.csv:2, column close", "'1e400'")]
    [InlineData("date,close\n2024-01-02,\"1,234\"\n", "RL3202", "prices.csv:2, column close", "'1,234'")]
    [InlineData("date,close\n2024-01-02,100,3\n", "RL3202", "prices.csv:2", "3 cells")]
    [InlineData("date,close\n2024-01-03,100\n2024-01-02,101\n", "RL3203", "prices.csv:3, column date", "2024-01-02 after 2024-01-03")]
    [InlineData("date,close\n2024-01-03,100\n2024-01-03,101\n", "RL3203", "prices.csv:3, column date", "2024-01-03 twice")]
    [InlineData("date,close\n03/01/2024,100\n", "RL3203", "prices.csv:2, column date", "'03/01/2024'")]
    [InlineData("a,b\n1,2\n3,4\n", "RL3201", "--column", "2 columns of numbers")]
    [InlineData("a;b\n1;2\n", "RL3003", "prices.csv:1", "one column 'a;b'")]
    [InlineData("1,2\n3,4\n", "RL3003", "prices.csv:1", "a first row of values")]
    [InlineData("", "RL3003", "prices.csv", "an empty file")]
    public void A_file_that_is_not_a_series_is_refused_by_its_place(string text, string code, string place, string found)
    {
        using var workspace = new Workspace();
        workspace.Write("prices.csv", text);
        var outcome = workspace.Run("risk", "measure", "--input", "prices.csv");
        Assert.Equal(code == "RL3201" ? 2 : 3, outcome.ExitCode);
        Assert.StartsWith($"error {code}: {place}", outcome.Error, StringComparison.Ordinal);
        Assert.Contains(found, outcome.Error, StringComparison.Ordinal);
        Assert.Empty(outcome.Out);
    }

    [Theory]
    [InlineData("--confidence", "1.2")]
    [InlineData("--confidence", "0.99,")]
    [InlineData("--method", "historic")]
    [InlineData("--window", "1")]
    [InlineData("--quantile-type", "10")]
    [InlineData("--lambda", "1")]
    [InlineData("--garch-presample", "const=-1")]
    [InlineData("--garch-presample", "uncond")]
    [InlineData("--horizon", "0")]
    [InlineData("--horizon-rule", "simulated")]
    [InlineData("--column", "closs")]
    public void An_option_out_of_range_is_refused_by_name(string option, string value)
    {
        using var workspace = new Workspace();
        workspace.Write("prices.csv", Prices(Walk(30)));
        var outcome = workspace.Run("risk", "measure", "--input", "prices.csv", option, value).Ends(2);
        Assert.Contains(option, outcome.Error.Split('\n')[0], StringComparison.Ordinal);
    }

    [Fact]
    public void Every_way_to_store_a_series_gives_the_same_numbers()
    {
        using var workspace = new Workspace();
        var text = Prices(Walk(200));
        var plain = Measure(workspace.Write("prices.csv", text));
        workspace.Write("bom.csv", '\uFEFF' + text.Replace("\n", "\r\n", StringComparison.Ordinal));
        using (var file = File.Create(Path.Combine(workspace.Folder, "prices.csv.gz")))
        using (var gzip = new GZipStream(file, CompressionLevel.Fastest))
        {
            gzip.Write(Encoding.UTF8.GetBytes(text));
        }

        Parquet(Path.Combine(workspace.Folder, "prices.parquet"), text);
        foreach (var name in (string[])["bom.csv", "prices.csv.gz", "prices.parquet"])
        {
            Assert.Equal(plain, Measure(name));
        }

        Assert.Equal(
            plain, Cli.RunWithInput(workspace.Folder, Encoding.UTF8.GetBytes(text), "risk", "measure", "--input", "-", "-o", "csv").Ends(0).Out);
        Assert.Equal(plain, workspace.Run("risk", "measure", "--input", "prices.csv", "--column", "2", "--date-column", "1", "-o", "csv").Out);

        string Measure(string path) => workspace.Run("risk", "measure", "--input", path, "-o", "csv").Ends(0).Out;
    }

    [Fact]
    public void Missing_days_are_refused_counted_or_left_out_as_told()
    {
        using var workspace = new Workspace();
        workspace.Write("forecasts.csv", "pnl,var\n-3,2\n1,2\n,2\n-1,NA\n0.5,2\n");
        workspace.Run("risk", "backtest", "--input", "forecasts.csv", "--pnl", "pnl", "--var", "var").Ends(3);
        Assert.Equal((3, 5), Exceedances("count"));
        Assert.Equal((1, 3), Exceedances("leave_out"));

        workspace.Write("prices.csv", "close\n100\n\n101\n");
        workspace.Write("gap.csv", "close,x\n100,1\n,1\n110,1\n");
        var outcome = workspace.Run("risk", "measure", "--input", "gap.csv", "--returns", "simple", "--missing", "join", "-o", "json").Ends(0);
        Assert.Contains("sessions without a value: 1", outcome.Error, StringComparison.Ordinal);
        Assert.Equal(0.1, outcome.Json[0]!["value"]!.GetValue<double>(), 1e-15);

        (int, int) Exceedances(string rule)
        {
            var row = workspace.Run(
                "risk", "backtest", "--input", "forecasts.csv", "--pnl", "pnl", "--var", "var", "--missing", rule, "-o", "json").Ends(0).Json[0]!;
            return (row["parameters"]!["exceedances"]!.GetValue<int>(), row["observations"]!.GetValue<int>());
        }
    }

    [Fact]
    public void Bars_find_their_columns_and_bad_ones_are_named()
    {
        using var workspace = new Workspace();
        var text = new StringBuilder("Date,Open,High,Low,Close\n");
        for (var i = 0; i < 40; i++)
        {
            var open = 100 + (i % 5);
            text.Append(CultureInfo.InvariantCulture, $"2024-{1 + (i / 28):00}-{1 + (i % 28):00},{open},{open + 2},{open - 3},{open + 1}\n");
        }

        workspace.Write("bars.csv", text.ToString());
        var rows = workspace.Run(
            "risk", "volatility", "--input", "bars.csv", "--estimator", "all", "--window", "20", "--periods-per-year", "252", "-o", "json")
            .Ends(0).Json.AsArray();
        Assert.Equal(8, rows.Count);
        Assert.All(rows, row => Assert.Equal("ready", (string?)row!["status"]));
        Assert.All(rows, row => Assert.Equal("2024-02-12", (string?)row!["date"]));
        workspace.Write("bad.csv", text.ToString().Replace("2024-02-05,102,104,99,103", "2024-02-05,102,101,99,103", StringComparison.Ordinal));
        var bad = workspace.Run("risk", "volatility", "--input", "bad.csv", "-o", "json").Ends(0).Json.AsArray();
        Assert.Equal("invalid_input", Status(bad, "garman_klass"));
        Assert.Equal("ready", Status(bad, "close_to_close"));
        workspace.Write("closes.csv", Prices(Walk(30)));
        Assert.Equal("ready", Status(workspace.Run("risk", "volatility", "--input", "closes.csv", "-o", "json").Ends(0).Json.AsArray(), "ewma"));
        workspace.Run("risk", "volatility", "--input", "bars.csv", "--open", "Opening").Ends(2);

        static string? Status(JsonArray rows, string estimator) =>
            (string?)rows.Single(row => (string?)row!["estimator"] == estimator)!["status"];
    }

    private static IEnumerable<string> Walk(int count)
    {
        // A sequence without randomness that is not regular: fractional parts of multiples of the golden ratio.
        var price = 100.0;
        for (var i = 0; i < count; i++)
        {
            price *= 1.0 + (0.02 * ((i * 0.6180339887498949 % 1.0) - 0.5));
            yield return price.ToString("F4", CultureInfo.InvariantCulture);
        }
    }

    private static string Prices(IEnumerable<string> prices)
    {
        var text = new StringBuilder("date,close\n");
        var day = new DateOnly(2024, 1, 1);
        foreach (var price in prices)
        {
            text.Append(CultureInfo.InvariantCulture, $"{day:yyyy-MM-dd},{price}\n");
            day = day.AddDays(1);
        }

        return text.ToString();
    }

    private static void Parquet(string path, string csv)
    {
        var source = path + ".csv";
        File.WriteAllText(source, csv);
        using var connection = new DuckDB.NET.Data.DuckDBConnection("DataSource=:memory:");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = $"COPY (SELECT date::DATE AS date, close::DOUBLE AS close FROM read_csv('{source}')) TO '{path}' (FORMAT PARQUET)";
        command.ExecuteNonQuery();
    }
}
