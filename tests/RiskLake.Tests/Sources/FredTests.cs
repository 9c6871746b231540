using System.Text;
using RiskLake.Ingest.Silver;
using RiskLake.Ingest.Sources;
using RiskLake.Lake.Errors;
using RiskLake.Tests.Decoding;

namespace RiskLake.Tests.Sources;

public sealed class FredTests
{
    [Theory]
    [InlineData("Bad Request.  Variable api_key has not been set.", "KeyMissing", 400)]
    [InlineData("Bad Request.  The value for variable api_key is not a 32 character alpha-numeric lower-case string.", "KeyMalformed", 400)]
    [InlineData("Bad Request.  The value for variable api_key is not registered.", "KeyUnregistered", 400)]
    [InlineData("Bad Request.  The series does not exist.", "SeriesUnknown", 400)]
    [InlineData("Bad Request.  The series does not exist in ALFRED but may exist in FRED.  Try again.", "NotInAlfred", 400)]
    [InlineData("Bad Request.  No vintage dates exist for the specified real-time period: 2026-08-10 to 2026-08-17.", "NoVintages", 400)]
    [InlineData("Bad Request.  There are 5088 vintage dates in the period: this exceeds the maximum number of vintage dates allowed (2000).", "TooManyVintages", 400)]
    [InlineData("Bad Request.  Variable realtime_end can not be after today's date (2026-05-21).", "AfterToday", 400)]
    [InlineData("Too Many Requests.  Exceeded Rate Limit", "RateLimited", 429)]
    [InlineData("Locked", "Locked", 423)]
    [InlineData("Not Found", "NotFound", 404)]
    [InlineData("Internal Server Error", "ServerFailed", 500)]
    [InlineData("Gateway Timeout", "TimedOut", 504)]
    [InlineData("Bad Request.  Something new.", "BadRequest", 400)]
    public void Every_documented_error_is_told_apart_in_json_and_xml(string message, string expected, int code)
    {
        var json = FredError.Read(Encoding.UTF8.GetBytes($$"""{"error_code":{{code}},"error_message":"{{message}}"}"""))!;
        var xml = FredError.Read(Encoding.UTF8.GetBytes($"<?xml version=\"1.0\"?>\n<error code=\"{code}\" message=\"{message}\"/>"))!;
        var second = FredError.Read(Encoding.UTF8.GetBytes($$"""{"code":{{code}},"message":"{{message}}"}"""))!;
        Assert.Equal(expected, json.Problem.ToString());
        Assert.Equal(json, xml);
        Assert.Equal(json, second);
        Assert.Equal(expected == "TooManyVintages" ? 5088 : null, json.Vintages);
        Assert.Equal(expected == "AfterToday" ? new DateOnly(2026, 5, 21) : null, json.Today);
    }

    [Theory]
    [InlineData("DGS10.json", """{"realtime_start":"2026-01-07","realtime_end":"2026-01-07","count":2,"observations":[{"realtime_start":"2026-01-07","realtime_end":"2026-01-07","date":"2025-12-24","value":"4.15"},{"realtime_start":"2026-01-07","realtime_end":"2026-01-07","date":"2025-12-25","value":"."}]}""")]
    [InlineData("DGS10.xml", """<observations realtime_start="2026-01-07" realtime_end="2026-01-07"><observation realtime_start="2026-01-07" realtime_end="2026-01-07" date="2025-12-24" value="4.15"/><observation realtime_start="2026-01-07" realtime_end="2026-01-07" date="2025-12-25" value="."/></observations>""")]
    [InlineData("graph.csv", "observation_date,DGS10\n2025-12-24,4.15\n2025-12-25,\n")]
    [InlineData("old.csv", "\uFEFFDATE,DGS10\r\n2025-12-24,4.15\r\n2025-12-25,.\r\n")]
    [InlineData("alfred.csv", "observation_date,DGS10_20260107\n2025-12-24,4.15\n2025-12-25,.\n")]
    [InlineData("wide.json", """{"observations":[{"date":"2025-12-24","DGS10_20260107":"4.15"},{"date":"2025-12-25","DGS10_20260107":"."}]}""")]
    public void A_point_is_missing_with_a_reason_and_never_zero(string name, string body)
    {
        using var desk = new SourceDesk();
        var signals = desk.Signals(desk.Write(name, body));
        Assert.Equal(2, signals.Count);
        Assert.All(signals, signal => Assert.Equal(("DGS10", "2026-01-07", "Percent"), ((string)signal["name"]!, (string)signal["known_from"]!, (string)signal["units"]!)));
        Assert.Equal("4.15", signals[0]["value"]!.ToJsonString());
        Assert.Null(signals[1]["value"]);
        Assert.Equal("not_reported", (string)signals[1]["missing_reason"]!);
    }

    [Fact]
    public void Records_satisfy_the_contract_and_bad_values_do_not()
    {
        using var desk = new SourceDesk();
        var intake = new SourceIntake(Path.Combine(desk.Folder, "lake"), desk.Clock, CancellationToken.None);
        var catalogue = FredCatalogue.Load(Path.Combine(Runs.TestDesk.RepositoryConfig, "fred_series.yaml"));
        var file = desk.Write("g.csv", "observation_date,DCOILWTICO\n2020-04-20,-36.98\n2020-04-21,n/a\n2020-04-31,1\n");
        var decoded = Decoded.OfFile(intake.Fred([file], new FredOptions(), catalogue).Files[0].Path, StooqTests.Contract("external_signal"), "g.ndjson");
        Assert.Equal(-36.98, Assert.Single(decoded.Records)["value"]);
        Assert.Equal(2, decoded.Rejects.Count);
    }

