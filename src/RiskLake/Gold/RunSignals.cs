using System.Text;
using RiskLake.Contracts;
using RiskLake.Errors;
using RiskLake.Lake;
using RiskLake.Silver;

namespace RiskLake.Gold;

/// <summary>
/// The configured signals as a run carries them: of each, the latest value that was known at the run's <c>as_of</c>, about a period no
/// later than its <c>valuation_time</c>, in the lake at one version. A signal without such a value is there with null.
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
            foreach (var file in snapshot.Files(Layer.Silver, list.Dataset).Where(file => MayHold(file, names)))
            {
                SignalVintages.Read(Existing(file), known, names);
            }
        }

        var valued = known.Known.Where(pair => pair.Value.Value.Value is not null && pair.Key.Period * MicrosPerDay <= valuationTime)
            .ToLookup(pair => (pair.Key.Name, pair.Key.Source));
        return [.. list.Entries.Select(entry => KeyValuePair.Create(entry.Name, Latest(entry, valued[(entry.Name, entry.Source)], valuationTime)))];
    }

    private static double? Latest(SignalEntry entry, IEnumerable<KeyValuePair<SignalPeriod, Vintage<SignalValue>>> values, long valuationTime)
    {
        var latest = values.OrderByDescending(pair => pair.Key.Period).Take(1).ToArray();
        return latest.Length == 0 || (valuationTime - (latest[0].Key.Period * MicrosPerDay)) / MicrosPerDay > (entry.MaxAgeDays ?? int.MaxValue)
            ? null
            : latest[0].Value.Value.Value;
    }

    /// <summary>Whether the range of the names in a file has room for one of these.</summary>
    private static bool MayHold(DataFile file, string[] names) =>
        file.Statistics.FirstOrDefault(column => column.Column == "name") is not { HasRange: true, MinBytes: { } min, MaxBytes: { } max }
        || names.Select(Encoding.UTF8.GetBytes).Any(text =>
            text.AsSpan().SequenceCompareTo(min) >= 0
            && text.AsSpan().SequenceCompareTo(max) <= 0);

    private void Require(IReadOnlyCollection<Columns.ColumnSchema> columns)
    {
        if (!SignalVintages.AreIn(columns))
        {
            throw new RiskLakeException(
                ErrorCode.ConfigurationInvalid, "signals",
                $"dataset '{list.Dataset}', which holds no signals", "a dataset with the columns of external_signals",
                "name it with 'dataset:' in signals.yaml");
        }
    }

    private string Existing(DataFile file)
    {
        var path = lake.Paths.Absolute(file.DeltaPath);
        return File.Exists(path) ? path : throw new RiskLakeException(
            ErrorCode.LakeVersionUnknown, path, "no such file: it was vacuumed, or lost", "the signals that the run was made with",
            "`risklake lake verify` tells which; a run whose signals were vacuumed cannot be made again");
    }
}
