using System.Text.RegularExpressions;
using RiskLake.Risk;
using RiskLake.Risk.Measures;

namespace RiskLake.Tests.Measures;

public sealed partial class TailMethodsTests
{
    /// <summary>A history of settings rests on these names: a method that is added later must not be among them.</summary>
    private const string Standard =
        "historical age_weighted age_weighted_linear volatility_weighted filtered_historical normal ewma_normal garch_normal garch_t "
        + "student_t cornish_fisher peaks_over_threshold monte_carlo";

    [Fact]
    public void Every_method_that_is_written_is_in_the_list_once()
    {
        var written = typeof(TailMethod).Assembly.GetTypes().Where(type => type.IsSubclassOf(typeof(TailMethod))).ToHashSet();
        Assert.Equal(written.Count, TailMethods.All.Count);
        Assert.True(written.SetEquals(TailMethods.All.Select(method => method.GetType())));
        Assert.All(TailMethods.All, method => Assert.Matches(Snake(), method.Code));
        Assert.Distinct(TailMethods.All.Select(method => method.Code));
        Assert.Distinct(TailMethods.All.Select(method => method.Words));
        Assert.Distinct(TailMethods.All.Select(method => method.Order));
        Assert.Equal(TailMethods.All.OrderBy(method => method.Order), TailMethods.All);
    }

    [Fact]
    public void Settings_that_name_no_method_mean_the_same_methods_for_ever()
    {
        Assert.Equal(Standard, string.Join(' ', TailMethods.Standard.Select(method => method.Code)));
        Assert.Equal("historical normal ewma_normal", string.Join(' ', TailMethods.StandardRolling.Select(method => method.Code)));
        Assert.Contains($"methods={Standard}\n", new MeasureSettings().Canonical(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_method_is_found_by_its_code_and_by_nothing_else()
    {
        Assert.All(TailMethods.All, method => Assert.Same(method, TailMethods.Named(method.Code)));
        Assert.Null(TailMethods.Find("monte_carlo_2"));
        Assert.Null(TailMethods.Find("Historical"));
        Assert.Throws<ArgumentException>(() => TailMethods.Named("no_such_method"));
    }

    [Fact]
    public void Rows_carry_the_code_of_the_method_that_made_them()
    {
        double[] returns = [.. Enumerable.Range(0, 600).Select(i => 0.01 * Math.Sin(i * i))];
        foreach (var method in TailMethods.All)
        {
            var settings = new MeasureSettings { Methods = [method], Summary = false, Confidences = [Confidence.P975] };
            Assert.Equal([method.Code, method.Code], SeriesMeasures.Compute(returns, settings).Select(row => row.Measure.Method));
        }
    }

    [Fact]
    public void Forecasts_day_by_day_see_only_the_days_before()
    {
        double[] returns = [.. Enumerable.Range(0, 300).Select(i => 0.01 * Math.Sin(i * i))];
        double[] other = [.. returns[..200], .. Enumerable.Repeat(0.5, 100)];
        foreach (var method in TailMethods.WithForecasts)
        {
            var (one, two) = (Make(returns), Make(other));
            Assert.Equal(one.ValueAtRisk[..101], two.ValueAtRisk[..101]);
            Assert.Equal(one.Shortfall[..101], two.Shortfall[..101]);
            Assert.NotEqual(one.ValueAtRisk[199], two.ValueAtRisk[199]);
            DailyForecasts Make(double[] values) => method.Rolling!.Make(new RollingWork(values, 100, 100, Confidence.P95, new MeasureSettings()));
        }
    }

    [GeneratedRegex("^[a-z][a-z0-9_]*$", RegexOptions.None, 1000)]
    private static partial Regex Snake();
}
