using System.CommandLine;
using System.Globalization;
using RiskLake.Cli.Output;
using RiskLake.Contracts;
using RiskLake.Errors;
using RiskLake.Sources;

namespace RiskLake.Cli.Commands;

/// <summary>Options of commands that read what a source delivered.</summary>
internal sealed class SourceOptions
{
    private readonly Option<string?> _source = new Option<string?>("--source")
    {
        Description = "Who delivered the inputs: stooq (CSV, bulk text, bulk zip) or fred (JSON, XML, CSV; ALFRED too). Default: files in the contract's own terms.",
        HelpName = "name",
    }.AcceptOnlyFromAmong("stooq", "fred");

    private readonly Option<string> _adjustment = new Option<string>("--adjustment")
    {
        Description = "Stooq: what prices are corrected for: raw, splits, all or undeclared. A file does not say.",
        HelpName = "word",
        DefaultValueFactory = _ => "undeclared",
    }.AcceptOnlyFromAmong([.. StooqOptions.Adjustments]);

    private readonly Option<string?> _market = new("--market")
    {
        Description = "Stooq: calendar of the venue, such as XNYS; market events need it. Default: that of the symbol list, if the ticker stands there.",
        HelpName = "id",
    };

    private readonly Option<string?> _symbol = new("--symbol")
    {
        Description = "Stooq: the instrument. Default: the ticker in the file, or in its name (aapl_us_d.csv is AAPL.US).",
        HelpName = "symbol",
    };

    private readonly Option<string?> _period = new Option<string?>("--period")
    {
        Description = "Stooq: minutes of a bar, for a file with times of day and no <PER> column: 60, 30, 15, 5 or 1.",
        HelpName = "minutes",
    }.AcceptOnlyFromAmong([.. StooqOptions.Periods]);

    private readonly Option<bool> _tolerate = new("--tolerate-warnings") { Description = "Stooq: read bars that follow a warning of the server." };
    private readonly Option<string?> _series = new("--series") { Description = "FRED: the series of bodies that do not name it. Default: the file's name.", HelpName = "id" };
    private readonly Option<string?> _knownFrom = new("--known-from")
    {
        Description = "FRED: first day on which the values of a keyless CSV count as known. Default: the day its bytes came.",
        HelpName = "date",
    };

    private readonly Option<bool> _permitted = new("--licence-permits-storing") { Description = "FRED: you have the owner's permission to store the series." };
    private readonly Option<string?> _ingestedAt = new("--ingested-at")
    {
        Description = "When the bytes of --source were received, as an RFC 3339 instant. Default: when they were first seen here.",
        HelpName = "time",
    };

    private readonly Option<string?> _catalogue = new("--series-catalogue")
    {
        Description = "Units, frequency and licence of series. Default: config/fred_series.yaml here, else the shipped copy.",
        HelpName = "file",
    };

    public IEnumerable<Option> All => [_source, _adjustment, _market, _symbol, _period, _tolerate, _series, _knownFrom, _permitted, _ingestedAt, _catalogue];

    public string? SourceOf(ParseResult parsed)
    {
        var source = parsed.GetValue(_source);
        if (source is null && All.Skip(1).FirstOrDefault(option => parsed.GetResult(option) is { Implicit: false }) is { } stray)
        {
            throw new RiskLakeException(ErrorCode.CommandLineInvalid, stray.Name, "the option without --source", "--source stooq or --source fred", "add --source");
        }

        return source;
    }

    /// <summary>The dataset a source's records belong to, if none is named.</summary>
    public static string DefaultDataset(string source) => source == StooqSource.Name ? "market_bar" : "external_signal";

