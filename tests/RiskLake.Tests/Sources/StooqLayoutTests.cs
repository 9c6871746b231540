using RiskLake.Ingest.Sources;
using RiskLake.Lake.Errors;

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
    [InlineData("9810874.2806568", "9810874.280657")]
    [InlineData("1234567.5", "1234567.5")]
    [InlineData("123456789012.1234567", "123456789012.123457")]
    [InlineData("1234567890123.456789", null)]
    [InlineData("999999999999.9999999", null)]
    public void A_volume_does_not_take_the_price_with_it(string volume, string? kept)
    {
        using var desk = new SourceDesk();
        var bar = Assert.Single(desk.Bars(desk.Write("nvda_us_d.csv", $"Date,Open,High,Low,Close,Volume\n2020-12-24,13.0,13.1,12.9,13.0,{volume}\n")));
        Assert.Equal(("13.0", kept), (bar["close"]!.ToJsonString(), bar["volume"]?.ToJsonString()));
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
        var packed = CompressionTests.Gzip(System.Text.Encoding.UTF8.GetBytes(text));
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
