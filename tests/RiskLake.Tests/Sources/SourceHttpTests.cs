using System.Text.Json.Nodes;
using RiskLake.Errors;
using RiskLake.Sources;

namespace RiskLake.Tests.Sources;

public sealed class SourceHttpTests
{
    private const string Secret = "abcdefghijklmnopqrstuvwxyz012345";
    private const string Observations = """{"realtime_start":"2026-01-07","realtime_end":"2026-01-07","count":1,"observations":[{"realtime_start":"2026-01-07","realtime_end":"2026-01-07","date":"2025-12-24","value":"4.15"}]}""";
    private const string Csv = "Date,Open,High,Low,Close,Volume\r\n2026-01-02,1,1,1,1,1\r\n";

    private static readonly SourceKey Key = SourceKey.Find("K", null, _ => Secret)!;

    [Fact]
    public void A_good_answer_is_taken_as_it_came()
    {
        using var server = new LocalServer((_, _) => new Reply(200, Observations));
        using var http = Http();
        var body = Assert.Single(new FredClient(http, server.Address).Latest("DGS10", CancellationToken.None));
        Assert.Equal(Observations, System.Text.Encoding.UTF8.GetString(body.Bytes));
        Assert.Equal("DGS10.json", body.Name);
        Assert.Contains($"api_key={Secret}", Assert.Single(server.Requests), StringComparison.Ordinal);
    }

    /// <summary>However the packing is damaged, cut off without a word of the connection or followed by something: whole, or asked again.</summary>
    [Fact]
    public void A_packed_body_is_whole_or_no_answer()
    {
        var packed = CompressionTests.Gzip(System.Text.Encoding.UTF8.GetBytes(Observations));
        Assert.Equal(Observations, Take(packed, 1));
        byte[][] damages =
        [
            .. Enumerable.Range(1, packed.Length - 1).Select(length => packed[..length]),
            [.. packed, 0x1F, 0x8B], [.. packed, .. "<html>"u8],
            .. Enumerable.Range(0, 8).Select(back => Flipped(packed, packed.Length - 1 - back)),
        ];
        foreach (var damaged in damages)
        {
            Assert.Equal(Observations, Take(damaged, 2));
        }

        static byte[] Flipped(byte[] bytes, int at) => [.. bytes[..at], (byte)(bytes[at] ^ 1), .. bytes[(at + 1)..]];

        static string Take(byte[] first, int requests)
        {
            var whole = CompressionTests.Gzip(System.Text.Encoding.UTF8.GetBytes(Observations));
            using var server = new LocalServer((_, request) =>
                new Reply(200, "") { Header = "Content-Encoding: gzip\r\n", Bytes = request == 0 ? first : whole });
            using var http = Http();
            var body = Assert.Single(new FredClient(http, server.Address).Latest("DGS10", CancellationToken.None));
            Assert.Equal(requests, server.Requests.Count);
            return System.Text.Encoding.UTF8.GetString(body.Bytes);
        }
    }

    [Theory]
    [InlineData("429")]
    [InlineData("500")]
    [InlineData("504")]
    [InlineData("truncated")]
    [InlineData("cut gzip")]
    [InlineData("reset")]
    [InlineData("silent")]
    public void What_may_pass_is_asked_again(string trouble)
    {
        using var server = new LocalServer((_, request) => request < 2 ? Trouble(trouble) : new Reply(200, Observations));
        using var http = Http();
        Assert.Single(new FredClient(http, server.Address).Latest("DGS10", CancellationToken.None));
        Assert.Equal(3, server.Requests.Count);
    }

