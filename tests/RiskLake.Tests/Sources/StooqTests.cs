using System.Text;
using System.Text.Json.Nodes;
using RiskLake.Contracts;
using RiskLake.Ingest.Sources;
using RiskLake.Lake.Errors;
using RiskLake.Tests.Decoding;
using RiskLake.Tests.Runs;

namespace RiskLake.Tests.Sources;

public sealed class StooqTests
{
    private const string Bulk = "<TICKER>,<PER>,<DATE>,<TIME>,<OPEN>,<HIGH>,<LOW>,<CLOSE>,<VOL>,<OPENINT>\r\n";

    [Theory]
    [InlineData("", "Empty")]
    [InlineData("\r\n \r\n", "Empty")]
    [InlineData("No data", "Empty")]
    [InlineData("Brak danych\r\n", "Empty")]
    [InlineData("Exceeded the daily hits limit", "HitsLimit")]
    [InlineData("\r\n\r\nExceeded the daily hits limit\r\n", "HitsLimit")]
    [InlineData("Get your apikey:\r\n\r\n1. Open a page", "KeyNeeded")]
    [InlineData("<!DOCTYPE html><html><body>This site requires JavaScript to verify your browser.", "BrowserChallenge")]
    [InlineData("<!doctype HTML>\n<html><script>fetch('/__verify')</script>", "BrowserChallenge")]
    [InlineData("<html><head><title>404</title>", "Denied")]
    [InlineData("Access denied", "Denied")]
    [InlineData("\r\nWarning: Division by zero in x.inc on line 1\r\n\r\nDate,Open,High,Low,Close\r\n", "ServerWarning")]
    [InlineData("<b>Warning</b>: something", "ServerWarning")]
    [InlineData("Date,Open,High,Low,Close,Volume", "History")]
    [InlineData("\uFEFFDate;Open;High;Low;Close;Volume\r\n", "History")]
    [InlineData("Data,Otwarcie,Najwyzszy,Najnizszy,Zamkniecie", "History")]
    [InlineData("Data,Otwarcie,Najwyższy,Najniższy,Zamknięcie,Wolumen", "History")]
    [InlineData("<TICKER>,<PER>,<DATE>,<TIME>,<OPEN>,<HIGH>,<LOW>,<CLOSE>,<VOL>,<OPENINT>", "Bulk")]
    [InlineData("Symbol,Date,Time,Open,High,Low,Close,Volume\r\nZ,N/D", "Quotes")]
    [InlineData("Date,Open,Nonsense", "Unknown")]
    [InlineData("{\"error\":1}", "Unknown")]
    public void A_body_is_told_by_its_first_line(string body, string expected) =>
        Assert.Equal(expected, StooqAnswers.Classify(Encoding.UTF8.GetBytes(body)).ToString());

    [Fact]
    public void A_header_in_code_page_1250_is_a_header() => Assert.Equal(
        StooqAnswer.History, StooqAnswers.Classify(Encoding.Latin1.GetBytes("Data,Otwarcie,Najwy\u00bfszy,Najni\u00bfszy,Zamkni\u00eacie,Wolumen\r\n")));

    [Theory]
    [InlineData("Exceeded the daily hits limit", ErrorCode.SourceLimit)]
    [InlineData("Get your apikey:", ErrorCode.SourceKey)]
    [InlineData("<!DOCTYPE html> JavaScript to verify your browser", ErrorCode.SourceRefused)]
    [InlineData("Access denied", ErrorCode.SourceRefused)]
    [InlineData("Symbol,Date,Time,Open,High,Low,Close", ErrorCode.SourceAnswer)]
    internal void A_refusal_stops_with_its_own_error(string body, ErrorCode code)
    {
        using var desk = new SourceDesk();
        Assert.Equal(code, Assert.Throws<RiskLakeException>(() => desk.Bars(desk.Write("a.csv", body))).Code);
    }

    [Fact]
    public void A_history_becomes_records_that_satisfy_the_contract()
    {
        using var desk = new SourceDesk();
        var file = desk.Land(
            desk.Write("abc_us_d.csv", "Date,Open,High,Low,Close,Volume\r\n2026-01-02,1.5,2,1,1.75,1000\r\n2026-01-05,1.75,2,1.5,1.80,999.25\r\n"),
            new StooqOptions { Adjustment = "raw", Market = "XNYS" }, StooqTarget.Bars);
        var decoded = Decoded.OfFile(file.Path, Contract("market_bar"), file.Name);
        Assert.Empty(decoded.Rejects);
        Assert.Equal(2, decoded.Records.Count);
        var bar = SourceDesk.Records(file)[1];
        Assert.Equal("abc.us", (string)bar["symbol"]!);
        Assert.Equal("2026-01-05T00:00:00.000000Z", (string)bar["bar_time"]!);
        Assert.Equal("1.80", bar["close"]!.ToJsonString());
        Assert.Equal("999.25", bar["volume"]!.ToJsonString());
        Assert.Equal("2026-01-07T12:00:00.000000Z", (string)bar["ts_ingest"]!);
        Assert.Equal("abc_us_d.csv:3", (string)bar["origin"]!);
    }

