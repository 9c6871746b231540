using RiskLake.Risk.Oracles;

namespace RiskLake.Tests.Risk;

public sealed class ReturnsOracleTests
{
    [Fact]
    public void Moments_and_serial_tests_agree() => Oracle.Agrees(ReturnsChecks.MomentsAndSerialTests);

    [Fact]
    public void First_returns_and_identities_agree() => Oracle.Agrees(ReturnsChecks.FirstReturns);

    [Fact]
    public void All_nine_quantile_types_agree() => Oracle.Agrees(ReturnsChecks.AllNineQuantileTypes);

    [Fact]
    public void Rolling_deviation_survives_outliers_levels_and_constants() => Oracle.Agrees(ReturnsChecks.RollingDeviation);

    [Fact]
    public void Compensated_sums_are_exact_under_cancellation() => Oracle.Agrees(ReturnsChecks.CompensatedSums);

    [Fact]
    public void Realised_measures_agree() => Oracle.Agrees(ReturnsChecks.RealisedMeasures);

    [Fact]
    public void A_confidence_never_shifts_an_order_statistic()
    {
        foreach (var trap in Oracle.Expected("numerics").GetProperty("alpha_float_trap").EnumerateObject())
        {
            // "ceil((1-0.99)*500)"
            var parts = trap.Name.Split("(1-")[1].Split(")*");
            var (whole, fraction) = Series.Level(parts[0]).TailOf(
                int.Parse(parts[1].TrimEnd(')'), System.Globalization.CultureInfo.InvariantCulture));
            Assert.Equal(trap.Value.GetProperty("exact").GetInt32(), whole + (fraction > 0.0 ? 1 : 0));
        }
    }
}
