using System.Text.Json.Nodes;

namespace RiskLake.EndToEnd;

/// <summary>The calendar commands, asked as a user asks them.</summary>
public sealed class CalendarTests
{
    public static TheoryData<string> Answers => ["XNYS", "XLON", "XETR", "XTKS", "24-5"];

    [Theory]
    [MemberData(nameof(Answers))]
    public void Every_difference_from_the_answers_is_explained(string id)
    {
        using var workspace = new Workspace();
        var known = Path.Combine(Cli.Repository, "tests", "RiskLake.Tests", "Calendars", "known-differences.yaml");
        var rows = workspace.Run("calendar", "verify", id, "--answers", AnswerFile($"{id.ToLowerInvariant()}.csv"), "--known-differences", known, "-o", "json")
            .Ends(0).Json.AsArray();
        Assert.All(rows, row => Assert.NotNull((string?)row!["explanation"]));
    }

    [Fact]
    public void Every_settlement_date_of_the_notices_is_met()
    {
        using var workspace = new Workspace();
        var expected = File.ReadLines(AnswerFile("settlement-us-equities.csv")).Skip(1).Select(line => line.Split(',')).ToList();
        var rows = workspace.Run(["calendar", "settle", "NASDAQ", .. expected.Select(row => row[0]), "-o", "json"]).Ends(0).Json.AsArray();
        Assert.Equal(22, rows.Count);
        Assert.Equal(expected.Select(row => row[1]), rows.Select(row => (string?)row!["settlement_date"]));
    }

    [Fact]
    public void A_schedule_verifies_against_itself_and_every_change_in_it_is_told()
    {
        using var workspace = new Workspace();
        var schedule = workspace.Run("calendar", "schedule", "XTKS", "--from", "2011-11-01", "--to", "2024-11-30", "-o", "csv").Ends(0).Out;
        workspace.Write("same.csv", schedule.Replace("session,", ",", StringComparison.Ordinal));
        Assert.Equal("[]\n", workspace.Run("calendar", "verify", "XTKS", "--answers", "same.csv", "-o", "json").Ends(0).Out);

        // One close moved, one session gone, one too many, one break taken away.
        workspace.Write("other.csv", schedule
            .Replace("2024-10-31T06:00:00Z", "2024-10-31T06:30:00Z", StringComparison.Ordinal)
            .Replace("2012-01-04,2012-01-04T00:00:00Z,2012-01-04T06:00:00Z,2012-01-04T02:30:00Z,2012-01-04T03:30:00Z\n", "", StringComparison.Ordinal)
            .Replace("2012-01-06,", "2012-01-05,2012-01-05T00:00:00Z,2012-01-05T06:00:00Z,,\n2012-01-06,", StringComparison.Ordinal)
            .Replace("2012-01-05,2012-01-05T00:00:00Z,2012-01-05T06:00:00Z,2012-01-05T02:30:00Z,2012-01-05T03:30:00Z\n", "", StringComparison.Ordinal)
            .Replace("2024-11-01,", "2024-11-02,", StringComparison.Ordinal));
        var rows = workspace.Run("calendar", "verify", "XTKS", "--answers", "other.csv", "-o", "json").Ends(1).Json.AsArray();
        Assert.Equal(
            [
                "2012-01-04 extra", "2012-01-05 break_start", "2012-01-05 break_end", "2024-10-31 close", "2024-11-01 extra", "2024-11-02 missing",
            ],
            rows.Select(row => $"{row!["session"]} {row["field"]}"));
        Assert.Equal("2024-10-31T06:30:00Z", (string?)rows[3]!["expected"]);
        Assert.Equal("2024-10-31T06:00:00Z", (string?)rows[3]!["actual"]);
    }

