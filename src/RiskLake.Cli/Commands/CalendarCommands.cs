using System.CommandLine;
using System.Globalization;
using RiskLake.Calendars;
using RiskLake.Calendars.Rules;

namespace RiskLake.Cli.Commands;

/// <summary><c>risklake calendar</c>: when markets are open. These commands list; the others ask one question or compare.</summary>
internal static class CalendarCommands
{
    public static Command Build(CommandContext context)
    {
        var options = new CalendarOptions();
        return CommandTree.Group(
            "calendar",
            "When markets are open, from rules.",
            List(context, options),
            Show(context, options),
            Sessions(context, options),
            Schedule(context, options),
            CalendarQuestions.IsOpen(context, options),
            CalendarQuestions.Next(context, options),
            CalendarQuestions.Previous(context, options),
            CalendarQuestions.Offset(context, options),
            CalendarQuestions.Minutes(context, options),
            CalendarQuestions.Settle(context, options),
            CalendarComparisons.Diff(context, options),
            CalendarComparisons.Verify(context, options));
    }

    private static Command List(CommandContext context, CalendarOptions options)
    {
        var command = new Command("list", "The calendars there are. Reads every rule file, so it finds the errors in all of them.") { options.Calendars };
        command.SetAction(parsed =>
        {
            var rows = context.Rows(parsed, "calendar", "name", "aliases", "zone", "known_from", "known_through", "sha256");
            foreach (var rules in options.Library(parsed).List())
            {
                rows.Write([rules.Id, rules.Name, string.Join(' ', rules.Aliases), rules.ZoneId, rules.KnownFrom, rules.KnownThrough, rules.Sha256]);
            }

            rows.Finish();
            return ExitCode.Done;
        });
        return command;
    }

    private static Command Show(CommandContext context, CalendarOptions options)
    {
        var id = options.Calendar();
        var command = new Command("show", "The rules of a calendar, one per row.") { id, options.Calendars };
        command.SetAction(parsed =>
        {
            var rows = context.AllRows(parsed, "section", "name", "rule", "at");
            foreach (var (section, name, rule, at) in Rules(options.Library(parsed).Get(parsed.GetValue(id)!).Rules))
            {
                rows.Write([section, name, rule, at]);
            }

            rows.Finish();
            return ExitCode.Done;
        });
        return command;
    }

    private static Command Sessions(CommandContext context, CalendarOptions options)
    {
        var id = options.Calendar();
        var count = new Option<bool>("--count") { Description = "Only how many there are." };
        var command = options.About(
            "sessions", "The dates of the sessions in a range.", id, options.From, options.To, options.With, options.Join, count);
        command.SetAction(parsed =>
        {
            var calendar = options.Joint(parsed, parsed.GetValue(id)!);
            var (from, through) = options.Range(parsed, calendar);
            if (parsed.GetValue(count))
            {
                var total = context.Rows(parsed, "calendar", "from", "to", "sessions");
                total.Write([calendar.Id, from, through, calendar.CountSessions(from, through)]);
                total.Finish();
                return ExitCode.Done;
            }

            var rows = context.Rows(parsed, "session");
            foreach (var session in calendar.Sessions(from, through))
            {
                rows.Write([session]);
            }

            rows.Finish();
            return ExitCode.Done;
        });
        return command;
    }

    private static Command Schedule(CommandContext context, CalendarOptions options)
    {
        var id = options.Calendar();
        var special = new Option<bool>("--special") { Description = "Only late opens and early closes, with their reasons." };
        var command = options.About("schedule", "The times of the sessions in a range, in UTC.", id, options.From, options.To, special);
        command.SetAction(parsed =>
        {
            var calendar = options.Get(parsed, parsed.GetValue(id)!);
            var (from, through) = options.Range(parsed, calendar);
            var isSpecial = parsed.GetValue(special);
            string[] times = ["session", "open", "close", "break_start", "break_end"];
            var rows = context.Rows(parsed, isSpecial ? [.. times, "late_open", "early_close"] : times);
            foreach (var session in calendar.Schedule(from, through))
            {
                object?[] row = [session.Session, session.Open, session.Close, session.BreakStart, session.BreakEnd];
                if (!isSpecial)
                {
                    rows.Write(row);
                }
                else if (session.LateOpen is not null || session.EarlyClose is not null)
                {
                    rows.Write([.. row, session.LateOpen, session.EarlyClose]);
                }
            }

            rows.Finish();
            return ExitCode.Done;
        });
        return command;
    }

