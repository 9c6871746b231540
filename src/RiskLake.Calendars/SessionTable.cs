namespace RiskLake.Calendars;

/// <summary>
/// The sessions of a calendar as parallel arrays, ascending. Instants are whole minutes since the Unix epoch, so that every
/// question is a binary search over integers and allocates nothing.
/// </summary>
/// <remarks>A session without a break has an empty one at its close. Sessions do not overlap.</remarks>
internal sealed class SessionTable
{
    private readonly int[] _days;
    private readonly int[] _opens;
    private readonly int[] _breakStarts;
    private readonly int[] _breakEnds;
    private readonly int[] _closes;
    private readonly int[] _minutesBefore;
    private readonly Dictionary<int, (string? LateOpen, string? EarlyClose)> _special;

    public SessionTable(List<SessionRow> rows, Dictionary<int, (string? LateOpen, string? EarlyClose)> special)
    {
        _special = special;
        var n = rows.Count;
        (_days, _opens, _breakStarts, _breakEnds, _closes) = (new int[n], new int[n], new int[n], new int[n], new int[n]);
        _minutesBefore = new int[n + 1];
        for (var i = 0; i < n; i++)
        {
            var row = rows[i];
            (_days[i], _opens[i], _closes[i]) = (row.Day, row.Open, row.Close);
            (_breakStarts[i], _breakEnds[i]) = (row.BreakStart, row.BreakEnd);
            _minutesBefore[i + 1] = checked(_minutesBefore[i] + row.Close - row.Open - (row.BreakEnd - row.BreakStart));
        }
    }

    public int Count => _days.Length;

    public int[] Days => _days;

    public ReadOnlySpan<int> Opens => _opens;

    public ReadOnlySpan<int> Closes => _closes;

    public SessionRow this[int index] => new(_days[index], _opens[index], _breakStarts[index], _breakEnds[index], _closes[index]);

    public int Minutes(int index) => _minutesBefore[index + 1] - _minutesBefore[index];

    public (string? LateOpen, string? EarlyClose) Special(int index) => _special.GetValueOrDefault(_days[index]);

    /// <summary>The last session that opens at or before a minute, or -1.</summary>
    public int LastOpenedAt(int minute)
    {
        var at = _opens.AsSpan().BinarySearch(minute);
        return at >= 0 ? at : ~at - 1;
    }

    public bool IsTrading(int minute)
    {
        var i = LastOpenedAt(minute);
        return i >= 0 && minute < _closes[i] && (minute < _breakStarts[i] || minute >= _breakEnds[i]);
    }

    /// <summary>The number of trading minutes before a minute, over the whole table.</summary>
    public int MinutesBefore(int minute)
    {
        var i = LastOpenedAt(minute);
        if (i < 0)
        {
            return 0;
        }

        var morning = Math.Min(minute, _breakStarts[i]) - _opens[i];
        var afternoon = Math.Max(0, Math.Min(minute, _closes[i]) - _breakEnds[i]);
        return _minutesBefore[i] + morning + afternoon;
    }

    /// <summary>The trading minute that has so many before it, or null beyond either end of the table.</summary>
    public int? MinuteAt(int position)
    {
        if (position < 0 || position >= _minutesBefore[Count])
        {
            return null;
        }

        // No session is empty, so the counts ascend strictly and a position equal to one begins that session.
        var at = _minutesBefore.AsSpan().BinarySearch(position);
        var i = at >= 0 ? at : ~at - 1;
        var inside = position - _minutesBefore[i];
        var morning = _breakStarts[i] - _opens[i];
        return inside < morning ? _opens[i] + inside : _breakEnds[i] + inside - morning;
    }
}

/// <summary>One session: its day number, and its times in minutes since the Unix epoch.</summary>
internal readonly record struct SessionRow(int Day, int Open, int BreakStart, int BreakEnd, int Close)
{
    public bool HasBreak => BreakStart < BreakEnd;
}
