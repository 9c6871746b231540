using System.Text.RegularExpressions;
using System.Xml.Linq;
using RiskLake.Reports;
using RiskLake.Risk;
using RiskLake.Risk.Measures;

namespace RiskLake.Tests.Reports;

public sealed partial class TearSheetTests
{
    private static readonly string s_page = Page(SampleSeries.Clustered());

    public static TheoryData<string> HostileNames => [.. Hostile().Select(series => series.Name)];

    [Fact]
    public void A_page_is_well_formed_and_holds_every_section()
    {
        var page = Parse(s_page);
        Assert.Equal(7, page.Descendants("svg").Count());
        string[] headings = [.. page.Descendants("h2").Select(heading => heading.Value)];
        Assert.Equal(
            ["Forecasts and what came", "Methods side by side", "Drawdowns and volatility", "Tail and evidence", "Backtests", "Data quality"], headings);
        foreach (var svg in page.Descendants("svg"))
        {
            var labelled = svg.Attribute("aria-labelledby")!.Value.Split(' ');
            Assert.Equal<IEnumerable<string>>(labelled, [svg.Element("title")!.Attribute("id")!.Value, svg.Element("desc")!.Attribute("id")!.Value]);
            Assert.NotEmpty(svg.Element("desc")!.Value);
        }

        string[] ids = [.. page.Descendants().Attributes("id").Select(attribute => attribute.Value)];
        Assert.Equal(ids.Length, ids.Distinct().Count());
        Save("sample", s_page);
    }

