using System.IO.Compression;
using System.Text;
using System.Text.Json.Nodes;
using RiskLake.Ingest.Sources;
using RiskLake.Lake.Errors;

namespace RiskLake.Tests.Sources;

/// <summary>Bodies in shapes that the samples do not show: read as what they are, or refused with the documented reaction.</summary>
public sealed class BodyVariantTests
{
    private const string Bar = "2026-01-02 100.5 101 99.5 100.75";

    public static TheoryData<string, string, int> Histories()
    {
        var data = new TheoryData<string, string, int>();
        foreach (var (delimiter, name) in new[] { (",", "comma"), (";", "semicolon"), ("\t", "tab") })
        {
            string[] headers =
                ["Date Open High Low Close", "Data Otwarcie Najwyzszy Najnizszy Zamkniecie", "Data Otwarcie Najwyższy Najniższy Zamknięcie"];
            foreach (var header in headers)
            {
                foreach (var volume in new[] { "", header.StartsWith("Data", StringComparison.Ordinal) ? " Wolumen" : " Volume" })
                {
                    var body = $"{header}{volume}\r\n{Bar}{(volume.Length > 0 ? " 1234.5" : "")}\r\n".Replace(" ", delimiter, StringComparison.Ordinal);
                    data.Add($"{name}, {header.Split(' ')[2]}{volume}", body, volume.Length);
                }
            }
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(Histories))]
    public void A_history_is_read_whatever_spreadsheet_saved_it(string name, string body, int volume)
    {
        using var desk = new SourceDesk();
        byte[][] spellings =
        [
            Encoding.UTF8.GetBytes(body), [.. Encoding.UTF8.Preamble, .. Encoding.UTF8.GetBytes(body)], CodePage1250(body),
            Encoding.UTF8.GetBytes(body.Replace("\r\n", "\n", StringComparison.Ordinal)), Encoding.UTF8.GetBytes(body.TrimEnd()),
            Encoding.UTF8.GetBytes($"\r\n{body}\r\n\r\n"), Gzip(body),
        ];
        foreach (var bytes in spellings)
        {
            var bar = Assert.Single(desk.Bars(desk.Write("abc_us_d.csv", bytes)));
            Assert.True(bar is JsonObject, $"{name}: {bar}");
            Assert.Equal(("2026-01-02", "100.75", "abc.us"), ((string)bar["session"]!, bar["close"]!.ToJsonString(), (string)bar["symbol"]!));
            Assert.Equal(volume > 0 ? "1234.5" : null, bar["volume"]?.ToJsonString());
        }
    }

    [Theory]
    [InlineData("Warning: Undefined array key \"x\" in /a.inc on line 3")]
    [InlineData("PHP Warning:  fopen(): failed in /a.php on line 9")]
    [InlineData("<br />\n<b>Warning</b>:  Division by zero in <b>/a.inc</b> on line <b>102</b><br />")]
    [InlineData("<b>Notice</b>: Undefined offset: 1")]
    [InlineData("Notice: Undefined offset: 1 in /a.inc on line 5\n\nNotice: the same again")]
    [InlineData("Deprecated: Function split() is deprecated in /a.inc on line 1")]
    [InlineData("Strict Standards: Only variables should be passed by reference")]
    public void What_php_says_before_the_data_is_quarantined_unless_tolerated(string prefix)
    {
        using var desk = new SourceDesk();
        var file = desk.Write("a_us_d.csv", $"\n{prefix}\n\nDate,Open,High,Low,Close,Volume\n20050225,11.4,11.47,11.23,11.37,2493805\n");
        Assert.StartsWith($"\n{prefix}"[..20], (string)Assert.Single(desk.Bars(file))!, StringComparison.Ordinal);
        Assert.Equal("2005-02-25", (string)Assert.Single(desk.Bars(file, new StooqOptions { TolerateWarnings = true }))["session"]!);
    }

