using RiskLake.Calendars;
using RiskLake.Lake.Errors;
using static System.FormattableString;

namespace RiskLake.Contracts;

/// <summary>Gives what a calendar cannot read or answer a number, a place and a next step.</summary>
internal static class CalendarErrors
{
    private const string Known = "choose dates in that range, or name rule files that know more with --calendars";

    private const string Answers = "CSV with the header `,open,close,break_start,break_end`, one row per session, in UTC";

    public static RiskLakeException Coded(CalendarException error)
    {
        var place = error.File is null ? "calendar" : error.Line is null ? error.File : Invariant($"{error.File}:{error.Line}");
        var (code, expected, next) = error.Fault switch
        {
            CalendarFault.RuleFile when IsMissing(error) => (ErrorCode.ConfigurationMissing, "a folder or file that exists", "correct the path"),
            CalendarFault.RuleFile => (ErrorCode.CalendarInvalid, "a calendar file as docs/calendars.md describes it", "correct the file"),
            CalendarFault.UnknownCalendar => (ErrorCode.CalendarUnknown, "the id or an alias of a calendar", "`risklake calendar list` names them all"),
            CalendarFault.OutsideKnown => (ErrorCode.CalendarOutsideKnown, "dates that the calendar knows", Known),
            CalendarFault.NotASession => (ErrorCode.NotASession, "a session", "ask for the next or previous session"),
            CalendarFault.NotATradingMinute => (ErrorCode.NotATradingMinute, "an instant at which the market trades", "ask for the next or previous minute"),
            CalendarFault.NoRule => (ErrorCode.CalendarRuleMissing, "a rule for that date", "name the number yourself, or add the rule to the calendar's file"),
            CalendarFault.AnswerFile when IsMissing(error) => (ErrorCode.InputMissing, "a file of answers", "correct the path"),
            CalendarFault.AnswerFile when error.InnerException is not null =>
                (ErrorCode.InputUnreadable, "a file that can be read", "correct the path or its permissions"),
            _ => (ErrorCode.CalendarAnswersInvalid, Answers, "correct the file"),
        };
        return new RiskLakeException(code, place, error.Detail, expected, next, error);
    }

    private static bool IsMissing(CalendarException error) => error.InnerException is FileNotFoundException or DirectoryNotFoundException;
}
