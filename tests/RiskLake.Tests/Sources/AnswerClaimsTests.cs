using System.Globalization;
using System.Text;
using CsCheck;
using RiskLake.Ingest.Sources;
using RiskLake.Lake.Errors;

namespace RiskLake.Tests.Sources;

/// <summary>What an answer of FRED says of itself is checked, and a body that is broken in any way is refused with a code.</summary>
public sealed class AnswerClaimsTests
{
    private const string Row = """{"realtime_start":"2023-09-01","realtime_end":"9999-12-31","date":"2023-08-01","value":"3.8"}""";

    [Theory]
    [InlineData("\"units\":\"pch\"", "units=pch")]
    [InlineData("\"units\":\"log\"", "units=log")]
    [InlineData("\"count\":5,\"offset\":0,\"limit\":1", "1 of 5 rows")]
    [InlineData("\"count\":5,\"offset\":4,\"limit\":1", "1 of 5 rows")]
    [InlineData("\"count\":1,\"offset\":3", "1 rows from offset 3")]
    [InlineData("\"count\":\"many\"", "count 'many'")]
    [InlineData("\"realtime_start\":\"2024-01-01\"", "known from 2023-09-01")]
    [InlineData("\"observation_end\":\"2023-07-01\"", "a period 2023-08-01")]
    public void A_body_that_is_not_what_was_asked_for_is_refused(string claim, string found)
    {
        using var desk = new SourceDesk();
        var error = Assert.Throws<RiskLakeException>(() => desk.Signals(desk.Write("UNRATE.json", $$"""{{{claim}},"observations":[{{Row}}]}""")));
        Assert.Equal(ErrorCode.SourceAnswer, error.Code);
        Assert.Contains(found, error.Found, StringComparison.Ordinal);
    }

    [Fact]
    public void Pages_that_are_named_together_are_one_answer()
    {
        using var desk = new SourceDesk();
        string Page(int offset) =>
            $$"""{"count":2,"offset":{{offset}},"limit":1,"observations":[{{Row.Replace("-08-", $"-0{8 + offset}-", StringComparison.Ordinal)}}]}""";
        var intake = new SourceIntake(Path.Combine(desk.Folder, "lake"), desk.Clock, CancellationToken.None);
        var catalogue = FredCatalogue.Load(Path.Combine(Runs.TestDesk.RepositoryConfig, "fred_series.yaml"));
        var (files, tally) = intake.Fred([desk.Write("UNRATE.json", Page(0)), desk.Write("UNRATE.2.json", Page(1))], new FredOptions(), catalogue);
        Assert.Equal((2, 2L), (files.Count, tally.Rows));
    }

    [Fact]
    public void The_order_of_an_answer_does_not_matter()
    {
        using var desk = new SourceDesk();
        string[] rows =
        [
            """{"realtime_start":"2023-09-01","realtime_end":"2024-01-04","date":"2023-08-01","value":"3.8"}""",
            """{"realtime_start":"2024-01-05","realtime_end":"9999-12-31","date":"2023-08-01","value":"3.7"}""",
            """{"realtime_start":"2023-10-06","realtime_end":"9999-12-31","date":"2023-09-01","value":"3.8"}""",
        ];
        string[] Signals(IEnumerable<string> order) => [.. desk.Signals(desk.Write("UNRATE.json", "{\"observations\":[" + string.Join(',', order) + "]}"))
            .Select(record => $"{record["period"]} {record["known_from"]} {record["value"]} {record["is_withdrawn"]}").Order(StringComparer.Ordinal)];
        Assert.Equal(3, Signals(rows).Length);
        Assert.Equal(Signals(rows), Signals(rows.Reverse()));
        Assert.Equal(Signals(rows), Signals([rows[1], rows[2], rows[0]]));
    }