    [Theory]
    [InlineData("<!doctype html><html lang=\"en\"><title>x</title><noscript>This site requires JavaScript to verify your browser.", ErrorCode.SourceRefused)]
    [InlineData("\uFEFF\r\n<!DOCTYPE html>\r\n<html><script src=\"/__verify/challenge.js\"></script>", ErrorCode.SourceRefused)]
    [InlineData("<html>\r\n<head><title>401 Authorization Required</title></head>", ErrorCode.SourceRefused)]
    [InlineData("<html><body>To download get your apikey at stooq.com</body></html>", ErrorCode.SourceKey)]
    [InlineData("get your APIKEY:\n", ErrorCode.SourceKey)]
    [InlineData("Exceeded the daily hits limit. Try tomorrow.", ErrorCode.SourceLimit)]
    [InlineData("Przekroczony dzienny limit wywolan", ErrorCode.SourceLimit)]
    [InlineData("ACCESS DENIED", ErrorCode.SourceRefused)]
    [InlineData("Symbol;Date;Time;Open;High;Low;Close;Volume\r\nZZZ;N/D;N/D;N/D;N/D;N/D;N/D;N/D\r\n", ErrorCode.SourceAnswer)]
    internal void A_refusal_in_other_words_is_the_same_refusal(string body, ErrorCode code)
    {
        using var desk = new SourceDesk();
        Assert.Equal(code, Assert.Throws<RiskLakeException>(() => desk.Bars(desk.Write("a_us_d.csv", body))).Code);
    }

    [Theory]
    [InlineData("Fatal error: Out of memory in /a.inc on line 1")]
    [InlineData("{\"error\":\"rate limit\"}")]
    [InlineData("<error code=\"429\"/>")]
    [InlineData("Date,Open,High,Low\n2026-01-02,1,2,3\n")]
    [InlineData("Fecha,Apertura,Cierre\n2026-01-02,1,2\n")]
    [InlineData("D\0a\0t\0e\0,\0C\0l\0o\0s\0e\0")]
    [InlineData("100.5,101,99\n")]
    public void Anything_else_goes_to_quarantine_with_its_first_bytes(string body)
    {
        using var desk = new SourceDesk();
        var record = Assert.Single(desk.Bars(desk.Write("a_us_d.csv", body)));
        Assert.StartsWith(body[..6], (string)record!, StringComparison.Ordinal);
        Assert.Equal((1, 0), (desk.Tally.Refused, desk.Tally.Rows));
    }

    [Fact]
    public void Packed_bodies_that_are_damaged_are_errors()
    {
        using var desk = new SourceDesk();
        var packed = Gzip("Date,Close\n2026-01-02,1\n" + string.Concat(Enumerable.Range(0, 2000).Select(i => $"2020-01-01,{i * 7919 % 1000}\n")));
        packed[20] ^= 0xFF;
        Assert.Equal(ErrorCode.InputUnreadable, Assert.Throws<RiskLakeException>(() => desk.Bars(desk.Write("a.csv.gz", packed))).Code);
        Assert.Equal(ErrorCode.SourceRefused, Assert.Throws<RiskLakeException>(() => desk.Bars(desk.Write("a.csv.gz", Gzip("Access denied")))).Code);
    }

    [Theory]
    [InlineData("\uFEFF{\"error_code\":429,\"error_message\":\"Too Many Requests.  Exceeded Rate Limit\"}", ErrorCode.SourceLimit)]
    [InlineData("<?xml version=\"1.0\" ?>\n\n<error code=\"429\" message=\"Too Many Requests.  Exceeded Rate Limit\"/>", ErrorCode.SourceLimit)]
    [InlineData("{\"code\":429,\"message\":\"Too Many Requests\"}", ErrorCode.SourceLimit)]
    [InlineData("{\"code\":\"401\",\"message\":\"Unauthorized\"}", ErrorCode.SourceKey)]
    [InlineData("{\"code\":403,\"message\":\"Forbidden\"}", ErrorCode.SourceKey)]
    [InlineData("{\"code\":404,\"message\":\"release not found\"}", ErrorCode.SourceUnknown)]
    [InlineData("{\"code\":423,\"message\":\"Locked\"}", ErrorCode.SourceUnavailable)]
    [InlineData("{\"code\":504,\"message\":\"Gateway Timeout\"}", ErrorCode.SourceUnavailable)]
    [InlineData("{\"error_message\":\"Bad Request.  Limit must be between 1 and 100000.\",\"error_code\":400}", ErrorCode.SourceAnswer)]
    [InlineData("<error message=\"Bad Request.  The value for variable api_key is not registered.\" code=\"400\"></error>", ErrorCode.SourceKey)]
    [InlineData("{\"observations\":[{\"date\":\"2025-01-01\",\"value\":\"1\"},", ErrorCode.SourceAnswer)]
    [InlineData("{\"seriess\":[]}", ErrorCode.SourceAnswer)]
    [InlineData("{\"series\":[{\"series_id\":\"DGS10\",\"observations\":[]}],\"has_more\":false}", ErrorCode.SourceAnswer)]
    [InlineData("<html><body>Page Not Found</body></html>", ErrorCode.SourceAnswer)]
    [InlineData("PK\u0003\u0004...", ErrorCode.SourceAnswer)]
    [InlineData("observation_date;DGS10\n2025-01-02;4.5\n", ErrorCode.SourceAnswer)]
    internal void An_error_of_FRED_in_another_dress_is_the_same_error(string body, ErrorCode code)
    {
        using var desk = new SourceDesk();
        Assert.Equal(code, Assert.Throws<RiskLakeException>(() => desk.Signals(desk.Write("DGS10.json", body))).Code);
    }