    [Fact]
    public void No_volume_column_is_no_volume_not_zero()
    {
        using var desk = new SourceDesk();
        var bar = Assert.Single(desk.Bars(desk.Write("eurusd_d.csv", "Date,Open,High,Low,Close\r\n2026-01-02,1.1,1.2,1.0,1.15\r\n")));
        Assert.Null(bar["volume"]);
        Assert.Equal("eurusd", (string)bar["symbol"]!);
    }

    [Theory]
    [InlineData("2026-02-30,1,1,1,1,1", "invalid_timestamp")]
    [InlineData("2026-13-01,1,1,1,1,1", "invalid_timestamp")]
    [InlineData("N/D,1,1,1,1,1", "invalid_timestamp")]
    [InlineData("2026-01-02,1,1,1,N/D,1", "type_mismatch")]
    [InlineData("2026-01-02,1,1,1,,1", "missing_field")]
    [InlineData("2026-01-02,1,1,1,1,-5", "out_of_range")]
    [InlineData("2026-01-02,1,1,1,1e400,1", "non_finite")]
    [InlineData("2026-01-02,1,1,1", "column_count")]
    [InlineData("2026-01-02,1,1,1,1,1,1", "column_count")]
    [InlineData("2026-01-02,1,1,1,1,5\"\u0001", "type_mismatch")]
    public void What_is_wrong_with_a_row_is_for_the_decoder_to_say(string row, string code)
    {
        using var desk = new SourceDesk();
        var file = desk.Land(desk.Write("a_d.csv", $"Date,Open,High,Low,Close,Volume\n{row}\n"), null, StooqTarget.Bars);
        var decoded = Decoded.OfFile(file.Path, Contract("market_bar"), file.Name);
        Assert.Empty(decoded.Records);
        Assert.Contains(code, Assert.Single(decoded.Rejects).Codes.Select(found => found.ToString()).Select(Snake));
    }

    [Fact]
    public void A_warning_before_the_data_is_quarantined_unless_tolerated()
    {
        const string Body = "\nWarning: Division by zero in /x.inc on line 102\n\nDate,Open,High,Low,Close,Volume\n20050225,11.4,11.47,11.23,11.37,2493805\n";
        using var desk = new SourceDesk();
        Assert.StartsWith("\nWarning", (string)Assert.Single(desk.Bars(desk.Write("a.csv", Body)))!, StringComparison.Ordinal);
        Assert.Equal(1, desk.Tally.Refused);
        var bar = Assert.Single(desk.Bars(desk.Write("a.csv", Body), new StooqOptions { TolerateWarnings = true }));
        Assert.Equal("2005-02-25", (string)bar["session"]!);
    }

    [Fact]
    public void An_archive_is_read_member_by_member_and_refused_bodies_do_not_stop_it()
    {
        using var desk = new SourceDesk();
        var file = desk.Zip(
            "d_us_txt.zip",
            ("data/daily/us/b/bbb.us.txt", Bulk + "BBB.US,D,20260102,000000,1,2,0.5,1.5,7,0\r\n"),
            ("data/daily/us/a/aaa.us.txt", Bulk + "AAA.US,D,20260102,000000,1,2,0.5,1.5,7,12\r\n"),
            ("data/daily/us/c/ccc.us.txt", ""),
            ("data/daily/us/d/ddd.us.txt", "Access denied"));
        var records = desk.Bars(file);
        Assert.Equal(["AAA.US", "BBB.US"], records.Take(2).Select(bar => (string)bar["symbol"]!));
        Assert.Equal("Access denied", (string)records[2]!);
        Assert.Equal("12", records[0]["open_interest"]!.ToJsonString());
        Assert.Null(records[1]["open_interest"]);
        Assert.Equal((4, 1, 1), (desk.Tally.Bodies, desk.Tally.Empty, desk.Tally.Refused));
    }

    [Fact]
    public void A_cut_off_archive_is_an_error()
    {
        using var desk = new SourceDesk();
        var whole = File.ReadAllBytes(desk.Zip("a.zip", ("a.txt", Bulk)).Path);
        var error = Assert.Throws<RiskLakeException>(() => desk.Bars(desk.Write("a.zip", whole[..^30])));
        Assert.Equal(ErrorCode.InputUnreadable, error.Code);
    }

