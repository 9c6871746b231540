namespace RiskLake.Risk;

/// <summary>How far a value is into its limit.</summary>
public enum LimitLevel
{
    /// <summary>At most the warning threshold.</summary>
    Within,

    /// <summary>Above the warning threshold.</summary>
    Warn,

    /// <summary>Above the limit.</summary>
    Critical,
}

/// <summary>What happened to an episode on a day.</summary>
public enum EpisodeStep
{
    /// <summary>The first day outside.</summary>
    Opened,

    /// <summary>From warn to critical.</summary>
    Escalated,

    /// <summary>From critical to warn.</summary>
    Eased,

    /// <summary>Back within for the required number of days.</summary>
    Resolved,
}

/// <summary>A value and the thresholds in force on its date.</summary>
/// <param name="Date">The date.</param>
/// <param name="Value">The measure; null when it has none that day.</param>
/// <param name="Warn">Warning threshold.</param>
/// <param name="Critical">Limit, at least the warning threshold.</param>
public readonly record struct LimitObservation(DateOnly Date, double? Value, double Warn, double Critical);

/// <summary>The verdict on one day.</summary>
/// <param name="Observation">What was judged.</param>
/// <param name="Level">The level; null on a day without a value.</param>
/// <param name="Utilization">Value over limit; null without a value or with a limit that is not positive.</param>
public readonly record struct LimitEvaluation(LimitObservation Observation, LimitLevel? Level, double? Utilization);

/// <summary>A change in an episode.</summary>
/// <param name="Date">The day.</param>
/// <param name="Step">The change.</param>
/// <param name="Level">The level from that day on.</param>
/// <param name="Value">The value that day.</param>
public readonly record struct EpisodeEvent(DateOnly Date, EpisodeStep Step, LimitLevel Level, double Value);

/// <summary>An uninterrupted stay outside the warning threshold, identified by its first day.</summary>
/// <param name="Opened">First day outside.</param>
/// <param name="Resolved">The day it was resolved; null while open.</param>
/// <param name="Peak">The highest level reached.</param>
/// <param name="PeakValue">The greatest value.</param>
/// <param name="PeakDate">The first day with it.</param>
/// <param name="DaysOutside">Days above the warning threshold.</param>
/// <param name="DaysWithoutValue">Days inside the episode on which the measure had no value.</param>
/// <param name="Events">What happened, in date order.</param>
public sealed record LimitEpisode(
    DateOnly Opened,
    DateOnly? Resolved,
    LimitLevel Peak,
    double PeakValue,
    DateOnly PeakDate,
    int DaysOutside,
    int DaysWithoutValue,
    IReadOnlyList<EpisodeEvent> Events);

/// <summary>Judges a measure against its limits and groups the breaches into episodes.</summary>
/// <remarks>
/// A value breaches a threshold if it is above it, strictly. Both functions look at the whole history by date: the order in which days arrive, and
/// how often one is restated, cannot change the outcome. A day without a value neither opens, moves nor resolves an episode.
/// </remarks>
public static class LimitMonitor
{
    /// <summary>The verdicts, in date order.</summary>
    /// <exception cref="ArgumentException">A date occurs twice, a threshold is not finite, or a warning stands above its limit.</exception>
    public static IReadOnlyList<LimitEvaluation> Evaluate(IEnumerable<LimitObservation> observations)
    {
        ArgumentNullException.ThrowIfNull(observations);
        LimitObservation[] ordered = [.. observations.OrderBy(static observation => observation.Date)];
        var result = new LimitEvaluation[ordered.Length];
        for (var i = 0; i < ordered.Length; i++)
        {
            var (date, value, warn, critical) = ordered[i];
            if (!double.IsFinite(warn) || !double.IsFinite(critical) || warn > critical)
            {
                throw new ArgumentException(
                    FormattableString.Invariant($"Thresholds of {date:yyyy-MM-dd} are not finite or not in order."), nameof(observations));
            }

            if (i > 0 && ordered[i - 1].Date == date)
            {
                throw new ArgumentException(FormattableString.Invariant($"{date:yyyy-MM-dd} occurs twice."), nameof(observations));
            }

            LimitLevel? level = value is not { } number || !double.IsFinite(number) ? null
                : number > critical ? LimitLevel.Critical
                : number > warn ? LimitLevel.Warn
                : LimitLevel.Within;
            result[i] = new LimitEvaluation(ordered[i], level, level is null || !(critical > 0.0) ? null : value / critical);
        }

        return result;
    }

    /// <summary>The episodes, in order of their first day.</summary>
    /// <param name="observations">One per date, in any order.</param>
    /// <param name="cleanDays">Consecutive days within, counting only days with a value, after which an episode is resolved.</param>
    public static IReadOnlyList<LimitEpisode> Episodes(IEnumerable<LimitObservation> observations, int cleanDays = 1)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(cleanDays, 1);
        List<LimitEpisode> episodes = [];
        Stay? stay = null;
        foreach (var (observation, level, _) in Evaluate(observations))
        {
            if (level is not { } now || observation.Value is not { } value)
            {
                if (stay is not null)
                {
                    stay.DaysWithoutValue++;
                }
            }
            else if (now > LimitLevel.Within)
            {
                (stay ??= new Stay()).Add(observation.Date, now, value);
            }
            else if (stay is not null && ++stay.Clean >= cleanDays)
            {
                stay.Events.Add(new EpisodeEvent(observation.Date, EpisodeStep.Resolved, LimitLevel.Within, value));
                episodes.Add(stay.Episode(observation.Date));
                stay = null;
            }
        }

        if (stay is not null)
        {
            episodes.Add(stay.Episode(null));
        }

        return episodes;
    }

    /// <summary>An episode while its days are read.</summary>
    private sealed class Stay
    {
        private LimitLevel _current;
        private LimitLevel _peak;
        private (DateOnly Date, double Value) _greatest;
        private int _daysOutside;

        public List<EpisodeEvent> Events { get; } = [];

        public int Clean { get; set; }

        public int DaysWithoutValue { get; set; }

        public void Add(DateOnly date, LimitLevel level, double value)
        {
            if (level != _current)
            {
                var step = Events.Count == 0 ? EpisodeStep.Opened : level > _current ? EpisodeStep.Escalated : EpisodeStep.Eased;
                Events.Add(new EpisodeEvent(date, step, level, value));
            }

            _greatest = _daysOutside == 0 || value > _greatest.Value ? (date, value) : _greatest;
            (_current, _peak, Clean) = (level, level > _peak ? level : _peak, 0);
            _daysOutside++;
        }

        public LimitEpisode Episode(DateOnly? resolved) => new(
            Events[0].Date, resolved, _peak, _greatest.Value, _greatest.Date, _daysOutside, DaysWithoutValue, [.. Events]);
    }
}
