using System.Globalization;
using System.Text.Json;
using RiskLake.Risk;

namespace RiskLake.Desk.Limits;

/// <summary>A verdict as it stands in the lake: with the run that published it.</summary>
/// <param name="RunId">The run.</param>
/// <param name="AsOf">What the run knew, in microseconds.</param>
/// <param name="ValuationTime">What it is about, in microseconds.</param>
/// <param name="Verdict">The verdict.</param>
internal sealed record PublishedVerdict(string RunId, long? AsOf, long? ValuationTime, LimitVerdict Verdict);

/// <summary>An episode of one limit and scope: from the first day outside to the day it was resolved.</summary>
internal sealed record LimitBreach
{
    public const string Open = "open";
    public const string Resolved = "resolved";

    public required string Limit { get; init; }

    public required LimitScope Scope { get; init; }

    public required string Owner { get; init; }

    /// <summary>As of the episode's last day.</summary>
    public required LimitedMeasure Measure { get; init; }

    public required LimitEpisode Episode { get; init; }

    /// <summary>Last day with a verdict, whatever it was; of a resolved episode the day it was resolved.</summary>
    public required DateOnly LastDate { get; init; }

    public string State => Episode.Resolved is null ? Open : Resolved;

    /// <summary>Level after the last event.</summary>
    public LimitLevel Level => Episode.Events[^1].Level;

    /// <summary>Whether a date lies in the episode; the day of its resolution does not.</summary>
    public bool Contains(DateOnly date) => date >= Episode.Opened && (Episode.Resolved is not { } end || date < end);

    /// <summary>The events as a JSON array, in date order.</summary>
    public string EventsJson()
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream))
        {
            writer.WriteStartArray();
            foreach (var (date, step, level, value) in Episode.Events)
            {
                writer.WriteStartObject();
                writer.WriteString("date", date.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture));
                writer.WriteString("step", Text(step));
                writer.WriteString("level", Text(level));
                writer.WriteNumber("value", value);
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
        }

        return System.Text.Encoding.UTF8.GetString(stream.ToArray());
    }

    public static string Text(LimitLevel level) => level switch
    {
        LimitLevel.Within => LimitVerdict.Ok,
        LimitLevel.Warn => LimitVerdict.Warning,
        _ => LimitVerdict.Critical,
    };

    public static string Text(EpisodeStep step) => step switch
    {
        EpisodeStep.Opened => "opened",
        EpisodeStep.Escalated => "escalated",
        EpisodeStep.Eased => "eased",
        _ => Resolved,
    };

    /// <summary>
    /// All episodes, by limit, scope and first day: a function of the set of verdicts, in whatever order they were published. Of several
    /// verdicts on one limit, scope and date the one that knew most counts: of the greatest <c>as_of</c>, then of the greater run id.
    /// </summary>
    public static IReadOnlyList<LimitBreach> Of(IEnumerable<PublishedVerdict> verdicts)
    {
        List<LimitBreach> breaches = [];
        var groups = Latest(verdicts).GroupBy(verdict => (verdict.Limit, verdict.Scope))
            .OrderBy(group => group.Key.Limit, StringComparer.Ordinal)
            .ThenBy(group => group.Key.Scope.Kind, StringComparer.Ordinal)
            .ThenBy(group => group.Key.Scope.Name, StringComparer.Ordinal);
        foreach (var group in groups)
        {
            var days = group.OrderBy(verdict => verdict.Date).ToArray();
            var episodes = LimitMonitor.Episodes(
                days.Select(day => new LimitObservation(day.Date, day.Value, day.WarnAmount, day.CriticalAmount)), days[^1].CleanDays);
            foreach (var episode in episodes)
            {
                var last = episode.Resolved is { } end ? Array.Find(days, day => day.Date == end)! : days[^1];
                breaches.Add(new LimitBreach
                {
                    Limit = group.Key.Limit,
                    Scope = group.Key.Scope,
                    Owner = last.Owner,
                    Measure = last.Measure,
                    Episode = episode,
                    LastDate = last.Date,
                });
            }
        }

        return breaches;
    }

    /// <summary>For each limit, scope and date the verdict that counts.</summary>
    public static IEnumerable<LimitVerdict> Latest(IEnumerable<PublishedVerdict> verdicts) => verdicts
        .GroupBy(published => (published.Verdict.Limit, published.Verdict.Scope, published.Verdict.Date))
        .Select(group => group
            .OrderByDescending(published => published.AsOf ?? long.MinValue)
            .ThenByDescending(published => published.RunId, StringComparer.Ordinal)
            .First().Verdict);
}