    [Theory]
    [InlineData("GDPC1", "2001-07-26", "Billions of Chained 1996 Dollars")]
    [InlineData("GDPC1", "2003-12-09", "Billions of Chained 1996 Dollars")]
    [InlineData("GDPC1", "2010-01-01", "Billions of Chained 2005 Dollars")]
    [InlineData("GDPC1", "2023-09-28", "Billions of Chained 2017 Dollars")]
    [InlineData("GDPC1", "1995-01-01", "Billions of Chained Dollars, base year not stated")]
    [InlineData("PCEPI", "2010-01-01", "Index, base year not stated")]
    [InlineData("UNRATE", "1960-01-01", "Percent")]
    [InlineData("UMCSENT", "2001-01-01", "Index 1966:Q1=100")]
    public void A_base_year_is_not_stated_for_vintages_it_does_not_fit(string series, string knownFrom, string units)
    {
        var catalogue = FredCatalogue.Load(Path.Combine(Runs.TestDesk.RepositoryConfig, "fred_series.yaml"));
        Assert.Equal(units, catalogue.Require(series, isAllowed: true).UnitsOf(knownFrom));
    }

    [Theory]
    [InlineData("{\"count\":\"x\",\"observations\":[]}")]
    [InlineData("{\"observations\":[{\"date\":\"\\ud800\",\"value\":1}]}")]
    [InlineData("{\"error_code\":\"\\ud800\",\"error_message\":\"\\ud800\"}")]
    [InlineData("{\"error_code\":400,\"error_message\":\"can not be after today's date (2025-99-99)\"}")]
    [InlineData("<?xml version=\"1.0\" encoding=\"nonsense\"?><observations/>")]
    public void Odd_bodies_are_refused_with_a_code(string body)
    {
        using var desk = new SourceDesk();
        Assert.Throws<RiskLakeException>(() => desk.Signals(desk.Write("UNRATE.json", body)));
    }

    [Fact]
    public void Mutated_bodies_are_read_or_refused()
    {
        var sound = Encoding.UTF8.GetBytes(
            """{"realtime_start":"2023-01-01","realtime_end":"9999-12-31","units":"lin","output_type":1,"count":2,"offset":0,"""
            + $"\"limit\":10,\"observations\":[{Row},{Row}]}}");
        var xml = Encoding.UTF8.GetBytes(
            """<observations realtime_start="2023-01-01" count="1" offset="0"><observation realtime_start="2023-09-01" """
            + """realtime_end="9999-12-31" date="2023-08-01" value="3.8"/></observations>""");
        var csv = Encoding.UTF8.GetBytes("observation_date,UNRATE,DGS10\n2023-08-01,3.8,4.1\n2023-09-01,,4.2\n");
        var error = Encoding.UTF8.GetBytes(
            """{"error_code":400,"error_message":"There are 5088 vintage dates; exceeds the maximum number of vintage """
            + """dates (2023-01-01)"}""");
        byte[][] bodies = [sound, xml, csv, error];
        Gen.Select(Gen.Int[0, bodies.Length - 1].Select(i => bodies[i]), Gen.Select(Gen.Int[0, 400], Gen.Byte, Gen.Int[0, 2]).List[1, 6]).Sample(
            (body, changes) =>
            {
                var bytes = body.ToList();
                foreach (var (at, value, how) in changes)
                {
                    var place = at % bytes.Count;
                    if (how == 0)
                    {
                        bytes[place] = value;
                    }
                    else if (how == 1 && bytes.Count > 1)
                    {
                        bytes.RemoveAt(place);
                    }
                    else
                    {
                        bytes.Insert(place, "\"{}[],:<>\\"u8[value % 10]);
                    }
                }

                try
                {
                    FredBody.Read(bytes.ToArray(), "body");
                }
                catch (RiskLakeException refused)
                {
                    Assert.True((int)refused.Code < 9000);
                }
            },
            iter: int.TryParse(Environment.GetEnvironmentVariable("RISKLAKE_MUTATIONS"), NumberStyles.None, CultureInfo.InvariantCulture,
                out var many) ? many : 2000);
    }
}
