using System.CommandLine;
using System.Globalization;
using RiskLake.Calendars;
using RiskLake.Lake.Errors;

namespace RiskLake.Cli.Commands;

/// <summary>What the calendar commands have in common: which calendars are asked, and how dates and instants are written.</summary>
internal sealed class CalendarOptions
{
    private static readonly string s_localFolder = Path.Combine("config", "calendars");

    private static readonly string[] s_instants =
        ["yyyy-MM-dd'T'HH:mm:ss.FFFFFFFzzz", "yyyy-MM-dd'T'HH:mmzzz", "yyyy-MM-dd' 'HH:mm:ss.FFFFFFFzzz", "yyyy-MM-dd' 'HH:mmzzz"];

    private CalendarLibrary? _library;

    public Option<string?> Calendars { get; } = FolderOption();

    public Option<string?> AsBelievedOn { get; } = new("--as-believed-on")
    {
        Description = "Leave out closures and disruptions that nobody knew of on this day.",
        HelpName = "date",
    };

    public Option<bool> WithDisruptions { get; } = new("--with-disruptions")
    {
        Description = "Count late opens and early closes that nobody announced.",
    };

    public Option<string?> From { get; } = new("--from") { Description = "First date. Default: where the calendar's knowledge begins.", HelpName = "date" };

    public Option<string?> To { get; } = new("--to") { Description = "Last date, included. Default: where the calendar's knowledge ends.", HelpName = "date" };

    public Option<string[]> With { get; } = new("--with")
    {
        Description = "Take another calendar together with it; may be repeated.",
        HelpName = "calendar",
        AllowMultipleArgumentsPerToken = false,
    };

    public Option<string> Join { get; } = Named(
        new Option<string>("--join")
        {
            Description = "Sessions of all calendars together (union), or those they share.",
            DefaultValueFactory = _ => "intersection",
        },
        "intersection",
        "union");

    public Option<string> Direction { get; } = Named(
        new Option<string>("--direction")
        {
            Description = "What a date or instant without a session stands for: nothing (exact), next, previous, modified-next (same month).",
            DefaultValueFactory = _ => "exact",
        },
        "exact",
        "next",
        "previous",
        "modified-next");

    /// <summary>The option for commands that need to know which symbol trades where.</summary>
    public static Option<string?> SymbolsOption() => new("--symbols")
    {
        Description = "Instruments and their markets. Default: config/symbols.yaml here, else the shipped copy.",
        HelpName = "file",
    };

    /// <summary>A calendar's id or alias, completed from the library.</summary>
    public Argument<string> Calendar()
    {
        var argument = new Argument<string>("calendar") { Description = "Id or alias of a calendar, such as XNYS.", HelpName = "calendar" };
        argument.CompletionSources.Add(completion =>
        {
            try
            {
                return Library(completion.ParseResult).Ids;
            }
            catch (CalendarException)
            {
                return [];
            }
        });
        return argument;
    }

    /// <summary>A command about one calendar, with the options that say which one is meant.</summary>
    public Command About(string name, string description, Argument<string> calendar, params ReadOnlySpan<Symbol> others)
    {
        var command = new Command(name, description) { calendar };
        foreach (var other in others)
        {
            if (other is Argument argument)
            {
                command.Arguments.Add(argument);
            }
            else
            {
                command.Options.Add((Option)other);
            }
        }

        command.Options.Add(Calendars);
        command.Options.Add(AsBelievedOn);
        command.Options.Add(WithDisruptions);
        return command;
    }

    /// <summary>The calendars in force: those of the folder named, else of the working folder, over the built-in ones.</summary>
    public CalendarLibrary Library(ParseResult parsed) =>
        _library ??= Folder(parsed.GetValue(Calendars)) is { } folder ? CalendarLibrary.Load(folder) : CalendarLibrary.BuiltIn;

    /// <summary>Where rule files are looked for: the folder given, else the working folder's; null when the built-in ones stand alone.</summary>
    public static string? Folder(string? given) => given is "" ? throw new RiskLakeException(
        ErrorCode.CommandLineInvalid, "--calendars", "an empty path", "a folder of calendar rules", "name the folder, or leave the option out")
        : given ?? (Directory.Exists(s_localFolder) ? s_localFolder : null);

