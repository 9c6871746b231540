using System.Globalization;
using System.Text;
using RiskLake.Calendars;

namespace RiskLake.Tests.Calendars;

public sealed class CalendarAnswersTests
{
    private static readonly DateOnly s_from = new(2026, 3, 2);
    private static readonly DateOnly s_through = new(2026, 4, 10);

    private static readonly ExchangeCalendar s_tokyo = CalendarLibrary.BuiltIn.Get("XTKS");

    [Fact]
    public void Every_calendar_agrees_with_its_own_schedule()
    {
        foreach (var id in CalendarLibrary.BuiltIn.Ids)
        {
            var calendar = CalendarLibrary.BuiltIn.Get(id);
            var text = Csv(calendar.Schedule(calendar.KnownFrom, calendar.KnownThrough));
            Assert.Empty(CalendarAnswers.Read(new StringReader(text), id).Compare(calendar));
        }
    }

    [Theory]
    [InlineData("2026-03-03T00:00:00Z,2026-03-03T00:00:00Z", "2026-03-03T00:00:00Z,2026-03-03T00:01:00Z", DifferenceField.Open)]
    [InlineData(",2026-03-03T06:30:00Z,", ",2026-03-03T06:00:00Z,", DifferenceField.Close)]
    [InlineData(",2026-03-03T02:30:00Z,", ",2026-03-03T02:00:00Z,", DifferenceField.BreakStart)]
    [InlineData(",2026-03-03T03:30:00Z", ",2026-03-03T04:30:00Z", DifferenceField.BreakEnd)]
    [InlineData(
        "2026-03-03T00:00:00Z,2026-03-03T00:00:00Z,2026-03-03T06:30:00Z,2026-03-03T02:30:00Z,2026-03-03T03:30:00Z\n",
        "",
        DifferenceField.Extra)]
    [InlineData(
        "2026-03-23T00:00:00Z",
        "2026-03-20T00:00:00Z,2026-03-20T00:00:00Z,2026-03-20T06:30:00Z,,\n2026-03-23T00:00:00Z",
        DifferenceField.Missing)]
    public void One_change_of_a_file_is_one_difference(string text, string replacement, DifferenceField field)
    {
        var original = Csv(s_tokyo.Schedule(s_from, s_through));
        var at = original.IndexOf(text, StringComparison.Ordinal);
        Assert.True(at > 0);
        var answers = CalendarAnswers.Read(new StringReader(original.Remove(at, text.Length).Insert(at, replacement)), "changed.csv");
        var difference = Assert.Single(answers.Compare(s_tokyo));
        Assert.Equal(field, difference.Field);
        Assert.True(difference.IsKnown);
        Assert.Equal(field is DifferenceField.Missing ? "Vernal Equinox Day" : null, difference.Reason);
    }

    [Fact]
    public void A_schedule_that_was_written_reads_back_the_same()
    {
        var text = new StringWriter();
        var schedule = s_tokyo.Schedule(s_from, s_through);
        CalendarAnswers.Write(text, schedule);
        Assert.StartsWith("session,open,close,break_start,break_end\n2026-03-02,2026-03-02T00:00:00Z", $"{text}", StringComparison.Ordinal);
        Assert.Equal(schedule, CalendarAnswers.Read(new StringReader(text.ToString()), "written.csv").Sessions);
    }

    [Fact]
    public void A_break_that_only_one_side_has_is_two_differences()
    {
        DateOnly date = new(2026, 3, 3);
        var text = new StringWriter();
        CalendarAnswers.Write(text, [s_tokyo.Schedule(date) with { BreakStart = null, BreakEnd = null }]);
        var differences = CalendarAnswers.Read(new StringReader(text.ToString()), "no-break.csv").Compare(s_tokyo);
        Assert.Equal([DifferenceField.BreakStart, DifferenceField.BreakEnd], differences.Select(d => d.Field));
        Assert.All(differences, d => Assert.True(d.Expected is null && d.Actual is not null));
    }

    [Fact]
    public void Rows_beyond_the_known_range_are_compared_and_marked()
    {
        const string text = """
            session,open,close,break_start,break_end
            1999-12-29,1999-12-29 08:00:00+00:00,1999-12-29 16:30:00+00:00,,
            1999-12-30,1999-12-30 08:00:00+00:00,1999-12-30 16:00:00+00:00,,

            """;
        var answers = CalendarAnswers.Read(new StringReader(text), "xetr.csv");
        var difference = Assert.Single(answers.Compare(CalendarLibrary.BuiltIn.Get("XETR")));
        Assert.Equal((new DateOnly(1999, 12, 30), DifferenceField.Close), (difference.Session, difference.Field));
        Assert.False(difference.IsKnown);
    }

