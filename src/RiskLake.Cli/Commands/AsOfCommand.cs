using System.CommandLine;
using System.Globalization;
using RiskLake.Cli.Output;
using RiskLake.Gold;
using RiskLake.Ingest.Silver;
using RiskLake.Lake;
using RiskLake.Lake.Columns;
using RiskLake.Lake.Errors;

namespace RiskLake.Cli.Commands;

/// <summary><c>risklake data asof</c>: of signals and bars, the vintage that was known at a time, and nothing later.</summary>
internal sealed class AsOfCommand
{
    private readonly CommandContext _context;

    private readonly Argument<string> _what = new Argument<string>("what") { Description = "signals or bars." }.AcceptOnlyFromAmong("signals", "bars");
    private readonly Option<string> _at = new("--at")
    {
        Description = "When: an RFC 3339 instant, or a date for the end of that day.",
        HelpName = "time",
        Required = true,
    };

    private readonly Option<string[]> _names = new("--name", "--symbol")
    {
        Description = "Signals or symbols; may be repeated. Bars need one.",
        HelpName = "name",
    };

    private readonly Option<string?> _period = new("--period", "--session") { Description = "Only what is about this date.", HelpName = "date" };
    private readonly Option<string?> _source = new("--source") { Description = "Only what this source delivered.", HelpName = "name" };
    private readonly Option<string?> _frequency = new("--frequency") { Description = "Only bars of this frequency, such as d.", HelpName = "text" };
    private readonly Option<string?> _adjustment = new("--adjustment") { Description = "Only bars of this adjustment.", HelpName = "text" };
    private readonly Option<bool> _received = new("--received") { Description = "Leave out signals that this lake had not received by then." };
    private readonly Option<string?> _dataset = new("--dataset") { Description = "Dataset. Default: external_signals, or market_bars.", HelpName = "name" };

    private AsOfCommand(CommandContext context) => _context = context;

    public static Command Build(CommandContext context)
    {
        var asOf = new AsOfCommand(context);
        var command = new Command("asof", "What was known of signals or bars at a time.")
        {
            asOf._what, asOf._at, asOf._names, asOf._period, asOf._source, asOf._frequency, asOf._adjustment, asOf._received, asOf._dataset,
            context.Options.OutputRoot, context.Options.LakeVersion,
        };
        command.SetAction(asOf.Execute);
        return command;
    }

    private int Execute(ParseResult parsed)
    {
        var time = Time(parsed.GetValue(_at)!);
        var period = parsed.GetValue(_period) is { } text ? Date("--period", text) : (long?)null;
        var names = parsed.GetValue(_names) ?? [];
        var lake = _context.ExistingLake(parsed);
        var snapshot = _context.SnapshotOf(parsed, lake);
        if (parsed.GetValue(_what) == "signals")
        {
            Signals(parsed, lake, snapshot, time, names, period);
        }
        else
        {
            Bars(parsed, lake, snapshot, time, names, period);
        }

        return ExitCode.Done;
    }

    private void Signals(ParseResult parsed, LakeStore lake, LakeSnapshot snapshot, KnowledgeTime time, string[] names, long? period)
    {
        var isByReceipt = parsed.GetValue(_received);
        var known = new PointInTime<SignalPeriod, SignalValue>((day, received) => time.Knows(day, received) && (!isByReceipt || received <= time.Micros));
        var wanted = names.Length == 0 ? null : names;
        foreach (var path in Files(parsed, lake, snapshot, "external_signals", SignalVintages.AreIn, "name", wanted))
        {
            _context.Token.ThrowIfCancellationRequested();
            SignalVintages.Read(path, known, wanted);
        }

        var rows = _context.Rows(
            parsed, "source", "name", "period", "value", "status", "missing_reason", "known_from", "known_basis", "units", "frequency");
        var source = parsed.GetValue(_source);
        var silent = new SortedSet<string>(names, StringComparer.Ordinal);
        foreach (var (key, (from, value)) in known.Known.OrderBy(pair => pair.Key))
        {
            if ((source is null || key.Source == source) && (period is null || key.Period == period))
            {
                silent.Remove(key.Name);
                rows.Write(
                [
                    key.Source, key.Name, Day(key.Period), value.Value, value.Status, value.MissingReason, Day(from), value.KnownBasis, value.Units,
                    value.Frequency,
                ]);
            }
        }

        foreach (var name in silent)
        {
            rows.Write([source, name, Day(period), null, SignalStatus.Unavailable, null, null, null, null, null]);
        }

        rows.Finish();
    }

