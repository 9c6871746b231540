using System.CommandLine;
using RiskLake.Lake.Errors;
using RiskLake.Risk;
using RiskLake.Risk.Measures;
using RiskLake.UserFiles;

namespace RiskLake.Cli.Commands.Risk;

/// <summary>Options of commands that read one series of returns out of a file.</summary>
internal sealed class SeriesOptions
{
    private readonly Option<string?> _column = new("--column")
    {
        Description = "Column by name or 1-based number. Default: adj_close, close or price, else the only one with numbers.",
        HelpName = "column",
    };

    private readonly Option<string> _returns;

    private readonly Option<string?> _kind = ReturnKindOption();

    private readonly Option<bool> _percent = new("--percent")
    {
        Description = "Returns and results in percent: returns made from prices are multiplied by 100, a column of returns holds percent already.",
    };

    private readonly TableOptions _table;
    private TableFile? _opened;

    /// <param name="context">The command's surroundings.</param>
    /// <param name="standard">Returns that are made unless <c>--returns</c> says otherwise: simple, or log for models of volatility.</param>
    /// <param name="gaps">The rule for sessions without a value unless <c>--missing</c> says otherwise.</param>
    public SeriesOptions(CommandContext context, ReturnKind standard = ReturnKind.Simple, GapRule gaps = GapRule.LeaveOut)
    {
        Missing = GapOption(gaps);
        _table = new TableOptions(context);
        _returns = new Option<string>("--returns")
        {
            Description = "What is made of the column: simple or log returns, absolute changes, or none: it holds returns already.",
            DefaultValueFactory = _ => standard.Code(),
        }.AcceptOnlyFromAmong("simple", "log", "absolute", "none");
    }

    /// <summary>The column that says when.</summary>
    public Option<string?> DateColumn { get; } = DateColumnOption();

    /// <summary>What becomes of rows without a value.</summary>
    public Option<string> Missing { get; }

    /// <summary>The rule for sessions, of files rows, without a value: one for all commands that make returns.</summary>
    public static Option<string> GapOption(GapRule standard = GapRule.LeaveOut) => new Option<string>("--missing")
    {
        Description = "Rows or sessions without a value: leave_out the returns on both sides and count them, refuse, or join the values beside it.",
        DefaultValueFactory = _ => standard.Code(),
    }.AcceptOnlyFromAmong([.. GapRules.All.Select(GapRules.Code)]);

    /// <summary>The file option, for commands with columns of their own.</summary>
    public static Option<string> InputOption() => new("--input")
    {
        Description = "CSV with a header row, or Parquet; plain, gzip or zstd; - for standard input.",
        HelpName = "file",
        Required = true,
    };

    /// <summary>The date column option, for commands with columns of their own.</summary>
    public static Option<string?> DateColumnOption() => new("--date-column")
    {
        Description = "Column of dates or times, which must rise; none for none. Default: date, datetime, timestamp, time or day, if there.",
        HelpName = "column",
    };

    /// <summary>The option that says what returns in a file are.</summary>
    public static Option<string?> ReturnKindOption() => new Option<string?>("--return-kind")
    {
        Description = "With --returns none: what the returns of the file are, simple or log; then they compound to wealth. Default: not said.",
    }.AcceptOnlyFromAmong("simple", "log");

    /// <summary>What returns are: made of prices as <c>--returns</c> says, or those of the file as <c>--return-kind</c> does.</summary>
    public static ReturnKind KindOf(ParseResult parsed, Option<string> returns, Option<string?> kind)
    {
        if (parsed.GetValue(kind) is { } said && parsed.GetValue(returns) != "none")
        {
            throw NumberOptions.Invalid(kind.Name, $"{said}, for returns that are made from prices", "--returns none beside it");
        }

        return (parsed.GetValue(returns), parsed.GetValue(kind)) switch
        {
            ("log", _) or ("none", "log") => ReturnKind.Log,
            ("simple", _) or ("none", "simple") => ReturnKind.Simple,
            ("absolute", _) => ReturnKind.Absolute,
            _ => ReturnKind.Unstated,
        };
    }

