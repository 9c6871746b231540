using System.CommandLine;
using RiskLake.Calendars;
using RiskLake.Cli.Output;

namespace RiskLake.Cli.Commands;

/// <summary>Calendar commands that answer one question with one row each.</summary>
internal static class CalendarQuestions
{
    public static Command IsOpen(CommandContext context, CalendarOptions options)
    {
        var id = options.Calendar();
        var when = When("Date (is it a session?) or instant (does the market trade?).");
        var command = options.About("is-open", "Whether a market trades on a date or at an instant.", id, when, options.With, options.Join);
        command.SetAction(parsed =>
        {
            var calendar = options.Joint(parsed, parsed.GetValue(id)!);
            var (date, instant) = CalendarOptions.DateOrInstant("when", parsed.GetValue(when)!);
            var exchange = calendar as ExchangeCalendar;
            var isOpen = date is { } day ? calendar.IsSession(day) : calendar.IsOpenAt(instant);
            var session = date is { } dated ? (isOpen ? dated : null) : exchange?.SessionAt(instant);
            var why = isOpen || exchange is null ? null
                : date is { } closed ? exchange.WhyClosed(closed)
                : session is not null ? "break"
                : WhyClosedAt(exchange, instant);
            object at = date is { } asked ? asked : instant;
            return Answer(context, parsed, ["calendar", "at", "open", "session", "why"], [calendar.Id, at, isOpen, session, why]);
        });
        return command;
    }

    public static Command Next(CommandContext context, CalendarOptions options) => Neighbour(
        context,
        options,
        "next",
        "The session after a date, or the first that opens after an instant.",
        (calendar, date) => calendar.NextSession(date),
        (calendar, instant) => calendar.SessionAt(calendar.NextOpen(instant), SessionDirection.Exact));

    // The instant of the close is the first that no longer belongs to the session.
    public static Command Previous(CommandContext context, CalendarOptions options) => Neighbour(
        context,
        options,
        "previous",
        "The session before a date, or the last that closed by an instant.",
        (calendar, date) => calendar.PreviousSession(date),
        (calendar, instant) => calendar.SessionAt(calendar.PreviousClose(instant.AddTicks(1)).AddMinutes(-1), SessionDirection.Exact));

    public static Command Offset(CommandContext context, CalendarOptions options)
    {
        var id = options.Calendar();
        var from = When("Date (counts sessions) or instant (counts trading minutes).");
        var distance = new Argument<int>("n") { Description = "How many, negative to go back." };
        var command = options.About(
            "offset",
            "The date so many sessions away, or the instant so many trading minutes away.",
            id,
            from,
            distance,
            options.Direction,
            options.With,
            options.Join);
        command.SetAction(parsed =>
        {
            var calendar = options.Joint(parsed, parsed.GetValue(id)!);
            var (date, instant) = CalendarOptions.DateOrInstant("when", parsed.GetValue(from)!);
            var (n, direction) = (parsed.GetValue(distance), options.DirectionOf(parsed));
            string[] columns = ["calendar", "from", "n", "unit", "to"];
            if (date is { } day)
            {
                return Answer(context, parsed, columns, [calendar.Id, day, n, "sessions", calendar.Offset(calendar.ToSession(day, direction), n)]);
            }

            RefuseModified(direction);
            return Answer(context, parsed, columns, [calendar.Id, instant, n, "minutes", One(calendar).OffsetMinutes(instant, n, direction)]);
        });
        return command;
    }

    public static Command Minutes(CommandContext context, CalendarOptions options)
    {
        var id = options.Calendar();
        var from = new Option<string>("--from") { Description = "First date, or an instant.", HelpName = "when", Required = true };
        var to = new Option<string?>("--to")
        {
            Description = "Last date, included (default: --from), or the instant up to which minutes are counted.",
            HelpName = "when",
        };
        var each = new Option<bool>("--each") { Description = "Every trading minute by its first instant." };
        var command = options.About(
            "minutes", "Trading minutes per session of a range of dates, or those that begin between two instants.", id, from, to, each);
        command.SetAction(parsed =>
        {
            var calendar = options.Get(parsed, parsed.GetValue(id)!);
            var first = CalendarOptions.DateOrInstant("--from", parsed.GetValue(from)!);
            var last = parsed.GetValue(to) is { } text ? CalendarOptions.DateOrInstant("--to", text) : first;
            if (first.Date is { } day && last.Date is { } through && day <= through)
            {
                return PerSession(context, parsed, calendar, calendar.Sessions(day, through), parsed.GetValue(each));
            }

            if (first.Date is not null || last.Date is not null || parsed.GetValue(to) is null || parsed.GetValue(each))
            {
                throw CalendarOptions.Invalid(
                    "--from and --to", $"'{parsed.GetValue(from)}' and '{parsed.GetValue(to)}'", "two dates in order, or two instants without --each");
            }

            var minutes = calendar.CountMinutes(first.Instant, last.Instant);
            return Answer(context, parsed, ["calendar", "from", "to", "minutes"], [calendar.Id, first.Instant, last.Instant, minutes]);
        });
        return command;
    }

