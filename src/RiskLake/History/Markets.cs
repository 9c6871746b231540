using RiskLake.Calendars;
using RiskLake.Contracts;
using RiskLake.Lake.Errors;
using RiskLake.Quality;

namespace RiskLake.History;

/// <summary>
/// The calendar of each symbol: that of the symbol list, else the one its rows name, else the one given for symbols without a market
/// of their own. A symbol of which nobody says a market is placed on days of UTC, every one of them: no row of it is lost, and its series
/// says that its market is not known. Safe for use by several threads.
/// </summary>
internal sealed class Markets(SymbolList symbols, CalendarLibrary library, string? fallback)
{
    private const string EveryDay = "24-7";

    private readonly Lock _lock = new();
    private readonly Dictionary<string, SessionClock> _clocks = new(StringComparer.Ordinal);
    private readonly Dictionary<string, SymbolEntry> _listed = symbols.Entries.ToDictionary(entry => entry.Symbol, StringComparer.Ordinal);

    /// <summary>The clock of a symbol's market.</summary>
    /// <param name="symbol">As silver spells it.</param>
    /// <param name="named">The market its rows name; null when they name none.</param>
    public SessionClock ClockOf(string symbol, string? named) => Clock(MarketOf(symbol, named) ?? EveryDay);

    /// <summary>The market of a symbol; null when nobody says one.</summary>
    /// <param name="symbol">As silver spells it.</param>
    /// <param name="named">The market its rows name; null when they name none.</param>
    public string? MarketOf(string symbol, string? named) => Entry(symbol)?.Market ?? named ?? fallback;

    /// <summary>The entry of a symbol in the list, or null.</summary>
    public SymbolEntry? Entry(string symbol) => _listed.GetValueOrDefault(symbol);

    private SessionClock Clock(string market)
    {
        lock (_lock)
        {
            if (!_clocks.TryGetValue(market, out var clock))
            {
                try
                {
                    clock = new SessionClock(library.Get(market));
                }
                catch (CalendarException error)
                {
                    throw CalendarErrors.Coded(error);
                }

                _clocks.Add(market, clock);
            }

            return clock;
        }
    }
}
