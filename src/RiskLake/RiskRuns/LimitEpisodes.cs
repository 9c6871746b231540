using System.Text.Json.Nodes;
using RiskLake.Contracts;
using RiskLake.Desk.Limits;
using RiskLake.Gold;
using RiskLake.Lake;
using RiskLake.Lake.Columns;
using RiskLake.Lake.Storage;
using RiskLake.Risk.Measures;
using RiskLake.Runs;

namespace RiskLake.RiskRuns;

/// <summary>
/// The run <c>limits</c>: the episodes of all breaches, made anew from the verdicts of every published run of risk. Superseded attempts
/// stay in the history, so that no episode that was once published is lost.
/// </summary>
internal static class LimitEpisodes
{
    public const string RunId = Runs.RunId.Limits;

    /// <summary>Raised when the same verdicts would give other episodes.</summary>
    public const int OutputVersion = 2;

    /// <summary>How long to wait for another process that makes them: it may not have seen what this one published.</summary>
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(5);

    private static readonly string s_code = FormattableString.Invariant($"limits/{OutputVersion}");

    /// <summary>Publishes the episodes as they are now; null when there is no verdict and never was.</summary>
    /// <param name="lake">The lake; the caller has recovered it.</param>
    /// <param name="clock">Times of the record's <c>execution</c> block.</param>
    /// <param name="storage">Where the lake is kept.</param>
    /// <param name="ct">Stops before the decision.</param>
    public static RunOutcome? Publish(LakeStore lake, TimeProvider clock, IStorage storage, CancellationToken ct)
    {
        var snapshot = lake.Snapshot();
        var holdsVerdicts = snapshot.Files(Layer.Gold, LimitTables.Evaluations.Dataset).Any();
        var isPublished = snapshot.Runs.TryGetValue(RunId, out var state) && state.IsPublished;
        if (!holdsVerdicts && !isPublished)
        {
            return null;
        }

        var publisher = new GoldPublisher(lake, storage, clock, RunId, GoldWork.Limits) { LockTimeout = s_patience, IsRecovered = true };
        return GoldPublication.Execute(publisher, at => At(lake, at), ct);
    }

    /// <summary>The run as it is made from a version of the lake.</summary>
    public static GoldRun At(LakeStore lake, LakeSnapshot snapshot) => Prepare(LimitHistory.Verdicts(lake, snapshot));

    private static GoldRun Prepare(IReadOnlyList<PublishedVerdict> verdicts)
    {
        var breaches = LimitBreach.Of(verdicts);
        var asOf = verdicts.Max(verdict => verdict.AsOf);
        var valuationTime = verdicts.Max(verdict => verdict.ValuationTime);
        return new GoldRun
        {
            Fingerprint = Fingerprint(breaches, asOf, valuationTime),
            AsOf = asOf,
            ValuationTime = valuationTime,
            Reads = [(Layer.Gold, LimitTables.Evaluations.Dataset)],
            Write = staging =>
            {
                var rows = new LimitRows(s_code, RunId, asOf, valuationTime);
                using var batch = new RecordBatch(LimitTables.Breaches.Schema);
                foreach (var breach in breaches)
                {
                    rows.Append(batch, breach);
                }

                return GoldRows.Write(staging, LimitTables.Breaches, batch, asOf);
            },
            Facts = () => new JsonObject
            {
                ["verdicts"] = LimitBreach.Latest(verdicts).Count(),
                ["episodes"] = breaches.Count,
                ["episodes_open"] = breaches.Count(breach => breach.State == LimitBreach.Open),
                ["configuration"] = new JsonObject { ["output_version"] = OutputVersion },
            },
        };
    }

    private static string Fingerprint(IReadOnlyList<LimitBreach> breaches, long? asOf, long? valuationTime)
    {
        var text = new CanonicalText("limit-episodes/1")
            .Add("as_of", RunRecord.Time(asOf)).Add("valuation_time", RunRecord.Time(valuationTime)).Add("output_version", OutputVersion);
        foreach (var breach in breaches)
        {
            text.Add("limit", breach.Limit)
                .Add("scope", breach.Scope.ToString())
                .Add("owner", breach.Owner)
                .Add("measure", breach.Measure.ToString())
                .Add("last", breach.LastDate.DayNumber)
                .Add("outside", breach.Episode.DaysOutside)
                .Add("without", breach.Episode.DaysWithoutValue)
                .Add("peak", breach.Episode.PeakValue)
                .Add("peak_date", breach.Episode.PeakDate.DayNumber)
                .Add("events", breach.EventsJson());
        }

        return text.Sha256();
    }
}