    [Fact]
    public void A_table_of_differences_leaves_none_out()
    {
        using var workspace = new Workspace();
        var schedule = workspace.Run("calendar", "schedule", "XNYS", "--from", "2023-01-01", "--to", "2024-12-31", "-o", "csv").Ends(0).Out;
        workspace.Write("shifted.csv", schedule.Replace(":30:00Z,20", ":31:00Z,20", StringComparison.Ordinal));
        var outcome = workspace.Run("calendar", "verify", "XNYS", "--answers", "shifted.csv").Ends(1);
        Assert.Equal(502 + 1, outcome.Out.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
        Assert.Contains("502 differences, 0 of them explained", outcome.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Explained_differences_are_shown_and_do_not_fail()
    {
        using var workspace = new Workspace();
        workspace.Write("answers.csv", ",open,close,break_start,break_end\n2024-12-24,2024-12-24T14:30:00Z,2024-12-24T21:00:00Z,,\n");
        workspace.Write("known.yaml", "XNYS:\n  - {field: close, dates: [2024-12-24], why: they forgot Christmas Eve}\n");
        workspace.Run("calendar", "verify", "XNYS", "--answers", "answers.csv").Ends(1);
        var row = One(workspace.Run("calendar", "verify", "XNYS", "--answers", "answers.csv", "--known-differences", "known.yaml", "-o", "json"));
        Assert.Equal("they forgot Christmas Eve", (string?)row["explanation"]);
        Assert.Equal("Christmas Eve", (string?)row["why"]);
    }

    [Fact]
    public void The_schedule_shows_early_closes_and_breaks_in_utc()
    {
        using var workspace = new Workspace();
        Assert.Equal(
            """
            session,open,close,break_start,break_end
            2024-12-23,2024-12-23T14:30:00Z,2024-12-23T21:00:00Z,,
            2024-12-24,2024-12-24T14:30:00Z,2024-12-24T18:00:00Z,,
            2024-12-26,2024-12-26T14:30:00Z,2024-12-26T21:00:00Z,,

            """,
            workspace.Run("calendar", "schedule", "NYSE", "--from", "2024-12-23", "--to", "2024-12-26", "-o", "csv").Ends(0).Out);
        var special = One(workspace.Run("calendar", "schedule", "XNYS", "--from", "2024-12-01", "--to", "2024-12-31", "--special", "-o", "json"));
        Assert.Equal("Christmas Eve", (string?)special["early_close"]);
        var tokyo = workspace.Run("calendar", "schedule", "XTKS", "--from", "2025-01-06", "--to", "2025-01-06", "-o", "ndjson").Ends(0).Json;
        Assert.Equal("2025-01-06T02:30:00Z", (string?)tokyo["break_start"]);
        Assert.Equal("2025-01-06T03:30:00Z", (string?)tokyo["break_end"]);
    }

    [Theory]
    [InlineData("2025-01-09", false, "Day of mourning for Jimmy Carter")]
    [InlineData("2025-01-10", true, null)]
    [InlineData("2025-01-20T15:00:00Z", false, "Martin Luther King Jr. Day")]
    [InlineData("2025-01-21T14:29:59.9999999Z", false, "outside hours")]
    [InlineData("2025-01-21T09:30:00-05:00", true, null)]
    [InlineData("2025-01-21T21:00:00Z", false, "outside hours")]
    public void A_market_says_whether_and_why(string when, bool isOpen, string? why)
    {
        using var workspace = new Workspace();
        var row = One(workspace.Run("calendar", "is-open", "XNYS", when, "-o", "json"));
        Assert.Equal(isOpen, (bool)row["open"]!);
        Assert.Equal(why, (string?)row["why"]);
    }

    [Fact]
    public void What_nobody_knew_can_be_left_out()
    {
        using var workspace = new Workspace();
        Assert.True((bool)One(workspace.Run("calendar", "is-open", "XNYS", "2001-09-12", "--as-believed-on", "2001-09-10", "-o", "json"))["open"]!);
        Assert.False((bool)One(workspace.Run("calendar", "is-open", "XNYS", "2001-09-12", "-o", "json"))["open"]!);
        Outcome Changed(string from, string to) =>
            workspace.Run("calendar", "diff", "XNYS", "--with-disruptions", "--from", from, "--to", to, "-o", "json");
        Assert.Empty(Changed("2015-01-01", "2015-12-31").Ends(0).Json.AsArray());
        Assert.Equal("close", (string?)One(Changed("1975-02-12", "1975-02-12"))["field"]);
    }

    [Theory]
    [InlineData("session", "2024-12-26", "next", "XNYS", "2024-12-24")]
    [InlineData("session", "2024-12-23", "previous", "XNYS", "2024-12-24")]
    [InlineData("session", "2024-12-24", "next", "XNYS", "2024-12-24T14:29:00Z")]
    [InlineData("session", "2024-12-24", "previous", "XNYS", "2024-12-24T18:00:00Z")]
    [InlineData("session", "2024-12-23", "previous", "XNYS", "2024-12-24T17:59:59Z")]
    [InlineData("session", "2024-12-27", "next", "XNYS", "2024-12-24", "--with", "XLON")]
    [InlineData("to", "2024-12-17", "offset", "XNYS", "2024-12-24", "-5")]
    [InlineData("to", "2024-12-26", "offset", "XNYS", "2024-12-25", "0", "--direction", "next")]
    [InlineData("to", "2024-12-26T14:30:00Z", "offset", "XNYS", "2024-12-24T17:59:30Z", "1")]
    [InlineData("minutes", "600", "minutes", "XNYS", "--from", "2024-12-23T00:00:00Z", "--to", "2024-12-25T00:00:00Z")]
    [InlineData("minutes", "210", "minutes", "XNYS", "--from", "2024-12-24")]
    [InlineData("minutes", "300", "minutes", "XTKS", "--from", "2024-11-01")]
    [InlineData("sessions", "252", "sessions", "XNYS", "--from", "2024-01-01", "--to", "2024-12-31", "--count")]
    [InlineData("settlement_date", "2025-10-14", "settle", "XNYS", "2025-10-10")]
    [InlineData("settlement_date", "2025-10-13", "settle", "XNYS", "2025-10-10", "--payment", "T2")]
    [InlineData("settlement_date", "2025-10-10", "settle", "XNYS", "2025-10-10", "--lag", "0")]
    [InlineData("settlement_date", "2018-12-05", "settle", "NYSE", "2018-12-03")]
    [InlineData("settlement_date", "2025-12-31", "settle", "XETRA", "2025-12-29")]
    public void A_question_has_one_answer(string column, string expected, params string[] question)
    {
        using var workspace = new Workspace();
        Assert.Equal(expected, One(workspace.Run(["calendar", .. question, "-o", "json"]))[column]!.ToString());
    }

    [Fact]
    public void Rule_files_of_a_folder_win_and_the_differences_are_told()
    {
        using var workspace = new Workspace();
        workspace.Write("rules/XNYS.yaml", "inherits: XNYS\nid: XNYS\nknown: {from: 2000-01-01, through: 2040-12-31}\nclosures: []\n");
        Assert.True((bool)One(workspace.Run("calendar", "is-open", "XNYS", "2025-01-09", "--calendars", "rules", "-o", "json"))["open"]!);
        var differences = workspace.Run("calendar", "diff", "XNYS", "--calendars", "rules", "--from", "2012-01-01", "-o", "json").Ends(0).Json.AsArray();
        Assert.Equal(["2012-10-29 extra", "2012-10-30 extra"], differences.Take(2).Select(row => $"{row!["session"]} {row["field"]}"));
        Assert.Equal("2040-12-31", (string?)workspace.Run("calendar", "list", "--calendars", "rules", "-o", "json").Ends(0).Json.AsArray()
            .Single(row => (string?)row!["calendar"] == "XNYS")!["known_through"]);

        // Beside the configuration they need not be named.
        workspace.Write("config/calendars/XNYS.yaml", File.ReadAllText(Path.Combine(workspace.Folder, "rules", "XNYS.yaml")));
        Assert.True((bool)One(workspace.Run("calendar", "is-open", "XNYS", "2025-01-09", "-o", "json"))["open"]!);
    }

    [Fact]
    public void All_calendars_are_listed_and_their_rules_shown()
    {
        using var workspace = new Workspace();
        var ids = workspace.Run("calendar", "list", "-o", "json").Ends(0).Json.AsArray().Select(row => (string)row!["calendar"]!).ToList();
        Assert.Equal(
            [
                .. "24-5 24-7 BVMF CMEEN CMEEQ CMES FX T2 USFED XAMS XASX XBKK XBOM XBRU XCSE XDUB XETR XFRA XHEL XHKG XIST XJSE XKRX".Split(' '),
                .. "XLIS XLON XMAD XMEX XMIL XNSE XNYS XNZE XOSL XPAR XSAU XSES XSHE XSHG XSTO XSWX XTAE XTAI XTKS XTSE XWAR XWBO".Split(' '),
            ],
            ids);
        foreach (var id in ids)
        {
            Assert.Contains("hours", workspace.Run("calendar", "show", id, "-o", "csv").Ends(0).Out, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData(2, "RL1001", "schedule", "XNYS", "--from", "2024-13-01")]
    [InlineData(2, "RL1001", "schedule", "XNYS", "--from", "2024-12-31", "--to", "2024-12-01")]
    [InlineData(2, "RL1001", "is-open", "XNYS", "2024-12-24T14:30:00")]
    [InlineData(2, "RL1001", "minutes", "XNYS", "--from", "2024-12-24T14:30:00Z")]
    [InlineData(2, "RL1001", "offset", "XNYS", "2024-12-24T15:00:00Z", "1", "--with", "XLON")]
    [InlineData(2, "RL1001", "offset", "XNYS", "2024-12-24T15:00:00Z", "1", "--direction", "modified-next")]
    [InlineData(2, "RL1001", "settle", "XNYS", "2024-12-24", "--lag", "-1")]
    [InlineData(2, "RL1001", "verify", "XNYS")]
    [InlineData(2, "RL1102", "list", "--calendars", "nowhere")]
    [InlineData(2, "RL1201", "schedule", "XNYS", "--calendars", "bad")]
    [InlineData(2, "RL1201", "verify", "XNYS", "--answers", "good.csv", "--known-differences", "bad/XNYS.yaml")]
    [InlineData(2, "RL1202", "schedule", "NYSX")]
    [InlineData(2, "RL1203", "schedule", "XNYS", "--from", "1970-12-31")]
    [InlineData(2, "RL1203", "schedule", "XNYS", "--from", "2200-01-01")]
    [InlineData(2, "RL1203", "schedule", "XNYS", "--to", "1960-01-01")]
    [InlineData(2, "RL1203", "next", "XNYS", "2028-12-29")]
    [InlineData(2, "RL1204", "offset", "XNYS", "2024-12-25", "1")]
    [InlineData(2, "RL1204", "settle", "XNYS", "2024-12-25")]
    [InlineData(2, "RL1205", "offset", "XNYS", "2024-12-25T15:00:00Z", "1")]
    [InlineData(2, "RL1206", "settle", "24-5", "2024-12-24")]
    [InlineData(2, "RL1207", "verify", "XNYS", "--answers", "bad.csv")]
    [InlineData(3, "RL3001", "verify", "XNYS", "--answers", "nowhere.csv")]
    public void What_cannot_be_answered_has_a_number(int exitCode, string code, params string[] question)
    {
        using var workspace = new Workspace();
        workspace.Write("bad/XNYS.yaml", "schema: exchange-calendar/1\nid: XNYS\nhourz: []\n");
        workspace.Write("bad.csv", "date,open,close\n2024-12-24,09:30,13:00\n");
        workspace.Write("good.csv", ",open,close,break_start,break_end\n2024-12-24,2024-12-24T14:30:00Z,2024-12-24T18:00:00Z,,\n");
        var outcome = workspace.Run(["calendar", .. question]).Ends(exitCode);
        Assert.Empty(outcome.Out);
        Assert.StartsWith($"error {code}: ", outcome.Error, StringComparison.Ordinal);
        Assert.Contains("\n  next      ", outcome.Error, StringComparison.Ordinal);
    }

    private static JsonNode One(Outcome outcome) => Assert.Single(outcome.Ends(0).Json.AsArray())!;

    private static string AnswerFile(string name)
    {
        var shared = Environment.GetEnvironmentVariable("RISKLAKE_SHARED") ?? Path.Combine(Cli.Repository, "..", "shared");
        var path = Path.Combine(shared, "calendars", "answers", name);
        if (!File.Exists(path))
        {
            Assert.Skip($"prerequisite absent: answer file calendars/answers/{name} (RISKLAKE_SHARED names the folder above)");
        }

        return path;
    }
}
