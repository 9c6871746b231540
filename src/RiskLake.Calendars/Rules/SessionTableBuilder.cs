using static System.FormattableString;

namespace RiskLake.Calendars.Rules;

/// <summary>Evaluates the rules over a range of dates.</summary>
internal sealed class SessionTableBuilder
{
    private readonly CalendarRules _rules;
    private readonly CalendarView _view;
    private readonly ZoneMinutes _zone;
    private readonly int _firstYear;
    private readonly int _lastYear;

    public SessionTableBuilder(CalendarRules rules, DateOnly from, DateOnly through, CalendarView view)
    {
        (_rules, _view) = (rules, view);
        (_firstYear, _lastYear) = (from.Year, through.Year);
        _zone = new ZoneMinutes(rules);
        Closed = ClosedDays.Of(rules, _firstYear, _lastYear, view.BelievedOn);
    }

    public ClosedDays Closed { get; }

    public SessionTable Build(DateOnly from, DateOnly through)
    {
        var days = Days();
        var single = _rules.Sessions.ToDictionary(s => s.Date.DayNumber);
        var lateOpens = Times(_rules.LateOpens, days, s => s.Open);
        var earlyCloses = Times(_rules.EarlyCloses, days, s => s.Close);
        foreach (var disruption in _rules.Disruptions)
        {
            if (_view.Disrupted && (_view.BelievedOn is not { } believedOn || disruption.Session <= believedOn))
            {
                Disrupt(lateOpens, disruption, disruption.Open);
                Disrupt(earlyCloses, disruption, disruption.Close);
            }
        }

        var rows = new List<SessionRow>(days.Count);
        var special = new Dictionary<int, (string?, string?)>();
        var hours = new Latest<HoursRule>(_rules.Hours, r => r.From);
        var breaks = new Latest<BreakRule>(_rules.Breaks, r => r.From);
        foreach (var day in days)
        {
            if (day < from.DayNumber || day > through.DayNumber)
            {
                continue;
            }

            var late = lateOpens.GetValueOrDefault(day);
            var early = earlyCloses.GetValueOrDefault(day);
            var regular = hours.On(day) ?? throw Bad(day, "lies before the first regular hours");
            var pause = single.GetValueOrDefault(day)?.Break is { } own ? new BreakRule(From: null, Until: null, own.Start, own.End) : breaks.On(day);
            var row = Row(day, regular, pause, late.At, early.At);
            if (rows.Count > 0 && row.Open < rows[^1].Close)
            {
                throw Bad(day, "opens before the session before it has closed");
            }

            rows.Add(row);
            if (late.Why is not null || early.Why is not null)
            {
                special.Add(day, (late.Why, early.Why));
            }
        }

        return new SessionTable(rows, special);
    }

    // The days with a session, over whole years.
    private List<int> Days()
    {
        var single = _rules.Sessions.Select(s => s.Date.DayNumber).ToHashSet();
        var weeks = _rules.Weeks.Select(w => (From: w.From?.DayNumber ?? 0, Days: new WeekdaySet(w.Days))).ToArray();
        var week = 0;
        var days = new List<int>();
        for (var day = new DateOnly(_firstYear, 1, 1).DayNumber; day <= new DateOnly(_lastYear, 12, 31).DayNumber; day++)
        {
            while (week + 1 < weeks.Length && weeks[week + 1].From <= day)
            {
                week++;
            }

            if (single.Contains(day) || (weeks[week].Days.Contains(day) && !Closed.Contains(day)))
            {
                days.Add(day);
            }
        }

        return days;
    }

    /// <summary>The minutes <c>[start, end)</c> at which only sessions from one date through another can be open.</summary>
    public (int Start, int End) Covered(DateOnly from, DateOnly through)
    {
        var (_, closeBefore) = Regular(from.DayNumber - 1);
        var (firstOpen, _) = Regular(from.DayNumber);
        var (openAfter, _) = Regular(through.DayNumber + 1);
        return (
            Math.Max(closeBefore, Math.Min(firstOpen, _zone.StartOfDay(from.DayNumber))),
            Math.Min(openAfter, _zone.StartOfDay(through.DayNumber + 1)));
    }

    // The regular open and close that a day would have as a session.
    private (int Open, int Close) Regular(int day)
    {
        var hours = new Latest<HoursRule>(_rules.Hours, r => r.From).On(day) ?? _rules.Hours[0];
        return (_zone.At(day + hours.OpenDay, hours.Open), _zone.At(day + hours.CloseDay, hours.Close));
    }

    private static void Disrupt(Dictionary<int, (TimeOnly? At, string? Why)> times, Disruption disruption, TimeOnly? at)
    {
        if (at is not null)
        {
            times[disruption.Session.DayNumber] = (at, disruption.Why);
        }
    }

    private SessionRow Row(int day, HoursRule hours, BreakRule? pause, TimeOnly? lateOpen, TimeOnly? earlyClose)
    {
        var open = lateOpen is { } late ? _zone.At(day, late) : _zone.At(day + hours.OpenDay, hours.Open);
        var close = earlyClose is { } early ? _zone.At(day, early) : _zone.At(day + hours.CloseDay, hours.Close);
        if (close <= open)
        {
            throw Bad(day, "closes at or before it opens");
        }

        if (pause is null || pause.Until?.DayNumber < day)
        {
            return new SessionRow(day, open, close, close, close);
        }

        var (start, end) = (_zone.At(day, pause.Start), _zone.At(day, pause.End));
        if (close <= end || open >= end)
        {
            return new SessionRow(day, open, close, close, close);
        }

        return open < start
            ? new SessionRow(day, open, start, end, close)
            : throw Bad(day, "opens inside its break");
    }

