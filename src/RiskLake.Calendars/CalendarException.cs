using static System.FormattableString;

namespace RiskLake.Calendars;

/// <summary>What kind of question or input a calendar could not serve.</summary>
public enum CalendarFault
{
    /// <summary>A rule file, or a list of known differences, breaks the language.</summary>
    RuleFile,

    /// <summary>No rule file and no alias has the name that was asked for.</summary>
    UnknownCalendar,

    /// <summary>The answer lies outside the range in which the calendar's facts are known.</summary>
    OutsideKnown,

    /// <summary>The date is known and is not a session, and the question needs one.</summary>
    NotASession,

    /// <summary>The instant is known and is not a trading minute, and the question needs one.</summary>
    NotATradingMinute,

    /// <summary>The calendar has no rule for what was asked, such as a settlement lag.</summary>
    NoRule,

    /// <summary>A file of answers cannot be read as one.</summary>
    AnswerFile,
}

/// <summary>A calendar cannot be read, or cannot answer.</summary>
/// <remarks>The message begins with the place when there is one; <see cref="Detail"/> is the message without it.</remarks>
public sealed class CalendarException : Exception
{
    /// <summary>An error without a place in a file.</summary>
    public CalendarException(CalendarFault fault, string detail)
        : this(fault, detail, file: null, line: null)
    {
    }

    /// <summary>An error at a place in a file.</summary>
    public CalendarException(CalendarFault fault, string detail, string? file, int? line, Exception? innerException = null)
        : base(At(file, line) + detail, innerException)
    {
        Fault = fault;
        Detail = detail;
        File = file;
        Line = line;
    }

    /// <summary>The kind of error.</summary>
    public CalendarFault Fault { get; }

    /// <summary>The message without the place.</summary>
    public string Detail { get; }

    /// <summary>The file that holds the error, if it is in a file.</summary>
    public string? File { get; }

    /// <summary>The line of the error, counted from 1, if there is one.</summary>
    public int? Line { get; }

    private static string At(string? file, int? line) =>
        file is null ? "" : line is null ? $"{file}: " : Invariant($"{file}:{line}: ");
}
