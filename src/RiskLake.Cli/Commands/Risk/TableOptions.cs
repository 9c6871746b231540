using System.CommandLine;
using RiskLake.Calendars;
using RiskLake.Cli.Output;
using RiskLake.History;
using RiskLake.Lake;
using RiskLake.Lake.Errors;
using RiskLake.RiskRuns;
using RiskLake.UserFiles;

namespace RiskLake.Cli.Commands.Risk;

/// <summary>Where a table comes from: any file, or the session prices of the lake.</summary>
internal sealed class TableOptions
{
    private readonly CommandContext _context;
    private readonly RiskLakeOptions _lake;

    private readonly Option<string?> _input = new("--input")
    {
        Description = "CSV with a header row, or Parquet; plain, gzip or zstd; - for standard input.",
        HelpName = "file",
    };

    private readonly Option<string?> _symbol = new("--symbol")
    {
        Description = "Session prices of the lake instead of a file: of a symbol, or of several between commas.",
        HelpName = "symbol",
    };

    private readonly Option<string?> _date = new("--date")
    {
        Description = "With --symbol: the last session read. Default: the last there is.",
        HelpName = "date",
    };

    private readonly Option<string?> _asOf = new("--as-of") { Description = "With --symbol: know only what had arrived by then.", HelpName = "time" };

    public TableOptions(CommandContext context)
    {
        _context = context;
        _lake = new RiskLakeOptions(context);
    }

    /// <summary>All of them, for a command's list.</summary>
    public IEnumerable<Option> All => [_input, _symbol, _date, _asOf, .. _lake.OfPrices];

    /// <summary>Where calendars come from.</summary>
    public CalendarOptions Calendars => _lake.Calendars;

    /// <summary>The option, of commands that have one, for the market of symbols of which nobody else says it.</summary>
    public Option<string?>? Market { get; set; }

    /// <summary>What was named: a file, - or symbols.</summary>
    public string NameOf(ParseResult parsed) => parsed.GetValue(_input) ?? parsed.GetValue(_symbol) ?? "";

    /// <summary>Whether it is a file of the user.</summary>
    public bool IsFile(ParseResult parsed) => parsed.GetValue(_input) is { } path && path != "-";

    /// <summary>The table that was named.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="otherwise">Symbols that are meant when neither file nor symbol is named; null when there are none.</param>
    public TableFile Open(ParseResult parsed, IReadOnlyList<string>? otherwise = null)
    {
        var (input, symbol) = (parsed.GetValue(_input), parsed.GetValue(_symbol));
        return (input, symbol) switch
        {
            ({ } path, null) => TableFile.Open(path, StandardStreams.Input),
            (null, null) when otherwise is not null => OfLake(parsed, otherwise, otherwise, isOneCurrency: true),
            (null, { } symbols) => OfLake(parsed, symbols.Split(',', StringSplitOptions.TrimEntries), otherwise ?? []),
            _ => throw new RiskLakeException(
                ErrorCode.CommandLineInvalid, "--input", input is null ? "neither a file nor a symbol" : "a file and a symbol",
                "--input FILE, or --symbol S for the prices of the lake", "name one of the two"),
        };
    }

    /// <summary>The table that was named, for commands about one series.</summary>
    public TableFile OpenOne(ParseResult parsed) => parsed.GetValue(_symbol)?.Contains(',', StringComparison.Ordinal) != true
        ? Open(parsed)
        : throw NumberOptions.Invalid("--symbol", $"'{parsed.GetValue(_symbol)}'", "one symbol: this command is about one series");

    /// <summary>The session prices of one symbol of the lake and their last session; null when a file is named.</summary>
    public (PriceSeries Prices, DateOnly Through, long LakeVersion)? OneOfLake(ParseResult parsed)
    {
        if (parsed.GetValue(_input) is not null || parsed.GetValue(_symbol) is not { } symbol)
        {
            return null;
        }

        var (series, through, version) = Read(parsed, [symbol]);
        return (series[0], parsed.GetValue(_date) is null ? DateOnly.FromDayNumber(series[0].Prices[^1].Session) : through, version);
    }

    // A series that is asked for by its symbol is a column of that name; one alone has the columns of its bars.
    private HistoryTable OfLake(ParseResult parsed, IReadOnlyList<string> symbols, IReadOnlyList<string> columns, bool isOneCurrency = false)
    {
        var (series, through, _) = Read(parsed, symbols);
        if (isOneCurrency && series.Select(one => one.Key.Currency).Distinct().Count() > 1)
        {
            var found = string.Join(", ", series.Select(one => $"{one.Key.Symbol} in {one.Key.Currency ?? "a currency that is not listed"}"));
            throw NumberOptions.Invalid("--weights", found, "prices of one currency: currencies are never mixed");
        }

        return series.Count == 1 && !columns.Contains(series[0].Key.Symbol, StringComparer.Ordinal)
            ? HistoryTable.Of(series[0], through)
            : HistoryTable.Of(series, through);
    }

    private (IReadOnlyList<PriceSeries> Series, DateOnly Through, long LakeVersion) Read(ParseResult parsed, IReadOnlyList<string> symbols)
    {
        var request = _lake.Request(parsed, _context) with
        {
            AsOfMicros = parsed.GetValue(_asOf) is { } asOf ? Instants.Parse("--as-of", asOf) : null,
            FallbackMarket = Market is null ? null : parsed.GetValue(Market),
        };
        var through = parsed.GetValue(_date) is { } date ? Dates.Parse("--date", date) : DateOnly.MaxValue.AddDays(-10);
        var lake = _context.ExistingLake(parsed);
        return LakeStore.Guard(lake.Root, () =>
        {
            var snapshot = lake.Snapshot();
            var history = RiskRun.Read(request, RiskConfiguration.Load(request), lake, snapshot, through, _context.Token);
            var preferred = history.Preferred(DateOnly.MinValue, through);
            var series = symbols.Select(Find).ToArray();
            foreach (var one in series)
            {
                var key = one.Key;
                var source = key.Source.Length == 0 ? "" : $" of {key.Source}";
                var sessions = one.IsMarketKnown ? $"sessions of {one.Calendar.Id}"
                    : "of no known market: each price is taken to follow the one before it, and no session is missed (list the symbol in symbols.yaml)";
                _context.Terminal.Say($"{key.Symbol}: {key.PriceKind}{source}, adjustment {key.Adjustment}, {sessions}");
                var last = DateOnly.FromDayNumber(one.Through(through)[^1].Session);
                if (parsed.GetValue(_date) is not null && one.IsMarketKnown && one.Calendar.Knows(through)
                    && one.Calendar.ToSession(through, SessionDirection.Previous) != last)
                {
                    _context.Terminal.Say(FormattableString.Invariant(
                        $"{key.Symbol}: the last price is of {last:yyyy-MM-dd}; a run of risk would call it stale"));
                }
            }

            return ((IReadOnlyList<PriceSeries>)series, through, snapshot.Version);

            PriceSeries Find(string symbol) => preferred.FirstOrDefault(one => one.Key.Symbol == symbol) ?? throw NoPrices(lake, symbol, preferred);
        });
    }

    private static RiskLakeException NoPrices(LakeStore lake, string symbol, IReadOnlyList<PriceSeries> known) => new(
        ErrorCode.NoPrices, lake.Root, $"no price of '{symbol}'", "a symbol with session prices",
        known.Count == 0 ? "publish events or daily bars first" : $"such as {string.Join(", ", known.Take(8).Select(one => one.Key.Symbol))}");
}
