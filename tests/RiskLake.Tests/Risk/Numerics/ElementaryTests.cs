using CsCheck;
using RiskLake.Risk.Numerics;

namespace RiskLake.Tests.Risk.Numerics;

public sealed class ElementaryTests
{
    [Fact]
    public void Exp_agrees_with_the_platform_within_two_units() =>
        Gen.Double[-745.0, 709.0].Sample(x => WithinUnits(Elementary.Exp(x), Math.Exp(x), 2));

    [Fact]
    public void Expm1_and_log1p_undo_each_other_near_zero() =>
        Gen.Double[-0.5, 5.0].Sample(x => Math.Abs(Elementary.Log1p(Elementary.Expm1(x)) - x) <= 1e-15 * Math.Max(Math.Abs(x), 1e-300) * 4);

    [Fact]
    public void Log_agrees_with_the_platform_within_two_units() =>
        Gen.Double[-300.0, 300.0].Select(e => Math.Pow(10.0, e)).Sample(x => WithinUnits(Elementary.Log(x), Math.Log(x), 2));

    [Fact]
    public void Log_near_one_agrees_with_the_platform_within_two_units() =>
        Gen.Double[0.4, 2.5].Sample(x => WithinUnits(Elementary.Log(x), Math.Log(x), 2));

    [Fact]
    public void Pow_agrees_with_the_platform_within_four_units() =>
        Gen.Select(Gen.Double[0.001, 1000.0], Gen.Double[-90.0, 90.0])
            .Sample((x, y) => WithinUnits(Elementary.Pow(x, y), Math.Pow(x, y), 4));

    [Theory]
    [InlineData(0.0, double.NegativeInfinity)]
    [InlineData(-1.0, double.NaN)]
    [InlineData(1.0, 0.0)]
    [InlineData(double.PositiveInfinity, double.PositiveInfinity)]
    [InlineData(double.NaN, double.NaN)]
    [InlineData(double.Epsilon, -744.4400719213812)]
    public void Log_at_its_edges(double x, double expected) => Assert.Equal(expected, Elementary.Log(x), 1e-12);

    [Theory]
    [InlineData(710.0, double.PositiveInfinity)]
    [InlineData(-746.0, 0.0)]
    [InlineData(0.0, 1.0)]
    [InlineData(double.NaN, double.NaN)]
    [InlineData(-745.0, double.Epsilon)]
    [InlineData(double.NegativeInfinity, 0.0)]
    public void Exp_at_its_edges(double x, double expected) => Assert.Equal(expected, Elementary.Exp(x));

    [Theory]
    [InlineData(0.0, 2.0, 0.0)]
    [InlineData(0.0, -2.0, double.PositiveInfinity)]
    [InlineData(2.0, 10.0, 1024.0)]
    [InlineData(-2.0, 2.0, double.NaN)]
    [InlineData(0.5, double.PositiveInfinity, 0.0)]
    [InlineData(10.0, 400.0, double.PositiveInfinity)]
    public void Pow_at_its_edges(double x, double y, double expected) => Assert.Equal(expected, Elementary.Pow(x, y));

    private static bool WithinUnits(double actual, double expected, int units) =>
        Math.Abs(BitConverter.DoubleToInt64Bits(actual) - BitConverter.DoubleToInt64Bits(expected)) <= units;
}
