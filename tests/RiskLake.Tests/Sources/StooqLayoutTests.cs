using System.Globalization;
using System.Numerics;
using System.Text;
using CsCheck;
using RiskLake.Errors;
using RiskLake.Sources;

namespace RiskLake.Tests.Sources;

/// <summary>Stooq's files as they come: cells left away, volumes with a division's digits, times without a period, damaged packing.</summary>
public sealed class StooqLayoutTests
{
    [Fact]
    public void A_row_may_leave_volume_away_with_its_comma()
    {
        using var desk = new SourceDesk();
        var bars = desk.Bars(desk.Write("^spx_d.csv",
            "Date,Open,High,Low,Close,Volume\n1990-01-02,1,2,1,1.5\n1990-01-03,1,2,1,1.6,\n1990-01-04,1,2,1,1.7,177000000\n"));
        Assert.Equal(["1.5", "1.6", "1.7"], bars.Select(bar => bar["close"]!.ToJsonString()));
        Assert.Equal([null, null, "177000000"], bars.Select(bar => bar["volume"]?.ToJsonString()));
    }

    [Theory]
    [InlineData("1990-01-02,1,2,1\n")]
    [InlineData("1990-01-02,1,2,1,1.5,100,7\n")]
    public void Any_other_number_of_cells_is_told_as_such(string row)
    {
        using var desk = new Runs.TestDesk();
        var path = desk.Write("x_d.csv", "Date,Open,High,Low,Close,Volume\n" + row + "1990-01-03,1,2,1,1.6,100\n");
        var outcome = desk.Run(desk.Request() with
        {
            Dataset = "market_bar",
            RunId = "r",
            AllowBreach = true,
            FromSource = root => new SourceIntake(root, TimeProvider.System, CancellationToken.None)
                .Stooq([new InputFile(path, "x_d.csv")], new StooqOptions(), StooqTarget.Bars, _ => null).Files,
        });
        Assert.Equal("""{"column_count":1}""", outcome.Record["quarantine_reasons"]!.ToJsonString());
        Assert.Equal(1, (long)outcome.Record["conservation"]!["bronze"]!);
    }

    [Theory]
    [InlineData("9810874.2806568", null)]
    [InlineData("1234567.5", "1234567.5")]
    [InlineData("1234567.500000000", "1234567.500000000")]
    [InlineData("123456789012.123456", "123456789012.123456")]
    [InlineData("123456789012.1234567", null)]
    [InlineData("1234567890123", null)]
    [InlineData("1.5e6", "1.5e6")]
    [InlineData("1e12", null)]
    [InlineData("15e-8", null)]
    [InlineData("1e999999999999", null)]
    [InlineData("0.0000000", "0.0000000")]
    public void A_volume_is_held_exactly_or_kept_as_delivered_beside_the_price(string volume, string? kept)
    {
        using var desk = new SourceDesk();
        var bar = Assert.Single(desk.Bars(desk.Write("nvda_us_d.csv", $"Date,Open,High,Low,Close,Volume\n2020-12-24,13.0,13.1,12.9,13.0,{volume}\n")));
        Assert.Equal(("13.0", kept), (bar["close"]!.ToJsonString(), bar["volume"]?.ToJsonString()));
        Assert.Equal(kept is null ? $"volume={volume}" : null, (string?)bar["not_held"]);
    }

    /// <summary>What is said to be held, a decimal of eighteen digits with six of them behind the point holds; nothing else is left out.</summary>
    [Fact]
    public void Quantities_are_held_exactly_where_a_decimal_holds_them()
    {
        var digits = Gen.Char['0', '9'].Array[0, 16].Select(chars => new string(chars));
        Gen.Select(digits, digits, Gen.Int[-9, 9], Gen.Bool).Sample((whole, fraction, exponent, isScientific) =>
        {
            whole = whole.TrimStart('0') is { Length: > 0 } some ? some : "0";
            var text = whole + (fraction.Length > 0 ? "." + fraction : "") + (isScientific ? $"e{exponent.ToString(CultureInfo.InvariantCulture)}" : "");
            var scaled = BigInteger.Parse(whole + fraction, CultureInfo.InvariantCulture);
            var power = (isScientific ? exponent : 0) - fraction.Length + 6;
            var isWhole = power >= 0 || scaled % BigInteger.Pow(10, -power) == 0;
            var units = power >= 0 ? scaled * BigInteger.Pow(10, power) : scaled / BigInteger.Pow(10, -power);
            Assert.Equal(!(isWhole && units < BigInteger.Pow(10, 18)), StooqQuantity.IsTooLong(Encoding.ASCII.GetBytes(text)));
        }, iter: 20_000);
    }