    [Theory]
    [InlineData("20260603,153000", "2026-06-03T13:30:00.000000Z", "once")]
    [InlineData("20260310,143000", "2026-03-10T13:30:00.000000Z", "once")]
    [InlineData("20260329,033000", "2026-03-29T01:30:00.000000Z", "once")]
    [InlineData("20260329,023000", "2026-03-29T02:30:00", "once")]
    [InlineData("20261025,023000", "2026-10-25T02:30:00", "once")]
    public void Wall_time_in_Warsaw_becomes_an_instant_only_where_there_is_exactly_one(string label, string expected, string clock)
    {
        using var desk = new SourceDesk();
        var bar = Assert.Single(desk.Bars(desk.Write("x.txt", $"{Bulk}BTC.V,60,{label},1,2,0.5,1.5,7,0\r\n")));
        Assert.Equal((expected, clock), ((string)bar["bar_time"]!, (string)bar["clock"]!));
    }

    [Fact]
    public void The_decoder_refuses_times_that_have_no_instant_or_two()
    {
        using var desk = new SourceDesk();
        var file = desk.Land(
            desk.Write("x.txt", $"{Bulk}BTC.V,60,20260329,023000,1,2,0.5,1.5,7,0\r\nBTC.V,60,20261025,023000,1,2,0.5,1.5,7,0\r\n"), null, StooqTarget.Bars);
        var rejects = Decoded.OfFile(file.Path, Contract("market_bar"), file.Name).Rejects;
        Assert.Equal(["local_time_skipped", "local_time_ambiguous"], rejects.Select(reject => Snake(reject.Codes[0].ToString())));
    }

    [Fact]
    public void An_hour_that_stands_twice_in_the_file_is_told_apart()
    {
        using var desk = new SourceDesk();
        string[] labels = ["013000", "020000", "023000", "020000", "023000", "030000"];
        var bars = desk.Bars(desk.Write("x.txt", Bulk + string.Concat(labels.Select((label, i) => $"BTC.V,60,20261025,{label},1,2,0.5,1.{i + 1},7,0\r\n"))));
        Assert.Equal(
            ["2026-10-24T23:30", "2026-10-25T00:00", "2026-10-25T00:30", "2026-10-25T01:00", "2026-10-25T01:30", "2026-10-25T02:00"],
            bars.Select(bar => ((string)bar["bar_time"]!)[..16]));
        Assert.Equal(["once", "first", "first", "second", "second", "once"], bars.Select(bar => (string)bar["clock"]!));
    }

    [Fact]
    public void Whole_daily_bars_become_events_at_the_close_and_the_rest_is_counted()
    {
        using var desk = new SourceDesk();
        var events = desk.Events(desk.Write(
            "abc_us_d.csv",
            "Date,Open,High,Low,Close,Volume\n2025-07-03,1,2,1,1.5,100\n2025-07-04,1,2,1,1.5,100\n2025-07-07,1,2,1,1.6,100.5\n2025-07-08,1,2,1,1.7,7.0\n1999-01-04,1,1,1,1,1\n"));
        Assert.Equal(["2025-07-03T17:00:00.000000Z", "2025-07-08T20:00:00.000000Z"], events.Select(item => (string)item["ts_event"]!));
        Assert.Equal(["100", "7"], events.Select(item => item["volume"]!.ToJsonString()));
        Assert.Equal("stooq:ABC.US:2025-07-03:undeclared", (string)events[0]["event_id"]!);
        Assert.Equal(["fractional_volume", "not_a_session", "older_than_events_may_be"], desk.Tally.Left.Keys);
    }

    [Fact]
    public void Every_sample_body_has_the_documented_outcome()
    {
        using var desk = new SourceDesk();
        (string Name, int Records, ErrorCode? Error)[] expected =
        [
            ("daily_stock.csv", 3, null), ("daily_fx_no_volume.csv", 2, null), ("daily_polish_header.csv", 1, null), ("bulk_daily.txt", 2, null),
            ("bulk_5min_warsaw_time.txt", 2, null), ("err_no_data.txt", 0, null), ("err_php_warning_prefix.txt", 1, null),
            ("err_apikey.txt", 0, ErrorCode.SourceKey), ("err_browser_challenge.html", 0, ErrorCode.SourceRefused),
            ("err_hits_limit.txt", 0, ErrorCode.SourceLimit), ("quote_with_nd.csv", 0, ErrorCode.SourceAnswer),
        ];
        foreach (var (name, records, error) in expected)
        {
            var file = new InputFile(SourceDesk.Sample($"stooq/{name}"), name);
            if (error is { } code)
            {
                Assert.Equal(code, Assert.Throws<RiskLakeException>(() => desk.Bars(file)).Code);
            }
            else
            {
                Assert.Equal(records, desk.Bars(file).Count);
            }
        }
    }

    internal static Contract Contract(string name) => ContractRegistry.Load(Path.Combine(TestDesk.RepositoryConfig, "data_contracts.yaml")).Get(name);

    private static string Snake(string code) => code.Contains('_', StringComparison.Ordinal) || char.IsLower(code[0])
        ? code
        : string.Concat(code.Select((c, i) => char.IsUpper(c) ? (i > 0 ? "_" : "") + char.ToLowerInvariant(c) : c.ToString()));
}
