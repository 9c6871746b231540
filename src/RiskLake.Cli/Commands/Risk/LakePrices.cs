using System.CommandLine;
using RiskLake.Calendars;
using RiskLake.Contracts;
using RiskLake.Contracts.Configuration;
using RiskLake.Errors;
using RiskLake.History;
using RiskLake.Measures;
using RiskLake.Reports;

namespace RiskLake.Cli.Commands.Risk;

/// <summary>Options of commands that take the prices of one symbol from the lake, and the reading of them.</summary>
internal sealed class LakePrices(CommandContext context)
{
    private readonly Option<string?> _date = new("--date")
    {
        Description = "With --symbol: valuation date. Default: the last session that has a price.",
        HelpName = "date",
    };

    private readonly Option<string?> _asOf = new("--as-of")
    {
        Description = "With --symbol: know only what had arrived by then. Default: all the lake holds.",
        HelpName = "time",
    };

    private readonly Option<int?> _window = new("--window")
    {
        Description = "With --symbol: the last so many sessions. Default: all.",
        HelpName = "n",
    };

    private readonly Option<string?> _source = new("--source")
    {
        Description = "With --symbol: who delivered the prices. Default: the first of the symbol list's sources that has some.",
        HelpName = "source",
    };

    private readonly Option<string?> _symbols = CalendarOptions.SymbolsOption();

    /// <summary>The symbol; null where the series comes from a file.</summary>
    public Option<string?> Symbol { get; } = new("--symbol")
    {
        Description = "Instead of --input: a symbol of the lake, by its session prices.",
        HelpName = "symbol",
    };

    public IEnumerable<Option> All =>
        [Symbol, _date, _asOf, _window, _source, context.Options.OutputRoot, context.Options.LakeVersion, context.Options.Contracts, _symbols];

    /// <summary>Those that mean nothing without a symbol and were given.</summary>
    public IEnumerable<string> Given(ParseResult parsed) =>
        new Option[] { _date, _asOf, _window, _source }.Where(option => parsed.GetResult(option) is { Implicit: false }).Select(option => option.Name);

    /// <summary>Reads the series.</summary>
    public ReportSeries Read(ParseResult parsed, ReturnKind kind, CalendarLibrary calendars, string fallbackMarket)
    {
        var symbol = parsed.GetValue(Symbol)!;
        var lake = context.ExistingLake(parsed);
        var snapshot = context.SnapshotOf(parsed, lake);
        DateOnly? asked = parsed.GetValue(_date) is { } text ? Dates.Parse("--date", text) : null;
        var history = PriceHistory.Read(
            new HistoryRequest
            {
                Lake = lake,
                Snapshot = snapshot,
                Contracts = ContractRegistry.Load(context.Options.ContractsOf(parsed)),
                Symbols = SymbolList.Load(CommonOptions.Configuration(parsed.GetValue(_symbols), "symbols.yaml")),
                Calendars = calendars,
                FallbackMarket = fallbackMarket,
                From = DateOnly.MinValue.AddDays(10),
                Through = asked ?? DateOnly.MaxValue.AddDays(-10),
                AsOf = parsed.GetValue(_asOf) is { } asOf ? Instants.Parse("--as-of", asOf) : null,
            },
            context.Token);
        var source = parsed.GetValue(_source);
        var prices = history.Series.FirstOrDefault(one => one.Key.Symbol == symbol && (source is null || one.Key.Source == source))
            ?? throw None(lake.Root, symbol, source, history);
        var date = asked ?? DateOnly.FromDayNumber(prices.Prices[^1].Session);
        var series = SessionSeries.Of(prices, date, parsed.AtLeast(_window, 2), kind);
        return series with
        {
            Provenance =
            [
                .. series.Provenance,
                new Fact("Lake version", Figures.Count(snapshot.Version)),
                new Fact("Known as of", parsed.GetValue(_asOf) ?? "all the lake holds"),
            ],
        };
    }

    private static RiskLakeException None(string root, string symbol, string? source, PriceHistory history)
    {
        string[] known = [.. history.Series.Select(one => one.Key.Symbol).Distinct(StringComparer.Ordinal)];
        var found = source is null ? $"no price of '{symbol}'" : $"no price of '{symbol}' from '{source}'";
        var next = Spelling.Nearest(symbol, known) is { } nearest && nearest != symbol ? $"did you mean '{nearest}'?"
            : known.Length == 0 ? "publish some with 'risklake run'"
            : $"name one of {string.Join(", ", known.Take(10))}{(known.Length > 10 ? ", ..." : "")}";
        return new RiskLakeException(ErrorCode.NoPrices, root, found, "session prices of it in silver, known by then", next);
    }
}
