using RiskLake.Quality;

namespace RiskLake.History;

/// <summary>A candidate for the price of a session.</summary>
/// <param name="Price">The price.</param>
/// <param name="Rank">The greater one stands: event time of an event, vintage of a bar.</param>
/// <param name="File">Number of the file it is in.</param>
/// <param name="Group">Row group in the file.</param>
/// <param name="Row">Row in the group.</param>
internal readonly record struct Candidate(SessionPrice Price, long Rank, int File, int Group, int Row);

/// <summary>The best candidate for each session of each series, from any number of files in any order.</summary>
/// <param name="wins">Decides between two of equal rank: whether the first one stands.</param>
internal sealed class SeriesCollector(Func<Candidate, Candidate, bool> wins)
{
    private readonly Dictionary<(string Symbol, string Source, string Adjustment), Dictionary<int, Candidate>> _series = [];
    private readonly Dictionary<(string Symbol, string Source, string Adjustment), SortedSet<int>> _offSession = [];
    private readonly Dictionary<string, string> _markets = new(StringComparer.Ordinal);

    public IEnumerable<KeyValuePair<(string Symbol, string Source, string Adjustment), Dictionary<int, Candidate>>> Series => _series;

    /// <summary>The market that the rows of a symbol name; of several the first in ordinal order. Null when they name none.</summary>
    public string? MarketOf(string symbol) => _markets.GetValueOrDefault(symbol);

    public void Name(string symbol, string market)
    {
        if (!_markets.TryGetValue(symbol, out var known) || string.CompareOrdinal(market, known) < 0)
        {
            _markets[symbol] = market;
        }
    }

    /// <summary>The sessions of one series, to be filled by <see cref="Add"/>.</summary>
    public Dictionary<int, Candidate> Sessions(string symbol, string source, string adjustment)
    {
        if (!_series.TryGetValue((symbol, source, adjustment), out var sessions))
        {
            sessions = [];
            _series.Add((symbol, source, adjustment), sessions);
        }

        return sessions;
    }

    /// <summary>Days without a session on which a series has a price, ascending.</summary>
    public IReadOnlyList<int> OffSession(string symbol, string source, string adjustment) =>
        _offSession.TryGetValue((symbol, source, adjustment), out var days) ? [.. days] : [];

    public void AddOffSession(string symbol, string source, string adjustment, int day) =>
        (_offSession.TryGetValue((symbol, source, adjustment), out var days) ? days : _offSession[(symbol, source, adjustment)] = []).Add(day);

    public void Add(Dictionary<int, Candidate> sessions, Candidate candidate)
    {
        if (!sessions.TryGetValue(candidate.Price.Session, out var known)
            || candidate.Rank > known.Rank
            || (candidate.Rank == known.Rank && wins(candidate, known)))
        {
            sessions[candidate.Price.Session] = candidate;
        }
    }

    public void Merge(SeriesCollector other)
    {
        foreach (var (key, sessions) in other._series)
        {
            var own = Sessions(key.Symbol, key.Source, key.Adjustment);
            foreach (var candidate in sessions.Values)
            {
                Add(own, candidate);
            }
        }

        foreach (var (key, days) in other._offSession)
        {
            foreach (var day in days)
            {
                AddOffSession(key.Symbol, key.Source, key.Adjustment, day);
            }
        }

        foreach (var (symbol, market) in other._markets)
        {
            Name(symbol, market);
        }
    }

    /// <summary>The session in which an event's price counts: the one it trades in, or the one that closes at this very instant.</summary>
    /// <returns>Day number of the session; -1 for an event outside of sessions.</returns>
    public static int SessionOf(SessionClock clock, long micros, ref PlacedStretch stretch)
    {
        if (stretch.Place == EventPlace.Trading && stretch.Contains(micros))
        {
            return stretch.Day;
        }

        var place = clock.Place(micros);
        if (place.Place == EventPlace.Trading)
        {
            stretch = place;
            return place.Day;
        }

        var before = clock.Place(micros - 1);
        return before.Place == EventPlace.Trading && before.End == micros ? before.Day : -1;
    }
}