    /// <summary>The option for missing values, with the rules a command has.</summary>
    public static Option<string> MissingOption(params string[] rules) => new Option<string>("--missing")
    {
        Description = $"Empty cells: {string.Join(", ", rules)}." + (rules.Contains("count") ? " (count: as an exceedance.)" : string.Empty),
        DefaultValueFactory = _ => rules[0],
    }.AcceptOnlyFromAmong(rules);

    /// <summary>All of them, for a command's list.</summary>
    public IEnumerable<Option> All => [.. _table.All, _column, DateColumn, _returns, _kind, _percent, Missing];

    /// <summary>Where the table comes from.</summary>
    public TableOptions Source => _table;

    /// <summary>The table that was named.</summary>
    public TableFile Open(ParseResult parsed) => _table.Open(parsed);

    /// <summary>Adds options to a command.</summary>
    public static Command With(Command command, params IEnumerable<Option>[] options)
    {
        foreach (var option in options.SelectMany(group => group))
        {
            command.Options.Add(option);
        }

        return command;
    }

    /// <summary>What the returns are, as far as the command line says.</summary>
    public ReturnKind KindOf(ParseResult parsed) => KindOf(parsed, _returns, _kind);

    /// <summary>Whether the file holds returns already.</summary>
    public bool HoldsReturns(ParseResult parsed) => parsed.GetValue(_returns) == "none";

    /// <summary>How a column becomes returns.</summary>
    public ReturnRequest Request(ParseResult parsed, string? column) => new()
    {
        Column = column,
        DateColumn = parsed.GetValue(DateColumn),
        Kind = KindOf(parsed),
        HoldsReturns = HoldsReturns(parsed),
        Percent = IsPercent(parsed),
        Missing = parsed.GetValue(Missing) is { } code ? GapRules.Of(code) : GapRule.Refuse,
    };

    /// <summary>How the column of the command line becomes returns.</summary>
    public ReturnRequest Request(ParseResult parsed) => Request(parsed, parsed.GetValue(_column));

    /// <summary>The price kind of returns that were given, and not made of prices.</summary>
    public const string GivenReturns = "given";

    /// <summary>What numbers about a series rest on.</summary>
    public SeriesBasis BasisOf(ParseResult parsed, ReturnSeries series, int? window = null) =>
        new(series.Kind.Code(), HoldsReturns(parsed) ? GivenReturns : series.PriceKind)
        {
            Missing = series.Rule.Code(), MissingSessions = series.Gaps.MissingWithin(window),
        };

    /// <summary>Whether they are in percent.</summary>
    public bool IsPercent(ParseResult parsed) => !parsed.GetValue(_percent) || KindOf(parsed) != ReturnKind.Absolute
        ? parsed.GetValue(_percent)
        : throw NumberOptions.Invalid("--percent", "percent of absolute changes", "--returns log, simple or none");

    /// <summary>Reads the series, and says on standard error what a reader should know of it.</summary>
    public ReturnSeries Read(CommandContext context, ParseResult parsed) => Told(context, ReturnSeries.Read(Once(parsed), Request(parsed)));

    /// <summary>Reads another column of the same file.</summary>
    public ReturnSeries ReadBeside(CommandContext context, ParseResult parsed, string column) =>
        Told(context, ReturnSeries.Read(Once(parsed), Request(parsed, column)));

    private static ReturnSeries Told(CommandContext context, ReturnSeries series)
    {
        if (series.LeftOut > 0)
        {
            context.Terminal.Say(series.Rule == GapRule.Join
                ? FormattableString.Invariant($"sessions without a value: {series.LeftOut}; the values beside them are taken as neighbours")
                : FormattableString.Invariant($"sessions without a value: {series.LeftOut}; the returns to them and from them are left out (--missing)"));
        }

        foreach (var note in series.Notes)
        {
            context.Terminal.Say(note);
        }

        return series;
    }

    // Standard input can be read once only.
    private TableFile Once(ParseResult parsed) => _opened ??= _table.OpenOne(parsed);
}