    [Theory]
    [InlineData("429", ErrorCode.SourceLimit)]
    [InlineData("500", ErrorCode.SourceUnavailable)]
    [InlineData("504", ErrorCode.SourceUnavailable)]
    [InlineData("truncated", ErrorCode.SourceUnavailable)]
    [InlineData("cut gzip", ErrorCode.SourceUnavailable)]
    [InlineData("reset", ErrorCode.SourceUnavailable)]
    [InlineData("silent", ErrorCode.SourceUnavailable)]
    internal void What_does_not_pass_is_told_without_the_key(string trouble, ErrorCode code)
    {
        using var server = new LocalServer((_, _) => Trouble(trouble));
        using var http = Http();
        var error = Assert.Throws<RiskLakeException>(() => new FredClient(http, server.Address).Latest("DGS10", CancellationToken.None).ToList());
        Assert.Equal(code, error.Code);

        // A connection that breaks before the first byte is tried anew by the HTTP client itself, too.
        Assert.InRange(server.Requests.Count, 4, trouble == "reset" ? 16 : 4);
        Assert.DoesNotContain(Secret, error.ToString(), StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public void A_long_retry_after_is_reported_and_a_short_one_kept()
    {
        using var busy = new LocalServer((_, _) => new Reply(429, """{"error_code":429,"error_message":"Too Many Requests.  Exceeded Rate Limit"}""") { Header = "Retry-After: 3600\r\n" });
        using var http = Http();
        Assert.Equal(
            ErrorCode.SourceLimit,
            Assert.Throws<RiskLakeException>(() => new FredClient(http, busy.Address).Latest("DGS10", CancellationToken.None).ToList()).Code);
        Assert.Single(busy.Requests);

        using var server = new LocalServer((_, request) => request == 0 ? new Reply(429, "") { Header = "Retry-After: 1\r\n" } : new Reply(200, Observations));
        var started = System.Diagnostics.Stopwatch.GetTimestamp();
        Assert.Single(new FredClient(http, server.Address).Latest("DGS10", CancellationToken.None));
        Assert.True(System.Diagnostics.Stopwatch.GetElapsedTime(started) >= TimeSpan.FromSeconds(0.95));
    }

    [Theory]
    [InlineData(400, "Bad Request.  The value for variable api_key is not registered.", ErrorCode.SourceKey)]
    [InlineData(400, "Bad Request.  The series does not exist.", ErrorCode.SourceUnknown)]
    [InlineData(400, "Bad Request.  There are 5088 vintage dates; exceeds the maximum number of vintage dates allowed (2000).", ErrorCode.SourceLimit)]
    internal void What_will_not_pass_is_asked_once(int status, string message, ErrorCode code)
    {
        using var server = new LocalServer((_, _) => new Reply(status, $$"""{"error_code":{{status}},"error_message":"{{message}}"}"""));
        using var http = Http();
        Assert.Equal(code, Assert.Throws<RiskLakeException>(() => new FredClient(http, server.Address).Latest("DGS10", CancellationToken.None).ToList()).Code);
        Assert.Single(server.Requests);
    }

    [Fact]
    public void A_page_instead_of_data_is_not_data_whatever_it_calls_itself_and_its_echo_of_the_key_is_masked()
    {
        using var server = new LocalServer((address, _) => new Reply(200, $"<p>you asked for {address}</p>") { ContentType = "application/json" });
        using var http = Http();
        var error = Assert.Throws<RiskLakeException>(() => new StooqClient(http, server.Address).History("aapl.us", true, CancellationToken.None));
        Assert.Equal(ErrorCode.SourceAnswer, error.Code);
        Assert.Contains("***", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(Secret, error.ToString(), StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public void A_body_that_quotes_the_key_is_masked_before_anyone_sees_it()
    {
        using var server = new LocalServer((address, _) => new Reply(200, address.Contains("DFF", StringComparison.Ordinal)
            ? $"<p>{address.ToUpperInvariant()}</p>"
            : Observations.Replace("\"count\"", $"\"asked\":\"{address}\",\"count\"", StringComparison.Ordinal)));
        using var http = Http();
        var error = Assert.Throws<RiskLakeException>(() => new FredClient(http, server.Address).Latest("DFF", CancellationToken.None).ToList());
        Assert.DoesNotContain(Secret, error.ToString(), StringComparison.OrdinalIgnoreCase);
        var body = System.Text.Encoding.UTF8.GetString(Assert.Single(new FredClient(http, server.Address).Latest("DGS10", CancellationToken.None)).Bytes);
        Assert.Contains("api_key=***", body, StringComparison.Ordinal);
        Assert.DoesNotContain(Secret, body, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public void An_unknown_series_is_told_from_one_without_vintages()
    {
        const string Alike = """{"error_code":400,"error_message":"Bad Request.  The series does not exist in ALFRED but may exist in FRED."}""";
        const string Unknown = """{"error_code":400,"error_message":"Bad Request.  The series does not exist."}""";
        foreach (var isUnknown in new[] { true, false })
        {
            using var server = new LocalServer((address, _) => address.Contains("/series?", StringComparison.Ordinal)
                ? isUnknown ? new Reply(400, Unknown) : new Reply(200, """{"seriess":[]}""")
                : new Reply(400, Alike));
            using var http = Http();
            var error = Assert.Throws<RiskLakeException>(() => new FredClient(http, server.Address).Vintages("XX", CancellationToken.None).ToList());
            Assert.Equal(ErrorCode.SourceUnknown, error.Code);
            Assert.Equal(isUnknown, !error.Message.Contains("ALFRED", StringComparison.Ordinal));
        }
    }

    [Fact]
    public void Vintages_beyond_the_cap_are_asked_for_in_windows_that_leave_no_day_out()
    {
        var dates = Enumerable.Range(0, 5088).Select(i => new DateOnly(2005, 1, 3).AddDays(i)).ToArray();
        var windows = FredClient.Windows(dates).ToArray();
        Assert.Equal(3, windows.Length);
        Assert.Equal(("1776-07-04", "9999-12-31"), (windows[0].From, windows[^1].Through));
        for (var i = 1; i < windows.Length; i++)
        {
            Assert.Equal(DateOnly.Parse(windows[i].From, null), DateOnly.Parse(windows[i - 1].Through, null).AddDays(1));
            Assert.Contains(DateOnly.Parse(windows[i].From, null), dates);
        }

        Assert.All(windows, window => Assert.InRange(dates.Count(date => date >= DateOnly.Parse(window.From, null) && date <= DateOnly.Parse(window.Through, null)), 1, 2000));
        var list = new JsonObject { ["vintage_dates"] = new JsonArray([.. dates.Select(date => (JsonNode?)date.ToString("yyyy-MM-dd", null))]) }.ToJsonString();
        string Part(string address, string name) => address.Split('&').Single(part => part.StartsWith(name, StringComparison.Ordinal)).Split('=')[1];
        using var server = new LocalServer((address, _) => new Reply(200, address.Contains("vintagedates", StringComparison.Ordinal)
            ? list
            : $$"""{"realtime_start":"{{Part(address, "realtime_start")}}","realtime_end":"{{Part(address, "realtime_end")}}","count":0,"observations":[]}"""));
        using var http = Http();
        Assert.Equal(3, new FredClient(http, server.Address).Vintages("DGS10", CancellationToken.None).Count());
        Assert.Equal(4, server.Requests.Count);
    }

    [Theory]
    [InlineData("Exceeded the daily hits limit", ErrorCode.SourceLimit)]
    [InlineData("Get your apikey:\r\n", ErrorCode.SourceKey)]
    [InlineData("<!DOCTYPE html>JavaScript to verify your browser", ErrorCode.SourceRefused)]
    [InlineData("\r\nWarning: Division by zero in x\r\n\r\nDate,Close\r\n20050225,1\r\n", ErrorCode.SourceAnswer)]
    internal void Stooq_is_stopped_by_its_refusals_and_asked_once(string body, ErrorCode code)
    {
        using var server = new LocalServer((_, _) => new Reply(200, body) { ContentType = "text/csv" });
        using var http = Http();
        Assert.Equal(code, Assert.Throws<RiskLakeException>(() => new StooqClient(http, server.Address).History("aapl.us", false, CancellationToken.None)).Code);
        Assert.Single(server.Requests);
    }

    [Fact]
    public void Stooq_gives_a_history_or_nothing()
    {
        using var server = new LocalServer((address, _) => new Reply(200, address.Contains("zzzz", StringComparison.Ordinal) ? "No data" : Csv));
        using var http = Http();
        var client = new StooqClient(http, server.Address);
        Assert.Null(client.History("zzzz.us", false, CancellationToken.None));
        Assert.Equal("^spx_d.csv", client.History("^SPX", true, CancellationToken.None)!.Name);
        Assert.Contains("s=%5Espx&i=d&o=1111111&apikey=", server.Requests.Last(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_redirect_is_not_followed()
    {
        using var server = new LocalServer((_, _) => new Reply(302, "") { Header = "Location: http://127.0.0.1:1/\r\n" });
        using var http = Http();
        Assert.Equal(ErrorCode.SourceAnswer, Assert.Throws<RiskLakeException>(() => new FredClient(http, server.Address).Latest("DGS10", CancellationToken.None).ToList()).Code);
        Assert.Single(server.Requests);
    }

    [Fact]
    public void A_key_has_no_text_and_must_be_one_word()
    {
        Assert.Equal("***", $"{Key}");
        Assert.Null(SourceKey.Find("K", null, _ => " "));
        Assert.Throws<RiskLakeException>(() => SourceKey.Find("K", null, _ => "two words"));
        Assert.Throws<RiskLakeException>(() => SourceKey.Find("K", "/no/such/file", _ => null));
    }

    private static SourceHttp Http() => new(
        new SourceHttpOptions
        {
            Clock = TimeProvider.System,
            Random = () => 0.5,
            Timeout = TimeSpan.FromSeconds(1),
            Interval = TimeSpan.FromMilliseconds(1),
            Pause = TimeSpan.FromMilliseconds(5),
            LimitPause = TimeSpan.FromMilliseconds(5),
            Retries = 3,
        },
        Key);

    private static Reply Trouble(string name) => name switch
    {
        "429" => new Reply(429, """{"error_code":429,"error_message":"Too Many Requests.  Exceeded Rate Limit"}"""),
        "500" => new Reply(500, "<html>oops</html>") { ContentType = "text/html" },
        "504" => new Reply(504, ""),
        "truncated" => new Reply(200, "{\"obs") { IsTruncated = true },
        "cut gzip" => new Reply(200, "")
        {
            Header = "Content-Encoding: gzip\r\n", Bytes = CompressionTests.Gzip(System.Text.Encoding.UTF8.GetBytes(Observations))[..^9],
        },
        "reset" => new Reply(200, "") { IsReset = true },
        _ => new Reply(200, "") { IsSilent = true },
    };
}
