using System.Collections.Concurrent;
using RiskLake.Risk;

namespace RiskLake.Risk.Measures;

/// <summary>Simulated laws of Z1 and Z2, each made once; a law is a function of its key, so who asks first does not matter.</summary>
internal sealed class ShortfallLaws
{
    private readonly ConcurrentDictionary<Key, Lazy<ShortfallCriticalValues>> _laws = [];

    public ShortfallCriticalValues Get(ShortfallStatistic statistic, int days, BacktestSettings settings)
    {
        var key = new Key(statistic, days, settings.Confidence, settings.DegreesOfFreedom, settings.Paths, settings.Seed);
        return _laws.GetOrAdd(key, static key => new Lazy<ShortfallCriticalValues>(() => ShortfallCriticalValues.Simulate(
            key.Statistic, key.Days, key.Confidence, key.DegreesOfFreedom, key.Paths, key.Seed))).Value;
    }

    private readonly record struct Key(
        ShortfallStatistic Statistic, int Days, Confidence Confidence, double? DegreesOfFreedom, int Paths, ulong Seed);
}