    [Fact]
    public void A_run_counts_the_quantities_that_are_not_held_and_warns()
    {
        using var desk = new Runs.TestDesk();
        var path = desk.Write("x_d.csv", "Date,Open,High,Low,Close,Volume\n1990-01-02,1,2,1,1.5,1.0000001\n1990-01-03,1,2,1,1.6,100\n");
        var outcome = desk.Run(desk.Request() with
        {
            Dataset = "market_bar",
            RunId = "r",
            FromSource = root => new SourceIntake(root, TimeProvider.System, CancellationToken.None)
                .Stooq([new InputFile(path, "x_d.csv")], new StooqOptions(), StooqTarget.Bars, _ => null).Files,
        });
        var check = outcome.Record["checks"]!.AsArray().Single(check => (string?)check!["column"] == "not_held")!;
        Assert.Equal(("warned", 1L, 2L), ((string)check["status"]!, (long)check["failed_rows"]!, (long)check["evaluated_rows"]!));
        Assert.Equal((0, 2L), (outcome.ExitCode, (long)outcome.Record["conservation"]!["own_silver"]!));
    }

    [Fact]
    public void Times_without_a_period_are_refused_until_it_is_said()
    {
        const string Hourly = "Date,Time,Open,High,Low,Close,Volume,OpenInt\n"
            + "2014-08-12,16:00:00,95.6,96.4,95.6,96.1,8078101,0\n2014-08-12,17:00:00,96.1,96.2,95.8,95.9,7160988,0\n";
        using var desk = new SourceDesk();
        var error = Assert.Throws<RiskLakeException>(() => desk.Bars(desk.Write("aapl.us.txt", Hourly)));
        Assert.Equal(ErrorCode.SourceAnswer, error.Code);
        Assert.Contains("period", error.Found, StringComparison.Ordinal);
        var bars = desk.Bars(desk.Write("aapl.us.txt", Hourly), new StooqOptions { Period = "60" });
        Assert.Equal(["60 2014-08-12T14:00:00.000000Z", "60 2014-08-12T15:00:00.000000Z"], bars.Select(bar => $"{bar["frequency"]} {bar["bar_time"]}"));
        var daily = desk.Bars(desk.Write("aapl.us.txt",
            Hourly.Replace("16:00:00", "00:00:00", StringComparison.Ordinal).Replace("17:00:00", "", StringComparison.Ordinal)));
        Assert.All(daily, bar => Assert.Equal("d", (string)bar["frequency"]!));
    }

    [Fact]
    public void The_case_of_a_symbol_is_the_contracts_to_change()
    {
        using var desk = new SourceDesk();
        const string Text = "<TICKER>,<PER>,<DATE>,<TIME>,<OPEN>,<HIGH>,<LOW>,<CLOSE>,<VOL>,<OPENINT>\nBCpC.US,D,19840907,000000,1,1,1,1,9,0\n";
        Assert.Equal("BCpC.US", (string)Assert.Single(desk.Bars(desk.Write("bcpc.us.txt", Text)))["symbol"]!);
        Assert.Equal("aapl.us", (string)Assert.Single(desk.Bars(desk.Write("aapl_us_d.csv", "Date,Open,High,Low,Close\n2020-12-24,1,1,1,1\n")))["symbol"]!);
    }

    [Fact]
    public void Damaged_packing_is_refused_and_leaves_no_vintage()
    {
        using var desk = new SourceDesk();
        var text = "Date,Open,High,Low,Close,Volume\n" + string.Concat(Enumerable.Range(1, 28).Select(day => $"2020-12-{day:D2},1,1,1,{day},9\n"));
        var packed = CompressionTests.Gzip(Encoding.UTF8.GetBytes(text));
        foreach (var damaged in new[] { packed[..^8], packed[..^20], [.. packed, 1, 2, 3] })
        {
            Assert.Equal(ErrorCode.InputUnreadable, Assert.Throws<RiskLakeException>(() => desk.Bars(desk.Write("aapl_us_d.csv.gz", damaged))).Code);
        }

        Assert.False(Directory.Exists(Path.Combine(desk.Folder, "lake", "_landing", "series")));
        Assert.Equal(28, desk.Bars(desk.Write("aapl_us_d.csv.gz", packed)).Count);
        var zip = File.ReadAllBytes(desk.Zip("d_us_txt.zip", ("aapl.us.txt", text)).Path);
        zip[60] ^= 1;
        Assert.Equal(ErrorCode.InputUnreadable, Assert.Throws<RiskLakeException>(() => desk.Bars(desk.Write("d_us_txt.zip", zip))).Code);
    }
}
