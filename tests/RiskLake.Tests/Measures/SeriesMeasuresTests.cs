using CsCheck;
using RiskLake.Risk;
using RiskLake.Risk.Measures;
using RiskLake.Tests.Risk;

namespace RiskLake.Tests.Measures;

public sealed class SeriesMeasuresTests
{
    public static TheoryData<string> Names => [.. HostileSeries.All.Keys];

    [Fact]
    public void Every_method_has_its_rows_in_order()
    {
        var settings = new MeasureSettings();
        var rows = SeriesMeasures.Compute(HostileSeries.Noise(400), settings);
        var tails = rows.Where(row => row.Measure.Convention.Confidence is not null && row.Unit != "none")
            .Where(row => row.Measure.Name is "value_at_risk" or "expected_shortfall").ToList();
        var expected = from method in TailMethods.All
                       from level in settings.Levels()
                       from name in (string[])["value_at_risk", "expected_shortfall"]
                       select (method.Code, level, name);
        Assert.Equal(expected, tails.Select(row => (row.Measure.Method, row.Measure.Convention.Confidence!.Value, row.Measure.Name)));
        Assert.Equal("garch11-t-fcp", tails.First(row => row.Measure.Method == "garch_t").Model);
        Assert.Contains(rows, row => row.Measure is { Name: "maximum_drawdown", Value: < 0.0 } && row.Unit == "fraction");
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Any_series_gives_every_row_with_a_number_or_a_status(string name)
    {
        var series = HostileSeries.All[name];
        var plain = new MeasureSettings { Paths = 500, ProfileIntervals = false };
        var count = SeriesMeasures.Compute(HostileSeries.Noise(60), plain).Count;
        foreach (var settings in (MeasureSettings[])
            [
                plain,
                plain with { Kind = ReturnKind.Unstated, Window = 100 },
                plain with { Kind = ReturnKind.Simple, Percent = true, Confidences = [Confidence.Of(0.9999m), Confidence.P90, Confidence.P95] },
                plain with { Horizon = 10, HorizonRule = HorizonRule.SquareRootOfTime },
                plain with { Horizon = 10, HorizonRule = HorizonRule.OverlappingSums },
                plain with { Horizon = 10, HorizonRule = HorizonRule.Simulated, Paths = 100 },
            ])
        {
            var rows = SeriesMeasures.Compute(series, settings);
            Assert.Equal(count, rows.Count);
            Assert.All(rows, Check);
            CheckInvariants(rows);
        }
    }

    [Fact]
    public void Rows_of_random_series_hold_the_invariants() =>
        Gen.Select(Gen.Double[-0.1, 0.1].Array[60, 140], Gen.Double[1e-6, 1e3]).Sample(
            (returns, scale) =>
            {
                double[] scaled = [.. returns.Select(value => value * scale)];
                var settings = new MeasureSettings
                {
                    Confidences = [Confidence.P95, Confidence.Of(0.8m), Confidence.P90],
                    Kind = ReturnKind.Unstated,
                    Paths = 200,
                    ProfileIntervals = false,
                };
                CheckInvariants(SeriesMeasures.Compute(scaled, settings));
            },
            iter: 40);

    [Fact]
    public void A_window_measures_the_last_returns_and_names_them_where_they_stand()
    {
        var all = HostileSeries.Noise(700);
        var last = all[^250..];
        var settings = new MeasureSettings { Window = 250, EwmaWarmUp = 0 };
        var windowed = SeriesMeasures.Compute(all, settings);
        var alone = SeriesMeasures.Compute(last, settings);
        foreach (var (left, right) in windowed.Zip(alone))
        {
            if (left.Measure.Method is "volatility_weighted" or "ewma_normal")
            {
                continue;
            }

            Assert.Equal(right.Measure.Value, left.Measure.Value);
            Assert.Equal(right.Tail.Select(item => item with { Index = item.Index + 450 }), left.Tail);
            Assert.All(left.Tail, item => Assert.Equal(left.Measure.Method is "filtered_historical" ? item.Return : all[item.Index], item.Return));
        }

        var tooLong = SeriesMeasures.Compute(last, settings with { Window = 251 });
        Assert.All(tooLong, row => Assert.Equal(Status.InsufficientHistory, row.Measure.Status));
    }

    [Fact]
    public void Volatility_weights_use_history_before_the_window()
    {
        var all = HostileSeries.Noise(600);
        var row = Find(SeriesMeasures.Compute(all, new MeasureSettings { Window = 200 }), "volatility_weighted", Confidence.P95);
        var variances = Ewma.ForecastVariances(all, 0.94);
        var sigmas = variances[400..600].Select(Math.Sqrt).ToArray();
        var expected = WeightedSimulation.VolatilityWeighted(all.AsSpan(400), sigmas, Math.Sqrt(variances[^1]), Confidence.P95);
        Assert.Equal(expected.ValueAtRisk.Value, row.Measure.Value);
    }

    [Fact]
    public void A_number_falls_with_no_confidence_and_is_withdrawn_where_it_would()
    {
        // A step from two heavy weights: the linear reading of age weights is monotone, whatever lambda.
        var rows = SeriesMeasures.Compute(
            HostileSeries.Noise(120),
            new MeasureSettings { Confidences = [Confidence.P975, Confidence.P90, Confidence.P95], AgeLambda = 0.6 });
        CheckInvariants(rows);
        Assert.Equal(
            [Confidence.P90, Confidence.P95, Confidence.P975],
            rows.Where(row => row.Measure is { Name: "value_at_risk", Method: "historical" })
                .Select(row => row.Measure.Convention.Confidence!.Value));
    }

    [Fact]
    public void Settings_speak_for_themselves()
    {
        var text = new MeasureSettings().Canonical();
        Assert.Equal(text, new MeasureSettings { Confidences = [Confidence.P99, Confidence.P95, Confidence.P975, Confidence.P95] }.Canonical());
        Assert.NotEqual(text, new MeasureSettings { Seed = 43 }.Canonical());
        Assert.NotEqual(text, new MeasureSettings { Garch = new GarchSpecification { Presample = Presample.InitialVariance } }.Canonical());
        Assert.Contains("\nquantile_type=7\nddof=1\n", text, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => SeriesMeasures.Compute([0.1], new MeasureSettings { Horizon = 10 }));
    }

    internal static MeasureRow Find(IEnumerable<MeasureRow> rows, string method, Confidence level, string name = "value_at_risk") =>
        rows.Single(row => row.Measure.Name == name && row.Measure.Method == method && row.Measure.Convention.Confidence == level);

    private static void Check(MeasureRow row)
    {
        Assert.Equal(row.Measure.Status == Status.Ready, row.Measure.Value is { } value && double.IsFinite(value));
        Assert.Equal(row.Measure.Status == Status.Ready, row.Measure.Reason is null);
        Assert.True(row.Measure.Value is not null || row.Tail.Count == 0);
    }

    private static void CheckInvariants(IReadOnlyList<MeasureRow> rows)
    {
        foreach (var method in rows.GroupBy(row => row.Measure.Method))
        {
            var var = method.Where(row => row.Measure.Name == "value_at_risk").ToList();
            var es = method.Where(row => row.Measure.Name == "expected_shortfall").ToList();
            Assert.All(var.Zip(es), pair => Assert.True(
                pair.First.Measure.Value is not { } v || pair.Second.Measure.Value is not { } e || e >= v));
            foreach (var series in (List<MeasureRow>[])[var, es])
            {
                var values = series.Select(row => row.Measure.Value).OfType<double>().ToList();
                Assert.All(values.Zip(values.Skip(1)), pair => Assert.True(
                    pair.Second >= pair.First - (1e-12 * Math.Max(Math.Abs(pair.First), Math.Abs(pair.Second)))));
            }
        }
    }
}