    [Theory]
    [InlineData(null, 1, "the file is empty")]
    [InlineData("date,open,close\n", 1, "the header is `date,open,close`")]
    [InlineData("\n", 1, "the file has no session")]
    [InlineData("\n2026-03-03,2026-03-03T00:00:00Z\n", 2, "2 fields; expected 5")]
    [InlineData("\n2026-03-33,2026-03-03T00:00:00Z,2026-03-03T06:00:00Z,,\n", 2, "`2026-03-33` is not a")]
    [InlineData("\n9999-12-31,2026-03-03T00:00:00Z,2026-03-03T06:00:00Z,,\n", 2, "`9999-12-31` is not a")]
    [InlineData("\n2026-03-03,,2026-03-03T06:00:00Z,,\n", 2, "the session has no open")]
    [InlineData("\n2026-03-03,2026-03-03T00:00:00+09:00,2026-03-03T06:00:00Z,,\n", 2, "is not a time in UTC")]
    [InlineData("\n2026-03-03,2026-03-03T00:00:00Z,2026-03-03T06:00:00Z,2026-03-03T03:00:00Z,\n", 2, "both a start and an end")]
    [InlineData(
        "\n2026-03-03,2026-03-03T00:00Z,2026-03-03T06:00Z,,\n2026-03-03,2026-03-03T00:00Z,2026-03-03T06:00Z,,\n",
        3,
        "does not come after")]
    public void A_file_that_is_not_one_of_answers_is_refused(string? rows, int line, string message)
    {
        var text = rows is null ? "" : rows.StartsWith('\n') ? ",open,close,break_start,break_end" + rows : rows;
        var error = Assert.Throws<CalendarException>(() => CalendarAnswers.Read(new StringReader(text), "a.csv"));
        Assert.Equal((CalendarFault.AnswerFile, "a.csv", line), (error.Fault, error.File, error.Line!.Value));
        Assert.Contains(message, error.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public void A_missing_file_is_refused() =>
        Assert.Equal(CalendarFault.AnswerFile, Assert.Throws<CalendarException>(() => CalendarAnswers.Read("/nowhere/a.csv")).Fault);

    [Fact]
    public void Two_calendars_differ_where_their_sessions_and_hours_do()
    {
        var (fee, futures) = (CalendarLibrary.BuiltIn.Get("CMES"), CalendarLibrary.BuiltIn.Get("CMEEQ"));
        var differences = SessionDifference.Between(fee, futures, new(2026, 4, 2), new(2026, 4, 3));
        Assert.Equal(
            [(new DateOnly(2026, 4, 2), DifferenceField.Close), (new(2026, 4, 3), DifferenceField.Extra)],
            differences.Select(d => (d.Session, d.Field)));
        Assert.Equal("Good Friday", differences[1].Reason);
        Assert.Empty(SessionDifference.Between(fee, fee, new(2000, 1, 1), new(2020, 1, 1)));
    }

    [Theory]
    [InlineData("A:\n  - {field: open, dates: [2001-01-01], why: x, wy: y}", "unknown key `wy`")]
    [InlineData("A:\n  - {field: hours, dates: [2001-01-01], why: x}", "`hours` is not one of missing")]
    [InlineData("A:\n  - {field: open, why: x}", "either `dates` or `from`")]
    [InlineData("A:\n  - {field: open, from: 2001-01-01, why: x}", "either `dates` or `from`")]
    [InlineData("A:\n  - {field: open, dates: [2001-01-01], from: 2001-01-01, through: 2001-01-02, why: x}", "either `dates` or `from`")]
    public void A_wrong_list_of_known_differences_is_refused(string text, string message)
    {
        var error = Assert.Throws<CalendarException>(() => KnownDifferences.Parse("known.yaml", Encoding.UTF8.GetBytes(text)));
        Assert.Equal(("known.yaml", 2), (error.File, error.Line!.Value));
        Assert.Contains(message, error.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public void A_difference_is_explained_only_by_an_entry_for_its_place_that_is_applied()
    {
        var known = KnownDifferences.Parse("known.yaml", """
            XNYS:
              - {field: [open, close], dates: [2001-01-02], why: both}
              - {field: break, from: 2001-01-03, through: 2001-01-05, why: break}
              - {field: missing, dates: [2001-01-08], applied: false, why: doubt}
            """u8);
        string? Explain(string id, DateOnly session, DifferenceField field) =>
            known.Explain(id, new SessionDifference(session, field, Expected: null, Actual: null, Reason: null));

        Assert.Equal("both", Explain("XNYS", new(2001, 1, 2), DifferenceField.Close));
        Assert.Null(Explain("XNYS", new(2001, 1, 2), DifferenceField.BreakStart));
        Assert.Null(Explain("XLON", new(2001, 1, 2), DifferenceField.Close));
        Assert.Equal("break", Explain("XNYS", new(2001, 1, 5), DifferenceField.BreakEnd));
        Assert.Null(Explain("XNYS", new(2001, 1, 6), DifferenceField.BreakEnd));
        Assert.Null(Explain("XNYS", new(2001, 1, 8), DifferenceField.Missing));
    }

    private static string Csv(IEnumerable<ScheduledSession> schedule)
    {
        var text = new StringBuilder(",open,close,break_start,break_end\n");
        foreach (var s in schedule)
        {
            text.Append(CultureInfo.InvariantCulture, $"{s.Session:yyyy-MM-dd}T00:00:00Z,{Utc(s.Open)},{Utc(s.Close)},");
            text.Append(CultureInfo.InvariantCulture, $"{Utc(s.BreakStart)},{Utc(s.BreakEnd)}\n");
        }

        return text.ToString();
    }

    private static string Utc(DateTimeOffset? at) =>
        at?.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture) ?? "";
}
