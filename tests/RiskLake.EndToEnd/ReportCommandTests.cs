using System.Xml.Linq;

namespace RiskLake.EndToEnd;

/// <summary><c>risk report</c>, as a newcomer types it.</summary>
public sealed class ReportCommandTests
{
    private static readonly string s_prices = Path.Combine(Cli.Repository, "examples", "prices.csv");

    [Fact]
    public void One_command_makes_a_page_with_the_same_bytes_every_time()
    {
        using var workspace = new Workspace();
        var row = workspace.Run("risk", "report", "--input", s_prices, "-o", "json").Ends(0).Json[0]!;
        Assert.Equal("prices-report.html", (string?)row["report"]);
        Assert.Equal(1499, (int)row["observations"]!);
        var page = File.ReadAllBytes(Path.Combine(workspace.Folder, "prices-report.html"));
        Assert.Equal(Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(page)), (string?)row["sha256"]);
        var elsewhere = Cli.Run(
            workspace.Folder,
            new Dictionary<string, string> { ["TZ"] = "Pacific/Kiritimati", ["LANG"] = "tr_TR.UTF-8", ["DOTNET_EnableAVX2"] = "0" },
            "risk", "report", "--input", s_prices, "--out", "-").Ends(0);
        Assert.Equal(page, System.Text.Encoding.UTF8.GetBytes(elsewhere.Out));
        workspace.Run("risk", "report", "--input", s_prices).Ends(0);
        Assert.Equal(page, File.ReadAllBytes(Path.Combine(workspace.Folder, "prices-report.html")));
    }

    [Theory]
    [InlineData("Date,Open,High,Low,Close,Volume", "{0},1,2,1,{1},100", "")]
    [InlineData("date,price", "{0},{1}", "")]
    [InlineData("timestamp,close", "{0}T16:00:00Z,{1}", "")]
    [InlineData("close", "{1}", "")]
    [InlineData("Date,Adj Close,Other", "{0},{1},1", "--column 2")]
    [InlineData("day,x", "{0},{1}", "--returns none")]
    [InlineData("day,x", "{0},{1}", "--returns absolute --title T")]
    public void Files_of_newcomers_are_read_as_they_come(string header, string form, string options)
    {
        using var workspace = new Workspace();
        workspace.Write("my file.csv", header + "\n" + string.Concat(Enumerable.Range(0, 40).Select(i => string.Format(
            System.Globalization.CultureInfo.InvariantCulture, form, $"2024-{1 + (i / 20):00}-{1 + (i % 20):00}", 100 + ((i * 37) % 11)) + "\n")));
        string[] more = options.Length == 0 ? [] : options.Split(' ');
        workspace.Run(["risk", "report", "--input", "my file.csv", .. more]).Ends(0);
        var page = Page(Path.Combine(workspace.Folder, "my file-report.html"));
        Assert.NotEmpty(page.Descendants("h1").Single().Value);
        Assert.DoesNotContain(page.Descendants("script"), _ => true);
    }

    [Fact]
    public void A_calendar_names_the_sessions_that_are_missing()
    {
        using var workspace = new Workspace();
        workspace.Write("x.csv", "date,close\n2024-01-02,100\n2024-01-03,101\n2024-01-05,99\n");
        workspace.Run("risk", "report", "--input", "x.csv", "--calendar", "XNYS", "--out", "page.html").Ends(0);
        Assert.Contains("2024-01-04", Page(Path.Combine(workspace.Folder, "page.html")).Value, StringComparison.Ordinal);
    }

    [Fact]
    public void A_page_never_replaces_what_is_no_page()
    {
        using var workspace = new Workspace();
        var path = workspace.Write("prices.csv", "date,close\n2024-01-02,100\n2024-01-03,101\n");
        Assert.Contains("RL1001", workspace.Run("risk", "report", "--input", "prices.csv", "--out", "prices.csv").Ends(2).Error, StringComparison.Ordinal);
        Assert.StartsWith("date,close", File.ReadAllText(path));
        Assert.Contains(
            "RL5001", workspace.Run("risk", "report", "--input", "prices.csv", "--out", "no/such/folder/x.html").Ends(3).Error, StringComparison.Ordinal);
        Assert.Contains("RL3001", workspace.Run("risk", "report", "--input", "nothing.csv").Ends(3).Error, StringComparison.Ordinal);
        Assert.False(File.Exists(Path.Combine(workspace.Folder, "nothing-report.html")));
    }

    [Fact]
    public void A_symbol_of_the_lake_brings_its_findings_and_missing_sessions()
    {
        using var workspace = new Workspace();
        var sessions = workspace.Run("calendar", "sessions", "XNYS", "--from", "2023-01-03", "--to", "2024-03-28", "-o", "csv").Ends(0).Out
            .Split('\n', StringSplitOptions.RemoveEmptyEntries)[1..];
        workspace.Write("events.csv", "event_id,symbol,price,volume,source,ts_event,ts_ingest\n" + string.Concat(sessions
            .Select((session, i) => i == 100 ? "" : FormattableString.Invariant(
                $"e{i},AAPL,{100 + ((i * 37) % 23)},10,test,{session}T16:00:00Z,{session}T16:{(i == 200 ? 30 : 1):00}:00Z\n"))));
        workspace.Run("run", "--input", "events.csv", "--run-id", "r1").Ends(0);
        var row = workspace.Run("risk", "report", "--symbol", "AAPL", "--returns", "simple", "-o", "json").Ends(0).Json[0]!;

        // The missing session leaves out the return to it and the one from it.
        Assert.Equal(sessions.Length - 3, (int)row["observations"]!);
        var page = Page(Path.Combine(workspace.Folder, "AAPL-report.html"));
        var flagged = page.Descendants("tr").Where(line => line.Value.Contains("late", StringComparison.Ordinal) && line.Element("th") is not null)
            .Select(line => line.Element("th")!.Value).ToHashSet();
        Assert.Superset(new HashSet<string> { sessions[200], sessions[201] }, flagged);
        Assert.Contains("Sessions of the calendar without an observation1" + sessions[100], page.Value, StringComparison.Ordinal);
        var known = workspace.Run("risk", "report", "--symbol", "AAPL", "--date", sessions[150], "-o", "json").Ends(0).Json[0]!;
        Assert.Equal(sessions[150], (string?)known["to"]);
        Assert.Equal(148, (int)known["observations"]!);
        Assert.Contains("RL7001", workspace.Run("risk", "report", "--symbol", "APPL").Ends(3).Error, StringComparison.Ordinal);
        Assert.Contains("RL1001", workspace.Run("risk", "report").Ends(2).Error, StringComparison.Ordinal);
        Assert.Contains("RL1001", workspace.Run("risk", "report", "--symbol", "AAPL", "--input", "events.csv").Ends(2).Error, StringComparison.Ordinal);
    }

    private static XElement Page(string path) => XElement.Parse(File.ReadAllText(path)["<!DOCTYPE html>\n".Length..]);
}