    [Fact]
    public void Vintages_say_what_was_known_when()
    {
        const string Body = """
            {"realtime_start":"1776-07-04","realtime_end":"9999-12-31","observations":[
            {"realtime_start":"2024-12-06","realtime_end":"2025-01-09","date":"2024-10-01","value":"100"},
            {"realtime_start":"2025-01-10","realtime_end":"9999-12-31","date":"2024-10-01","value":"107"},
            {"realtime_start":"2024-12-06","realtime_end":"2025-01-09","date":"2024-11-01","value":"90"}]}
            """;
        using var desk = new SourceDesk();
        var signals = desk.Signals(desk.Write("PAYEMS.json", Body));
        string? At(string period, int year, int month, int day)
        {
            var history = PointInTime<string, string?>.OfDays(KnowledgeTime.EndOf(Days(new DateOnly(year, month, day))));
            foreach (var signal in signals)
            {
                var known = Days(DateOnly.Parse((string)signal["known_from"]!, System.Globalization.CultureInfo.InvariantCulture));
                history.Add((string)signal["period"]!, known, null, () => (bool)signal["is_withdrawn"]! ? null : signal["value"]?.ToJsonString());
            }

            return history.Known.TryGetValue(period, out var vintage) ? vintage.Value : null;
        }

        static long Days(DateOnly date) => date.DayNumber - DateOnly.FromDateTime(DateTime.UnixEpoch).DayNumber;
        Assert.Null(At("2024-10-01", 2024, 12, 5));
        Assert.Equal("100", At("2024-10-01", 2024, 12, 6));
        Assert.Equal("100", At("2024-10-01", 2025, 1, 9));
        Assert.Equal("107", At("2024-10-01", 2025, 1, 10));
        Assert.Equal("90", At("2024-11-01", 2025, 1, 9));
        Assert.Null(At("2024-11-01", 2025, 1, 10));
    }

    [Fact]
    public void A_series_whose_licence_forbids_storing_is_refused_before_a_byte_is_kept()
    {
        using var desk = new SourceDesk();
        var file = desk.Write("g.csv", "observation_date,SP500\n2025-12-24,1\n");
        Assert.Equal(ErrorCode.LicenceForbids, Assert.Throws<RiskLakeException>(() => desk.Signals(file)).Code);
        Assert.False(Directory.Exists(Path.Combine(desk.Folder, "lake")));
        Assert.Single(desk.Signals(file, new FredOptions { LicencePermitsStoring = true }));
    }

    [Theory]
    [InlineData("<!DOCTYPE html><html></html>")]
    [InlineData("")]
    [InlineData("{\"observations\":7}")]
    [InlineData("{\"observations\":[7]}")]
    [InlineData("{\"observations\":[{\"date\":\"2025")]
    [InlineData("<observations><observation date=")]
    [InlineData("<!DOCTYPE a [<!ENTITY b 'c'>]><observations/>")]
    [InlineData("observation_date,DGS10\n2025-12-24\n")]
    [InlineData("something else")]
    public void What_is_not_data_is_never_read_as_data(string body)
    {
        using var desk = new SourceDesk();
        Assert.Equal(ErrorCode.SourceAnswer, Assert.Throws<RiskLakeException>(() => desk.Signals(desk.Write("DGS10.json", body))).Code);
    }

    [Fact]
    public void Every_sample_body_has_the_documented_outcome()
    {
        (string Name, int Records, ErrorCode? Error)[] expected =
        [
            ("observations_type1.json", 4, null), ("observations.xml", 2, null), ("observations_all_vintages.json", 4, null),
            ("observations_type2.json", 5, null), ("fredgraph.csv", 3, null), ("alfredgraph.csv", 2, null),
            ("err_key_format.json", 0, ErrorCode.SourceKey), ("err_key_missing.xml", 0, ErrorCode.SourceKey), ("err_key_unregistered.json", 0, ErrorCode.SourceKey),
            ("err_no_vintages.json", 0, ErrorCode.SourceUnknown), ("err_not_in_alfred.json", 0, ErrorCode.SourceUnknown),
            ("err_rate_limit.json", 0, ErrorCode.SourceLimit), ("err_realtime_after_today.json", 0, ErrorCode.SourceUnknown),
            ("err_series_unknown.json", 0, ErrorCode.SourceUnknown), ("err_v2.json", 0, ErrorCode.SourceAnswer),
            ("err_vintage_cap.json", 0, ErrorCode.SourceLimit), ("series.json", 0, ErrorCode.SourceAnswer), ("vintagedates.json", 0, ErrorCode.SourceAnswer),
        ];
        using var desk = new SourceDesk();
        foreach (var (name, records, error) in expected)
        {
            var file = new InputFile(SourceDesk.Sample($"fred/{name}"), name);
            var options = new FredOptions { Series = name.Contains("type1", StringComparison.Ordinal) || name == "observations.xml" || name == "fredgraph.csv" ? "DGS10" : "PAYEMS" };
            if (error is { } code)
            {
                Assert.Equal(code, Assert.Throws<RiskLakeException>(() => desk.Signals(file, options)).Code);
            }
            else
            {
                Assert.Equal(records, desk.Signals(file, options).Count);
            }
        }
    }
}
