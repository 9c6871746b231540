using System.Globalization;
using System.Numerics;
using CsCheck;
using RiskLake.Contracts;
using RiskLake.Quality;
using RiskLake.Tests.Decoding;

namespace RiskLake.Tests.Quality;

/// <summary>Rates are held against limits as they are written: no last bit of a division decides.</summary>
public sealed class ExactVerdictTests
{
    private static readonly Gen<(string Text, BigInteger Digits, BigInteger Divisor)> Limit =
        Gen.Select(Gen.Int[0, 10_000], Gen.Int[0, 8]).Where(pair => pair.Item1 <= BigInteger.Pow(10, pair.Item2)).Select((digits, places) => (
            new decimal(digits, 0, 0, false, (byte)places).ToString(CultureInfo.InvariantCulture), new BigInteger(digits), BigInteger.Pow(10, places)));

    [Fact]
    public void A_share_compares_with_its_limit_as_fractions_do() => Gen.Select(Limit, Gen.Long[1, 1L << 40], Gen.Double[0, 1]).Sample(
        (limit, whole, share) =>
        {
            var exact = new DecimalLimit(double.Parse(limit.Text, CultureInfo.InvariantCulture));
            var edge = (long)(limit.Digits * whole / limit.Divisor);
            foreach (var part in new[] { (long)(whole * share), edge, Math.Max(0, edge - 1), Math.Min(whole, edge + 1) })
            {
                Assert.Equal((part * limit.Divisor).CompareTo(limit.Digits * whole), Math.Sign(exact.Compare(part, whole)));
            }
        });

    [Theory]
    [InlineData("0.01", 100, 1)]
    [InlineData("0.02", 50, 1)]
    [InlineData("0.02", 150, 3)]
    [InlineData("0.05", 1380, 69)]
    [InlineData("0.07", 100, 7)]
    public void A_rate_at_its_limit_passes_and_one_more_breaches(string limit, long whole, long part)
    {
        var value = double.Parse(limit, CultureInfo.InvariantCulture);
        var thresholds = new Thresholds
        {
            MaxLateRate = value, MaxDuplicateRate = value, MaxQuarantineRate = value, VolatilityWarn = 1, VolatilityCritical = 1, Sha256 = "",
        };
        foreach (var (count, expected) in new[] { (part, CheckStatus.Passed), (part + 1, CheckStatus.Failed) })
        {
            var duplicates = Gate.Ask(ContractSamples.MarketEvent, thresholds, new RunCounts(whole, 0, whole, whole - count, 0), []);
            Assert.Equal(expected, duplicates.Check(Gate.DuplicateRate).Status);
            Assert.Equal(1.0 - ((double)(whole - count) / whole), duplicates.Check(Gate.DuplicateRate).Observed);
            var late = Gate.Ask(ContractSamples.MarketEvent, thresholds, new RunCounts(whole, 0, whole, whole, count), []);
            Assert.Equal(expected, late.Check(Gate.LateRate).Status);
            var rejected = Gate.Ask(ContractSamples.MarketEvent, thresholds, new RunCounts(whole, count, whole - count, whole - count, 0), []);
            Assert.Equal(expected, rejected.Check(Gate.QuarantineRate).Status);
        }
    }
}