    private void Bars(ParseResult parsed, LakeStore lake, LakeSnapshot snapshot, KnowledgeTime time, string[] symbols, long? period)
    {
        if (symbols.Length == 0)
        {
            throw new RiskLakeException(
                ErrorCode.CommandLineInvalid, "--symbol", "no symbol", "the symbols whose bars are wanted", "name them, or ask in SQL: `risklake data sql`");
        }

        var known = PointInTime<BarKey, BarValue>.OfInstants(time);
        foreach (var path in Files(parsed, lake, snapshot, "market_bars", BarVintages.AreIn, "symbol", symbols))
        {
            _context.Token.ThrowIfCancellationRequested();
            BarVintages.Read(path, known, symbols);
        }

        var rows = _context.Rows(
            parsed, "source", "symbol", "frequency", "adjustment", "bar_time", "session", "open", "high", "low", "close", "volume", "status", "vintage");
        var (source, frequency, adjustment) = (parsed.GetValue(_source), parsed.GetValue(_frequency), parsed.GetValue(_adjustment));
        var silent = new SortedSet<string>(symbols, StringComparer.Ordinal);
        foreach (var (key, (vintage, bar)) in known.Known.OrderBy(pair => pair.Key))
        {
            if (Is(source, key.Source) && Is(frequency, key.Frequency) && Is(adjustment, key.Adjustment) && (period is null || bar.Session == period))
            {
                silent.Remove(key.Symbol);
                rows.Write(
                [
                    key.Source, key.Symbol, key.Frequency, key.Adjustment, Instant(key.BarTime), Day(bar.Session), bar.Open, bar.High, bar.Low, bar.Close,
                    bar.Volume, SignalStatus.Available, Instant(vintage),
                ]);
            }
        }

        foreach (var symbol in silent)
        {
            rows.Write([source, symbol, frequency, adjustment, null, Day(period), null, null, null, null, null, SignalStatus.Unavailable, null]);
        }

        rows.Finish();

        static bool Is(string? wanted, string found) => wanted is null || wanted == found;
    }

    private IEnumerable<string> Files(
        ParseResult parsed, LakeStore lake, LakeSnapshot snapshot, string usual, Func<IReadOnlyCollection<ColumnSchema>, bool> holds, string column,
        IReadOnlyCollection<string>? texts)
    {
        var dataset = parsed.GetValue(_dataset) ?? usual;
        if (snapshot.Schema(Layer.Silver, dataset) is not { } columns)
        {
            return parsed.GetValue(_dataset) is null ? [] : throw new RiskLakeException(
                ErrorCode.QueryInvalid, "--dataset", $"'{dataset}'", "a dataset of this lake", "`risklake data ls` names them");
        }

        return holds(columns) ? SilverFiles.Holding(lake, snapshot, dataset, column, texts) : throw new RiskLakeException(
            ErrorCode.QueryInvalid, "--dataset", $"'{dataset}'", $"a dataset with the columns of {usual}", "name another dataset");
    }

    private static KnowledgeTime Time(string text) =>
        DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var date)
            ? KnowledgeTime.EndOf(Days(date))
            : KnowledgeTime.At(Instants.Parse("--at", text));

    private static long Date(string option, string text) =>
        DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var date)
            ? Days(date)
            : throw new RiskLakeException(ErrorCode.CommandLineInvalid, option, $"'{text}'", "a date such as 2025-01-31", "correct the option");

    private static long Days(DateOnly date) => date.DayNumber - DateOnly.FromDateTime(DateTime.UnixEpoch).DayNumber;

    private static DateOnly? Day(long? day) => day is { } number ? DateOnly.FromDateTime(DateTime.UnixEpoch).AddDays((int)number) : null;

    private static DateTime Instant(long micros) => DateTime.UnixEpoch.AddMicroseconds(micros);
}