    // A single session's own times win; then rules that list their days, over rules with patterns; within each kind the first in the file.
    private Dictionary<int, (TimeOnly? At, string? Why)> Times(
        IReadOnlyList<DatedRule> rules, List<int> sessions, Func<SingleSession, TimeOnly?> own)
    {
        var times = new Dictionary<int, (TimeOnly?, string?)>();
        foreach (var session in _rules.Sessions)
        {
            if (own(session) is { } at)
            {
                times.Add(session.Date.DayNumber, (at, session.Why));
            }
        }

        var found = new List<int>();
        foreach (var rule in rules.OrderBy(r => r.Pattern is DayPattern.Listed ? 0 : 1))
        {
            found.Clear();
            if (rule.Pattern is DayPattern.SessionOfYear { First: var first })
            {
                CollectSessionsOfYears(rule, first, sessions, found);
            }
            else
            {
                ClosedDays.Collect(rule, _firstYear, _lastYear, found);
            }

            foreach (var day in found)
            {
                times.TryAdd(day, (rule.At, rule.Name));
            }
        }

        return times;
    }

    private static void CollectSessionsOfYears(DatedRule rule, bool first, List<int> sessions, List<int> found)
    {
        for (var i = 0; i < sessions.Count; i++)
        {
            var year = DateOnly.FromDayNumber(sessions[i]).Year;
            var neighbour = first ? i - 1 : i + 1;
            if ((neighbour < 0 || neighbour == sessions.Count || DateOnly.FromDayNumber(sessions[neighbour]).Year != year)
                && (rule.Years.Length == 0 || Array.Exists(rule.Years, y => y.Contains(year)))
                && rule.Weekdays.Contains(sessions[i]))
            {
                found.Add(sessions[i]);
            }
        }
    }

    private CalendarException Bad(int day, string what) =>
        new(
            CalendarFault.RuleFile,
            Invariant($"session {DateOnly.FromDayNumber(day):yyyy-MM-dd} of {_rules.Id} {what}"),
            _rules.Files[0],
            line: null);

    /// <summary>Walks along rules that replace one another, asked for ascending days.</summary>
    private struct Latest<T>(IReadOnlyList<T> rules, Func<T, DateOnly?> from)
        where T : class
    {
        private int _next;

        public T? On(int day)
        {
            while (_next < rules.Count && (from(rules[_next])?.DayNumber ?? 0) <= day)
            {
                _next++;
            }

            return _next == 0 ? null : rules[_next - 1];
        }
    }
}

/// <summary>From clock times in a calendar's zone to minutes since the Unix epoch.</summary>
internal sealed class ZoneMinutes(CalendarRules rules)
{
    private const int MinutesPerDay = 1440;

    private static readonly int s_epochDay = DateOnly.FromDateTime(DateTime.UnixEpoch).DayNumber;

    // The local minutes between which the current offset is the only one possible.
    private long _from = long.MaxValue;
    private long _to = long.MinValue;
    private int _offset;

    public int At(int dayNumber, TimeOnly time)
    {
        var local = ((long)(dayNumber - s_epochDay) * MinutesPerDay) + (time.Hour * 60) + time.Minute;
        if (local < _from || local >= _to)
        {
            Find(dayNumber, time, local);
        }

        return checked((int)(local - _offset));
    }

    /// <summary>The first minute of a day, which is not midnight where the clocks change at midnight.</summary>
    public int StartOfDay(int dayNumber)
    {
        var start = rules.Zone.AtStartOfDay(NodaTime.LocalDate.FromDateOnly(DateOnly.FromDayNumber(dayNumber)));
        return checked((int)(start.ToInstant().ToUnixTimeSeconds() / 60));
    }

    private void Find(int dayNumber, TimeOnly time, long local)
    {
        var date = DateOnly.FromDayNumber(dayNumber);
        var mapping = rules.Zone.MapLocal(NodaTime.LocalDate.FromDateOnly(date).At(NodaTime.LocalTime.FromTimeOnly(time)));
        var interval = mapping.EarlyInterval;
        if (mapping.Count != 1 || interval.WallOffset.Seconds % 60 != 0)
        {
            var what = mapping.Count == 0 ? "does not exist" : mapping.Count > 1 ? "happens twice" : "has no whole-minute offset from UTC";
            throw new CalendarException(
                CalendarFault.RuleFile, Invariant($"{date:yyyy-MM-dd} {time:HH:mm} {what} in {rules.ZoneId}"), rules.Files[0], line: null);
        }

        _offset = interval.WallOffset.Seconds / 60;

        // A day away from either transition no other offset can compete for a local time.
        _from = interval.HasStart ? Math.Min(local, (interval.Start.ToUnixTimeSeconds() / 60) + _offset + MinutesPerDay) : long.MinValue;
        _to = interval.HasEnd ? Math.Max(local + 1, (interval.End.ToUnixTimeSeconds() / 60) + _offset - MinutesPerDay) : long.MaxValue;
    }
}
