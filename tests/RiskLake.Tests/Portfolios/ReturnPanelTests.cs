using RiskLake.Desk.Portfolios;

namespace RiskLake.Tests.Portfolios;

public sealed class ReturnPanelTests
{
    private static readonly DateOnly[] Days = [.. Enumerable.Range(6, 6).Select(day => new DateOnly(2025, 1, day))];

    [Fact]
    public void A_day_whose_price_is_not_positive_stays_and_has_no_return()
    {
        foreach (var bad in new[] { 0.0, -5.0 })
        {
            var sample = Panel([100, 110, bad, 120, 132, 132]).Latest(["A", "B"], 10);
            Assert.Equal((5, 0, true), (sample.Sessions.Count, sample.Excluded, sample.IsCurrent));
            Assert.Equal([false, true, true, false, false], sample.Columns[0].Select(double.IsNaN));
            Assert.Equal((132.0 / 120) - 1, sample.Columns[0][3]);
            Assert.DoesNotContain(sample.Columns[1], double.IsNaN);
        }
    }

    [Fact]
    public void A_day_without_a_price_leaves_two_returns_out_and_is_counted()
    {
        var sample = Panel([100, 110, double.NaN, 120, 132, 132]).Latest(["A", "B"], 10);
        Assert.Equal([Days[1], Days[4], Days[5]], sample.Sessions);
        Assert.Equal(2, sample.Excluded);
    }

    private static ReturnPanel Panel(double[] prices) => new(new Dictionary<string, PanelSeries>
    {
        ["A"] = new("USD", Days, prices),
        ["B"] = new("USD", Days, [1, 2, 3, 4, 5, 6]),
    });
}
