using System.Collections.Concurrent;
using RiskLake.Calendars;
using RiskLake.Contracts;
using RiskLake.Gold;
using RiskLake.Ingest.Silver;
using RiskLake.Lake.Columns;
using RiskLake.Lake.Errors;
using RiskLake.Risk.Measures;

namespace RiskLake.Quality;

/// <summary>
/// Which market each listed symbol trades on, and when that market is open. A symbol that is not listed has no market: nothing is
/// assumed about it.
/// </summary>
/// <remarks>A function of the symbol list, the rule files and the time zone database alone. Safe for use by several threads.</remarks>
internal sealed class SessionRules : IRowFlags
{
    private readonly Contract _contract;
    private readonly Dictionary<string, string> _listed;
    private readonly SessionClock[] _clocks;
    private readonly SessionSymbols _index;
    private readonly Dictionary<string, int> _markets = new(StringComparer.Ordinal);
    private readonly ConcurrentBag<SessionMarks> _idle = [];

    private SessionRules(Contract contract, IReadOnlyList<(string Symbol, string Market)> symbols, string symbolsSha256, CalendarLibrary library)
    {
        _contract = contract;
        Library = library;
        Symbols = symbols;
        _listed = symbols.ToDictionary(entry => entry.Symbol, entry => entry.Market, StringComparer.Ordinal);
        var names = symbols.Select(entry => entry.Market).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).ToArray();
        Markets = names;
        _clocks = Array.ConvertAll(names, name => new SessionClock(library.Get(name)));
        for (var i = 0; i < names.Length; i++)
        {
            _markets.Add(names[i], i);
        }

        _index = new SessionSymbols(symbols.Select(entry => (entry.Symbol, _markets[entry.Market])));
        var text = new CanonicalText("session-rules/1").Add("symbols", symbolsSha256).Add("zones", ExchangeCalendar.TimeZoneVersion);
        for (var i = 0; i < names.Length; i++)
        {
            text.Add("market", names[i]).Add("rules", _clocks[i].Calendar.Rules.Sha256);
        }

        Sha256 = text.Sha256();
    }

    /// <summary>The listed symbols, each with its market.</summary>
    public IReadOnlyList<(string Symbol, string Market)> Symbols { get; }

    /// <summary>Their markets, in ordinal order.</summary>
    public IReadOnlyList<string> Markets { get; }

    /// <summary>Where the markets' calendars come from.</summary>
    public CalendarLibrary Library { get; }

    /// <summary>Digest of everything the rules are made from, lower-case hex.</summary>
    public string Sha256 { get; }

    /// <summary>Whether sessions mean something for a contract: events that stream in, each with an instrument, a price and an instant.</summary>
    public static bool AppliesTo(Contract contract) =>
        GoldStage.Applies(contract) && contract.Delivery == Delivery.Stream && contract.EventTime.Type == ColumnType.Timestamp;

    /// <summary>The rules for a contract; null where sessions mean nothing for it.</summary>
    /// <param name="contract">The contract of the records.</param>
    /// <param name="symbolsPath">The symbol list.</param>
    /// <param name="calendars">Folder of rule files over the built-in ones; null for those alone.</param>
    /// <exception cref="RiskLakeException">A file is wrong, or the list names a market without a calendar.</exception>
    public static SessionRules? Load(Contract contract, string symbolsPath, string? calendars)
    {
        if (!AppliesTo(contract))
        {
            return null;
        }

        try
        {
            return Create(contract, SymbolList.Load(symbolsPath), calendars is null ? CalendarLibrary.BuiltIn : CalendarLibrary.Load(calendars));
        }
        catch (CalendarException error)
        {
            throw CalendarErrors.Coded(error);
        }
    }

    public static SessionRules Create(Contract contract, SymbolList symbols, CalendarLibrary library) =>
        new(contract, [.. symbols.Entries.Select(entry => (entry.Symbol, entry.Market))], symbols.Sha256, library);

    /// <summary>Rules as the lake keeps them: enough to flag rows, under a digest of their own.</summary>
    public static SessionRules Restore(Contract contract, IReadOnlyList<(string Symbol, string Market)> symbols, CalendarLibrary library) =>
        new(contract, symbols, string.Empty, library);

    /// <summary>The market of a symbol as silver spells it, and its clock; null for a symbol that is not listed.</summary>
    public (string Market, SessionClock Clock)? MarketOf(string symbol) =>
        _listed.TryGetValue(symbol, out var market) ? (market, _clocks[_markets[market]]) : null;

    /// <inheritdoc/>
    public void Mark(RecordBatch silver, int start)
    {
        if (!_idle.TryTake(out var marks))
        {
            marks = new SessionMarks(_clocks, _index);
        }

        marks.Add(
            silver[_contract.Field(FieldRole.Symbol)!.Name], silver[_contract.EventTime.Name], silver[SilverStage.Flags].Slots, start);
        _idle.Add(marks);
    }
}