    private static IEnumerable<(string Section, string? Name, string? Rule, string? At)> Rules(CalendarRules rules)
    {
        yield return ("calendar", rules.Id, rules.Name, null);
        yield return ("zone", rules.ZoneId, ExchangeCalendar.TimeZoneVersion, null);
        yield return ("known", null, $"{Date(rules.KnownFrom) ?? "no bound"} through {Date(rules.KnownThrough) ?? "no bound"}", null);
        foreach (var week in rules.Weeks)
        {
            yield return ("week", null, string.Join(' ', week.Days) + (week.From is { } from ? $" from {Date(from)}" : ""), null);
        }

        foreach (var alias in rules.Aliases)
        {
            yield return ("alias", alias, null, null);
        }

        foreach (var hours in rules.Hours)
        {
            yield return ("hours", null, Since(hours.From, null), $"{Clock(hours.Open, hours.OpenDay)} to {Clock(hours.Close, hours.CloseDay)}");
        }

        foreach (var pause in rules.Breaks)
        {
            yield return ("break", null, Since(pause.From, pause.Until), $"{Clock(pause.Start)} to {Clock(pause.End)}");
        }

        foreach (var (section, dated) in new[]
        {
            ("holiday", rules.Holidays), ("early_close", rules.EarlyCloses), ("late_open", rules.LateOpens), ("thin", rules.Thin),
        })
        {
            foreach (var rule in dated)
            {
                yield return (section, rule.Name, rule.When, rule.At is { } at ? Clock(at) : null);
            }
        }

        foreach (var closure in rules.Closures)
        {
            var days = closure.From == closure.Through ? Date(closure.From) : $"{Date(closure.From)} through {Date(closure.Through)}";
            var known = closure.Announced is { } announced ? $"; announced {Date(announced)}" : closure.Scheduled ? "" : "; unannounced";
            yield return ("closure", closure.Why, days + known, null);
        }

        foreach (var session in rules.Sessions)
        {
            var open = session.Open is { } opens ? $"open {Clock(opens)}" : null;
            var close = session.Close is { } closes ? $"close {Clock(closes)}" : null;
            var pause = session.Break is { } own ? $"break {Clock(own.Start)} to {Clock(own.End)}" : null;
            yield return ("session", session.Why, Date(session.Date), string.Join(", ", new[] { open, close, pause }.OfType<string>()));
        }

        foreach (var disruption in rules.Disruptions)
        {
            var open = disruption.Open is { } opens ? $"open {Clock(opens)}" : null;
            var close = disruption.Close is { } closes ? $"close {Clock(closes)}" : null;
            yield return ("disruption", disruption.Why, Date(disruption.Session), string.Join(", ", new[] { open, close }.OfType<string>()));
        }

        foreach (var lag in rules.Settlement)
        {
            yield return ("settlement", FormattableString.Invariant($"T+{lag.Lag}"), Since(lag.From, null), null);
        }

        if (rules.SettlementCalendar is { } calendar)
        {
            yield return ("settlement_calendar", calendar.Base == SettlementBase.Payment ? "payment" : "sessions", null, null);
            foreach (var (section, days) in new[] { ("settlement_open", calendar.OpenOn), ("settlement_closed", calendar.ClosedOn) })
            {
                foreach (var rule in days)
                {
                    yield return (section, rule.Name, rule.When, null);
                }
            }
        }

        foreach (var payment in rules.Payment)
        {
            yield return ("payment", payment, null, null);
        }

        foreach (var (section, hours) in new[] { ("extended", rules.Extended), ("hours_actual", rules.ActualHours) })
        {
            if (hours is not null)
            {
                yield return (section, null, null, $"{Clock(hours.Start)} to {Clock(hours.End)}");
            }
        }

        foreach (var file in rules.Files)
        {
            yield return ("file", file, rules.Sha256, null);
        }
    }

    private static string? Since(DateOnly? from, DateOnly? until) => (from, until) switch
    {
        (null, null) => null,
        (null, _) => $"until {Date(until)}",
        (_, null) => $"from {Date(from)}",
        _ => $"{Date(from)} until {Date(until)}",
    };

    private static string? Date(DateOnly? date) => date?.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    private static string Clock(TimeOnly time, int day = 0) =>
        time.ToString("HH:mm", CultureInfo.InvariantCulture) + (day == 0 ? "" : day < 0 ? " the day before" : " the day after");
}