    /// <summary>What lands the inputs and makes their records.</summary>
    /// <param name="context">The command's surroundings.</param>
    /// <param name="parsed">The command line.</param>
    /// <param name="source">The source.</param>
    /// <param name="contract">The contract of the run.</param>
    /// <param name="inputs">What the user named.</param>
    /// <param name="symbolsPath">The symbol list.</param>
    public Func<string, IReadOnlyList<InputFile>> Intake(
        CommandContext context, ParseResult parsed, string source, Contract contract, IReadOnlyList<string> inputs, string symbolsPath)
    {
        var ingestedAt = parsed.GetValue(_ingestedAt) is { } text ? Instants.Parse("--ingested-at", text) : (long?)null;
        var expected = source == StooqSource.Name ? "market_bar or market_event" : "external_signal";
        if (!expected.Split(" or ").Contains(contract.Name))
        {
            throw new RiskLakeException(ErrorCode.CommandLineInvalid, "--dataset", $"{contract.Name} from {source}", expected, "correct the option");
        }

        if (inputs.Count == 0)
        {
            throw new RiskLakeException(ErrorCode.CommandLineInvalid, "--input", "no input", "files of the source", "name them with --input");
        }

        return root =>
        {
            var stdin = inputs.Contains("-") ? StandardStreams.Input() : null;
            var files = InputResolver.Resolve(inputs, Directory.GetCurrentDirectory(), Path.Combine(root, "_landing"), stdin);
            var intake = new SourceIntake(root, context.Clock, context.Token) { IngestedAtMicros = ingestedAt };
            var (records, tally) = source == StooqSource.Name
                ? intake.Stooq(files, StooqOptionsOf(parsed), contract.Name == "market_event" ? StooqTarget.Events : StooqTarget.Bars, MarketOf(symbolsPath))
                : intake.Fred(files, FredOptionsOf(parsed), FredCatalogue.Load(CataloguePath(parsed)));
            Report(context, tally, source);
            return records;
        };
    }

    public string CataloguePath(ParseResult parsed) => CommonOptions.Configuration(parsed.GetValue(_catalogue), "fred_series.yaml");

    private StooqOptions StooqOptionsOf(ParseResult parsed) => new()
    {
        Adjustment = parsed.GetValue(_adjustment)!,
        Symbol = parsed.GetValue(_symbol)?.Trim(),
        Period = parsed.GetValue(_period),
        Market = parsed.GetValue(_market),
        TolerateWarnings = parsed.GetValue(_tolerate),
    };

    private FredOptions FredOptionsOf(ParseResult parsed)
    {
        var knownFrom = parsed.GetValue(_knownFrom);
        if (knownFrom is not null && !DateOnly.TryParseExact(knownFrom, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out _))
        {
            throw new RiskLakeException(ErrorCode.CommandLineInvalid, "--known-from", $"'{knownFrom}'", "a date such as 2025-01-20", "correct the option");
        }

        return new FredOptions { Series = parsed.GetValue(_series), KnownFrom = knownFrom, LicencePermitsStoring = parsed.GetValue(_permitted) };
    }

    private static Func<string, string?> MarketOf(string symbolsPath)
    {
        SymbolList? symbols = null;
        return ticker => (symbols ??= SymbolList.Load(symbolsPath)).Find(ticker)?.Market;
    }

    private static void Report(CommandContext context, SourceTally tally, string source)
    {
        if (context.Terminal.Verbosity == Output.Verbosity.Quiet)
        {
            return;
        }

        var error = context.Terminal.Error;
        error.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{source}: {tally.Rows:N0} rows in {tally.Bodies:N0} bodies ({tally.Empty:N0} empty, {tally.Refused:N0} not data); {tally.Unchanged:N0} unchanged, {tally.Restated:N0} restated"));
        if (tally.NotHeld > 0)
        {
            error.WriteLine(string.Create(
                CultureInfo.InvariantCulture, $"{source}: {tally.NotHeld:N0} bars have quantities of more digits than a column holds: null there, as delivered in not_held"));
        }

        foreach (var (reason, count) in tally.Left)
        {
            error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{source}: {count:N0} bars give no market event: {reason}"));
        }
    }
}

/// <summary>Instants on the command line.</summary>
internal static class Instants
{
    private static readonly string[] Forms =
        ["yyyy-MM-dd'T'HH:mm:ss.FFFFFFzzz", "yyyy-MM-dd'T'HH:mm:sszzz", "yyyy-MM-dd'T'HH:mmzzz", "yyyy-MM-dd' 'HH:mm:ss.FFFFFFzzz"];

    /// <summary>Microseconds since the epoch.</summary>
    public static long Parse(string option, string text)
    {
        var zoned = text.EndsWith('Z') || text.EndsWith('z') ? text[..^1] + "+00:00" : text;
        return DateTimeOffset.TryParseExact(zoned, Forms, CultureInfo.InvariantCulture, DateTimeStyles.None, out var time)
            ? (time.UtcTicks - DateTime.UnixEpoch.Ticks) / 10
            : throw new RiskLakeException(
                ErrorCode.CommandLineInvalid, option, $"'{text}'", "an RFC 3339 instant with an offset, such as 2025-01-20T22:00:00Z", "correct the option");
    }
}