    /// <summary>The option for commands that use calendars on the way to something else.</summary>
    public static Option<string?> FolderOption() => new("--calendars")
    {
        Description = "Folder with calendar rules that replace or add to the built-in ones. Default: config/calendars here, if there is one.",
        HelpName = "folder",
    };

    public ExchangeCalendar Get(ParseResult parsed, string idOrAlias) => InView(parsed, Library(parsed).Get(idOrAlias));

    /// <summary>The calendar, or all of them taken together if others are named.</summary>
    public SessionCalendar Joint(ParseResult parsed, string idOrAlias)
    {
        var library = Library(parsed);
        var others = parsed.GetValue(With) ?? [];
        var first = InView(parsed, library.Get(idOrAlias));
        return others.Length == 0
            ? first
            : JointCalendar.Join(
                parsed.GetValue(Join) == "union" ? JointKind.Union : JointKind.Intersection,
                [first, .. others.Select(other => InView(parsed, library.Get(other)))]);
    }

    /// <summary>The range of dates asked for; both ends are included.</summary>
    public (DateOnly From, DateOnly Through) Range(ParseResult parsed, params ReadOnlySpan<SessionCalendar> calendars)
    {
        var (from, through) = (DateOnly.MinValue, DateOnly.MaxValue);
        foreach (var calendar in calendars)
        {
            (from, through) = (Later(from, calendar.KnownFrom), Earlier(through, calendar.KnownThrough));
        }

        DateOnly? first = parsed.GetValue(From) is { } one ? Date("--from", one) : null;
        DateOnly? last = parsed.GetValue(To) is { } other ? Date("--to", other) : null;
        if (last < first)
        {
            throw Invalid("--to", FormattableString.Invariant($"{last:yyyy-MM-dd}, before {first:yyyy-MM-dd}"), "a date on or after --from");
        }

        // A single end beyond what is known leaves one date, about which the calendar then says so.
        from = first ?? (last < from ? last.Value : from);
        return (from, last ?? Later(from, through));
    }

    public SessionDirection DirectionOf(ParseResult parsed) => parsed.GetValue(Direction) switch
    {
        "next" => SessionDirection.Next,
        "previous" => SessionDirection.Previous,
        "modified-next" => SessionDirection.ModifiedNext,
        _ => SessionDirection.Exact,
    };

    public static DateOnly Date(string place, string text) =>
        DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var date)
            ? date
            : throw Invalid(place, $"'{text}'", "a date such as 2024-12-24");

    /// <summary>A date, or an instant with its offset: never a time that leaves its zone to be guessed.</summary>
    public static (DateOnly? Date, DateTimeOffset Instant) DateOrInstant(string place, string text)
    {
        if (DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var date))
        {
            return (date, default);
        }

        var zoned = text.EndsWith('Z') || text.EndsWith('z') ? text[..^1] + "+00:00" : text;
        return DateTimeOffset.TryParseExact(zoned, s_instants, CultureInfo.InvariantCulture, DateTimeStyles.None, out var instant)
            ? (null, instant)
            : throw Invalid(place, $"'{text}'", "a date such as 2024-12-24, or an RFC 3339 instant with an offset such as 2024-12-24T14:30:00Z");
    }

    public static RiskLakeException Invalid(string place, string found, string expected) =>
        new(ErrorCode.CommandLineInvalid, place, found, expected, "correct the command line");

    private ExchangeCalendar InView(ParseResult parsed, ExchangeCalendar calendar)
    {
        if (parsed.GetValue(AsBelievedOn) is { } believed)
        {
            calendar = calendar.AsBelievedOn(Date("--as-believed-on", believed));
        }

        return parsed.GetValue(WithDisruptions) ? calendar.WithDisruptions() : calendar;
    }

    private static Option<string> Named(Option<string> option, params string[] values) => option.AcceptOnlyFromAmong(values);

    private static DateOnly Later(DateOnly a, DateOnly b) => a > b ? a : b;

    private static DateOnly Earlier(DateOnly a, DateOnly b) => a < b ? a : b;
}