    [Fact]
    public void A_page_fetches_nothing_and_runs_nothing()
    {
        var page = Parse(s_page);
        Assert.DoesNotContain("://", s_page, StringComparison.Ordinal);
        Assert.DoesNotContain("url(", s_page, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("@import", s_page, StringComparison.OrdinalIgnoreCase);
        Assert.Empty(page.Descendants("script"));
        Assert.DoesNotContain(page.Descendants().Attributes(), attribute => attribute.Name.LocalName.StartsWith("on", StringComparison.Ordinal));
        Assert.Equal(["data:,"], page.Descendants().Attributes().Where(a => a.Name.LocalName is "src" or "href" or "srcset").Select(a => a.Value));
        var policy = page.Descendants("meta").Single(meta => (string?)meta.Attribute("http-equiv") == "Content-Security-Policy");
        Assert.StartsWith("default-src 'none'", policy.Attribute("content")!.Value);
    }

    [Fact]
    public void The_same_series_gives_the_same_bytes() => Assert.Equal(s_page, Page(SampleSeries.Clustered()));

    [Fact]
    public void A_page_is_light_enough_to_attach() => Assert.InRange(s_page.Length, 20_000, 300_000);

    [Fact]
    public void Every_coordinate_is_a_number_inside_its_chart()
    {
        foreach (var svg in Parse(s_page).Descendants("svg"))
        {
            var box = svg.Attribute("viewBox")!.Value.Split(' ').Select(Number).ToArray();
            foreach (var path in svg.Descendants("path"))
            {
                Assert.Matches(@"^[MLHVZ0-9. -]+$", path.Attribute("d")!.Value);
                foreach (Match pair in Pair().Matches(path.Attribute("d")!.Value))
                {
                    Assert.InRange(Number(pair.Groups[1].Value), 0.0, box[2]);
                    Assert.InRange(Number(pair.Groups[2].Value), 0.0, box[3]);
                }
            }
        }
    }

    [Fact]
    public void Every_exceedance_is_marked_at_its_return()
    {
        var series = SampleSeries.Clustered();
        var sheet = TearSheet.Of(series);
        for (var k = 0; k < 2; k++)
        {
            var review = sheet.Forecasts[k];
            var svg = XElement.Parse(TearSheetCharts.Forecast(sheet, review, "x", "one"));
            var marks = svg.Elements("circle").Where(circle => circle.Element("title") is not null).ToList();
            Assert.Equal(review.Exceedances.Count, marks.Count);
            Assert.Equal(review.Exceedances.Select(series.Label), marks.Select(mark => mark.Element("title")!.Value.Split(':')[0]));

            // Deeper losses stand lower.
            var order = review.Exceedances.Zip(marks).OrderBy(pair => series.Returns[pair.First]).ToList();
            Assert.Equal(order, order.OrderByDescending(pair => Number(pair.Second.Attribute("cy")!.Value)));
            Assert.True(Number(marks[0].Attribute("cx")!.Value) < Number(marks[^1].Attribute("cx")!.Value));
        }
    }

    [Fact]
    public void Hostile_names_are_text_and_nothing_else()
    {
        const string Name = "</title><script>alert('x')</script>&<b onload=\"x\">\u0000\u202e\ud800.csv";
        var series = SampleSeries.Clustered(400, Name) with
        {
            Provenance = [new Fact(Name, Name)],
            Findings = [new Fact(Name, "1")],
            Flags = new Dictionary<int, string> { [7] = Name },
        };
        var text = Page(series);
        var page = Parse(text);
        Assert.Empty(page.Descendants("script"));
        Assert.Empty(page.Descendants("b").Attributes());
        Assert.DoesNotContain('\0', text);
        Assert.DoesNotContain('\u202e', text);
        Assert.StartsWith("</title><script>alert('x')</script>&<b onload=\"x\">", page.Descendants("h1").Single().Value);
    }

    [Theory]
    [MemberData(nameof(HostileNames))]
    public void A_hostile_series_gives_a_page_with_statuses(string name)
    {
        var series = Hostile().Single(item => item.Name == name);
        var text = Page(series);
        var page = Parse(text);
        Assert.DoesNotContain("NaN", text, StringComparison.Ordinal);
        Assert.DoesNotContain("Infinity", text, StringComparison.Ordinal);
        Assert.Contains("Data quality", page.Descendants("h2").Select(heading => heading.Value));
        var sheet = TearSheet.Of(series);
        if (sheet.Methods.Any(row => row.ValueAtRisk.Measure.Status != Status.Ready))
        {
            Assert.Contains(page.Descendants("td"), cell => (string?)cell.Attribute("class") == "none");
        }

        Save(Regex.Replace(name, "[^a-z0-9]+", "-", RegexOptions.None, TimeSpan.FromSeconds(1)), text);
    }

    [Fact]
    public void Flagged_observations_are_named_and_left_out_beside_the_number()
    {
        var plain = SampleSeries.Clustered();
        var worst = Array.IndexOf(plain.Returns, plain.Returns.Min());
        var series = plain with { Flags = new Dictionary<int, string> { [worst] = "price_spike" } };
        var sheet = TearSheet.Of(series);
        var without = sheet.WithoutFlagged!.Value;
        Assert.Contains("price_spike", sheet.Quality.Flags[worst], StringComparison.Ordinal);
        var sample = Enumerable.Range(0, plain.Count).TakeLast(500).ToList();
        double[] kept = [.. sample.Where(i => !sheet.Quality.Flags.ContainsKey(i)).Select(i => plain.Returns[i])];
        Assert.Equal(kept.Length, without.Left);
        Assert.Equal(
            HistoricalSimulation.Estimate(kept, Confidence.P99).ValueAtRisk.Value, without.ValueAtRisk.ValueAtRisk.Value);
        Assert.Contains("price_spike", TearSheetPage.Render(sheet), StringComparison.Ordinal);
    }

    [Fact]
    public void A_forecast_does_not_know_the_future()
    {
        var series = SampleSeries.Clustered(700);
        double[] changed = [.. series.Returns];
        changed[600] = -0.5;
        foreach (var review in new Func<double[], ForecastReview>[] { ForecastReview.Historical, ForecastReview.EwmaNormal })
        {
            var (before, after) = (review(series.Returns), review(changed));
            Assert.Equal(before.ValueAtRisk99[..601], after.ValueAtRisk99[..601]);
            Assert.Equal(before.Shortfall975[..601], after.Shortfall975[..601]);
            Assert.NotEqual(before.Shortfall975[601], after.Shortfall975[601]);
            Assert.Contains(600, after.Exceedances);
            Assert.Equal(TearSheet.Window, before.Exceedances.Append(TearSheet.Window).Min(i => Math.Min(i, before.First)));
        }
    }

    [Fact]
    public void Every_backtest_of_the_table_is_one_that_is_made()
    {
        var sheet = TearSheet.Of(SampleSeries.Clustered());
        Assert.All(sheet.Forecasts, review =>
        {
            Assert.Equal(Status.Ready, review.Status);
            Assert.Equal(11, review.Tests.Count);
            Assert.All(review.Tests, line => Assert.NotNull(line.Statistic));
        });
        Assert.Equal(0.142, sheet.Forecasts[0].Tests[0].PValue!.Value, 5e-4);
        Assert.Equal(CoverageTests.Kupiec(18, 1250, Confidence.P99).PValue, sheet.Forecasts[0].Tests[0].PValue);
        Assert.Equal(18, sheet.Forecasts[0].Exceedances.Count);
    }

    private static IEnumerable<ReportSeries> Hostile()
    {
        var base0 = SampleSeries.Clustered(600).Returns;
        yield return SampleSeries.Of([], "no return");
        yield return SampleSeries.Of([0.01], "one return");
        yield return SampleSeries.Of([0.01, -0.02], "two returns");
        yield return SampleSeries.Of([.. base0[..249]], "one short of a window");
        yield return SampleSeries.Of([.. base0[..251]], "one past a window");
        yield return SampleSeries.Of(new double[600], "all zero");
        yield return SampleSeries.Of([.. base0.Select(_ => 0.001)], "constant");
        yield return SampleSeries.Of([.. base0.Select(Math.Abs)], "all gains");
        yield return SampleSeries.Of([.. base0.Select(value => -Math.Abs(value))], "all losses");
        yield return SampleSeries.Of([.. base0.Select((value, i) => i == 300 ? double.NaN : value)], "nan");
        yield return SampleSeries.Of([.. base0.Select((value, i) => i == 300 ? double.NegativeInfinity : value)], "infinite");
        yield return SampleSeries.Of([.. base0.Select(_ => double.NaN)], "only nan");
        yield return SampleSeries.Of([.. base0.Select((value, i) => i == 300 ? 1e8 : value)], "outlier 1e8");
        yield return SampleSeries.Of([.. base0.Select((value, i) => i == 300 ? -1.0 : value)], "total loss");
        yield return SampleSeries.Of([.. base0.Select(value => value * 1e-12)], "scale 1e-12");
        yield return SampleSeries.Of([.. base0.Select(value => value * 1e300)], "scale 1e300", kind: ReturnKind.Absolute);
        yield return SampleSeries.Of([.. base0.Select(value => Math.Round(value, 2))], "ties");
        yield return SampleSeries.Of(base0, "without dates", dated: false);
        yield return SampleSeries.Of(base0, "log", kind: ReturnKind.Log);
        yield return SampleSeries.Of([.. base0.Select(value => value * 1e6)], "money", kind: ReturnKind.Unstated);
        var sample = SampleSeries.Of(base0, "dates backwards");
        yield return sample with { Times = [.. sample.Times!.Reverse()] };
        yield return SampleSeries.Of(base0, "one date") with { Times = [.. base0.Select(_ => DateTime.UnixEpoch)] };
        yield return SampleSeries.Of(base0, "ends of time") with
        {
            Times = [DateTime.MinValue, .. Enumerable.Range(0, base0.Length - 2).Select(i => DateTime.UnixEpoch.AddDays(i)), DateTime.MaxValue],
        };
        yield return SampleSeries.Of(base0, "intraday") with
        {
            Times = [.. base0.Select((_, i) => DateTime.UnixEpoch.AddDays(18_000).AddMinutes(5 * i))], Start = null,
        };
    }

    private static string Page(ReportSeries series) => TearSheetPage.Render(TearSheet.Of(series));

    private static XElement Parse(string page)
    {
        Assert.StartsWith("<!DOCTYPE html>\n", page);
        return XElement.Parse(page["<!DOCTYPE html>\n".Length..]);
    }

    private static double Number(string text) => double.Parse(text, System.Globalization.CultureInfo.InvariantCulture);

    // For eyes: RISKLAKE_PAGES names a folder.
    private static void Save(string name, string page)
    {
        if (Environment.GetEnvironmentVariable("RISKLAKE_PAGES") is { Length: > 0 } folder)
        {
            File.WriteAllText(Path.Combine(Directory.CreateDirectory(folder).FullName, name + ".html"), page);
        }
    }

    [GeneratedRegex(@"[ML](-?[\d.]+) (-?[\d.]+)", RegexOptions.None, 60_000)]
    private static partial Regex Pair();
}
