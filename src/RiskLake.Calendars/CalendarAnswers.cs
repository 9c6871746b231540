using System.Collections.Immutable;
using System.Globalization;
using static System.FormattableString;

namespace RiskLake.Calendars;

/// <summary>A schedule that somebody else computed, to be compared with a calendar.</summary>
/// <remarks>
/// The file is CSV with the header <c>,open,close,break_start,break_end</c> (the first column may be called <c>session</c>), one
/// row per session in ascending order, all times UTC. Nothing of it ever becomes part of a calendar.
/// </remarks>
public sealed class CalendarAnswers
{
    private const int MaxRows = 1_000_000;

    private static readonly string[] s_times =
    [
        "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK", "yyyy-MM-dd'T'HH:mmK", "yyyy-MM-dd HH:mm:ss.FFFFFFFK", "yyyy-MM-dd HH:mmK",
    ];

    private CalendarAnswers(string file, ImmutableArray<ScheduledSession> sessions)
    {
        File = file;
        Sessions = sessions;
    }

    /// <summary>The file's name.</summary>
    public string File { get; }

    /// <summary>The file's sessions; at least one.</summary>
    public ImmutableArray<ScheduledSession> Sessions { get; }

    /// <summary>Reads a file.</summary>
    /// <exception cref="CalendarException">A row is not what the form says; the file cannot be read.</exception>
    public static CalendarAnswers Read(string path)
    {
        try
        {
            using var reader = new StreamReader(path);
            return Read(reader, path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CalendarException(CalendarFault.AnswerFile, e.Message, path, line: null, e);
        }
    }

    /// <summary>Reads text, which errors name by <paramref name="file"/>.</summary>
    public static CalendarAnswers Read(TextReader reader, string file)
    {
        CalendarException Error(int line, string detail) => new(CalendarFault.AnswerFile, detail, file, line);

        var header = reader.ReadLine()?.TrimEnd() ?? throw Error(1, "the file is empty");
        if (header is not (",open,close,break_start,break_end" or "session,open,close,break_start,break_end"))
        {
            throw Error(1, $"the header is `{header}`; expected `,open,close,break_start,break_end`");
        }

        var sessions = ImmutableArray.CreateBuilder<ScheduledSession>();
        var line = 1;
        while (reader.ReadLine() is { } text)
        {
            line++;
            if (text.AsSpan().Trim().IsEmpty)
            {
                continue;
            }

            var fields = text.TrimEnd().Split(',');
            if (fields.Length != 5)
            {
                throw Error(line, Invariant($"{fields.Length} fields; expected 5"));
            }

            var session = new ScheduledSession(
                Date(fields[0]),
                Need(fields[1], "open"),
                Need(fields[2], "close"),
                Time(fields[3]),
                Time(fields[4]),
                LateOpen: null,
                EarlyClose: null);
            if (session.BreakStart.HasValue != session.BreakEnd.HasValue)
            {
                throw Error(line, "a break has both a start and an end");
            }

            if (sessions.Count > 0 && session.Session <= sessions[^1].Session)
            {
                throw Error(line, Invariant($"session {session.Session:yyyy-MM-dd} does not come after {sessions[^1].Session:yyyy-MM-dd}"));
            }

            if (sessions.Count == MaxRows)
            {
                throw Error(line, Invariant($"more than {MaxRows} sessions"));
            }

            sessions.Add(session);
        }

        return sessions.Count == 0 ? throw Error(line, "the file has no session") : new CalendarAnswers(file, sessions.ToImmutable());

        DateOnly Date(string text)
        {
            // A session is a date, or its midnight in UTC.
            if (!DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var date)
                && Time(text) is { } time && time.TimeOfDay == TimeSpan.Zero)
            {
                date = DateOnly.FromDateTime(time.DateTime);
            }

            return DateRange.Contains(date) ? date : throw Error(line, $"`{text}` is not a session's date");
        }

        DateTimeOffset Need(string text, string name) => Time(text) ?? throw Error(line, $"the session has no {name}");

        DateTimeOffset? Time(string text) =>
            text.Length == 0 ? null
            : DateTimeOffset.TryParseExact(text, s_times, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time)
                && time.Offset == TimeSpan.Zero ? time
            : throw Error(line, $"`{text}` is not a time in UTC (YYYY-MM-DDTHH:MM:SSZ)");
    }

    /// <summary>Writes a schedule in the form that <see cref="Read(TextReader, string)"/> reads; lines end in a line feed.</summary>
    public static void Write(TextWriter writer, IEnumerable<ScheduledSession> schedule)
    {
        writer.Write("session,open,close,break_start,break_end\n");
        foreach (var s in schedule)
        {
            writer.Write(Invariant($"{s.Session:yyyy-MM-dd},{Utc(s.Open)},{Utc(s.Close)},{Utc(s.BreakStart)},{Utc(s.BreakEnd)}\n"));
        }

        static string Utc(DateTimeOffset? at) => at is { } time ? Invariant($"{time.UtcDateTime:yyyy-MM-dd'T'HH:mm:ss}Z") : "";
    }

    /// <summary>Every difference between these answers (expected) and a calendar (actual), by session and field.</summary>
    /// <remarks>
    /// The whole span from the first to the last session of the file is compared. Beyond the calendar's known range its rules are
    /// evaluated all the same: a comparison is not an answer. Such differences carry <c>IsKnown: false</c>.
    /// </remarks>
    /// <param name="calendar">The calendar to be judged.</param>
    /// <param name="explained">Differences that are there on purpose; each one met carries its explanation.</param>
    public ImmutableArray<SessionDifference> Compare(ExchangeCalendar calendar, KnownDifferences? explained = null)
    {
        var (from, through) = (Sessions[0].Session, Sessions[^1].Session);
        var evaluated = calendar.Over(from, through);
        var differences = SessionDifference.Between(
            Sessions.AsSpan(), evaluated.Schedule(from, through).AsSpan(), _ => null, evaluated.WhyClosed);
        return
        [
            .. differences.Select(d => d with
            {
                IsKnown = calendar.Knows(d.Session),
                Explanation = explained?.Explain(calendar.Id, d),
            }),
        ];
    }
}
