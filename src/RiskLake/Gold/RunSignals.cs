using RiskLake.Contracts;
using RiskLake.Ingest.Silver;
using RiskLake.Lake;
using RiskLake.Lake.Errors;

namespace RiskLake.Gold;

/// <summary>
/// The configured signals as a run carries them: of each, the latest value that was known at the run's <c>as_of</c>, about a period no
/// later than its <c>valuation_time</c>, in the lake at one version. A signal without such a value is left out: many readers of maps
/// stumble over a null in one.
/// </summary>
internal sealed class RunSignals(SignalList list, LakeStore lake)
{
    private const long MicrosPerDay = 86_400_000_000;

    /// <summary>Whether runs changed between two versions that may hold signals.</summary>
    public bool MayDiffer(LakeSnapshot before, LakeSnapshot latest) =>
        list.Entries.Count > 0 && latest.Runs.Values.Any(run => run.LastVersion > before.Version && run.Dataset == list.Dataset);

    /// <summary>The values, ordered by name.</summary>
    public IReadOnlyList<KeyValuePair<string, double?>> At(LakeSnapshot snapshot, long asOf, long valuationTime)
    {
        var time = KnowledgeTime.At(asOf);
        var known = new PointInTime<SignalPeriod, SignalValue>(
            (day, received) => time.Knows(day, received) && (!list.IsByReceipt || received <= asOf));
        var names = list.Entries.Select(entry => entry.Name).ToArray();
        if (names.Length > 0 && snapshot.Schema(Layer.Silver, list.Dataset) is { } columns)
        {
            Require(columns);
            foreach (var path in SilverFiles.Holding(lake, snapshot, list.Dataset, "name", names))
            {
                SignalVintages.Read(path, known, names);
            }
        }

        var valued = known.Known.Where(pair => pair.Value.Value.Value is not null && pair.Key.Period * MicrosPerDay <= valuationTime)
            .ToLookup(pair => (pair.Key.Name, pair.Key.Source));
        return
        [
            .. list.Entries.Select(entry => KeyValuePair.Create(entry.Name, Latest(entry, valued[(entry.Name, entry.Source)], valuationTime)))
                .Where(signal => signal.Value is not null),
        ];
    }

    private static double? Latest(SignalEntry entry, IEnumerable<KeyValuePair<SignalPeriod, Vintage<SignalValue>>> values, long valuationTime)
    {
        var latest = values.OrderByDescending(pair => pair.Key.Period).Take(1).ToArray();
        return latest.Length == 0 || (valuationTime - (latest[0].Key.Period * MicrosPerDay)) / MicrosPerDay > (entry.MaxAgeDays ?? int.MaxValue)
            ? null
            : latest[0].Value.Value.Value;
    }

    private void Require(IReadOnlyCollection<Lake.Columns.ColumnSchema> columns)
    {
        if (!SignalVintages.AreIn(columns))
        {
            throw new RiskLakeException(
                ErrorCode.ConfigurationInvalid, "signals",
                $"dataset '{list.Dataset}', which holds no signals", "a dataset with the columns of external_signals",
                "name it with 'dataset:' in signals.yaml");
        }
    }
}