    public static Command Settle(CommandContext context, CalendarOptions options)
    {
        var id = options.Calendar();
        var trades = new Argument<string[]>("date") { Description = "Trade dates.", Arity = ArgumentArity.OneOrMore };
        var lag = new Option<int?>("--lag") { Description = "Settlement days instead of the rules' number.", HelpName = "n" };
        var payment = new Option<string[]>("--payment")
        {
            Description = "Bank calendar that must be open instead of those the rules name; may be repeated.",
            HelpName = "calendar",
            AllowMultipleArgumentsPerToken = false,
        };
        var command = options.About("settle", "When trades settle.", id, trades, lag, payment);
        command.SetAction(parsed =>
        {
            var days = parsed.GetValue(lag);
            if (days is < 0)
            {
                throw CalendarOptions.Invalid("--lag", ValueText.Plain(days)!, "0 or more");
            }

            var exchange = options.Get(parsed, parsed.GetValue(id)!);
            var banks = parsed.GetValue(payment) is { Length: > 0 } named ? named : [.. exchange.Rules.Payment];
            var settlement = new Settlement(exchange, [.. banks.Select(bank => options.Get(parsed, bank))]);
            var rows = context.Rows(parsed, "calendar", "trade_date", "lag", "settlement_date", "payment");
            foreach (var text in parsed.GetValue(trades)!)
            {
                var trade = CalendarOptions.Date("date", text);
                var systems = string.Join(' ', settlement.Payment.Select(bank => bank.Id));
                rows.Write([exchange.Id, trade, days ?? settlement.Lag(trade), settlement.Date(trade, days), systems]);
            }

            rows.Finish();
            return ExitCode.Done;
        });
        return command;
    }

    private static Command Neighbour(
        CommandContext context, CalendarOptions options, string name, string description,
        Func<SessionCalendar, DateOnly, DateOnly> byDate, Func<ExchangeCalendar, DateTimeOffset, DateOnly> byInstant)
    {
        var id = options.Calendar();
        var when = When("Date or instant.");
        var command = options.About(name, description, id, when, options.With, options.Join);
        command.SetAction(parsed =>
        {
            var calendar = options.Joint(parsed, parsed.GetValue(id)!);
            var (date, instant) = CalendarOptions.DateOrInstant("when", parsed.GetValue(when)!);
            var session = date is { } day ? byDate(calendar, day) : byInstant(One(calendar), instant);
            var times = (calendar as ExchangeCalendar)?.Schedule(session);
            return Answer(
                context, parsed, ["calendar", "at", "session", "open", "close"],
                [calendar.Id, date is { } asked ? asked : instant, session, times?.Open, times?.Close]);
        });
        return command;
    }

    private static int PerSession(CommandContext context, ParseResult parsed, ExchangeCalendar calendar, IEnumerable<DateOnly> sessions, bool each)
    {
        var rows = context.Rows(parsed, "session", each ? "minute" : "minutes");
        foreach (var session in sessions)
        {
            if (!each)
            {
                rows.Write([session, calendar.CountMinutes(session)]);
                continue;
            }

            foreach (var minute in calendar.Minutes(session))
            {
                rows.Write([session, minute]);
            }
        }

        rows.Finish();
        return ExitCode.Done;
    }

    // On a day with a session the reason is the hour; else it is the holiday or the weekday of the market's own date.
    private static string WhyClosedAt(ExchangeCalendar calendar, DateTimeOffset instant)
    {
        var local = calendar.LocalDateAt(instant);
        return calendar.Knows(local) && calendar.WhyClosed(local) is { } why ? why : "outside hours";
    }

    private static ExchangeCalendar One(SessionCalendar calendar) => calendar as ExchangeCalendar ?? throw CalendarOptions.Invalid(
        "--with", "calendars taken together, and an instant", "a date: sessions are joined by their dates, their hours are not");

    private static void RefuseModified(SessionDirection direction)
    {
        if (direction == SessionDirection.ModifiedNext)
        {
            throw CalendarOptions.Invalid("--direction", "modified-next with an instant", "exact, next or previous: an instant has no month of its own");
        }
    }

    private static Argument<string> When(string description) => new("when") { Description = description };

    private static int Answer(CommandContext context, ParseResult parsed, IReadOnlyList<string> columns, IReadOnlyList<object?> row)
    {
        var rows = context.Rows(parsed, columns);
        rows.Write(row);
        rows.Finish();
        return ExitCode.Done;
    }
}
