namespace RiskLake.Quality;

/// <summary>One session of one symbol, or a day without one on which it had events.</summary>
internal sealed class SessionCount(DateOnly session)
{
    public DateOnly Session { get; } = session;

    /// <summary>Trading minutes of the session that had begun when the run was made; 0 on a day without a session.</summary>
    public int Expected { get; set; }

    /// <summary>Those with at least one event.</summary>
    public int Observed { get; set; }

    public double? Completeness => Expected > 0 ? (double)Observed / Expected : null;

    public long? First { get; set; }

    public long? Last { get; set; }

    public long Events { get; set; }

    /// <summary>Events outside the trading minutes; on a day without a session, all of them.</summary>
    public long Outside { get; set; }

    /// <summary>Trading minutes from the last event until what the run knew; null without an event.</summary>
    public int? Staleness { get; set; }
}

/// <summary>Counts the events of one symbol against its market's sessions.</summary>
internal sealed class SessionTally
{
    private readonly SortedDictionary<int, SessionCount> _days = [];

    private SessionTally(SessionClock clock) => Clock = clock;

    public SessionClock Clock { get; }

    /// <summary>The sessions that were expected and the days that had events, ascending.</summary>
    public IEnumerable<SessionCount> Days => _days.Values;

    /// <summary>Events at times that the calendar knows.</summary>
    public long Evaluated { get; private set; }

    public long OutOfSession { get; private set; }

    public long NonTradingDay { get; private set; }

    /// <summary>
    /// Expected are the sessions from the symbol's first event on that opened by the valuation time and before what the run knew: a
    /// symbol that falls silent is noticed, one that is listed later is not blamed.
    /// </summary>
    /// <param name="clock">The market.</param>
    /// <param name="times">Times of the symbol's events, ascending, in microseconds.</param>
    /// <param name="asOf">What the run knew: minutes that began later are not expected of it.</param>
    /// <param name="valuationTime">Greatest event time of the run.</param>
    public static SessionTally Count(SessionClock clock, ReadOnlySpan<long> times, long asOf, long valuationTime)
    {
        var tally = new SessionTally(clock);
        tally.Add(times, asOf);
        if (tally._days.Count > 0)
        {
            tally.Expect(asOf, valuationTime);
            tally.Measure(asOf);
        }

        return tally;
    }

    private void Add(ReadOnlySpan<long> times, long asOf)
    {
        PlacedStretch stretch = default;
        SessionCount? day = null;
        var minute = long.MinValue;
        foreach (var time in times)
        {
            if (!stretch.Contains(time))
            {
                stretch = Clock.Place(time);
                day = stretch.Place == EventPlace.NotKnown ? null : Day(stretch.Day);
            }

            if (day is null)
            {
                continue;
            }

            Evaluated++;
            day.Events++;
            day.First ??= time;
            day.Last = time;
            if (stretch.Place != EventPlace.Trading)
            {
                day.Outside++;
                OutOfSession += stretch.Place == EventPlace.OutOfSession ? 1 : 0;
                NonTradingDay += stretch.Place == EventPlace.NonTradingDay ? 1 : 0;
            }
            else if (time >= minute + SessionClock.MicrosPerMinute || minute == long.MinValue)
            {
                minute = SessionClock.Floor(time, SessionClock.MicrosPerMinute);
                day.Observed += minute < asOf ? 1 : 0;
            }
        }
    }

    private void Expect(long asOf, long valuationTime)
    {
        var calendar = Clock.Calendar;
        var from = _days.First().Value.Session;

        // A session may open on the evening before its date.
        var last = calendar.LocalDateAt(SessionClock.Instant(valuationTime)).AddDays(1);
        var through = last < calendar.KnownThrough ? last : calendar.KnownThrough;
        if (through < from)
        {
            return;
        }

        var known = SessionClock.Instant(asOf);
        foreach (var session in calendar.Schedule(from, through))
        {
            if (SessionClock.Micros(session.Open) <= valuationTime && session.Open < known)
            {
                Day(session.Session.DayNumber).Expected = session.Close <= known ? session.Minutes : calendar.CountMinutes(session.Open, known);
            }
        }
    }

    private void Measure(long asOf)
    {
        var known = SessionClock.Instant(asOf);
        if (!Clock.Calendar.Knows(known))
        {
            return;
        }

        foreach (var day in _days.Values)
        {
            day.Staleness = day.Last is { } last ? Math.Max(0, Clock.Calendar.CountMinutes(SessionClock.Instant(last), known)) : null;
        }
    }

    private SessionCount Day(int number)
    {
        if (!_days.TryGetValue(number, out var day))
        {
            _days.Add(number, day = new SessionCount(DateOnly.FromDayNumber(number)));
        }

        return day;
    }
}