    [Fact]
    public void Packed_bodies_of_FRED_are_named_as_such()
    {
        using var desk = new SourceDesk();
        var file = desk.Zip("DGS10.zip", ("DGS10.csv", "observation_date,DGS10\n2025-01-02,4.5\n"));
        var zip = Assert.Throws<RiskLakeException>(() => desk.Signals(file));
        Assert.Equal((ErrorCode.SourceAnswer, "a zip archive (xlsx and csv come as such)"), (zip.Code, zip.Found));
        var gzip = Assert.Throws<RiskLakeException>(() => desk.Signals(desk.Write("DGS10.csv", Gzip("observation_date,DGS10\n"))));
        Assert.Equal((ErrorCode.SourceAnswer, "a gzip file"), (gzip.Code, gzip.Found));
    }

    [Fact]
    public void A_vintage_says_nothing_of_periods_that_came_later()
    {
        using var desk = new SourceDesk();
        var signals = desk.Signals(desk.Write(
            "a.csv", "observation_date,PAYEMS_20241206,PAYEMS_20250110\n2024-09-01,,\n2024-10-01,159061,159068\n2024-11-01,.,159280\n2024-12-01,,159536\n"));
        Assert.Equal(
            [
                "2024-09-01 2024-12-06 ", "2024-09-01 2025-01-10 ", "2024-10-01 2024-12-06 159061", "2024-10-01 2025-01-10 159068", "2024-11-01 2024-12-06 ",
                "2024-11-01 2025-01-10 159280", "2024-12-01 2025-01-10 159536",
            ],
            signals.Select(signal => $"{signal["period"]} {signal["known_from"]} {signal["value"]}"));
    }

    [Fact]
    public void In_a_union_of_frequencies_a_series_has_only_periods_of_its_own()
    {
        using var desk = new SourceDesk();
        var signals = desk.Signals(desk.Write(
            "g.csv",
            "observation_date,DGS10,PAYEMS,GDPC1,DFF,ICSA\n2025-01-01,,159000,23000,4.3,\n2025-01-02,4.5,,,4.3,\n2025-01-04,,,,4.3,210\n2025-02-01,,,,4.3,\n"));
        Assert.Equal(
            [
                "2025-01-01 DGS10 ", "2025-01-01 PAYEMS 159000", "2025-01-01 GDPC1 23000", "2025-01-01 DFF 4.3", "2025-01-02 DGS10 4.5", "2025-01-02 DFF 4.3",
                "2025-01-04 DFF 4.3", "2025-01-04 ICSA 210", "2025-02-01 DFF 4.3",
            ],
            signals.Select(signal => $"{signal["period"]} {signal["name"]} {signal["value"]}"));
    }

    private static byte[] Gzip(string text)
    {
        using var packed = new MemoryStream();
        using (var stream = new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true))
        {
            stream.Write(Encoding.UTF8.GetBytes(text));
        }

        return packed.ToArray();
    }

    /// <summary>Polish letters as code page 1250 has them.</summary>
    private static byte[] CodePage1250(string text) => [.. text.Select(c => c switch
    {
        'ż' => (byte)0xBF,
        'ę' => (byte)0xEA,
        _ => (byte)c,
    })];
}
